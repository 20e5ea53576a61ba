//! Functions of CPython's that are called often and have a better definition here. The build makes the originals
//! weak, so that all of CPython calls these.
//!
//! CPython's archive is compiled file by file, so a function that is shared costs a call of each that it calls in
//! turn; here the usual case is one piece.

use core::cmp::Ordering;
use core::ffi::{c_int, c_long, c_void};
use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::code::{PyCodeObject, PyFunctionObject};
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PY_EQ, PyLongObject, PyObject, PySsize, visitproc};
use pyrt_cpython::state::{FrameEvalFunction, PyInterpreterState, PyThreadState, runtime};
use pyrt_cpython::{ints, signals, traverse};

use super::handlers::arith::{int_without_call, small_value};
use super::handlers::generator;
use super::unwind::clear_and_pop;
use super::{_PyEval_EvalFrameDefault, args, lines};
use crate::jit;

/// Calls a Python function, from C. A new reference, or null with an exception set.
///
/// # Safety
/// As for CPython's function of this name: `ts` is the current thread's state, there are `count` positional arguments
/// and as many more as there are `names`, which may be null like `namespace`.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn _PyEval_Vector(
    ts: *mut PyThreadState,
    function: *mut PyFunctionObject,
    namespace: *mut PyObject,
    arguments: *const *mut PyObject,
    count: usize,
    names: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: by the caller's promise; the frame takes over references.
    unsafe {
        if !namespace.is_null() {
            return api::pyrt_c__PyEval_Vector(ts, function, namespace, arguments, count, names);
        }
        if names.is_null()
            && let Some(result) = jit::nested::call_for_c(ts, function, arguments, count)
        {
            return result;
        }
        incref(function.cast());
        for at in 0..count + args::count_of(names) {
            incref(*arguments.add(at));
        }
        let frame = args::push_frame(ts, function, arguments, count, names);
        if frame.is_null() {
            return null_mut();
        }
        run_apart(ts, frame)
    }
}

/// Runs a new frame in an evaluation of its own, and removes it; that of a generator's function without one.
///
/// # Safety
/// The frame is the topmost on the data stack of `ts`, the current thread's state, and linked to nothing.
#[inline(always)]
pub(crate) unsafe fn run_apart(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
) -> *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe {
        let result = match *PyInterpreterState::eval_frame((*ts).interp) {
            None => {
                if let Some(generator) = generator::begin(ts, frame) {
                    return generator;
                }
                _PyEval_EvalFrameDefault(ts, frame, 0)
            }
            Some(evaluate) => evaluate(ts, frame, 0),
        };
        clear_and_pop(ts, frame);
        result
    }
}

/// Has a function evaluate all frames (PEP 523). Compiled code has inlined calls that would pass it by, so it is dropped;
/// what runs goes on until it leaves.
///
/// # Safety
/// As for CPython's function of this name: a live interpreter, the GIL held.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn _PyInterpreterState_SetEvalFrameFunc(
    interp: *mut PyInterpreterState,
    evaluate: Option<FrameEvalFunction>,
) {
    // SAFETY: by the caller's promise.
    unsafe {
        api::pyrt_c__PyInterpreterState_SetEvalFrameFunc(interp, evaluate);
        if jit::is_available() {
            jit::driver::flush();
        }
    }
}

/// An int: a new reference, or null with an exception set.
///
/// # Safety
/// The GIL is held.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn PyLong_FromLong(value: c_long) -> *mut PyObject {
    // SAFETY: the GIL is held.
    unsafe {
        let int = int_without_call(value);
        match int.is_null() {
            true => api::pyrt_c_PyLong_FromLong(value),
            false => int,
        }
    }
}

/// An int: a new reference, or null with an exception set.
///
/// # Safety
/// The GIL is held.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn PyLong_FromSsize_t(value: PySsize) -> *mut PyObject {
    // SAFETY: the GIL is held.
    unsafe { PyLong_FromLong(value as c_long) }
}

/// A product: a new reference, or null with an exception set.
///
/// # Safety
/// Ints; the GIL is held.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn _PyLong_Multiply(
    left: *mut PyLongObject,
    right: *mut PyLongObject,
) -> *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe {
        let product = ints::product(left.cast(), right.cast());
        product.unwrap_or_else(|| api::pyrt_c__PyLong_Multiply(left, right))
    }
}

/// Whether a comparison with this number holds: 1, 0, or -1 with an exception set. What is the same object is equal.
///
/// # Safety
/// As for CPython's function of this name: live objects, the GIL held.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn PyObject_RichCompareBool(
    left: *mut PyObject,
    right: *mut PyObject,
    number: c_int,
) -> c_int {
    // SAFETY: by the caller's promise, or null.
    unsafe {
        if left == right && number == PY_EQ {
            return 1;
        }
        match small_ints(left, right) {
            Some(order) => c_int::from(holds(order, number)),
            None => api::pyrt_c_PyObject_RichCompareBool(left, right, number),
        }
    }
}

/// Handles signals that have come in: 0, or -1 with an exception set. Long arithmetic asks at each digit.
///
/// # Safety
/// The GIL is held.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn PyErr_CheckSignals() -> c_int {
    match signals::may_wait() {
        // SAFETY: by the caller's promise.
        true => unsafe { api::pyrt_c_PyErr_CheckSignals() },
        false => 0,
    }
}

/// Shows what the inline values of an instance refer to.
///
/// # Safety
/// As for CPython's function of this name: a live instance of a class with managed dicts, the GIL held.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn _PyObject_VisitInstanceAttributes(
    object: *mut PyObject,
    visit: visitproc,
    data: *mut c_void,
) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { traverse::attributes(object, visit, data) }
}

/// The order of two objects if both are ints of one digit, and a call in C would not be one too deep.
#[inline(always)]
unsafe fn small_ints(left: *mut PyObject, right: *mut PyObject) -> Option<Ordering> {
    // SAFETY: live objects, or null; the GIL is held.
    unsafe {
        if left.is_null() || right.is_null() || !is_int(left) || !is_int(right) {
            return None;
        }
        let (left, right) = (small_value(left)?, small_value(right)?);
        let has_room = (*runtime::current_thread()).recursion_remaining > 0;
        has_room.then(|| left.cmp(&right))
    }
}

/// What `Py_LT` to `Py_GE` say of an order.
fn holds(order: Ordering, number: c_int) -> bool {
    match number {
        0 => order.is_lt(),
        1 => order.is_le(),
        2 => order.is_eq(),
        3 => order.is_ne(),
        4 => order.is_gt(),
        _ => order.is_ge(),
    }
}

/// The line of the instruction at an offset in bytes; -1 if it has none.
///
/// # Safety
/// Live code.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn PyCode_Addr2Line(code: *mut PyCodeObject, offset: c_int) -> c_int {
    // SAFETY: live code has a table, which is `bytes`.
    unsafe {
        let first = (*code).co_firstlineno;
        match u32::try_from(offset) {
            Ok(offset) => lines::line_of(bytes_of((*code).co_linetable), first, offset),
            Err(_) => first,
        }
    }
}
