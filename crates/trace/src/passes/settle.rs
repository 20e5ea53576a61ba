//! Where a guard leaves, its condition is decided: what its exit writes of the condition becomes a constant, so that the
//! comparison is nothing but the branch.
//!
//! One pass over the guards. Not for stress modes that leave by guards that hold. Cost: linear.

use crate::ops::Op;
use crate::tree::{Ins, TraceTree};

pub(super) fn run(tree: &mut TraceTree) {
    let bodies = tree.traces.iter().flat_map(|trace| &trace.body);
    let guards: Vec<Ins> = bodies.map(|at| *tree.at(*at)).collect();
    for guard in guards {
        match guard.op {
            Op::GuardTrue => settle_exit(tree, &guard, false),
            Op::GuardFalse => settle_exit(tree, &guard, true),
            _ => {}
        }
    }
}

fn settle_exit(tree: &mut TraceTree, guard: &Ins, truth: bool) {
    let Some(exit) = guard.exit else { return };
    let condition = Some(guard.args[0]);
    let mut snapshot = tree.exit_snapshot(exit).clone();
    let frames = snapshot.frames.iter_mut();
    let writes = frames.flat_map(|frame| &mut frame.writes);
    let mut writes = writes.filter(|write| write.value == condition).peekable();
    if writes.peek().is_none() || tree.at(guard.args[0]).op.is_const() {
        return;
    }
    let constant = tree.push_ins(Ins::truth(truth));
    tree.entry.push(constant);
    writes.for_each(|write| write.value = Some(constant));
    // Others may share the snapshot.
    let snapshot = tree.push_snapshot(snapshot);
    if let Some(exit) = &mut tree.exits[exit.index()] {
        exit.snapshot = snapshot;
    }
}
