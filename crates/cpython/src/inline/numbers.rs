//! Boxes of numbers, made and freed as CPython's allocators do.

use core::ffi::c_int;

use super::*;
use crate::layout;
use crate::object::{PyFloatObject, PyLongObject, PySsize};
use crate::pymalloc;
use crate::state::{PyInterpreterState, PyThreadState};

/// `PyFloat_FromDouble` out of the free list: null when there is nothing in it, or
/// somebody wants to know of new objects, as a debug build always does.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn float_from_list(ts: *mut PyThreadState, value: f64) -> *mut PyObject {
    // SAFETY: what is in the list is memory for a float.
    unsafe {
        let list = PyInterpreterState::float_free_list((*ts).interp);
        let float = *list;
        if float.is_null() || traces_memory() || cfg!(pyrt_ref_debug) {
            return core::ptr::null_mut();
        }
        *list = (*float).ob_type.cast();
        *PyInterpreterState::float_numfree((*ts).interp) -= 1;
        (*float).ob_refcnt = 1;
        (*float).ob_type = &raw mut api::PyFloat_Type;
        (*float.cast::<PyFloatObject>()).ob_fval = value;
        float
    }
}

/// Whether `count` more floats can be put into the free list; a debug build has its own say.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn float_list_has_room(ts: *mut PyThreadState, count: c_int) -> bool {
    // SAFETY: by the caller's promise.
    unsafe {
        !cfg!(pyrt_ref_debug)
            && *PyInterpreterState::float_numfree((*ts).interp) + count
                <= layout::PyFloatObject::MAXFREELIST as c_int
    }
}

/// `_PyFloat_ExactDealloc` into the free list, which has room.
///
/// # Safety
/// `float` is exactly a float and without references; `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn float_to_list(ts: *mut PyThreadState, float: *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        let list = PyInterpreterState::float_free_list((*ts).interp);
        (*float).ob_type = (*list).cast();
        *list = float;
        *PyInterpreterState::float_numfree((*ts).interp) += 1;
    }
}

/// `PyLong_FromLongLong` of a value of at most two digits that is not preallocated, without
/// a call: null when that is not possible.
///
/// # Safety
/// The GIL is held.
#[inline(always)]
pub unsafe fn int_from_pool(value: i64) -> *mut PyObject {
    const DIGIT: u64 = (1 << layout::digit::SHIFT) - 1;
    let magnitude = value.unsigned_abs();
    if magnitude >> (2 * layout::digit::SHIFT) != 0 {
        return core::ptr::null_mut();
    }
    // SAFETY: the block has room for two digits; while `tracemalloc` traces there is none.
    unsafe {
        let int: *mut PyLongObject = pymalloc::take(pymalloc::SMALL).cast();
        if int.is_null() {
            return core::ptr::null_mut();
        }
        let high = magnitude >> layout::digit::SHIFT;
        let size = if high != 0 {
            2
        } else {
            PySsize::from(magnitude != 0)
        };
        (*int).ob_base.ob_base.ob_refcnt = 1;
        (*int).ob_base.ob_base.ob_type = &raw mut api::PyLong_Type;
        (*int).ob_base.ob_size = if value < 0 { -size } else { size };
        // Both digits at once: an int of one digit has four bytes to spare.
        let digits: *mut u64 = (&raw mut (*int).ob_digit).cast();
        *digits = high << 32 | magnitude & DIGIT;
        int.cast()
    }
}

/// As [`int_from_pool`], of three or four digits.
///
/// # Safety
/// The GIL is held.
#[inline(always)]
pub unsafe fn wide_int_from_pool(value: i128) -> *mut PyObject {
    const SHIFT: usize = layout::digit::SHIFT;
    const DIGIT: u64 = (1 << SHIFT) - 1;
    let magnitude = value.unsigned_abs();
    let low = magnitude as u64 & (DIGIT << SHIFT | DIGIT);
    let high = (magnitude >> (2 * SHIFT)) as u64;
    if high == 0 || magnitude >> (4 * SHIFT) != 0 {
        return core::ptr::null_mut();
    }
    // SAFETY: the block has room for six digits; while `tracemalloc` traces there is none.
    unsafe {
        let int: *mut PyLongObject = pymalloc::take(pymalloc::MEDIUM).cast();
        if int.is_null() {
            return core::ptr::null_mut();
        }
        let size = if high >> SHIFT != 0 { 4 } else { 3 };
        (*int).ob_base.ob_base.ob_refcnt = 1;
        (*int).ob_base.ob_base.ob_type = &raw mut api::PyLong_Type;
        (*int).ob_base.ob_size = if value < 0 { -size } else { size };
        let pairs: *mut u64 = (&raw mut (*int).ob_digit).cast();
        *pairs = (low >> SHIFT) << 32 | low & DIGIT;
        *pairs.add(1) = (high >> SHIFT) << 32 | high & DIGIT;
        int.cast()
    }
}

/// How two exact ints compare.
///
/// # Safety
/// Both are live.
#[inline(always)]
pub unsafe fn compare_ints(left: *mut PyObject, right: *mut PyObject) -> core::cmp::Ordering {
    // SAFETY: exact ints have as many digits as they say.
    unsafe {
        let (a, b) = (size_of(left), size_of(right));
        if a != b {
            return a.cmp(&b);
        }
        let digit = |int: *mut PyObject, index: usize| {
            let digits = (&raw const (*int.cast::<PyLongObject>()).ob_digit).cast::<u32>();
            *digits.add(index)
        };
        let mut index = a.unsigned_abs();
        while index > 0 {
            index -= 1;
            let (x, y) = (digit(left, index), digit(right, index));
            if x != y {
                return if (x < y) == (a > 0) {
                    core::cmp::Ordering::Less
                } else {
                    core::cmp::Ordering::Greater
                };
            }
        }
        core::cmp::Ordering::Equal
    }
}

/// `PyObject_Free` of an exact int without a call; false if that is not possible.
///
/// # Safety
/// `int` is exactly an int and without references.
#[inline(always)]
pub unsafe fn int_to_pool(int: *mut PyObject) -> bool {
    // SAFETY: by the caller's promise. Which size the block has is a guess: an int may be
    // smaller than the one that it was made for.
    unsafe {
        let size = if size_of(int).unsigned_abs() <= 2 {
            pymalloc::SMALL
        } else {
            pymalloc::MEDIUM
        };
        pymalloc::give(int.cast(), size)
    }
}
