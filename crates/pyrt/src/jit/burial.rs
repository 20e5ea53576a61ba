//! Deaths that are done while it is found out that they run no code of the program.
//!
//! To look through all that dies with an object, and then to have it die, is to visit everything twice. The parts of
//! tuples, lists, plain instances and exceptions are given up one after the other instead, in the order of CPython's deallocators, as
//! long as none of them runs code. Where one might, an object with fewer parts is left, whose last reference is still the
//! caller's: whoever gives that up goes on in the same order.

use core::ffi::c_void;
use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::collector;
use pyrt_cpython::exceptions::{self, PyBaseExceptionObject, PyTracebackObject};
use pyrt_cpython::frame::{FRAME_OWNED_BY_FRAME_OBJECT, PyFrameObject};
use pyrt_cpython::inline::*;
use pyrt_cpython::instances;
use pyrt_cpython::object::{PyListObject, PyObject, flags};
use pyrt_cpython::state::runtime;

use super::deaths::{
    DEPTH, MOST_ENTRIES, dies_quietly, ends_as_exceptions, ends_plainly, has_slots,
    has_weak_references, is_leaf,
};

/// How many levels of parts are given up. CPython goes as deep before it puts off what is deeper still (`Py_TRASHCAN_BEGIN`).
const DEEPEST: u32 = 50;

/// Gives up the last reference to an object. False if that might run code: then the caller has it still.
///
/// # Safety
/// A live object, whose only reference is the caller's.
pub(super) unsafe fn bury(object: *mut PyObject) -> bool {
    // SAFETY: by the caller's promise.
    unsafe { buried(object, DEEPEST) }
}

/// The same for an object with so many levels of parts that are given up like it.
unsafe fn buried(object: *mut PyObject, depth: u32) -> bool {
    // SAFETY: as for `bury`.
    unsafe {
        if depth > 0 {
            let depth = depth - 1;
            if is_tuple(object) {
                return tuple_buried(object, depth);
            }
            if is_list(object) {
                return list_buried(object.cast(), depth);
            }
            if has_flag(object, flags::BASE_EXC_SUBCLASS) {
                return ends_as_exceptions(object) && exception_buried(object.cast(), depth);
            }
            if is_plain_instance(object) {
                return instance_buried(object, depth);
            }
        }
        // What is only looked at is visited again when it dies.
        let looked_at = match depth {
            DEEPEST => DEPTH,
            _ => depth.min(DEPTH - 1),
        };
        let quiet = dies_quietly(object, looked_at);
        if quiet {
            decref_number(object);
        }
        quiet
    }
}

/// Gives up a reference to an object, or null; false, and nothing done, if that might run code.
#[inline(always)]
unsafe fn give_up(object: *mut PyObject, depth: u32) -> bool {
    // SAFETY: a live object, or null.
    unsafe {
        if object.is_null() {
            return true;
        }
        if (*object).ob_refcnt > 1 {
            decref_no_dealloc(object);
            return true;
        }
        if is_leaf(object) {
            decref_number(object);
            return true;
        }
        buried(object, depth)
    }
}

/// Gives up a reference in a place that is a hole from then on.
#[inline(always)]
unsafe fn empty(place: *mut *mut PyObject, depth: u32) -> bool {
    // SAFETY: as for `give_up`.
    unsafe {
        let is_empty = give_up(*place, depth);
        if is_empty {
            *place = null_mut();
        }
        is_empty
    }
}

/// As `tupledealloc`: from the last item to the first.
unsafe fn tuple_buried(object: *mut PyObject, depth: u32) -> bool {
    // SAFETY: a tuple, whose only reference is the caller's.
    unsafe {
        let items = tuple_items(object);
        let quiet = (0..size_of(object))
            .rev()
            .all(|at| empty(items.offset(at), depth));
        if quiet {
            decref(object);
        }
        quiet
    }
}

/// As `list_dealloc`: from the last item to the first.
unsafe fn list_buried(list: *mut PyListObject, depth: u32) -> bool {
    // SAFETY: a list, whose only reference is the caller's.
    unsafe {
        let items = (*list).ob_item;
        let mut left = (*list).ob_base.ob_size;
        while left > 0 && give_up(*items.offset(left - 1), depth) {
            left -= 1;
        }
        (*list).ob_base.ob_size = left;
        if left == 0 {
            decref(list.cast());
        }
        left == 0
    }
}

/// Whether an instance has attributes in its inline values and nothing else, and ends like `object` by itself.
unsafe fn is_plain_instance(object: *mut PyObject) -> bool {
    // SAFETY: a live object, and its class.
    unsafe {
        let class = type_of(object);
        ends_plainly(class)
            && !has_slots(class)
            && (*class).tp_free == api::PyObject_GC_Del as *mut c_void
            && (*class).ob_base.ob_base.ob_refcnt > 1
            && !has_weak_references(object)
            && (*managed_dict_pointer(object)).is_null()
            && !(*values_pointer(object)).is_null()
    }
}

/// As `subtype_dealloc` and what it calls: the attributes in the order of their keys.
unsafe fn instance_buried(object: *mut PyObject, depth: u32) -> bool {
    // SAFETY: a plain instance, whose only reference is the caller's.
    unsafe {
        let values = *values_pointer(object);
        let keys = cached_keys(type_of(object));
        let items: *mut *mut PyObject = (&raw mut (*values).values).cast();
        let quiet = (0..(*keys).dk_nentries).all(|at| empty(items.offset(at), depth));
        if quiet {
            if collector::is_tracked(object) {
                collector::untrack(object);
            }
            instances::give_values(values, type_of(object));
            instances::give(runtime::current_thread(), object);
        }
        quiet
    }
}

/// As `BaseException_clear`, for an exception that ends like most.
unsafe fn exception_buried(exc: *mut PyBaseExceptionObject, depth: u32) -> bool {
    // SAFETY: an exception, whose only reference is the caller's.
    unsafe {
        let quiet = empty(&raw mut (*exc).dict, depth)
            && empty(&raw mut (*exc).args, depth)
            && traceback_gone((&raw mut (*exc).traceback).cast(), MOST_ENTRIES, depth);
        if quiet {
            exceptions::free_exception(runtime::current_thread(), exc.cast());
        }
        quiet
    }
}

/// As [`empty`] for a traceback, of so many entries at most: as `tb_dealloc`, the entry of the frame that was called first.
unsafe fn traceback_gone(place: *mut *mut PyTracebackObject, entries: u32, depth: u32) -> bool {
    // SAFETY: a live entry, or null.
    unsafe {
        let entry = *place;
        if entry.is_null() {
            return true;
        }
        let object: *mut PyObject = entry.cast();
        if (*object).ob_refcnt > 1 {
            decref_no_dealloc(object);
        } else {
            let quiet = entries > 0
                && collector::is_tracked(object)
                && traceback_gone(&raw mut (*entry).tb_next, entries - 1, depth)
                && frame_gone(&raw mut (*entry).tb_frame, depth);
            if !quiet {
                return false;
            }
            exceptions::free_entry(runtime::current_thread(), entry);
        }
        *place = null_mut();
        true
    }
}

/// As [`empty`] for the object of a frame: as `frame_dealloc`, the function first and the code last.
unsafe fn frame_gone(place: *mut *mut PyFrameObject, depth: u32) -> bool {
    // SAFETY: a live object of a frame, or null. What has ended is the object's own.
    unsafe {
        let object = *place;
        if object.is_null() {
            return true;
        }
        let head: *mut PyObject = object.cast();
        if (*head).ob_refcnt > 1 {
            decref_no_dealloc(head);
        } else {
            let frame = (*object).f_frame;
            let slots = locals(frame);
            let quiet = depth > 0
                && (*frame).owner == FRAME_OWNED_BY_FRAME_OBJECT
                && collector::is_tracked(head)
                && empty((&raw mut (*frame).f_func).cast(), depth)
                // The function may have been the only other one to have it: that of `exec`, for instance.
                && (*(*frame).f_code.cast::<PyObject>()).ob_refcnt > 1
                && empty(&raw mut (*frame).f_locals, depth)
                && (0..(*frame).stacktop).all(|at| empty(slots.offset(at as isize), depth))
                && frame_gone(&raw mut (*object).f_back, depth - 1)
                && empty(&raw mut (*object).f_trace, depth);
            if !quiet {
                return false;
            }
            exceptions::free_frame(runtime::current_thread(), object);
        }
        *place = null_mut();
        true
    }
}
