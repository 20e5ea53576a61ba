//! What is counted of exits: when one gets a side trace, and what people are told of it.

use std::collections::BTreeMap;

use core::ffi::CStr;

use pyrt_cpython::inline::stack_base;
use pyrt_cpython::object::PyObject;
use pyrt_spec::ExitReason;
use pyrt_spec::opcodes::{self, OPCODES};
use pyrt_trace::ExitId;

use super::{Recorded, Tree};
use crate::config::options;
use crate::events::{self, Event};
use crate::interp::Regs;
use crate::jit::deopt::ExitPlan;
use crate::jit::{VALUES, codes, driver};
use crate::json;
use crate::stats;

/// Count of an exit that gets no side trace.
const GIVEN_UP: u32 = u32::MAX;

/// For how many exits side traces are recorded, if they are taken alike, before the tree is compiled anew.
const EXITS_PER_COMPILATION: u32 = 3;

/// How many bridges are compiled in the time that the tree took, until it is known.
const BRIDGES_PER_COMPILATION: u64 = 16;
/// How much less a nanosecond of the compiler's thread counts.
const BACKGROUND_DISCOUNT: u64 = 4;

/// How often an exit is looked at each time while the program is observed, and how often from then on: it costs more
/// than the exit itself, and is not to distort the program's times.
const ALL_LOOKS: u32 = 64;

const BETWEEN_LOOKS: u32 = 64;

/// How many combinations of types are noted for an exit.
const MOST_TYPES: usize = 16;

/// Combinations of types, and how often each was met.
pub(in crate::jit) type Types = BTreeMap<String, u64>;

/// How often an exit was taken.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ExitHeat {
    /// Since it began to be counted anew.
    taken: u32,
    /// In all.
    pub(super) total: u32,
    aborts: u32,
    /// A side trace there ends where the loop does.
    ends_with_loop: bool,
}

/// What a tree did since it was last asked whether it is worth entering.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Review {
    /// How often it did all that its function does.
    returns: u32,
    /// How often it was left otherwise, and the interpreter went on.
    exits: u32,
    /// Instructions of the program that were executed then, as far as exits can tell.
    work: u64,
}

impl Review {
    /// Whether the tree has returned by itself half as often as it was left otherwise.
    fn often_returned(&self) -> bool {
        self.returns >= self.exits / 2
    }
}

impl Tree {
    /// Counts an exit, which has been taken to where `r` is; whether that was often enough for something to be done about
    /// it.
    ///
    /// # Safety
    /// The registers are those of the frame that the exit has left.
    #[inline(always)]
    pub(in crate::jit) unsafe fn note_exit(&self, plan: &ExitPlan, r: Regs) -> bool {
        let ExitHeat { taken, total, .. } = self.count_exit(plan.recorded);
        let look = match events::are_observed() {
            true => total < ALL_LOOKS || total.is_multiple_of(BETWEEN_LOOKS),
            false => stats::are_wanted() || events::are_wanted(Event::Deopt),
        };
        if look {
            // SAFETY: by the caller's promise.
            unsafe { self.look_at_exit(plan, r) }
        }
        taken >= self.record_limit()
    }

    /// Counts an exit, and says how often it was taken then.
    #[inline(always)]
    fn count_exit(&self, exit: ExitId) -> ExitHeat {
        let mut exits = self.exits.borrow_mut();
        let Some(heat) = exits.get_mut(exit.index()) else {
            return ExitHeat::default();
        };
        heat.total = heat.total.saturating_add(1);
        heat.taken = heat.taken.saturating_add(1);
        *heat
    }

    /// Notes an exit for people.
    #[cold]
    unsafe fn look_at_exit(&self, plan: &ExitPlan, r: Regs) {
        // SAFETY: the GIL is held, and `r` as the caller promises.
        let line = self.latest(|recorded| unsafe { codes::line(&recorded.sites, plan.site) });
        // An exception leaves in the middle of an instruction, without its operands.
        let types = match plan.reason {
            ExitReason::Raise => String::new(),
            // SAFETY: `r` is at an instruction.
            _ => unsafe { operand_types(r) },
        };
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
    pub(in crate::jit) fn exit_counts(&self, exit: ExitId) -> (u32, bool) {
        let heat = self.heat(exit);
        (heat.total, heat.taken == GIVEN_UP)
    }

    /// The types of the operands when the exit was taken.
    pub(in crate::jit) fn types_at(&self, exit: ExitId) -> Types {
        self.types.borrow().get(&exit).cloned().unwrap_or_default()
    }

    /// Counts that the tree did all that its function does.
    #[inline(always)]
    pub(in crate::jit) fn count_return(&self) {
        let review = self.review.get();
        let returns = review.returns.wrapping_add(1);
        self.review.set(Review { returns, ..review });
        if self.on_trial.get() {
            // SAFETY: it has just left, by an exit that leaves nothing to do.
            let rounds = unsafe { self.rounds(VALUES.pointer()) };
            self.returned_rounds
                .set(self.returned_rounds.get() + rounds);
        }
    }

    /// Counts what was done before the tree was left, by way of the interpreter. After so many times, and when exits have
    /// had their chance of a side trace, tells whether that was less than this much on average; not if the tree
    /// often returned by itself.
    pub(in crate::jit) fn is_idle(&self, work: u16, every: u32, least: u16) -> bool {
        let mut review = self.review.get();
        review.exits += 1;
        review.work += u64::from(work);
        let due = review.exits >= every.max(self.exit_limit.saturating_mul(2));
        let idle = review.work < u64::from(review.exits) * u64::from(least);
        let pays = review.often_returned();
        self.review
            .set(if due { Review::default() } else { review });
        due && idle && !pays
    }

    /// Whether it has done all that its function does half as often as it was left otherwise, as far as is known.
    pub(super) fn often_returns(&self) -> bool {
        let review = self.review.get();
        review.returns > 0 && review.often_returned()
    }

    /// How often an exit is taken before a side trace is recorded there.
    pub(super) fn record_limit(&self) -> u32 {
        self.record_limit.get()
    }

    /// The tree has grown: what that means for the side traces to come.
    pub(super) fn update_record_limit(&self) {
        let limit = match self.latest(Recorded::fits) {
            true => self.exit_limit / EXITS_PER_COMPILATION,
            false => exit_limit(
                self.bridges
                    .mean_compile_ns()
                    .unwrap_or(self.compile_ns / BRIDGES_PER_COMPILATION),
            ),
        };
        self.record_limit.set(limit.max(options().exit_threshold));
    }

    /// Whether an exit gets no side trace any more.
    pub(in crate::jit) fn has_given_up(&self, exit: ExitId) -> bool {
        self.heat(exit).taken == GIVEN_UP
    }

    /// Begins to count an exit anew.
    pub(in crate::jit) fn cool_exit(&self, exit: ExitId) {
        self.update_exit(exit, |heat| heat.taken = 0);
    }

    /// The tree will soon do more than it does now, so it is not judged yet.
    pub(in crate::jit) fn put_off_review(&self) {
        self.review.set(Review::default());
    }

    /// Nothing can be done about an exit now, but perhaps soon.
    pub(in crate::jit) fn postpone_exit(&self, exit: ExitId) {
        let soon = self.record_limit() - self.record_limit() / 8;
        self.update_exit(exit, |heat| heat.taken = soon);
    }

    /// An exit gets no side trace any more.
    pub(in crate::jit) fn give_up_exit(&self, exit: ExitId) {
        self.update_exit(exit, |heat| heat.taken = GIVEN_UP);
    }

    /// A side trace at the exit was aborted, which makes this many.
    pub(in crate::jit) fn abort_exit(&self, exit: ExitId) -> u32 {
        self.update_exit(exit, |heat| heat.aborts += 1);
        self.heat(exit).aborts
    }

    /// A side trace at the exit would need more than the loop's entry has: the next one ends where the loop does.
    pub(in crate::jit) fn end_with_loop(&self, exit: ExitId) {
        self.update_exit(exit, |heat| heat.ends_with_loop = true);
    }

    /// Whether a side trace at the exit ends where the loop does.
    pub(in crate::jit) fn ends_with_loop(&self, exit: ExitId) -> bool {
        self.heat(exit).ends_with_loop
    }

    fn heat(&self, exit: ExitId) -> ExitHeat {
        let exits = self.exits.borrow();
        exits.get(exit.index()).copied().unwrap_or_default()
    }

    fn update_exit(&self, exit: ExitId, change: impl FnOnce(&mut ExitHeat)) {
        if let Some(heat) = self.exits.borrow_mut().get_mut(exit.index()) {
            change(heat);
        }
    }
}

/// How often exits of a tree are taken before they get side traces: until leaving there has cost as much as
/// compiling the tree did.
pub(super) fn exit_limit(compile_ns: u64) -> u32 {
    let pays = match u64::from(options().exit_cost) {
        0 => 0,
        // A thread's time is cheaper, but not free.
        cost if driver::compiles_in_background() => compile_ns / (cost * BACKGROUND_DISCOUNT),
        cost => compile_ns / cost,
    };
    let pays = u32::try_from(pays).unwrap_or(u32::MAX);
    options().exit_threshold.max(pays).min(GIVEN_UP - 1)
}

/// The types of what the instruction works on at which `r` is.
unsafe fn operand_types(r: Regs) -> String {
    // SAFETY: live objects on the frame's stack, or in its locals.
    unsafe {
        let unit = *r.ip;
        let base = OPCODES[usize::from(unit as u8)].map_or(0, |info| info.base);
        let depth = r.sp.offset_from(stack_base(r.frame)).max(0) as usize;
        let local = || {
            // A prefix may be missing.
            let slot = usize::from(unit >> 8);
            let is_local = slot < (*r.code()).co_nlocalsplus as usize;
            is_local.then(|| *r.local(slot)).into_iter().collect()
        };
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
