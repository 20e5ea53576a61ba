//! The recorder's dispatch table: each instruction is shown to the recorder before it is executed.

use pyrt_cpython::code::CodeUnit;
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;
use pyrt_spec::{AbortReason, opcodes};

use super::Flow;
use crate::interp::handlers::generic;
use crate::interp::handlers::precall::CALL_AFTER_PRECALL;
use crate::interp::regs::Handler;
use crate::interp::{Regs, Table, counted_handlers, single};
use crate::jit::state;
use crate::jit::{driver, nested};

/// Every entry of the recorder's dispatch table: records the instruction, then runs it
/// in its generic form, so that each bytecode passes by here once: fused pairs come
/// apart, and nothing specialises itself meanwhile.
pub(crate) unsafe extern "C" fn step(
    ip: *const CodeUnit,
    sp: *mut *mut PyObject,
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    oparg: usize,
    table: Table,
) -> *mut PyObject {
    // SAFETY: the registers are those of a running frame.
    unsafe {
        let opcode = *ip.sub(1) as u8;
        let r = Regs {
            ip,
            sp,
            frame,
            ts,
            table,
        };
        if awaits_loop(r) {
            return counted_handlers().handler(opcode)(ip, sp, frame, ts, oparg, table);
        }
        // The recorder sees what the interpreter would execute now.
        single::specialise(r, opcode, oparg);
        let opcode = *ip.sub(1) as u8;
        if let Some(handler) = record_step(r, opcode, oparg) {
            return handler(ip, sp, frame, ts, oparg, table);
        }
        let table = counted_handlers();
        let handler = match generic(opcode) {
            opcodes::CALL => CALL_AFTER_PRECALL,
            _ => table.handler(opcode),
        };
        handler(ip, sp, frame, ts, oparg, table)
    }
}

/// Whether a fused pair will fail in its second half, which only the fused handler
/// reports as CPython does: at the first half.
pub(super) unsafe fn loads_unbound_second(r: Regs, opcode: u8) -> bool {
    let loads = matches!(
        opcode,
        opcodes::LOAD_FAST__LOAD_FAST
            | opcodes::LOAD_CONST__LOAD_FAST
            | opcodes::STORE_FAST__LOAD_FAST
    );
    // SAFETY: the second half follows, and its argument is a local.
    unsafe {
        let (first, second) = ((*r.ip.sub(1) >> 8), (*r.ip >> 8));
        let stored = opcode == opcodes::STORE_FAST__LOAD_FAST && first == second;
        loads && !stored && (*r.local(second as usize)).is_null()
    }
}

/// In the recorder's table at the index that tracing dispatches to.
pub(crate) unsafe extern "C" fn step_tracing(
    ip: *const CodeUnit,
    sp: *mut *mut PyObject,
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    oparg: usize,
    _: Table,
) -> *mut PyObject {
    // SAFETY: the registers are those of a running frame.
    unsafe {
        driver::abort_recording(AbortReason::Tracing);
        counted_handlers().handler(opcodes::DO_TRACING)(
            ip,
            sp,
            frame,
            ts,
            oparg,
            counted_handlers(),
        )
    }
}

/// Whether the recording goes on only when a loop has ended. The interpreter runs that as it would without a recorder.
#[inline(never)]
unsafe fn awaits_loop(r: Regs) -> bool {
    // SAFETY: the GIL is held.
    unsafe {
        let recorder = state().recorder.as_mut();
        let waiting = recorder.filter(|recorder| recorder.ts == r.ts && recorder.awaits_loop());
        let Some(recorder) = waiting else {
            return false;
        };
        if recorder.frame() != r.frame {
            return true;
        }
        let ip = r.ip.sub(1);
        match recorder.has_ended(Regs { ip, ..r }) {
            Ok(ended) => !ended,
            Err(reason) => {
                driver::end_before_loop(reason);
                false
            }
        }
    }
}

/// The handler that executes this instruction if the recording goes on after it.
#[inline(never)]
unsafe fn record_step(r: Regs, opcode: u8, oparg: usize) -> Option<Handler> {
    // SAFETY: the GIL is held.
    unsafe {
        // Another thread may have begun a recording meanwhile; then this one is gone.
        let recorder = state().recorder.as_mut();
        let recorder = recorder.filter(|recorder| recorder.ts == r.ts)?;
        if (*r.ts).recursion_remaining < nested::SPARE_LEVELS {
            driver::abort_recording(AbortReason::Recursion);
            return None;
        }
        let entering = core::mem::replace(&mut recorder.entering, core::ptr::null_mut());
        if !entering.is_null() && entering == (*r.frame).f_code {
            recorder.chain.push(r.frame);
            recorder.begun.push(recorder.builder.body_len());
        }
        if recorder.frame() != r.frame {
            // A call that the recorder did not follow.
            driver::abort_recording(AbortReason::Call);
            return None;
        }
        match recorder.observe(r, opcode, oparg) {
            Ok(Flow::Continue) if generic(opcode) == opcodes::CALL => {
                return Some(CALL_AFTER_PRECALL);
            }
            Ok(Flow::Continue) => return Some(counted_handlers().handler(generic(opcode))),
            Ok(Flow::Nested(handler)) => return Some(handler),
            Ok(Flow::Loop) => return Some(driver::inner_loop),
            Ok(Flow::Close) => driver::recording_closed(None),
            Ok(Flow::Finish(exit)) => driver::recording_closed(Some(exit)),
            Err(reason) => driver::abort_recording(reason),
        }
        None
    }
}
