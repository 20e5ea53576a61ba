//! Exceptions: tracebacks, the exception table, leaving frames.

use pyrt_cpython::api;
use pyrt_cpython::code::PyCodeObject;
use pyrt_cpython::exceptions;
use pyrt_cpython::frame::{ENTRY, FRAME_OWNED_BY_GENERATOR, PyInterpreterFrame};
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;

use super::handlers::generator;
use super::regs::{Regs, become_op, leaf_op, next_checked};
use super::{results, single, tracing};

leaf_op! {
    /// An instruction raised: adds this frame to the traceback and looks for a handler.
    #[cold]
    fn error(r, _) {
        let (frame, ts) = (r.frame, r.ts);
        if single::is_single(r.table) {
            return single::failed(r.sp);
        }
        *r.kwnames() = core::ptr::null_mut();
        if !err_occurred(ts) {
            api::PyErr_SetString(
                api::PyExc_SystemError,
                c"error return without exception set".as_ptr(),
            );
        }
        if !is_incomplete(frame) {
            exceptions::add_to_traceback(ts, frame, 0);
        }
        tracing::exception_event(ts, frame);
        become_op!(r, 0, unwind)
    }

    /// Continues at the innermost handler, or leaves the frame.
    #[cold]
    fn unwind(r, _) {
        let (frame, ts) = (r.frame, r.ts);
        let base = stack_base(frame);
        // Not the frame's last instruction, which RERAISE may have changed.
        let Some(found) = find_handler(r.code(), r.offset() as i32 - 1) else {
            pop_to(&mut r.sp, base);
            r.save_sp();
            tracing::unwind_event(ts, frame);
            become_op!(r, 0, exit_frame)
        };
        pop_to(&mut r.sp, base.add(found.depth as usize));
        if found.push_lasti {
            let lasti = (*frame).prev_instr.offset_from(first_instr(r.code()));
            let object = api::PyLong_FromLong(lasti as i64);
            if object.is_null() {
                become_op!(r, 0, unwind)
            }
            r.push(object);
        }
        r.push(take_exception(ts));
        r.ip = first_instr(r.code()).add(found.target as usize);
        next_checked!(r)
    }
}

/// The exception being raised as a normalized instance with its traceback; new reference.
#[inline(never)]
pub(crate) unsafe fn take_exception(ts: *mut PyThreadState) -> *mut PyObject {
    // SAFETY: an exception is set.
    unsafe {
        let taken = exceptions::take_raised(ts);
        if !taken.is_null() {
            return taken;
        }
        let (mut exc, mut value, mut traceback) = (
            core::ptr::null_mut(),
            core::ptr::null_mut(),
            core::ptr::null_mut(),
        );
        api::PyErr_Fetch(&mut exc, &mut value, &mut traceback);
        api::PyErr_NormalizeException(&mut exc, &mut value, &mut traceback);
        api::PyException_SetTraceback(
            value,
            if traceback.is_null() {
                none()
            } else {
                traceback
            },
        );
        xdecref(traceback);
        xdecref(exc);
        value
    }
}

#[inline(always)]
pub(crate) unsafe fn pop_to(sp: &mut *mut *mut PyObject, new_top: *mut *mut PyObject) {
    // SAFETY: the stack is at least as deep as the handler's.
    unsafe {
        while *sp > new_top {
            *sp = sp.sub(1);
            xdecref(**sp);
        }
    }
}

leaf_op! {
    /// A new frame, linked to its caller, used up the recursion limit as it is known to the
    /// thread: enters it if the limit has been raised, else leaves it with RecursionError.
    #[cold]
    fn check_recursion(r, _) {
        let (frame, ts) = (r.frame, r.ts);
        r.save_sp();
        if api::_Py_CheckRecursiveCall(ts, c"".as_ptr()) != 0 {
            // Leaving the frame gives back what entering did not take.
            (*ts).recursion_remaining -= 1;
            become_op!(r, 0, exit_frame)
        }
        let r = Regs::resume(frame, ts, r.table);
        next_checked!(r)
    }

    /// Leaves a frame with an exception set.
    #[cold]
    fn exit_frame(r, _) {
        let (frame, ts) = (r.frame, r.ts);
        crate::jit::driver::frame_left(frame);
        let purpose = (*frame).purpose();
        leave_recursive_call(ts);
        if (*frame).is_entry == ENTRY {
            leave_evaluation(ts);
            return core::ptr::null_mut();
        }
        // Unlinked before it is cleared, because clearing may run finalizers.
        let caller = (*frame).previous;
        (*(*ts).cframe).current_frame = caller;
        drop_frame(ts, frame);
        results::after_failure(purpose, caller, ts, r.table)
    }
}

/// Restores the enclosing evaluation; the caller returns the result.
#[inline(always)]
pub(crate) unsafe fn leave_evaluation(ts: *mut PyThreadState) {
    // SAFETY: the current evaluation's cframe is still alive.
    unsafe {
        let cframe = (*ts).cframe;
        (*ts).cframe = (*cframe).previous;
        (*(*ts).cframe).use_tracing = (*cframe).use_tracing;
    }
}

/// Drops a frame that an exception or a return has left: a generator's is finished.
#[inline(always)]
pub(crate) unsafe fn drop_frame(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: the frame is unlinked; it is the top of the data stack, or a generator's that was resumed.
    unsafe {
        if (*frame).owner == FRAME_OWNED_BY_GENERATOR {
            generator::end_by_exception(ts, frame);
        } else {
            clear_and_pop(ts, frame);
        }
    }
}

/// `_PyEvalFrameClearAndPop`: drops what the frame holds, then its room.
#[inline(always)]
pub(crate) unsafe fn clear_and_pop(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: the frame is unlinked and the top of the data stack.
    unsafe {
        (*ts).recursion_remaining -= 1;
        clear_frame(frame);
        (*ts).recursion_remaining += 1;
        pop_frame(ts, frame);
    }
}

/// An entry of the exception table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExceptionHandler {
    /// Where to continue, in code units.
    pub(crate) target: u32,
    /// Stack depth that remains.
    pub(crate) depth: u32,
    /// Whether the offset of the raising instruction is pushed first.
    pub(crate) push_lasti: bool,
}

/// The handler of what the instruction at an offset raises.
pub(crate) unsafe fn find_handler(
    code: *mut PyCodeObject,
    offset: i32,
) -> Option<ExceptionHandler> {
    // SAFETY: the table is a bytes object.
    let table = unsafe { bytes_of((*code).co_exceptiontable) };
    lookup(table, u32::try_from(offset).ok()?)
}

/// Below this many bytes the table is scanned from its start.
const LINEAR_SEARCH: usize = 40;

/// Finds the entry that covers `offset` in a table as described in CPython's
/// `Objects/exception_handling_notes.txt`: entries of four varints (start, size,
/// target, depth and lasti), sorted by start, the first byte of each having bit 7.
fn lookup(table: &[u8], offset: u32) -> Option<ExceptionHandler> {
    let (mut low, mut high) = (0, table.len());
    while high - low > LINEAR_SEARCH {
        let mut middle = low + (high - low) / 2;
        while table[middle] & 128 == 0 {
            middle -= 1;
        }
        if middle == low || varint(&mut &table[middle..]) > offset {
            if middle == low {
                break;
            }
            high = middle;
        } else {
            low = middle;
        }
    }
    let mut rest = &table[low..];
    while !rest.is_empty() {
        let start = varint(&mut rest);
        if start > offset {
            return None;
        }
        let size = varint(&mut rest);
        let target = varint(&mut rest);
        let depth_and_lasti = varint(&mut rest);
        if offset < start + size {
            return Some(ExceptionHandler {
                target,
                depth: depth_and_lasti >> 1,
                push_lasti: depth_and_lasti & 1 != 0,
            });
        }
    }
    None
}

/// Six bits per byte, most significant first; bit 6 says that more follow.
fn varint(bytes: &mut &[u8]) -> u32 {
    let mut value = 0;
    while let [first, rest @ ..] = *bytes {
        *bytes = rest;
        value = value << 6 | u32::from(first & 63);
        if first & 64 == 0 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodes entries as CPython's assembler does.
    fn encode(entries: &[(u32, u32, u32, u32)]) -> Vec<u8> {
        let mut table = Vec::new();
        for &(start, size, target, depth_and_lasti) in entries {
            for (index, value) in [start, size, target, depth_and_lasti]
                .into_iter()
                .enumerate()
            {
                let mut digits = vec![(value & 63) as u8];
                let mut rest = value >> 6;
                while rest > 0 {
                    digits.push((rest & 63) as u8 | 64);
                    rest >>= 6;
                }
                digits.reverse();
                if index == 0 {
                    digits[0] |= 128;
                }
                table.extend(digits);
            }
        }
        table
    }

    #[test]
    fn finds_the_covering_entry_in_short_and_long_tables() {
        let entries: Vec<_> = (0..200)
            .map(|i| (i * 100, 50, i * 1000 + 7, i << 1 | (i & 1)))
            .collect();
        for count in [0, 1, 2, 7, 200] {
            let table = encode(&entries[..count]);
            for offset in 0..count as u32 * 100 + 200 {
                let i = offset / 100;
                let expected =
                    (i < count as u32 && offset % 100 < 50).then_some(ExceptionHandler {
                        target: i * 1000 + 7,
                        depth: i,
                        push_lasti: i & 1 != 0,
                    });
                assert_eq!(
                    lookup(&table, offset),
                    expected,
                    "offset {offset} of {count}"
                );
            }
        }
    }
}
