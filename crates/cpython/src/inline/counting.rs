//! Reference counts, and what happens when the last reference goes.

use core::ffi::c_int;

use super::*;
use crate::layout;
use crate::object::PySsize;
use crate::state::PyThreadState;

/// Where CPython counts all references, `_Py_RefTotal`; null in builds that do not, which are all
/// but debug builds.
pub fn ref_total() -> *mut PySsize {
    #[cfg(pyrt_ref_debug)]
    return &raw mut api::_Py_RefTotal;
    #[cfg(not(pyrt_ref_debug))]
    core::ptr::null_mut()
}

/// Counts references that come or go, where CPython counts all.
///
/// # Safety
/// The GIL is held.
#[inline(always)]
unsafe fn count_in_total(change: PySsize) {
    #[cfg(pyrt_ref_debug)]
    // SAFETY: the GIL is held.
    unsafe {
        api::_Py_RefTotal += change;
    }
    let _ = change;
}

/// `Py_INCREF`.
///
/// # Safety
/// `object` is a live object and the GIL is held.
#[inline(always)]
pub unsafe fn incref(object: *mut PyObject) {
    // SAFETY: live by the caller's promise.
    unsafe {
        count_in_total(1);
        (*object).ob_refcnt += 1;
    }
}

/// Counts a reference down; whether it was the last one. Then the object is the caller's to free.
///
/// # Safety
/// The caller owns a reference and gives it up; the GIL is held.
#[inline(always)]
pub unsafe fn count_down(object: *mut PyObject) -> bool {
    // SAFETY: live by the caller's promise.
    unsafe {
        count_in_total(-1);
        (*object).ob_refcnt -= 1;
        #[cfg(pyrt_ref_debug)]
        if (*object).ob_refcnt < 0 {
            api::_Py_NegativeRefcount(c"pyrt".as_ptr(), line!() as c_int, object);
        }
        (*object).ob_refcnt == 0
    }
}

/// Adds references; fewer than none takes some away that are not the last ones.
///
/// # Safety
/// As [`incref`].
#[inline(always)]
pub unsafe fn add_refs(object: *mut PyObject, count: isize) {
    // SAFETY: live by the caller's promise.
    unsafe {
        count_in_total(count);
        (*object).ob_refcnt += count;
    }
}

/// `Py_NewRef`.
///
/// # Safety
/// As [`incref`].
#[inline(always)]
pub unsafe fn new_ref(object: *mut PyObject) -> *mut PyObject {
    // SAFETY: as ours.
    unsafe { incref(object) };
    object
}

/// `Py_XINCREF`, returning its argument.
///
/// # Safety
/// `object` is null or as for [`incref`].
#[inline(always)]
pub unsafe fn xnew_ref(object: *mut PyObject) -> *mut PyObject {
    if !object.is_null() {
        // SAFETY: not null.
        unsafe { incref(object) };
    }
    object
}

/// `Py_DECREF`: may run arbitrary code when the object dies.
///
/// # Safety
/// The caller owns a reference and gives it up; the GIL is held.
#[inline(always)]
pub unsafe fn decref(object: *mut PyObject) {
    // SAFETY: live by the caller's promise.
    unsafe {
        if count_down(object) {
            dealloc_by_type(object);
        }
    }
}

/// `_Py_Dealloc`: a debug build's own, which checks what the type's function does.
///
/// # Safety
/// `object` has no references, and the GIL is held.
#[inline(always)]
unsafe fn dealloc_by_type(object: *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        #[cfg(pyrt_ref_debug)]
        api::_Py_Dealloc(object);
        #[cfg(not(pyrt_ref_debug))]
        ((*(*object).ob_type).tp_dealloc)(object);
    }
}

/// `Py_XDECREF`.
///
/// # Safety
/// `object` is null or as for [`decref`].
#[inline(always)]
pub unsafe fn xdecref(object: *mut PyObject) {
    if !object.is_null() {
        // SAFETY: not null.
        unsafe { decref(object) };
    }
}

/// `_Py_DECREF_NO_DEALLOC`: for objects that something else keeps alive.
///
/// # Safety
/// Another reference exists.
#[inline(always)]
pub unsafe fn decref_no_dealloc(object: *mut PyObject) {
    // SAFETY: live by the caller's promise.
    unsafe { count_down(object) };
}

/// `_Py_DECREF_SPECIALIZED` for exact ints.
///
/// # Safety
/// As [`decref`], of an exact `int`.
#[inline(always)]
pub unsafe fn decref_int(object: *mut PyObject) {
    // SAFETY: an exact int is freed by PyObject_Free alone.
    unsafe {
        if count_down(object) && !int_to_pool(object) {
            api::PyObject_Free(object.cast());
        }
    }
}

/// [`decref`] of what is probably a number.
///
/// # Safety
/// As [`decref`].
#[inline(always)]
pub unsafe fn decref_number(object: *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        if is_int(object) {
            decref_int(object);
        } else {
            decref(object);
        }
    }
}

/// Where it says whether `tracemalloc` wants to know of new objects.
#[inline(always)]
pub fn memory_tracing() -> *const c_int {
    let config = (&raw const api::_Py_tracemalloc_config).cast::<u8>();
    // SAFETY: the field is in the struct.
    unsafe { config.add(layout::PyTraceMallocConfig::tracing).cast() }
}

/// Whether `tracemalloc` wants to know of new objects.
#[inline(always)]
pub fn traces_memory() -> bool {
    // SAFETY: written under the GIL, which is held.
    unsafe { *memory_tracing() != 0 }
}

/// Frees an object without a call if that is possible.
///
/// # Safety
/// `object` has no references; `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn dealloc_inline(ts: *mut PyThreadState, object: *mut PyObject) -> bool {
    // SAFETY: by the caller's promise.
    unsafe {
        if is_int(object) {
            return int_to_pool(object);
        }
        let possible = is_float(object) && float_list_has_room(ts, 1);
        if possible {
            float_to_list(ts, object);
        }
        possible
    }
}

/// `_Py_Dealloc`, which may run arbitrary code.
///
/// # Safety
/// `object` has no references, and the GIL is held.
#[inline(always)]
pub unsafe fn dealloc(object: *mut PyObject) {
    // SAFETY: by the caller's promise. An exact int is freed by PyObject_Free alone.
    unsafe {
        if is_int(object) {
            api::PyObject_Free(object.cast());
        } else {
            dealloc_by_type(object);
        }
    }
}

/// `_Py_DECREF_SPECIALIZED` for exact strings.
///
/// # Safety
/// As [`decref`], of an exact `str`.
#[inline(always)]
pub unsafe fn decref_str(object: *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        if count_down(object) {
            api::_PyUnicode_ExactDealloc(object);
        }
    }
}
