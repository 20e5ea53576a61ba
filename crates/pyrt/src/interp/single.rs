//! Running one instruction on behalf of compiled code.
//!
//! A handler ends by dispatching the next instruction through a table. In the table here every entry
//! returns instead, with the stack pointer, so that a handler runs alone. One that fails goes to
//! [`unwind::error`](super::unwind::error), which returns too if it is given this table.

use pyrt_cpython::api;
use pyrt_cpython::code::CodeUnit;
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::{locals, xdecref};
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;
use pyrt_spec::opcodes::OPCODES;

use super::handlers::ADAPTIVE_BACKOFF_BITS;
use super::regs::{Handler, Regs, Table};
use super::table::counted_handlers;

/// In the pointer that a handler returns: it failed. Stack pointers are even.
const FAILED: usize = 1;

static SINGLE: [Handler; 256] = [stop; 256];

/// The next instruction: not executed.
unsafe extern "C" fn stop(
    _: *const CodeUnit,
    sp: *mut *mut PyObject,
    _: *mut PyInterpreterFrame,
    _: *mut PyThreadState,
    _: usize,
    _: Table,
) -> *mut PyObject {
    sp.cast()
}

/// Whether an evaluation is of a single instruction.
pub(super) fn is_single(table: Table) -> bool {
    table == Table::new(&SINGLE)
}

/// What an evaluation of a single instruction returns when that has failed.
pub(super) fn failed(sp: *mut *mut PyObject) -> *mut PyObject {
    sp.map_addr(|address| address | FAILED).cast()
}

/// Lets an adaptive instruction specialise itself as if it were executed, which it is not. A specialised
/// form may execute the instruction after it, too, so whoever looks at each one needs the generic form.
///
/// # Safety
/// The registers are those of a running frame, after fetching this instruction.
pub(crate) unsafe fn specialise(r: Regs, opcode: u8, oparg: usize) {
    let adaptive = OPCODES[opcode as usize].is_some_and(|info| info.name.ends_with("_ADAPTIVE"));
    if !adaptive {
        return;
    }
    // SAFETY: an adaptive instruction has a counter after it. At zero its handler asks the specialiser
    // and dispatches the instruction again.
    unsafe {
        let counter = r.ip.cast_mut();
        if *counter >= 1 << ADAPTIVE_BACKOFF_BITS {
            *counter -= 1 << ADAPTIVE_BACKOFF_BITS;
            return;
        }
        let handler = counted_handlers().handler(opcode);
        let result = handler(r.ip, r.sp, r.frame, r.ts, oparg, Table::new(&SINGLE));
        if result.addr() & FAILED != 0 {
            api::PyErr_Clear();
        }
    }
}

/// Executes the instruction at `instr`, whose generic opcode and whole argument are given, with the
/// stack of the frame `depth` deep: 0, or -1 with an exception set and the stack `base` deep.
///
/// # Safety
/// The frame is the innermost one, and true. The instruction neither jumps nor enters or leaves a
/// frame, and needs no more than what lies above `base`.
pub(crate) unsafe fn execute(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    instr: *const CodeUnit,
    opcode: u8,
    oparg: usize,
    (depth, base): (usize, usize),
) -> i64 {
    // SAFETY: by the caller's promise.
    unsafe {
        let slots = locals(frame).add((*(*frame).f_code).co_nlocalsplus as usize);
        let handler = counted_handlers().handler(opcode);
        let sp = slots.add(depth);
        let result = handler(instr.add(1), sp, frame, ts, oparg, Table::new(&SINGLE));
        if result.addr() & FAILED == 0 {
            return 0;
        }
        // Whoever handles the exception would pop them.
        let mut sp: *mut *mut PyObject = result.map_addr(|address| address & !FAILED).cast();
        while sp > slots.add(base) {
            sp = sp.sub(1);
            xdecref(*sp);
        }
        -1
    }
}
