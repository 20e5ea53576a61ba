//! Deliberate bugs, put into optimised trees: see [`pyrt_spec::seeded`].
//!
//! A tree with one of them is still well formed, but does not do what was recorded.

use crate::ids::InsRef;
use crate::ops::{Effect, Op};
use crate::passes::walk::{Action, Visitor, sweep, walk};
use crate::tree::{Args, Imm, Ins, TraceTree};
use crate::types::{Region, Type, Width};
use pyrt_spec::{ExitReason, SeededBug, seeded};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Puts the bug that the environment names into a tree, if it names one.
///
/// # Panics
///
/// When there is no bug of that name.
pub fn spoil(tree: &mut TraceTree) {
    static BUG: OnceLock<Option<SeededBug>> = OnceLock::new();
    let bug = BUG.get_or_init(|| {
        let name = std::env::var(seeded::VARIABLE).ok()?;
        let bug = SeededBug::from_name(&name);
        Some(bug.unwrap_or_else(|| panic!("no bug {name:?} is known")))
    });
    if let Some(bug) = *bug {
        seed(tree, bug);
    }
}

/// Puts a bug into a tree, wherever it fits.
pub fn seed(tree: &mut TraceTree, bug: SeededBug) {
    match bug {
        SeededBug::SnapshotSlot
        | SeededBug::SnapshotWrite
        | SeededBug::SnapshotReference
        | SeededBug::Pending => snapshots(tree, bug),
        SeededBug::DeathOrder => death_order(tree),
        _ => {
            let mut spoiler = Spoiler {
                bug,
                loaded: vec![HashMap::new()],
            };
            walk(tree, &mut spoiler);
            sweep(tree);
        }
    }
}

/// The state that exits write.
fn snapshots(tree: &mut TraceTree, bug: SeededBug) {
    let types: Vec<_> = tree.ins.iter().map(|ins| ins.ty).collect();
    let is_object = |value: InsRef| types[value.index()] == Some(Type::Obj);
    for snapshot in &mut tree.snapshots {
        if bug == SeededBug::Pending {
            snapshot.pending.clear();
            continue;
        }
        let Some(frame) = snapshot.frames.last_mut() else {
            continue;
        };
        let numbers = |at: &usize| {
            let value: Option<InsRef> = frame.writes[*at].value;
            value.is_some_and(|value| !is_object(value))
        };
        match bug {
            SeededBug::SnapshotSlot => {
                // Two numbers: references have owners.
                let found: Vec<_> = (0..frame.writes.len()).filter(numbers).take(2).collect();
                if let [a, b] = found[..] {
                    let value = frame.writes[a].value;
                    frame.writes[a].value = frame.writes[b].value;
                    frame.writes[b].value = value;
                }
            }
            SeededBug::SnapshotWrite => {
                frame.writes.pop();
            }
            SeededBug::SnapshotReference => {
                for write in &mut frame.writes {
                    write.owned |= write.value.is_some_and(is_object);
                }
            }
            _ => unreachable!("it is not about snapshots"),
        }
    }
}

/// Exchanges neighbours that give up references.
fn death_order(tree: &mut TraceTree) {
    let is_release: Vec<_> = tree.ins.iter().map(|ins| ins.op == Op::Release).collect();
    for trace in &mut tree.traces {
        for at in 1..trace.body.len() {
            let pair = [trace.body[at - 1], trace.body[at]];
            if pair.iter().all(|value| is_release[value.index()]) {
                trace.body.swap(at - 1, at);
            }
        }
    }
}

/// Changes instructions one by one.
struct Spoiler {
    bug: SeededBug,
    /// What was loaded, by scope; nothing is ever forgotten.
    loaded: Vec<HashMap<(Op, Args, Imm), InsRef>>,
}

impl Spoiler {
    /// A guard that is left out, if it is left out for one of these reasons.
    fn without(&self, tree: &TraceTree, at: InsRef, reasons: &[ExitReason]) -> Action {
        let ins = tree.at(at);
        let reason = ins.exit.map(|exit| tree.exit(exit).reason);
        let concerned = reason.is_some_and(|reason| reasons.contains(&reason));
        match (ins.op, ins.ty) {
            (Op::GuardTrue | Op::GuardFalse | Op::GuardSame, None) if concerned => Action::Remove,
            _ => Action::Keep,
        }
    }

    fn unchecked(&self, tree: &mut TraceTree, at: InsRef) {
        let ins = &mut tree.ins[at.index()];
        let wrapping = match ins.op {
            Op::AddOvf => Op::AddWrap,
            Op::SubOvf => Op::SubWrap,
            Op::MulOvf => Op::MulWrap,
            _ => return,
        };
        ins.op = wrapping;
        ins.exit = None;
    }

    fn loads(&self, tree: &TraceTree, at: InsRef) -> Action {
        let ins = tree.at(at);
        let known = self.loaded.iter().find_map(|scope| {
            let load = matches!(ins.op, Op::Load | Op::LoadIndex);
            load.then(|| scope.get(&(ins.op, ins.args, ins.imm)))?
        });
        known.map_or(Action::Keep, |value| Action::Replace(*value))
    }
}

impl Visitor for Spoiler {
    fn visit(&mut self, tree: &mut TraceTree, at: InsRef) -> Action {
        let ins = *tree.at(at);
        match (self.bug, ins.op) {
            (SeededBug::TypeGuard, Op::GuardType)
            | (SeededBug::ClassVersion, Op::GuardVersion)
            | (SeededBug::Incref, Op::Own) => Action::Replace(ins.args[0]),
            (SeededBug::ClassVersion, _) => self.without(tree, at, &[ExitReason::Class]),
            (SeededBug::Callee, _) => self.without(tree, at, &[ExitReason::Callee]),
            (SeededBug::Branch, _) => self.without(tree, at, &[ExitReason::Branch]),
            (SeededBug::Missing, _) => self.without(tree, at, &[ExitReason::Missing]),
            (SeededBug::Tracing, _) => self.without(tree, at, &[ExitReason::Leave]),
            (SeededBug::Decref, Op::Release | Op::ReleaseLeaf) | (SeededBug::Poll, Op::Poll) => {
                Action::Remove
            }
            (SeededBug::Overflow, _) => {
                self.unchecked(tree, at);
                Action::Keep
            }
            (SeededBug::ZeroSign, Op::ConstF64) => {
                if let Imm::Float(bits) = ins.imm
                    && f64::from_bits(bits) == 0.0
                {
                    tree.ins[at.index()].imm = Imm::Float(0);
                }
                Action::Keep
            }
            (SeededBug::NotANumber, Op::EqF64) if ins.args[0] == ins.args[1] => {
                tree.ins[at.index()] = Ins::truth(true);
                Action::Keep
            }
            (SeededBug::LostStore, Op::Store | Op::StoreIndex) => match ins.imm {
                Imm::Mem(mem) if matches!(mem.region, Region::Attrs | Region::Items) => {
                    Action::Remove
                }
                _ => Action::Keep,
            },
            (SeededBug::Position, Op::Store) => match ins.imm {
                // What is stored into frames as a number says where they are.
                Imm::Mem(mem)
                    if mem.region == Region::Frames
                        && mem.width == Width::I64
                        && tree.at(ins.args[1]).imm != Imm::Int(0) =>
                {
                    Action::Remove
                }
                _ => Action::Keep,
            },
            (SeededBug::StaleLoad, _) => self.loads(tree, at),
            _ => Action::Keep,
        }
    }

    fn passed(&mut self, tree: &TraceTree, at: InsRef) {
        let ins = tree.at(at);
        if ins.op.effect() == Effect::Load && self.bug == SeededBug::StaleLoad {
            let scope = self.loaded.last_mut().expect("one scope stays");
            scope.entry((ins.op, ins.args, ins.imm)).or_insert(at);
        }
    }

    fn enter_side(&mut self, _: &TraceTree, _: Option<InsRef>) {
        self.loaded.push(HashMap::new());
    }

    fn leave_side(&mut self) {
        self.loaded.pop();
    }
}
