use super::*;

/// Written by CPython: see `semantics/python.py`.
const PYTHON: &str = include_str!("python.txt");

fn read(text: &str) -> Scalar {
    match (text, text.strip_prefix("f:")) {
        (_, Some("nan")) => Scalar::F64(f64::NAN),
        (_, Some(bits)) => Scalar::F64(f64::from_bits(u64::from_str_radix(bits, 16).unwrap())),
        ("true" | "false", None) => Scalar::Bool(text == "true"),
        _ => Scalar::I64(text.parse().unwrap()),
    }
}

#[test]
fn computes_what_cpython_computes() {
    let mut checked = 0;
    for line in PYTHON.lines() {
        let (left, result) = line.split_once(" = ").unwrap();
        let mut words = left.split(' ');
        let op = Op::from_name(words.next().unwrap()).unwrap();
        let args: Vec<_> = words.map(read).collect();
        let want = if result == "exit" {
            Computed::Exit
        } else {
            Computed::Value(read(result))
        };
        assert_eq!(compute(op, &args), want, "{line}");
        checked += 1;
    }
    assert!(checked > 7000);
}

#[test]
fn wrapping_and_exact_conversion() {
    use Scalar::{Bool, F64, I64};
    let value = |op, args: &[Scalar]| compute(op, args);
    let (max, min) = (I64(i64::MAX), I64(i64::MIN));
    assert_eq!(value(Op::AddWrap, &[max, I64(1)]), Computed::Value(min));
    assert_eq!(value(Op::SubWrap, &[min, I64(1)]), Computed::Value(max));
    assert_eq!(value(Op::MulWrap, &[min, I64(-1)]), Computed::Value(min));
    assert_eq!(
        value(Op::I64ToF64Exact, &[I64(1 << 53)]),
        Computed::Value(F64(9007199254740992.0))
    );
    assert_eq!(
        value(Op::I64ToF64Exact, &[I64((1 << 53) + 1)]),
        Computed::Exit
    );
    assert_eq!(value(Op::I64ToF64Exact, &[min]), Computed::Exit);
    assert_eq!(value(Op::BoolToI64, &[Bool(true)]), Computed::Value(I64(1)));
    assert_eq!(
        value(Op::NotBool, &[Bool(true)]),
        Computed::Value(Bool(false))
    );
    assert_eq!(value(Op::Poll, &[]), Computed::Not);
    assert_eq!(value(Op::AddF64, &[max, max]), Computed::Not);
}

#[test]
fn every_pure_op_computes() {
    let sample = |operand: &crate::Operand| match operand {
        crate::Operand::I64 => Some(Scalar::I64(3)),
        crate::Operand::F64 => Some(Scalar::F64(1.5)),
        crate::Operand::Bool => Some(Scalar::Bool(true)),
        // Pointers are the evaluator's.
        crate::Operand::Obj | crate::Operand::Ptr | crate::Operand::Any => None,
    };
    for op in Op::ALL
        .iter()
        .filter(|op| op.effect() == crate::Effect::Pure && !op.is_const())
    {
        let args: Option<Vec<_>> = op.args().iter().map(sample).collect();
        let Some(args) = args.filter(|args| !args.is_empty()) else {
            continue;
        };
        if op.result() == Some(crate::Type::Obj) {
            continue;
        }
        assert!(matches!(compute(*op, &args), Computed::Value(_)), "{op}");
    }
}
