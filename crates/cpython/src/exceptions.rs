//! Exceptions, their tracebacks and the frames that these hold: making them, and freeing their memory, without calls.
//!
//! Each exception that a program raises and catches takes an instance, an entry of the traceback per frame, and an
//! object per frame. CPython makes and frees each of them through several functions; here the usual cases are one piece.
//! What is not usual is declined, and the caller goes CPython's way.

use core::ffi::{c_char, c_int};
use core::mem::size_of;
use core::ptr::{null_mut, replace};

use crate::code::{CodeUnit, PyCodeObject, PyFunctionObject};
use crate::frame::{FRAME_OWNED_BY_FRAME_OBJECT, PyFrameObject, PyInterpreterFrame};
use crate::inline::*;
use crate::object::{PyObject, PyTypeObject, flags};
use crate::state::{PyThreadState, collector_is_due};
use crate::{agree, api, collector};

/// `PyBaseExceptionObject`: what all exceptions begin with.
#[repr(C)]
#[derive(Debug)]
pub struct PyBaseExceptionObject {
    ob_base: PyObject,
    /// Its attributes, or null.
    pub dict: *mut PyObject,
    /// The tuple of arguments.
    pub args: *mut PyObject,
    /// `__notes__`, or null.
    pub notes: *mut PyObject,
    /// `__traceback__`, or null.
    pub traceback: *mut PyObject,
    /// `__context__`, or null.
    pub context: *mut PyObject,
    /// `__cause__`, or null.
    pub cause: *mut PyObject,
    suppress_context: c_char,
}
agree!(PyBaseExceptionObject: dict, args, notes, traceback, context, cause);

/// `PyTracebackObject`: an entry of a traceback.
#[repr(C)]
#[derive(Debug)]
pub struct PyTracebackObject {
    ob_base: PyObject,
    /// The entry of the frame that this one has called.
    pub tb_next: *mut PyTracebackObject,
    /// The frame.
    pub tb_frame: *mut PyFrameObject,
    tb_lasti: c_int,
    tb_lineno: c_int,
}
agree!(PyTracebackObject: tb_next, tb_frame, tb_lasti, tb_lineno);

/// What lies before all of these objects: what the collector needs.
const HEAD: usize = size_of::<collector::GcHead>();

/// A new object, counted and not yet tracked, with a reference; null, with no exception, if it takes a call.
#[inline(always)]
unsafe fn new_object<T>(ts: *mut PyThreadState, class: *mut PyTypeObject, size: usize) -> *mut T {
    // SAFETY: the current thread's state, and a class of objects of that size, which the collector knows.
    unsafe {
        if cfg!(pyrt_ref_debug) || collector_is_due(ts, 1) || traces_memory() {
            return null_mut();
        }
        let object = collector::take(ts, HEAD, size);
        if !object.is_null() {
            (*object).ob_refcnt = 1;
            (*object).ob_type = class;
        }
        object.cast()
    }
}

/// Whether instances of a class are blocks of memory like those of `Exception`, perhaps larger.
///
/// # Safety
/// A live class.
#[inline(always)]
pub unsafe fn is_plain(class: *mut PyTypeObject) -> bool {
    // SAFETY: a live class.
    unsafe {
        let kind = flags::HAVE_GC | flags::MANAGED_DICT;
        (*class).tp_flags & kind == flags::HAVE_GC && (*class).tp_itemsize == 0
    }
}

/// A new instance of a class whose instances are made by `BaseException.__new__`, with this tuple of arguments; null,
/// with no exception, if it takes a call.
///
/// # Safety
/// `ts` is the current thread's state; live objects.
#[inline]
pub unsafe fn new_exception(
    ts: *mut PyThreadState,
    class: *mut PyTypeObject,
    arguments: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: by the caller's promise; the object begins as all exceptions do.
    unsafe {
        if !collector::is_generic(class) || !is_plain(class) {
            return null_mut();
        }
        let size = (*class).tp_basicsize as usize;
        let object: *mut PyObject = new_object(ts, class, size);
        if object.is_null() {
            return object;
        }
        let words = (size - size_of::<PyObject>()).div_ceil(size_of::<usize>());
        object.add(1).cast::<usize>().write_bytes(0, words);
        if (*class).tp_flags & flags::HEAPTYPE != 0 {
            incref(class.cast());
        }
        (*object.cast::<PyBaseExceptionObject>()).args = new_ref(arguments);
        collector::track(ts, object);
        object
    }
}

/// Bytes of the object of a frame of this code.
#[inline(always)]
unsafe fn size_of_frame(code: *mut PyCodeObject) -> usize {
    // SAFETY: live code; the type is always there.
    unsafe {
        let slots = ((*code).co_nlocalsplus + (*code).co_stacksize) as usize;
        api::PyFrame_Type.tp_basicsize as usize + slots * size_of::<usize>()
    }
}

/// The object of a frame, borrowed; null, with no exception, if it takes a call to make one.
///
/// # Safety
/// `ts` is the current thread's state; `frame` is live and complete.
#[inline]
pub unsafe fn frame_object_of(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
) -> *mut PyFrameObject {
    // SAFETY: by the caller's promise.
    unsafe {
        if (*frame).frame_obj.is_null() {
            (*frame).frame_obj = new_frame_object(ts, (*frame).f_code, frame);
        }
        (*frame).frame_obj
    }
}

/// An object for a frame of this code; null as for [`frame_object_of`].
#[inline(always)]
unsafe fn new_frame_object(
    ts: *mut PyThreadState,
    code: *mut PyCodeObject,
    frame: *mut PyInterpreterFrame,
) -> *mut PyFrameObject {
    // SAFETY: the current thread's state, and live code.
    unsafe {
        let class = &raw mut api::PyFrame_Type;
        let object: *mut PyFrameObject = new_object(ts, class, size_of_frame(code));
        if !object.is_null() {
            (*object).f_back = null_mut();
            (*object).f_frame = frame;
            (*object).f_trace = null_mut();
            (*object).f_lineno = 0;
            (*object).f_trace_lines = 1;
            (*object).f_trace_opcodes = 0;
            (*object).f_fast_as_locals = 0;
        }
        object
    }
}

/// The object of a frame that has ended at an instruction of its function, called from `back`: a new one, whose locals are
/// NULL; null, with no exception, if it takes a call.
///
/// # Safety
/// `ts` is the current thread's state; live objects, and an instruction of the function's code.
pub unsafe fn ended_frame(
    ts: *mut PyThreadState,
    function: *mut PyFunctionObject,
    back: *mut PyFrameObject,
    instr: *mut CodeUnit,
) -> *mut PyFrameObject {
    // SAFETY: by the caller's promise; the object has room for the frame.
    unsafe {
        let code = (*function).func_code;
        let object = new_frame_object(ts, code, null_mut());
        if object.is_null() {
            return object;
        }
        let frame: *mut PyInterpreterFrame = (&raw mut (*object)._f_frame_data).cast();
        incref(function.cast());
        initialize_specials(frame, function, null_mut());
        (*frame).previous = null_mut();
        (*frame).prev_instr = instr;
        (*frame).owner = FRAME_OWNED_BY_FRAME_OBJECT;
        let slots = (*code).co_nlocalsplus as usize;
        locals(frame).write_bytes(0, slots);
        incref(back.cast());
        (*object).f_back = back;
        (*object).f_frame = frame;
        collector::track(ts, object.cast());
        object
    }
}

/// An entry of a traceback before `next`, which may be null, for a frame that is at an instruction, by its offset in
/// bytes, of a line: takes the references to both; null, with no exception and nothing done, if it takes a call.
///
/// # Safety
/// `ts` is the current thread's state; live objects.
#[inline]
pub unsafe fn new_entry(
    ts: *mut PyThreadState,
    next: *mut PyTracebackObject,
    frame: *mut PyFrameObject,
    (lasti, line): (c_int, c_int),
) -> *mut PyTracebackObject {
    // SAFETY: by the caller's promise.
    unsafe {
        let class = &raw mut api::PyTraceBack_Type;
        let entry: *mut PyTracebackObject = new_object(ts, class, size_of::<PyTracebackObject>());
        if !entry.is_null() {
            (*entry).tb_next = next;
            (*entry).tb_frame = frame;
            (*entry).tb_lasti = lasti;
            (*entry).tb_lineno = line;
            collector::track(ts, entry.cast());
        }
        entry
    }
}

/// Adds a frame to the traceback of the exception that is set. `line` is where the frame is, or 0 if that has to be
/// looked up; what the frame's object says of it is believed, as if the frame were being traced.
///
/// # Safety
/// `ts` is the current thread's state; `frame` is live and complete.
#[inline]
pub unsafe fn add_to_traceback(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame, line: i32) {
    // SAFETY: by the caller's promise; the traceback so far is one, or null.
    unsafe {
        let mut object = frame_object_of(ts, frame);
        if object.is_null() {
            object = api::_PyFrame_MakeAndSetFrameObject(frame);
        }
        if object.is_null() {
            return;
        }
        let code = (*frame).f_code;
        let lasti = (*frame).prev_instr.offset_from(first_instr(code)) as c_int * 2;
        let line = match (*object).f_lineno {
            0 if line == 0 => api::PyCode_Addr2Line(code, lasti),
            0 => line,
            told => told,
        };
        let next = (*ts).curexc_traceback.cast();
        let entry = new_entry(ts, next, object, (lasti, line));
        if entry.is_null() {
            api::PyTraceBack_Here(object);
        } else {
            incref(object.cast());
            (*ts).curexc_traceback = entry.cast();
        }
    }
}

/// The exception that is being handled, or null.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn handled(ts: *mut PyThreadState) -> *mut PyObject {
    // SAFETY: the items are those of live generators, and the thread's own.
    unsafe {
        let mut item = (*ts).exc_info;
        loop {
            let value = (*item).exc_value;
            if !value.is_null() && value != none() {
                return value;
            }
            item = (*item).previous_item;
            if item.is_null() {
                return null_mut();
            }
        }
    }
}

/// Makes an exception the one being raised, taking the reference to it, if none is being raised or handled.
///
/// # Safety
/// `ts` is the current thread's state; an instance of an exception.
#[inline(always)]
pub unsafe fn raised_alone(ts: *mut PyThreadState, exc: *mut PyObject) -> bool {
    // SAFETY: by the caller's promise.
    unsafe {
        let alone = (*ts).curexc_type.is_null() && handled(ts).is_null();
        if alone {
            (*ts).curexc_type = new_ref(type_of(exc).cast());
            (*ts).curexc_value = exc;
            (*ts).curexc_traceback = xnew_ref((*exc.cast::<PyBaseExceptionObject>()).traceback);
        }
        alone
    }
}

/// Takes the exception that is being raised off the thread, with its traceback, if it is an instance already; or null.
///
/// # Safety
/// `ts` is the current thread's state; an exception is set.
#[inline(always)]
pub unsafe fn take_raised(ts: *mut PyThreadState) -> *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe {
        let (class, value) = ((*ts).curexc_type, (*ts).curexc_value);
        if value.is_null()
            || type_of(value).cast() != class
            || !has_flag(value, flags::BASE_EXC_SUBCLASS)
        {
            return null_mut();
        }
        (*ts).curexc_type = null_mut();
        (*ts).curexc_value = null_mut();
        let traceback = replace(&mut (*ts).curexc_traceback, null_mut());
        let exc: *mut PyBaseExceptionObject = value.cast();
        let before = replace(&mut (*exc).traceback, traceback);
        xdecref(before);
        decref(class);
        value
    }
}

/// Frees the memory of an exception that is plain and has nothing any more, and gives up its reference to its class, of
/// which it has not the last one.
///
/// # Safety
/// `ts` is the current thread's state; a tracked exception, whose only reference is the caller's.
#[inline]
pub unsafe fn free_exception(ts: *mut PyThreadState, exc: *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        let class = type_of(exc);
        let size = (*class).tp_basicsize as usize;
        free(ts, exc, size);
        if (*class).tp_flags & flags::HEAPTYPE != 0 {
            decref_no_dealloc(class.cast());
        }
    }
}

/// The same for an entry of a traceback, which has given up what it refers to.
///
/// # Safety
/// As for [`free_exception`].
#[inline]
pub unsafe fn free_entry(ts: *mut PyThreadState, entry: *mut PyTracebackObject) {
    // SAFETY: by the caller's promise.
    unsafe { free(ts, entry.cast(), size_of::<PyTracebackObject>()) }
}

/// The same for the object of a frame that has ended, with the reference to its code, which is not the last one.
///
/// # Safety
/// As for [`free_exception`].
#[inline]
pub unsafe fn free_frame(ts: *mut PyThreadState, object: *mut PyFrameObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        let code = (*(*object).f_frame).f_code;
        free(ts, object.cast(), size_of_frame(code));
        decref_no_dealloc(code.cast());
    }
}

/// Gives up the last reference to an object that holds nothing any more.
#[inline(always)]
unsafe fn free(ts: *mut PyThreadState, object: *mut PyObject, size: usize) {
    // SAFETY: by the caller's promise.
    unsafe {
        count_down(object);
        collector::untrack(object);
        collector::give(ts, object, HEAD, size);
    }
}
