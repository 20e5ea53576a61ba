//! Exceptions, their tracebacks and the frames that these hold: making them, and what is left of them when nobody else
//! has them, without calls.
//!
//! Each exception that a program raises and catches takes an instance, an entry of the traceback per frame, and an
//! object per frame. CPython makes and frees each of them through several functions; here the usual cases are one piece.
//! What is not usual is declined, and the caller goes CPython's way.

use core::ffi::{c_char, c_int};
use core::mem::size_of;
use core::ptr::{null_mut, replace};

use crate::code::PyCodeObject;
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
    tb_next: *mut PyTracebackObject,
    tb_frame: *mut PyFrameObject,
    tb_lasti: c_int,
    tb_lineno: c_int,
}
agree!(PyTracebackObject: tb_next, tb_frame, tb_lasti, tb_lineno);

/// What lies before all of these objects: what the collector needs.
const HEAD: usize = size_of::<collector::GcHead>();

/// How many entries of a traceback are freed within each other; CPython looks after the C stack.
const DEPTH: u32 = 16;

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
        let generic = (*class)
            .tp_alloc
            .is_some_and(|alloc| alloc as *const () == api::PyType_GenericAlloc as *const ());
        if !generic || !is_plain(class) {
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
        (*(&raw const api::PyFrame_Type)).tp_basicsize as usize + slots * size_of::<usize>()
    }
}

/// `_PyFrame_GetFrameObject`, borrowed; null with MemoryError.
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
        if !(*frame).frame_obj.is_null() {
            return (*frame).frame_obj;
        }
        let class = &raw mut api::PyFrame_Type;
        let object: *mut PyFrameObject = new_object(ts, class, size_of_frame((*frame).f_code));
        if object.is_null() {
            return api::_PyFrame_MakeAndSetFrameObject(frame);
        }
        (*object).f_back = null_mut();
        (*object).f_frame = frame;
        (*object).f_trace = null_mut();
        (*object).f_lineno = 0;
        (*object).f_trace_lines = 1;
        (*object).f_trace_opcodes = 0;
        (*object).f_fast_as_locals = 0;
        (*frame).frame_obj = object;
        object
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
        let object = frame_object_of(ts, frame);
        if object.is_null() {
            return;
        }
        let class = &raw mut api::PyTraceBack_Type;
        let entry: *mut PyTracebackObject =
            new_object(ts, class, size_of::<PyTracebackObject>());
        if entry.is_null() {
            api::PyTraceBack_Here(object);
            return;
        }
        let code = (*frame).f_code;
        let lasti = (*frame).prev_instr.offset_from(first_instr(code)) as c_int * 2;
        let line = match (*object).f_lineno {
            0 if line == 0 => api::PyCode_Addr2Line(code, lasti),
            0 => line,
            told => told,
        };
        incref(object.cast());
        (*entry).tb_next = (*ts).curexc_traceback.cast();
        (*entry).tb_frame = object;
        (*entry).tb_lasti = lasti;
        (*entry).tb_lineno = line;
        collector::track(ts, entry.cast());
        (*ts).curexc_traceback = entry.cast();
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
            (*ts).curexc_traceback =
                xnew_ref((*exc.cast::<PyBaseExceptionObject>()).traceback);
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

/// Gives up the last reference to an exception whose class adds nothing to what happens when it dies but, perhaps, a
/// dict: `subtype_dealloc` and `BaseException_dealloc`.
///
/// # Safety
/// `ts` is the current thread's state; an exception that is tracked, whose only reference is the caller's, with neither
/// finalizer, slots, weak references, notes, context nor cause, and whose class has other references.
pub unsafe fn end_exception(ts: *mut PyThreadState, exc: *mut PyObject) {
    // SAFETY: by the caller's promise. The collector does not see it any more, so that nobody does.
    unsafe {
        let class = type_of(exc);
        count_down(exc);
        collector::untrack(exc);
        let parts: *mut PyBaseExceptionObject = exc.cast();
        xdecref((*parts).dict);
        xdecref((*parts).args);
        end_traceback(ts, (*parts).traceback.cast(), DEPTH);
        collector::give(ts, exc, HEAD, (*class).tp_basicsize as usize);
        if (*class).tp_flags & flags::HEAPTYPE != 0 {
            decref(class.cast());
        }
    }
}

/// Gives up a reference to an entry of a traceback, or null; if it is the last one, that to the next one goes first
/// (`tb_dealloc`).
unsafe fn end_traceback(ts: *mut PyThreadState, entry: *mut PyTracebackObject, depth: u32) {
    // SAFETY: a live entry, whose type is exact.
    unsafe {
        if entry.is_null() {
            return;
        }
        let object: *mut PyObject = entry.cast();
        if depth == 0 || (*object).ob_refcnt > 1 || !collector::is_tracked(object) {
            decref(object);
            return;
        }
        count_down(object);
        collector::untrack(object);
        end_traceback(ts, (*entry).tb_next, depth - 1);
        end_frame(ts, (*entry).tb_frame);
        collector::give(ts, object, HEAD, size_of::<PyTracebackObject>());
    }
}

/// Gives up a reference to the object of a frame; if it is the last one and the frame has ended, what the frame holds
/// goes with it, its code at last (`frame_dealloc`).
unsafe fn end_frame(ts: *mut PyThreadState, object: *mut PyFrameObject) {
    // SAFETY: a live object of a frame. What has ended is the object's own.
    unsafe {
        let head: *mut PyObject = object.cast();
        let frame = (*object).f_frame;
        if (*head).ob_refcnt > 1
            || (*frame).owner != FRAME_OWNED_BY_FRAME_OBJECT
            || !collector::is_tracked(head)
        {
            decref(head);
            return;
        }
        count_down(head);
        collector::untrack(head);
        let code: *mut PyCodeObject = replace(&mut (*frame).f_code, null_mut());
        xdecref((*frame).f_func.cast());
        xdecref((*frame).f_locals);
        let slots = locals(frame);
        for slot in 0..(*frame).stacktop.max(0) as usize {
            let value = *slots.add(slot);
            if !value.is_null() {
                decref_number(value);
            }
        }
        xdecref((*object).f_back.cast());
        xdecref((*object).f_trace);
        collector::give(ts, head, HEAD, size_of_frame(code));
        xdecref(code.cast());
    }
}
