//! Items and parts of lists, strs and bytes, and operators.

use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyListObject, PySliceObject};
use pyrt_cpython::state::runtime;
use pyrt_trace::Helper;

use super::text::formats_quietly;
use super::{Obj, Thread, or_clear, quietly};
use crate::interp::handlers::arith::BINARY_OPS;
use crate::interp::slices;

/// The address of a helper of this family.
pub(super) fn address(helper: Helper) -> Option<*const ()> {
    Some(match helper {
        Helper::ListPop => list_pop as *const (),
        Helper::StrItem => str_item as *const (),
        Helper::BytesItem => bytes_item as *const (),
        Helper::BytearrayItem => bytearray_item as *const (),
        Helper::BytearraySet => bytearray_set as *const (),
        Helper::NewSequence => new_sequence as *const (),
        Helper::QuietBinary => quiet_binary as *const (),
        Helper::GetSlice => get_slice as *const (),
        Helper::GetRange => get_range as *const (),
        Helper::NewSlice => new_slice as *const (),
        _ => return None,
    })
}

/// The index that a subscript means, if it is inside.
fn inside(index: i64, length: isize) -> Option<isize> {
    let at = if index < 0 {
        index + length as i64
    } else {
        index
    };
    (0..length as i64).contains(&at).then_some(at as isize)
}

unsafe extern "C" fn list_pop(list: Obj, index: i64) -> Obj {
    // SAFETY: a list.
    unsafe {
        let list: *mut PyListObject = list.cast();
        let length = size_of(list.cast());
        let at = if index < 0 {
            index + length as i64
        } else {
            index
        } as isize;
        if at < 0 || at >= length || traces_memory() {
            return null_mut();
        }
        let item = *(*list).ob_item.offset(at);
        let fits = length > (*list).allocated >> 1;
        if fits && at == length - 1 {
            (*list).ob_base.ob_size = at;
            return item;
        }
        incref(item);
        if api::PyList_SetSlice(list.cast(), at, at + 1, null_mut()) < 0 {
            api::PyErr_Clear();
            decref(item);
            return null_mut();
        }
        item
    }
}

unsafe extern "C" fn str_item(text: Obj, index: i64) -> Obj {
    // SAFETY: a str.
    unsafe {
        let Some(at) = inside(index, size_of(text)) else {
            return null_mut();
        };
        let (characters, _) = ascii_text(text);
        if !characters.is_null() {
            return new_ref(runtime::ascii_character(*characters.offset(at)));
        }
        if traces_memory() {
            return null_mut();
        }
        or_clear(api::PySequence_GetItem(text, at))
    }
}

unsafe extern "C" fn bytes_item(bytes: Obj, index: i64) -> i64 {
    // SAFETY: bytes.
    unsafe {
        match inside(index, size_of(bytes)) {
            Some(at) => i64::from(*bytes_start(bytes).offset(at)),
            None => -1,
        }
    }
}

unsafe extern "C" fn bytearray_item(bytes: Obj, index: i64) -> i64 {
    // SAFETY: exactly a bytearray.
    unsafe {
        match inside(index, size_of(bytes)) {
            Some(at) => i64::from(*api::PyByteArray_AsString(bytes).cast::<u8>().offset(at)),
            None => -1,
        }
    }
}

unsafe extern "C" fn bytearray_set(value: i64, bytes: Obj, index: i64) -> i64 {
    // SAFETY: exactly a bytearray.
    unsafe {
        match (inside(index, size_of(bytes)), u8::try_from(value)) {
            (Some(at), Ok(value)) => {
                *api::PyByteArray_AsString(bytes).cast::<u8>().offset(at) = value;
                0
            }
            _ => -1,
        }
    }
}

unsafe extern "C" fn new_sequence(ts: Thread, a: Obj, b: Obj, op: i64) -> Obj {
    // SAFETY: live objects; the number is one of BINARY_OP's.
    unsafe { quietly(ts, true, || BINARY_OPS[op as usize](a, b)) }
}

unsafe extern "C" fn quiet_binary(ts: Thread, a: Obj, b: Obj, op: i64) -> Obj {
    // SAFETY: live objects; the number is one of BINARY_OP's.
    unsafe {
        let remainder = op % 13 == 6 && is_str(a);
        if remainder && !formats_quietly(a, b) {
            return null_mut();
        }
        let adds_bytes = op % 13 == 0 && is_bytes(a) && is_bytes(b);
        quietly(ts, false, || match adds_bytes {
            true => bytes_concat(a, b),
            false => BINARY_OPS[op as usize](a, b),
        })
    }
}

unsafe extern "C" fn get_slice(ts: Thread, containers: i64, sequence: Obj, slice: Obj) -> Obj {
    // SAFETY: a sequence of C, and a slice.
    unsafe {
        let parts: *mut PySliceObject = slice.cast();
        let is_index = |part: Obj| is_int(part) || part == none();
        if ![(*parts).start, (*parts).stop, (*parts).step]
            .into_iter()
            .all(is_index)
        {
            return null_mut();
        }
        quietly(ts, containers != 0, || {
            api::PyObject_GetItem(sequence, slice)
        })
    }
}

unsafe extern "C" fn get_range(
    ts: Thread,
    containers: i64,
    sequence: Obj,
    start: i64,
    stop: i64,
) -> Obj {
    // SAFETY: a list, tuple, str or bytes.
    unsafe { quietly(ts, containers != 0, || slices::range(sequence, start, stop)) }
}

/// `bytes_concat` (`Objects/bytesobject.c`) of two `bytes`, without their buffers.
unsafe fn bytes_concat(a: Obj, b: Obj) -> Obj {
    // SAFETY: exactly `bytes`.
    unsafe {
        let (length, more) = (size_of(a), size_of(b));
        if length == 0 || more == 0 {
            return new_ref(if length == 0 { b } else { a });
        }
        let Some(size) = length.checked_add(more) else {
            return api::PyErr_NoMemory();
        };
        let both = api::PyBytes_FromStringAndSize(core::ptr::null(), size);
        if !both.is_null() {
            let to = bytes_start(both);
            core::ptr::copy_nonoverlapping(bytes_start(a), to, length as usize);
            core::ptr::copy_nonoverlapping(bytes_start(b), to.offset(length), more as usize);
        }
        both
    }
}

unsafe extern "C" fn new_slice(ts: Thread, start: Obj, stop: Obj) -> Obj {
    // SAFETY: live objects.
    unsafe { quietly(ts, true, || api::PySlice_New(start, stop, null_mut())) }
}
