//! Methods in Python that operations call: finding them, and beginning their frames.
//!
//! CPython runs them in evaluations of their own, below the slot functions of types. Where a trace inlines one, it
//! runs in the evaluation of the caller: its frame notes for what [`Purpose`], and [`super::results`] says what is
//! done when it returns. The caller's stack keeps the operands meanwhile.

use core::ffi::CStr;

use pyrt_cpython::api;
use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyObject, PyTypeObject, flags};
use pyrt_cpython::state::{PyInterpreterState, PyThreadState};
use pyrt_spec::Purpose;

use super::{args, results};

/// The method of a class with this name, if it is a function in Python. The slot that belongs to it then is
/// CPython's for such methods.
pub(crate) unsafe fn method(
    class: *mut PyTypeObject,
    name: *mut PyObject,
) -> Option<*mut PyFunctionObject> {
    // SAFETY: a live type.
    unsafe {
        if !is_heap_type(class) {
            return None;
        }
        let found = api::_PyType_Lookup(class, name);
        (!found.is_null() && is_function(found)).then_some(found.cast())
    }
}

/// Whether a type was made while the program runs, by a `class` statement for example.
pub(super) unsafe fn is_heap_type(class: *mut PyTypeObject) -> bool {
    // SAFETY: a live type.
    unsafe { (*class).tp_flags & flags::HEAPTYPE != 0 }
}

/// Whether methods may run in the present evaluation: nobody wants to evaluate frames himself.
pub(crate) unsafe fn run_here(ts: *mut PyThreadState) -> bool {
    // SAFETY: the current thread's state.
    unsafe { (*PyInterpreterState::eval_frame((*ts).interp)).is_none() }
}

/// Counts what an operation counts of the recursion limit besides the frame of its method; true, with an exception
/// set, if the limit is reached.
pub(super) unsafe fn enter_operation(ts: *mut PyThreadState, purpose: Purpose) -> bool {
    let place: &CStr = match purpose {
        Purpose::Comparison => c" in comparison",
        Purpose::Init | Purpose::Instance => c" while calling a Python object",
        _ => return false,
    };
    // SAFETY: the current thread's state.
    unsafe { enter_recursive_call(ts, place) }
}

/// The frame of a method, with references of its own to the method and the arguments, of which those at the end are
/// named. Null with an exception set.
pub(super) unsafe fn push(
    ts: *mut PyThreadState,
    purpose: Purpose,
    function: *mut PyFunctionObject,
    (arguments, total): (*const *mut PyObject, usize),
    names: *mut PyObject,
) -> *mut PyInterpreterFrame {
    // SAFETY: live objects.
    unsafe {
        for at in 0..total {
            incref(*arguments.add(at));
        }
        incref(function.cast());
        let positional = total - args::count_of(names);
        let frame = args::push_frame(ts, function, arguments, positional, names);
        if !frame.is_null() {
            (*frame).is_entry = purpose as u8;
        }
        frame
    }
}

/// The same for an operation whose operands are not on the stack in that order: those that are not null are passed on.
/// They come in registers, because a handler must not show its own stack to others.
#[inline(never)]
pub(super) unsafe fn push_with(
    ts: *mut PyThreadState,
    purpose: Purpose,
    function: *mut PyFunctionObject,
    first: *mut PyObject,
    second: *mut PyObject,
    third: *mut PyObject,
) -> *mut PyInterpreterFrame {
    let arguments = [first, second, third];
    let total = arguments
        .iter()
        .take_while(|object| !object.is_null())
        .count();
    // SAFETY: live objects.
    unsafe {
        if enter_operation(ts, purpose) {
            return core::ptr::null_mut();
        }
        let names = core::ptr::null_mut();
        let frame = push(ts, purpose, function, (arguments.as_ptr(), total), names);
        if frame.is_null() {
            results::leave_operation(ts, purpose);
        }
        frame
    }
}

/// Begins executing a method; the registers are at the operation, whose operands stay on the stack. There are up to
/// three arguments, then nulls.
macro_rules! enter_method {
    ($r:ident, $purpose:expr, $function:expr, $first:expr, $second:expr, $third:expr) => {{
        let purpose = $purpose;
        let frame =
            $crate::interp::methods::push_with($r.ts, purpose, $function, $first, $second, $third);
        $r.save_sp();
        if frame.is_null() {
            return $crate::interp::results::fail(purpose, $r.frame, $r.ts, $r.table);
        }
        $crate::interp::regs::start_frame!($r, frame)
    }};
}
pub(super) use enter_method;
