//! What is known on the current path, with scopes.

use crate::ids::InsRef;
use crate::ops::Op;
use crate::passes::interval::Interval;
use crate::passes::relation::Orders;
use crate::tree::{Imm, Ins, TraceTree};
use crate::types::Type;
use rustc_hash::FxBuildHasher;
use std::collections::HashMap;

/// A table by instructions.
type Table<K, V> = HashMap<K, V, FxBuildHasher>;

#[derive(Default)]
pub(super) struct Facts {
    truths: Table<InsRef, bool>,
    orders: Table<(InsRef, InsRef), Orders>,
    intervals: Table<InsRef, Interval>,
    log: Vec<Undo>,
    scopes: Vec<usize>,
}

/// How to take back one fact.
enum Undo {
    Truth(InsRef, Option<bool>),
    Orders((InsRef, InsRef), Option<Orders>),
    Interval(InsRef, Option<Interval>),
}

impl Facts {
    pub(super) fn push(&mut self) {
        self.scopes.push(self.log.len());
    }

    pub(super) fn pop(&mut self) {
        let start = self.scopes.pop().unwrap_or(0);
        for undo in self.log.drain(start..).rev() {
            match undo {
                Undo::Truth(key, old) => restore(&mut self.truths, key, old),
                Undo::Orders(key, old) => restore(&mut self.orders, key, old),
                Undo::Interval(key, old) => restore(&mut self.intervals, key, old),
            }
        }
    }

    /// The truth of a condition, if the path decides it.
    pub(super) fn truth(&self, tree: &TraceTree, condition: InsRef) -> Option<bool> {
        if let Some(truth) = self.truths.get(&condition) {
            return Some(*truth);
        }
        match tree.at(condition).imm {
            Imm::Truth(truth) => Some(truth),
            _ => self.decide(tree, tree.at(condition)),
        }
    }

    /// The result of an instruction that gives a truth value, if the path decides it.
    pub(super) fn decide(&self, tree: &TraceTree, ins: &Ins) -> Option<bool> {
        match (ins.op, &*ins.args) {
            (Op::NotBool, [a]) => self.truths.get(a).map(|truth| !truth),
            (Op::I64IsTrue, [a]) => {
                let interval = self.interval(tree, *a);
                let zero = interval == Interval::exactly(0);
                (zero || !interval.contains(0)).then_some(!zero)
            }
            (op, [a, b]) => {
                let (all, when_true) = Orders::of(op)?;
                let possible = self.possible(tree, *a, *b, all);
                if possible.is_empty() {
                    return None;
                }
                match (possible.and(when_true), possible.without(when_true)) {
                    (_, never) if never.is_empty() => Some(true),
                    (always, _) if always.is_empty() => Some(false),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn possible(&self, tree: &TraceTree, a: InsRef, b: InsRef, all: Orders) -> Orders {
        let (key, swap) = if a <= b {
            ((a, b), false)
        } else {
            ((b, a), true)
        };
        let known = self.orders.get(&key).copied().unwrap_or(all);
        let known = if swap { known.swapped() } else { known };
        if tree.at(a).ty != Some(Type::I64) {
            return known;
        }
        let (x, y) = (self.interval(tree, a), self.interval(tree, b));
        let mut possible = known;
        let rule_out = |orders: Orders, op| match Orders::of(op) {
            Some((_, these)) => orders.without(these),
            None => orders,
        };
        if x.lo >= y.hi {
            possible = rule_out(possible, Op::LtI64);
        }
        if x.hi <= y.lo {
            possible = rule_out(possible, Op::GtI64);
        }
        if x.meet(y).is_none() {
            possible = rule_out(possible, Op::EqI64);
        }
        possible
    }

    /// Bounds of an integer on this path.
    pub(super) fn interval(&self, tree: &TraceTree, value: InsRef) -> Interval {
        let imm = match tree.at(value).op.is_const() {
            true => tree.at(value).imm,
            false => Imm::None,
        };
        match (self.intervals.get(&value), imm) {
            (_, Imm::Int(value)) => Interval::exactly(value),
            (Some(interval), _) => *interval,
            (None, _) => Interval::ALL,
        }
    }

    /// Learns the bounds of a value just computed.
    pub(super) fn define(&mut self, tree: &TraceTree, at: InsRef) {
        let ins = tree.at(at);
        if ins.ty != Some(Type::I64) || ins.op.is_const() {
            return;
        }
        let of = |arg: InsRef| self.interval(tree, arg);
        let interval = match (ins.op, &*ins.args) {
            (Op::LoadRangeField, _) => match ins.imm {
                Imm::Field(crate::types::RangeField::Len | crate::types::RangeField::Index) => {
                    Interval::NATURAL
                }
                _ => Interval::ALL,
            },
            (Op::BoolToI64, _) => Interval::new(0, 1),
            (op, [a, b]) => Interval::binary(op, of(*a), of(*b)),
            (op, [a]) if tree.at(*a).ty == Some(Type::I64) => Interval::unary(op, of(*a)),
            _ => Interval::ALL,
        };
        self.set_interval(at, interval);
    }

    /// Learns the truth of a condition, and what follows from it.
    pub(super) fn assume(&mut self, tree: &TraceTree, condition: InsRef, truth: bool) {
        let old = self.truths.insert(condition, truth);
        self.log.push(Undo::Truth(condition, old));
        let ins = tree.at(condition);
        match (ins.op, &*ins.args) {
            (Op::NotBool, [a]) => self.assume(tree, *a, !truth),
            (Op::I64IsTrue, [a]) => self.assume_nonzero(tree, *a, truth),
            (op, [a, b]) => {
                if let Some((all, when_true)) = Orders::of(op) {
                    let now = if truth {
                        when_true
                    } else {
                        all.without(when_true)
                    };
                    self.assume_order(tree, *a, *b, all, now);
                }
            }
            _ => {}
        }
    }

    fn assume_nonzero(&mut self, tree: &TraceTree, a: InsRef, nonzero: bool) {
        let old = self.interval(tree, a);
        let new = match nonzero {
            false => Interval::exactly(0),
            true if old.lo == 0 => Interval::new(1, i64::MAX),
            true if old.hi == 0 => Interval::new(i64::MIN, -1),
            true => Interval::ALL,
        };
        self.set_interval(a, new);
    }

    fn assume_order(&mut self, tree: &TraceTree, a: InsRef, b: InsRef, all: Orders, now: Orders) {
        let possible = self.possible(tree, a, b, all).and(now);
        let (key, value) = if a <= b {
            ((a, b), possible)
        } else {
            ((b, a), possible.swapped())
        };
        let old = self.orders.insert(key, value);
        self.log.push(Undo::Orders(key, old));
        if tree.at(a).ty == Some(Type::I64) && !possible.is_empty() {
            self.assume_at_most(tree, a, b, possible);
            self.assume_at_most(tree, b, a, possible.swapped());
        }
    }

    fn assume_at_most(&mut self, tree: &TraceTree, a: InsRef, b: InsRef, orders: Orders) {
        let Some(strict) = orders.at_most() else {
            return;
        };
        let gap = i64::from(strict.0);
        let (x, y) = (self.interval(tree, a), self.interval(tree, b));
        if let (Some(hi), Some(lo)) = (y.hi.checked_sub(gap), x.lo.checked_add(gap)) {
            self.set_interval(a, Interval::new(i64::MIN, hi));
            self.set_interval(b, Interval::new(lo, i64::MAX));
        }
    }

    /// Narrows an interval. An empty result means that the path is never taken; then nothing is
    /// learned, which is always right.
    fn set_interval(&mut self, value: InsRef, interval: Interval) {
        let old = self.intervals.get(&value).copied();
        if let Some(new) = old.unwrap_or(Interval::ALL).meet(interval) {
            self.intervals.insert(value, new);
            self.log.push(Undo::Interval(value, old));
        }
    }
}

fn restore<K: std::hash::Hash + Eq, V>(map: &mut Table<K, V>, key: K, old: Option<V>) {
    match old {
        Some(old) => map.insert(key, old),
        None => map.remove(&key),
    };
}
