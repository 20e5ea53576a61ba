//! Frames on the data stack, and the thread's state.

use core::sync::atomic::Ordering::Relaxed;

use super::*;
use crate::code::{CodeUnit, PyCodeObject, PyFunctionObject};
use crate::frame::{
    FRAME_OWNED_BY_GENERATOR, FRAME_OWNED_BY_THREAD, PyFrameObject, PyGenObject, PyInterpreterFrame,
};
use crate::layout;
use crate::state::{PyInterpreterState, PyThreadState};

/// Whether an exception is being raised.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn err_occurred(ts: *mut PyThreadState) -> bool {
    // SAFETY: by the caller's promise.
    unsafe { !(*ts).curexc_type.is_null() }
}

/// First instruction of a code object.
///
/// # Safety
/// `code` is live.
#[inline(always)]
pub unsafe fn first_instr(code: *mut PyCodeObject) -> *mut CodeUnit {
    // SAFETY: by the caller's promise.
    unsafe { (&raw mut (*code).co_code_adaptive).cast() }
}

/// `frame->localsplus`.
///
/// # Safety
/// `frame` is live.
#[inline(always)]
pub unsafe fn locals(frame: *mut PyInterpreterFrame) -> *mut *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe { (&raw mut (*frame).localsplus).cast() }
}

/// `_PyFrame_Stackbase`.
///
/// # Safety
/// `frame` is live.
#[inline(always)]
pub unsafe fn stack_base(frame: *mut PyInterpreterFrame) -> *mut *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe { locals(frame).add((*(*frame).f_code).co_nlocalsplus as usize) }
}

/// `_PyFrame_SetStackPointer`.
///
/// # Safety
/// `sp` points into the frame's `localsplus`.
#[inline(always)]
pub unsafe fn set_stack_pointer(frame: *mut PyInterpreterFrame, sp: *mut *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe { (*frame).stacktop = sp.offset_from(locals(frame)) as i32 };
}

/// `_PyFrame_StackPush`.
///
/// # Safety
/// The frame's stack pointer is stored and has room.
#[inline(always)]
pub unsafe fn stack_push(frame: *mut PyInterpreterFrame, value: *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        *locals(frame).add((*frame).stacktop as usize) = value;
        (*frame).stacktop += 1;
    }
}

/// `_PyFrame_IsIncomplete`: before its `RESUME`.
///
/// # Safety
/// `frame` is live.
#[inline]
pub unsafe fn is_incomplete(frame: *mut PyInterpreterFrame) -> bool {
    // SAFETY: by the caller's promise.
    unsafe {
        let code = (*frame).f_code;
        (*frame).owner != FRAME_OWNED_BY_GENERATOR
            && (*frame).prev_instr < first_instr(code).add((*code)._co_firsttraceable as usize)
    }
}

/// `_PyFrame_GetFrameObject`, borrowed; null with MemoryError.
///
/// # Safety
/// `frame` is live and complete.
#[inline]
pub unsafe fn frame_object(frame: *mut PyInterpreterFrame) -> *mut PyFrameObject {
    // SAFETY: by the caller's promise.
    unsafe {
        if (*frame).frame_obj.is_null() {
            api::_PyFrame_MakeAndSetFrameObject(frame)
        } else {
            (*frame).frame_obj
        }
    }
}

/// `_PyFrame_GetGenerator`.
///
/// # Safety
/// `frame` is owned by a generator.
#[inline(always)]
pub unsafe fn generator_of(frame: *mut PyInterpreterFrame) -> *mut PyGenObject {
    // SAFETY: the frame lies inside the generator.
    unsafe {
        frame
            .cast::<u8>()
            .sub(layout::PyGenObject::gi_iframe)
            .cast()
    }
}

/// Slots that a frame of `code` needs on the data stack.
///
/// # Safety
/// `code` is live.
#[inline(always)]
pub unsafe fn frame_size(code: *mut PyCodeObject) -> usize {
    // SAFETY: by the caller's promise.
    unsafe {
        ((*code).co_nlocalsplus + (*code).co_stacksize) as usize
            + layout::PyInterpreterFrame::SPECIALS
    }
}

/// `_PyThreadState_BumpFramePointer`; null with no exception set when memory is out.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn bump_frame_pointer(ts: *mut PyThreadState, size: usize) -> *mut PyInterpreterFrame {
    // SAFETY: by the caller's promise.
    unsafe {
        let frame = take_frame_room(ts, size);
        if frame.is_null() {
            api::_PyThreadState_BumpFramePointerSlow(ts, size)
        } else {
            frame
        }
    }
}

/// Room for a frame in the present chunk of the data stack; null when it has none left.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn take_frame_room(ts: *mut PyThreadState, size: usize) -> *mut PyInterpreterFrame {
    // SAFETY: the chunk's room is checked.
    unsafe {
        let top = (*ts).datastack_top;
        if top.is_null() || size >= (*ts).datastack_limit.offset_from(top) as usize {
            return core::ptr::null_mut();
        }
        (*ts).datastack_top = top.add(size);
        top.cast()
    }
}

/// Whether a frame is the first in its chunk of the data stack, which goes with it.
///
/// # Safety
/// `frame` is the topmost on the data stack of `ts`.
#[inline(always)]
pub unsafe fn is_first_of_chunk(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) -> bool {
    // SAFETY: a thread that runs frames has a chunk.
    unsafe { frame.cast::<u8>() == (*ts).datastack_chunk.add(layout::StackChunk::data) }
}

/// `_PyThreadState_PopFrame`: gives a frame's room back.
///
/// # Safety
/// `frame` is the topmost on the data stack, and cleared.
#[inline(always)]
pub unsafe fn pop_frame(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: only the first frame of a chunk frees it.
    unsafe {
        if is_first_of_chunk(ts, frame) {
            api::_PyThreadState_PopFrame(ts, frame);
        } else {
            (*ts).datastack_top = frame.cast();
        }
    }
}

/// `_PyFrame_Clear`: drops everything that a frame holds.
///
/// # Safety
/// The frame is unlinked and its stack pointer stored; if a generator owns it, that is
/// marked as cleared.
#[inline(always)]
pub unsafe fn clear_frame(frame: *mut PyInterpreterFrame) {
    // SAFETY: by the caller's promise. A frame object may take the frame over.
    unsafe {
        if !(*frame).frame_obj.is_null() {
            api::_PyFrame_Clear(frame);
            return;
        }
        let slots = locals(frame);
        for index in 0..(*frame).stacktop as usize {
            xdecref(*slots.add(index));
        }
        xdecref((*frame).f_locals);
        decref((*frame).f_func.cast());
        decref((*frame).f_code.cast());
    }
}

/// `_PyFrame_InitializeSpecials`: takes over the reference to `func`.
///
/// # Safety
/// `frame` is fresh room for a frame of the function's code.
#[inline(always)]
pub unsafe fn initialize_specials(
    frame: *mut PyInterpreterFrame,
    func: *mut PyFunctionObject,
    f_locals: *mut PyObject,
) {
    // SAFETY: by the caller's promise.
    unsafe {
        let code = (*func).func_code;
        incref(code.cast());
        (*frame).f_func = func;
        (*frame).f_code = code;
        (*frame).f_builtins = (*func).func_builtins;
        (*frame).f_globals = (*func).func_globals;
        (*frame).f_locals = xnew_ref(f_locals);
        (*frame).stacktop = (*code).co_nlocalsplus;
        (*frame).frame_obj = core::ptr::null_mut();
        (*frame).prev_instr = first_instr(code).sub(1);
        (*frame).is_entry = 0;
        (*frame).owner = FRAME_OWNED_BY_THREAD;
    }
}

/// `_Py_EnterRecursiveCallTstate`: true when the limit is exceeded (exception set).
///
/// # Safety
/// `ts` is the current thread's state; `place` is NUL terminated.
#[inline(always)]
pub unsafe fn enter_recursive_call(ts: *mut PyThreadState, place: &core::ffi::CStr) -> bool {
    // SAFETY: by the caller's promise.
    unsafe {
        let remaining = (*ts).recursion_remaining;
        (*ts).recursion_remaining = remaining - 1;
        remaining <= 0 && api::_Py_CheckRecursiveCall(ts, place.as_ptr()) != 0
    }
}

/// `_Py_LeaveRecursiveCallTstate`.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn leave_recursive_call(ts: *mut PyThreadState) {
    // SAFETY: by the caller's promise.
    unsafe { (*ts).recursion_remaining += 1 };
}

/// Whether the eval breaker is set.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn eval_breaker(ts: *mut PyThreadState) -> bool {
    // SAFETY: the interpreter state outlives its threads.
    unsafe { (*PyInterpreterState::eval_breaker((*ts).interp)).load(Relaxed) != 0 }
}
