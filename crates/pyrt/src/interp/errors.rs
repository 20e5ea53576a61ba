//! Exceptions that instructions raise themselves, with CPython's messages.

use core::ffi::CStr;

use pyrt_cpython::api;
use pyrt_cpython::code::PyCodeObject;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyObject, PyTypeObject, flags};

const NAME_ERROR: &CStr = c"name '%.200s' is not defined";
const UNBOUND_LOCAL: &CStr =
    c"cannot access local variable '%s' where it is not associated with a value";
const UNBOUND_FREE: &CStr =
    c"cannot access free variable '%s' where it is not associated with a value in enclosing scope";

/// Raises `exc` with a message about `name`; a `NameError` remembers the name,
/// from which suggestions are made (`format_exc_check_arg`).
unsafe fn about_name(exc: *mut PyObject, format: &CStr, name: *mut PyObject) {
    // SAFETY: `name` is a str.
    unsafe {
        let text = api::PyUnicode_AsUTF8(name);
        if text.is_null() {
            return;
        }
        api::PyErr_Format(exc, format.as_ptr(), text);
        if exc == api::PyExc_NameError {
            let (mut kind, mut value, mut traceback) = (
                core::ptr::null_mut(),
                core::ptr::null_mut(),
                core::ptr::null_mut(),
            );
            api::PyErr_Fetch(&mut kind, &mut value, &mut traceback);
            api::PyErr_NormalizeException(&mut kind, &mut value, &mut traceback);
            if api::PyErr_GivenExceptionMatches(value, api::PyExc_NameError) != 0 {
                // A failure is of no interest: the NameError is raised anyway.
                if api::PyObject_SetAttr(value, pyrt_cpython::state::runtime::id_name(), name) < 0 {
                    api::PyErr_Clear();
                }
            }
            api::PyErr_Restore(kind, value, traceback);
        }
    }
}

/// `NameError: name '…' is not defined`.
#[cold]
pub(super) unsafe fn name_not_defined(name: *mut PyObject) {
    // SAFETY: `name` is a str from co_names.
    unsafe { about_name(api::PyExc_NameError, NAME_ERROR, name) };
}

/// `UnboundLocalError` for slot `index`.
#[cold]
pub(super) unsafe fn unbound_local(code: *mut PyCodeObject, index: usize) {
    // SAFETY: every slot has a name.
    unsafe {
        about_name(
            api::PyExc_UnboundLocalError,
            UNBOUND_LOCAL,
            tuple_item((*code).co_localsplusnames, index),
        );
    }
}

/// For an empty cell in slot `index` (`format_exc_unbound`).
#[cold]
pub(super) unsafe fn unbound_cell(code: *mut PyCodeObject, index: usize) {
    // SAFETY: every slot has a name.
    unsafe {
        let free = index >= ((*code).co_nplaincellvars + (*code).co_nlocals) as usize;
        if free {
            about_name(
                api::PyExc_NameError,
                UNBOUND_FREE,
                tuple_item((*code).co_localsplusnames, index),
            );
        } else {
            unbound_local(code, index);
        }
    }
}

/// Whether an object is a class of exceptions, or a tuple of such classes.
pub(crate) unsafe fn names_exceptions(types: *mut PyObject) -> bool {
    // SAFETY: `types` is live.
    unsafe {
        if has_flag(types, flags::TUPLE_SUBCLASS) {
            (0..size_of(types) as usize).all(|i| is_exception_class(tuple_item(types, i)))
        } else {
            is_exception_class(types)
        }
    }
}

/// Whether every class named by an `except` clause may be caught; raises if not.
pub(super) unsafe fn check_except_type(types: *mut PyObject) -> bool {
    // SAFETY: `types` is live.
    unsafe {
        let valid = names_exceptions(types);
        if !valid {
            let message = c"catching classes that do not inherit from BaseException is not allowed";
            api::PyErr_SetString(api::PyExc_TypeError, message.as_ptr());
        }
        valid
    }
}

/// As [`check_except_type`] for `except*`, which may not name exception groups.
pub(super) unsafe fn check_except_star_type(types: *mut PyObject) -> bool {
    // SAFETY: `types` is live.
    unsafe {
        if !check_except_type(types) {
            return false;
        }
        let count = if has_flag(types, flags::TUPLE_SUBCLASS) {
            size_of(types) as usize
        } else {
            1
        };
        for i in 0..count {
            let class = if has_flag(types, flags::TUPLE_SUBCLASS) {
                tuple_item(types, i)
            } else {
                types
            };
            match api::PyObject_IsSubclass(class, api::PyExc_BaseExceptionGroup) {
                0 => {}
                1.. => {
                    let message =
                        c"catching ExceptionGroup with except* is not allowed. Use except instead.";
                    api::PyErr_SetString(api::PyExc_TypeError, message.as_ptr());
                    return false;
                }
                _ => return false,
            }
        }
        true
    }
}

/// Raises unless `args` of a `f(*args)` call can be iterated.
pub(super) unsafe fn check_args_iterable(function: *mut PyObject, args: *mut PyObject) -> bool {
    // SAFETY: both are live.
    unsafe {
        if (*type_of(args)).tp_iter.is_some() || api::PySequence_Check(args) != 0 {
            return true;
        }
        // It may be called while an exception is being handled.
        api::PyErr_Clear();
        let name = api::_PyObject_FunctionStr(function);
        if !name.is_null() {
            let format = c"%U argument after * must be an iterable, not %.200s";
            api::PyErr_Format(
                api::PyExc_TypeError,
                format.as_ptr(),
                name,
                (*type_of(args)).tp_name,
            );
            decref(name);
        }
        false
    }
}

/// Words the error of merging `kwargs` into a call's keywords (`format_kwargs_error`).
#[cold]
pub(super) unsafe fn kwargs_error(function: *mut PyObject, kwargs: *mut PyObject) {
    // SAFETY: an exception is set.
    unsafe {
        if api::PyErr_ExceptionMatches(api::PyExc_AttributeError) != 0 {
            // From looking for `keys`: not a mapping.
            api::PyErr_Clear();
            let name = api::_PyObject_FunctionStr(function);
            if !name.is_null() {
                let format = c"%U argument after ** must be a mapping, not %.200s";
                api::PyErr_Format(
                    api::PyExc_TypeError,
                    format.as_ptr(),
                    name,
                    (*type_of(kwargs)).tp_name,
                );
                decref(name);
            }
        } else if api::PyErr_ExceptionMatches(api::PyExc_KeyError) != 0 {
            let (mut exc, mut value, mut traceback) = (
                core::ptr::null_mut(),
                core::ptr::null_mut(),
                core::ptr::null_mut(),
            );
            api::PyErr_Fetch(&mut exc, &mut value, &mut traceback);
            if value.is_null() || !has_flag(value, flags::TUPLE_SUBCLASS) || size_of(value) != 1 {
                api::PyErr_Restore(exc, value, traceback);
                return;
            }
            api::PyErr_Clear();
            let name = api::_PyObject_FunctionStr(function);
            if !name.is_null() {
                let format = c"%U got multiple values for keyword argument '%S'";
                api::PyErr_Format(
                    api::PyExc_TypeError,
                    format.as_ptr(),
                    name,
                    tuple_item(value, 0),
                );
                decref(name);
            }
            xdecref(exc);
            xdecref(value);
            xdecref(traceback);
        }
    }
}

/// Words the error of awaiting what `async with` got (`format_awaitable_error`).
#[cold]
pub(super) unsafe fn awaitable_error(kind: *mut PyTypeObject, place: usize) {
    // SAFETY: `kind` is live.
    unsafe {
        let slots = (*kind).tp_as_async;
        if !slots.is_null() && (*slots).am_await.is_some() {
            return;
        }
        let method = match place {
            1 => c"__aenter__",
            2 => c"__aexit__",
            _ => return,
        };
        let format =
            c"'async with' received an object from %s that does not implement __await__: %.100s";
        api::PyErr_Format(
            api::PyExc_TypeError,
            format.as_ptr(),
            method.as_ptr(),
            (*kind).tp_name,
        );
    }
}
