//! What the collector keeps of objects, and memory for objects that it tracks, without calls: `_PyObject_GC_TRACK`,
//! `_PyObject_GC_UNTRACK`, and the usual cases of what allocates such an object and frees it.

use core::ffi::c_void;
use core::ptr::null_mut;

use crate::api;
use crate::layout;
use crate::object::{PyObject, PyTypeObject};
use crate::pymalloc;
use crate::state::{PyInterpreterState, PyThreadState};

/// `PyGC_Head`: it lies before each object that the collector may track.
#[repr(C)]
#[derive(Debug)]
pub struct GcHead {
    /// The next object of the list; 0 if the object is not tracked.
    pub(crate) _gc_next: usize,
    /// The one before it, and flags.
    pub(crate) _gc_prev: usize,
}
const _: () = assert!(
    core::mem::offset_of!(GcHead, _gc_next) == layout::PyGCHead::_gc_next
        && core::mem::offset_of!(GcHead, _gc_prev) == layout::PyGCHead::_gc_prev
        && size_of::<GcHead>() == layout::PyGCHead::SIZE,
    "the layout of PyGC_Head differs from CPython's headers"
);

/// The flags beside the address of the object before.
const FLAGS: usize = layout::PyGCHead::FINALIZED | layout::PyGCHead::COLLECTING;
/// The one that stays when an object is tracked no longer.
const KEPT: usize = layout::PyGCHead::FINALIZED;

/// Where the head of an object is, if the collector knows it.
#[inline(always)]
pub(crate) fn head(object: *mut PyObject) -> *mut GcHead {
    object.cast::<GcHead>().wrapping_sub(1)
}

/// Whether the collector tracks an object.
///
/// # Safety
/// A live object of a type that the collector knows.
#[inline(always)]
pub unsafe fn is_tracked(object: *mut PyObject) -> bool {
    // SAFETY: by the caller's promise there is a head.
    unsafe { (*head(object))._gc_next != 0 }
}

/// Puts an object into the list of the youngest ones.
///
/// # Safety
/// `ts` is the current thread's state; a live object that may be tracked and is not.
#[inline(always)]
pub unsafe fn track(ts: *mut PyThreadState, object: *mut PyObject) {
    // SAFETY: by the caller's promise; the list is a ring.
    unsafe {
        let head = head(object);
        let youngest = *PyInterpreterState::gc_youngest((*ts).interp);
        let last = (*youngest)._gc_prev as *mut GcHead;
        (*last)._gc_next = head.addr();
        (*head)._gc_prev = ((*head)._gc_prev & FLAGS) | last.addr();
        (*head)._gc_next = youngest.addr();
        (*youngest)._gc_prev = head.addr();
    }
}

/// Takes an object out of its list.
///
/// # Safety
/// A live object that is tracked.
#[inline(always)]
pub unsafe fn untrack(object: *mut PyObject) {
    // SAFETY: by the caller's promise; the list is a ring.
    unsafe {
        let head = head(object);
        let previous = ((*head)._gc_prev & !FLAGS) as *mut GcHead;
        let next = (*head)._gc_next as *mut GcHead;
        (*previous)._gc_next = next.addr();
        (*next)._gc_prev = ((*next)._gc_prev & FLAGS) | previous.addr();
        (*head)._gc_next = 0;
        (*head)._gc_prev &= KEPT;
    }
}

/// Whether instances of a class are allocated like those of most classes: `PyType_GenericAlloc`.
///
/// # Safety
/// A live class.
#[inline(always)]
pub unsafe fn is_generic(class: *mut PyTypeObject) -> bool {
    // SAFETY: by the caller's promise.
    let alloc = unsafe { (*class).tp_alloc };
    alloc.is_some_and(|alloc| alloc as *const () == api::PyType_GenericAlloc as *const ())
}

/// A block that begins with a head of this size, followed by an object of `size` bytes, which is counted but neither
/// tracked nor set up; null, with no exception, if it takes a call.
///
/// # Safety
/// `ts` is the current thread's state, the collector is not due, and nobody traces memory. The head ends with that of the
/// collector.
#[inline(always)]
pub unsafe fn take(ts: *mut PyThreadState, head: usize, size: usize) -> *mut PyObject {
    let size = head + size.next_multiple_of(size_of::<usize>());
    if size > pymalloc::LARGEST {
        return null_mut();
    }
    // SAFETY: by the caller's promise; the block has room for the head.
    unsafe {
        let block = pymalloc::take(size);
        if block.is_null() {
            return null_mut();
        }
        *PyInterpreterState::gc_count((*ts).interp) += 1;
        let object: *mut PyObject = block.byte_add(head).cast();
        *self::head(object) = GcHead {
            _gc_next: 0,
            _gc_prev: 0,
        };
        object
    }
}

/// `PyObject_GC_Del` of an object that is not tracked, with a head and a size as for [`take`].
///
/// # Safety
/// `ts` is the current thread's state; nobody refers to the object.
#[inline(always)]
pub unsafe fn give(ts: *mut PyThreadState, object: *mut PyObject, head: usize, size: usize) {
    // SAFETY: by the caller's promise.
    unsafe {
        let count = PyInterpreterState::gc_count((*ts).interp);
        if *count > 0 {
            *count -= 1;
        }
        let block: *mut c_void = object.byte_sub(head).cast();
        let size = head + size.next_multiple_of(size_of::<usize>());
        if size > pymalloc::LARGEST || !pymalloc::give(block, size) {
            api::PyObject_Free(block);
        }
    }
}
