//! Memory for instances of plain classes, those that keep attributes in inline values: what
//! `PyType_GenericAlloc` and `PyObject_GC_Del` do for them, without their generality.

use core::ffi::c_void;
use core::mem::size_of;

use crate::inline::{cached_keys, count_down, decref_no_dealloc, incref, values_pointer};
use crate::object::{PyDictValues, PyObject, PyTypeObject, flags};
use crate::pymalloc::{self, Domain};
use crate::state::PyThreadState;
use crate::{api, collector};

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
        clear(object.add(1).cast(), more);
        incref(class.cast());
        (*object).ob_type = class;
        (*object).ob_refcnt = 1;
        collector::track(ts, object);
        object
    }
}

/// Gives a new instance of a class its inline values, all NULL (`init_inline_values`); false, and nothing done, if it takes a call
/// of `_PyObject_InitializeDict`.
///
/// # Safety
/// The instance has no values; the GIL is held.
#[inline(always)]
pub unsafe fn take_values(object: *mut PyObject, class: *mut PyTypeObject) -> bool {
    // SAFETY: such a class has keys that its instances share; the block has room for what precedes the values, and for them.
    unsafe {
        if (*class).tp_flags & flags::MANAGED_DICT == 0 {
            return false;
        }
        let keys = cached_keys(class);
        // Instances that come later get less room for more attributes.
        let usable = match (*keys).dk_usable {
            usable @ 2.. => usable - 1,
            usable => usable,
        };
        let count = ((*keys).dk_nentries + usable) as usize;
        let (prefix, size) = sizes_of_values(count);
        if size > pymalloc::LARGEST {
            return false;
        }
        let block: *mut u8 = pymalloc::take_in(Domain::Mem, size).cast();
        if block.is_null() {
            return false;
        }
        (*keys).dk_usable = usable;
        let values = block.add(prefix);
        *values.sub(1) = prefix as u8;
        *values.offset(PyDictValues::COUNT as isize) = 0;
        clear(values.cast(), count);
        *values_pointer(object) = values.cast();
        true
    }
}

/// Frees the inline values of an instance of a class (`free_values`).
///
/// # Safety
/// Nobody uses them any more; the GIL is held.
#[inline(always)]
pub unsafe fn give_values(values: *mut PyDictValues, class: *mut PyTypeObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        let keys = cached_keys(class);
        // As many as instances have now; there may be more of them.
        let (_, size) = sizes_of_values(((*keys).dk_nentries + (*keys).dk_usable) as usize);
        let prefix = *values.cast::<u8>().sub(1);
        let block: *mut c_void = values.byte_sub(prefix.into()).cast();
        if size > pymalloc::LARGEST || !pymalloc::give_in(Domain::Mem, block, size) {
            api::PyMem_Free(block);
        }
    }
}

/// Makes a few words 0: LLVM must not make a call of it.
#[inline(always)]
unsafe fn clear(words: *mut usize, count: usize) {
    for at in 0..count {
        // SAFETY: the caller has as many.
        unsafe { words.add(at).write_volatile(0) };
    }
}

/// The bytes that precede so many inline values, and those of all of it.
#[inline(always)]
fn sizes_of_values(count: usize) -> (usize, usize) {
    let slot = size_of::<*mut PyObject>();
    // The order of all of them, how many there are, and how long this is.
    let prefix = (count + 2).next_multiple_of(slot);
    (prefix, prefix + count * slot)
}

/// Frees the memory of an instance whose attributes are gone, and gives up its reference to its class, of which it has
/// not the last one.
///
/// # Safety
/// `ts` is the current thread's state; the instance is plain, its only reference is the caller's, and the collector does not track it.
#[inline(always)]
pub unsafe fn give(ts: *mut PyThreadState, object: *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        let class = (*object).ob_type;
        count_down(object);
        collector::give(ts, object, HEAD, (*class).tp_basicsize as usize);
        decref_no_dealloc(class.cast());
    }
}
