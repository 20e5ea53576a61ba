//! What compiled code calls.
//!
//! What is quiet runs no code of the program, so nobody sees that the frames are behind. Foreign
//! helpers may run any; the trace has made its frames true before.

use core::ffi::c_int;

use pyrt_cpython::api;
use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::{pop_frame as inline_pop_frame, *};
use pyrt_cpython::object::{PyObject, PySequenceIterObject};
use pyrt_cpython::state::PyThreadState;
use pyrt_trace::Helper;

use super::deopt;
use super::record::int_value;
use crate::interp::handlers::arith::BINARY_OPS;
use crate::interp::support::VECTORCALL_ARGUMENTS_OFFSET;

/// How many references a dying object may hold for [`release_quiet`] to look at them.
const MOST_CHILDREN: isize = 16;
/// How deep it looks.
const DEPTH: u32 = 3;

/// The address of a helper; 0 for those that no trace calls yet.
pub(super) fn address(helper: Helper) -> usize {
    match helper {
        Helper::BinaryOp => binary_op as *const () as usize,
        Helper::Compare => compare as *const () as usize,
        Helper::GetItem => api::PyObject_GetItem as *const () as usize,
        Helper::SetItem => set_item as *const () as usize,
        Helper::GetAttr => api::PyObject_GetAttr as *const () as usize,
        Helper::SetAttr => set_attr as *const () as usize,
        Helper::GetIter => api::PyObject_GetIter as *const () as usize,
        Helper::Contains => contains as *const () as usize,
        Helper::IsTrue => is_true as *const () as usize,
        Helper::Call => call as *const () as usize,
        Helper::PushFrame => push_frame as *const () as usize,
        Helper::PopFrame => pop_frame as *const () as usize,
        Helper::StrEq => str_eq as *const () as usize,
        Helper::BuildList => build_list as *const () as usize,
        Helper::BuildTuple => build_tuple as *const () as usize,
        Helper::ListAppend => list_append as *const () as usize,
        _ => 0,
    }
}

/// The value of an int of several digits.
pub(super) unsafe extern "C" fn unbox_int(int: *const u8, out: *mut i64) -> u8 {
    // SAFETY: compiled code has guarded that it is an int.
    match unsafe { int_value(int.cast::<PyObject>().cast_mut()) } {
        Some(value) => {
            // SAFETY: compiled code passes room for it.
            unsafe { *out = value };
            1
        }
        None => 0,
    }
}

/// An int; null when memory is out, without an exception, or when `tracemalloc` would look at the frame
/// for the line: then the interpreter makes it.
pub(super) unsafe extern "C" fn box_int(value: i64) -> *mut u8 {
    if traces_memory() {
        return core::ptr::null_mut();
    }
    // SAFETY: the GIL is held.
    unsafe { or_clear(api::PyLong_FromLongLong(value)) }
}

/// A float; null as for [`box_int`].
pub(super) unsafe extern "C" fn box_float(value: f64) -> *mut u8 {
    if traces_memory() {
        return core::ptr::null_mut();
    }
    // SAFETY: the GIL is held.
    unsafe { or_clear(api::PyFloat_FromDouble(value)) }
}

/// The interpreter will run into the same error, and report it.
unsafe fn or_clear(object: *mut PyObject) -> *mut u8 {
    if object.is_null() {
        // SAFETY: the GIL is held.
        unsafe { api::PyErr_Clear() };
    }
    object.cast()
}

/// Gives up the last reference to a number or str.
pub(super) unsafe extern "C" fn dealloc_leaf(object: *mut u8) {
    // SAFETY: compiled code owns the reference.
    unsafe { decref(object.cast()) }
}

/// Gives up the last reference to an object if nothing of the program runs then: 1 if so.
pub(super) unsafe extern "C" fn release_quiet(object: *mut u8) -> u8 {
    // SAFETY: compiled code owns the reference.
    unsafe {
        if !dies_quietly(object.cast(), DEPTH) {
            return 0;
        }
        decref(object.cast());
        1
    }
}

/// Whether an object's death runs no code, for an object whose last reference goes.
unsafe fn dies_quietly(object: *mut PyObject, depth: u32) -> bool {
    // SAFETY: live objects.
    unsafe {
        if is_int(object) || is_float(object) || is_str(object) || is_range_iter(object) {
            return true;
        }
        if depth == 0 {
            return false;
        }
        if is_tuple(object) || is_list(object) {
            let count = size_of(object);
            if count > MOST_CHILDREN {
                return false;
            }
            let items = if is_tuple(object) {
                tuple_items(object)
            } else {
                (*object.cast::<pyrt_cpython::object::PyListObject>()).ob_item
            };
            return (0..count).all(|at| loses_quietly(*items.offset(at), count, depth - 1));
        }
        if is_list_iter(object) || is_tuple_iter(object) {
            let sequence = (*object.cast::<PySequenceIterObject>()).it_seq;
            return sequence.is_null() || loses_quietly(sequence, 1, depth - 1);
        }
        false
    }
}

/// Whether an object may lose up to `references` references without code being run.
unsafe fn loses_quietly(object: *mut PyObject, references: isize, depth: u32) -> bool {
    // SAFETY: a live object, or a hole in a list under construction.
    unsafe { object.is_null() || (*object).ob_refcnt > references || dies_quietly(object, depth) }
}

unsafe extern "C" fn binary_op(a: *mut PyObject, b: *mut PyObject, op: i64) -> *mut PyObject {
    // SAFETY: live objects; the number is one of BINARY_OP's.
    unsafe { BINARY_OPS[op as usize](a, b) }
}

unsafe extern "C" fn compare(a: *mut PyObject, b: *mut PyObject, op: i64) -> *mut PyObject {
    // SAFETY: live objects; the number is one of COMPARE_OP's.
    unsafe { api::PyObject_RichCompare(a, b, op as c_int) }
}

/// Operands in the order of STORE_SUBSCR's stack: value, container, key.
unsafe extern "C" fn set_item(
    value: *mut PyObject,
    container: *mut PyObject,
    key: *mut PyObject,
) -> i64 {
    // SAFETY: live objects.
    unsafe { i64::from(api::PyObject_SetItem(container, key, value)) }
}

/// Value, owner, name.
unsafe extern "C" fn set_attr(
    value: *mut PyObject,
    owner: *mut PyObject,
    name: *mut PyObject,
) -> i64 {
    // SAFETY: live objects.
    unsafe { i64::from(api::PyObject_SetAttr(owner, name, value)) }
}

/// Operands in the order of CONTAINS_OP's stack: item, container.
unsafe extern "C" fn contains(item: *mut PyObject, container: *mut PyObject) -> i64 {
    // SAFETY: live objects.
    unsafe { i64::from(api::PySequence_Contains(container, item)) }
}

unsafe extern "C" fn is_true(object: *mut PyObject) -> i64 {
    // SAFETY: a live object.
    unsafe { i64::from(api::PyObject_IsTrue(object)) }
}

unsafe extern "C" fn call(
    callable: *mut PyObject,
    arguments: *const *mut PyObject,
    count: i64,
) -> *mut PyObject {
    // SAFETY: the slot before the arguments holds the callable, so it may be changed meanwhile.
    unsafe {
        let flags = count as usize | VECTORCALL_ARGUMENTS_OFFSET;
        api::PyObject_Vectorcall(callable, arguments, flags, core::ptr::null_mut())
    }
}

unsafe extern "C" fn str_eq(a: *mut PyObject, b: *mut PyObject) -> i64 {
    // SAFETY: both are exactly strs.
    unsafe { i64::from(api::_PyUnicode_EQ(a, b)) }
}

/// A list of values that keep their references.
unsafe extern "C" fn build_list(values: *const *mut PyObject, count: i64) -> *mut PyObject {
    // SAFETY: as many live objects as it says.
    unsafe {
        let list = api::PyList_New(count as isize);
        if !list.is_null() {
            let items = (*list.cast::<pyrt_cpython::object::PyListObject>()).ob_item;
            for at in 0..count as usize {
                *items.add(at) = new_ref(*values.add(at));
            }
        }
        list
    }
}

/// A tuple of values that keep their references.
unsafe extern "C" fn build_tuple(values: *const *mut PyObject, count: i64) -> *mut PyObject {
    // SAFETY: as many live objects as it says.
    unsafe {
        let tuple = api::PyTuple_New(count as isize);
        if !tuple.is_null() {
            for at in 0..count as usize {
                *tuple_items(tuple).add(at) = new_ref(*values.add(at));
            }
        }
        tuple
    }
}

unsafe extern "C" fn push_frame(
    ts: *mut PyThreadState,
    function: *mut PyFunctionObject,
) -> *mut PyInterpreterFrame {
    // SAFETY: the current thread's state, and a live function.
    unsafe { deopt::new_frame(ts, function) }.unwrap_or(core::ptr::null_mut())
}

/// The end of a frame that `push_frame` made; the trace has taken its locals.
unsafe extern "C" fn pop_frame(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: it is the innermost frame, and nobody has a frame object of it.
    unsafe {
        (*(*ts).cframe).current_frame = (*frame).previous;
        (*ts).recursion_remaining += 1;
        xdecref((*frame).f_locals);
        decref((*frame).f_func.cast());
        decref((*frame).f_code.cast());
        inline_pop_frame(ts, frame);
    }
}

/// `list.append`; -1 when memory is out, without an exception.
unsafe extern "C" fn list_append(list: *mut PyObject, item: *mut PyObject) -> i64 {
    // SAFETY: compiled code has guarded that it is a list.
    unsafe {
        if traces_memory() {
            return -1;
        }
        if api::PyList_Append(list, item) < 0 {
            api::PyErr_Clear();
            return -1;
        }
        0
    }
}
