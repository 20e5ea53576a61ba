//! What containers and strs hold.

use super::*;
use crate::api;
use crate::layout;
use crate::object::{
    PyBytesObject, PyDictObject, PyRangeIterObject, PySequenceIterObject, PyTupleObject,
};

/// Item of a tuple, borrowed.
///
/// # Safety
/// `tuple` is a live tuple longer than `index`.
#[inline(always)]
pub unsafe fn tuple_item(tuple: *mut PyObject, index: usize) -> *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe { *tuple_items(tuple).add(index) }
}

/// The items of a tuple.
///
/// # Safety
/// `tuple` is a live tuple.
#[inline(always)]
pub unsafe fn tuple_items(tuple: *mut PyObject) -> *mut *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe { (&raw mut (*tuple.cast::<PyTupleObject>()).ob_item).cast() }
}

/// Whether an object is the iterator of a list, a tuple, a range or a str that is all ASCII, and has no more items.
///
/// # Safety
/// `iterator` is live.
#[inline(always)]
pub unsafe fn is_at_end(iterator: *mut PyObject) -> bool {
    // SAFETY: by the caller's promise; what an iterator goes over is alive.
    unsafe {
        if is_list_iter(iterator) || is_tuple_iter(iterator) || is_ascii_iter(iterator) {
            let iterator: *mut PySequenceIterObject = iterator.cast();
            let sequence = (*iterator).it_seq;
            sequence.is_null() || (*iterator).it_index >= size_of(sequence)
        } else if is_range_iter(iterator) {
            let iterator: *mut PyRangeIterObject = iterator.cast();
            (*iterator).index >= (*iterator).len
        } else {
            false
        }
    }
}

/// `_PyObject_ValuesPointer`.
///
/// # Safety
/// `object` is an instance of a type with `Py_TPFLAGS_MANAGED_DICT`.
#[inline(always)]
pub unsafe fn values_pointer(object: *mut PyObject) -> *mut *mut crate::object::PyDictValues {
    // SAFETY: managed dicts keep it four words before the object.
    unsafe { object.cast::<*mut crate::object::PyDictValues>().sub(4) }
}

/// The keys that the instances of a class share (`CACHED_KEYS`).
///
/// # Safety
/// A heap type, whose instances have inline values.
#[inline(always)]
pub unsafe fn cached_keys(
    class: *mut crate::object::PyTypeObject,
) -> *mut crate::object::PyDictKeysObject {
    // SAFETY: by the caller's promise.
    unsafe {
        *class
            .byte_add(layout::PyHeapTypeObject::ht_cached_keys)
            .cast()
    }
}

/// `_PyObject_ManagedDictPointer`.
///
/// # Safety
/// As [`values_pointer`].
#[inline(always)]
pub unsafe fn managed_dict_pointer(object: *mut PyObject) -> *mut *mut PyDictObject {
    // SAFETY: managed dicts keep it three words before the object.
    unsafe { object.cast::<*mut PyDictObject>().sub(3) }
}

/// Start of the entries of a dict's keys (`DK_ENTRIES`, `DK_UNICODE_ENTRIES`).
///
/// # Safety
/// `keys` is live; `T` is the entry type of its kind.
#[inline(always)]
pub unsafe fn dict_entries<T>(keys: *mut crate::object::PyDictKeysObject) -> *mut T {
    // SAFETY: entries follow the index table.
    unsafe {
        (&raw mut (*keys).dk_indices)
            .cast::<u8>()
            .add(1 << (*keys).dk_log2_index_bytes)
            .cast()
    }
}

/// Where the bytes of exactly a `bytes` are.
///
/// # Safety
/// Such an object, live.
#[inline(always)]
pub unsafe fn bytes_start(bytes: *mut PyObject) -> *mut u8 {
    // SAFETY: by the caller's promise.
    unsafe { (&raw mut (*bytes.cast::<PyBytesObject>()).ob_sval).cast() }
}

/// The bytes of a `bytes`.
///
/// # Safety
/// Such an object, which outlives the slice.
#[inline(always)]
pub unsafe fn bytes_of<'a>(bytes: *mut PyObject) -> &'a [u8] {
    // SAFETY: by the caller's promise.
    unsafe { core::slice::from_raw_parts(bytes_start(bytes), size_of(bytes) as usize) }
}

/// The characters of a str that is all ASCII; null for others. Calls nothing.
///
/// # Safety
/// A live str.
#[inline(always)]
pub unsafe fn ascii_text(text: *mut PyObject) -> (*const u8, usize) {
    /// `compact` and `ascii` of its state.
    const BITS: u32 = 0x20 | 0x40;
    // SAFETY: such a str has its characters after its header.
    unsafe {
        let state: u32 = text
            .byte_add(layout::PyASCIIObject::state)
            .cast::<u32>()
            .read();
        let length = size_of(text) as usize;
        let characters = text.byte_add(layout::PyASCIIObject::SIZE).cast::<u8>();
        if state & BITS == BITS {
            (characters, length)
        } else {
            (core::ptr::null(), 0)
        }
    }
}

/// Whether two strs are equal; `None` unless they are the same or all ASCII. Calls nothing of CPython's.
///
/// # Safety
/// Live strs.
#[inline(always)]
pub unsafe fn ascii_equal(a: *mut PyObject, b: *mut PyObject) -> Option<bool> {
    /// Bytes that can be read from the beginning of a str's characters, however short: its memory ends at a
    /// multiple of as many.
    const WORD: usize = 8;
    if a == b {
        return Some(true);
    }
    // SAFETY: by the caller's promise; a str has its characters, and a zero, after its header.
    unsafe {
        let ((left, length), (right, other_length)) = (ascii_text(a), ascii_text(b));
        if left.is_null() || right.is_null() {
            return None;
        }
        if length != other_length || length == 0 {
            return Some(length == other_length);
        }
        let differ = left.cast::<u64>().read_unaligned() ^ right.cast::<u64>().read_unaligned();
        if length <= WORD {
            return Some(u64::from_le(differ) << (u64::BITS as usize - 8 * length) == 0);
        }
        let rest = |text: *const u8| core::slice::from_raw_parts(text, length);
        Some(differ == 0 && rest(left) == rest(right))
    }
}

/// What a dict does besides when a value of it is replaced by this one.
///
/// # Safety
/// A live dict and object.
#[inline(always)]
pub unsafe fn note_change(dict: *mut PyDictObject, value: *mut PyObject) {
    // SAFETY: by the caller's promise; the GIL is held.
    unsafe {
        if !is_tracked(dict.cast()) {
            track_if_needed(dict.cast(), value);
        }
        api::_pydict_global_version += 1;
        (*dict).ma_version_tag = api::_pydict_global_version;
    }
}

/// `_PyObject_GC_TRACK` for a dict that gets a value the collector must see.
#[cold]
#[inline(never)]
unsafe fn track_if_needed(dict: *mut PyObject, value: *mut PyObject) {
    // SAFETY: live objects.
    unsafe {
        if api::PyObject_GC_IsTracked(dict) == 0
            && api::PyObject_IS_GC(value) != 0
            && (!is_tuple(value) || api::PyObject_GC_IsTracked(value) != 0)
        {
            api::PyObject_GC_Track(dict.cast());
        }
    }
}

/// Whether the collector tracks an object of a collected type.
#[inline(always)]
unsafe fn is_tracked(object: *mut PyObject) -> bool {
    // SAFETY: the collector's header lies before the object; its first word is
    // null while it is not tracked.
    unsafe { *object.cast::<usize>().sub(2) != 0 }
}
