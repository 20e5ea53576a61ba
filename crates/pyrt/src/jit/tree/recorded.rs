//! What was recorded of a tree.

use std::sync::atomic::{AtomicU64, Ordering};

use pyrt_trace::{Packed, PackedTree, Param, Site, TraceTree};

use super::growth::fits;
use crate::jit::state;

/// What was recorded of a tree, packed, and what is often asked of it.
pub(crate) struct Recorded {
    tree: PackedTree,
    /// No other has it.
    id: u64,
    /// Qualified name and line.
    pub(crate) name: String,
    /// Places in the program, as in [`TraceTree::sites`].
    pub(crate) sites: Vec<Site>,
    /// How many instructions there are.
    pub(crate) len: usize,
    pub(crate) side_traces: usize,
    /// How many slots come before the value stack.
    pub(in crate::jit) locals: u16,
    /// What the loop header carries.
    pub(in crate::jit) params: Vec<Param>,
    /// How many exits were ever numbered.
    pub(super) exits: usize,
    /// See [`TraceTree::counts_rounds`].
    pub(in crate::jit) counts_rounds: bool,
    /// See [`TraceTree::runs_loops`].
    pub(in crate::jit) runs_loops: bool,
}

/// The next one's name.
static NEXT: AtomicU64 = AtomicU64::new(0);

impl Recorded {
    /// Packs a tree.
    pub(in crate::jit) fn new(tree: &TraceTree) -> Recorded {
        Recorded {
            tree: Packed::new(tree),
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            name: tree.name.clone(),
            sites: tree.sites.clone(),
            len: tree.len(),
            side_traces: tree.traces.len() - 1,
            locals: tree.locals,
            params: tree.params.clone(),
            exits: tree.exits.len(),
            counts_rounds: tree.counts_rounds,
            runs_loops: tree.runs_loops,
        }
    }

    /// The tree. Takes time linear in its size.
    pub(crate) fn unpack(&self) -> TraceTree {
        self.tree.unpack()
    }

    /// The tree, if possible as it was [kept](Recorded::keep).
    pub(in crate::jit) fn take(&self) -> TraceTree {
        // SAFETY: the GIL is held.
        match unsafe { state() }.unpacked.take() {
            Some((id, tree)) if id == self.id => tree,
            _ => self.unpack(),
        }
    }

    /// Keeps the tree that was packed, in place of any other: the one that has just grown is the most likely to grow again.
    pub(in crate::jit) fn keep(&self, tree: TraceTree) {
        // SAFETY: the GIL is held.
        unsafe { state() }.unpacked = Some((self.id, tree));
    }

    /// Whether it is short enough to be compiled whole.
    pub(in crate::jit) fn fits(&self) -> bool {
        fits(self.len)
    }

    /// Bytes on the heap.
    pub(in crate::jit) fn bytes(&self) -> usize {
        self.tree.size() + self.name.len() + size_of_val(&*self.sites) + size_of_val(&*self.params)
    }
}
