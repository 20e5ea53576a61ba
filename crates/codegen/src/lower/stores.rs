//! What exits store, shared between them.
//!
//! A tree has hundreds of exits, and neighbours differ by a value or two. Storing everything in a block per
//! exit makes most of the tree's machine code, and costs the register allocator even more: each value would
//! have a separate live range per exit.
//!
//! So the values of exits, in the order of their definition, are put into a prefix tree. Its
//! edges are the stores, each into the word that its depth says; the newest value is stored first, and the
//! root returns. A value that stands on the way of several exits is defined before all of them,
//! because it is in their snapshots. Only nodes at which ways meet become blocks.

use cranelift_codegen::ir::Block;
use cranelift_frontend::FunctionBuilder;
use pyrt_trace::InsRef;
use pyrt_trace::handover::FIRST_VALUE;
use rustc_hash::FxBuildHasher;
use std::collections::HashMap;

/// The prefix tree. Node 0 is its root.
pub(super) struct Stores {
    nodes: Vec<Node>,
    children: HashMap<(usize, InsRef), usize, FxBuildHasher>,
}

struct Node {
    /// The value that is stored on the way to the parent, and the parent; none at the root.
    edge: Option<(InsRef, usize)>,
    depth: usize,
    /// How many exits and nodes lead here.
    arrivals: usize,
    /// Where ways meet.
    join: Option<Block>,
}

impl Node {
    const fn new(edge: Option<(InsRef, usize)>, depth: usize) -> Node {
        Node {
            edge,
            depth,
            arrivals: 0,
            join: None,
        }
    }
}

impl Stores {
    pub(super) fn new() -> Stores {
        Stores {
            nodes: vec![Node::new(None, 0)],
            children: HashMap::default(),
        }
    }

    /// Adds the way of a snapshot's values, and gives the node at which it begins.
    pub(super) fn path(&mut self, values: &[InsRef]) -> usize {
        let mut at = 0;
        for &value in values {
            let Stores { nodes, children } = self;
            at = *children.entry((at, value)).or_insert_with(|| {
                nodes[at].arrivals += 1;
                nodes.push(Node::new(Some((value, at)), nodes[at].depth + 1));
                nodes.len() - 1
            });
        }
        at
    }

    /// How many values an exit stores at most.
    pub(super) fn deepest(&self) -> usize {
        let depths = self.nodes.iter().map(|node| node.depth);
        depths.max().unwrap_or(0)
    }

    /// Says that an exit begins at a node.
    pub(super) fn arrive(&mut self, node: usize) {
        self.nodes[node].arrivals += 1;
    }

    /// Makes the blocks where ways meet, when all are known.
    pub(super) fn make_blocks(&mut self, b: &mut FunctionBuilder<'_>) {
        for node in &mut self.nodes {
            if node.edge.is_none() || node.arrivals > 1 {
                let block = b.create_block();
                b.set_cold_block(block);
                node.join = Some(block);
            }
        }
    }

    /// The block at a node where ways meet.
    pub(super) fn join(&self, node: usize) -> Option<Block> {
        self.nodes[node].join
    }

    /// Blocks at which ways meet, with their nodes.
    pub(super) fn joins(&self) -> impl Iterator<Item = (Block, usize)> {
        let nodes = self.nodes.iter().enumerate();
        nodes.filter_map(|(at, node)| Some((node.join?, at)))
    }

    /// The way on from a node: the value to store, its word in the buffer, and the next node.
    pub(super) fn edge(&self, node: usize) -> Option<(InsRef, usize, usize)> {
        let node = &self.nodes[node];
        let (value, parent) = node.edge?;
        Some((value, FIRST_VALUE + node.depth - 1, parent))
    }
}
