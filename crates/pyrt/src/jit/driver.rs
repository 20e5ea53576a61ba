//! The driver: decides what is recorded, compiled, entered, given up.
//!
//! It is asked at loop headers and function entries whose heat is used up. Everything it decides by
//! comes from the options and from counts of what happened; nothing is decided by name.

use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Once, OnceLock};
use std::time::{Duration, Instant};

use pyrt_codegen::exit_of;
use pyrt_cpython::api;
use pyrt_cpython::code::{CodeUnit, PyCodeObject};
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;
use pyrt_spec::opcodes::OPCODES;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::{ExitId, TraceTree};

use super::anchors::{
    self, Anchor, CodeMeta, Kind, NEVER, anchor_at, make_loop_anchor, make_meta, meta_of,
};
use super::background::{self, Done, JobId};
use super::codes;
use super::deopt::ExitPlan;
use super::policy::{self, Policy};
use super::record::{LEAST_PARTIAL, LiveCode, Misfits, Recorder, Root};
use super::tree::{Recorded, Tree};
use super::{VALUES, compile, evict, nested, state};
use crate::config::options;
use crate::events::{self, Event};
use crate::files;
use crate::interp::{self, Regs, Table, recording_handlers};
use crate::json;
use crate::profile;
use crate::stats;

/// Entries left in the entry guards before the round is recorded that leads to a loop's tree.
const LEAST_EARLY: u32 = 32;
/// How often that is tried.
const MOST_FIRST_FAILURES: u8 = 3;
/// Entries left in the entry guards before a tree is retired, unless entries that
/// reach the loop outnumber them.
const ENTRY_FAILURES: u32 = 200;
/// Entries sampled once a tree has an exit that cannot get a side trace.
const SAMPLES: u32 = 128;
/// Exits that cannot get a side trace until samples are taken again.
const UNSAMPLED: u32 = 64 * SAMPLES;
/// Mean nanoseconds per entry below which compiled code does not pay for entering
/// and leaving it.
const WORTHWHILE_NS: u64 = 40;
/// How long a recording may take before another one may replace it: it waits for a call to return.
pub(super) const PATIENCE: Duration = Duration::from_millis(20);
/// As if the program had run for this long before it started.
const COMPILE_AHEAD: Duration = Duration::from_millis(400);
/// What compiling a tree is expected to take.
const TYPICAL_COMPILE_NS: u64 = 5_000_000;
/// How often a function's tree is left before it is asked again what it does.
const EXITS_BETWEEN_REVIEWS: u32 = 1024;
/// How often a place is passed before it is asked again whether its tree is compiled.
const PASSES_BETWEEN_LOOKS: i32 = 64;
/// How often a function is recorded that returns at once.
const MOST_SHORT: u8 = 8;
/// How many slots of a loop may turn out to change their type, or to be unbound.
const MOST_BOXED: usize = 16;

fn loop_threshold() -> i32 {
    options().loop_threshold as i32
}

/// The heat of a loop that has just been met.
pub(crate) fn loop_heat() -> i64 {
    i64::from(loop_threshold()) - 1
}

pub(crate) fn entry_heat() -> i32 {
    options().entry_threshold as i32 - 1
}

/// A loop header is reached for the first time.
#[cold]
pub(crate) unsafe extern "C" fn new_anchor(
    ip: *const CodeUnit,
    sp: *mut *mut PyObject,
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    _: usize,
    table: Table,
) -> *mut PyObject {
    // SAFETY: the registers are those of a running frame.
    unsafe {
        let r = Regs {
            ip,
            sp,
            frame,
            ts,
            table,
        };
        let heat = first_heat(r.code());
        if let Some(anchor) = make_loop_anchor(r.code(), r.offset() as u32, heat, entry_heat())
            && (*anchor).heat < 1
        {
            crate::interp::regs::become_op!(r, 0, hot_edge)
        }
        crate::interp::regs::next_checked!(r)
    }
}

/// A function is entered whose code has nothing attached.
#[cold]
pub(crate) unsafe extern "C" fn new_entry(
    ip: *const CodeUnit,
    sp: *mut *mut PyObject,
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    _: usize,
    table: Table,
) -> *mut PyObject {
    // SAFETY: the registers are those of a running frame.
    unsafe {
        let r = Regs {
            ip,
            sp,
            frame,
            ts,
            table,
        };
        let meta = make_meta(r.code(), entry_heat());
        if !meta.is_null() && (*meta).entry.heat < 1 {
            crate::interp::regs::become_op!(r, 0, hot_entry)
        }
        crate::interp::regs::next_checked!(r)
    }
}

/// Defines a handler for a place whose heat is used up: enters its tree, or begins to record.
macro_rules! hot {
    ($(#[$meta:meta])* $name:ident, |$r:ident| $anchor:expr) => {
        $(#[$meta])*
        #[cold]
        pub(crate) unsafe extern "C" fn $name(
            ip: *const CodeUnit,
            sp: *mut *mut PyObject,
            frame: *mut PyInterpreterFrame,
            ts: *mut PyThreadState,
            _: usize,
            table: Table,
        ) -> *mut PyObject {
            // SAFETY: the registers are those of a running frame at such a place.
            unsafe {
                let $r = Regs {
                    ip,
                    sp,
                    frame,
                    ts,
                    table,
                };
                let landing = serve($r, $anchor);
                let r = landing.resume(ts, table);
                if err_occurred(ts) {
                    crate::interp::regs::error!(r)
                }
                crate::interp::regs::next_checked!(r)
            }
        }
    };
}

hot! {
    /// A loop header whose heat is used up.
    hot_edge, |r| anchor_at(r.code(), r.ip)
}

hot! {
    /// A function whose heat is used up is entered.
    hot_entry, |r| &raw mut (*meta_of(r.code())).entry
}

/// What the recorder has executed where a loop begins that runs as a tree of its own.
pub(crate) unsafe extern "C" fn inner_loop(
    ip: *const CodeUnit,
    sp: *mut *mut PyObject,
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    _: usize,
    table: Table,
) -> *mut PyObject {
    // SAFETY: the registers are those of a running frame, after the first unit of the instruction.
    unsafe {
        let r = Regs {
            ip: ip.sub(1),
            sp,
            frame,
            ts,
            table,
        };
        crate::interp::regs::become_op!(r, 0, hot_edge)
    }
}

/// Where to go on.
#[repr(C)]
pub(super) struct Landing {
    ip: *const CodeUnit,
    sp: *mut *mut PyObject,
    frame: *mut PyInterpreterFrame,
}

impl Landing {
    fn at(r: Regs) -> Landing {
        Landing {
            ip: r.ip,
            sp: r.sp,
            frame: r.frame,
        }
    }

    /// In the caller of a frame that is gone, which gets its result.
    unsafe fn in_caller(r: Regs, result: *mut PyObject) -> Landing {
        // SAFETY: the caller's frame is the innermost one now, and waits for a result.
        unsafe {
            let caller = (*(*r.ts).cframe).current_frame;
            let mut r = Regs::resume(caller, r.ts, r.table);
            r.push(result);
            Landing::at(r)
        }
    }

    /// The registers to go on with, in an evaluation that uses this table unless it is recorded.
    #[inline(always)]
    pub(super) unsafe fn resume(self, ts: *mut PyThreadState, table: Table) -> Regs {
        Regs {
            ip: self.ip,
            sp: self.sp,
            frame: self.frame,
            ts,
            // SAFETY: the GIL is held.
            table: unsafe { table_for(self.frame, ts, table) },
        }
    }
}

/// The recorder's table if this frame is being recorded.
#[inline(always)]
unsafe fn table_for(frame: *mut PyInterpreterFrame, ts: *mut PyThreadState, table: Table) -> Table {
    // SAFETY: the GIL is held.
    unsafe {
        match &state().recorder {
            Some(recorder) if recorder.records(frame, ts) => recording_handlers(),
            Some(_) | None => table,
        }
    }
}

#[inline(never)]
unsafe fn serve(r: Regs, anchor: *mut Anchor) -> Landing {
    // SAFETY: the registers are those of a running frame at the anchor's place.
    unsafe {
        (*anchor).heat = 0;
        let enters = (*anchor).tree.is_some()
            && interp::counts((*r.ts).interp)
            && state().recorder.is_none()
            && !traces_memory()
            && !background::is_ready();
        if enters {
            enter(r, anchor)
        } else {
            attend(r, anchor)
        }
    }
}

/// Serves a place at which there is more to do than to enter its tree.
#[cold]
unsafe fn attend(r: Regs, anchor: *mut Anchor) -> Landing {
    // SAFETY: as for `serve`.
    unsafe {
        let stay = Landing::at(r);
        let recorder = state().recorder.as_ref();
        if let Some(recorder) = recorder
            && recorder.records(r.frame, r.ts)
        {
            // The recorder decides itself what the place means to it.
            return match recorder.awaits_loop() {
                true => run_recorded_loop(r, anchor),
                false => stay,
            };
        }
        if traces_memory() {
            // Every object is to be made at its own line.
            return stay;
        }
        if !interp::counts((*r.ts).interp) {
            // Switched off since the evaluation began.
            (*anchor).heat = PASSES_BETWEEN_LOOKS;
            return stay;
        }
        if background::is_ready() {
            install_ready();
        }
        if (*anchor).tree.is_some() {
            return enter(r, anchor);
        }
        if (*anchor).pending.is_some_and(is_pending) {
            // Look again soon.
            (*anchor).heat = PASSES_BETWEEN_LOOKS;
            return stay;
        }
        if recorder.is_some_and(|recorder| recorder.is_recent()) {
            return stay;
        }
        match (*anchor).kind {
            Kind::Loop => warm_up(r.code()),
            // A trace does as the specialised instructions do, also where that shows: in reference
            // counts, or in how deep calls may go. So they have to be there.
            Kind::Entry if (*r.code()).co_warmup != 0 => return stay,
            Kind::Entry => {}
        }
        if (*anchor).patience > 0 && has_untried(r) {
            (*anchor).patience -= 1;
            return stay;
        }
        if is_over_budget() {
            (*anchor).heat = PASSES_BETWEEN_LOOKS;
            return stay;
        }
        start_root(r, anchor, false);
        stay
    }
}

/// Runs the tree of a loop that the trace being recorded lets run.
unsafe fn run_recorded_loop(r: Regs, anchor: *mut Anchor) -> Landing {
    // SAFETY: as for `serve`; the GIL is held.
    unsafe {
        let recorder = state().recorder.take();
        let tree = (*anchor).tree.clone();
        let landing = tree.map_or(Landing::at(r), |tree| run_through(r, anchor, tree));
        let Some(mut recorder) = recorder else {
            return landing;
        };
        if state().recorder.is_some() {
            // It is the loop that is recorded now.
            with_exception_aside(|| {
                give_up(&recorder.origin(), AbortReason::NestedRecording, None);
            });
            return landing;
        }
        let ended = recorder.has_ended(Regs {
            ip: landing.ip,
            sp: landing.sp,
            frame: landing.frame,
            ..r
        });
        state().recorder = Some(recorder);
        if let Err(reason) = ended {
            with_exception_aside(|| end_before_loop(reason));
        }
        landing
    }
}

/// Runs the tree of the loop at which a frame is; the registers with which it has left, if it could be entered.
pub(super) unsafe fn run_loop(r: Regs) -> Option<Regs> {
    // SAFETY: the registers are those of a frame at a loop header.
    unsafe {
        let anchor = anchor_at(r.code(), r.ip);
        if anchor.is_null() || interpreter_is_needed(r.ts) {
            return None;
        }
        let tree = (*anchor).tree.clone()?;
        let landing = run_through(r, anchor, tree);
        Some(Regs {
            ip: landing.ip,
            sp: landing.sp,
            frame: landing.frame,
            ..r
        })
    }
}

/// Runs a tree, and those that it leads to. The frame stays, also if the function has done all that there was to do.
unsafe fn run_through(r: Regs, anchor: *mut Anchor, tree: Rc<Tree>) -> Landing {
    // SAFETY: as for `enter`.
    unsafe {
        run(r, &tree);
        match go_on(r, anchor, tree, false) {
            Left::At(landing, _) => landing,
            Left::Returned(_) => unreachable!("the frame stays"),
        }
    }
}

/// Whether the interpreter has to look at something before compiled code runs.
#[inline(always)]
pub(super) unsafe fn interpreter_is_needed(ts: *mut PyThreadState) -> bool {
    // SAFETY: the current thread's state, the GIL held.
    unsafe {
        (*(*ts).cframe).use_tracing != 0
            || eval_breaker(ts)
            || background::is_ready()
            || traces_memory()
    }
}

/// Whether the code from here on has instructions that the interpreter has yet to try to specialise.
/// It is recorded after that, so that code looks as it does without a compiler.
unsafe fn has_untried(r: Regs) -> bool {
    // SAFETY: the registers are those of a running frame; the walk stays within its code.
    unsafe {
        let (header, end) = (r.offset(), size_of(r.code().cast()) as usize);
        let mut at = header;
        while at < end {
            let unit = *first_instr(r.code()).add(at);
            let opcode = unit as u8;
            let Some(info) = OPCODES[opcode as usize] else {
                return false;
            };
            let next = at + 1 + info.caches as usize;
            let adaptive = info.name.ends_with("_ADAPTIVE");
            if adaptive && *first_instr(r.code()).add(at + 1) == 0 {
                return true;
            }
            let backward = info.jumps && info.name.contains("BACKWARD");
            if backward && next.checked_sub((unit >> 8) as usize) == Some(header) {
                return false;
            }
            at = next;
        }
        false
    }
}

/// Runs the anchor's tree, and those that it leads to, and comes back with the frame restored. If the tree is a
/// function's that did all there was to do, comes back to the caller, with the result on its stack.
unsafe fn enter(r: Regs, anchor: *mut Anchor) -> Landing {
    // SAFETY: the tree was compiled for this code and place.
    unsafe {
        let Some(tree) = (*anchor).tree.clone() else {
            return Landing::at(r);
        };
        let result = run(r, &tree);
        if has_returned(r, &tree, result) {
            return Landing::in_caller(r, result);
        }
        match go_on(r, anchor, tree, true) {
            Left::At(landing, _) => landing,
            Left::Returned(result) => Landing::in_caller(r, result),
        }
    }
}

/// Whether a tree has done all that its function does; then the frame is gone.
#[inline(always)]
unsafe fn has_returned(r: Regs, tree: &Tree, result: *mut PyObject) -> bool {
    // SAFETY: the tree has just been run.
    unsafe {
        let returned = !result.is_null()
            && (*r.frame).is_entry == 0
            && tree.samples.get() == 0
            && nested::remove_cleared(r.ts, r.frame);
        if returned {
            tree.count_return();
            stats::count_exit(ExitReason::Cleared, false);
        }
        returned
    }
}

/// What has come of trees that were run.
pub(super) enum Left {
    /// The frame with which the first one was entered is gone: the result of its function.
    Returned(*mut PyObject),
    /// Where to go on; also the reason for which the last one was left, unless an exception is set.
    At(Landing, Option<ExitReason>),
}

/// Goes on where a tree has left that was entered with these registers, also in trees to which it leads. The frame
/// stays unless it may return.
pub(super) unsafe fn go_on(
    mut r: Regs,
    mut anchor: *mut Anchor,
    mut tree: Rc<Tree>,
    may_return: bool,
) -> Left {
    let entered = r.frame;
    // SAFETY: as for `enter`.
    unsafe {
        let mut may_begin = true;
        // The first round that has just led to the tree.
        let mut begun: Option<Rc<Tree>> = None;
        loop {
            let mut reason;
            (r, reason) = leave(r, anchor, &tree);
            let refused = reason.is_none() && !err_occurred(r.ts);
            if let Some(first) = begun.take().filter(|_| refused) {
                note_vain(anchor, &first);
            }
            let first = (*anchor).first.clone().filter(|_| refused && may_begin);
            if let Some(first) = &first {
                run(r, first);
                (r, reason) = leave(r, anchor, first);
                if reason != Some(ExitReason::Leave) {
                    note_vain(anchor, first);
                }
            }
            let linked = reason == Some(ExitReason::Leave)
                && (*(*r.ts).cframe).use_tracing == 0
                && state().recorder.is_none();
            if !linked {
                return Left::At(Landing::at(r), reason);
            }
            let next = anchor_at(r.code(), r.ip);
            // A tree that was left where it begins might do nothing again.
            if next.is_null() || next == anchor && first.is_none() {
                return Left::At(Landing::at(r), reason);
            }
            may_begin = next != anchor;
            begun = first.filter(|_| !may_begin);
            anchor = next;
            let Some(next) = (*anchor).tree.clone() else {
                return Left::At(Landing::at(r), reason);
            };
            tree = next;
            let result = run(r, &tree);
            if (may_return || r.frame != entered) && has_returned(r, &tree, result) {
                return match r.frame == entered {
                    true => Left::Returned(result),
                    false => Left::At(Landing::in_caller(r, result), None),
                };
            }
        }
    }
}

/// Counts that a first round has not led into the loop's tree; gives it up if it mostly does not.
unsafe fn note_vain(anchor: *mut Anchor, first: &Tree) {
    let failures = first.entry_failures.get() + 1;
    first.entry_failures.set(failures);
    if failures >= ENTRY_FAILURES && failures > first.entries.get() / 2 {
        // SAFETY: a live anchor.
        unsafe {
            (*anchor).first = None;
            (*anchor).first_failures = MOST_FIRST_FAILURES;
        }
    }
}

/// Runs a tree, see [`Tree::run`].
#[inline(always)]
unsafe fn run(r: Regs, tree: &Tree) -> *mut PyObject {
    let sampling = (tree.samples.get() > 0).then(Instant::now);
    // SAFETY: as for `enter`.
    let result = unsafe { tree.run(r.ts, r.frame) };
    if let Some(start) = sampling {
        let spent = start.elapsed().as_nanos() as u64;
        tree.sampled_ns.set(tree.sampled_ns.get() + spent);
    }
    result
}

/// Leaves a tree that has just been run: restores the frames, and accounts for it. Also returns the reason, unless an
/// exception is set.
unsafe fn leave(r: Regs, anchor: *mut Anchor, tree: &Rc<Tree>) -> (Regs, Option<ExitReason>) {
    // SAFETY: as for `enter`.
    unsafe {
        if (*anchor).kind == Kind::Loop {
            warm_up(r.code());
        }
        let plan = tree.plan(exit_of(VALUES.pointer()));
        let (landed, complete) = plan.apply(r, VALUES.slice());
        let (reason, in_entry) = (plan.reason, plan.in_entry);
        stats::count_exit(reason, in_entry);
        tree.note_exit(plan, landed);
        if !complete {
            api::PyErr_NoMemory();
            landed.save_ip();
            return (landed, None);
        }
        let current = (*anchor)
            .tree
            .as_ref()
            .is_some_and(|now| Rc::ptr_eq(now, tree));
        if err_occurred(landed.ts) {
            if current && reason == ExitReason::Raise && (*(*landed.ts).cframe).use_tracing == 0 {
                with_exception_aside(|| {
                    left(landed, anchor, tree, plan);
                });
            }
            return (landed, None);
        }
        if current && is_idle(anchor, tree, plan) {
            retire(anchor);
        } else if current && reason != ExitReason::Poll {
            left(landed, anchor, tree, plan);
        }
        (landed, (!in_entry).then_some(reason))
    }
}

/// Whether a function's tree does too little each time to be worth entering. Asked at each exit.
#[inline(always)]
unsafe fn is_idle(anchor: *mut Anchor, tree: &Tree, plan: &ExitPlan) -> bool {
    // SAFETY: a live anchor.
    let is_function = unsafe { (*anchor).kind } == Kind::Entry;
    is_function && tree.is_idle(plan.work, EXITS_BETWEEN_REVIEWS, LEAST_PARTIAL)
}

/// Quickens code as its rounds in compiled code would have done in the interpreter,
/// which counts eight; visible in how CPython reports errors in fused instructions.
unsafe fn warm_up(code: *mut PyCodeObject) {
    // SAFETY: live code, executed by no handler that holds on to its instructions.
    unsafe {
        if (*code).co_warmup != 0 {
            (*code).co_warmup = 0;
            api::_PyCode_Quicken(code);
        }
    }
}

/// Does something while an exception is set, which waits meanwhile.
unsafe fn with_exception_aside(act: impl FnOnce()) {
    let (mut exc, mut value, mut traceback) = (
        core::ptr::null_mut(),
        core::ptr::null_mut(),
        core::ptr::null_mut(),
    );
    // SAFETY: the GIL is held; what was fetched is restored.
    unsafe {
        api::PyErr_Fetch(&mut exc, &mut value, &mut traceback);
        act();
        api::PyErr_Restore(exc, value, traceback);
    }
}

/// Accounts for an exit, and perhaps begins a side trace there or retires the tree.
#[inline(always)]
unsafe fn left(r: Regs, anchor: *mut Anchor, tree: &Rc<Tree>, plan: &ExitPlan) {
    // SAFETY: `r` is at the exit's instruction, its state restored.
    unsafe {
        if tree.samples.get() > 0 && !end_sample(anchor, tree) {
            return;
        }
        if plan.in_entry && !plan.hoisted {
            return left_early(r, anchor, tree);
        }
        if plan.reason.continues() && tree.take_exit(plan.recorded) {
            left_often(r, anchor, tree, plan);
        }
    }
}

/// Ends a sample; if it was the last one, retires a tree that does not pay for entering it. Whether it stays.
#[cold]
unsafe fn end_sample(anchor: *mut Anchor, tree: &Tree) -> bool {
    tree.samples.set(tree.samples.get() - 1);
    let mean = tree.sampled_ns.get() / u64::from(SAMPLES);
    let stays = tree.samples.get() > 0 || mean >= WORTHWHILE_NS;
    if !stays {
        // SAFETY: a live anchor.
        unsafe { retire(anchor) };
    }
    stays
}

/// A tree was left in its entry: begins to record the round that leads to it, or retires it if that is what it
/// mostly does.
#[cold]
unsafe fn left_early(r: Regs, anchor: *mut Anchor, tree: &Tree) {
    let failures = tree.entry_failures.get() + 1;
    tree.entry_failures.set(failures);
    // SAFETY: `r` is at the header of the anchor.
    unsafe {
        let has_first = (*anchor).first.is_some();
        let may_have =
            (*anchor).kind == Kind::Loop && (*anchor).first_failures < MOST_FIRST_FAILURES;
        if failures >= options().exit_threshold.max(LEAST_EARLY) && may_have && !has_first {
            let busy = state().recorder.is_some() || (*anchor).pending.is_some_and(is_pending);
            if !busy && !is_over_budget() {
                start_root(r, anchor, true);
            }
        } else if failures >= ENTRY_FAILURES && !has_first {
            let entries = tree.entries.get();
            let loosened = failures > entries / 4 && !is_over_budget() && loosen(r, anchor, tree);
            if !loosened && failures > entries / 2 {
                retire(anchor);
            }
        }
    }
}

/// The entry of a loop's tree often refuses frames: lets another one be recorded that carries less, if what the header
/// carries is the reason.
unsafe fn loosen(r: Regs, anchor: *mut Anchor, tree: &Tree) -> bool {
    // SAFETY: `r` is at the header of the anchor.
    unsafe {
        if (*anchor).kind != Kind::Loop {
            return false;
        }
        let misfits = Misfits::of(&tree.recorded.unpack(), r);
        let unbound = add_slots(&mut (*anchor).unbound, &misfits.unbound);
        let boxed = add_slots(&mut (*anchor).boxed, &misfits.boxed);
        let loosened = unbound || boxed;
        if loosened {
            (*anchor).first_failures = 0;
            start_over(anchor);
        }
        loosened
    }
}

/// Adds slots to those that are known, as far as there is room; whether there were others.
fn add_slots(known: &mut Vec<u16>, slots: &[u16]) -> bool {
    let before = known.len();
    for slot in slots {
        if known.len() < MOST_BOXED && !known.contains(slot) {
            known.push(*slot);
        }
    }
    known.len() > before
}

/// An exit was taken so often that a side trace would pay.
#[cold]
unsafe fn left_often(r: Regs, anchor: *mut Anchor, tree: &Rc<Tree>, plan: &ExitPlan) {
    // SAFETY: `r` is at the exit's instruction, its state restored.
    unsafe {
        let exit = plan.recorded;
        if tree.has_given_up(exit) {
            return tree.sample(SAMPLES, UNSAMPLED);
        }
        if plan.reason == ExitReason::Leave && leads_to_a_tree(r, anchor) {
            return tree.cool_exit(exit);
        }
        let recorder = state().recorder.as_ref();
        let recording = recorder.is_some_and(|recorder| recorder.is_recent());
        let pending = (*anchor).pending.is_some_and(is_pending);
        if pending {
            tree.put_off_review();
        }
        if pending || recording || is_over_budget() {
            return tree.postpone_exit(exit);
        }
        if tree.waits(exit) {
            tree.put_off_review();
            tree.postpone_exit(exit);
            if let Some(recorded) = tree.take_ripe() {
                complete(again(root_code(r, plan), anchor, tree, exit), recorded);
            }
            return;
        }
        let is_full = |recorded: &Recorded| {
            recorded.side_traces >= options().side_traces as usize
                || recorded.len > options().tree_length as usize
        };
        if tree.latest(is_full) {
            tree.give_up_exit(exit);
            return;
        }
        tree.cool_exit(exit);
        tree.put_off_review();
        if plan.hoisted {
            unhoist(r, anchor, tree, exit);
        } else {
            start_side(r, anchor, tree, exit);
        }
    }
}

/// Whether a trace has ended at the header of another loop, which has a tree of its own or may get one.
/// A side trace would do a round of that loop, and end there again.
unsafe fn leads_to_a_tree(r: Regs, anchor: *mut Anchor) -> bool {
    // SAFETY: live code, and an anchor of its.
    unsafe {
        let next = anchor_at(r.code(), r.ip);
        !next.is_null() && next != anchor && ((*next).tree.is_some() || (*next).heat != NEVER)
    }
}

/// A guard that was moved to where the loop is entered fails there: moves it back into the loop,
/// where it can get a side trace.
unsafe fn unhoist(r: Regs, anchor: *mut Anchor, tree: &Rc<Tree>, exit: ExitId) {
    // SAFETY: a live anchor.
    unsafe {
        let mut recorded = tree.latest(Recorded::unpack);
        recorded.pin(exit);
        let origin = Origin {
            unhoists: true,
            ..again(r.code(), anchor, tree, exit)
        };
        complete(origin, recorded);
    }
}

/// What compiling a tree again comes from, at an exit.
unsafe fn again(code: *mut PyCodeObject, anchor: *mut Anchor, tree: &Tree, exit: ExitId) -> Origin {
    // SAFETY: live code, and an anchor of its.
    unsafe {
        Origin {
            code: LiveCode::new(code),
            kind: (*anchor).kind,
            header: (*anchor).offset,
            parent: Some(exit),
            unhoists: false,
            first: false,
            started: Instant::now(),
            place: tree.recorded.name.clone(),
        }
    }
}

/// The code of the frame with which a tree was entered that has been left.
unsafe fn root_code(r: Regs, plan: &ExitPlan) -> *mut PyCodeObject {
    // SAFETY: the exit has left as many frames, `r` in the innermost one.
    unsafe {
        let outer = (1..plan.frames()).fold(r.frame, |frame, _| (*frame).previous);
        (*outer).f_code
    }
}

/// Puts a tree that extends the anchor's in its place, keeping what is known of exits.
unsafe fn replace(anchor: *mut Anchor, tree: Tree) {
    // SAFETY: a live anchor.
    unsafe {
        if let Some(old) = (*anchor).tree.take() {
            tree.inherit(&old);
        }
        let tree = Rc::new(tree);
        profile::installed(&tree);
        (*anchor).tree = Some(tree);
        (*anchor).heat = 0;
        evict::enrol(anchor);
    }
}

/// An anchor has nothing compiled any more.
unsafe fn remove(anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe {
        (*anchor).tree = None;
        (*anchor).first = None;
    }
}

/// Drops what is compiled, to record it again soon, now that more is known of what the loop carries.
unsafe fn start_over(anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe {
        remove(anchor);
        evict::strike(anchor);
        (*anchor).heat = loop_threshold() / 8;
    }
}

/// Takes a tree out of service.
unsafe fn retire(anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe {
        remove(anchor);
        evict::strike(anchor);
        stats::count(|counters| counters.trees_retired += 1);
        penalise(anchor);
    }
}

/// Takes a tree out of service because others need its memory: it has to get hot again.
pub(super) unsafe fn evicted(anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe {
        remove(anchor);
        (*anchor).evictions = (*anchor).evictions.saturating_add(1);
        cool_down(anchor, u32::from((*anchor).evictions));
    }
}

/// Drops all trees, and what is being recorded and compiled. Trees that run go on until they leave.
pub(crate) unsafe fn flush() {
    // SAFETY: the GIL is held, and anchors strike themselves off before they die.
    unsafe {
        abort_recording(AbortReason::Interrupted);
        state().pending.clear();
        for anchor in core::mem::take(&mut state().compiled) {
            (*anchor).tree = None;
            cool_down(anchor, 0);
        }
    }
}

/// The program says whether code is compiled.
pub(crate) unsafe fn set_policy(code: *mut PyCodeObject, policy: Policy) {
    // SAFETY: live code, the GIL held.
    unsafe {
        let meta = make_meta(code, entry_heat());
        if meta.is_null() {
            return;
        }
        (*meta).policy = policy;
        if policy == Policy::Never {
            // It may be part of any tree.
            flush();
            return;
        }
        (*meta).for_each_anchor(|anchor| {
            if anchor.heat == NEVER {
                cool_down(anchor, 0);
            }
            if policy == Policy::Always {
                anchor.heat = anchor.heat.min(policy::SOON);
            }
        });
    }
}

/// The heat of a loop of this code that is met for the first time.
unsafe fn first_heat(code: *mut PyCodeObject) -> i32 {
    // SAFETY: live code.
    match unsafe { policy::policy_of(code) } {
        Policy::Always => loop_threshold().min(policy::SOON) - 1,
        Policy::Never | Policy::Listed => loop_threshold() - 1,
    }
}

/// Makes an anchor wait for twice its threshold, four times, and so on.
unsafe fn cool_down(anchor: *mut Anchor, doublings: u32) {
    // SAFETY: a live anchor.
    unsafe {
        let threshold = match (*anchor).kind {
            Kind::Loop => loop_threshold(),
            Kind::Entry => entry_heat() + 1,
        };
        (*anchor).heat = threshold.saturating_mul(1 << doublings.min(10));
    }
}

/// Makes an anchor wait longer for its next recording, or gives it up.
unsafe fn penalise(anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe {
        (*anchor).penalties += 1;
        if (*anchor).penalties >= options().penalty_limit {
            (*anchor).heat = NEVER;
            stats::count(|counters| counters.anchors_blacklisted += 1);
        } else {
            cool_down(anchor, (*anchor).penalties);
        }
    }
}

/// Begins to record at an anchor: its tree, or a first round that leads there.
unsafe fn start_root(r: Regs, anchor: *mut Anchor, first: bool) {
    // SAFETY: `r` is at the anchor's place.
    unsafe {
        (*anchor).offset = r.offset() as u32;
        let name = qualified_name(r.code());
        let line = codes::line_of(r.code(), (*anchor).offset);
        if !policy::admits(r, &name, line) {
            count_abort(AbortReason::Denied, &format!("{name}:{line}"));
            (*anchor).heat = NEVER;
            return;
        }
        abort_recording(AbortReason::NestedRecording);
        let root = Root {
            kind: (*anchor).kind,
            boxed: (*anchor).boxed.clone(),
            unbound: (*anchor).unbound.clone(),
            // What cannot be recorded as a whole is better than nothing in the end.
            partial: (*anchor).kind == Kind::Entry || (*anchor).penalties >= 2,
            first,
        };
        begin(Recorder::root(r, format!("{name}:{line}"), root));
    }
}

unsafe fn start_side(r: Regs, anchor: *mut Anchor, tree: &Rc<Tree>, exit: ExitId) {
    // SAFETY: `r` is at the exit's instruction, its state restored.
    unsafe {
        if state().recorder.is_some() {
            abort_recording(AbortReason::NestedRecording);
        }
        let root = Root {
            kind: (*anchor).kind,
            boxed: (*anchor).boxed.clone(),
            unbound: (*anchor).unbound.clone(),
            partial: true,
            first: false,
        };
        match Recorder::side(r, tree.latest(Recorded::unpack), exit, root) {
            Ok(recorder) => begin(recorder),
            Err(reason) => {
                count_abort(reason, &tree.recorded.name);
                tree.give_up_exit(exit);
            }
        }
    }
}

unsafe fn begin(recorder: Recorder) {
    stats::count(|counters| counters.recordings_started += 1);
    // SAFETY: the GIL is held.
    unsafe { state() }.recorder = Some(Box::new(recorder));
}

fn count_abort(reason: AbortReason, place: &str) {
    if stats::are_wanted() {
        stats::count_place(format!("abort: {reason}"), place.to_owned(), 1);
    }
    events::note(Event::Abort, || {
        vec![
            ("place", json::string(place)),
            ("reason", json::string(reason.name())),
            ("meaning", json::string(reason.doc())),
        ]
    });
    stats::update(|stats| {
        stats.counters.recordings_aborted += 1;
        stats.aborts[reason as usize] += 1;
    });
}

/// A frame is left by an exception: whoever records it stops. Called by a handler that ends in a jump, so not
/// inlined there.
#[inline(never)]
pub(crate) unsafe fn frame_left(frame: *mut PyInterpreterFrame) {
    // SAFETY: the GIL is held.
    unsafe {
        let recorder = state().recorder.as_mut();
        let Some(recorder) = recorder.filter(|recorder| recorder.includes(frame)) else {
            return;
        };
        match recorder.ended_by_exception() {
            Some(exit) => with_exception_aside(|| recording_closed(Some(exit))),
            None => abort_recording(AbortReason::Exception),
        }
    }
}

/// Ends the recording in progress, if any, without a trace.
pub(crate) unsafe fn abort_recording(reason: AbortReason) {
    // SAFETY: the GIL is held.
    unsafe {
        if let Some(recorder) = state().recorder.take() {
            give_up(&recorder.origin(), reason, None);
        }
    }
}

/// The recording in progress waits for a loop after which it cannot go on, for this reason: ends it before the loop.
pub(super) unsafe fn end_before_loop(reason: AbortReason) {
    // SAFETY: the GIL is held.
    unsafe {
        let recorder = state().recorder.as_mut();
        match recorder.map(|recorder| recorder.ended_before_loop(reason)) {
            Some(Ok(exit)) => recording_closed(Some(exit)),
            Some(Err(reason)) => abort_recording(reason),
            None => {}
        }
    }
}

/// The recording in progress is complete, with this exit at its end or back at its loop header:
/// compiles and installs it.
pub(crate) unsafe fn recording_closed(end: Option<ExitId>) {
    // SAFETY: the GIL is held, and the recorder keeps its code alive.
    unsafe {
        let Some(recorder) = state().recorder.take() else {
            return;
        };
        let origin = recorder.origin();
        let tree = match recorder.finish(end) {
            Ok(tree) => tree,
            Err((reason, slot)) => return give_up(&origin, reason, slot),
        };
        let spent = origin.started.elapsed().as_nanos() as u64;
        stats::count(|counters| counters.record_ns += spent);
        let Some(tree) = grown(&origin, tree) else {
            return;
        };
        complete(origin, tree);
    }
}

/// What is to be compiled now that this tree has been recorded: nothing yet, if it is a side trace that can wait.
unsafe fn grown(origin: &Origin, tree: TraceTree) -> Option<TraceTree> {
    // SAFETY: the code is alive.
    let installed = unsafe { (*origin.anchor()).tree.clone() };
    let (Some(exit), Some(installed)) = (origin.parent, installed) else {
        return Some(tree);
    };
    installed.grow(tree, exit).or_else(|| installed.take_ripe())
}

/// Whether the compiler has taken more than its part of the program's time so far.
fn is_over_budget() -> bool {
    static START: OnceLock<Instant> = OnceLock::new();
    let part = u64::from(options().compile_share);
    if part == 0 || options().exit_cost == 0 {
        return false;
    }
    let running = START.get_or_init(Instant::now).elapsed() + COMPILE_AHEAD;
    let mut spent = 0;
    stats::count(|counters| spent = counters.compile_ns);
    // What waits is not known yet.
    // SAFETY: the GIL is held.
    spent += unsafe { state() }.pending.len() as u64 * TYPICAL_COMPILE_NS;
    spent / part > running.as_nanos() as u64 / 100
}

pub(super) fn compiles_in_background() -> bool {
    static POSSIBLE: OnceLock<bool> = OnceLock::new();
    options().background && *POSSIBLE.get_or_init(background::is_possible)
}

/// Compiles a tree, here or on the compiler's thread.
unsafe fn complete(mut origin: Origin, tree: TraceTree) {
    // SAFETY: the GIL is held; the code is alive until here, and its anchors as long as it is.
    unsafe {
        let tree = if compiles_in_background() {
            if !background::is_running() {
                // What a parent before a fork was waiting for.
                state().pending.clear();
            }
            match background::submit(Box::new(tree)) {
                Ok(id) => {
                    (*origin.anchor()).pending = Some(id);
                    (*origin.anchor()).heat = PASSES_BETWEEN_LOOKS;
                    // The code may die before its trees are ready: perhaps at once.
                    let code = origin.code.clone();
                    origin.code.let_go();
                    state().pending.push((id, origin));
                    drop(code);
                    return;
                }
                Err(tree) => *tree,
            }
        } else {
            tree
        };
        install(&origin, compile::compile(tree, origin.anchor()));
    }
}

/// Whether a tree is still being compiled. In the child of a fork, those of the parent are not.
fn is_pending(id: JobId) -> bool {
    // SAFETY: the GIL is held.
    let pending = unsafe { &state().pending };
    background::is_running() && pending.iter().any(|(known, _)| *known == id)
}

/// Installs what the compiler's thread has finished.
#[cold]
unsafe fn install_ready() {
    // SAFETY: the GIL is held.
    unsafe {
        for Done { id, result } in background::take() {
            let pending = &mut state().pending;
            let Some(at) = pending.iter().position(|(known, _)| *known == id) else {
                // The code died.
                continue;
            };
            let (_, origin) = pending.swap_remove(at);
            let anchor = origin.anchor();
            let finished = result.and_then(|artifact| compile::finish(artifact, anchor));
            install(&origin, finished);
        }
    }
}

/// Puts a compiled tree into its place.
unsafe fn install(origin: &Origin, tree: Result<Tree, AbortReason>) {
    // SAFETY: the GIL is held, and the code alive.
    unsafe {
        let anchor = origin.anchor();
        (*anchor).pending = None;
        match tree {
            // Its root was retired meanwhile.
            Ok(_) if (origin.parent.is_some() || origin.first) && (*anchor).tree.is_none() => {}
            Ok(tree) if origin.first => {
                stats::count(|counters| counters.traces_compiled += 1);
                (*anchor).first = Some(Rc::new(tree));
            }
            Ok(tree) => {
                let before = (*anchor).tree.as_ref();
                let before = before.map_or(0, |tree| tree.recorded.side_traces);
                let new_sides = tree.recorded.side_traces.saturating_sub(before);
                stats::count(|counters| match origin.parent {
                    Some(_) => {
                        counters.side_traces_compiled += new_sides as u64;
                        counters.trees_recompiled += 1;
                    }
                    None => counters.traces_compiled += 1,
                });
                note_compiled(origin, &tree);
                replace(anchor, tree);
            }
            Err(reason) => {
                if reason == AbortReason::CompilerBug {
                    stats::count(|counters| counters.compile_errors += 1);
                }
                give_up(origin, reason, None);
            }
        }
    }
}

/// Adds a region to the file that the options name.
fn write_region(path: &Path, tree: &Tree) {
    static WARNED: Once = Once::new();
    let line = format!("{}\n", tree.recorded.name);
    let file = files::append(&files::with_pid(path));
    if let Err(error) = file.and_then(|mut file| file.write_all(line.as_bytes())) {
        WARNED.call_once(|| {
            eprintln!(
                "pyrt: warning: regions are not written to {}: {error} (PYRT_JIT_REGIONS_FILE)",
                path.display()
            );
        });
    }
}

/// Tells the program of a tree, if it listens.
fn note_compiled(origin: &Origin, tree: &Tree) {
    if let (Some(path), None) = (&options().regions_file, origin.parent) {
        write_region(path, tree);
    }
    events::note(Event::Compile, || {
        let kind = match (origin.parent, origin.unhoists) {
            (None, _) => "root",
            (Some(_), false) => "side",
            (Some(_), true) => "again",
        };
        vec![
            ("name", json::string(&tree.recorded.name)),
            ("kind", json::string(kind)),
            ("code_bytes", tree.code.code().len().to_string()),
            ("compile_ns", tree.compile_ns.to_string()),
        ]
    });
}

/// A code object dies: nothing is to be installed in it.
pub(crate) fn forget(pending: &mut Vec<(JobId, Origin)>, meta: *mut CodeMeta) {
    // SAFETY: the code of what is pending is alive until this was called for it.
    pending.retain(|(_, origin)| unsafe { meta_of(origin.code.0) } != meta);
}

/// What a recording began at.
pub(crate) struct Origin {
    pub(crate) code: LiveCode,
    pub(crate) kind: Kind,
    pub(crate) header: u32,
    pub(crate) parent: Option<ExitId>,
    /// No side trace is added: a guard goes back into the loop.
    pub(crate) unhoists: bool,
    /// It is a loop's first round.
    pub(crate) first: bool,
    pub(crate) started: Instant,
    /// Where it is now, for statistics.
    pub(crate) place: String,
}

impl Origin {
    unsafe fn anchor(&self) -> *mut Anchor {
        // SAFETY: the code is alive.
        unsafe { anchors::anchor_of(self.code.0, self.kind, self.header) }
    }
}

/// Accounts for a recording without a result; `slot` is one whose type was found to change.
unsafe fn give_up(origin: &Origin, reason: AbortReason, slot: Option<u16>) {
    // SAFETY: the GIL is held.
    unsafe {
        count_abort(reason, &origin.place);
        let spent = origin.started.elapsed().as_nanos() as u64;
        stats::count(|counters| counters.record_ns += spent);
        let anchor = origin.anchor();
        if reason == AbortReason::NestedRecording {
            if origin.parent.is_none() && !origin.first {
                // It has to get hot again, like the exit of a side trace.
                cool_down(anchor, 0);
            }
            return;
        }
        (*anchor).note_abort(reason, &origin.place);
        if origin.first {
            (*anchor).first_failures += 1;
            return;
        }
        if let Some(slot) = slot
            && add_slots(&mut (*anchor).boxed, &[slot])
        {
            return start_over(anchor);
        }
        let Some(exit) = origin.parent else {
            let again = matches!(reason, AbortReason::Return | AbortReason::LongLoop);
            if again && (*anchor).short < MOST_SHORT {
                // It may do more another time, and less is inlined.
                (*anchor).short += 1;
                (*anchor).heat = entry_heat() / 8;
                return;
            }
            penalise(anchor);
            return;
        };
        let Some(tree) = &(*anchor).tree else {
            return;
        };
        if tree.abort_exit(exit) >= options().penalty_limit {
            tree.give_up_exit(exit);
            stats::count(|counters| counters.anchors_blacklisted += 1);
        }
    }
}

/// `co_qualname` as text.
pub(super) unsafe fn qualified_name(code: *mut PyCodeObject) -> String {
    // SAFETY: a live code object.
    unsafe { codes::text((*code).co_qualname) }
}
