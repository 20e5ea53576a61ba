//! A compiled tree, and what is counted while it runs.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;

use core::ffi::CStr;

use pyrt_codegen::CompiledTree;
use pyrt_cpython::inline::stack_base;
use pyrt_cpython::object::PyObject;
use pyrt_spec::opcodes::{self, OPCODES};
use pyrt_trace::{ExitId, SiteId, SnapshotId, TraceTree};

use super::deopt::ExitPlan;
use super::{codes, state};
use crate::events::{self, Event};
use crate::interp::Regs;
use crate::json;
use crate::profile::{self, Registered};
use crate::stats;

/// Count of an exit that gets no side trace.
const GIVEN_UP: u32 = u32::MAX;

/// How often an exit is looked at each time while the program is observed, and how often from then on: it costs more
/// than the exit itself, and is not to distort the program's times.
const ALL_LOOKS: u32 = 64;
const BETWEEN_LOOKS: u32 = 64;

/// How many combinations of types are noted for an exit.
const MOST_TYPES: usize = 16;

/// Combinations of types, and how often each was met.
pub(super) type Types = BTreeMap<String, u64>;

/// How often an exit was taken.
#[derive(Debug, Clone, Copy, Default)]
struct ExitHeat {
    /// Since it began to be counted anew.
    taken: u32,
    /// In all.
    total: u32,
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
    /// The types of the operands at exits, by exit, while somebody looks.
    types: RefCell<BTreeMap<ExitId, Types>>,
    /// Its row in the live view, or 0.
    pub(crate) row: Cell<u32>,
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
            types: RefCell::default(),
            row: Cell::new(0),
            registered: OnceCell::new(),
        }
    }

    /// Bytes of code and metadata.
    pub(crate) fn bytes(&self) -> usize {
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
        self.types.replace(old.types.take());
        // Replacing a tree makes it no younger.
        self.judged_at.set(old.judged_at.get().map(|_| 0));
    }

    /// Whether an exit of the entry belongs to a guard that was moved there from the loop.
    pub(super) fn is_hoisted(&self, exit: ExitId) -> bool {
        let exit = self.recorded.exits.get(exit.index()).copied().flatten();
        exit.is_some_and(|exit| exit.snapshot != SnapshotId::ENTRY)
    }

    /// Counts an exit, which has been taken to where `r` is.
    ///
    /// # Safety
    /// The registers are those of the frame that the exit has left.
    pub(super) unsafe fn note_exit(&self, plan: &ExitPlan, r: Regs) {
        self.update_exit(plan.recorded, |heat| {
            heat.total = heat.total.saturating_add(1);
        });
        let total = self.exit_counts(plan.recorded).0;
        let look = match events::are_observed() {
            true => total < ALL_LOOKS || total.is_multiple_of(BETWEEN_LOOKS),
            false => stats::are_wanted() || events::are_wanted(Event::Deopt),
        };
        if look {
            // SAFETY: by the caller's promise.
            unsafe { self.look_at_exit(plan, r) }
        }
    }

    /// Notes an exit for people.
    #[cold]
    unsafe fn look_at_exit(&self, plan: &ExitPlan, r: Regs) {
        let exit = self.recorded.exits.get(plan.recorded.index());
        let site = exit
            .copied()
            .flatten()
            .map_or(SiteId::HEADER, |exit| exit.site);
        // SAFETY: the GIL is held, and `r` as the caller promises.
        let (line, types) = unsafe { (codes::line(&self.recorded, site), operand_types(r)) };
        let place = line.map_or_else(|| self.recorded.name.clone(), |line| line.place());
        if !plan.reason.is_planned() {
            let mut all = self.types.borrow_mut();
            let known = all.entry(plan.recorded).or_default();
            if known.len() < MOST_TYPES || known.contains_key(&types) {
                *known.entry(types.clone()).or_default() += 1;
            }
            events::note(Event::Deopt, || {
                vec![
                    ("name", json::string(&self.recorded.name)),
                    ("place", json::string(&place)),
                    ("reason", json::string(plan.reason.name())),
                    ("types", json::string(&types)),
                ]
            });
        }
        let entry = if plan.in_entry { " at entry" } else { "" };
        stats::count_place(format!("exit: {}{entry}", plan.reason), place, 1);
    }

    /// How often an exit was taken in all, and whether it gets no side trace any more.
    pub(super) fn exit_counts(&self, exit: ExitId) -> (u32, bool) {
        let heat = self.exits.get(exit.index()).map(Cell::get);
        let heat = heat.unwrap_or_default();
        (heat.total, heat.taken == GIVEN_UP)
    }

    /// The types of the operands when the exit was taken.
    pub(super) fn types_at(&self, exit: ExitId) -> Types {
        self.types.borrow().get(&exit).cloned().unwrap_or_default()
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

/// The types of what the instruction works on at which `r` is.
unsafe fn operand_types(r: Regs) -> String {
    // SAFETY: live objects on the frame's stack, or in its locals.
    unsafe {
        let unit = *r.ip;
        let base = OPCODES[usize::from(unit as u8)].map_or(0, |info| info.base);
        let depth = r.sp.offset_from(stack_base(r.frame)).max(0) as usize;
        let local = || vec![*r.local(usize::from(unit >> 8))];
        let top = |n: usize| (1..=n.min(depth)).rev().map(|at| r.peek(at)).collect();
        let operands: Vec<*mut PyObject> = match base {
            opcodes::LOAD_FAST => local(),
            opcodes::BINARY_OP | opcodes::COMPARE_OP | opcodes::BINARY_SUBSCR => top(2),
            opcodes::STORE_SUBSCR => top(3),
            // Something that the loop carries has another type.
            opcodes::JUMP_BACKWARD | opcodes::FOR_ITER | opcodes::RESUME => Vec::new(),
            _ => top(1),
        };
        let name = |object: *mut PyObject| {
            if object.is_null() {
                return "unbound".to_owned();
            }
            let name = CStr::from_ptr((*(*object).ob_type).tp_name).to_string_lossy();
            name.rsplit('.').next().unwrap_or_default().to_owned()
        };
        let names: Vec<_> = operands.into_iter().map(name).collect();
        names.join(", ")
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        profile::freed(self);
        // SAFETY: trees die with the GIL held.
        unsafe { state() }.bytes -= self.bytes;
        stats::count(|counters| {
            counters.trees_freed += 1;
            counters.code_bytes -= self.bytes as u64;
        });
    }
}
