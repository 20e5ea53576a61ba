//! Evaluations that compiled code starts, and the room on the C stack for them.
//!
//! CPython 3.11 calls Python functions without recursion on the C stack, so programs may recurse as deep
//! as they please. A call that a trace makes is an evaluation of its own; it is made while a bounded
//! part of the stack is in use, and beyond that left to the interpreter.

use core::cell::Cell;
use core::ffi::c_void;

use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::{err_occurred, set_stack_pointer, stack_base};
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::{PyInterpreterState, PyThreadState};

use super::driver;
use crate::interp::unwind::clear_and_pop;
use crate::interp::{_PyEval_EvalFrameDefault, Regs, args, counted_handlers};

/// Bytes of the C stack that may be in use when a trace starts an evaluation.
const MOST_USED: usize = 512 * 1024;
/// The part of a smaller stack, a thread's, that may be in use.
const PART: usize = 4;

thread_local! {
    /// The lowest and highest address of the part that may be in use; 0 until asked for.
    static ROOM: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// Whether a trace may start an evaluation: 1 if so. Not on a stack that is not the thread's own.
pub(super) extern "C" fn stack_room() -> i64 {
    let here = 0u8;
    let here = (&raw const here).addr();
    let (low, high) = ROOM.get();
    if high == 0 {
        ROOM.set(measure());
        return stack_room();
    }
    i64::from(low <= here && here <= high)
}

/// The room of this thread. None at all if the system does not tell.
fn measure() -> (usize, usize) {
    const NOWHERE: (usize, usize) = (usize::MAX, usize::MAX);
    // SAFETY: the attributes are initialised by the first call and destroyed by the last.
    unsafe {
        let mut attributes = core::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &raw mut attributes) != 0 {
            return NOWHERE;
        }
        let (mut start, mut size) = (core::ptr::null_mut::<c_void>(), 0);
        let known =
            libc::pthread_attr_getstack(&raw const attributes, &raw mut start, &raw mut size);
        libc::pthread_attr_destroy(&raw mut attributes);
        if known != 0 {
            return NOWHERE;
        }
        let high = start.addr() + size;
        (high - MOST_USED.min(size / PART), high)
    }
}

/// Runs the tree of the loop at which a frame is, whose stack is this deep: 1 if it has left in that frame and the trace
/// may go on. Where it has left is in the memory of the innermost frame, and its stack too.
///
/// # Safety
/// All frames are true but for the depth of the stack, the GIL held.
pub(super) unsafe extern "C" fn run_loop(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    depth: i64,
) -> i64 {
    // SAFETY: by the caller's promise.
    unsafe {
        set_stack_pointer(frame, stack_base(frame).add(depth as usize));
        if stack_room() == 0 {
            return 0;
        }
        let r = Regs::resume(frame, ts, counted_handlers());
        let left = driver::run_loop(r);
        let now = left.unwrap_or(r);
        now.save_ip();
        now.save_sp();
        let goes_on = left.is_some()
            && now.frame == frame
            && !err_occurred(ts)
            && (*(*ts).cframe).use_tracing == 0
            && super::state().recorder.is_none();
        i64::from(goes_on)
    }
}

/// Calls a Python function (`_PyEval_Vector`); takes over the references to it and to its arguments, of which there are
/// `count`, the last ones named.
///
/// If the function has a tree, that is run at once, in the frame's own place: the interpreter takes part only when
/// the tree leaves elsewhere than at the function's return, and then in an evaluation of its own.
///
/// # Safety
/// Live operands, the GIL held.
pub(crate) unsafe fn call_function(
    ts: *mut PyThreadState,
    function: *mut PyFunctionObject,
    arguments: *const *mut PyObject,
    (count, names): (usize, *mut PyObject),
) -> *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe {
        let positional = count - args::count_of(names);
        let frame = args::push_frame(ts, function, arguments, positional, names);
        if frame.is_null() {
            return core::ptr::null_mut();
        }
        let result = match *PyInterpreterState::eval_frame((*ts).interp) {
            Some(evaluate) => evaluate(ts, frame, 0),
            None => match driver::call(ts, frame) {
                Some(result) => result,
                None => _PyEval_EvalFrameDefault(ts, frame, 0),
            },
        };
        clear_and_pop(ts, frame);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_at_the_start_of_a_thread_and_none_deep_in_its_stack() {
        #[inline(never)]
        fn deep(levels: u32) -> i64 {
            let ballast = core::hint::black_box([0u8; 4096]);
            match levels {
                0 => stack_room() + i64::from(ballast[0]),
                _ => deep(levels - 1) + i64::from(core::hint::black_box(&ballast)[1]),
            }
        }
        let run = |levels| {
            let thread = std::thread::Builder::new().stack_size(1 << 20);
            let thread = thread.spawn(move || deep(levels)).expect("a thread");
            thread.join().expect("it does not panic")
        };
        assert_eq!(run(0), 1);
        assert_eq!(run(128), 0);
    }
}
