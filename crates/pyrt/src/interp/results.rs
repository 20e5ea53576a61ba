//! What becomes of the result of a frame: the caller goes on according to the frame's [`Purpose`].

use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;
use pyrt_spec::Purpose;

use super::regs::{Regs, Table, error, next_checked};
use super::{constructor, operators};

/// Gives back what an operation that made a frame has counted of the recursion limit besides the frame itself.
#[inline(always)]
pub(crate) unsafe fn leave_operation(ts: *mut PyThreadState, purpose: Purpose) {
    // SAFETY: the current thread's state.
    unsafe { (*ts).recursion_remaining += i32::from(purpose.levels()) - 1 };
}

/// Continues the caller of a frame that has returned `value`, which is owned. The frame is gone.
pub(super) unsafe extern "C" fn after_return(
    purpose: Purpose,
    value: *mut PyObject,
    caller: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    table: Table,
) -> *mut PyObject {
    // SAFETY: the caller is suspended at the instruction that made the frame.
    unsafe {
        leave_operation(ts, purpose);
        match purpose {
            Purpose::Call => {
                let mut r = Regs::resume(caller, ts, table);
                r.push(value);
                next_checked!(r)
            }
            Purpose::Init => constructor::constructed(value, caller, ts, table),
            Purpose::InPlace | Purpose::Left | Purpose::Last => {
                operators::answered(purpose, value, caller, ts, table)
            }
        }
    }
}

/// Raises in the caller of a frame what the frame has left with. The frame is gone.
pub(super) unsafe extern "C" fn after_failure(
    purpose: Purpose,
    caller: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    table: Table,
) -> *mut PyObject {
    // SAFETY: as for `after_return`; an exception is set.
    unsafe {
        leave_operation(ts, purpose);
        let mut r = Regs::resume(caller, ts, table);
        match purpose {
            // What they have on the stack stays for whoever handles the exception to drop.
            Purpose::Call | Purpose::Init => {}
            Purpose::InPlace | Purpose::Left | Purpose::Last => operators::drop_operands(&mut r.sp),
        }
        error!(r)
    }
}
