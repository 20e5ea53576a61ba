//! Intervals of 64-bit integers: arithmetic on bounds, exact or wide.

use crate::ops::Op;

/// All integers from `lo` to `hi`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) lo: i64,
    pub(super) hi: i64,
}

impl Interval {
    pub(super) const ALL: Interval = Interval {
        lo: i64::MIN,
        hi: i64::MAX,
    };
    pub(super) const NATURAL: Interval = Interval {
        lo: 0,
        hi: i64::MAX,
    };

    pub(super) const fn exactly(value: i64) -> Interval {
        Interval {
            lo: value,
            hi: value,
        }
    }

    pub(super) const fn new(lo: i64, hi: i64) -> Interval {
        Interval { lo, hi }
    }

    pub(super) const fn contains(self, value: i64) -> bool {
        self.lo <= value && value <= self.hi
    }

    /// The integers in both; `None` if there are none.
    pub(super) fn meet(self, other: Interval) -> Option<Interval> {
        let (lo, hi) = (self.lo.max(other.lo), self.hi.min(other.hi));
        (lo <= hi).then_some(Interval { lo, hi })
    }

    /// Bounds of the exact result of `+`, `-` or `*`.
    fn exact(op: Op, a: Interval, b: Interval) -> Option<(i128, i128)> {
        let [al, ah, bl, bh] = [a.lo, a.hi, b.lo, b.hi].map(i128::from);
        Some(match op {
            Op::AddOvf | Op::AddWrap => (al + bl, ah + bh),
            Op::SubOvf | Op::SubWrap => (al - bh, ah - bl),
            Op::MulOvf | Op::MulWrap => {
                let corners = [al * bl, al * bh, ah * bl, ah * bh];
                let lo = corners.into_iter().fold(i128::MAX, i128::min);
                (lo, corners.into_iter().fold(i128::MIN, i128::max))
            }
            _ => return None,
        })
    }

    /// Whether `+`, `-` or `*` fits for all operands in the intervals.
    pub(super) fn fits(op: Op, a: Interval, b: Interval) -> bool {
        Interval::exact(op, a, b)
            .is_some_and(|(lo, hi)| lo >= i64::MIN.into() && hi <= i64::MAX.into())
    }

    /// An interval of all results of a binary op that does not exit.
    pub(super) fn binary(op: Op, a: Interval, b: Interval) -> Interval {
        match op {
            Op::AddOvf | Op::SubOvf | Op::MulOvf => Interval::clamped(op, a, b),
            Op::AddWrap | Op::SubWrap | Op::MulWrap if Interval::fits(op, a, b) => {
                Interval::clamped(op, a, b)
            }
            Op::ModI64 if b.lo > 0 => Interval::new(0, b.hi - 1),
            Op::ModI64 if b.hi < 0 => Interval::new(b.lo + 1, 0),
            Op::FloordivI64 if b.lo > 0 => Interval::new(a.lo.min(0), a.hi.max(0)),
            Op::ShrI64 => Interval::new(a.lo.min(0), a.hi.max(0)),
            Op::AndI64 if a.lo >= 0 && b.lo >= 0 => Interval::new(0, a.hi.min(b.hi)),
            Op::AndI64 if a.lo >= 0 => Interval::new(0, a.hi),
            Op::AndI64 if b.lo >= 0 => Interval::new(0, b.hi),
            _ => Interval::ALL,
        }
    }

    fn clamped(op: Op, a: Interval, b: Interval) -> Interval {
        let clamp = |bound: i128| {
            let bound = bound.clamp(i64::MIN.into(), i64::MAX.into());
            i64::try_from(bound).expect("clamped to the range of i64")
        };
        match Interval::exact(op, a, b) {
            Some((lo, hi)) => Interval::new(clamp(lo), clamp(hi)),
            None => Interval::ALL,
        }
    }

    /// An interval of all results of a unary integer op that does not exit.
    pub(super) fn unary(op: Op, a: Interval) -> Interval {
        match op {
            Op::NegOvf => Interval::clamped(Op::SubOvf, Interval::exactly(0), a),
            Op::AbsOvf if a.lo >= 0 => a,
            Op::AbsOvf => Interval::new(0, a.hi.max(a.lo.saturating_neg())),
            Op::NotI64 => Interval::new(!a.hi, !a.lo),
            _ => Interval::ALL,
        }
    }
}

#[cfg(test)]
mod tests;
