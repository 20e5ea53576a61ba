//! A compiled tree, and what is counted while it runs.

use std::cell::{Cell, OnceCell};

use pyrt_codegen::CompiledTree;
use pyrt_trace::{ExitId, SiteId, SnapshotId, TraceTree};

use super::deopt::ExitPlan;
use super::{codes, state};
use crate::profile::Registered;
use crate::stats;

/// Count of an exit that gets no side trace.
const GIVEN_UP: u32 = u32::MAX;

/// How often an exit was taken.
#[derive(Debug, Clone, Copy, Default)]
struct ExitHeat {
    taken: u32,
    aborts: u32,
}

/// A compiled loop or function. Whoever runs it shares it, because what it calls may replace it.
pub(crate) struct Tree {
    /// As recorded: side traces are added to this, and it is optimised anew.
    pub(crate) recorded: TraceTree,
    pub(crate) code: CompiledTree,
    /// By exit id of the optimised tree.
    plans: Vec<Option<ExitPlan>>,
    /// By exit id of the recorded tree.
    exits: Vec<Cell<ExitHeat>>,
    pub(super) entries: Cell<u32>,
    /// How many of them there were when the tree was last judged, if it ever was.
    judged_at: Cell<Option<u32>>,
    pub(super) entry_failures: Cell<u32>,
    /// Instructions of the program that were executed, as far as exits can tell.
    pub(super) work: Cell<u64>,
    /// Samples left to take, and what they measured so far.
    pub(super) samples: Cell<u32>,
    pub(super) sampled_ns: Cell<u64>,
    /// How long it took to compile.
    pub(super) compile_ns: u64,
    /// Bytes of code and metadata.
    bytes: usize,
    /// What gdb knows of it.
    pub(crate) registered: OnceCell<Registered>,
}

impl Tree {
    /// A tree that has just been compiled.
    pub(super) fn new(
        recorded: TraceTree,
        code: CompiledTree,
        plans: Vec<Option<ExitPlan>>,
        bytes: usize,
    ) -> Tree {
        // SAFETY: the GIL is held while trees are installed.
        let jit = unsafe { state() };
        jit.bytes += bytes;
        stats::count(|counters| {
            counters.code_bytes += bytes as u64;
            counters.code_bytes_peak = counters.code_bytes_peak.max(counters.code_bytes);
        });
        let exits = vec![Cell::new(ExitHeat::default()); recorded.exits.len()];
        Tree {
            recorded,
            code,
            plans,
            exits,
            entries: Cell::new(0),
            judged_at: Cell::new(None),
            entry_failures: Cell::new(0),
            work: Cell::new(0),
            samples: Cell::new(0),
            sampled_ns: Cell::new(0),
            compile_ns: 0,
            bytes,
            registered: OnceCell::new(),
        }
    }

    /// Bytes of code and metadata.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How often the tree was entered since this was last asked; `None` the first time.
    pub(super) fn entries_since_look(&self) -> Option<u32> {
        let entries = self.entries.get();
        let before = self.judged_at.replace(Some(entries));
        before.map(|before| entries - before)
    }

    /// How to leave by an exit of the optimised tree.
    pub(super) fn plan(&self, exit: ExitId) -> &ExitPlan {
        self.plans[exit.index()]
            .as_ref()
            .expect("only exits in use are taken")
    }

    /// Takes over what another tree has counted of exits that this one has, too.
    pub(super) fn inherit(&self, old: &Tree) {
        for (mine, theirs) in self.exits.iter().zip(&old.exits) {
            mine.set(theirs.get());
        }
        // Replacing a tree makes it no younger.
        self.judged_at.set(old.judged_at.get().map(|_| 0));
    }

    /// Whether an exit of the entry belongs to a guard that was moved there from the loop.
    pub(super) fn is_hoisted(&self, exit: ExitId) -> bool {
        let exit = self.recorded.exits.get(exit.index()).copied().flatten();
        exit.is_some_and(|exit| exit.snapshot != SnapshotId::ENTRY)
    }

    /// Counts an exit by its place, for statistics.
    pub(super) fn note_exit(&self, plan: &ExitPlan) {
        if !stats::are_wanted() {
            return;
        }
        let exit = self
            .recorded
            .exits
            .get(plan.recorded.index())
            .copied()
            .flatten();
        let site = exit.map_or(SiteId::HEADER, |exit| exit.site);
        // SAFETY: the GIL is held while trees are run.
        let place = unsafe { codes::place(&self.recorded, site) };
        let entry = if plan.in_entry { " at entry" } else { "" };
        stats::count_place(format!("exit: {}{entry}", plan.reason), place, 1);
    }

    /// Counts that an exit was taken; the count, or `None` if it gets no side trace.
    pub(super) fn take_exit(&self, exit: ExitId) -> Option<u32> {
        let cell = self.exits.get(exit.index())?;
        let mut heat = cell.get();
        if heat.taken == GIVEN_UP {
            return None;
        }
        heat.taken += 1;
        cell.set(heat);
        Some(heat.taken)
    }

    /// Begins to count an exit anew.
    pub(super) fn cool_exit(&self, exit: ExitId) {
        self.update_exit(exit, |heat| heat.taken = 0);
    }

    /// An exit gets no side trace any more.
    pub(super) fn give_up_exit(&self, exit: ExitId) {
        self.update_exit(exit, |heat| heat.taken = GIVEN_UP);
    }

    /// A side trace at the exit was aborted, which makes this many.
    pub(super) fn abort_exit(&self, exit: ExitId) -> u32 {
        self.update_exit(exit, |heat| heat.aborts += 1);
        let heat = self.exits.get(exit.index()).map(Cell::get);
        heat.map_or(0, |heat| heat.aborts)
    }

    fn update_exit(&self, exit: ExitId, change: impl FnOnce(&mut ExitHeat)) {
        if let Some(cell) = self.exits.get(exit.index()) {
            let mut heat = cell.get();
            change(&mut heat);
            cell.set(heat);
        }
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // SAFETY: trees die with the GIL held.
        unsafe { state() }.bytes -= self.bytes;
        stats::count(|counters| {
            counters.trees_freed += 1;
            counters.code_bytes -= self.bytes as u64;
        });
    }
}
