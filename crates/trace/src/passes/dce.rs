//! Removes instructions without effect whose value nothing uses.
//!
//! Marks backwards from what has to stay: guards, polls, everything else with an exit (leaving is
//! an effect) but objects that nothing uses, stores, calls, counted references, snapshots of exits in use, jumps and
//! `enter`; then drops what is not marked. Linear.

use crate::ids::InsRef;
use crate::ops::{Effect, Op};
use crate::tree::{End, TraceTree};

pub(super) fn run(tree: &mut TraceTree) {
    tree.drop_unused_exits();
    let live = used(tree);
    let keep = |value: &InsRef| live[value.index()];
    tree.entry.retain(keep);
    tree.traces
        .iter_mut()
        .for_each(|trace| trace.body.retain(keep));
}

/// Which values something that has to stay uses, or is.
pub(super) fn used(tree: &TraceTree) -> Vec<bool> {
    let mut live = vec![false; tree.ins.len()];
    let mut todo = roots(tree);
    while let Some(value) = todo.pop() {
        if !std::mem::replace(&mut live[value.index()], true) {
            todo.extend(tree.at(value).args.iter());
        }
    }
    live
}

fn roots(tree: &TraceTree) -> Vec<InsRef> {
    let bodies = tree.traces.iter().flat_map(|trace| &trace.body);
    let has_effect = |value: &&InsRef| {
        let ins = tree.at(**value);
        let effect = matches!(
            ins.op.effect(),
            Effect::Store | Effect::Count | Effect::Call
        );
        let is_box = matches!(ins.op, Op::BoxInt | Op::BoxFloat | Op::Virtual);
        (ins.exit.is_some() || effect) && !is_box
    };
    let mut roots: Vec<_> = tree
        .entry
        .iter()
        .chain(bodies)
        .filter(has_effect)
        .copied()
        .collect();
    roots.extend(&tree.initial);
    for exit in tree.exits.iter().flatten() {
        roots.extend(tree.snapshots[exit.snapshot.index()].values());
    }
    for trace in &tree.traces {
        if let End::Jump(values) = &trace.end {
            roots.extend(values);
        }
    }
    roots
}
