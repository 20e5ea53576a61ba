use super::*;
use crate::semantics::{Computed, Scalar, compute};

const BOUNDS: [i64; 11] = [
    i64::MIN,
    i64::MIN + 1,
    -100,
    -3,
    -1,
    0,
    1,
    4,
    70,
    i64::MAX - 1,
    i64::MAX,
];

fn intervals() -> impl Iterator<Item = Interval> {
    let pairs = BOUNDS
        .iter()
        .flat_map(|lo| BOUNDS.iter().map(|hi| Interval::new(*lo, *hi)));
    pairs.filter(|interval| interval.lo <= interval.hi)
}

fn points(interval: Interval) -> Vec<i64> {
    BOUNDS
        .iter()
        .copied()
        .filter(|point| interval.contains(*point))
        .collect()
}

#[test]
fn binary_results_lie_in_the_interval() {
    let is_binary =
        |op: &&Op| op.args() == [crate::Operand::I64; 2] && op.result() == Some(crate::Type::I64);
    for &op in Op::ALL.iter().filter(is_binary) {
        for (a, b) in intervals().flat_map(|a| intervals().map(move |b| (a, b))) {
            let result = Interval::binary(op, a, b);
            for (x, y) in points(a)
                .into_iter()
                .flat_map(|x| points(b).into_iter().map(move |y| (x, y)))
            {
                let value = compute(op, &[Scalar::I64(x), Scalar::I64(y)]);
                if let Computed::Value(Scalar::I64(value)) = value {
                    assert!(
                        result.contains(value),
                        "{op} {x} {y} = {value}, {a:?} {b:?} {result:?}"
                    );
                }
                assert!(
                    !(Interval::fits(op, a, b) && value == Computed::Exit),
                    "{op} {x} {y}"
                );
            }
        }
    }
}

#[test]
fn unary_results_lie_in_the_interval() {
    for op in [Op::NegOvf, Op::AbsOvf, Op::NotI64] {
        for a in intervals() {
            for x in points(a) {
                if let Computed::Value(Scalar::I64(value)) = compute(op, &[Scalar::I64(x)]) {
                    assert!(
                        Interval::unary(op, a).contains(value),
                        "{op} {x} = {value}, {a:?}"
                    );
                }
            }
        }
    }
}
