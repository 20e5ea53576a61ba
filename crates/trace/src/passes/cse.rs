//! Scoped value numbering: an instruction that was executed before, with the same operands, on the
//! way here is not executed again. Guards are instructions without a value: they go.
//!
//! One forward walk with a hash table; scopes of side traces are undone by a log. What an
//! instruction with an exit computes is known only after it, so a side trace at that exit does not
//! see it. Loads, and guards of what memory says, merge while nothing may have written their region, in the entry only those
//! of what no round writes; a store tells what a load of the same place gives. Cost: linear, and a region's loads per store.

use super::licm::written;
use super::walk::{Action, Visitor, walk};
use crate::ids::InsRef;
use crate::ops::{Effect, Op};
use crate::tree::{Args, Imm, Ins, TraceTree};
use crate::types::{Region, Regions, Width};
use rustc_hash::FxBuildHasher;
use std::collections::HashMap;

pub(super) fn run(tree: &mut TraceTree) {
    walk(tree, &mut Cse::default());
}

type Key = (Op, Args, Imm);

#[derive(Default)]
struct Cse {
    known: HashMap<Key, InsRef, FxBuildHasher>,
    /// Keys of loads that are known, by region.
    loads: HashMap<Region, Vec<Key>, FxBuildHasher>,
    /// What each key stood for before, newest last.
    log: Vec<(Key, Option<InsRef>)>,
    scopes: Vec<usize>,
}

impl Cse {
    fn set(&mut self, key: Key, value: Option<InsRef>) {
        let old = match value {
            Some(value) => self.known.insert(key, value),
            None => self.known.remove(&key),
        };
        self.log.push((key, old));
    }

    fn learn(&mut self, key: Key, region: Option<Region>, value: InsRef) {
        self.set(key, Some(value));
        if let Some(region) = region {
            self.loads.entry(region).or_default().push(key);
        }
    }

    /// Forgets what was loaded from regions that are written.
    fn forget(&mut self, regions: Regions) {
        for &region in Region::ALL {
            if regions.contains(region) {
                // The list stays: an outer scope may know its keys again later.
                for key in self.loads.get(&region).cloned().unwrap_or_default() {
                    if self.known.contains_key(&key) {
                        self.set(key, None);
                    }
                }
            }
        }
    }
}

/// The load that would give what this store has written, if the value is of the type it would have.
fn load_of(tree: &TraceTree, ins: &Ins) -> Option<(Key, Region, InsRef)> {
    let Imm::Mem(mem) = ins.imm else { return None };
    let (op, address) = match ins.op {
        Op::Store => (Op::Load, &ins.args[..1]),
        Op::StoreIndex => (Op::LoadIndex, &ins.args[..2]),
        _ => return None,
    };
    let value = *ins.args.last()?;
    let same = matches!(mem.width, Width::I64 | Width::F64 | Width::Obj | Width::Ptr)
        && tree.at(value).ty == Some(mem.width.ty());
    same.then(|| ((op, Args::new(address), ins.imm), mem.region, value))
}

/// What two instructions have to agree on to be the same. Operands that commute are ordered.
fn key(tree: &TraceTree, at: InsRef) -> Option<Key> {
    let ins = tree.at(at);
    match ins.op.effect() {
        Effect::Pure | Effect::Guard | Effect::Load => {}
        _ => return None,
    }
    let mut args = ins.args;
    if ins.op.commutes() {
        args.as_mut_slice().sort_unstable();
    }
    Some((ins.op, args, ins.imm))
}

impl Visitor for Cse {
    fn visit(&mut self, tree: &mut TraceTree, at: InsRef) -> Action {
        let known = key(tree, at).and_then(|key| self.known.get(&key));
        match (known, tree.at(at).ty) {
            (Some(value), Some(_)) => Action::Replace(*value),
            (Some(_), None) => Action::Remove,
            (None, _) => Action::Keep,
        }
    }

    fn passed(&mut self, tree: &TraceTree, at: InsRef) {
        let ins = tree.at(at);
        self.forget(ins.clobbers());
        if let Some(key) = key(tree, at) {
            self.learn(key, ins.reads(), at);
        }
        if let Some((key, region, value)) = load_of(tree, ins) {
            self.learn(key, Some(region), value);
        }
    }

    fn enter_loop(&mut self, tree: &TraceTree) {
        self.forget(written(tree, &tree.traces));
    }

    fn enter_side(&mut self, _: &TraceTree, _: Option<InsRef>) {
        self.scopes.push(self.log.len());
    }

    fn leave_side(&mut self) {
        let start = self.scopes.pop().unwrap_or(0);
        for (key, old) in self.log.drain(start..).rev() {
            match old {
                Some(value) => self.known.insert(key, value),
                None => self.known.remove(&key),
            };
        }
    }
}
