//! Memory for instances of plain classes, those that keep attributes in inline values: what
//! `PyType_GenericAlloc` and `PyObject_GC_Del` do for them, without their generality.

use core::mem::size_of;

use crate::collector;
use crate::inline::{decref_no_dealloc, incref};
use crate::object::{PyObject, PyTypeObject, flags};
use crate::state::PyThreadState;

/// What lies before such an object: pointers to its values and its dict, and what the collector needs.
const HEAD: usize = 4 * 8;

/// A new instance of a class, tracked by the collector and empty, without inline values; null, with no exception, if it
/// takes a call of `tp_alloc`.
///
/// # Safety
/// `ts` is the current thread's state, the collector is not due, and nobody traces memory.
#[inline(always)]
pub unsafe fn take(ts: *mut PyThreadState, class: *mut PyTypeObject) -> *mut PyObject {
    const NONE: *mut PyObject = core::ptr::null_mut();
    // SAFETY: by the caller's promise; the block has room for the head and the object.
    unsafe {
        let wanted = flags::MANAGED_DICT | flags::HAVE_GC;
        if !collector::is_generic(class)
            || (*class).tp_flags & wanted != wanted
            || (*class).tp_itemsize != 0
        {
            return NONE;
        }
        let size = (*class).tp_basicsize as usize;
        let object = collector::take(ts, HEAD, size);
        if object.is_null() {
            return NONE;
        }
        // Most classes have nothing but their attributes, so this is the head alone.
        object.cast::<[usize; 2]>().sub(HEAD / 16).write([0; 2]);
        let more = size
            .saturating_sub(size_of::<PyObject>())
            .div_ceil(size_of::<usize>());
        if more > 0 {
            object.add(1).cast::<usize>().write_bytes(0, more);
        }
        incref(class.cast());
        (*object).ob_type = class;
        (*object).ob_refcnt = 1;
        collector::track(ts, object);
        object
    }
}

/// Frees the memory of an instance whose attributes are gone, and gives up its reference to its class, of which it has
/// not the last one.
///
/// # Safety
/// `ts` is the current thread's state; the instance is plain, has no references, and the collector does not track it.
#[inline(always)]
pub unsafe fn give(ts: *mut PyThreadState, object: *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        let class = (*object).ob_type;
        collector::give(ts, object, HEAD, (*class).tp_basicsize as usize);
        decref_no_dealloc(class.cast());
    }
}
