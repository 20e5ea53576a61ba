//! Parts of sequences of CPython's own, as `a[i:j]`.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyObject, PySliceObject};

use super::handlers::arith::two_digit_value;

/// What a slice of a container is (`PyObject_GetItem`): a new reference, or null with an exception set.
#[inline(never)]
pub(super) unsafe fn get(container: *mut PyObject, slice: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object, and a slice.
    unsafe {
        let slice: *mut PySliceObject = slice.cast();
        if (*slice).step == none()
            && (is_list(container) || is_str(container) || is_tuple(container))
            && let Some(start) = index((*slice).start, 0)
            && let Some(stop) = index((*slice).stop, i64::MAX)
        {
            return range(container, start, stop);
        }
        api::PyObject_GetItem(container, slice.cast())
    }
}

/// An end of a slice, if it is None or an int that is not very large.
#[inline(always)]
unsafe fn index(end: *mut PyObject, default: i64) -> Option<i64> {
    // SAFETY: a live object.
    unsafe {
        if end == none() {
            Some(default)
        } else if is_int(end) {
            two_digit_value(end)
        } else {
            None
        }
    }
}

/// A part of exactly a list, tuple, str or bytes; negative numbers count from its end. A new reference, or null with an
/// exception set.
#[inline(always)]
pub(crate) unsafe fn range(sequence: *mut PyObject, start: i64, stop: i64) -> *mut PyObject {
    // SAFETY: such a sequence.
    unsafe {
        let length = match is_str(sequence) {
            true => api::PyUnicode_GetLength(sequence),
            false => size_of(sequence),
        };
        // `PySlice_AdjustIndices` with a step of 1.
        let adjusted = |index: i64| match index < 0 {
            true => (index + length as i64).max(0) as isize,
            false => index.min(length as i64) as isize,
        };
        let (start, stop) = (adjusted(start), adjusted(stop));
        if is_list(sequence) {
            api::PyList_GetSlice(sequence, start, stop)
        } else if is_tuple(sequence) {
            api::PyTuple_GetSlice(sequence, start, stop)
        } else if is_str(sequence) {
            api::PyUnicode_Substring(sequence, start, stop)
        } else if (start, stop) == (0, length) {
            new_ref(sequence)
        } else {
            let first = bytes_start(sequence).offset(start);
            api::PyBytes_FromStringAndSize(first.cast(), (stop - start).max(0))
        }
    }
}
