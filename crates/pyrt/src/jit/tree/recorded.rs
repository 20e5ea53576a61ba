//! What was recorded of a tree.

use pyrt_trace::{Packed, PackedTree, Param, Site, TraceTree};

use super::growth::fits;

/// What was recorded of a tree, packed, and what is often asked of it.
pub(crate) struct Recorded {
    tree: PackedTree,
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

impl Recorded {
    /// Packs a tree.
    pub(in crate::jit) fn new(tree: &TraceTree) -> Recorded {
        Recorded {
            tree: Packed::new(tree),
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

    /// The tree.
    pub(crate) fn unpack(&self) -> TraceTree {
        self.tree.unpack()
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
