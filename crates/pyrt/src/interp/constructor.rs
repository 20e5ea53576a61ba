//! Calls of classes whose instances are made by `object.__new__`, or by that of `BaseException`, and set up
//! by an `__init__` in Python.
//!
//! CPython 3.11 runs such an `__init__` in an evaluation of its own, several C calls deep. Here it runs
//! in the evaluation of the caller, as CPython 3.13 does. The caller's stack keeps the class and the
//! arguments meanwhile, as CPython's does, and the new object where the NULL of the call was:
//!
//! ```text
//!   NULL   class  args…     before the call
//!   object class  args…     while __init__ runs, which is noted in its frame as its purpose
//!   object                  after it has returned None
//! ```

use pyrt_cpython::api;
use pyrt_cpython::code::{CodeUnit, PyFunctionObject, co};
use pyrt_cpython::exceptions;
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::*;
use pyrt_cpython::instances;
use pyrt_cpython::object::{PyObject, PyTypeObject, flags};
use pyrt_cpython::state::{PyThreadState, runtime};
use pyrt_spec::Purpose;

use super::regs::{Regs, Table, error, start_frame};
use super::{args, methods};

/// What C code is told when the recursion limit is hit in a call of a class.
const PLACE: &core::ffi::CStr = c" while calling a Python object";

/// The `__init__` of a class of this kind.
#[inline(always)]
pub(crate) unsafe fn init_of(callable: *mut PyObject) -> Option<*mut PyFunctionObject> {
    // SAFETY: a live callable; a type by the first test.
    unsafe {
        if !is_class(callable) {
            return None;
        }
        let class: *mut PyTypeObject = callable.cast();
        let object_type = &raw mut api::PyBaseObject_Type;
        if (*class).tp_new != (*object_type).tp_new && !makes_exceptions(class)
            || (*class).tp_init == (*object_type).tp_init
            || (*class).tp_flags & flags::IS_ABSTRACT != 0
        {
            return None;
        }
        let init = api::_PyType_Lookup(class, runtime::id___init__());
        if init.is_null() || !is_function(init) {
            return None;
        }
        let init: *mut PyFunctionObject = init.cast();
        let code_flags = (*(*init).func_code).co_flags;
        (code_flags & co::OPTIMIZED != 0 && code_flags & co::SUSPENDS == 0).then_some(init)
    }
}

/// Whether instances of a class are made by `BaseException.__new__`, which keeps the arguments.
#[inline(always)]
pub(crate) unsafe fn makes_exceptions(class: *mut PyTypeObject) -> bool {
    // SAFETY: a live class; `BaseException` is one.
    unsafe { (*class).tp_new == (*api::PyExc_BaseException.cast::<PyTypeObject>()).tp_new }
}

/// A new instance of a class of exceptions, with these arguments, a tuple; null with an exception set.
pub(crate) unsafe fn new_exception(
    ts: *mut PyThreadState,
    class: *mut PyTypeObject,
    arguments: *mut PyObject,
) -> *mut PyObject {
    type New =
        unsafe extern "C" fn(*mut PyTypeObject, *mut PyObject, *mut PyObject) -> *mut PyObject;
    // SAFETY: a class that `makes_exceptions` knows, so it has a `tp_new`.
    unsafe {
        let object = exceptions::new_exception(ts, class, arguments);
        if !object.is_null() {
            return object;
        }
        let new: New = core::mem::transmute((*class).tp_new);
        new(class, arguments, core::ptr::null_mut())
    }
}

/// The same with arguments in memory.
#[cold]
unsafe fn new_exception_of(
    ts: *mut PyThreadState,
    class: *mut PyTypeObject,
    arguments: *const *mut PyObject,
    count: usize,
) -> *mut PyObject {
    // SAFETY: as many live objects.
    unsafe {
        let tuple = api::_PyTuple_FromArray(arguments, count as isize);
        if tuple.is_null() {
            return tuple;
        }
        let object = new_exception(ts, class, tuple);
        decref(tuple);
        object
    }
}

/// A new instance of a class with `object.__new__` (`object_new`); null with an exception set. `take` may have memory for
/// it already.
#[inline(always)]
pub(crate) unsafe fn new_instance(
    class: *mut PyTypeObject,
    take: impl FnOnce() -> *mut PyObject,
) -> *mut PyObject {
    // SAFETY: `init_of` has looked at the class.
    unsafe {
        let mut object = take();
        if object.is_null() {
            object = (*class).tp_alloc.unwrap_unchecked()(class, 0);
        }
        if !object.is_null()
            && !instances::take_values(object, class)
            && api::_PyObject_InitializeDict(object) != 0
        {
            decref(object);
            return core::ptr::null_mut();
        }
        object
    }
}

/// Ends `CALL` of a class with `total` arguments on the stack, of which some are named; the registers are at
/// the instruction, and its argument is in it alone.
#[inline(never)]
pub(super) unsafe extern "C" fn construct(
    ip: *const CodeUnit,
    sp: *mut *mut PyObject,
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    total: usize,
    table: Table,
) -> *mut PyObject {
    // SAFETY: the registers are those of a running frame, and `init_of` has looked at the class.
    unsafe {
        let r = Regs {
            ip,
            sp,
            frame,
            ts,
            table,
        };
        let class = r.peek(total + 1);
        let names = core::ptr::replace(r.kwnames(), core::ptr::null_mut());
        let Some(init) = init_of(class) else {
            unreachable_init()
        };
        // As `_PyObject_MakeTpCall`.
        if enter_recursive_call(ts, PLACE) {
            error!(r)
        }
        let object = if makes_exceptions(class.cast()) {
            let positional = total - args::count_of(names);
            new_exception_of(ts, class.cast(), r.sp.sub(total), positional)
        } else {
            new_instance(class.cast(), core::ptr::null_mut)
        };
        if object.is_null() {
            leave_recursive_call(ts);
            error!(r)
        }
        r.set_peek(total + 2, object);
        let new = push_init(r, init, object, total, names);
        if new.is_null() {
            leave_recursive_call(ts);
            error!(r)
        }
        r.save_sp();
        r.save_ip();
        start_frame!(r, new)
    }
}

#[cold]
fn unreachable_init() -> ! {
    unreachable!("the caller has seen that the class has one")
}

/// The frame of `__init__`, with references of its own to object and arguments.
unsafe fn push_init(
    r: Regs,
    init: *mut PyFunctionObject,
    object: *mut PyObject,
    total: usize,
    names: *mut PyObject,
) -> *mut PyInterpreterFrame {
    // SAFETY: as for `construct`.
    unsafe {
        // The object stands in for the class while the arguments are bound.
        let first = r.sp.sub(total + 1);
        let class = core::ptr::replace(first, object);
        let frame = methods::push(r.ts, Purpose::Init, init, (first, total + 1), names);
        *first = class;
        frame
    }
}

/// The object that an `__init__` has set up which has returned `value`, which is owned; null with an exception set if
/// that is not None.
pub(super) unsafe fn settle(value: *mut PyObject, object: *mut PyObject) -> *mut PyObject {
    // SAFETY: live objects.
    unsafe {
        let is_none = value == none();
        if !is_none {
            let message = c"__init__() should return None, not '%.200s'";
            let name = (*type_of(value)).tp_name;
            api::PyErr_Format(api::PyExc_TypeError, message.as_ptr(), name);
        }
        decref(value);
        if is_none {
            object
        } else {
            core::ptr::null_mut()
        }
    }
}

/// The most arguments of a call that is made here.
pub(crate) const MOST_ARGUMENTS: usize = 255;
