//! Side traces that have been recorded: when the tree is compiled anew with them, and when they are compiled alone.

use pyrt_cpython::layout;
use pyrt_trace::{Bridge, ExitId, TraceTree, bridge};

use super::exits::ExitHeat;
use super::{Recorded, Tree, count_bytes};
use crate::config::options;
use crate::jit::bridges::CompiledBridge;
use crate::jit::compile::Job;
use crate::stats;

/// How many times as long a tree may be that is compiled anew with the side traces that had become bridges.
const MOST_MERGED: usize = 4;

/// A tree with side traces that have been recorded, and are not worth compiling yet: each of them has the whole tree
/// compiled anew, so they wait for others. If that has become too long, they are compiled alone.
pub(super) struct Growth {
    recorded: Recorded,
    /// It is being compiled.
    taken: bool,
    /// The exits at which they begin, with how often these had been taken.
    waiting: Vec<(ExitId, u32)>,
}

impl Tree {
    /// The tree with all that has been recorded of it.
    pub(crate) fn latest<T>(&self, ask: impl FnOnce(&Recorded) -> T) -> T {
        match &*self.growth.borrow() {
            Some(growth) => ask(&growth.recorded),
            None => ask(&self.recorded),
        }
    }

    /// Keeps the tree with another side trace, at this exit; gives it back if it cannot wait: it is not the latest one
    /// with one trace more, or its loop header carries other values, which all exits then have to know.
    pub(in crate::jit) fn grow(&self, tree: TraceTree, exit: ExitId) -> Option<TraceTree> {
        let follows = |latest: &Recorded| {
            latest.side_traces + 2 == tree.traces.len() && latest.params.len() == tree.params.len()
        };
        if !self.latest(follows) {
            return Some(tree);
        }
        let recorded = Recorded::new(&tree);
        let mut exits = self.exits.borrow_mut();
        exits.resize(recorded.exits, ExitHeat::default());
        let start = exits.get(exit.index()).map_or(0, |heat| heat.total);
        let mut growth = self.growth.borrow_mut();
        let (mut waiting, taken) = growth
            .take()
            .map_or_else(Default::default, |before| (before.waiting, before.taken));
        waiting.push((exit, start));
        recorded.keep(tree);
        *growth = Some(Growth {
            recorded,
            taken,
            waiting,
        });
        drop(growth);
        self.update_record_limit();
        None
    }

    /// What is to be compiled, of a side trace that waits at an exit: the tree with all that wait, or that one alone. `None` if
    /// it goes on waiting.
    pub(in crate::jit) fn due(&self, exit: ExitId) -> Option<Job> {
        if let Some(tree) = self.take_ripe() {
            return Some(Job::Tree(Box::new(tree)));
        }
        let (bridge, first) = self.cut(exit)?;
        Some(Job::Bridge(Box::new(bridge), first))
    }

    /// The side trace at an exit by itself, and the number of its first exit: to be compiled in place of a tree that has become
    /// too long. `None` if it has been, or cannot be.
    fn cut(&self, exit: ExitId) -> Option<(Bridge, u32)> {
        if self.latest(Recorded::fits) {
            return None;
        }
        let number = ExitId(self.bridges.number(exit)?);
        let plan = self.plan(number);
        if plan.reason.is_where_memory_says() || self.bridges.begins_at(number) {
            return None;
        }
        let tree = self.latest(Recorded::take);
        let slots = layout::PyInterpreterFrame::localsplus as i32;
        let bridge = bridge::cut(&tree, exit, slots, |at| plan.source(at));
        self.latest(|recorded| recorded.keep(tree));
        if bridge.is_none() {
            // It never can be, and asking takes as long as the tree is.
            self.give_up_exit(exit);
        }
        Some((bridge?, self.bridges.end()))
    }

    /// Puts a bridge into service at an exit, if it was made for the bridges that there are.
    pub(in crate::jit) fn add_bridge(&self, exit: ExitId, bridge: CompiledBridge) {
        let bytes = bridge.bytes();
        if self.bridges.add(exit, bridge) {
            count_bytes(bytes);
            self.bytes.set(self.bytes.get() + bytes);
            self.update_record_limit();
            stats::count(|counters| counters.bridges_compiled += 1);
        }
    }

    /// Whether a side trace has been recorded at an exit, and waits.
    pub(in crate::jit) fn waits(&self, exit: ExitId) -> bool {
        let growth = self.growth.borrow();
        let mut waiting = growth.iter().flat_map(|growth| &growth.waiting);
        waiting.any(|(known, _)| *known == exit)
    }

    /// The tree with the side traces that wait, once leaving where they begin has cost as much as compiling it.
    fn take_ripe(&self) -> Option<TraceTree> {
        let mut growth = self.growth.borrow_mut();
        let taken = |growth: &Growth| {
            let since =
                |(exit, before): &(ExitId, u32)| u64::from(self.exit_counts(*exit).0 - before);
            let before = growth.waiting.len() as u64 * u64::from(self.record_limit());
            before + growth.waiting.iter().map(since).sum::<u64>()
        };
        let growth = growth.as_mut()?;
        if !growth.recorded.fits() || growth.taken || taken(growth) < u64::from(self.exit_limit) {
            return None;
        }
        growth.taken = true;
        Some(growth.recorded.take())
    }

    /// Counts that a bridge has led back to the loop header; whether it is time to ask if the tree is to be compiled with its
    /// bridges.
    #[inline(always)]
    pub(in crate::jit) fn note_way_back(&self) -> bool {
        let ways_back = self.ways_back.get().saturating_add(1);
        self.ways_back.set(ways_back);
        ways_back.is_multiple_of(self.exit_limit)
    }

    /// Whether leaving and entering it anew has cost as much as compiling the tree with its bridges as one will; then that
    /// comes before further bridges.
    pub(in crate::jit) fn merging_pays(&self) -> bool {
        let growth = self.growth.borrow();
        let pays = growth.as_ref().is_some_and(|growth| {
            let (len, compiled) = (growth.recorded.len, self.recorded.len.max(1));
            let limit = u64::from(self.exit_limit) * len as u64 / compiled as u64;
            !growth.taken && len <= most_merged() && u64::from(self.ways_back.get()) >= limit
        });
        self.merges_next.set(pays);
        pays
    }

    /// Whether it is to be compiled with its bridges, as soon as there is time for that.
    pub(in crate::jit) fn merges_next(&self) -> bool {
        self.merges_next.get()
    }

    /// The tree with its bridges, to be compiled as one.
    pub(in crate::jit) fn take_merged(&self) -> Option<TraceTree> {
        self.merges_next.set(false);
        let mut growth = self.growth.borrow_mut();
        let growth = growth.as_mut()?;
        growth.taken = true;
        Some(growth.recorded.take())
    }

    /// Whether side traces wait to be compiled with it.
    pub(in crate::jit) fn grows(&self) -> bool {
        let growth = self.growth.borrow();
        growth.as_ref().is_some_and(|growth| growth.recorded.fits())
    }
}

/// Whether a tree of so many instructions is short enough to be compiled whole.
pub(in crate::jit) fn fits(len: usize) -> bool {
    len <= options().tree_length as usize
}

/// How many instructions a tree may have at most that is compiled with its bridges.
fn most_merged() -> usize {
    MOST_MERGED * options().tree_length as usize
}
