//! Tier 1: the interpreter of CPython 3.11's quickened bytecode.
//!
//! It runs CPython's own bytecode in CPython's own frames, with CPython's inline
//! caches and specialiser, so that the C loop can continue a frame at any
//! instruction, and everything that looks at frames sees what it knows.
//!
//! Dispatch is direct: every instruction is a function of the same signature
//! ([`Handler`]), looked up in a table and called as the last thing that the
//! previous one does. LLVM turns such calls into jumps (`cargo xtask
//! objdump-check` verifies it), so the machine registers that carry the
//! arguments are the interpreter's registers:
//!
//! ```text
//!   _PyEval_EvalFrameDefault ──► handler ─jmp─► handler ─jmp─► … ─ret─► result
//!                                   │  error ─► unwind::error   ─jmp─► handler
//!                                   │  breaker ─► pending::handle
//!                                   │  trace function set ─► tracing::hand_over
//!                                   └  hot loop ─► crate::driver
//! ```
//!
//! Three rules keep the calls jumps: a handler owns nothing with a destructor
//! when it dispatches; it passes no address of a local variable to anything that
//! is not inlined (out-parameters live in the helpers of [`support`]); and what
//! is rare sits in `#[cold]` functions that take the registers by value.
//!
//! What tier 1 does *not* do: tracing and profiling. A frame for which they are
//! switched on is handed to the C loop ([`tracing`]).

pub(crate) mod args;
pub(crate) mod attributes;
pub(crate) mod comparisons;
pub(crate) mod constructor;
pub(crate) mod errors;
pub(crate) mod handlers;
mod imports;
pub(crate) mod instances;
mod lines;
mod matching;
pub(crate) mod methods;
pub(crate) mod operators;
pub(crate) mod pending;
pub(crate) mod properties;
pub(crate) mod protocols;
pub(crate) mod ranges;
pub(crate) mod regs;
pub(crate) mod replaced;
pub(crate) mod results;
pub(crate) mod single;
pub(crate) mod slices;
pub(crate) mod spread;
pub(crate) mod stand_in;
pub(crate) mod support;
mod table;
pub(crate) mod text;
mod tracing;
pub(crate) mod unwind;

use core::ffi::c_int;

use pyrt_cpython::frame::{ENTRY, PyCFrame, PyInterpreterFrame};
use pyrt_cpython::inline::{enter_recursive_call, err_occurred, locals};
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;

pub(crate) use regs::{Regs, Table};
pub(crate) use table::{count_in, counted_handlers, counts, handlers, recording_handlers};

/// State of one evaluation, on the C stack of [`_PyEval_EvalFrameDefault`].
///
/// `cframe` comes first, so that `tstate->cframe` points to the whole.
#[repr(C)]
struct Evaluation {
    cframe: PyCFrame,
    /// Keyword names between `KW_NAMES` and the end of its call; borrowed.
    kwnames: *mut PyObject,
}

/// CPython's entry for executing a frame; overrides the C loop's weak symbol.
///
/// Returns a new reference, or null with an exception set. With `throwflag` the
/// exception that is set is raised inside the frame, at its last instruction.
///
/// # Safety
/// As for CPython's function of this name: `ts` is the current thread's state and
/// `frame` is ready to run.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn _PyEval_EvalFrameDefault(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    throwflag: c_int,
) -> *mut PyObject {
    // SAFETY: the evaluation outlives all handlers, which return here, and they
    // restore `ts.cframe` before they do.
    unsafe {
        let previous = (*ts).cframe;
        if (*previous).use_tracing != 0 {
            return tracing::evaluate_in_c(ts, frame, throwflag);
        }
        let mut evaluation = Evaluation {
            cframe: PyCFrame {
                use_tracing: 0,
                current_frame: frame,
                previous,
            },
            kwnames: core::ptr::null_mut(),
        };
        (*ts).cframe = &raw mut evaluation.cframe;
        (*frame).is_entry = ENTRY;
        (*frame).previous = (*previous).current_frame;
        run(ts, frame, throwflag)
    }
}

/// Goes on at `r` in an evaluation of its own, until `entry` returns: a frame of the current evaluation that is
/// at `r`, or further out. Returns what it returns; the frame stays, and its caller becomes the current one.
///
/// # Safety
/// The registers are those of a running frame, and no frame between the two is an entry already.
pub(crate) unsafe fn continue_apart(r: Regs, entry: *mut PyInterpreterFrame) -> *mut PyObject {
    // SAFETY: as for `_PyEval_EvalFrameDefault`.
    unsafe {
        let previous = (*r.ts).cframe;
        let mut evaluation = Evaluation {
            cframe: PyCFrame {
                use_tracing: (*previous).use_tracing,
                current_frame: r.frame,
                previous,
            },
            kwnames: core::ptr::null_mut(),
        };
        (*r.ts).cframe = &raw mut evaluation.cframe;
        (*previous).current_frame = (*entry).previous;
        (*entry).is_entry = ENTRY;
        if err_occurred(r.ts) {
            return unwind::error(r.ip, r.sp, r.frame, r.ts, 0, r.table);
        }
        regs::next_checked!(r)
    }
}

/// Runs an entry frame whose evaluation is in place.
#[inline(always)]
unsafe fn run(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    throwflag: c_int,
) -> *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe {
        let table = handlers((*ts).interp);
        if enter_recursive_call(ts, c"") {
            (*ts).recursion_remaining -= 1;
            return unwind::exit_frame(
                core::ptr::null(),
                core::ptr::null_mut(),
                frame,
                ts,
                0,
                table,
            );
        }
        let r = Regs::resume(frame, ts, table);
        if throwflag != 0 {
            return unwind::error(r.ip, r.sp, r.frame, r.ts, 0, r.table);
        }
        debug_assert!(r.sp >= locals(frame));
        regs::next_checked!(r)
    }
}
