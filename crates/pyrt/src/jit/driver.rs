//! The driver: decides what is recorded, compiled, entered, given up.
//!
//! It is asked at loop headers and function entries whose heat is used up. Everything it decides by
//! comes from the options and from counts of what happened; nothing is decided by name.

use std::rc::Rc;
use std::sync::OnceLock;
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
use super::deopt::ExitPlan;
use super::record::{LEAST_PARTIAL, LiveCode, Recorder, Root};
use super::tree::Tree;
use super::{VALUES, compile, evict, nested, state};
use crate::config::options;
use crate::interp::{Regs, Table, recording_handlers};
use crate::stats;

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
const PATIENCE: Duration = Duration::from_millis(20);
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
/// How many slots of a loop may turn out to change their type.
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
        let heat = loop_threshold() - 1;
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
        if recorder.is_some_and(|recorder| recorder.records(r.frame, r.ts)) {
            // The recorder decides itself what the place means to it.
            return stay;
        }
        if traces_memory() {
            // Every object is to be made at its own line.
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
        if recorder.is_some_and(|recorder| recorder.started.elapsed() < PATIENCE) {
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
        start_root(r, anchor);
        stay
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
        match go_on(r, anchor, tree) {
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

/// Goes on where a tree has left that was entered with these registers, also in trees to which it leads.
pub(super) unsafe fn go_on(mut r: Regs, mut anchor: *mut Anchor, mut tree: Rc<Tree>) -> Left {
    let entered = r.frame;
    // SAFETY: as for `enter`.
    unsafe {
        loop {
            let reason;
            (r, reason) = leave(r, anchor, &tree);
            let linked = reason == Some(ExitReason::Leave)
                && (*(*r.ts).cframe).use_tracing == 0
                && state().recorder.is_none();
            if !linked {
                return Left::At(Landing::at(r), reason);
            }
            let next = anchor_at(r.code(), r.ip);
            // A tree that was left where it begins might do nothing again.
            if next.is_null() || next == anchor {
                return Left::At(Landing::at(r), reason);
            }
            anchor = next;
            let Some(next) = (*anchor).tree.clone() else {
                return Left::At(Landing::at(r), reason);
            };
            tree = next;
            let result = run(r, &tree);
            if has_returned(r, &tree, result) {
                return match r.frame == entered {
                    true => Left::Returned(result),
                    false => Left::At(Landing::in_caller(r, result), None),
                };
            }
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
        if stats::are_wanted() {
            tree.note_exit(plan);
        }
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
        if plan.in_entry && !tree.is_hoisted(plan.recorded) {
            return left_early(anchor, tree);
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

/// A tree was left in its entry: retires it if that is what it mostly does.
#[cold]
unsafe fn left_early(anchor: *mut Anchor, tree: &Tree) {
    let failures = tree.entry_failures.get() + 1;
    tree.entry_failures.set(failures);
    if failures >= ENTRY_FAILURES && failures > tree.entries.get() / 2 {
        // SAFETY: a live anchor.
        unsafe { retire(anchor) };
    }
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
        let pending = (*anchor).pending.is_some_and(is_pending);
        if pending {
            tree.put_off_review();
        }
        if pending || is_over_budget() {
            return tree.postpone_exit(exit);
        }
        let side_traces = tree.recorded.traces.len() - 1;
        if side_traces >= options().side_traces as usize
            || tree.recorded.len() > options().tree_length as usize
        {
            tree.give_up_exit(exit);
            return;
        }
        tree.cool_exit(exit);
        tree.put_off_review();
        if plan.in_entry {
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

/// A guard that was moved to the entry fails there: moves it back into the loop,
/// where it can get a side trace.
unsafe fn unhoist(r: Regs, anchor: *mut Anchor, tree: &Rc<Tree>, exit: ExitId) {
    // SAFETY: a live anchor.
    unsafe {
        let mut recorded = tree.recorded.clone();
        recorded.pin(exit);
        let origin = Origin {
            code: LiveCode::new(r.code()),
            kind: (*anchor).kind,
            header: (*anchor).offset,
            parent: Some(exit),
            unhoists: true,
            started: Instant::now(),
            place: tree.recorded.name.clone(),
        };
        complete(origin, recorded);
    }
}

/// Puts a tree that extends the anchor's in its place, keeping what is known of exits.
unsafe fn replace(anchor: *mut Anchor, tree: Tree) {
    // SAFETY: a live anchor.
    unsafe {
        if let Some(old) = (*anchor).tree.take() {
            tree.inherit(&old);
        }
        (*anchor).tree = Some(Rc::new(tree));
        (*anchor).heat = 0;
        evict::enrol(anchor);
    }
}

/// Takes a tree out of service.
unsafe fn retire(anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe {
        (*anchor).tree = None;
        evict::strike(anchor);
        stats::count(|counters| counters.trees_retired += 1);
        penalise(anchor);
    }
}

/// Takes a tree out of service because others need its memory: it has to get hot again.
pub(super) unsafe fn evicted(anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe {
        (*anchor).tree = None;
        (*anchor).evictions = (*anchor).evictions.saturating_add(1);
        cool_down(anchor, u32::from((*anchor).evictions));
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

unsafe fn start_root(r: Regs, anchor: *mut Anchor) {
    // SAFETY: `r` is at the anchor's place.
    unsafe {
        let name = qualified_name(r.code());
        if !options().admits(&name) {
            count_abort(AbortReason::Denied, &name);
            (*anchor).heat = NEVER;
            return;
        }
        abort_recording(AbortReason::NestedRecording);
        (*anchor).offset = r.offset() as u32;
        let line = api::PyCode_Addr2Line(
            r.code(),
            (*anchor).offset as i32 * core::mem::size_of::<CodeUnit>() as i32,
        );
        let root = Root {
            kind: (*anchor).kind,
            boxed: (*anchor).boxed.clone(),
            // What cannot be recorded as a whole is better than nothing in the end.
            partial: (*anchor).kind == Kind::Entry || (*anchor).penalties >= 2,
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
            partial: true,
        };
        match Recorder::side(r, tree.recorded.clone(), exit, root) {
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
        complete(origin, tree);
    }
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
            Ok(_) if origin.parent.is_some() && (*anchor).tree.is_none() => {}
            Ok(tree) => {
                stats::count(|counters| match origin.parent {
                    Some(_) => {
                        counters.side_traces_compiled += u64::from(!origin.unhoists);
                        counters.trees_recompiled += 1;
                    }
                    None => counters.traces_compiled += 1,
                });
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
        if reason == AbortReason::NestedRecording {
            return;
        }
        let anchor = origin.anchor();
        if let Some(slot) = slot
            && (*anchor).boxed.len() < MOST_BOXED
            && !(*anchor).boxed.contains(&slot)
        {
            // From the start, carrying that slot as an object.
            (*anchor).boxed.push(slot);
            (*anchor).tree = None;
            evict::strike(anchor);
            (*anchor).heat = loop_threshold() / 8;
            return;
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

/// Qualified name, line, and instruction, for people.
pub(crate) unsafe fn place_of(code: *mut PyCodeObject, at: u32) -> String {
    // SAFETY: live code, and an offset in it.
    unsafe {
        let line = api::PyCode_Addr2Line(code, at as i32 * core::mem::size_of::<CodeUnit>() as i32);
        let opcode = *first_instr(code).add(at as usize) as u8;
        let info = OPCODES[opcode as usize];
        let name = info.map_or("?", |info| info.name);
        format!("{}:{line} {name}", qualified_name(code))
    }
}

/// `co_qualname` as text.
unsafe fn qualified_name(code: *mut PyCodeObject) -> String {
    // SAFETY: a live code object.
    unsafe {
        let mut size = 0;
        let text = api::PyUnicode_AsUTF8AndSize((*code).co_qualname, &mut size);
        if text.is_null() {
            api::PyErr_Clear();
            return String::from("?");
        }
        String::from_utf8_lossy(core::slice::from_raw_parts(text.cast(), size as usize))
            .into_owned()
    }
}
