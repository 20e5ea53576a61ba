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
//! - loads, if no trace of the tree writes their region.
//!
//! What a load needs to be safe is an operand of it, a guarded value, or a guard before it of something that
//! varies as little as the load does. Where such a guard stays in the loop, because it is known to fail or
//! its region is written, loads of memory after it stay, too, and so do those of side traces.
//!
//! A value moved out of a loop lives across it, so this trades registers for work; constants do not
//! count, the code generator makes them where they are used. Cost: linear.

use crate::ids::{InsRef, SnapshotId};
use crate::ops::{Effect, Op};
use crate::tree::{End, Exit, Imm, Ins, Trace, TraceTree};
use crate::types::{RangeField, Regions};

pub(super) fn run(tree: &mut TraceTree) {
    let goes_around = |trace: &Trace| matches!(trace.end, End::Jump(_));
    if !tree.traces.iter().any(goes_around) {
        // Nothing would be executed less often.
        return;
    }
    let mut pass = Licm {
        outside: vec![false; tree.ins.len()],
        varies: vec![false; tree.ins.len()],
        written: written(tree),
        blocked: false,
    };
    for param in &tree.params {
        pass.varies[param.value.index()] = true;
    }
    for at in tree.entry.clone() {
        pass.outside[at.index()] = true;
    }
    for trace in 0..tree.traces.len() {
        // What a side trace guards does not hold elsewhere.
        pass.blocked |= trace > 0;
        let body = std::mem::take(&mut tree.traces[trace].body);
        let mut stays = Vec::with_capacity(body.len());
        for at in body {
            if pass.may_move(tree, at, trace == 0) {
                pass.move_out(tree, at);
            } else {
                pass.stay(tree, at);
                stays.push(at);
            }
        }
        tree.traces[trace].body = stays;
    }
}

/// The regions that some trace writes.
fn written(tree: &TraceTree) -> Regions {
    let bodies = tree.traces.iter().flat_map(|trace| &trace.body);
    bodies.fold(Regions::NONE, |all, at| all.and(tree.at(*at).clobbers()))
}

struct Licm {
    /// Whether a value is defined in the entry, by value.
    outside: Vec<bool>,
    /// Whether a value may differ from round to round.
    varies: Vec<bool>,
    /// What the traces may write.
    written: Regions,
    /// A guard of what does not vary has stayed behind: what was loaded after it may not be there before.
    blocked: bool,
}

impl Licm {
    fn may_move(&self, tree: &TraceTree, at: InsRef, in_root: bool) -> bool {
        let ins = tree.at(at);
        self.may_execute_early(ins)
            && ins.args.iter().all(|arg| self.outside[arg.index()])
            && ins.exit.is_none_or(|exit| {
                in_root && !tree.exit(exit).pinned && tree.side_at(exit).is_none()
            })
    }

    fn may_execute_early(&self, ins: &Ins) -> bool {
        match ins.op.effect() {
            Effect::Pure | Effect::Guard => true,
            Effect::Load => {
                !(self.blocked && matches!(ins.op, Op::Load | Op::LoadIndex))
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

    fn stay(&mut self, tree: &TraceTree, at: InsRef) {
        let ins = tree.at(at);
        let varies =
            ins.op.effect() == Effect::Call || ins.args.iter().any(|arg| self.varies[arg.index()]);
        self.varies[at.index()] = varies;
        self.blocked |= ins.exit.is_some() && !varies && ins.op != Op::Poll;
    }

    fn move_out(&mut self, tree: &mut TraceTree, at: InsRef) {
        if let Some(old) = tree.at(at).exit {
            let Exit {
                reason, site, work, ..
            } = *tree.exit(old);
            let exit = Exit {
                hoisted_from: Some(old),
                site,
                work,
                ..Exit::new(SnapshotId::ENTRY, reason)
            };
            let exit = tree.push_exit(exit);
            tree.ins[at.index()].exit = Some(exit);
        }
        tree.entry.push(at);
        self.outside[at.index()] = true;
    }
}
