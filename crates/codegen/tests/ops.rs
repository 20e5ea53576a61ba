//! Every arithmetic op, on all pairs of interesting numbers, with operands in registers and as
//! constants, at both levels, against the definition in `pyrt_trace::semantics`.

mod support;

use pyrt_codegen::{OptLevel, Options};
use pyrt_spec::ExitReason;
use pyrt_trace::eval::{Frame, Value};
use pyrt_trace::semantics::{Computed, Scalar, compute, same_float};
use pyrt_trace::{
    Effect, ImmKind, InsRef, Op, Operand, Place, ReadAs, TraceTree, TreeBuilder, Type,
};
use support::heap::Heap;
use support::run::{compile_in, run};

const INTS: [i64; 31] = [
    0,
    1,
    -1,
    2,
    -2,
    3,
    -3,
    5,
    7,
    -7,
    8,
    10,
    -10,
    31,
    62,
    63,
    64,
    65,
    100,
    -100,
    1 << 30,
    1 << 31,
    -1 << 31,
    1 << 53,
    (1 << 53) + 1,
    -(1 << 53),
    -(1 << 53) - 1,
    i64::MAX,
    i64::MIN,
    i64::MAX - 1,
    i64::MIN + 1,
];

const FLOATS: [f64; 24] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    -2.0,
    2.0,
    3.0,
    -3.0,
    0.1,
    1e15,
    1e300,
    -1e300,
    5e-324,
    f64::MAX,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    9.223_372_036_854_775e18,
    9.223_372_036_854_776e18,
    -9.223_372_036_854_776e18,
    -9.223_372_036_854_778e18,
];

/// The numbers to try for a type.
fn numbers(operand: Operand) -> Vec<Scalar> {
    match operand {
        Operand::I64 => INTS.map(Scalar::I64).to_vec(),
        Operand::F64 => FLOATS.map(Scalar::F64).to_vec(),
        Operand::Bool => [false, true].map(Scalar::Bool).to_vec(),
        Operand::Obj | Operand::Ptr | Operand::Any => Vec::new(),
    }
}

/// The type of an operand that is a number.
fn type_of(operand: Operand) -> Type {
    match operand {
        Operand::I64 => Type::I64,
        Operand::F64 => Type::F64,
        Operand::Bool => Type::Bool,
        Operand::Obj | Operand::Ptr | Operand::Any => panic!("{operand:?} is no number"),
    }
}

fn arithmetic_ops() -> impl Iterator<Item = Op> {
    let plain = |op: &Op| {
        op.effect() == Effect::Pure
            && op.imm() == ImmKind::NoImm
            && !op.args().is_empty()
            && op
                .args()
                .iter()
                .all(|operand| !numbers(*operand).is_empty())
            && op.result() != Some(Type::Obj)
    };
    Op::ALL.iter().copied().filter(plain)
}

/// An operand: read from its slot, or constant.
fn operand(builder: &mut TreeBuilder, slot: u16, ty: Type, constant: Option<Scalar>) -> InsRef {
    match constant {
        None => {
            let read = builder.read(Place::Slot(slot), ReadAs::from_type(ty));
            read.expect("the slot exists")
        }
        Some(Scalar::I64(value)) => builder.const_i64(value),
        Some(Scalar::F64(value)) => builder.const_f64(value),
        Some(Scalar::Bool(value)) => builder.const_bool(value),
    }
}

/// `@2 = op(@0, @1)`, with constants instead of slots where there are some.
fn tree(op: Op, constants: &[Option<Scalar>]) -> TraceTree {
    let mut builder = TreeBuilder::root(op.name(), 3, 0, 0);
    let mut args = Vec::new();
    for ((slot, ty), constant) in (0..).zip(op.args()).zip(constants) {
        args.push(operand(&mut builder, slot, type_of(*ty), *constant));
    }
    let value = if op.has_exit() {
        let exit = builder.exit(ExitReason::Overflow, 1, 0);
        builder.op_exit(op, &args, exit)
    } else {
        builder.op(op, &args)
    };
    builder.set(Place::Slot(2), Some(value.expect("well-typed")));
    let end = builder.exit(ExitReason::Leave, 2, 0);
    builder.end_exit(end)
}

fn value(scalar: Scalar) -> Value {
    match scalar {
        Scalar::I64(value) => Value::Int(value.into()),
        Scalar::F64(value) => Value::Float(value),
        Scalar::Bool(value) => Value::Bool(value),
    }
}

/// Compiles the op and runs it on each list of operands.
fn check(op: Op, constants: &[Option<Scalar>], operands: &[Vec<Scalar>], level: OptLevel) {
    let tree = tree(op, constants);
    let options = Options {
        opt_level: level,
        ..Options::default()
    };
    let mut heap = Heap::new(&Frame::default());
    let compiled = compile_in(&mut heap, &tree, &options);
    for operands in operands {
        let mut slots: Vec<_> = operands.iter().copied().map(value).collect();
        slots.resize(3, Value::Null);
        let frame = Frame {
            slots,
            ..Frame::default()
        };
        let end = run(&tree, &compiled, &mut heap, &frame, 0);
        let have = (end.ip == 2).then(|| end.frame.slots[2]);
        // NaN is not carried unboxed.
        let refused = operands.iter().zip(constants).any(|(scalar, constant)| {
            constant.is_none() && matches!(scalar, Scalar::F64(value) if value.is_nan())
        });
        let want = match compute(op, operands) {
            Computed::Value(_) if refused => None,
            Computed::Value(scalar) => Some(value(scalar)),
            Computed::Exit => None,
            Computed::Not => panic!("{op} does not compute"),
        };
        assert_eq!(
            have, want,
            "{op} {operands:?}, constants {constants:?}, {level:?}"
        );
    }
}

fn check_op(op: Op, level: OptLevel) {
    match op.args() {
        [a] => {
            let all: Vec<_> = numbers(*a).into_iter().map(|a| vec![a]).collect();
            check(op, &[None], &all, level);
            for operands in &all {
                check(
                    op,
                    &[Some(operands[0])],
                    std::slice::from_ref(operands),
                    level,
                );
            }
        }
        [a, b] => {
            let (lefts, rights) = (numbers(*a), numbers(*b));
            let pairs = |a: Scalar| rights.iter().map(move |b| vec![a, *b]);
            let all: Vec<_> = lefts.iter().copied().flat_map(pairs).collect();
            check(op, &[None, None], &all, level);
            for &a in &lefts {
                let some: Vec<_> = pairs(a).collect();
                check(op, &[Some(a), None], &some, level);
            }
            for &b in &rights {
                let some: Vec<_> = lefts.iter().map(|a| vec![*a, b]).collect();
                check(op, &[None, Some(b)], &some, level);
            }
        }
        _ => panic!("{op} has neither one nor two operands"),
    }
}

#[test]
fn ops_at_level_none() {
    arithmetic_ops().for_each(|op| check_op(op, OptLevel::None));
}

#[test]
fn ops_at_level_speed() {
    arithmetic_ops().for_each(|op| check_op(op, OptLevel::Speed));
}

#[test]
fn both_constant() {
    for op in arithmetic_ops().filter(|op| op.args().len() == 2) {
        let pick = |ty| numbers(ty).into_iter().step_by(4);
        for a in pick(op.args()[0]) {
            for b in pick(op.args()[1]) {
                check(op, &[Some(a), Some(b)], &[vec![a, b]], OptLevel::Speed);
            }
        }
    }
}

/// A product that is rounded and then added differs from a fused one.
#[test]
fn products_are_rounded_before_they_are_added() {
    let (a, c) = (1.0 + f64::EPSILON, -(1.0 + 2.0 * f64::EPSILON));
    assert!(a.mul_add(a, c) != a * a + c);
    let mut builder = TreeBuilder::root("fma", 3, 0, 0);
    let x = operand(&mut builder, 0, Type::F64, None);
    let y = operand(&mut builder, 1, Type::F64, None);
    let product = builder.op(Op::MulF64, &[x, x]).expect("well-typed");
    let sum = builder.op(Op::AddF64, &[product, y]).expect("well-typed");
    builder.set(Place::Slot(2), Some(sum));
    let end = builder.exit(ExitReason::Leave, 2, 0);
    let tree = builder.end_exit(end);
    let frame = Frame {
        slots: vec![Value::Float(a), Value::Float(c), Value::Null],
        ..Frame::default()
    };
    let mut heap = Heap::new(&frame);
    let compiled = compile_in(&mut heap, &tree, &Options::default());
    let end = run(&tree, &compiled, &mut heap, &frame, 0);
    let Value::Float(have) = end.frame.slots[2] else {
        panic!("a float was stored");
    };
    assert!(same_float(have, a * a + c));
}
