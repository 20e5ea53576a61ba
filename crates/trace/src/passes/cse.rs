//! Scoped value numbering: an instruction that was executed before, with the same operands, on the
//! way here is not executed again. Guards are instructions without a value: they go.
//!
//! One forward walk with a hash table; scopes of side traces are undone by a log. What an
//! instruction with an exit computes is known only after it, so a side trace at that exit does not
//! see it. Nothing that the tree loads changes while it runs, so loads merge like computations;
//! polls do not. Cost: linear.

use super::walk::{Action, Visitor, walk};
use crate::ids::InsRef;
use crate::ops::{Effect, Op};
use crate::tree::{Args, Imm, TraceTree};
use std::collections::HashMap;

pub(super) fn run(tree: &mut TraceTree) {
    walk(tree, &mut Cse::default());
}

type Key = (Op, Args, Imm);

#[derive(Default)]
struct Cse {
    known: HashMap<Key, InsRef>,
    log: Vec<Key>,
    scopes: Vec<usize>,
}

/// What two instructions have to agree on to be the same. Operands that commute are ordered.
fn key(tree: &TraceTree, at: InsRef) -> Option<Key> {
    let ins = tree.at(at);
    if matches!(ins.op.effect(), Effect::Header | Effect::Control) {
        return None;
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
        if let Some(key) = key(tree, at) {
            self.known.insert(key, at);
            self.log.push(key);
        }
    }

    fn enter_side(&mut self, _: &TraceTree, _: Option<InsRef>) {
        self.scopes.push(self.log.len());
    }

    fn leave_side(&mut self) {
        let start = self.scopes.pop().unwrap_or(0);
        for key in self.log.drain(start..) {
            self.known.remove(&key);
        }
    }
}
