//! The invariants of a trace tree, by name.
//!
//! Every invariant below has a heading here, a variant of [`Invariant`], and a test that breaks it.
//!
//! # table
//! Each instruction has the operands, immediate, exit and result type that the table of ops says.
//!
//! # listed-once
//! Each instruction stands in one list, once; parameters stand in the header only.
//!
//! # dominance
//! A value is defined before its uses, on every path to them (see [`scope`](crate::scope)).
//!
//! # header
//! Parameters have distinct places of the frame at the header, or none; `enter` and every `jump` give each
//! of them one value of its type. Index parameters are `i64`.
//!
//! # exits
//! Exits that are used exist; an exit has one site, except that the entry's may share. Exits of the
//! entry, and only those, have the entry's snapshot.
//!
//! # snapshots
//! A snapshot has exactly one frame, for now. Its writes are ordered by place and unique, lie within
//! the frame at its depth, and cover all stack slots above the entry's depth. Values that it
//! writes are defined wherever an exit uses it; indices are `i64`. The entry's writes nothing.
//!
//! # carried
//! A snapshot of the loop writes every slot that the header carries unboxed, unless it is popped there.
//!
//! # parents
//! The root comes first and has no parent; a side trace continues an exit of an earlier trace, and
//! no two continue the same. A poll's exit leads to the interpreter, never to a side trace.
//!
//! # entry-loads
//! `load_slot` and loads of a range iterator's index stand in the entry only: during the loop,
//! memory is behind.
//!
//! # kinds
//! Ops that look into an object come after a guard of its kind.
//!
//! # virtuals
//! What `virtual` defines is no operand. A snapshot that refers to it says what is in it, after all that is in it.

use crate::builder::check_ins;
use crate::ids::{ExitId, InsRef, SnapshotId, TraceId};
use crate::kinds::Kinds;
use crate::ops::{Effect, Op};
use crate::print::print_ins;
use crate::scope::{Scope, Site, exit_sites};
use crate::tree::{End, FrameState, Imm, Snapshot, TraceTree, VirtualObject};
use crate::types::{Place, RangeField, Type};
use std::collections::HashSet;
use std::fmt;

/// The name of an invariant; see the headings of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Invariant {
    /// `# table`
    Table,
    /// `# listed-once`
    ListedOnce,
    /// `# dominance`
    Dominance,
    /// `# header`
    Header,
    /// `# exits`
    Exits,
    /// `# snapshots`
    Snapshots,
    /// `# carried`
    Carried,
    /// `# parents`
    Parents,
    /// `# entry-loads`
    EntryLoads,
    /// `# kinds`
    Kinds,
    /// `# virtuals`
    Virtuals,
}

/// One violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// The invariant that does not hold.
    pub invariant: Invariant,
    /// Where and how, with the instruction's text (values by their arena numbers).
    pub message: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.invariant, self.message)
    }
}

impl std::error::Error for VerifyError {}

/// Checks all invariants.
///
/// # Errors
///
/// All violations found. Later invariants are not checked if ids are out of range.
pub fn verify(tree: &TraceTree) -> Result<(), Vec<VerifyError>> {
    let mut check = Check {
        tree,
        errors: Vec::new(),
    };
    check.ids();
    if check.errors.is_empty() {
        let scope = Scope::new(tree);
        check.instructions(&scope);
        check.header(&scope);
        check.exits(&scope);
        check.snapshots();
        check.parents();
    }
    if check.errors.is_empty() {
        Ok(())
    } else {
        Err(check.errors)
    }
}

struct Check<'a> {
    tree: &'a TraceTree,
    errors: Vec<VerifyError>,
}

impl Check<'_> {
    fn fail(&mut self, invariant: Invariant, message: impl Into<String>) {
        self.errors.push(VerifyError {
            invariant,
            message: message.into(),
        });
    }

    fn require(&mut self, holds: bool, invariant: Invariant, message: impl FnOnce() -> String) {
        if !holds {
            self.fail(invariant, message());
        }
    }

    /// Everything that would make the other checks index out of bounds.
    fn ids(&mut self) {
        let tree = self.tree;
        let mut copy = tree.clone();
        let mut bad = Vec::new();
        copy.for_each_use(|value| {
            if value.index() >= tree.ins.len() {
                bad.push(*value);
            }
        });
        let bodies = tree.traces.iter().flat_map(|trace| &trace.body);
        let params = tree.params.iter().map(|param| &param.value);
        let listed = tree.entry.iter().chain(bodies).chain(params);
        bad.extend(listed.filter(|value| value.index() >= tree.ins.len()));
        for value in bad {
            self.fail(Invariant::Dominance, format!("{value} does not exist"));
        }
        let frames = tree
            .snapshots
            .iter()
            .all(|snapshot| !snapshot.frames.is_empty());
        let some = frames && !tree.snapshots.is_empty();
        self.require(some, Invariant::Snapshots, || {
            "a snapshot has not one frame".into()
        });
        self.require(!tree.traces.is_empty(), Invariant::Parents, || {
            "there is no root".into()
        });
        for (index, exit) in tree.exits.iter().enumerate() {
            let inside = exit.is_none_or(|exit| exit.snapshot.index() < tree.snapshots.len());
            self.require(inside, Invariant::Exits, || {
                format!("x{index} has no snapshot")
            });
        }
        for exit in self.referenced_exits() {
            let exists = tree.exits.get(exit.index()).is_some_and(Option::is_some);
            self.require(exists, Invariant::Exits, || {
                format!("{exit} is used but does not exist")
            });
        }
    }

    fn referenced_exits(&self) -> Vec<ExitId> {
        let tree = self.tree;
        let bodies = tree.traces.iter().flat_map(|trace| &trace.body);
        let listed = tree
            .entry
            .iter()
            .chain(bodies)
            .filter_map(|value| tree.ins.get(value.index()));
        let mut exits: Vec<_> = listed.filter_map(|ins| ins.exit).collect();
        for trace in &tree.traces {
            exits.extend(trace.parent);
            if let End::Exit(exit) = trace.end {
                exits.push(exit);
            }
        }
        exits
    }

    fn instructions(&mut self, scope: &Scope) {
        let tree = self.tree;
        let kinds = Kinds::new(tree);
        let mut seen = HashSet::new();
        for (at, &value) in tree.entry.iter().enumerate() {
            self.instruction(scope, &kinds, value, Site::Entry(at), &mut seen);
        }
        for (index, trace) in tree.traces.iter().enumerate() {
            for (at, &value) in trace.body.iter().enumerate() {
                let site = Site::Body(TraceId::new(index), at);
                self.instruction(scope, &kinds, value, site, &mut seen);
            }
        }
    }

    fn instruction(
        &mut self,
        scope: &Scope,
        kinds: &Kinds,
        value: InsRef,
        site: Site,
        seen: &mut HashSet<InsRef>,
    ) {
        let tree = self.tree;
        let ins = tree.at(value);
        let text = || print_ins(tree, value);
        if let Err(why) = check_ins(tree, ins) {
            self.fail(Invariant::Table, format!("{}: {why}", text()));
        }
        if let Imm::Const(id) = ins.imm {
            let exists = id.index() < tree.consts.len();
            self.require(exists, Invariant::Table, || {
                format!("{}: no such constant", text())
            });
        }
        let once = seen.insert(value) && ins.op != Op::Param;
        self.require(once, Invariant::ListedOnce, text);
        for &arg in ins.args.iter() {
            let visible = scope.visible(arg, site);
            self.require(visible, Invariant::Dominance, || {
                format!("{}: {arg}", text())
            });
            let is_there = tree.at(arg).op != Op::Virtual;
            self.require(is_there, Invariant::Virtuals, text);
        }
        if let (Some(kind), Some(object)) = (ins.op.needs_kind(), ins.args.first()) {
            let known = kinds.of(tree, *object) == Some(kind);
            self.require(known, Invariant::Kinds, || {
                format!("{}: not known as {kind}", text())
            });
        }
        let reads_frame = ins.op == Op::LoadSlot || ins.imm == Imm::Field(RangeField::Index);
        let allowed = !reads_frame || matches!(site, Site::Entry(_));
        self.require(allowed, Invariant::EntryLoads, text);
    }

    fn header(&mut self, scope: &Scope) {
        let tree = self.tree;
        let top = tree.locals + tree.header().depth;
        let mut places = HashSet::new();
        for param in &tree.params {
            let ins = tree.at(param.value);
            let good_place = |place: Place| {
                let index = matches!(place, Place::RangeIndex(_));
                place.slot() < top && (!index || param.ty == Type::I64)
            };
            let good = ins.op == Op::Param
                && ins.ty == Some(param.ty)
                && param
                    .place
                    .is_none_or(|place| places.insert(place) && good_place(place));
            self.require(good, Invariant::Header, || {
                format!("parameter {}", param.value)
            });
        }
        self.transfer(scope, &tree.initial, Site::Entry(tree.entry.len()), "enter");
        for (index, trace) in tree.traces.iter().enumerate() {
            if let End::Jump(values) = &trace.end {
                let what = format!("jump of trace {index}");
                self.transfer(scope, values, Site::End(TraceId::new(index)), &what);
            }
        }
    }

    fn transfer(&mut self, scope: &Scope, values: &[InsRef], site: Site, what: &str) {
        let params = &self.tree.params;
        let (have, want) = (values.len(), params.len());
        self.require(have == want, Invariant::Header, || {
            format!("{what}: {have} of {want} values")
        });
        for (&value, param) in values.iter().zip(params) {
            let fits = self.tree.at(value).ty == Some(param.ty);
            self.require(fits, Invariant::Header, || {
                format!("{what}: {value} for {}", param.value)
            });
            let visible = scope.visible(value, site);
            self.require(visible, Invariant::Dominance, || format!("{what}: {value}"));
        }
    }

    fn exits(&mut self, scope: &Scope) {
        let tree = self.tree;
        for (index, sites) in exit_sites(tree).iter().enumerate() {
            let (Some(exit), id) = (tree.exits[index], ExitId::new(index)) else {
                continue;
            };
            let in_entry = |site: &Site| matches!(site, Site::Entry(_));
            let one = sites.len() <= 1 || sites.iter().all(in_entry);
            self.require(one, Invariant::Exits, || format!("{id} has several sites"));
            let of_entry = exit.snapshot == SnapshotId::ENTRY;
            let agrees = sites.iter().all(|site| in_entry(site) == of_entry);
            self.require(agrees, Invariant::Exits, || {
                format!("{id} has the wrong snapshot")
            });
            let values = tree.snapshots[exit.snapshot.index()].values();
            for (value, &site) in values.flat_map(|v| sites.iter().map(move |s| (v, s))) {
                let visible = scope.visible(value, site);
                let what = || format!("{id}: {} writes {value}", exit.snapshot);
                self.require(visible, Invariant::Dominance, what);
            }
        }
    }

    fn snapshots(&mut self) {
        let tree = self.tree;
        let empty = tree.header().writes.is_empty();
        self.require(empty, Invariant::Snapshots, || {
            "the entry's snapshot writes".into()
        });
        let mut used = vec![false; tree.snapshots.len()];
        tree.exits
            .iter()
            .flatten()
            .for_each(|exit| used[exit.snapshot.index()] = true);
        for (index, snapshot) in tree.snapshots.iter().enumerate() {
            self.snapshot(index, snapshot);
            if used[index] {
                self.virtuals(index, snapshot);
            }
            if index != SnapshotId::ENTRY.index() && used[index] {
                self.carried(index, snapshot.root());
            }
        }
    }

    fn snapshot(&mut self, index: usize, snapshot: &Snapshot) {
        let tree = self.tree;
        let frame = snapshot.root();
        let ordered = frame
            .writes
            .windows(2)
            .all(|pair| pair[0].place < pair[1].place);
        self.require(ordered, Invariant::Snapshots, || {
            format!("s{index} is not ordered")
        });
        let top = tree.locals + frame.depth;
        for crate::tree::Write { place, value, .. } in &frame.writes {
            let ty = value.and_then(|value| tree.at(value).ty);
            let good = match place {
                Place::Slot(slot) => *slot < top && (value.is_none() || ty.is_some()),
                Place::RangeIndex(_) => ty == Some(Type::I64),
            };
            self.require(good, Invariant::Snapshots, || {
                format!("s{index} writes {place}")
            });
        }
        let in_memory = frame.home.is_in_memory();
        for slot in tree.locals + tree.header().depth..top {
            let covered = in_memory || frame.write(Place::Slot(slot)).is_some();
            self.require(covered, Invariant::Snapshots, || {
                format!("s{index} lacks @{slot}")
            });
        }
    }

    fn virtuals(&mut self, index: usize, snapshot: &Snapshot) {
        let known = |made: &[VirtualObject], value: InsRef| {
            self.tree.at(value).op != Op::Virtual || made.iter().any(|made| made.value == value)
        };
        let made = &snapshot.virtuals;
        let inner = made.iter().enumerate().all(|(at, object)| {
            let mut attributes = object.attributes.iter();
            attributes.all(|(_, value)| known(&made[..at], *value))
        });
        let all = snapshot.values().all(|value| known(made, value));
        self.require(inner && all, Invariant::Virtuals, || {
            format!("s{index} does not say what is in an object")
        });
    }

    fn carried(&mut self, index: usize, frame: &FrameState) {
        let top = self.tree.locals + frame.depth;
        let params = self.tree.params.iter();
        let unboxed = params.filter(|param| param.ty != Type::Obj);
        for place in unboxed.filter_map(|param| param.place) {
            // A trace may have put the position of a range back into memory.
            let popped = matches!(place, Place::RangeIndex(_)) || place.slot() >= top;
            let in_memory = popped || frame.home.is_in_memory();
            let written = in_memory || frame.write(place).is_some();
            self.require(written, Invariant::Carried, || {
                format!("s{index} lacks {place}")
            });
        }
    }

    fn parents(&mut self) {
        let sites = exit_sites(self.tree);
        let mut seen = HashSet::new();
        for (index, trace) in self.tree.traces.iter().enumerate() {
            let parent = trace.parent.map(|exit| sites[exit.index()].as_slice());
            let good = match parent {
                None => index == 0,
                Some([Site::Body(at, position)]) => {
                    let ins = self.tree.traces[at.index()].body[*position];
                    at.index() < index && self.tree.at(ins).op.effect() != Effect::Control
                }
                Some([Site::End(at)]) => at.index() < index,
                Some(_) => false,
            };
            let unique = trace.parent.is_none_or(|exit| seen.insert(exit));
            self.require(good && unique, Invariant::Parents, || {
                format!("trace {index}")
            });
        }
    }
}

#[cfg(test)]
mod tests;
