//! Exceptions that compiled code raises and catches.
//!
//! A trace knows where an exception goes: the tables of its frames say so. It executes what the
//! interpreter does on the way (see [`unwind`](crate::interp::unwind)) step by step, with all frames true and
//! their stacks in memory.

use core::mem::size_of;

use pyrt_cpython::api;
use pyrt_cpython::code::{CodeUnit, PyFunctionObject};
use pyrt_cpython::exceptions::{self, PyTracebackObject};
use pyrt_cpython::frame::{PyFrameObject, PyInterpreterFrame};
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyObject, flags};
use pyrt_cpython::state::PyThreadState;
use pyrt_spec::Purpose;

use super::burial::bury;
use crate::interp::unwind::{drop_frame, pop_to, take_exception};
use crate::interp::{errors, results, support};

/// Raises an exception, which is a class or an instance, from a cause or null; -1 if somebody is tracing
/// now, who has to see it on its way.
pub(super) unsafe extern "C" fn raise(
    ts: *mut PyThreadState,
    exc: *mut PyObject,
    cause: *mut PyObject,
) -> i64 {
    // SAFETY: the trace passes its references on.
    unsafe {
        support::raise(ts, exc, cause);
        -i64::from((*(*ts).cframe).use_tracing != 0)
    }
}

/// Raises the exception that is being handled; -1 if there is none.
pub(super) unsafe extern "C" fn raise_again(ts: *mut PyThreadState) -> i64 {
    // SAFETY: the current thread's state.
    unsafe {
        let value = (*api::_PyErr_GetTopmostException(ts)).exc_value;
        if value.is_null() || value == none() {
            return -1;
        }
        support::restore_exception(new_ref(value));
        0
    }
}

/// Raises an exception again, in a frame that is then at the instruction that raised it first.
pub(super) unsafe extern "C" fn reraise(
    _: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    exc: *mut PyObject,
    lasti: i64,
) {
    // SAFETY: an instance, whose reference the trace passes on; an offset in the frame's code.
    unsafe {
        (*frame).prev_instr = first_instr((*frame).f_code).offset(lasti as isize);
        support::restore_exception(exc);
    }
}

/// Adds a frame to the traceback of the exception that is set. `line` is where it is, or 0 if somebody has
/// to find that out.
pub(super) unsafe extern "C" fn witness(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    line: i64,
) {
    // SAFETY: a true frame.
    unsafe { exceptions::add_to_traceback(ts, frame, line as i32) }
}

/// Leaves the innermost frame, which is of a call that the trace has inlined.
pub(super) unsafe extern "C" fn leave_frame(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    depth: i64,
) {
    // SAFETY: a true frame, whose stack is that deep.
    unsafe {
        let base = stack_base(frame);
        let mut top = base.add(depth as usize);
        pop_to(&mut top, base);
        set_stack_pointer(frame, base);
        leave_recursive_call(ts);
        let purpose = (*frame).purpose();
        // Unlinked before it is cleared, because clearing may run finalizers.
        (*(*ts).cframe).current_frame = (*frame).previous;
        drop_frame(ts, frame);
        results::leave_operation(ts, purpose);
    }
}

/// The last operand of [`catch`].
pub(super) fn pack_depths(from: u16, to: u16) -> i64 {
    i64::from(from) << 16 | i64::from(to)
}

/// Makes a frame's stack as deep as its handler wants it, and takes the exception: a new reference.
pub(super) unsafe extern "C" fn catch(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    depths: i64,
) -> *mut PyObject {
    // SAFETY: a true frame, whose stack is that deep.
    unsafe {
        let base = stack_base(frame);
        let mut top = base.add(depths as usize >> 16);
        pop_to(&mut top, base.add(depths as usize & 0xffff));
        take_exception(ts)
    }
}

/// What an operation does whose method has raised.
pub(super) unsafe extern "C" fn give_up(frame: *mut PyInterpreterFrame, depth: i64, purpose: i64) {
    let Some(purpose) = Purpose::from_number(purpose as u8) else {
        return;
    };
    // SAFETY: a true frame, whose stack is that deep.
    unsafe {
        let top = results::give_up(purpose, frame, stack_base(frame).add(depth as usize));
        set_stack_pointer(frame, top);
    }
}

pub(super) unsafe extern "C" fn drop_object(object: *mut PyObject) {
    // SAFETY: the trace owns the reference.
    unsafe {
        let is_last = (*object).ob_refcnt == 1 && has_flag(object, flags::BASE_EXC_SUBCLASS);
        if !is_last || !bury(object) {
            decref(object);
        }
    }
}

/// The exception being handled, borrowed, or null.
pub(super) unsafe extern "C" fn handled(ts: *mut PyThreadState) -> *mut PyObject {
    // SAFETY: the current thread's state.
    unsafe { exceptions::handled(ts) }
}

/// The object of a frame, borrowed; null if it takes a call to make one.
pub(super) unsafe extern "C" fn frame_object(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
) -> *mut PyFrameObject {
    // SAFETY: a frame in memory.
    unsafe { exceptions::frame_object_of(ts, frame) }
}

/// The object of a frame that has ended at an instruction of its function, called from `back`.
pub(super) unsafe extern "C" fn ended_frame(
    ts: *mut PyThreadState,
    function: *mut PyFunctionObject,
    back: *mut PyFrameObject,
    instr: *mut CodeUnit,
) -> *mut PyFrameObject {
    // SAFETY: live objects; the instruction is one of the function's.
    unsafe { exceptions::ended_frame(ts, function, back, instr) }
}

/// The last operand of [`new_entry`].
pub(super) fn pack_place(instr: u32, line: i32) -> i64 {
    i64::from(instr) << 32 | i64::from(line)
}

/// An entry of a traceback.
pub(super) unsafe extern "C" fn new_entry(
    ts: *mut PyThreadState,
    next: *mut PyTracebackObject,
    frame: *mut PyFrameObject,
    place: i64,
) -> *mut PyTracebackObject {
    // SAFETY: live objects, whose references the trace passes on.
    unsafe {
        let lasti = (place >> 32) as i32 * size_of::<CodeUnit>() as i32;
        exceptions::new_entry(ts, next, frame, (lasti, place as i32))
    }
}

/// Begins to handle an exception.
pub(super) unsafe extern "C" fn begin_handling(
    ts: *mut PyThreadState,
    exc: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: the current thread's state, and a live exception.
    unsafe {
        let item = (*ts).exc_info;
        let outer = core::mem::replace(&mut (*item).exc_value, new_ref(exc));
        if outer.is_null() {
            new_ref(none())
        } else {
            outer
        }
    }
}

/// Ends handling an exception, of which it returns the reference.
pub(super) unsafe extern "C" fn end_handling(
    ts: *mut PyThreadState,
    outer: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: the current thread's state; the trace passes its reference on.
    unsafe { core::mem::replace(&mut (*(*ts).exc_info).exc_value, outer) }
}

/// Whether an exception is of a class, or of one of a tuple of them; -1 if that is not what they are.
pub(super) unsafe extern "C" fn exception_matches(exc: *mut PyObject, types: *mut PyObject) -> i64 {
    // SAFETY: live objects.
    unsafe {
        if type_of(exc).cast() == types {
            return 1;
        }
        if !errors::names_exceptions(types) {
            return -1;
        }
        i64::from(api::PyErr_GivenExceptionMatches(exc, types) != 0)
    }
}
