//! Loop-invariant code motion: what depends on nothing in the loop is computed in the entry.
//!
//! One pass over the bodies, in order, moving an instruction when all its operands are defined in
//! the entry, perhaps by a move just before:
//!
//! - computations without exit, from any trace;
//! - guards and computations with an exit, from the root only: every round of the loop starts
//!   there. The instruction gets an exit of the entry, which resumes at the loop header with nothing
//!   to write. An exit that is pinned or has a side trace stays where it is: the guard is known to
//!   fail, and the loop is meant to go on then;
//! - loads, if no trace of the tree writes their region;
//! - guards of bounds, in another form, see [`bounds`](super::bounds).
//!
//! What a load needs to be safe is an operand of it, a guarded value, or a guard before it of something that
//! varies as little as the load does. Where such a guard stays in the loop, because it is known to fail or
//! its region is written, loads of memory after it stay, too, and so do those of side traces.
//!
//! A value moved out of a loop lives across it, so this trades registers for work; constants do not
//! count, the code generator makes them where they are used. Cost: linear.

use super::bounds::Bounds;
use crate::ids::{InsRef, SnapshotId};
use crate::ops::{Effect, Op};
use crate::tree::{End, Imm, Ins, Trace, TraceTree};
use crate::types::{RangeField, Regions};

pub(super) fn run(tree: &mut TraceTree) {
    let goes_around = |trace: &Trace| matches!(trace.end, End::Jump(_));
    if !tree.traces.iter().any(goes_around) {
        // Nothing would be executed less often.
        return;
    }
    let mut mover = Mover::new(tree, written(tree, &tree.traces));
    let mut bounds = Bounds::default();
    for trace in 0..tree.traces.len() {
        // What a side trace guards does not hold elsewhere.
        mover.blocked |= trace > 0;
        let body = std::mem::take(&mut tree.traces[trace].body);
        let mut stays = Vec::with_capacity(body.len());
        for at in body {
            let ins = *tree.at(at);
            let in_root = trace == 0;
            if mover.may_move(tree, &ins, in_root) {
                move_out(tree, at);
                mover.out(at);
            } else if let Some(checks) = mover.for_all_rounds(tree, &bounds, &ins, in_root) {
                checks.into_iter().for_each(|check| move_out(tree, check));
            } else {
                bounds.passed(tree, &ins);
                mover.stay(at, &ins);
                stays.push(at);
            }
        }
        tree.traces[trace].body = stays;
    }
}

/// Whether an instruction reads an object that the tree knows by its address: it may be gone, if a guard before it
/// says so.
fn looks_into_constant(tree: &TraceTree, ins: &Ins) -> bool {
    matches!(ins.op, Op::GuardType | Op::GuardVersion) && tree.at(ins.args[0]).op == Op::ConstObj
}

/// The regions that some of these traces write.
pub(super) fn written(tree: &TraceTree, traces: &[Trace]) -> Regions {
    let bodies = traces.iter().flat_map(|trace| &trace.body);
    bodies.fold(Regions::NONE, |all, at| all.and(tree.at(*at).clobbers()))
}

/// Decides what may be executed earlier than it stands: before the rounds of a loop.
pub(super) struct Mover {
    /// Whether a value is there before the rounds, by value.
    outside: Vec<bool>,
    /// Whether a value may differ from round to round.
    varies: Vec<bool>,
    /// What the rounds may write.
    written: Regions,
    /// A guard of what does not vary has stayed behind: what was loaded after it may not be there before.
    blocked: bool,
}

impl Mover {
    /// For rounds that write these regions.
    pub(super) fn new(tree: &TraceTree, written: Regions) -> Mover {
        let mut mover = Mover {
            outside: vec![false; tree.ins.len()],
            varies: vec![false; tree.ins.len()],
            written,
            blocked: false,
        };
        for param in &tree.params {
            mover.varies[param.value.index()] = true;
        }
        for at in &tree.entry {
            mover.outside[at.index()] = true;
        }
        mover
    }

    /// Says that a value is there before the rounds.
    pub(super) fn out(&mut self, value: InsRef) {
        let len = self.outside.len().max(value.index() + 1);
        self.outside.resize(len, false);
        self.varies.resize(len, false);
        self.outside[value.index()] = true;
        self.varies[value.index()] = false;
    }

    /// Whether an instruction may be executed before the rounds.
    pub(super) fn may_move(&self, tree: &TraceTree, ins: &Ins, in_root: bool) -> bool {
        self.may_execute_early(tree, ins)
            && ins.args.iter().all(|arg| self.outside[arg.index()])
            && may_leave_early(tree, ins, in_root)
    }

    /// Instructions that may be executed before the rounds, in the place of a guard that may not.
    pub(super) fn for_all_rounds(
        &self,
        tree: &mut TraceTree,
        bounds: &Bounds,
        guard: &Ins,
        in_root: bool,
    ) -> Option<Vec<InsRef>> {
        if !may_leave_early(tree, guard, in_root) {
            return None;
        }
        bounds.for_all_rounds(tree, guard, |value| self.outside[value.index()])
    }

    fn may_execute_early(&self, tree: &TraceTree, ins: &Ins) -> bool {
        match ins.op.effect() {
            Effect::Pure => true,
            Effect::Guard => !(self.blocked && looks_into_constant(tree, ins)),
            Effect::Load => {
                let looks =
                    matches!(ins.op, Op::Load | Op::LoadIndex) || looks_into_constant(tree, ins);
                !(self.blocked && looks)
                    && ins.imm != Imm::Field(RangeField::Index)
                    && ins
                        .reads()
                        .is_none_or(|region| !self.written.contains(region))
            }
            Effect::Header | Effect::Control | Effect::Store | Effect::Count | Effect::Call => {
                false
            }
        }
    }

    /// Says that an instruction stays in the loop.
    pub(super) fn stay(&mut self, at: InsRef, ins: &Ins) {
        let varies =
            ins.op.effect() == Effect::Call || ins.args.iter().any(|arg| self.varies[arg.index()]);
        self.varies[at.index()] = varies;
        let says_something = !matches!(ins.op.effect(), Effect::Control | Effect::Count);
        self.blocked |= ins.exit.is_some() && !varies && says_something;
    }
}

/// Whether an instruction may leave before the rounds, if it leaves.
fn may_leave_early(tree: &TraceTree, ins: &Ins, in_root: bool) -> bool {
    ins.exit
        .is_none_or(|exit| in_root && !tree.exit(exit).pinned && tree.side_at(exit).is_none())
}

/// Moves an instruction to the entry.
fn move_out(tree: &mut TraceTree, at: InsRef) {
    if let Some(old) = tree.at(at).exit {
        let exit = tree.exit(old).moved(old, SnapshotId::ENTRY);
        let exit = tree.push_exit(exit);
        tree.ins[at.index()].exit = Some(exit);
    }
    tree.entry.push(at);
}
