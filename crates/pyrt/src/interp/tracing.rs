//! Tracing and profiling: frames go to CPython's own loop.
//!
//! `sys.settrace`, `sys.setprofile` and their C equivalents set `use_tracing` in
//! the current `_PyCFrame`. An evaluation that begins with it set runs in the C
//! loop from the start. One that notices it in the middle hands the frame over at
//! the next instruction; the frame stays in C until it returns or yields, and its
//! caller, if it is ours, is handed over in turn when it continues.
//!
//! The two events that cannot be left to the C loop are those of a frame that is
//! being unwound at the very moment: they are sent from here.

use core::ffi::c_int;

use pyrt_cpython::api;
use pyrt_cpython::code::CodeUnit;
use pyrt_cpython::frame::{ENTRY, FRAME_OWNED_BY_GENERATOR, FRAME_SUSPENDED, PyInterpreterFrame};
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::{Py_tracefunc, PyThreadState};
use pyrt_spec::HandoverReason;

use super::handlers::generator;
use super::regs::{Regs, Table, become_op, leaf_op, next_checked};
use super::{results, stand_in, unwind};
use crate::stats;

/// `PyTrace_*` (`Include/cpython/pystate.h`).
const PYTRACE_EXCEPTION: c_int = 1;
const PYTRACE_LINE: c_int = 2;
const PYTRACE_RETURN: c_int = 3;

unsafe fn count_handover(ts: *mut PyThreadState) {
    // SAFETY: the current thread's state.
    let reason = if unsafe { (*ts).c_tracefunc.is_some() } {
        HandoverReason::Tracing
    } else {
        HandoverReason::Profiling
    };
    stats::count_handover(reason);
}

/// Runs a whole evaluation in the C loop.
#[cold]
pub(super) unsafe fn evaluate_in_c(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    throwflag: c_int,
) -> *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe {
        count_handover(ts);
        api::pyrt_c__PyEval_EvalFrameDefault(ts, frame, throwflag)
    }
}

leaf_op! {
    /// Hands the running frame to the C loop before its next instruction (`ip` is
    /// one past that instruction's code unit: this is dispatched to in its stead).
    #[cold]
    fn hand_over(r, _) {
        let (ip, frame, ts, table) = (r.ip, r.frame, r.ts, r.table);
        r.ip = ip.sub(1);
        if stand_in::is_hidden(r.code()) {
            // There are no events of it.
            let unit = *r.ip;
            let handler = table.handler(unit as u8);
            return handler(ip, r.sp, frame, ts, (unit >> 8) as usize, table);
        }
        count_handover(ts);
        r.save_sp();
        if !line_event(r) {
            let mut r = Regs::resume(frame, ts, table);
            r.ip = ip;
            become_op!(r, 0, unwind::error)
        }
        // The C loop counts the frame itself.
        leave_recursive_call(ts);
        if (*frame).is_entry == ENTRY {
            unwind::leave_evaluation(ts);
            return api::pyrt_c__PyEval_EvalFrameDefault(ts, frame, 0);
        }
        // An inlined call becomes an evaluation of its own inside ours.
        let caller = (*frame).previous;
        let purpose = (*frame).purpose();
        (*(*ts).cframe).current_frame = caller;
        let result = api::pyrt_c__PyEval_EvalFrameDefault(ts, frame, 0);
        if (*frame).owner == FRAME_OWNED_BY_GENERATOR {
            return after_generator(frame, ts, caller, result, table);
        }
        unwind::clear_and_pop(ts, frame);
        if result.is_null() {
            return results::after_failure(purpose, caller, ts, table);
        }
        results::after_return(purpose, result, caller, ts, table)
    }
}

/// Continues the consumer of a generator whose frame the C loop has run to its next
/// yield or to its end.
unsafe fn after_generator(
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    caller: *mut PyInterpreterFrame,
    result: *mut PyObject,
    table: Table,
) -> *mut PyObject {
    // SAFETY: the generator was run by `resume!`.
    unsafe {
        if !result.is_null() && (*generator_of(frame)).gi_frame_state != FRAME_SUSPENDED {
            (*frame).previous = caller;
            return generator::end_by_return(
                core::ptr::null(),
                core::ptr::null_mut(),
                frame,
                ts,
                result as usize,
                table,
            );
        }
        if result.is_null() {
            generator::end_by_exception(ts, frame);
        } else {
            generator::unlink(ts, frame);
        }
        let mut r = Regs::resume(caller, ts, table);
        if result.is_null() {
            become_op!(r, 0, unwind::error)
        }
        r.push(result);
        next_checked!(r)
    }
}

/// Leaves `prev_instr` as the C loop wants it to begin at `r.ip`. The C loop takes
/// what lies before that for the last instruction executed; where it really was
/// another (the first half of a fused pair, a jump) and this hides that a new line
/// begins, the event is sent from here. False when the trace function raised.
unsafe fn line_event(r: Regs) -> bool {
    // SAFETY: the frame is at an instruction boundary, its stack pointer stored.
    unsafe {
        let frame = r.frame;
        let last = (*frame).prev_instr.cast_const();
        r.save_ip();
        let Some(function) = (*r.ts).c_tracefunc else {
            return true;
        };
        let code = r.code();
        let traceable = first_instr(code)
            .add((*code)._co_firsttraceable as usize)
            .cast_const();
        if (*r.ts).tracing != 0 || last <= traceable || r.ip <= traceable {
            return true;
        }
        let line_of = |instr: *const CodeUnit| {
            let offset = instr.offset_from(first_instr(code)) as c_int;
            api::PyCode_Addr2Line(code, offset * core::mem::size_of::<CodeUnit>() as c_int)
        };
        let line = line_of(r.ip);
        let begins = line != line_of(last) || r.ip < last;
        let seen_by_c = line != line_of(r.ip.sub(1));
        if line < 0 || !begins || seen_by_c {
            return true;
        }
        let object = frame_object(frame);
        if object.is_null() {
            return false;
        }
        if (*object).f_trace_lines == 0 {
            return true;
        }
        (*frame).prev_instr = r.ip.cast_mut();
        let sent = call_trace(
            r.ts,
            frame,
            function,
            (*r.ts).c_traceobj,
            PYTRACE_LINE,
            none(),
        );
        // The trace function may have moved the frame to another line.
        (*frame).prev_instr = (*frame).prev_instr.sub(1);
        sent
    }
}

/// Tells a trace function of an exception in `frame`.
#[inline(always)]
pub(super) unsafe fn exception_event(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: the current thread's state.
    unsafe {
        if let Some(function) = (*ts).c_tracefunc
            && !stand_in::is_hidden((*frame).f_code)
        {
            call_exception_trace(ts, frame, function);
        }
    }
}

/// Tells the trace and profile functions that an exception leaves `frame`.
#[inline(always)]
pub(super) unsafe fn unwind_event(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: the current thread's state.
    unsafe {
        if (*(*ts).cframe).use_tracing != 0 && !stand_in::is_hidden((*frame).f_code) {
            send_unwind_event(ts, frame);
        }
    }
}

#[cold]
#[inline(never)]
unsafe fn call_exception_trace(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    function: Py_tracefunc,
) {
    // SAFETY: an exception is set.
    unsafe {
        let (mut exc, mut value, mut traceback) = (
            core::ptr::null_mut(),
            core::ptr::null_mut(),
            core::ptr::null_mut(),
        );
        api::PyErr_Fetch(&mut exc, &mut value, &mut traceback);
        if value.is_null() {
            value = new_ref(none());
        }
        api::PyErr_NormalizeException(&mut exc, &mut value, &mut traceback);
        let shown = if traceback.is_null() {
            none()
        } else {
            traceback
        };
        let arg = api::PyTuple_Pack(3, exc, value, shown);
        let sent = !arg.is_null()
            && call_trace(
                ts,
                frame,
                function,
                (*ts).c_traceobj,
                PYTRACE_EXCEPTION,
                arg,
            );
        if sent || arg.is_null() {
            api::PyErr_Restore(exc, value, traceback);
        } else {
            xdecref(exc);
            xdecref(value);
            xdecref(traceback);
        }
        xdecref(arg);
    }
}

#[cold]
#[inline(never)]
unsafe fn send_unwind_event(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: an exception is set.
    unsafe {
        for profile in [false, true] {
            let (function, object) = if profile {
                ((*ts).c_profilefunc, (*ts).c_profileobj)
            } else {
                ((*ts).c_tracefunc, (*ts).c_traceobj)
            };
            let Some(function) = function else { continue };
            let (mut exc, mut value, mut traceback) = (
                core::ptr::null_mut(),
                core::ptr::null_mut(),
                core::ptr::null_mut(),
            );
            api::PyErr_Fetch(&mut exc, &mut value, &mut traceback);
            if call_trace(
                ts,
                frame,
                function,
                object,
                PYTRACE_RETURN,
                core::ptr::null_mut(),
            ) {
                api::PyErr_Restore(exc, value, traceback);
            } else {
                // The trace function's exception replaces the one in flight.
                xdecref(exc);
                xdecref(value);
                xdecref(traceback);
                return;
            }
        }
    }
}

/// Calls a trace function with tracing off; false when it raised.
unsafe fn call_trace(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    function: Py_tracefunc,
    object: *mut PyObject,
    what: c_int,
    arg: *mut PyObject,
) -> bool {
    // SAFETY: the frame is complete, as events are sent for such frames alone.
    unsafe {
        if (*ts).tracing != 0 || is_incomplete(frame) {
            return true;
        }
        let frame_object = frame_object(frame);
        if frame_object.is_null() {
            return false;
        }
        let outer = (*ts).tracing_what;
        (*ts).tracing_what = what;
        api::PyThreadState_EnterTracing(ts);
        (*frame_object).f_lineno = api::_PyInterpreterFrame_GetLine(frame);
        let result = function(object, frame_object, what, arg);
        (*frame_object).f_lineno = 0;
        api::PyThreadState_LeaveTracing(ts);
        (*ts).tracing_what = outer;
        result == 0
    }
}
