//! A compiled tree, and what is counted while it runs.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

use core::ptr::null_mut;

use pyrt_codegen::{TreeFn, exit_of, machine, rounds_of};
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::{PyInterpreterState, PyThreadState};
use pyrt_trace::ExitId;

use super::bridges::{Bridges, CompiledBridge};
use super::compile::Compiled;
use super::deopt::ExitPlan;
use super::{VALUES, driver, state};
use crate::profile::{self, Entry};
use crate::stats;
use exits::{ExitHeat, Review, exit_limit};
use growth::Growth;

pub(super) use exits::Types;
pub(super) use growth::fits;
pub(crate) use recorded::Recorded;

mod exits;
mod growth;
mod recorded;

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
    /// How often bridges have led back to the loop header, where the tree is entered anew.
    ways_back: Cell<u32>,
    /// It is to be compiled with its bridges before there are more of them.
    merges_next: Cell<bool>,
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
    /// How often one is taken before a side trace is recorded there.
    record_limit: Cell<u32>,
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
        let tree = Tree {
            bridges: Rc::new(Bridges::new(recorded.exits, compiled.plans.len())),
            exits: RefCell::new(vec![ExitHeat::default(); recorded.exits]),
            recorded,
            compiled,
            entries: Cell::new(0),
            judged_at: Cell::new(None),
            entry_failures: Cell::new(0),
            review: Cell::default(),
            ways_back: Cell::default(),
            merges_next: Cell::default(),
            samples: Cell::new(0),
            sampled_ns: Cell::new(0),
            until_look: Cell::new(0),
            looked: Cell::new(None),
            on_trial: Cell::new(false),
            returned_rounds: Cell::new(0),
            exit_limit: exit_limit(compile_ns),
            record_limit: Cell::default(),
            growth: RefCell::default(),
            compile_ns,
            unsampled: Cell::new(0),
            bytes: Cell::new(bytes),
            types: RefCell::default(),
            row: Cell::new(0),
        };
        tree.update_record_limit();
        tree
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
            match profile::on_entry() {
                Entry::Plain => self.run_code::<false>(ts, frame),
                Entry::Framed => self.run_framed(ts, frame),
                Entry::Watched => self.run_watched(ts, frame),
            }
        };
        self.entries.set(self.entries.get().wrapping_add(1));
        result
    }

    /// The same for compiled code, which keeps frame pointers itself.
    ///
    /// # Safety
    /// As for `run`.
    pub(super) unsafe fn run_nested(
        &self,
        ts: *mut PyThreadState,
        frame: *mut PyInterpreterFrame,
    ) -> *mut PyObject {
        // SAFETY: by the caller's promise.
        let result = unsafe {
            match profile::on_entry() {
                Entry::Plain | Entry::Framed => self.run_code::<false>(ts, frame),
                Entry::Watched => self.run_watched(ts, frame),
            }
        };
        self.entries.set(self.entries.get().wrapping_add(1));
        result
    }

    #[cold]
    unsafe fn run_framed(
        &self,
        ts: *mut PyThreadState,
        frame: *mut PyInterpreterFrame,
    ) -> *mut PyObject {
        // SAFETY: as for `run`.
        unsafe { self.run_code::<true>(ts, frame) }
    }

    #[cold]
    unsafe fn run_watched(
        &self,
        ts: *mut PyThreadState,
        frame: *mut PyInterpreterFrame,
    ) -> *mut PyObject {
        // SAFETY: as for `run`.
        unsafe { profile::watched(ts, self, || self.run_code::<true>(ts, frame)) }
    }

    #[inline(always)]
    unsafe fn run_code<const FRAMED: bool>(
        &self,
        ts: *mut PyThreadState,
        frame: *mut PyInterpreterFrame,
    ) -> *mut PyObject {
        // SAFETY: as for `run`; exits have room in the buffer.
        unsafe {
            let result = call::<FRAMED>(self.compiled.entry, ts, frame);
            match result.is_null() && self.bridges.exist() {
                true => self.run_bridges::<FRAMED>(ts, frame),
                false => result,
            }
        }
    }

    /// Goes on in the bridges to which the exit leads that has just been taken.
    #[inline(never)]
    unsafe fn run_bridges<const FRAMED: bool>(
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
                let result = call::<FRAMED>(bridge, ts, frame);
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
            self.update_record_limit();
        }
        let mut exits = self.exits.borrow_mut();
        for (mine, theirs) in exits.iter_mut().zip(&*old.exits.borrow()) {
            *mine = *theirs;
        }
        self.types.replace(old.types.take());
        // Replacing a tree makes it no younger.
        self.judged_at.set(old.judged_at.get().map(|_| 0));
    }

    /// Begins to take samples, if it is time to. A tree that often does all that its function does is worth it, however
    /// quickly that goes: nothing else has to be entered then.
    pub(super) fn sample(&self, samples: u32, pause: u32) {
        if self.often_returns() {
            return;
        }
        let left = self.unsampled.get();
        if left > 0 {
            self.unsampled.set(left - 1);
        } else if self.samples.get() == 0 {
            self.samples.set(samples);
            self.sampled_ns.set(0);
            self.unsampled.set(pause);
        }
    }

    /// The tree will soon do more than it does now, so it is not tried yet.
    pub(super) fn put_off_trial(&self) {
        self.look_after(driver::exits_until_look(self.exit_limit));
    }

    /// When it was last looked at how quickly it is left, now that it is next after so many exits.
    pub(super) fn look_after(&self, exits: u32) -> Option<Instant> {
        self.until_look.set(exits);
        self.looked.replace(Some(Instant::now()))
    }
}

/// Calls compiled code; if it is to be `FRAMED`, so that perf can walk on from it by frame pointer.
#[inline(always)]
unsafe fn call<const FRAMED: bool>(
    code: TreeFn,
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
) -> *mut PyObject {
    // SAFETY: as for `Tree::run`.
    unsafe {
        let breaker = PyInterpreterState::eval_breaker((*ts).interp).cast();
        let (frame, ts, values) = (frame.cast(), ts.cast(), VALUES.pointer());
        let result = match FRAMED {
            false => code(frame, ts, values, breaker),
            true => {
                let bottom = profile::bottom_of_stack();
                machine::call_framed(frame, ts, values, breaker, code, bottom)
            }
        };
        result.cast()
    }
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
