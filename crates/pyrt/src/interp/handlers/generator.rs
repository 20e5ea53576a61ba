//! Generators, coroutines, and asynchronous iteration.

use pyrt_cpython::api;
use pyrt_cpython::code::{CodeUnit, co};
use pyrt_cpython::frame::{
    FRAME_CLEARED, FRAME_CREATED, FRAME_EXECUTING, FRAME_OWNED_BY_GENERATOR, FRAME_SUSPENDED,
    PyGenObject, PyInterpreterFrame,
};
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::{PyInterpreterState, PyThreadState};
use pyrt_spec::opcodes;

use super::stack::copy_free_vars;
use crate::interp::regs::{Regs, Table, error, next_checked, op};
use crate::interp::{errors, support, unwind};

// Resuming generators without a recursive call.
//
// `FOR_ITER` and `SEND` on exact generators and coroutines run the generator's frame in
// the same evaluation, as CPython 3.12 does; what `gen_send_ex2` (`Objects/genobject.c`)
// does before and after is done here. The frame's `previous` is the consumer, which
// continues after its `FOR_ITER` or `SEND` when the generator yields, and at the end of
// that instruction's jump when it returns.

/// Whether a generator can be resumed here: it is suspended or, if what is sent is None,
/// not begun; nobody's frame evaluation hook is set; and the consumer's argument can be
/// read back from its instruction.
#[inline(always)]
pub(in crate::interp) unsafe fn is_resumable(
    r: Regs,
    generator: *mut PyObject,
    oparg: usize,
    sends_none: bool,
) -> bool {
    // SAFETY: a live generator or coroutine.
    unsafe {
        let state = (*generator.cast::<PyGenObject>()).gi_frame_state;
        (state == FRAME_SUSPENDED || state == FRAME_CREATED && sends_none)
            && oparg <= 255
            && (*PyInterpreterState::eval_frame((*r.ts).interp)).is_none()
    }
}

/// Runs a generator's frame; `value` is what it is sent, owned. The consumer's registers
/// are at the instruction after its own, with the generator on top of its stack.
macro_rules! resume {
    ($r:ident, $generator:expr, $value:expr) => {{
        let generator: *mut pyrt_cpython::frame::PyGenObject = $generator.cast();
        let frame: *mut pyrt_cpython::frame::PyInterpreterFrame =
            (&raw mut (*generator).gi_iframe).cast();
        $r.save_sp();
        pyrt_cpython::inline::stack_push(frame, $value);
        $crate::interp::handlers::generator::mark_running($r.ts, generator);
        $crate::interp::regs::start_frame!($r, frame)
    }};
}
pub(in crate::interp) use resume;

/// What is done to a suspended generator before its frame runs, but for linking that.
#[inline(always)]
pub(in crate::interp) unsafe fn mark_running(ts: *mut PyThreadState, generator: *mut PyGenObject) {
    // SAFETY: a live generator, suspended or not begun.
    unsafe {
        let frame: *mut PyInterpreterFrame = (&raw mut (*generator).gi_iframe).cast();
        (*generator).gi_exc_state.previous_item = (*ts).exc_info;
        (*ts).exc_info = &raw mut (*generator).gi_exc_state;
        (*generator).gi_frame_state = FRAME_EXECUTING;
        (*frame).is_entry = 0;
    }
}

/// Makes a suspended generator's frame the innermost one, as `resume!` does, for a trace that runs it.
///
/// # Safety
/// The current thread's state, and a live generator, suspended or not begun. The recursion limit
/// allows for another frame.
pub(crate) unsafe fn link(
    ts: *mut PyThreadState,
    generator: *mut PyGenObject,
) -> *mut PyInterpreterFrame {
    // SAFETY: by the caller's promise.
    unsafe {
        let frame: *mut PyInterpreterFrame = (&raw mut (*generator).gi_iframe).cast();
        mark_running(ts, generator);
        (*frame).previous = (*(*ts).cframe).current_frame;
        (*(*ts).cframe).current_frame = frame;
        (*frame).stacktop = -1;
        (*ts).recursion_remaining -= 1;
        frame
    }
}

/// The generator, or coroutine, that a call of its function gives, which takes over the frame; null with an exception
/// set, and the frame gone, when memory is out. `None`, and nothing done, if that takes an evaluation.
///
/// # Safety
/// The current thread's state. The frame is the topmost on the data stack, as [`args::push_frame`](crate::interp::args)
/// has left it.
pub(in crate::interp) unsafe fn begin(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
) -> Option<*mut PyObject> {
    // SAFETY: by the caller's promise; a closure is as long as its code says.
    unsafe {
        let code = (*frame).f_code;
        if (*code).co_flags & co::SUSPENDS == 0 {
            return None;
        }
        let first = *first_instr(code);
        let (at, captured) = match first as u8 {
            opcodes::COPY_FREE_VARS => (1, usize::from(first >> 8)),
            _ => (0, 0),
        };
        let begins = *first_instr(code).add(at) as u8 == opcodes::RETURN_GENERATOR;
        let cframe = (*ts).cframe;
        if !begins || (*ts).recursion_remaining <= 1 || (*cframe).use_tracing != 0 {
            return None;
        }
        copy_free_vars(frame, captured);
        (*frame).prev_instr = first_instr(code).add(at);
        (*frame).stacktop = (*code).co_nlocalsplus;
        // The collector may run code, which sees the frame.
        (*frame).previous = (*cframe).current_frame;
        (*cframe).current_frame = frame;
        (*ts).recursion_remaining -= 1;
        let generator = api::_Py_MakeCoro((*frame).f_func);
        if !generator.is_null() {
            give_frame(generator.cast(), frame);
        }
        leave_recursive_call(ts);
        (*cframe).current_frame = (*frame).previous;
        match generator.is_null() {
            true => unwind::clear_and_pop(ts, frame),
            false => pop_frame(ts, frame),
        }
        Some(generator)
    }
}

/// A new generator gets the frame of its function, with all that it holds.
#[inline(always)]
unsafe fn give_frame(generator: *mut PyGenObject, frame: *mut PyInterpreterFrame) {
    // SAFETY: the generator was made for the frame's function.
    unsafe {
        let own: *mut PyInterpreterFrame = (&raw mut (*generator).gi_iframe).cast();
        api::_PyFrame_Copy(frame, own);
        (*generator).gi_frame_state = FRAME_CREATED;
        (*own).owner = FRAME_OWNED_BY_GENERATOR;
    }
}

/// Says that a generator is suspended that has this frame.
#[inline(always)]
unsafe fn set_suspended(frame: *mut PyInterpreterFrame) {
    // SAFETY: a generator's frame.
    unsafe { (*generator_of(frame)).gi_frame_state = FRAME_SUSPENDED }
}

/// Suspends the innermost frame, a generator's that is no entry, as `YIELD_VALUE` does.
///
/// # Safety
/// The current thread's state and frame, whose position and depth are stored.
#[inline(always)]
pub(crate) unsafe fn suspend(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: by the caller's promise.
    unsafe {
        set_suspended(frame);
        leave_recursive_call(ts);
        (*(*ts).cframe).current_frame = (*frame).previous;
        unlink(ts, frame);
    }
}

/// Finishes a generator that returns, in a frame that has nothing left but its function and code. Memory
/// may have it suspended still.
///
/// # Safety
/// The current thread's state; the frame is the innermost one, or a suspended one. It has no frame object,
/// and its generator handles no exception.
pub(crate) unsafe fn end_quietly(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: by the caller's promise.
    unsafe {
        let generator = generator_of(frame);
        if (*generator).gi_frame_state == FRAME_EXECUTING {
            suspend(ts, frame);
        }
        (*generator).gi_frame_state = FRAME_CLEARED;
        decref((*frame).f_func.cast());
        decref((*frame).f_code.cast());
    }
}

/// Takes a generator's entry off the exception stack, and its link to the consumer.
#[inline(always)]
pub(in crate::interp) unsafe fn unlink(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: the frame is a generator's that `resume!` ran.
    unsafe {
        let generator = generator_of(frame);
        (*ts).exc_info = (*generator).gi_exc_state.previous_item;
        (*generator).gi_exc_state.previous_item = core::ptr::null_mut();
        (*frame).previous = core::ptr::null_mut();
    }
}

/// Releases what a finished generator holds.
unsafe fn finish(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: as for `unlink`; the frame is out of the frame stack.
    unsafe {
        unlink(ts, frame);
        let generator = generator_of(frame);
        let handled = core::ptr::replace(
            &raw mut (*generator).gi_exc_state.exc_value,
            core::ptr::null_mut(),
        );
        xdecref(handled);
        (*generator).gi_frame_state = FRAME_CLEARED;
        clear_frame(frame);
    }
}

/// An exception leaves a generator that `resume!` ran: a StopIteration becomes a
/// RuntimeError, and the generator is finished.
#[cold]
pub(in crate::interp) unsafe fn end_by_exception(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
) {
    // SAFETY: an exception is set.
    unsafe {
        if api::PyErr_ExceptionMatches(api::PyExc_StopIteration) != 0 {
            let message = if is_coroutine(generator_of(frame).cast()) {
                c"coroutine raised StopIteration"
            } else {
                c"generator raised StopIteration"
            };
            api::_PyErr_FormatFromCause(api::PyExc_RuntimeError, c"%s".as_ptr(), message.as_ptr());
        }
        finish(ts, frame);
    }
}

/// A generator that `resume!` ran returned `value`, which is owned: the consumer's
/// `FOR_ITER` or `SEND` ends. `frame` is the generator's, out of recursion.
pub(in crate::interp) unsafe extern "C" fn end_by_return(
    _: *const CodeUnit,
    _: *mut *mut PyObject,
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    value: usize,
    table: Table,
) -> *mut PyObject {
    // SAFETY: the generator has just returned.
    unsafe {
        let r = return_to_consumer(ts, frame, value as *mut PyObject, table);
        next_checked!(r)
    }
}

/// Finishes a generator that has returned `value`, which is owned; the registers of its consumer, which goes on at
/// the end of its `FOR_ITER` or `SEND`.
///
/// # Safety
/// The frame is the innermost one, a generator's that `resume!` ran, and out of recursion.
pub(crate) unsafe fn return_to_consumer(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    value: *mut PyObject,
    table: Table,
) -> Regs {
    // SAFETY: the consumer's stored instruction is its FOR_ITER or SEND.
    unsafe {
        let caller = (*frame).previous;
        (*(*ts).cframe).current_frame = caller;
        finish(ts, frame);
        let mut r = Regs::resume(caller, ts, table);
        let consumer = *r.ip.sub(1);
        let generator = r.peek(1);
        if consumer as u8 == opcodes::SEND {
            r.set_peek(1, value);
        } else {
            debug_assert!(consumer as u8 == opcodes::FOR_ITER);
            r.shrink(1);
            decref(value);
        }
        decref(generator);
        r.jump((consumer >> 8) as isize);
        r
    }
}

op! {
    fn RETURN_GENERATOR(r, _) {
        let generator = api::_Py_MakeCoro((*r.frame).f_func);
        if generator.is_null() {
            error!(r)
        }
        r.save_sp();
        give_frame(generator.cast(), r.frame);
        leave_recursive_call(r.ts);
        if (*r.frame).is_entry != 0 {
            // The caller clears this frame, whose content has moved.
            (*r.frame).stacktop = 0;
            (*r.frame).f_locals = core::ptr::null_mut();
            incref((*r.frame).f_func.cast());
            incref((*r.frame).f_code.cast());
            unwind::leave_evaluation(r.ts);
            return generator;
        }
        let caller = (*r.frame).previous;
        api::_PyThreadState_PopFrame(r.ts, r.frame);
        (*(*r.ts).cframe).current_frame = caller;
        let mut r = Regs::resume(caller, r.ts, r.table);
        r.push(generator);
        next_checked!(r)
    }

    fn YIELD_VALUE(r, _) {
        let value = r.pop();
        r.save_sp();
        if (*r.frame).is_entry != 0 {
            set_suspended(r.frame);
            leave_recursive_call(r.ts);
            unwind::leave_evaluation(r.ts);
            return value;
        }
        let caller = (*r.frame).previous;
        suspend(r.ts, r.frame);
        let mut r = Regs::resume(caller, r.ts, r.table);
        r.push(value);
        next_checked!(r)
    }

    fn SEND(r, oparg) {
        let receiver = r.peek(2);
        if is_generator(receiver) || is_coroutine(receiver) {
            let value = r.peek(1);
            if is_resumable(r, receiver, oparg, value == none()) {
                r.shrink(1);
                resume!(r, receiver, value);
            }
        }
        let value = r.pop();
        let sent = support::send(receiver, value);
        decref(value);
        if sent.value.is_null() {
            error!(r)
        }
        if sent.returned != 0 {
            decref(receiver);
            r.set_peek(1, sent.value);
            r.jump(oparg as isize);
        } else {
            r.push(sent.value);
        }
        next_checked!(r)
    }

    fn ASYNC_GEN_WRAP(r, _) {
        let value = r.peek(1);
        let wrapped = api::_PyAsyncGenValueWrapperNew(value);
        if wrapped.is_null() {
            error!(r)
        }
        r.set_peek(1, wrapped);
        decref(value);
        next_checked!(r)
    }

    fn GET_AITER(r, _) {
        let object = r.peek(1);
        let slots = (*type_of(object)).tp_as_async;
        let getter = if slots.is_null() { None } else { (*slots).am_aiter };
        let Some(getter) = getter else {
            r.set_peek(1, core::ptr::null_mut());
            let format = c"'async for' requires an object with __aiter__ method, got %.100s";
            api::PyErr_Format(api::PyExc_TypeError, format.as_ptr(), (*type_of(object)).tp_name);
            decref(object);
            error!(r)
        };
        let iterator = getter(object);
        decref(object);
        r.set_peek(1, iterator);
        if iterator.is_null() {
            error!(r)
        }
        let slots = (*type_of(iterator)).tp_as_async;
        if slots.is_null() || (*slots).am_anext.is_none() {
            r.set_peek(1, core::ptr::null_mut());
            let format = c"'async for' received an object from __aiter__ that does not implement __anext__: %.100s";
            api::PyErr_Format(api::PyExc_TypeError, format.as_ptr(), (*type_of(iterator)).tp_name);
            decref(iterator);
            error!(r)
        }
        next_checked!(r)
    }

    fn GET_ANEXT(r, _) {
        let iterator = r.peek(1);
        let slots = (*type_of(iterator)).tp_as_async;
        let getter = if slots.is_null() { None } else { (*slots).am_anext };
        let Some(getter) = getter else {
            let format = c"'async for' requires an iterator with __anext__ method, got %.100s";
            api::PyErr_Format(api::PyExc_TypeError, format.as_ptr(), (*type_of(iterator)).tp_name);
            error!(r)
        };
        let next = getter(iterator);
        if next.is_null() {
            error!(r)
        }
        let awaitable = if is_async_generator(iterator) {
            next
        } else {
            let awaitable = api::_PyCoro_GetAwaitableIter(next);
            if awaitable.is_null() {
                let format = c"'async for' received an invalid object from __anext__: %.100s";
                api::_PyErr_FormatFromCause(api::PyExc_TypeError, format.as_ptr(), (*type_of(next)).tp_name);
            }
            decref(next);
            awaitable
        };
        if awaitable.is_null() {
            error!(r)
        }
        r.push(awaitable);
        next_checked!(r)
    }

    fn GET_AWAITABLE(r, oparg) {
        let object = r.peek(1);
        let mut iterator = api::_PyCoro_GetAwaitableIter(object);
        if iterator.is_null() {
            errors::awaitable_error(type_of(object), oparg);
        }
        decref(object);
        if !iterator.is_null() && is_coroutine(iterator) {
            let awaited = api::_PyGen_yf(iterator.cast());
            if !awaited.is_null() {
                decref(awaited);
                decref(iterator);
                iterator = core::ptr::null_mut();
                api::PyErr_SetString(api::PyExc_RuntimeError, c"coroutine is being awaited already".as_ptr());
            }
        }
        r.set_peek(1, iterator);
        if iterator.is_null() {
            error!(r)
        }
        next_checked!(r)
    }

    fn GET_YIELD_FROM_ITER(r, _) {
        let iterable = r.peek(1);
        if is_coroutine(iterable) {
            if (*r.code()).co_flags & (co::COROUTINE | co::ITERABLE_COROUTINE) == 0 {
                decref(iterable);
                r.set_peek(1, core::ptr::null_mut());
                let message = c"cannot 'yield from' a coroutine object in a non-coroutine generator";
                api::PyErr_SetString(api::PyExc_TypeError, message.as_ptr());
                error!(r)
            }
        } else if !is_generator(iterable) {
            let iterator = api::PyObject_GetIter(iterable);
            decref(iterable);
            r.set_peek(1, iterator);
            if iterator.is_null() {
                error!(r)
            }
        }
        next_checked!(r)
    }
}
