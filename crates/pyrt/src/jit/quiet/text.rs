//! Strs, and the text of objects.

use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::state::runtime;
use pyrt_trace::Helper;

use super::{Obj, Thread, leave, or_clear, quietly};
use crate::interp::text::decimal;
use crate::jit::record::int_value;

/// The address of a helper of this family.
pub(super) fn address(helper: Helper) -> Option<*const ()> {
    Some(match helper {
        Helper::StrHas => str_has as *const (),
        Helper::StrCompare => str_compare as *const (),
        Helper::StrConcat => str_concat as *const (),
        Helper::StrAppend => str_append as *const (),
        Helper::StrStarts => str_starts as *const (),
        Helper::StrEnds => str_ends as *const (),
        Helper::StrFind => str_find as *const (),
        Helper::StrEncode => str_encode as *const (),
        Helper::BytesDecode => bytes_decode as *const (),
        Helper::StrOrd => str_ord as *const (),
        Helper::Text => text as *const (),
        Helper::Format => format as *const (),
        Helper::Join2 => join2 as *const (),
        Helper::Join3 => join3 as *const (),
        Helper::Join4 => join4 as *const (),
        Helper::Join5 => join5 as *const (),
        Helper::Join6 => join6 as *const (),
        _ => return None,
    })
}

unsafe extern "C" fn str_has(container: Obj, item: Obj) -> i64 {
    // SAFETY: strs.
    let found = unsafe { api::PyUnicode_Contains(container, item) };
    if found < 0 {
        // SAFETY: the GIL is held.
        unsafe { api::PyErr_Clear() };
    }
    i64::from(found)
}

unsafe extern "C" fn str_starts(text: Obj, part: Obj) -> i64 {
    // SAFETY: strs, for which this does not fail.
    unsafe { api::PyUnicode_Tailmatch(text, part, 0, isize::MAX, -1) as i64 }
}

unsafe extern "C" fn str_ends(text: Obj, part: Obj) -> i64 {
    // SAFETY: strs, for which this does not fail.
    unsafe { api::PyUnicode_Tailmatch(text, part, 0, isize::MAX, 1) as i64 }
}

unsafe extern "C" fn str_find(text: Obj, part: Obj) -> i64 {
    // SAFETY: strs.
    unsafe {
        let found = api::PyUnicode_Find(text, part, 0, isize::MAX, 1);
        if found == -2 {
            api::PyErr_Clear();
        }
        found as i64
    }
}

unsafe extern "C" fn str_compare(a: Obj, b: Obj) -> i64 {
    // SAFETY: exactly strs, which always compare.
    unsafe { i64::from(api::PyUnicode_Compare(a, b)) }
}

unsafe extern "C" fn str_concat(a: Obj, b: Obj) -> Obj {
    if traces_memory() {
        return null_mut();
    }
    // SAFETY: exactly strs.
    unsafe { or_clear(api::PyUnicode_Concat(a, b)) }
}

/// What keeps a loop of `s += t` linear.
unsafe extern "C" fn str_append(a: Obj, b: Obj) -> Obj {
    if traces_memory() {
        return leave() as Obj;
    }
    let mut text = a;
    // SAFETY: exactly strs; the reference to the first is the caller's last use of it.
    unsafe { api::PyUnicode_Append(&mut text, b) };
    text
}

/// What is no error needs no handler for errors, which may be the program's.
unsafe extern "C" fn str_encode(text: Obj) -> Obj {
    const FIRST_SURROGATE: u32 = 0xD800;
    // SAFETY: a str.
    unsafe {
        if traces_memory() || api::_PyUnicode_FindMaxChar(text, 0, size_of(text)) >= FIRST_SURROGATE
        {
            return null_mut();
        }
        or_clear(api::PyUnicode_AsUTF8String(text))
    }
}

unsafe extern "C" fn bytes_decode(bytes: Obj) -> Obj {
    // SAFETY: bytes.
    unsafe {
        let text = bytes_of(bytes);
        if traces_memory() || core::str::from_utf8(text).is_err() {
            return null_mut();
        }
        or_clear(api::PyUnicode_DecodeUTF8(
            text.as_ptr().cast(),
            size_of(bytes),
            core::ptr::null(),
        ))
    }
}

unsafe extern "C" fn str_ord(text: Obj) -> i64 {
    // SAFETY: a str.
    unsafe {
        if size_of(text) != 1 {
            return -1;
        }
        i64::from(api::PyUnicode_ReadChar(text, 0))
    }
}

/// Whether `str % argument` formats nothing but strs, floats and Nones, and no float as an int.
pub(in crate::jit) unsafe fn formats_quietly(format: Obj, argument: Obj) -> bool {
    // SAFETY: a str, and a live object.
    unsafe {
        let arguments = if is_tuple(argument) {
            core::slice::from_raw_parts(tuple_items(argument), size_of(argument) as usize)
        } else {
            &[argument]
        };
        let is_text = |object: &Obj| is_str(*object) || is_float(*object) || *object == none();
        if !arguments.iter().all(is_text) {
            return false;
        }
        if !arguments.iter().any(|object| is_float(*object)) {
            return true;
        }
        let mut size = 0;
        let text = api::PyUnicode_AsUTF8AndSize(format, &mut size);
        if text.is_null() {
            api::PyErr_Clear();
            return false;
        }
        let text = core::slice::from_raw_parts(text.cast::<u8>(), size as usize);
        !text.iter().any(|byte| b"diu".contains(byte))
    }
}

unsafe extern "C" fn text(ts: Thread, object: Obj, how: i64) -> Obj {
    // SAFETY: a number, str, bool, or None.
    unsafe {
        if is_int(object) {
            return match int_value(object) {
                Some(value) if !traces_memory() => or_clear(decimal(value)),
                _ => null_mut(),
            };
        }
        quietly(ts, false, || match how {
            0 => api::PyObject_Format(object, null_mut()),
            1 => api::PyObject_Str(object),
            2 => api::PyObject_Repr(object),
            _ => api::PyObject_ASCII(object),
        })
    }
}

unsafe extern "C" fn format(ts: Thread, object: Obj, spec: Obj) -> Obj {
    // SAFETY: a float or str, and a str.
    unsafe { quietly(ts, false, || api::PyObject_Format(object, spec)) }
}

/// Strs as one, as BUILD_STRING makes it.
unsafe fn join(parts: &[Obj]) -> Obj {
    if traces_memory() {
        return null_mut();
    }
    // SAFETY: exactly strs.
    unsafe {
        let joined =
            api::_PyUnicode_JoinArray(runtime::str_empty(), parts.as_ptr(), parts.len() as isize);
        or_clear(joined)
    }
}

macro_rules! of_values {
    ($($name:ident ($($value:ident),+) $function:ident;)*) => {
        $(
            unsafe extern "C" fn $name($($value: Obj),+) -> Obj {
                // SAFETY: live objects.
                unsafe { $function(&[$($value),+]) }
            }
        )*
    };
}

of_values! {
    join2(a, b) join;
    join3(a, b, c) join;
    join4(a, b, c, d) join;
    join5(a, b, c, d, e) join;
    join6(a, b, c, d, e, f) join;
}
