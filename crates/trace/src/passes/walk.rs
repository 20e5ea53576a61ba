//! The walk that forward passes share: the tree of traces in dominance order.
//!
//! The entry comes first, then the root. Where an instruction has a side trace at its exit, the
//! side trace is walked before the rest of the body, in a scope of its own: what is learned there
//! holds there only, and what the instruction's success tells is learned afterwards.
//!
//! Replaced values are substituted in operands as the walk reaches them, and everywhere else at
//! the end. Linear in the size of the tree, besides the visitor's own work.

use crate::ids::{ExitId, InsRef, TraceId};
use crate::tree::{End, TraceTree};

/// What becomes of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// It stays; the visitor may have changed it in place.
    Keep,
    /// It goes; uses of its value use this one.
    Replace(InsRef),
    /// It goes; it had no value.
    Remove,
    /// It always exits: the trace ends here. In the entry the same as `Keep`.
    Leave,
}

/// A forward pass. All methods see operands that are already substituted.
pub(crate) trait Visitor {
    /// Decides what becomes of an instruction.
    fn visit(&mut self, tree: &mut TraceTree, at: InsRef) -> Action;

    /// Learns from a kept instruction having been executed without exiting.
    fn passed(&mut self, tree: &TraceTree, at: InsRef);

    /// Comes to the header, which all rounds pass: what the entry has loaded may have been written since.
    fn enter_loop(&mut self, _tree: &TraceTree) {}

    /// Opens a scope: a side trace at the exit of this instruction, or at the end of a trace.
    fn enter_side(&mut self, tree: &TraceTree, from: Option<InsRef>);

    /// Closes the innermost scope.
    fn leave_side(&mut self);
}

/// Walks the whole tree.
pub(crate) fn walk(tree: &mut TraceTree, visitor: &mut dyn Visitor) {
    let mut walk = Walk {
        map: (0..tree.ins.len()).map(InsRef::new).collect(),
        tree,
        visitor,
    };
    let entry = std::mem::take(&mut walk.tree.entry);
    let (kept, _) = walk.list(entry, true);
    walk.tree.entry = kept;
    walk.visitor.enter_loop(walk.tree);
    walk.trace(TraceId::ROOT);
    let map = walk.map;
    tree.for_each_use(|value| *value = resolve(&map, *value));
}

struct Walk<'a> {
    tree: &'a mut TraceTree,
    visitor: &'a mut dyn Visitor,
    map: Vec<InsRef>,
}

fn resolve(map: &[InsRef], value: InsRef) -> InsRef {
    // Targets are resolved when they are entered, so one step is enough; values that the visitor
    // added stand for themselves.
    map.get(value.index()).copied().unwrap_or(value)
}

impl Walk<'_> {
    fn trace(&mut self, id: TraceId) {
        let body = std::mem::take(&mut self.tree.traces[id.index()].body);
        let (body, left) = self.list(body, false);
        let trace = &mut self.tree.traces[id.index()];
        trace.body = body;
        if let Some(exit) = left {
            trace.end = End::Exit(exit);
        }
        if let End::Exit(exit) = trace.end {
            self.side(exit, None);
        }
    }

    /// The instructions that stay, and the exit if the list always leaves at its end.
    fn list(&mut self, list: Vec<InsRef>, entry: bool) -> (Vec<InsRef>, Option<ExitId>) {
        let mut kept = Vec::with_capacity(list.len());
        for at in list {
            let Walk { tree, map, .. } = self;
            for arg in tree.ins[at.index()].args.as_mut_slice() {
                *arg = resolve(map, *arg);
            }
            match self.visitor.visit(self.tree, at) {
                Action::Remove => continue,
                Action::Replace(by) => {
                    self.map[at.index()] = resolve(&self.map, by);
                    continue;
                }
                Action::Leave if !entry => return (kept, self.tree.at(at).exit),
                Action::Leave | Action::Keep => kept.push(at),
            }
            if let Some(exit) = self.tree.at(at).exit {
                self.side(exit, Some(at));
            }
            self.visitor.passed(self.tree, at);
        }
        (kept, None)
    }

    fn side(&mut self, exit: ExitId, from: Option<InsRef>) {
        if let Some(side) = self.tree.side_at(exit) {
            self.visitor.enter_side(self.tree, from);
            self.trace(side);
            self.visitor.leave_side();
        }
    }
}

/// Removes side traces whose exit is gone, and then exits that nothing uses.
pub(crate) fn sweep(tree: &mut TraceTree) {
    let mut reachable = vec![false; tree.traces.len()];
    let mut todo = vec![TraceId::ROOT];
    while let Some(id) = todo.pop() {
        if std::mem::replace(&mut reachable[id.index()], true) {
            continue;
        }
        let trace = &tree.traces[id.index()];
        let exits = trace.body.iter().filter_map(|value| tree.at(*value).exit);
        let last = match trace.end {
            End::Exit(exit) => Some(exit),
            End::Jump(_) => None,
        };
        todo.extend(exits.chain(last).filter_map(|exit| tree.side_at(exit)));
    }
    let mut flags = reachable.iter();
    tree.traces
        .retain(|_| *flags.next().expect("one flag per trace"));
    tree.drop_unused_exits();
}
