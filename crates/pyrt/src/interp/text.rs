//! The text of objects.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;

use super::handlers::arith::two_digit_value;

/// `PyObject_Str`: a new reference, or null with an exception set.
#[inline]
pub(super) unsafe fn str_of(ts: *mut PyThreadState, object: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live object; the current thread's state.
    unsafe {
        // At the limit, the call that is left out here would fail.
        if is_int(object)
            && (*ts).recursion_remaining > 0
            && let Some(value) = two_digit_value(object)
        {
            return decimal(value);
        }
        api::PyObject_Str(object)
    }
}

/// `str` of an int, without a look for signals: a new reference, or null with a MemoryError.
pub(crate) unsafe fn decimal(value: i64) -> *mut PyObject {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    let text = &digits[at..];
    // SAFETY: a new ASCII str has its characters after its header.
    unsafe {
        let made = api::PyUnicode_New(text.len() as isize, 127);
        if !made.is_null() {
            let characters = made.cast::<u8>().add(layout::PyASCIIObject::SIZE);
            characters.copy_from_nonoverlapping(text.as_ptr(), text.len());
        }
        made
    }
}

/// `FORMAT_VALUE` on owned operands (`spec` may be null): new reference or null.
#[inline(never)]
pub(super) unsafe fn format_value(
    ts: *mut PyThreadState,
    value: *mut PyObject,
    spec: *mut PyObject,
    conversion: usize,
) -> *mut PyObject {
    // SAFETY: owned operands; the current thread's state.
    unsafe {
        let value = if conversion == 0 {
            value
        } else {
            let converted = match conversion {
                1 => str_of(ts, value),
                2 => api::PyObject_Repr(value),
                _ => api::PyObject_ASCII(value),
            };
            decref(value);
            if converted.is_null() {
                xdecref(spec);
                return converted;
            }
            converted
        };
        if is_str(value) && spec.is_null() {
            return value;
        }
        let formatted = match spec.is_null() && is_int(value) {
            true => str_of(ts, value),
            false => api::PyObject_Format(value, spec),
        };
        decref(value);
        xdecref(spec);
        formatted
    }
}
