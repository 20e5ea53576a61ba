//! Interpreter frames, generators, and the per-evaluation `_PyCFrame`.

use core::ffi::{c_char, c_int, c_void};

use crate::agree;
use crate::code::{CodeUnit, PyCodeObject, PyFunctionObject};
use crate::object::PyObject;
use pyrt_spec::Purpose;

/// `_PyInterpreterFrame` (`pycore_frame.h`).
#[repr(C)]
#[derive(Debug)]
pub struct PyInterpreterFrame {
    /// Owned.
    pub f_func: *mut PyFunctionObject,
    /// Borrowed from the function.
    pub f_globals: *mut PyObject,
    /// Borrowed from the function.
    pub f_builtins: *mut PyObject,
    /// Owned, may be null.
    pub f_locals: *mut PyObject,
    /// Owned.
    pub f_code: *mut PyCodeObject,
    /// Owned, null until somebody looks.
    pub frame_obj: *mut PyFrameObject,
    /// The caller's frame.
    pub previous: *mut PyInterpreterFrame,
    /// The code unit before the next one to execute.
    pub prev_instr: *mut CodeUnit,
    /// Slots of `localsplus` in use; -1 while the frame runs.
    pub stacktop: c_int,
    /// [`ENTRY`], or else the number of the frame's purpose.
    pub is_entry: u8,
    /// `FRAME_OWNED_BY_*`.
    pub owner: c_char,
    /// Locals, cells, free variables, then the value stack.
    pub localsplus: [*mut PyObject; 1],
}
agree!(PyInterpreterFrame: f_func, f_globals, f_builtins, f_locals, f_code, frame_obj, previous,
    prev_instr, stacktop, is_entry, owner, localsplus);

/// Value of `is_entry`: returning from the frame ends its evaluation.
pub const ENTRY: u8 = 1;

impl PyInterpreterFrame {
    /// What the frame was made for. CPython would run all but plain calls as entries.
    #[inline(always)]
    pub fn purpose(&self) -> Purpose {
        Purpose::from_number(self.is_entry).unwrap_or(Purpose::Call)
    }
}

/// `FRAME_OWNED_BY_THREAD`.
pub const FRAME_OWNED_BY_THREAD: c_char = 0;
/// `FRAME_OWNED_BY_GENERATOR`.
pub const FRAME_OWNED_BY_GENERATOR: c_char = 1;
/// `FRAME_OWNED_BY_FRAME_OBJECT`.
pub const FRAME_OWNED_BY_FRAME_OBJECT: c_char = 2;

/// The Python-visible frame object.
#[repr(C)]
#[derive(Debug)]
pub struct PyFrameObject {
    /// The head of the object.
    pub ob_base: PyObject,
    /// The object of the caller's frame, or null; that of a running frame is not asked for here.
    pub f_back: *mut PyFrameObject,
    /// The frame, which is the object's own once it has ended.
    pub f_frame: *mut PyInterpreterFrame,
    /// The function that traces it, or null.
    pub f_trace: *mut PyObject,
    /// Line being traced; 0 otherwise.
    pub f_lineno: c_int,
    /// Whether line events are wanted.
    pub f_trace_lines: c_char,
    /// Whether events are wanted for each instruction.
    pub f_trace_opcodes: c_char,
    /// Whether the frame's locals have been put into a dict.
    pub f_fast_as_locals: c_char,
    /// Room for the frame when it has ended.
    pub _f_frame_data: [*mut PyObject; 1],
}
agree!(PyFrameObject: f_back, f_frame, f_trace, f_lineno, f_trace_lines, f_trace_opcodes, f_fast_as_locals,
    _f_frame_data);

/// `_PyCFrame`: lives on the C stack of each evaluation.
#[repr(C)]
#[derive(Debug)]
pub struct PyCFrame {
    /// 0 or 255.
    pub use_tracing: u8,
    /// The frame being executed.
    pub current_frame: *mut PyInterpreterFrame,
    /// That of the enclosing evaluation.
    pub previous: *mut PyCFrame,
}
agree!(PyCFrame: use_tracing, current_frame, previous);

/// `_PyErr_StackItem`.
#[repr(C)]
#[derive(Debug)]
pub struct PyErrStackItem {
    /// Exception being handled, may be null.
    pub exc_value: *mut PyObject,
    /// The item below.
    pub previous_item: *mut PyErrStackItem,
}
agree!(PyErrStackItem: exc_value, previous_item);

/// A generator, coroutine or async generator, as far as tier 1 touches it.
#[repr(C)]
#[derive(Debug)]
pub struct PyGenObject {
    ob_base: PyObject,
    _code_weakrefs_name_qualname: [*mut c_void; 4],
    /// Its entry of the stack of exceptions being handled.
    pub gi_exc_state: PyErrStackItem,
    _origin_or_finalizer: *mut c_void,
    _flags: [c_char; 3],
    /// `FRAME_CREATED`, `FRAME_SUSPENDED`, …
    pub gi_frame_state: i8,
    /// The frame, inline.
    pub gi_iframe: [*mut PyObject; 1],
}
agree!(PyGenObject: gi_exc_state, gi_frame_state, gi_iframe);

/// `FRAME_CREATED`.
pub const FRAME_CREATED: i8 = -2;
/// `FRAME_SUSPENDED`.
pub const FRAME_SUSPENDED: i8 = -1;
/// `FRAME_EXECUTING`.
pub const FRAME_EXECUTING: i8 = 0;
/// `FRAME_CLEARED`.
pub const FRAME_CLEARED: i8 = 4;
