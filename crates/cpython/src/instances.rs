//! Memory for instances of plain classes, those that keep attributes in inline values: what
//! `PyType_GenericAlloc` and `PyObject_GC_Del` do for them, without their generality.

use core::ffi::c_void;

use crate::api;
use crate::inline::{decref_no_dealloc, incref};
use crate::object::{PyObject, PyTypeObject, flags};
use crate::pymalloc;
use crate::state::{PyInterpreterState, PyThreadState};

/// What lies before such an object: pointers to its values and its dict, and what the collector needs.
const HEAD: usize = 4 * 8;
/// The largest block of the allocator for small objects.
const LARGEST: usize = 512;

/// Bytes of the block for an instance, if it is of this kind and not too large.
#[inline(always)]
unsafe fn block_size(class: *mut PyTypeObject) -> Option<usize> {
    // SAFETY: a live class.
    unsafe {
        let size = HEAD + ((*class).tp_basicsize as usize).next_multiple_of(8);
        let wanted = flags::MANAGED_DICT | flags::HAVE_GC;
        let known = (*class).tp_flags & wanted == wanted && (*class).tp_itemsize == 0;
        (known && size <= LARGEST).then_some(size)
    }
}

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
        let generic = (*class)
            .tp_alloc
            .is_some_and(|alloc| alloc as *const () == api::PyType_GenericAlloc as *const ());
        let Some(size) = block_size(class).filter(|_| generic) else {
            return NONE;
        };
        let block = pymalloc::take(size);
        if block.is_null() {
            return NONE;
        }
        block.cast::<u8>().write_bytes(0, size);
        let object: *mut PyObject = block.byte_add(HEAD).cast();
        incref(class.cast());
        (*object).ob_type = class;
        (*object).ob_refcnt = 1;
        *PyInterpreterState::gc_count((*ts).interp) += 1;
        api::PyObject_GC_Track(object.cast());
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
        let count = PyInterpreterState::gc_count((*ts).interp);
        if *count > 0 {
            *count -= 1;
        }
        let block: *mut c_void = object.byte_sub(HEAD).cast();
        let is_given = block_size(class).is_some_and(|size| pymalloc::give(block, size));
        if !is_given {
            api::PyObject_Free(block);
        }
        decref_no_dealloc(class.cast());
    }
}
