use super::*;
use crate::semantics::{Computed, Scalar, compute};

/// The orders of one pair are those comparisons' sets that are true, met with the rest of the others.
fn observed(ops: &[Op], a: Scalar, b: Scalar) -> Orders {
    let (all, _) = Orders::of(ops[0]).unwrap();
    ops.iter().fold(all, |possible, &op| {
        let (_, when_true) = Orders::of(op).unwrap();
        match compute(op, &[a, b]) {
            Computed::Value(Scalar::Bool(true)) => possible.and(when_true),
            _ => possible.without(when_true),
        }
    })
}

#[test]
fn every_pair_has_exactly_one_order_and_swapping_mirrors_it() {
    let ints = [
        Op::EqI64,
        Op::NeI64,
        Op::LtI64,
        Op::LeI64,
        Op::GtI64,
        Op::GeI64,
    ];
    let floats = [
        Op::EqF64,
        Op::NeF64,
        Op::LtF64,
        Op::LeF64,
        Op::GtF64,
        Op::GeF64,
    ];
    let numbers = [1.0, 2.0, f64::NAN, -0.0, 0.0].map(Scalar::F64);
    for (a, b) in numbers
        .iter()
        .flat_map(|a| numbers.iter().map(move |b| (*a, *b)))
    {
        let orders = observed(&floats, a, b);
        assert_eq!(orders.0.count_ones(), 1, "{a:?} {b:?}");
        assert_eq!(orders.swapped(), observed(&floats, b, a));
    }
    let (one, two) = (Scalar::I64(1), Scalar::I64(2));
    assert_eq!(observed(&ints, one, two).at_most(), Some(Strict(true)));
    assert_eq!(observed(&ints, two, two).at_most(), Some(Strict(false)));
    assert_eq!(observed(&ints, two, one).at_most(), None);
}
