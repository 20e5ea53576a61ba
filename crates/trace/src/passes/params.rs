//! Header parameters that never change become values of the entry.
//!
//! A parameter goes if every jump passes the parameter itself or its initial value. Removing one may
//! turn another's jump values into its initial value, so this repeats until nothing changes: at
//! most one round per parameter, each linear in the jumps.
//!
//! Snapshots then need not write the place: memory holds the initial value all along. That is more
//! than an optimisation. The write would put a new box in the place of the object that the program
//! can compare by identity, so this pass also runs when optimisation is off. Only where the place is
//! to get a reference of its own does the write stay: another place has been given the one that was there.

use crate::ids::{InsRef, SnapshotId};
use crate::tree::{End, Param, TraceTree, Write};
use crate::types::{Place, Type};

pub(super) fn run(tree: &mut TraceTree) {
    let mut removed: Vec<(Option<Place>, InsRef)> = Vec::new();
    while let Some(index) = (0..tree.params.len()).find(|index| unchanged(tree, *index)) {
        let param = tree.params.remove(index);
        let initial = tree.initial.remove(index);
        for trace in &mut tree.traces {
            if let End::Jump(values) = &mut trace.end {
                values.remove(index);
            }
        }
        replace(tree, &param, initial);
        removed.push((param.place, initial));
    }
    drop_writes(tree, &removed);
}

fn unchanged(tree: &TraceTree, index: usize) -> bool {
    let allowed = [tree.params[index].value, tree.initial[index]];
    tree.traces.iter().all(|trace| match &trace.end {
        End::Jump(values) => allowed.contains(&values[index]),
        End::Exit(_) => true,
    })
}

fn replace(tree: &mut TraceTree, param: &Param, by: InsRef) {
    tree.for_each_use(|value| {
        if *value == param.value {
            *value = by;
        }
    });
}

fn drop_writes(tree: &mut TraceTree, removed: &[(Option<Place>, InsRef)]) {
    let mut snapshots = core::mem::take(&mut tree.snapshots);
    for snapshot in &mut snapshots[SnapshotId::ENTRY.index() + 1..] {
        let writes = &mut snapshot.frames[0].writes;
        writes.retain(|write| !holds_initial(tree, removed, write));
    }
    tree.snapshots = snapshots;
}

/// Whether memory holds what is written, with the reference that belongs to the place.
fn holds_initial(tree: &TraceTree, removed: &[(Option<Place>, InsRef)], write: &Write) -> bool {
    let Some(value) = write.value else {
        return false;
    };
    let is_counted = tree.at(value).ty == Some(Type::Obj);
    removed.contains(&(Some(write.place), value)) && (write.owned || write.current || !is_counted)
}
