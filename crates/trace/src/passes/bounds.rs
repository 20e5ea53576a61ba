//! Bounds of items, checked once for all rounds of a loop over a range.
//!
//! In a round, a loop over a range with step 1 has an index that is at least 0 and, once the loop's own guard has
//! passed, less than the range's length. So `start + index` is at least `start`, and at most `start + length - 1`,
//! if that does not overflow. A guard that compares it with something that no round
//! changes holds in all rounds if it holds for those two, and these can be compared before the loop. That is more
//! than the guard asks for, so this only makes sense for guards that move, one that fails there is put back, and not
//! for what the program itself compares: it means to get a different answer some day.

use crate::ids::InsRef;
use crate::ops::Op;
use crate::tree::{Args, Imm, Ins, TraceTree};
use crate::types::Place;
use pyrt_spec::ExitReason;
use rustc_hash::FxBuildHasher;
use std::collections::HashMap;

/// What is known of indices at a point of a root's body.
#[derive(Default)]
pub(super) struct Bounds {
    /// Lengths below which the indices of ranges are.
    lengths: HashMap<InsRef, InsRef, FxBuildHasher>,
}

impl Bounds {
    /// Learns from an instruction that stays in the loop.
    pub(super) fn passed(&mut self, tree: &TraceTree, ins: &Ins) {
        if let Some((Op::LtI64, index, length)) = comparison(tree, ins)
            && is_index(tree, index)
        {
            self.lengths.insert(index, length);
        }
    }

    /// Instructions that check for all rounds what a guard checks in one, the guard last. `outside` says which
    /// values are there before the rounds.
    pub(super) fn for_all_rounds(
        &self,
        tree: &mut TraceTree,
        guard: &Ins,
        outside: impl Fn(InsRef) -> bool,
    ) -> Option<Vec<InsRef>> {
        let (op, number, limit) = comparison(tree, guard)?;
        let bounds = match op {
            Op::LtI64 => tree.exit(guard.exit?).reason == ExitReason::Missing,
            Op::GeI64 => tree.at(limit).imm == Imm::Int(0),
            _ => false,
        };
        if !bounds || !outside(limit) {
            return None;
        }
        let (start, index) = self.parts(tree, number)?;
        let length = *self.lengths.get(&index)?;
        if !outside(length) || !start.is_none_or(&outside) {
            return None;
        }
        let mut made = Vec::new();
        let mut make = |tree: &mut TraceTree, ins: Ins| {
            let value = tree.push_ins(ins);
            made.push(value);
            value
        };
        let one = make(tree, Ins::int(1));
        let last = make(tree, Ins::plain(Op::SubWrap, &[length, one], None));
        // Numbers in between do not overflow if the last one does not.
        let last = match start {
            Some(start) => make(tree, Ins::plain(Op::AddOvf, &[start, last], guard.exit)),
            None => last,
        };
        let extreme = match (op, start) {
            (Op::LtI64, _) => last,
            (Op::GeI64, Some(start)) => start,
            (Op::GeI64, None) => make(tree, Ins::int(0)),
            _ => return None,
        };
        let condition = make(tree, Ins::plain(op, &[extreme, limit], None));
        let args = Args::new(&[condition]);
        make(tree, Ins { args, ..*guard });
        Some(made)
    }

    /// A number as the start of a range, if that is not 0, and an index.
    fn parts(&self, tree: &TraceTree, number: InsRef) -> Option<(Option<InsRef>, InsRef)> {
        if self.lengths.contains_key(&number) {
            return Some((None, number));
        }
        match (tree.at(number).op, &*tree.at(number).args) {
            (Op::AddWrap, &[a, b]) if self.lengths.contains_key(&b) => Some((Some(a), b)),
            (Op::AddWrap, &[a, b]) if self.lengths.contains_key(&a) => Some((Some(b), a)),
            _ => None,
        }
    }
}

/// What a guard compares, if it wants that to be true.
fn comparison(tree: &TraceTree, guard: &Ins) -> Option<(Op, InsRef, InsRef)> {
    let condition = tree.at(*guard.args.first().filter(|_| guard.op == Op::GuardTrue)?);
    match &*condition.args {
        &[a, b] if condition.imm == Imm::None => Some((condition.op, a, b)),
        _ => None,
    }
}

/// Whether a value is a range's index at the header, which is never negative.
fn is_index(tree: &TraceTree, value: InsRef) -> bool {
    let mut params = tree.params.iter();
    params.any(|param| param.value == value && matches!(param.place, Some(Place::RangeIndex(_))))
}
