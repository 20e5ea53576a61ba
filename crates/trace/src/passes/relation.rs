//! How two values may be ordered, as a set: which of less, equal, greater and unordered are possible.
//!
//! A comparison is the set of orders for which it is true. Knowing a comparison's truth rules out
//! orders, and a comparison whose set contains all remaining orders, or none of them, is decided.

use crate::ops::Op;

/// A set of possible orders of a pair of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orders(u8);

impl Orders {
    const LESS: u8 = 1;
    const EQUAL: u8 = 2;
    const GREATER: u8 = 4;
    const UNORDERED: u8 = 8;

    /// All orders of the operands of a comparison; and those for which it is true.
    pub(super) const fn of(op: Op) -> Option<(Orders, Orders)> {
        let ints = Orders(Self::LESS | Self::EQUAL | Self::GREATER);
        let floats = Orders(ints.0 | Self::UNORDERED);
        Some(match op {
            Op::EqI64 => (ints, Orders(Self::EQUAL)),
            Op::NeI64 => (ints, Orders(Self::LESS | Self::GREATER)),
            Op::LtI64 => (ints, Orders(Self::LESS)),
            Op::LeI64 => (ints, Orders(Self::LESS | Self::EQUAL)),
            Op::GtI64 => (ints, Orders(Self::GREATER)),
            Op::GeI64 => (ints, Orders(Self::GREATER | Self::EQUAL)),
            Op::EqF64 => (floats, Orders(Self::EQUAL)),
            Op::NeF64 => (floats, Orders(Self::LESS | Self::GREATER | Self::UNORDERED)),
            Op::LtF64 => (floats, Orders(Self::LESS)),
            Op::LeF64 => (floats, Orders(Self::LESS | Self::EQUAL)),
            Op::GtF64 => (floats, Orders(Self::GREATER)),
            Op::GeF64 => (floats, Orders(Self::GREATER | Self::EQUAL)),
            _ => return None,
        })
    }

    /// The orders of the pair the other way round.
    pub(super) const fn swapped(self) -> Orders {
        let keep = self.0 & (Self::EQUAL | Self::UNORDERED);
        let less = if self.0 & Self::GREATER != 0 {
            Self::LESS
        } else {
            0
        };
        let greater = if self.0 & Self::LESS != 0 {
            Self::GREATER
        } else {
            0
        };
        Orders(keep | less | greater)
    }

    pub(super) const fn and(self, other: Orders) -> Orders {
        Orders(self.0 & other.0)
    }

    pub(super) const fn without(self, other: Orders) -> Orders {
        Orders(self.0 & !other.0)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the first value is certainly less, or less or equal.
    pub(super) const fn at_most(self) -> Option<Strict> {
        match self.0 {
            Self::LESS => Some(Strict(true)),
            0 | Self::EQUAL => Some(Strict(false)),
            both if both == Self::LESS | Self::EQUAL => Some(Strict(false)),
            _ => None,
        }
    }
}

/// Whether equality is excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Strict(pub(super) bool);

#[cfg(test)]
mod tests;
