//! Thread and interpreter state.

use core::ffi::{c_int, c_void};
use core::sync::atomic::AtomicI32;

use crate::agree;
use crate::collector::GcHead;
use crate::frame::{PyCFrame, PyErrStackItem, PyFrameObject, PyInterpreterFrame};
use crate::layout;
use crate::object::PyObject;

/// `Py_tracefunc`.
pub type Py_tracefunc =
    unsafe extern "C" fn(*mut PyObject, *mut PyFrameObject, c_int, *mut PyObject) -> c_int;

/// `PyThreadState` up to the last field that pyrt touches (`Include/cpython/pystate.h`).
#[repr(C)]
#[derive(Debug)]
pub struct PyThreadState {
    _prev_next: [*mut c_void; 2],
    /// The interpreter.
    pub interp: *mut PyInterpreterState,
    _initialized_static: [c_int; 2],
    /// Python calls left before the limit.
    pub recursion_remaining: c_int,
    _limit_headroom: [c_int; 2],
    /// Depth of trace functions being run.
    pub tracing: c_int,
    /// Event being traced.
    pub tracing_what: c_int,
    /// That of the innermost evaluation.
    pub cframe: *mut PyCFrame,
    /// Profile function.
    pub c_profilefunc: Option<Py_tracefunc>,
    /// Trace function.
    pub c_tracefunc: Option<Py_tracefunc>,
    /// Its argument.
    pub c_profileobj: *mut PyObject,
    /// Its argument.
    pub c_traceobj: *mut PyObject,
    /// Type of the exception being raised, or null.
    pub curexc_type: *mut PyObject,
    /// What it was raised with: an instance, or what is to be made one of.
    pub curexc_value: *mut PyObject,
    /// Its traceback so far, or null.
    pub curexc_traceback: *mut PyObject,
    /// Top of the stack of exceptions being handled; never null.
    pub exc_info: *mut PyErrStackItem,
    _dict_gilstate: [*mut c_void; 2],
    /// Exception to raise from another thread.
    pub async_exc: *mut PyObject,
    _before_datastack:
        [u8; layout::PyThreadState::datastack_chunk - layout::PyThreadState::async_exc - 8],
    /// The chunk of the frame stack in use.
    pub datastack_chunk: *mut u8,
    /// First free slot of the frame stack's chunk.
    pub datastack_top: *mut *mut PyObject,
    /// Its end.
    pub datastack_limit: *mut *mut PyObject,
}
agree!(PyThreadState: interp, recursion_remaining, tracing, tracing_what, cframe, c_profilefunc,
    c_tracefunc, c_profileobj, c_traceobj, curexc_type, curexc_value, curexc_traceback, exc_info, async_exc, datastack_chunk, datastack_top,
    datastack_limit);

/// An opaque interpreter state; its fields are reached by offsets from the headers.
#[repr(C)]
#[derive(Debug)]
pub struct PyInterpreterState {
    _opaque: [u8; 0],
}

/// `_PyFrameEvalFunction` of PEP 523.
pub type FrameEvalFunction =
    unsafe extern "C" fn(*mut PyThreadState, *mut PyInterpreterFrame, c_int) -> *mut PyObject;

macro_rules! interp_fields {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {
        impl PyInterpreterState {
            $(
                $(#[$doc])*
                ///
                /// # Safety
                /// `this` points to a live interpreter state.
                #[inline(always)]
                pub const unsafe fn $name(this: *mut PyInterpreterState) -> *mut $type {
                    // SAFETY: the offset is the field's, read from the headers.
                    unsafe { this.cast::<u8>().add(layout::Interp::$name).cast() }
                }
            )*
        }
    };
}

interp_fields! {
    /// Non-zero when signals, pending calls, a GIL request or an async exception wait.
    eval_breaker: AtomicI32;
    /// Another thread wants the GIL.
    gil_drop_request: AtomicI32;
    /// Pending calls wait.
    pending_calls_to_do: AtomicI32;
    /// An async exception waits in some thread.
    pending_async_exc: c_int;
    /// PEP 523 hook, null when unset.
    eval_frame: Option<FrameEvalFunction>;
    /// `builtins.__import__` as first seen.
    import_func: *mut PyObject;
    /// Whether the collector runs by itself.
    gc_enabled: c_int;
    /// Whether the collector is running.
    gc_collecting: c_int;
    /// The list of the youngest objects, which is a ring around this head.
    gc_youngest: *mut GcHead;
    /// Objects allocated, less those freed, since the youngest generation was collected.
    gc_count: c_int;
    /// The count above which it is collected; 0 = never.
    gc_threshold: c_int;
    /// Floats in the free list.
    float_numfree: c_int;
    /// Dead floats, linked by `ob_type`.
    float_free_list: *mut PyObject;
    /// Tuples in the free list of those with one item; the numbers of longer ones follow.
    tuple_numfree: c_int;
    /// `builtins.ExceptionGroup`, which is made like a class of a program.
    exception_group: *mut PyObject;
    /// `builtins.isinstance`.
    callable_isinstance: *mut PyObject;
    /// `builtins.len`.
    callable_len: *mut PyObject;
    /// `list.append`.
    callable_list_append: *mut PyObject;
}

/// Whether making this many containers would let the collector run.
///
/// # Safety
/// The current thread's state.
#[inline(always)]
pub unsafe fn collector_is_due(ts: *mut PyThreadState, containers: i64) -> bool {
    // SAFETY: by the caller's promise.
    unsafe {
        let interp = (*ts).interp;
        let threshold = i64::from(*PyInterpreterState::gc_threshold(interp));
        *PyInterpreterState::gc_enabled(interp) != 0
            && *PyInterpreterState::gc_collecting(interp) == 0
            && threshold != 0
            && i64::from(*PyInterpreterState::gc_count(interp)) + containers > threshold
    }
}

/// Offsets of objects inside `_PyRuntime`, with the names that `_Py_ID` knows.
pub mod runtime {
    use crate::api::_PyRuntime;
    use crate::layout::Runtime;
    use crate::object::PyObject;
    use crate::state::PyThreadState;
    use core::sync::atomic::{AtomicPtr, Ordering};

    macro_rules! runtime_objects {
        ($($(#[$doc:meta])+ $name:ident;)*) => {
            $(
                $(#[$doc])+
                #[inline(always)]
                pub fn $name() -> *mut PyObject {
                    // SAFETY: the offset lies inside _PyRuntime, read from the headers.
                    unsafe { (&raw mut _PyRuntime).add(Runtime::$name).cast() }
                }
            )*
        };
    }

    runtime_objects! {
        /// The empty tuple.
        tuple_empty;
        /// The empty string.
        str_empty;
        /// `"__build_class__"`.
        id___build_class__;
        /// `"__annotations__"`.
        id___annotations__;
        /// `"__import__"`.
        id___import__;
        /// `"__init__"`.
        id___init__;
        /// `"__name__"`.
        id___name__;
        /// `"__spec__"`.
        id___spec__;
        /// `"__all__"`.
        id___all__;
        /// `"__dict__"`.
        id___dict__;
        /// `"__builtins__"`.
        id___builtins__;
        /// `"__class__"`.
        id___class__;
        /// `"__enter__"`.
        id___enter__;
        /// `"__exit__"`.
        id___exit__;
        /// `"__aenter__"`.
        id___aenter__;
        /// `"__aexit__"`.
        id___aexit__;
        /// `"displayhook"`.
        id_displayhook;
        /// `"get"`.
        id_get;
        /// `"name"`.
        id_name;
        /// `"obj"`.
        id_obj;
        /// `"__call__"`.
        id___call__;
        /// `"__getattribute__"`.
        id___getattribute__;
        /// `"__getattr__"`.
        id___getattr__;
        /// `"__setitem__"`.
        id___setitem__;
        /// `"__contains__"`.
        id___contains__;
        /// `"__len__"`.
        id___len__;
        /// `"__bool__"`.
        id___bool__;
        /// `"__next__"`.
        id___next__;
        /// `"send"`.
        id_send;
    }

    macro_rules! operator_names {
        ($($name:ident)*) => {
            runtime_objects! {
                $(
                    /// The name of an operator's method.
                    $name;
                )*
            }
        };
    }

    operator_names! {
        id___neg__ id___pos__ id___invert__
        id___lt__ id___le__ id___eq__ id___ne__ id___gt__ id___ge__
        id___add__ id___radd__ id___iadd__
        id___and__ id___rand__ id___iand__
        id___floordiv__ id___rfloordiv__ id___ifloordiv__
        id___lshift__ id___rlshift__ id___ilshift__
        id___matmul__ id___rmatmul__ id___imatmul__
        id___mul__ id___rmul__ id___imul__
        id___mod__ id___rmod__ id___imod__
        id___or__ id___ror__ id___ior__
        id___pow__ id___rpow__ id___ipow__
        id___rshift__ id___rrshift__ id___irshift__
        id___sub__ id___rsub__ id___isub__
        id___truediv__ id___rtruediv__ id___itruediv__
        id___xor__ id___rxor__ id___ixor__
    }

    /// The state of the thread that has the GIL, `_PyThreadState_GET`; null if none has.
    #[inline(always)]
    pub fn current_thread() -> *mut PyThreadState {
        // SAFETY: the offset is that of a pointer, which is changed by atomic operations.
        unsafe {
            let current = (&raw mut _PyRuntime).add(Runtime::tstate_current);
            (*current.cast::<AtomicPtr<PyThreadState>>()).load(Ordering::Relaxed)
        }
    }

    /// The preallocated `int` of `value`, which must lie in -5..=256.
    #[inline(always)]
    pub fn small_int(value: i64) -> *mut PyObject {
        let index = (value + Runtime::small_neg_ints as i64) as usize;
        debug_assert!(index < Runtime::small_neg_ints + Runtime::small_pos_ints);
        // SAFETY: the table has an entry for each value of that range.
        unsafe {
            (&raw mut _PyRuntime)
                .add(Runtime::small_ints + index * Runtime::small_int_size)
                .cast()
        }
    }

    /// The preallocated `str` of an ASCII character.
    #[inline(always)]
    pub fn ascii_character(character: u8) -> *mut PyObject {
        debug_assert!(character.is_ascii());
        let at = Runtime::ascii + usize::from(character) * Runtime::ascii_size;
        // SAFETY: the table has an entry for each of them.
        unsafe { (&raw mut _PyRuntime).add(at).cast() }
    }

    /// Whether `value` has a preallocated `int`.
    #[inline(always)]
    pub const fn is_small_int(value: i64) -> bool {
        value >= -(Runtime::small_neg_ints as i64) && value < Runtime::small_pos_ints as i64
    }
}
