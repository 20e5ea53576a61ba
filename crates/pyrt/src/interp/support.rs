//! Helpers of the handlers that need out-parameters or are too big to inline.
//!
//! A handler that passed the address of a local to CPython could not end in a
//! jump, so such calls are made from here and results come back by value.

use core::ffi::c_int;

use pyrt_cpython::api;
use pyrt_cpython::exceptions;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyListObject, PyObject, PySsize, PyVarObject, flags};
use pyrt_cpython::state::{PyThreadState, runtime};

use super::errors;

/// An attribute, `None` if there is none, `Err` with an exception set.
pub(super) unsafe fn lookup_attr(
    object: *mut PyObject,
    name: *mut PyObject,
) -> Result<Option<*mut PyObject>, ()> {
    let mut value = core::ptr::null_mut();
    // SAFETY: live operands.
    match unsafe { api::_PyObject_LookupAttr(object, name, &mut value) } {
        0 => Ok(None),
        1.. => Ok(Some(value)),
        _ => Err(()),
    }
}

/// What `LOAD_METHOD` found.
#[repr(C)]
pub(super) struct Method {
    /// New reference, null on error.
    pub(super) object: *mut PyObject,
    /// Whether it is unbound and takes the object as its first argument.
    pub(super) unbound: usize,
}

/// `_PyObject_GetMethod`.
#[inline(never)]
pub(super) unsafe extern "C" fn get_method(object: *mut PyObject, name: *mut PyObject) -> Method {
    let mut method = core::ptr::null_mut();
    // SAFETY: live operands.
    let unbound = unsafe { api::_PyObject_GetMethod(object, name, &mut method) };
    Method {
        object: method,
        unbound: unbound as usize,
    }
}

/// Sets a name in a namespace that may be any mapping; false with an exception set.
pub(super) unsafe fn namespace_set(
    namespace: *mut PyObject,
    name: *mut PyObject,
    value: *mut PyObject,
) -> bool {
    // SAFETY: live operands.
    unsafe {
        let set = if is_dict(namespace) {
            api::PyDict_SetItem
        } else {
            api::PyObject_SetItem
        };
        set(namespace, name, value) == 0
    }
}

/// Looks a name up in a namespace that may be any mapping: new reference, null
/// without an exception when it is not there.
#[inline(never)]
pub(super) unsafe fn namespace_get(namespace: *mut PyObject, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: live operands.
    unsafe {
        if is_dict(namespace) {
            return xnew_ref(api::PyDict_GetItemWithError(namespace, name));
        }
        let value = api::PyObject_GetItem(namespace, name);
        if value.is_null() && api::PyErr_ExceptionMatches(api::PyExc_KeyError) != 0 {
            api::PyErr_Clear();
        }
        value
    }
}

/// `LOAD_NAME`: locals, globals, builtins. New reference or null with an exception.
#[inline(never)]
pub(super) unsafe fn load_name(
    ts: *mut PyThreadState,
    locals: *mut PyObject,
    globals: *mut PyObject,
    builtins: *mut PyObject,
    name: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live operands; `locals` may be null.
    unsafe {
        if locals.is_null() {
            api::PyErr_Format(
                api::PyExc_SystemError,
                c"no locals when loading %R".as_ptr(),
                name,
            );
            return core::ptr::null_mut();
        }
        let value = namespace_get(locals, name);
        if !value.is_null() || err_occurred(ts) {
            return value;
        }
        let value = api::PyDict_GetItemWithError(globals, name);
        if !value.is_null() || err_occurred(ts) {
            return xnew_ref(value);
        }
        let value = namespace_get(builtins, name);
        if value.is_null() && !err_occurred(ts) {
            errors::name_not_defined(name);
        }
        value
    }
}

/// `LOAD_GLOBAL` without a cache: new reference or null with an exception.
#[inline(never)]
pub(super) unsafe fn load_global(
    ts: *mut PyThreadState,
    globals: *mut PyObject,
    builtins: *mut PyObject,
    name: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live operands.
    unsafe {
        let value = if is_dict(globals) && is_dict(builtins) {
            xnew_ref(api::_PyDict_LoadGlobal(
                globals.cast(),
                builtins.cast(),
                name,
            ))
        } else {
            let value = namespace_get_item(globals, name);
            if value.is_null() && !err_occurred(ts) {
                namespace_get_item(builtins, name)
            } else {
                value
            }
        };
        if value.is_null() && !err_occurred(ts) {
            errors::name_not_defined(name);
        }
        value
    }
}

/// As [`namespace_get`], but by `__getitem__` even for dicts.
unsafe fn namespace_get_item(namespace: *mut PyObject, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: live operands.
    unsafe {
        let value = api::PyObject_GetItem(namespace, name);
        if value.is_null() && api::PyErr_ExceptionMatches(api::PyExc_KeyError) != 0 {
            api::PyErr_Clear();
        }
        value
    }
}

/// `LOAD_BUILD_CLASS`: new reference or null with an exception.
#[inline(never)]
pub(super) unsafe fn load_build_class(
    ts: *mut PyThreadState,
    builtins: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live operand.
    unsafe {
        let value = namespace_get(builtins, runtime::id___build_class__());
        if value.is_null() && !err_occurred(ts) {
            api::PyErr_SetString(api::PyExc_NameError, c"__build_class__ not found".as_ptr());
        }
        value
    }
}

/// `SETUP_ANNOTATIONS`: false with an exception set.
#[inline(never)]
pub(super) unsafe fn setup_annotations(ts: *mut PyThreadState, locals: *mut PyObject) -> bool {
    // SAFETY: `locals` may be null.
    unsafe {
        if locals.is_null() {
            api::PyErr_Format(
                api::PyExc_SystemError,
                c"no locals found when setting up annotations".as_ptr(),
            );
            return false;
        }
        let present = namespace_get(locals, runtime::id___annotations__());
        if !present.is_null() {
            decref(present);
            return true;
        }
        if err_occurred(ts) {
            return false;
        }
        let dict = api::PyDict_New();
        if dict.is_null() {
            return false;
        }
        let set = namespace_set(locals, runtime::id___annotations__(), dict);
        decref(dict);
        set
    }
}

/// Unpacks an iterable onto the stack below `top`: `before` values, then, unless
/// `after` is negative, a list of the rest and `after` values. False with an
/// exception set, the stack untouched.
#[inline(never)]
pub(super) unsafe fn unpack(
    iterable: *mut PyObject,
    before: c_int,
    after: c_int,
    top: *mut *mut PyObject,
) -> bool {
    // SAFETY: the stack has room below `top`.
    unsafe {
        let iterator = api::PyObject_GetIter(iterable);
        if iterator.is_null() {
            if api::PyErr_ExceptionMatches(api::PyExc_TypeError) != 0
                && (*type_of(iterable)).tp_iter.is_none()
                && api::PySequence_Check(iterable) == 0
            {
                let format = c"cannot unpack non-iterable %.200s object";
                api::PyErr_Format(
                    api::PyExc_TypeError,
                    format.as_ptr(),
                    (*type_of(iterable)).tp_name,
                );
            }
            return false;
        }
        let mut sp = top;
        let unpacked = unpack_iterator(iterator, before, after, &mut sp);
        if !unpacked {
            while sp < top {
                decref(*sp);
                sp = sp.add(1);
            }
        }
        decref(iterator);
        unpacked
    }
}

unsafe fn unpack_iterator(
    iterator: *mut PyObject,
    before: c_int,
    after: c_int,
    sp: &mut *mut *mut PyObject,
) -> bool {
    // SAFETY: by the caller's promise.
    unsafe {
        let mut push = |value| {
            *sp = sp.sub(1);
            **sp = value;
        };
        for got in 0..before {
            let value = api::PyIter_Next(iterator);
            if value.is_null() {
                if api::PyErr_Occurred().is_null() {
                    let (format, wanted) = if after < 0 {
                        (c"not enough values to unpack (expected %d, got %d)", before)
                    } else {
                        (
                            c"not enough values to unpack (expected at least %d, got %d)",
                            before + after,
                        )
                    };
                    api::PyErr_Format(api::PyExc_ValueError, format.as_ptr(), wanted, got);
                }
                return false;
            }
            push(value);
        }
        if after < 0 {
            let value = api::PyIter_Next(iterator);
            if value.is_null() {
                return api::PyErr_Occurred().is_null();
            }
            decref(value);
            api::PyErr_Format(
                api::PyExc_ValueError,
                c"too many values to unpack (expected %d)".as_ptr(),
                before,
            );
            return false;
        }
        let list = api::PySequence_List(iterator);
        if list.is_null() {
            return false;
        }
        push(list);
        let length = size_of(list);
        if length < after as PySsize {
            let format = c"not enough values to unpack (expected at least %d, got %zd)";
            api::PyErr_Format(
                api::PyExc_ValueError,
                format.as_ptr(),
                before + after,
                before as PySsize + length,
            );
            return false;
        }
        // The last values move from the list to the stack.
        let rest = length - after as PySsize;
        let items = (*list.cast::<PyListObject>()).ob_item;
        for i in rest..length {
            push(*items.offset(i));
        }
        (*list.cast::<PyVarObject>()).ob_size = rest;
        true
    }
}

/// `raise` in its three forms. Takes over its operands. True for a bare `raise`
/// that re-raises, in whose traceback this instruction does not appear again.
#[inline(never)]
pub(crate) unsafe fn raise(
    ts: *mut PyThreadState,
    exc: *mut PyObject,
    cause: *mut PyObject,
) -> bool {
    // SAFETY: operands are owned or null.
    unsafe {
        if exc.is_null() {
            let value = (*api::_PyErr_GetTopmostException(ts)).exc_value;
            if value.is_null() || value == none() {
                api::PyErr_SetString(
                    api::PyExc_RuntimeError,
                    c"No active exception to reraise".as_ptr(),
                );
                return false;
            }
            restore_exception(new_ref(value));
            return true;
        }
        // The class that is named stays the exception's type even where calling it
        // gave an instance of another.
        let (class, value) = if is_exception_class(exc) {
            let value = api::PyObject_CallNoArgs(exc);
            if !value.is_null() && !has_flag(value, flags::BASE_EXC_SUBCLASS) {
                let format =
                    c"calling %R should have returned an instance of BaseException, not %R";
                api::PyErr_Format(api::PyExc_TypeError, format.as_ptr(), exc, type_of(value));
                decref(value);
                (exc, core::ptr::null_mut())
            } else {
                (exc, value)
            }
        } else if has_flag(exc, flags::BASE_EXC_SUBCLASS) {
            if cause.is_null() && exceptions::raised_alone(ts, exc) {
                return false;
            }
            (new_ref(type_of(exc).cast()), exc)
        } else {
            decref(exc);
            api::PyErr_SetString(
                api::PyExc_TypeError,
                c"exceptions must derive from BaseException".as_ptr(),
            );
            xdecref(cause);
            return false;
        };
        if value.is_null() {
            xdecref(cause);
        } else if cause.is_null() || set_cause(value, cause) {
            api::PyErr_SetObject(class, value);
        }
        xdecref(value);
        decref(class);
        false
    }
}

/// Sets `__cause__`, taking over `cause`.
unsafe fn set_cause(value: *mut PyObject, cause: *mut PyObject) -> bool {
    // SAFETY: live operands.
    unsafe {
        let fixed = if is_exception_class(cause) {
            let instance = api::PyObject_CallNoArgs(cause);
            decref(cause);
            if instance.is_null() {
                return false;
            }
            instance
        } else if has_flag(cause, flags::BASE_EXC_SUBCLASS) {
            cause
        } else if cause == none() {
            decref(cause);
            core::ptr::null_mut()
        } else {
            decref(cause);
            api::PyErr_SetString(
                api::PyExc_TypeError,
                c"exception causes must derive from BaseException".as_ptr(),
            );
            return false;
        };
        api::PyException_SetCause(value, fixed);
        true
    }
}

/// Makes an exception instance the one being raised, taking it over.
#[inline(never)]
pub(crate) unsafe fn restore_exception(value: *mut PyObject) {
    // SAFETY: an exception instance.
    unsafe {
        let class = new_ref(type_of(value).cast());
        let traceback = api::PyException_GetTraceback(value);
        api::PyErr_Restore(class, value, traceback);
    }
}

/// Result of [`match_group`]: both new references, null on error.
#[repr(C)]
pub(super) struct GroupMatch {
    pub(super) matched: *mut PyObject,
    pub(super) rest: *mut PyObject,
}

/// `except*`: splits what is being handled by the types of the clause.
#[inline(never)]
pub(super) unsafe extern "C" fn match_group(
    exc: *mut PyObject,
    types: *mut PyObject,
) -> GroupMatch {
    const FAILED: GroupMatch = GroupMatch {
        matched: core::ptr::null_mut(),
        rest: core::ptr::null_mut(),
    };
    // SAFETY: live operands.
    unsafe {
        let nothing = || GroupMatch {
            matched: new_ref(none()),
            rest: new_ref(none()),
        };
        if exc == none() {
            return nothing();
        }
        let is_group =
            api::PyType_IsSubtype(type_of(exc), api::PyExc_BaseExceptionGroup.cast()) != 0;
        if api::PyErr_GivenExceptionMatches(exc, types) != 0 {
            if is_group {
                return GroupMatch {
                    matched: new_ref(exc),
                    rest: new_ref(none()),
                };
            }
            // A naked exception is wrapped.
            let members = api::PyTuple_Pack(1, exc);
            if members.is_null() {
                return FAILED;
            }
            let group = api::_PyExc_CreateExceptionGroup(c"".as_ptr(), members);
            decref(members);
            if group.is_null() {
                return FAILED;
            }
            return GroupMatch {
                matched: group,
                rest: new_ref(none()),
            };
        }
        if !is_group {
            return GroupMatch {
                matched: new_ref(none()),
                rest: new_ref(exc),
            };
        }
        let pair = api::PyObject_CallMethod(exc, c"split".as_ptr(), c"(O)".as_ptr(), types);
        if pair.is_null() {
            return FAILED;
        }
        let split = GroupMatch {
            matched: new_ref(tuple_item(pair, 0)),
            rest: new_ref(tuple_item(pair, 1)),
        };
        decref(pair);
        split
    }
}

/// What a `send` gave.
#[repr(C)]
pub(super) struct Sent {
    /// New reference, null on error.
    pub(super) value: *mut PyObject,
    /// Whether the receiver is done and `value` its result.
    pub(super) returned: usize,
}

/// `PyIter_Send`.
#[inline(never)]
pub(super) unsafe extern "C" fn send(receiver: *mut PyObject, value: *mut PyObject) -> Sent {
    let mut result = core::ptr::null_mut();
    // SAFETY: live operands.
    let status = unsafe { api::PyIter_Send(receiver, value, &mut result) };
    Sent {
        value: result,
        returned: usize::from(status == api::PYGEN_RETURN),
    }
}

/// Looks up the two methods of a `with` statement's manager: see `BEFORE_WITH`.
#[repr(C)]
pub(super) struct Manager {
    /// Bound `__enter__`, new reference, null on error.
    pub(super) enter: *mut PyObject,
    /// Bound `__exit__`, new reference.
    pub(super) exit: *mut PyObject,
}

/// The methods of a context manager, or a TypeError.
#[inline(never)]
pub(super) unsafe extern "C" fn manager_methods(
    ts: *mut PyThreadState,
    manager: *mut PyObject,
    is_async: bool,
) -> Manager {
    const FAILED: Manager = Manager {
        enter: core::ptr::null_mut(),
        exit: core::ptr::null_mut(),
    };
    // SAFETY: live operands.
    unsafe {
        let (enter_name, exit_name) = if is_async {
            (runtime::id___aenter__(), runtime::id___aexit__())
        } else {
            (runtime::id___enter__(), runtime::id___exit__())
        };
        let enter = api::_PyObject_LookupSpecial(manager, enter_name);
        if enter.is_null() {
            if !err_occurred(ts) {
                let format = if is_async {
                    c"'%.200s' object does not support the asynchronous context manager protocol"
                } else {
                    c"'%.200s' object does not support the context manager protocol"
                };
                api::PyErr_Format(
                    api::PyExc_TypeError,
                    format.as_ptr(),
                    (*type_of(manager)).tp_name,
                );
            }
            return FAILED;
        }
        let exit = api::_PyObject_LookupSpecial(manager, exit_name);
        if exit.is_null() {
            if !err_occurred(ts) {
                let format = if is_async {
                    c"'%.200s' object does not support the asynchronous context manager protocol (missed __aexit__ method)"
                } else {
                    c"'%.200s' object does not support the context manager protocol (missed __exit__ method)"
                };
                api::PyErr_Format(
                    api::PyExc_TypeError,
                    format.as_ptr(),
                    (*type_of(manager)).tp_name,
                );
            }
            decref(enter);
            return FAILED;
        }
        Manager { enter, exit }
    }
}

/// `WITH_EXCEPT_START`: calls `__exit__` with the exception being handled.
#[inline(never)]
pub(super) unsafe fn call_exit(exit: *mut PyObject, exc: *mut PyObject) -> *mut PyObject {
    // SAFETY: live operands.
    unsafe {
        let traceback = api::PyException_GetTraceback(exc);
        // The exception keeps it alive.
        xdecref(traceback);
        let args = [core::ptr::null_mut(), type_of(exc).cast(), exc, traceback];
        api::PyObject_Vectorcall(
            exit,
            args.as_ptr().add(1),
            3 | VECTORCALL_ARGUMENTS_OFFSET,
            core::ptr::null_mut(),
        )
    }
}

/// `PY_VECTORCALL_ARGUMENTS_OFFSET`: the slot before the arguments may be overwritten.
pub(crate) const VECTORCALL_ARGUMENTS_OFFSET: usize = 1 << (usize::BITS - 1);
