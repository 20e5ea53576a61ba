//! The driver: decides when a loop is recorded, compiled, entered, given up.
//!
//! It is asked at loop headers whose heat is used up. Everything it decides by comes
//! from the options and from counts of what happened; nothing is decided by name.

use std::time::Instant;

use pyrt_codegen::CompiledTree;
use pyrt_cpython::api;
use pyrt_cpython::code::{CodeUnit, PyCodeObject};
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::{PyInterpreterState, PyThreadState};
use pyrt_spec::opcodes::OPCODES;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::{ExitId, SnapshotId, TraceTree};

use super::anchors::{Anchor, NEVER, anchor_at, make_anchor};
use super::deopt::ExitPlan;
use super::record::Recorder;
use super::{compile, state};
use crate::config::options;
use crate::interp::{Regs, Table, recording_handlers};
use crate::stats;

/// Entries left in the entry guards before a tree is retired, unless entries that
/// reach the loop outnumber them.
const ENTRY_FAILURES: u32 = 200;
/// Entries sampled once a tree has an exit that cannot get a side trace.
const SAMPLES: u32 = 128;
/// Mean nanoseconds per entry below which compiled code does not pay for entering
/// and leaving it.
const WORTHWHILE_NS: u64 = 40;
/// Count of an exit that gets no side trace.
const GIVEN_UP: u32 = u32::MAX;

/// A compiled loop.
pub(crate) struct Tree {
    /// As recorded: side traces are added to this, and it is optimised anew.
    recorded: TraceTree,
    code: CompiledTree,
    /// By exit id of the optimised tree.
    plans: Vec<Option<ExitPlan>>,
    /// Times taken and aborted recordings, by exit id of the recorded tree.
    exits: Vec<ExitHeat>,
    entries: u32,
    entry_failures: u32,
    /// Samples left to take, and what they measured so far.
    samples: u32,
    sampled_ns: u64,
    /// How long it took to compile.
    pub(super) compile_ns: u64,
    /// Bytes of code and metadata.
    bytes: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct ExitHeat {
    taken: u32,
    aborts: u32,
}

impl Tree {
    /// A tree that has just been compiled.
    pub(crate) fn new(
        recorded: TraceTree,
        code: CompiledTree,
        plans: Vec<Option<ExitPlan>>,
        bytes: usize,
    ) -> Box<Tree> {
        // SAFETY: the GIL is held while compiling.
        let jit = unsafe { state() };
        jit.bytes += bytes;
        stats::count(|counters| {
            counters.code_bytes += bytes as u64;
            counters.code_bytes_peak = counters.code_bytes_peak.max(counters.code_bytes);
        });
        let exits = vec![ExitHeat::default(); recorded.exits.len()];
        Box::new(Tree {
            recorded,
            code,
            plans,
            exits,
            entries: 0,
            entry_failures: 0,
            samples: 0,
            sampled_ns: 0,
            compile_ns: 0,
            bytes,
        })
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

fn loop_threshold() -> i32 {
    options().loop_threshold as i32
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
        if let Some(anchor) =
            make_anchor(r.code(), r.offset() as u32, heat, options().entry_threshold)
            && (*anchor).heat < 1
        {
            crate::interp::regs::become_op!(r, 0, hot_edge)
        }
        crate::interp::regs::next_checked!(r)
    }
}

/// A loop header whose heat is used up: enters its tree, or begins to record.
#[cold]
pub(crate) unsafe extern "C" fn hot_edge(
    ip: *const CodeUnit,
    sp: *mut *mut PyObject,
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    _: usize,
    table: Table,
) -> *mut PyObject {
    // SAFETY: the registers are those of a running frame at a loop header.
    unsafe {
        let landing = serve(ip, sp, frame, ts, table);
        let r = Regs {
            ip: landing.ip,
            sp: landing.sp,
            frame: landing.frame,
            ts,
            table: table_for(landing.frame, ts, table),
        };
        if err_occurred(ts) {
            crate::interp::regs::error!(r)
        }
        crate::interp::regs::next_checked!(r)
    }
}

/// Where to go on.
#[repr(C)]
struct Landing {
    ip: *const CodeUnit,
    sp: *mut *mut PyObject,
    frame: *mut PyInterpreterFrame,
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
unsafe extern "C" fn serve(
    ip: *const CodeUnit,
    sp: *mut *mut PyObject,
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    table: Table,
) -> Landing {
    // SAFETY: the registers are those of a running frame at a loop header.
    unsafe {
        let r = Regs {
            ip,
            sp,
            frame,
            ts,
            table,
        };
        let stay = Landing {
            ip: r.ip,
            sp: r.sp,
            frame: r.frame,
        };
        let anchor = anchor_at(r.code(), r.ip);
        if state()
            .recorder
            .as_ref()
            .is_some_and(|recorder| recorder.records(r.frame, r.ts))
        {
            // The recorder decides itself what a loop header means to it.
            (*anchor).heat = 0;
            return stay;
        }
        (*anchor).heat = 0;
        if traces_memory() {
            // Every object is to be made at its own line.
            return stay;
        }
        if (*anchor).tree.is_some() {
            return enter(r, anchor);
        }
        warm_up(r.code());
        if (*anchor).patience > 0 && has_untried(r) {
            (*anchor).patience -= 1;
            return stay;
        }
        start_root(r, anchor);
        stay
    }
}

/// Whether the loop at whose header `r` is has instructions that the interpreter has yet to try to
/// specialise. It is recorded after that, so that code looks as it does without a compiler.
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

/// Runs the anchor's tree and comes back with the frame restored.
unsafe fn enter(r: Regs, anchor: *mut Anchor) -> Landing {
    // SAFETY: the tree was compiled for this code and loop header.
    unsafe {
        let tree = (*anchor).tree.as_mut().expect("checked by the caller");
        let values = state().values.as_mut_ptr();
        let breaker = PyInterpreterState::eval_breaker((*r.ts).interp);
        let sampling = (tree.samples > 0).then(Instant::now);
        let exit = tree
            .code
            .run(r.frame.cast(), r.ts.cast(), values, breaker.cast());
        if let Some(start) = sampling {
            tree.sampled_ns += start.elapsed().as_nanos() as u64;
        }
        tree.entries = tree.entries.saturating_add(1);
        warm_up(r.code());
        let plan = tree.plans[exit.index()]
            .as_ref()
            .expect("only exits in use are taken");
        let (landed, complete) = plan.apply(
            r,
            core::slice::from_raw_parts_mut(values, state().values.len()),
        );
        let (reason, recorded) = (plan.reason, plan.recorded);
        let in_entry = plan.in_entry;
        stats::update(|stats| {
            stats.exits[reason as usize] += 1;
            stats.counters.trace_entries += 1;
            if in_entry {
                stats.counters.entry_exits += 1;
            } else {
                stats.counters.trace_exits += 1;
            }
        });
        if !complete {
            api::PyErr_NoMemory();
            landed.save_ip();
        } else if reason != ExitReason::Poll {
            left(landed, anchor, recorded, in_entry, reason);
        }
        Landing {
            ip: landed.ip,
            sp: landed.sp,
            frame: landed.frame,
        }
    }
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

/// Accounts for an exit, and perhaps begins a side trace there or retires the tree.
unsafe fn left(r: Regs, anchor: *mut Anchor, exit: ExitId, in_entry: bool, reason: ExitReason) {
    // SAFETY: `r` is at the exit's instruction, its state restored.
    unsafe {
        let tree = (*anchor).tree.as_mut().expect("it was just left");
        if tree.samples > 0 {
            tree.samples -= 1;
            if tree.samples == 0 && tree.sampled_ns / u64::from(SAMPLES) < WORTHWHILE_NS {
                retire(anchor);
                return;
            }
        }
        let hoisted = in_entry
            && tree.recorded.exits.get(exit.index()).is_some_and(|exit| {
                exit.as_ref()
                    .is_some_and(|exit| exit.snapshot != SnapshotId::ENTRY)
            });
        if in_entry && !hoisted {
            tree.entry_failures += 1;
            if tree.entry_failures >= ENTRY_FAILURES && tree.entry_failures > tree.entries / 2 {
                retire(anchor);
            }
            return;
        }
        let pays = match options().exit_cost {
            0 => 0,
            cost => u32::try_from(tree.compile_ns / u64::from(cost)).unwrap_or(GIVEN_UP - 1),
        };
        let limit = options().exit_threshold.max(pays);
        let side_traces = tree.recorded.traces.len() - 1;
        let Some(heat) = tree.exits.get_mut(exit.index()) else {
            return;
        };
        if heat.taken == GIVEN_UP || !reason.continues() {
            if tree.samples == 0 {
                tree.samples = SAMPLES;
                tree.sampled_ns = 0;
            }
            return;
        }
        heat.taken += 1;
        if heat.taken < limit {
            return;
        }
        if side_traces >= options().side_traces as usize {
            heat.taken = GIVEN_UP;
            return;
        }
        heat.taken = 0;
        if hoisted {
            unhoist(anchor, exit);
        } else {
            start_side(r, anchor, exit);
        }
    }
}

/// A guard that was moved to the entry fails there: moves it back into the loop,
/// where it can get a side trace.
unsafe fn unhoist(anchor: *mut Anchor, exit: ExitId) {
    // SAFETY: the tree is not running.
    unsafe {
        let tree = (*anchor).tree.as_mut().expect("it was just left");
        let mut recorded = tree.recorded.clone();
        recorded.pin(exit);
        match compile::compile(recorded) {
            Ok(compiled) => {
                stats::count(|counters| counters.trees_recompiled += 1);
                replace(anchor, compiled);
            }
            Err(reason) => {
                count_abort(reason);
                tree.exits[exit.index()].taken = GIVEN_UP;
            }
        }
    }
}

/// Puts a tree that extends the anchor's in its place, keeping what is known of exits.
unsafe fn replace(anchor: *mut Anchor, mut tree: Box<Tree>) {
    // SAFETY: the old tree is not running.
    unsafe {
        if let Some(old) = (*anchor).tree.take() {
            let known = old.exits.len().min(tree.exits.len());
            tree.exits[..known].copy_from_slice(&old.exits[..known]);
        }
        (*anchor).tree = Some(tree);
        (*anchor).heat = 0;
    }
}

/// Takes a tree out of service.
unsafe fn retire(anchor: *mut Anchor) {
    // SAFETY: the tree is not running.
    unsafe {
        (*anchor).tree = None;
        stats::count(|counters| counters.trees_retired += 1);
        penalise(anchor);
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
            (*anchor).heat = loop_threshold().saturating_mul(1 << (*anchor).penalties.min(10));
        }
    }
}

unsafe fn start_root(r: Regs, anchor: *mut Anchor) {
    // SAFETY: `r` is at the anchor's loop header.
    unsafe {
        let name = qualified_name(r.code());
        if !options().admits(&name) {
            count_abort(AbortReason::Denied);
            (*anchor).heat = NEVER;
            return;
        }
        abort_recording(AbortReason::NestedRecording);
        let line = api::PyCode_Addr2Line(
            r.code(),
            (*anchor).offset as i32 * core::mem::size_of::<CodeUnit>() as i32,
        );
        begin(Recorder::root(r, format!("{name}:{line}")));
    }
}

unsafe fn start_side(r: Regs, anchor: *mut Anchor, exit: ExitId) {
    // SAFETY: `r` is at the exit's instruction, its state restored.
    unsafe {
        let tree = (*anchor).tree.as_mut().expect("it was just left");
        abort_recording(AbortReason::NestedRecording);
        match Recorder::side(r, tree.recorded.clone(), exit) {
            Ok(recorder) => begin(recorder),
            Err(reason) => {
                count_abort(reason);
                tree.exits[exit.index()].taken = GIVEN_UP;
            }
        }
    }
}

unsafe fn begin(recorder: Recorder) {
    stats::count(|counters| counters.recordings_started += 1);
    // SAFETY: the GIL is held.
    unsafe { state() }.recorder = Some(Box::new(recorder));
}

fn count_abort(reason: AbortReason) {
    stats::update(|stats| {
        stats.counters.recordings_aborted += 1;
        stats.aborts[reason as usize] += 1;
    });
}

/// Ends the recording in progress, if any, without a trace.
pub(crate) unsafe fn abort_recording(reason: AbortReason) {
    // SAFETY: the GIL is held.
    unsafe {
        if let Some(recorder) = state().recorder.take() {
            give_up(
                recorder.code.0,
                recorder.header,
                recorder.parent,
                recorder.started,
                reason,
            );
        }
    }
}

/// The recording in progress came back to its loop header: compiles and installs it.
pub(crate) unsafe fn recording_closed() {
    // SAFETY: the GIL is held, and the recorded frame keeps its code alive.
    unsafe {
        let Some(recorder) = state().recorder.take() else {
            return;
        };
        let (code, header, parent, started) = (
            recorder.code.0,
            recorder.header,
            recorder.parent,
            recorder.started,
        );
        match recorder.finish().and_then(compile::compile) {
            Ok(tree) => {
                let anchor = anchor_at(code, first_instr(code).add(header as usize));
                stats::count(|counters| {
                    counters.record_ns += started.elapsed().as_nanos() as u64;
                    if parent.is_some() {
                        counters.side_traces_compiled += 1;
                        counters.trees_recompiled += 1;
                    } else {
                        counters.traces_compiled += 1;
                    }
                });
                replace(anchor, tree);
            }
            Err(reason) => give_up(code, header, parent, started, reason),
        }
    }
}

unsafe fn give_up(
    code: *mut PyCodeObject,
    header: u32,
    parent: Option<ExitId>,
    started: Instant,
    reason: AbortReason,
) {
    // SAFETY: the recorder keeps the code alive.
    unsafe {
        count_abort(reason);
        stats::count(|counters| counters.record_ns += started.elapsed().as_nanos() as u64);
        if reason == AbortReason::NestedRecording {
            return;
        }
        let anchor = anchor_at(code, first_instr(code).add(header as usize));
        let Some(exit) = parent else {
            penalise(anchor);
            return;
        };
        let Some(tree) = &mut (*anchor).tree else {
            return;
        };
        let Some(heat) = tree.exits.get_mut(exit.index()) else {
            return;
        };
        heat.aborts += 1;
        if heat.aborts >= options().penalty_limit {
            heat.taken = GIVEN_UP;
            stats::count(|counters| counters.anchors_blacklisted += 1);
        }
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
