//! How an exit hands over the values of its snapshot: what both the code generator, which stores
//! them, and whoever restores the frames, have to agree on.
//!
//! The buffer's first word is the exit's number, and in its upper half how often the loop header was reached, of trees that
//! count that. After it come the snapshot's distinct values in the
//! order in which the tree defines them; constants are not stored, the tree says what they are, and neither are objects
//! that the trace has not made: whoever makes them finds room for them after the values. What two exits have in common
//! is then mostly a prefix, because older values come first, and it has the same places in the buffer for both: they can
//! share the code that stores it.

use crate::ids::InsRef;
use crate::ops::Op;
use crate::tree::{Imm, Snapshot, TraceTree};
use serde::{Deserialize, Serialize};

/// The word of the buffer that holds the exit's number, in its lower half.
pub const EXIT_WORD: usize = 0;

/// The half of a word that holds how often the loop header was reached, which wraps around.
pub const ROUNDS_HALF: usize = 1;

/// The word of the buffer that holds the first value.
pub const FIRST_VALUE: usize = 1;

/// Where the value of a snapshot is found after an exit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// In this word of the buffer.
    Word(u16),
    /// It is this: an `i64`, the bits of an `f64`, a bool as 0 or 1, or the address of an object.
    Constant(u64),
}

/// The order of a tree's definitions.
pub struct Handover {
    order: Vec<u32>,
}

impl Handover {
    /// Linear in the size of the tree.
    pub fn new(tree: &TraceTree) -> Handover {
        let mut order = vec![u32::MAX; tree.ins.len()];
        let params = tree.params.iter().map(|param| &param.value);
        let bodies = tree.traces.iter().flat_map(|trace| &trace.body);
        let all = tree.entry.iter().chain(params).chain(bodies);
        for (at, value) in (0..).zip(all) {
            order[value.index()] = at;
        }
        Handover { order }
    }

    /// The values that an exit with this snapshot stores, from [`FIRST_VALUE`] on.
    pub fn stored(&self, tree: &TraceTree, snapshot: &Snapshot) -> Vec<InsRef> {
        let is_stored =
            |value: &InsRef| constant(tree, *value).is_none() && tree.at(*value).op != Op::Virtual;
        let mut values: Vec<_> = snapshot.values().filter(is_stored).collect();
        values.sort_unstable_by_key(|value| self.order[value.index()]);
        values.dedup();
        values
    }

    /// Where a value is found, after an exit that has stored these.
    ///
    /// # Panics
    ///
    /// When the value is not of the snapshot that `stored` belongs to.
    pub fn source(&self, tree: &TraceTree, stored: &[InsRef], value: InsRef) -> Source {
        if let Some(bits) = constant(tree, value) {
            return Source::Constant(bits);
        }
        let order = self.order[value.index()];
        let at = stored.binary_search_by_key(&order, |value| self.order[value.index()]);
        let at = FIRST_VALUE + at.expect("the exit stores the value");
        Source::Word(u16::try_from(at).unwrap_or(u16::MAX))
    }
}

/// What a value is, if it is a constant.
fn constant(tree: &TraceTree, value: InsRef) -> Option<u64> {
    let ins = tree.at(value);
    if !ins.op.is_const() {
        return None;
    }
    match ins.imm {
        Imm::Int(value) => Some(value.cast_unsigned()),
        Imm::Float(bits) => Some(bits),
        Imm::Truth(value) => Some(value.into()),
        Imm::Const(id) => Some(tree.consts[id.index()].addr),
        _ => None,
    }
}
