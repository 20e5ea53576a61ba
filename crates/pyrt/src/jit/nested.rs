//! Evaluations that compiled code starts, and the room on the C stack for them. Calls that C makes of compiled functions.
//!
//! CPython 3.11 calls Python functions without recursion on the C stack, so programs may recurse as deep
//! as they please. A call that a trace makes is an evaluation of its own; it is made while a bounded
//! part of the stack is in use, and beyond that left to the interpreter.

use core::cell::Cell;
use core::ffi::c_void;
use std::rc::Rc;

use pyrt_cpython::code::{PyCodeObject, PyFunctionObject, co};
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::{PyInterpreterState, PyThreadState};
use pyrt_spec::{ExitReason, opcodes};

use super::anchors::{CallShape, CodeMeta, meta_of};
use super::driver::Left;
use super::tree::Tree;
use super::{driver, state};
use crate::interp::handlers::stack::copy_free_vars;
use crate::interp::handlers::{drop_living, generic};
use crate::interp::regs::fill_slots;
use crate::interp::unwind::clear_and_pop;
use crate::interp::{self, Regs, args, counted_handlers, replaced};
use crate::stats;

/// Bytes of the C stack that may be in use when a trace starts an evaluation.
const MOST_USED: usize = 512 * 1024;
/// The part of a smaller stack, a thread's, that may be in use.
const PART: usize = 4;

/// Levels of recursion that are left in every frame in which compiled code runs, so that it need not count those that a
/// builtin takes for a moment: itself, what it calls, and the keys within a key that it compares. The interpreter, which
/// counts them all, runs where there are fewer.
pub(super) const SPARE_LEVELS: i32 = 8;

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
        let is_calm = || !err_occurred(ts) && (*(*ts).cframe).use_tracing == 0;
        let goes_on = left.is_some() && now.frame == frame && is_calm() && !is_recorded(frame, ts);
        if goes_on {
            end_loop(now);
        }
        i64::from(goes_on && is_calm())
    }
}

/// If a loop over a list, a tuple, a range or an ASCII str has nothing more to go over, ends it: trees leave before they look
/// for the next item, and the trace that has let the loop run goes on after it.
unsafe fn end_loop(mut r: Regs) {
    // SAFETY: the registers are those of a running frame, whose memory is true.
    unsafe {
        let unit = *r.ip;
        if generic(unit as u8) != opcodes::FOR_ITER || !is_at_end(r.peek(1)) {
            return;
        }
        r.jump(1);
        r.save_ip();
        let iterator = r.peek(1);
        let next = (*type_of(iterator)).tp_iternext.map(|next| next(iterator));
        debug_assert_eq!(next, Some(core::ptr::null_mut()));
        r.shrink(1);
        r.save_sp();
        decref(iterator);
        r.jump((unit >> 8) as isize);
        r.save_ip();
    }
}

/// Whether a frame is being recorded.
unsafe fn is_recorded(frame: *mut PyInterpreterFrame, ts: *mut PyThreadState) -> bool {
    // SAFETY: the GIL is held.
    let recorder = unsafe { state() }.recorder.as_ref();
    recorder.is_some_and(|recorder| recorder.records(frame, ts))
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
        let code = (*frame).f_code;
        let meta = meta_of(code);
        if !meta.is_null()
            && let Some(tree) = tree_for(ts, code, meta)
        {
            return call_tree(ts, frame, meta, &tree, Tree::run_nested);
        }
        if (*code).co_flags & co::SUSPENDS == 0 {
            count_apart(code);
        }
        replaced::run_apart(ts, frame)
    }
}

/// Counts a call of a function of this code that is not compiled.
unsafe fn count_apart(code: *mut PyCodeObject) {
    stats::count(|counters| counters.calls_apart += 1);
    if stats::are_wanted() {
        // SAFETY: live code.
        let name = unsafe { driver::qualified_name(code) };
        stats::count_place("call apart".to_owned(), name, 1);
    }
}

/// Calls a Python function of code that takes as many arguments as there are, each in its slot; as [`call_function`].
///
/// # Safety
/// As for [`call_function`]; `meta` is what is attached to the function's code.
pub(super) unsafe extern "C" fn call_code(
    ts: *mut PyThreadState,
    function: *mut PyFunctionObject,
    arguments: *const *mut PyObject,
    meta: *mut CodeMeta,
) -> *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Some(tree) = tree_for(ts, (*function).func_code, meta) {
            let frame = plain_frame(ts, function, arguments, &(*meta).call);
            if !frame.is_null() {
                return call_tree(ts, frame, meta, &tree, Tree::run_nested);
            }
        }
        let count = (*meta).call.arity;
        call_function(ts, function, arguments, (count, core::ptr::null_mut()))
    }
}

/// Calls a Python function for C if it has a tree and takes each of the arguments, of which there are `count`, in its slot.
/// `None`, and nothing done, otherwise.
///
/// The frame belongs to the evaluation of the one that has called C; if there is none, nothing is done either.
///
/// # Safety
/// Live operands, to which C keeps its references; the GIL held.
#[inline(always)]
pub(crate) unsafe fn call_for_c(
    ts: *mut PyThreadState,
    function: *mut PyFunctionObject,
    arguments: *const *mut PyObject,
    count: usize,
) -> Option<*mut PyObject> {
    // SAFETY: by the caller's promise; code of the interpreter that counts has our data attached.
    unsafe {
        let code = (*function).func_code;
        if !interp::counts((*ts).interp) || (*(*ts).cframe).current_frame.is_null() {
            return None;
        }
        let meta = meta_of(code);
        if meta.is_null() || !(*meta).takes_plainly(count) {
            return None;
        }
        let tree = tree_for(ts, code, meta)?;
        let frame = plain_frame(ts, function, arguments, &(*meta).call);
        if frame.is_null() {
            return None;
        }
        incref(function.cast());
        for at in 0..count {
            incref(*arguments.add(at));
        }
        Some(call_tree(ts, frame, meta, &tree, Tree::run))
    }
}

/// A frame for a call of a function of this shape, linked to nothing; it takes over references. Null, and nothing taken, if
/// the data stack has to grow for it.
#[inline(always)]
unsafe fn plain_frame(
    ts: *mut PyThreadState,
    function: *mut PyFunctionObject,
    arguments: *const *mut PyObject,
    shape: &CallShape,
) -> *mut PyInterpreterFrame {
    // SAFETY: as for `call_code`.
    unsafe {
        let frame = take_frame_room(ts, shape.size);
        if !frame.is_null() {
            initialize_specials(frame, function, core::ptr::null_mut());
            let slots = locals(frame);
            fill_slots(slots, slots.add(shape.variables), arguments, shape.arity);
        }
        frame
    }
}

/// The tree of a function's entry, unless the interpreter has to look at something before.
#[inline(always)]
unsafe fn tree_for(
    ts: *mut PyThreadState,
    code: *mut PyCodeObject,
    meta: *mut CodeMeta,
) -> Option<Rc<Tree>> {
    // SAFETY: the current thread's state, and what is attached to the code.
    unsafe {
        let waits = driver::interpreter_is_needed(ts)
            || (*ts).recursion_remaining <= SPARE_LEVELS
            || (*PyInterpreterState::eval_frame((*ts).interp)).is_some();
        if waits || !begins_simply(code, (*meta).entry.offset) {
            return None;
        }
        (*meta).entry.tree.clone()
    }
}

/// Calls the function of a new frame by its tree, which `run` runs, and removes the frame.
#[inline(always)]
unsafe fn call_tree(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    meta: *mut CodeMeta,
    tree: &Rc<Tree>,
    run: unsafe fn(&Tree, *mut PyThreadState, *mut PyInterpreterFrame) -> *mut PyObject,
) -> *mut PyObject {
    // SAFETY: the frame holds the arguments of a call, and is linked to nothing.
    unsafe {
        let cframe = (*ts).cframe;
        (*frame).previous = (*cframe).current_frame;
        (*cframe).current_frame = frame;
        (*ts).recursion_remaining -= 1;
        begin(frame, (*meta).entry.offset);
        let result = run(tree, ts, frame);
        if !result.is_null() && remove_cleared(ts, frame) {
            tree.count_return();
            stats::count(|counters| counters.direct_calls += 1);
            return result;
        }
        finish_call(ts, frame, meta, tree)
    }
}

/// Removes the innermost frame, whose variables a tree has given up. False, and nothing done, if there is more to do.
#[inline(always)]
pub(super) unsafe fn remove_cleared(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
) -> bool {
    // SAFETY: by the caller's promise.
    unsafe {
        let removed = (*frame).f_locals.is_null()
            && !is_first_of_chunk(ts, frame)
            && drop_living((*frame).f_func.cast(), (*frame).f_code.cast());
        if removed {
            (*(*ts).cframe).current_frame = (*frame).previous;
            leave_recursive_call(ts);
            (*ts).datastack_top = frame.cast();
        }
        removed
    }
}

/// The rest of a call whose tree has left at an exit that needs more.
#[inline(never)]
unsafe fn finish_call(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    meta: *mut CodeMeta,
    tree: &Rc<Tree>,
) -> *mut PyObject {
    // SAFETY: the tree was entered with these registers, and has just left.
    unsafe {
        let anchor = &raw mut (*meta).entry;
        let entered = Regs {
            ip: first_instr((*frame).f_code).add((*anchor).offset as usize),
            sp: stack_base(frame),
            frame,
            ts,
            table: counted_handlers(),
        };
        let (landing, reason) = match driver::go_on(entered, anchor, tree.clone(), true) {
            Left::Returned(result) => return result,
            Left::At(landing, reason) => (landing, reason),
        };
        let r = landing.resume(ts, entered.table);
        let returns = reason.is_some_and(ExitReason::returns);
        let result = if returns
            && r.frame == frame
            && (*(*ts).cframe).use_tracing == 0
            && state().recorder.is_none()
        {
            let value = *r.sp.sub(1);
            set_stack_pointer(frame, r.sp.sub(1));
            (*(*ts).cframe).current_frame = (*frame).previous;
            leave_recursive_call(ts);
            value
        } else {
            interp::continue_apart(r, frame)
        };
        clear_and_pop(ts, frame);
        result
    }
}

/// Whether a function of this code does nothing before its entry, at this offset, but to take over the cells of its
/// closure.
#[inline(always)]
unsafe fn begins_simply(code: *mut PyCodeObject, entry: u32) -> bool {
    // SAFETY: live code.
    entry == 1 || entry == 2 && unsafe { *first_instr(code) } as u8 == opcodes::COPY_FREE_VARS
}

/// Does what such a function does.
#[inline(always)]
unsafe fn begin(frame: *mut PyInterpreterFrame, entry: u32) {
    if entry == 2 {
        // SAFETY: a function with such an instruction has a closure as long.
        unsafe {
            let count = *first_instr((*frame).f_code) >> 8;
            copy_free_vars(frame, usize::from(count));
        }
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
