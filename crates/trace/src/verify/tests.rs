use super::*;
use crate::builder::tests::range_sum;
use crate::tree::{Exit, Trace};
use crate::{ExitId, Ins, parse};
use pyrt_spec::ExitReason;

/// Breaks a valid tree and expects the invariant among the violations.
fn breaks(invariant: Invariant, change: impl FnOnce(&mut TraceTree)) {
    let mut tree = range_sum();
    verify(&tree).expect("the tree is valid before the change");
    change(&mut tree);
    let errors = verify(&tree).expect_err("the change breaks an invariant");
    let found = errors.iter().any(|error| error.invariant == invariant);
    assert!(found, "{invariant:?} is not among {errors:?}");
}

fn exit_for(tree: &TraceTree, reason: ExitReason) -> ExitId {
    let found = tree
        .exits
        .iter()
        .position(|exit| exit.is_some_and(|exit| exit.reason == reason));
    ExitId::new(found.expect("there is such an exit"))
}

#[test]
fn table() {
    breaks(Invariant::Table, |tree| {
        let last = *tree.traces[0].body.last().unwrap();
        tree.ins[last.index()].exit = None;
    });
    breaks(Invariant::Table, |tree| {
        tree.ins[tree.entry[0].index()].imm = Imm::None;
    });
}

#[test]
fn listed_once() {
    breaks(Invariant::ListedOnce, |tree| {
        let first = tree.traces[0].body[0];
        tree.traces[0].body.push(first);
    });
    breaks(Invariant::ListedOnce, |tree| {
        tree.traces[0].body.push(tree.params[0].value);
    });
}

#[test]
fn dominance() {
    breaks(Invariant::Dominance, |tree| tree.traces[0].body.reverse());
    breaks(Invariant::Dominance, |tree| tree.entry.truncate(1));
    breaks(Invariant::Dominance, |tree| {
        tree.ins[4].args = crate::Args::new(&[InsRef(999)]);
    });
    // A value of the body is not there yet where the entry ends.
    breaks(Invariant::Dominance, |tree| {
        tree.initial[1] = tree.traces[0].body[0];
    });
    // The result of an instruction is not there at its own exit.
    breaks(Invariant::Dominance, |tree| {
        let exit = exit_for(tree, ExitReason::Overflow);
        let of = |value: &&InsRef| tree.ins[value.index()].exit == Some(exit);
        let sum = *tree.traces[0].body.iter().find(of).unwrap();
        let snapshot = tree.exit(exit).snapshot;
        tree.snapshots[snapshot.index()].frames[0].set(write(Place::Slot(1), Some(sum)));
    });
}

#[test]
fn header() {
    breaks(Invariant::Header, |tree| {
        tree.params[1].place = tree.params[0].place;
    });
    breaks(Invariant::Header, |tree| tree.params[0].ty = Type::F64);
    breaks(Invariant::Header, |tree| tree.initial[0] = tree.initial[1]);
    breaks(Invariant::Header, |tree| {
        if let End::Jump(values) = &mut tree.traces[0].end {
            values.pop();
        }
    });
}

#[test]
fn exits() {
    breaks(Invariant::Exits, |tree| {
        let exit = exit_for(tree, ExitReason::Poll);
        tree.exits[exit.index()] = None;
    });
    breaks(Invariant::Exits, |tree| {
        let exit = exit_for(tree, ExitReason::Poll);
        tree.exits[exit.index()] = Some(Exit::new(SnapshotId::ENTRY, ExitReason::Poll));
    });
    breaks(Invariant::Exits, |tree| {
        let exit = exit_for(tree, ExitReason::Poll);
        let ins = Ins {
            exit: Some(exit),
            ..*tree.at(*tree.traces[0].body.last().unwrap())
        };
        let poll = tree.push_ins(ins);
        tree.traces[0].body.push(poll);
    });
}

#[test]
fn snapshots() {
    breaks(Invariant::Snapshots, |tree| {
        tree.snapshots[0].frames[0].set(write(Place::Slot(0), None));
    });
    breaks(Invariant::Snapshots, |tree| {
        tree.snapshots[1].frames[0].writes.reverse();
    });
    breaks(Invariant::Snapshots, |tree| {
        tree.snapshots[1].frames[0].set(write(Place::Slot(3), None));
    });
    breaks(Invariant::Snapshots, |tree| {
        tree.snapshots[1].frames[0].depth = 2;
    });
    breaks(Invariant::Snapshots, |tree| {
        tree.snapshots[1].frames.clear();
    });
    breaks(Invariant::Snapshots, |tree| {
        tree.snapshots[1].frames[0].set(write(Place::RangeIndex(2), None));
    });
}

#[test]
fn carried() {
    breaks(Invariant::Carried, |tree| {
        tree.snapshots[1].frames[0].writes.remove(0);
    });
}

#[test]
fn parents() {
    breaks(Invariant::Parents, |tree| tree.traces.clear());
    breaks(Invariant::Parents, |tree| {
        tree.traces[0].parent = Some(exit_for(tree, ExitReason::Overflow));
    });
    let side = |tree: &TraceTree, reason| Trace {
        parent: Some(exit_for(tree, reason)),
        body: Vec::new(),
        end: tree.traces[0].end.clone(),
    };
    breaks(Invariant::Parents, |tree| {
        tree.traces.push(side(tree, ExitReason::Poll));
    });
    breaks(Invariant::Parents, |tree| {
        tree.traces.push(side(tree, ExitReason::Unbound));
    });
    breaks(Invariant::Parents, |tree| {
        tree.traces.push(side(tree, ExitReason::Overflow));
        tree.traces.push(side(tree, ExitReason::Overflow));
    });
}

#[test]
fn entry_loads() {
    breaks(Invariant::EntryLoads, |tree| {
        let load = tree.entry[0];
        tree.traces[0].body.insert(0, load);
    });
}

#[test]
fn kinds() {
    breaks(Invariant::Kinds, |tree| {
        let unbox = tree.ins.iter().position(|ins| ins.op == Op::UnboxInt);
        let unbox = unbox.expect("the sum is unboxed");
        let guard = tree.ins[unbox].args[0];
        tree.ins[unbox].args = tree.at(guard).args;
    });
    // A kind that one jump does not keep up is not known in the loop.
    let text = "tree \"f\" locals 1 { header(v0: obj @0)
        entry: v1: obj = load_slot @0 ! x0  v4: obj = guard_type v1, float ! x1
        v2: obj = const_obj c0 enter(v4)
        trace 0: v3: f64 = unbox_float v0 jump(v2)
        snapshots: s0: ip 0 depth 0 {} exits: x0: s0 unbound x1: s0 type }";
    let text = text.replace("entry:", "consts: c0 = 0x10 \"x\" entry:");
    let errors = verify(&parse(&text).unwrap()).unwrap_err();
    assert_eq!(
        errors.iter().map(|e| e.invariant).collect::<Vec<_>>(),
        [Invariant::Kinds]
    );
    assert!(verify(&parse(&text.replace("jump(v2)", "jump(v0)")).unwrap()).is_ok());
}

#[test]
fn virtuals() {
    let text = "tree \"f\" locals 1 { header()
        consts: c0 = 0x10 \"x\"
        entry: v1: obj = const_obj c0 v2: i64 = const_i64 1 enter()
        trace 0: v3: obj = virtual v1 v4: obj = virtual v2 poll ! x0 jump()
        snapshots: s0: ip 0 depth 0 {} s1: ip 1 depth 1 {@1 = own v3} virtual v4 of v2 {} virtual v3 of v1 {0: v4}
        exits: x0: s1 poll }";
    assert_eq!(verify(&parse(text).unwrap()), Ok(()));
    for (this, by) in [
        ("virtual v3 of v1 {0: v4}", ""),
        ("virtual v4 of v2 {}", ""),
        ("poll ! x0", "poll ! x0 release_leaf v3"),
    ] {
        let errors = verify(&parse(&text.replace(this, by)).unwrap()).unwrap_err();
        assert_eq!(
            errors.iter().map(|e| e.invariant).collect::<Vec<_>>(),
            [Invariant::Virtuals]
        );
    }
}

fn write(place: Place, value: Option<InsRef>) -> crate::Write {
    crate::Write {
        place,
        value,
        owned: false,
        stale: true,
        current: false,
    }
}
