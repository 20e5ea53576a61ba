//! Loop-invariant code motion for nested loops: what only outer rounds change is carried by the header.
//!
//! A side trace may go around an outer loop and come back to the header. What the root computes of values that the
//! root itself leaves alone, in a round of the inner loop, is then invariant there but not in the tree, and `licm`
//! leaves it. Here it is computed where the inner loop is entered, which is in several places: in the entry, and at
//! the end of each side trace that changes an operand, or writes memory that a load reads. The header carries the
//! result in a parameter without a place, unless nothing in the loop uses it. Side traces that change nothing of it
//! pass it on.
//!
//! One pass over the root's body, in order; what may move is what `licm` may move. A guard that fails at the end of
//! a side trace leaves at the header, like one that was moved to the entry. Cost: linear in the root times the side
//! traces that come back.

use super::bounds::Bounds;
use super::dce;
use super::licm::{Mover, written};
use crate::ids::{InsRef, SnapshotId};
use crate::kinds::Kinds;
use crate::ops::Op;
use crate::tree::{End, Imm, Ins, Param, Snapshot, TraceTree, Write};
use crate::types::{Regions, Type};
use rustc_hash::FxBuildHasher;
use std::collections::HashMap;

pub(super) fn run(tree: &mut TraceTree) {
    if let Some(pass) = Carry::new(tree) {
        pass.run(tree);
    }
}

/// A side trace that comes back to the header.
struct Back {
    trace: usize,
    /// What it may write on its way from the header.
    clobbers: Regions,
    /// The state at the header after it, once it is needed.
    state: Option<SnapshotId>,
    /// What is computed at its end.
    tail: Vec<InsRef>,
}

/// A value that the rounds of the inner loop leave alone.
struct Slow {
    /// What it is when the tree is entered.
    initial: InsRef,
    /// What it is after each side trace that comes back; `None` if that leaves it alone.
    after: Vec<Option<InsRef>>,
}

struct Carry {
    backs: Vec<Back>,
    mover: Mover,
    kinds: Kinds,
    /// Parameters, and what has moved.
    slow: HashMap<InsRef, Slow, FxBuildHasher>,
    /// What has moved, in order.
    moved: Vec<InsRef>,
    /// Values that stand for others from now on.
    replaced: HashMap<InsRef, InsRef, FxBuildHasher>,
}

impl Carry {
    /// `None` if the tree is no loop, or nothing comes back to it from outside.
    fn new(tree: &TraceTree) -> Option<Carry> {
        let End::Jump(rounds) = &tree.traces[0].end else {
            return None;
        };
        // At the header, memory lacks what it carries of instances.
        let mut virtuals = tree
            .snapshots
            .iter()
            .flat_map(|snapshot| &snapshot.virtuals);
        if virtuals.any(|made| made.shell.is_some()) {
            return None;
        }
        let backs: Vec<_> = (1..tree.traces.len())
            .filter(|trace| matches!(tree.traces[*trace].end, End::Jump(_)))
            .map(|trace| Back {
                trace,
                clobbers: clobbers_on_the_way(tree, trace),
                state: None,
                tail: Vec::new(),
            })
            .collect();
        let values_after = |index: usize, value: InsRef| {
            let after = backs.iter().map(|back| match &tree.traces[back.trace].end {
                End::Jump(values) if values[index] != value => Some(values[index]),
                _ => None,
            });
            after.collect::<Vec<_>>()
        };
        let mut slow = HashMap::default();
        for (index, param) in tree.params.iter().enumerate() {
            if rounds[index] == param.value {
                let (initial, after) = (tree.initial[index], values_after(index, param.value));
                slow.insert(param.value, Slow { initial, after });
            }
        }
        let mut mover = Mover::new(tree, written(tree, &tree.traces[..1]));
        for value in slow.keys() {
            mover.out(*value);
        }
        (!backs.is_empty()).then_some(Carry {
            backs,
            mover,
            kinds: Kinds::new(tree),
            slow,
            moved: Vec::new(),
            replaced: HashMap::default(),
        })
    }

    fn run(mut self, tree: &mut TraceTree) {
        let body = std::mem::take(&mut tree.traces[0].body);
        let mut stays = Vec::with_capacity(body.len());
        let mut bounds = Bounds::default();
        for at in body {
            let mut ins = *tree.at(at);
            for arg in ins.args.as_mut_slice() {
                *arg = self.replaced.get(arg).copied().unwrap_or(*arg);
            }
            if self.mover.may_move(tree, &ins, true) && !self.contradicts(tree, &ins) {
                self.carry(tree, at, &ins);
            } else if let Some(checks) = self.mover.for_all_rounds(tree, &bounds, &ins, true) {
                for check in checks {
                    let ins = *tree.at(check);
                    self.carry(tree, check, &ins);
                }
            } else {
                bounds.passed(tree, &ins);
                self.mover.stay(at, &ins);
                stays.push(at);
            }
        }
        tree.traces[0].body = stays;
        self.write_back(tree);
        self.add_params(tree);
        // What served only guards that have moved got no parameter.
        dce::run(tree);
    }

    /// Whether a guard always fails, because its operand is known to be of another kind.
    fn contradicts(&self, tree: &TraceTree, ins: &Ins) -> bool {
        let (Imm::Kind(wanted), Some(operand)) = (ins.imm, ins.args.first()) else {
            return false;
        };
        let initial = self.slow.get(operand).map(|slow| slow.initial);
        let values = [Some(*operand), initial].into_iter().flatten();
        values
            .filter_map(|value| self.kinds.of(tree, value))
            .any(|kind| kind != wanted)
    }

    /// Takes an instruction out of the root: to the entry, and to the ends of side traces that change what it
    /// computes.
    fn carry(&mut self, tree: &mut TraceTree, at: InsRef, ins: &Ins) {
        if ins.op.is_const() {
            tree.entry.push(at);
            self.mover.out(at);
            return;
        }
        let initial = self.copy(tree, ins, None);
        tree.entry.push(initial);
        let mut after = Vec::with_capacity(self.backs.len());
        for back in 0..self.backs.len() {
            let reads = ins.reads();
            let changes = reads.is_some_and(|region| self.backs[back].clobbers.contains(region))
                || ins.args.iter().any(|arg| self.after(*arg, back).is_some());
            after.push(changes.then(|| {
                let copy = self.copy(tree, ins, Some(back));
                self.backs[back].tail.push(copy);
                copy
            }));
        }
        if ins.ty.is_none() {
            return;
        }
        let passes_on = matches!(ins.op, Op::GuardType | Op::GuardVersion);
        let operand = ins.args.first().copied().filter(|_| passes_on);
        match operand.map(|operand| (operand, self.slow.get_mut(&operand))) {
            // The guarded object is the object, wherever it comes from.
            Some((operand, Some(slow))) => {
                slow.initial = initial;
                for (known, guarded) in slow.after.iter_mut().zip(after) {
                    *known = guarded.or(*known);
                }
                self.replaced.insert(at, operand);
            }
            Some((_, None)) => {
                self.mover.out(initial);
                self.replaced.insert(at, initial);
            }
            None => {
                self.mover.out(at);
                self.slow.insert(at, Slow { initial, after });
                self.moved.push(at);
            }
        }
    }

    fn after(&self, value: InsRef, back: usize) -> Option<InsRef> {
        self.slow.get(&value).and_then(|slow| slow.after[back])
    }

    /// The same instruction for the entry, or for the end of a side trace.
    fn copy(&mut self, tree: &mut TraceTree, ins: &Ins, back: Option<usize>) -> InsRef {
        let mut copy = *ins;
        for arg in copy.args.as_mut_slice() {
            let there = match back {
                Some(back) => self.after(*arg, back),
                None => self.slow.get(arg).map(|slow| slow.initial),
            };
            *arg = there.unwrap_or(*arg);
        }
        if let Some(old) = ins.exit {
            let snapshot = match back {
                Some(back) => self.state(tree, back),
                None => SnapshotId::ENTRY,
            };
            let exit = tree.exit(old).moved(old, snapshot);
            copy.exit = Some(tree.push_exit(exit));
        }
        tree.push_ins(copy)
    }

    /// The state at the header after a side trace: its values in the places that the header carries unboxed, where
    /// memory holds what was there before. Objects are in memory.
    fn state(&mut self, tree: &mut TraceTree, back: usize) -> SnapshotId {
        let Back { trace, state, .. } = &mut self.backs[back];
        *state.get_or_insert_with(|| {
            let (ip, depth) = (tree.header().ip, tree.header().depth);
            let mut snapshot = Snapshot::single(ip, depth, Vec::new());
            let End::Jump(values) = &tree.traces[*trace].end else {
                return tree.push_snapshot(snapshot);
            };
            for (param, value) in tree.params.iter().zip(values) {
                if let (Some(place), true) = (param.place, param.ty != Type::Obj) {
                    snapshot.frames[0].set(Write::carried(place, *value));
                }
            }
            tree.push_snapshot(snapshot)
        })
    }

    /// Side traces compute what they change, and pass on objects as they were guarded.
    fn write_back(&mut self, tree: &mut TraceTree) {
        for (index, param) in tree.params.iter().enumerate() {
            let Some(slow) = self.slow.get(&param.value) else {
                continue;
            };
            tree.initial[index] = slow.initial;
            for (back, after) in self.backs.iter().zip(&slow.after) {
                if let (End::Jump(values), Some(after)) = (&mut tree.traces[back.trace].end, after)
                {
                    values[index] = *after;
                }
            }
        }
        for back in &mut self.backs {
            tree.traces[back.trace].body.append(&mut back.tail);
        }
        let replaced = &self.replaced;
        tree.for_each_use(|value| *value = replaced.get(value).copied().unwrap_or(*value));
    }

    /// Makes parameters of what has moved and is still used.
    fn add_params(&mut self, tree: &mut TraceTree) {
        for at in &self.moved {
            if let Some(ty) = tree.at(*at).ty {
                tree.ins[at.index()] = Ins::param(ty);
            }
        }
        tree.drop_unused_exits();
        // What is computed for one of them may use another one.
        let mut moved = std::mem::take(&mut self.moved);
        loop {
            let used = dce::used(tree);
            let (now, later): (Vec<_>, _) =
                moved.into_iter().partition(|value| used[value.index()]);
            if now.is_empty() {
                return;
            }
            now.into_iter()
                .for_each(|value| self.add_param(tree, value));
            moved = later;
        }
    }

    fn add_param(&self, tree: &mut TraceTree, value: InsRef) {
        let (Some(slow), Some(ty)) = (self.slow.get(&value), tree.at(value).ty) else {
            return;
        };
        let place = None;
        tree.params.push(Param { place, value, ty });
        tree.initial.push(slow.initial);
        for (index, trace) in tree.traces.iter_mut().enumerate() {
            let back = self.backs.iter().position(|back| back.trace == index);
            let after = back.and_then(|back| slow.after[back]);
            if let End::Jump(values) = &mut trace.end {
                values.push(after.unwrap_or(value));
            }
        }
    }
}

/// What a side trace and those that it hangs off may write.
fn clobbers_on_the_way(tree: &TraceTree, trace: usize) -> Regions {
    let mut all = written(tree, &tree.traces[trace..=trace]);
    let mut exit = tree.traces[trace].parent;
    while let Some(parent) = exit.and_then(|exit| tree.left_by(exit)) {
        all = all.and(written(tree, &tree.traces[parent..=parent]));
        exit = tree.traces[parent].parent;
    }
    all
}
