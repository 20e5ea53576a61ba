//! A compiled tree, and what is counted while it runs.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

use core::ffi::CStr;
use core::ptr::null_mut;

use pyrt_codegen::{TreeFn, exit_of, rounds_of};
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::stack_base;
use pyrt_cpython::layout;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::{PyInterpreterState, PyThreadState};
use pyrt_spec::ExitReason;
use pyrt_spec::opcodes::{self, OPCODES};
use pyrt_trace::{Bridge, ExitId, Packed, PackedTree, Param, Site, TraceTree, bridge};

use super::bridges::{Bridges, CompiledBridge};
use super::compile::{Compiled, Job};
use super::deopt::ExitPlan;
use super::{VALUES, codes, driver, state};
use crate::config::options;
use crate::events::{self, Event};
use crate::interp::Regs;
use crate::json;
use crate::profile;
use crate::stats;

/// Count of an exit that gets no side trace.
const GIVEN_UP: u32 = u32::MAX;

/// For how many exits side traces are recorded, if they are taken alike, before the tree is compiled anew.
const EXITS_PER_COMPILATION: u32 = 3;
/// How much less a nanosecond of the compiler's thread counts.
const BACKGROUND_DISCOUNT: u64 = 4;
/// How often an exit is looked at each time while the program is observed, and how often from then on: it costs more
/// than the exit itself, and is not to distort the program's times.
const ALL_LOOKS: u32 = 64;
const BETWEEN_LOOKS: u32 = 64;

/// How many times as long a tree may be that is compiled anew with the side traces that had become bridges.
const MOST_MERGED: usize = 4;

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
    /// A side trace there ends where the loop does.
    ends_with_loop: bool,
}

/// What a tree did since it was last asked whether it is worth entering.
#[derive(Debug, Clone, Copy, Default)]
struct Review {
    /// How often it did all that its function does.
    returns: u32,
    /// How often it was left otherwise, and the interpreter went on.
    exits: u32,
    /// Instructions of the program that were executed then, as far as exits can tell.
    work: u64,
}

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
    pub(super) locals: u16,
    /// What the loop header carries.
    pub(super) params: Vec<Param>,
    /// How many exits were ever numbered.
    exits: usize,
    /// See [`TraceTree::counts_rounds`].
    pub(super) counts_rounds: bool,
    /// See [`TraceTree::runs_loops`].
    pub(super) runs_loops: bool,
}

impl Recorded {
    /// Packs a tree.
    pub(super) fn new(tree: &TraceTree) -> Recorded {
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
    pub(super) fn fits(&self) -> bool {
        fits(self.len)
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        self.tree.size() + self.name.len() + size_of_val(&*self.sites) + size_of_val(&*self.params)
    }
}

/// A tree with side traces that have been recorded, and are not worth compiling yet: each of them has the whole tree
/// compiled anew, so they wait for others. If that has become too long, they are compiled alone.
struct Growth {
    recorded: Recorded,
    /// It is being compiled.
    taken: bool,
    /// The exits at which they begin, with how often these had been taken.
    waiting: Vec<(ExitId, u32)>,
}

/// A compiled loop or function. Whoever runs it shares it, because what it calls may replace it.
pub(crate) struct Tree {
    /// As recorded: side traces are added to this, and it is optimised anew.
    pub(crate) recorded: Recorded,
    pub(crate) compiled: Compiled,
    /// Shared with the same tree in another form.
    bridges: Rc<Bridges>,
    /// By exit id of the tree with all that has been recorded of it.
    exits: RefCell<Vec<ExitHeat>>,
    pub(super) entries: Cell<u32>,
    /// How many of them there were when the tree was last judged, if it ever was.
    judged_at: Cell<Option<u32>>,
    pub(super) entry_failures: Cell<u32>,
    review: Cell<Review>,
    /// How often bridges have led back to the loop header, until it is entered anew there.
    ways_back: Cell<u32>,
    /// Samples left to take, and what they measured so far.
    pub(super) samples: Cell<u32>,
    pub(super) sampled_ns: Cell<u64>,
    /// How often it is left until it is looked at how quickly that went, and when it last was.
    pub(super) until_look: Cell<u32>,
    looked: Cell<Option<Instant>>,
    pub(super) on_trial: Cell<bool>,
    /// How often it has reached its loop header by the way, while it is on trial, when it did all that its function does.
    pub(super) returned_rounds: Cell<u32>,
    /// How often exits are taken before it pays to compile the tree with side traces there.
    pub(super) exit_limit: u32,
    growth: RefCell<Option<Growth>>,
    /// How long it took to compile.
    pub(crate) compile_ns: u64,
    /// How often an exit without a side trace is to be taken until samples are taken.
    unsampled: Cell<u32>,
    /// Bytes of code and metadata.
    bytes: Cell<usize>,
    /// The types of the operands at exits, by exit, while somebody looks.
    types: RefCell<BTreeMap<ExitId, Types>>,
    /// Its row in the live view, or 0.
    pub(crate) row: Cell<u32>,
}

impl Tree {
    /// A tree that has just been compiled.
    pub(super) fn new(
        recorded: Recorded,
        compiled: Compiled,
        bytes: usize,
        compile_ns: u64,
    ) -> Tree {
        count_bytes(bytes);
        Tree {
            bridges: Rc::new(Bridges::new(recorded.exits, compiled.plans.len())),
            exits: RefCell::new(vec![ExitHeat::default(); recorded.exits]),
            recorded,
            compiled,
            entries: Cell::new(0),
            judged_at: Cell::new(None),
            entry_failures: Cell::new(0),
            review: Cell::default(),
            ways_back: Cell::default(),
            samples: Cell::new(0),
            sampled_ns: Cell::new(0),
            until_look: Cell::new(0),
            looked: Cell::new(None),
            on_trial: Cell::new(false),
            returned_rounds: Cell::new(0),
            exit_limit: exit_limit(compile_ns),
            growth: RefCell::default(),
            compile_ns,
            unsampled: Cell::new(0),
            bytes: Cell::new(bytes),
            types: RefCell::default(),
            row: Cell::new(0),
        }
    }

    /// Bytes of code and metadata.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.get()
    }

    /// Its machine code, the tree's own first and then that of its bridges.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &Compiled> {
        let bridges = self.bridges.iter().map(|bridge| &bridge.compiled);
        std::iter::once(&self.compiled).chain(bridges)
    }

    /// The part of that which is freed with it: others may have the same bridges.
    pub(crate) fn own_codes(&self) -> impl Iterator<Item = &Compiled> {
        let count = match Rc::strong_count(&self.bridges) {
            1 => usize::MAX,
            _ => 1,
        };
        self.codes().take(count)
    }

    /// How often the tree was entered since this was last asked; `None` the first time.
    pub(super) fn entries_since_look(&self) -> Option<u32> {
        let entries = self.entries.get();
        let before = self.judged_at.replace(Some(entries));
        before.map(|before| entries.wrapping_sub(before))
    }

    /// Runs the code, also that of bridges to which it leads: what [`pyrt_codegen::TreeFn`] returns.
    ///
    /// # Safety
    /// The frame is at the place that the tree was compiled for.
    #[inline(always)]
    pub(super) unsafe fn run(
        &self,
        ts: *mut PyThreadState,
        frame: *mut PyInterpreterFrame,
    ) -> *mut PyObject {
        // SAFETY: by the caller's promise.
        let result = unsafe {
            match profile::is_watched() {
                false => self.run_code(ts, frame),
                true => self.run_watched(ts, frame),
            }
        };
        self.entries.set(self.entries.get().wrapping_add(1));
        result
    }

    #[cold]
    unsafe fn run_watched(
        &self,
        ts: *mut PyThreadState,
        frame: *mut PyInterpreterFrame,
    ) -> *mut PyObject {
        // SAFETY: as for `run`.
        unsafe { profile::watched(ts, self, || self.run_code(ts, frame)) }
    }

    #[inline(always)]
    unsafe fn run_code(
        &self,
        ts: *mut PyThreadState,
        frame: *mut PyInterpreterFrame,
    ) -> *mut PyObject {
        // SAFETY: as for `run`; exits have room in the buffer.
        unsafe {
            let result = call(self.compiled.entry, ts, frame);
            match result.is_null() && self.bridges.exist() {
                true => self.run_bridges(ts, frame),
                false => result,
            }
        }
    }

    /// Goes on in the bridges to which the exit leads that has just been taken.
    #[inline(never)]
    unsafe fn run_bridges(
        &self,
        ts: *mut PyThreadState,
        frame: *mut PyInterpreterFrame,
    ) -> *mut PyObject {
        // SAFETY: as for `run`.
        unsafe {
            while let Some(bridge) = self.bridges.next(VALUES.pointer()) {
                if !self.hand_over(ts) {
                    break;
                }
                let result = call(bridge, ts, frame);
                if !result.is_null() {
                    return result;
                }
            }
            null_mut()
        }
    }

    /// Makes what the exit by which code has just left has to make before a bridge goes on from there; false if it cannot.
    unsafe fn hand_over(&self, ts: *mut PyThreadState) -> bool {
        // SAFETY: the code has left, and its exits have room in the buffer.
        unsafe {
            let values = VALUES.pointer();
            self.plan(exit_of(values)).make_virtuals(ts, values)
        }
    }

    /// How to leave by the exit with this number, of the tree or of one of its bridges.
    #[inline(always)]
    pub(super) fn plan(&self, number: ExitId) -> &ExitPlan {
        match number.index() < self.compiled.plans.len() {
            true => self.compiled.plans.get(number),
            false => self.bridges.plan(number),
        }
    }

    /// How often it has reached its loop header when it was left with these values, if it counts that.
    ///
    /// # Safety
    /// It has just left.
    #[inline(always)]
    pub(super) unsafe fn rounds(&self, values: *const u64) -> u32 {
        match self.recorded.counts_rounds {
            // SAFETY: by the caller's promise.
            true => unsafe { rounds_of(values) },
            false => 0,
        }
    }

    /// Whether another tree is the same, compiled in another form.
    fn is_form_of(&self, other: &Tree) -> bool {
        let shape = |tree: &Tree| {
            let recorded = &tree.recorded;
            (recorded.len, recorded.exits, tree.compiled.plans.len())
        };
        shape(self) == shape(other)
    }

    /// Takes over what another tree has counted of exits that this one has, too.
    pub(super) fn inherit(&mut self, old: &Tree) {
        if self.is_form_of(old) && !old.latest(Recorded::fits) {
            self.bridges = Rc::clone(&old.bridges);
            let bytes = self.bridges.iter().map(CompiledBridge::bytes).sum();
            count_bytes(bytes);
            self.bytes.set(self.bytes.get() + bytes);
            self.growth = RefCell::new(old.growth.take());
            self.exits = old.exits.clone();
        }
        let mut exits = self.exits.borrow_mut();
        for (mine, theirs) in exits.iter_mut().zip(&*old.exits.borrow()) {
            *mine = *theirs;
        }
        self.types.replace(old.types.take());
        // Replacing a tree makes it no younger.
        self.judged_at.set(old.judged_at.get().map(|_| 0));
    }

    /// Counts an exit, which has been taken to where `r` is; whether that was often enough for something to be done about
    /// it.
    ///
    /// # Safety
    /// The registers are those of the frame that the exit has left.
    #[inline(always)]
    pub(super) unsafe fn note_exit(&self, plan: &ExitPlan, r: Regs) -> bool {
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
    pub(super) fn exit_counts(&self, exit: ExitId) -> (u32, bool) {
        let heat = self.heat(exit);
        (heat.total, heat.taken == GIVEN_UP)
    }

    /// The types of the operands when the exit was taken.
    pub(super) fn types_at(&self, exit: ExitId) -> Types {
        self.types.borrow().get(&exit).cloned().unwrap_or_default()
    }

    /// Counts that the tree did all that its function does.
    #[inline(always)]
    pub(super) fn count_return(&self) {
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
    pub(super) fn is_idle(&self, work: u16, every: u32, least: u16) -> bool {
        let mut review = self.review.get();
        review.exits += 1;
        review.work += u64::from(work);
        let due = review.exits >= every.max(self.exit_limit.saturating_mul(2));
        let idle = review.work < u64::from(review.exits) * u64::from(least);
        let often_returned = review.returns >= review.exits / 2;
        self.review
            .set(if due { Review::default() } else { review });
        due && idle && !often_returned
    }

    /// How often an exit is taken before a side trace is recorded there.
    fn record_limit(&self) -> u32 {
        (self.exit_limit / EXITS_PER_COMPILATION).max(options().exit_threshold)
    }

    /// The tree with all that has been recorded of it.
    pub(crate) fn latest<T>(&self, ask: impl FnOnce(&Recorded) -> T) -> T {
        match &*self.growth.borrow() {
            Some(growth) => ask(&growth.recorded),
            None => ask(&self.recorded),
        }
    }

    /// Keeps the tree with another side trace, at this exit; gives it back if it cannot wait: it is not the latest one
    /// with one trace more, or its loop header carries other values, which all exits then have to know.
    pub(super) fn grow(&self, tree: TraceTree, exit: ExitId) -> Option<TraceTree> {
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
        *growth = Some(Growth {
            recorded,
            taken,
            waiting,
        });
        None
    }

    /// What is to be compiled, of a side trace that waits at an exit: the tree with all that wait, or that one alone. `None` if
    /// it goes on waiting.
    pub(super) fn due(&self, exit: ExitId) -> Option<Job> {
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
        let tree = self.latest(Recorded::unpack);
        let slots = layout::PyInterpreterFrame::localsplus as i32;
        let bridge = bridge::cut(&tree, exit, slots, |at| plan.source(at))?;
        Some((bridge, self.bridges.end()))
    }

    /// Puts a bridge into service at an exit, if it was made for the bridges that there are.
    pub(super) fn add_bridge(&self, exit: ExitId, bridge: CompiledBridge) {
        let bytes = bridge.bytes();
        if self.bridges.add(exit, bridge) {
            count_bytes(bytes);
            self.bytes.set(self.bytes.get() + bytes);
            stats::count(|counters| counters.bridges_compiled += 1);
        }
    }

    /// Whether a side trace has been recorded at an exit, and waits.
    pub(super) fn waits(&self, exit: ExitId) -> bool {
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
        Some(growth.recorded.unpack())
    }

    /// Counts that a bridge has led back to the loop header; whether it is time to ask if the tree is to be compiled with its
    /// bridges.
    #[inline(always)]
    pub(super) fn note_way_back(&self) -> bool {
        let ways_back = self.ways_back.get().saturating_add(1);
        self.ways_back.set(ways_back);
        ways_back.is_multiple_of(self.exit_limit)
    }

    /// The tree with its bridges, to be compiled as one, once leaving and entering it anew has cost as much as that will.
    pub(super) fn take_merged(&self) -> Option<TraceTree> {
        let mut growth = self.growth.borrow_mut();
        let growth = growth.as_mut()?;
        let (len, compiled) = (growth.recorded.len, self.recorded.len.max(1));
        let pays = u64::from(self.exit_limit) * len as u64 / compiled as u64;
        if growth.taken || u64::from(self.ways_back.get()) < pays || len > most_merged() {
            return None;
        }
        growth.taken = true;
        Some(growth.recorded.unpack())
    }

    /// Whether an exit gets no side trace any more.
    pub(super) fn has_given_up(&self, exit: ExitId) -> bool {
        self.heat(exit).taken == GIVEN_UP
    }

    /// Begins to take samples, if it is time to.
    pub(super) fn sample(&self, samples: u32, pause: u32) {
        let left = self.unsampled.get();
        if left > 0 {
            self.unsampled.set(left - 1);
        } else if self.samples.get() == 0 {
            self.samples.set(samples);
            self.sampled_ns.set(0);
            self.unsampled.set(pause);
        }
    }

    /// Begins to count an exit anew.
    pub(super) fn cool_exit(&self, exit: ExitId) {
        self.update_exit(exit, |heat| heat.taken = 0);
    }

    /// The tree will soon do more than it does now, so it is not judged yet.
    pub(super) fn put_off_review(&self) {
        self.review.set(Review::default());
    }

    /// Nor is it tried for now.
    pub(super) fn put_off_trial(&self) {
        self.look_after(driver::exits_until_look(self.exit_limit));
    }

    /// When it was last looked at how quickly it is left, now that it is next after so many exits.
    pub(super) fn look_after(&self, exits: u32) -> Option<Instant> {
        self.until_look.set(exits);
        self.looked.replace(Some(Instant::now()))
    }

    /// Whether side traces wait to be compiled with it.
    pub(super) fn grows(&self) -> bool {
        let growth = self.growth.borrow();
        growth.as_ref().is_some_and(|growth| growth.recorded.fits())
    }

    /// Nothing can be done about an exit now, but perhaps soon.
    pub(super) fn postpone_exit(&self, exit: ExitId) {
        let soon = self.record_limit() - self.record_limit() / 8;
        self.update_exit(exit, |heat| heat.taken = soon);
    }

    /// An exit gets no side trace any more.
    pub(super) fn give_up_exit(&self, exit: ExitId) {
        self.update_exit(exit, |heat| heat.taken = GIVEN_UP);
    }

    /// A side trace at the exit was aborted, which makes this many.
    pub(super) fn abort_exit(&self, exit: ExitId) -> u32 {
        self.update_exit(exit, |heat| heat.aborts += 1);
        self.heat(exit).aborts
    }

    /// A side trace at the exit would need more than the loop's entry has: the next one ends where the loop does.
    pub(super) fn end_with_loop(&self, exit: ExitId) {
        self.update_exit(exit, |heat| heat.ends_with_loop = true);
    }

    /// Whether a side trace at the exit ends where the loop does.
    pub(super) fn ends_with_loop(&self, exit: ExitId) -> bool {
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

/// Calls compiled code.
#[inline(always)]
unsafe fn call(
    code: TreeFn,
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
) -> *mut PyObject {
    // SAFETY: as for `Tree::run`.
    unsafe {
        let breaker = PyInterpreterState::eval_breaker((*ts).interp);
        code(frame.cast(), ts.cast(), VALUES.pointer(), breaker.cast()).cast()
    }
}

/// Whether a tree of so many instructions is short enough to be compiled whole.
pub(super) fn fits(len: usize) -> bool {
    len <= options().tree_length as usize
}

/// How many instructions a tree may have at most that is compiled with its bridges.
fn most_merged() -> usize {
    MOST_MERGED * options().tree_length as usize
}

/// Counts the memory of what has been compiled.
fn count_bytes(bytes: usize) {
    // SAFETY: the GIL is held while code is installed.
    unsafe { state() }.bytes += bytes;
    stats::count(|counters| {
        counters.code_bytes += bytes as u64;
        counters.code_bytes_peak = counters.code_bytes_peak.max(counters.code_bytes);
    });
}

/// How often exits of a tree are taken before they get side traces: until leaving there has cost as much as
/// compiling the tree did.
fn exit_limit(compile_ns: u64) -> u32 {
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

impl Drop for Tree {
    fn drop(&mut self) {
        profile::freed(self);
        // SAFETY: trees die with the GIL held.
        unsafe { state() }.bytes -= self.bytes();
        stats::count(|counters| {
            counters.trees_freed += 1;
            counters.code_bytes -= self.bytes() as u64;
        });
    }
}
