//! What becomes of the result of a frame: the caller goes on according to the frame's [`Purpose`].

use pyrt_cpython::code::cache::{attr, call, compare_op, counter_only};
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;
use pyrt_spec::Purpose;

use super::handlers::drop_values;
use super::handlers::jump::end_of_iteration;
use super::regs::{Regs, Table, error, next_checked, next_polled};
use super::{attributes, comparisons, constructor, operators, protocols};

/// How the caller of a method goes on that has returned.
#[derive(Clone, Copy)]
pub(crate) struct Operation {
    /// How many values on its stack the result replaces.
    pub(crate) operands: usize,
    /// How many of these, the deepest ones, are no objects.
    pub(crate) nulls: usize,
    /// How long the caches of the instruction are.
    pub(crate) caches: usize,
    /// Whether there is a result.
    pub(crate) has_result: bool,
}

/// How the caller goes on when a method made for this purpose has returned; `arguments` is how many its call has, if
/// it is one. Plain calls are complete before the method begins.
pub(crate) const fn operation(purpose: Purpose, arguments: usize) -> Operation {
    let (operands, nulls, caches) = match purpose {
        Purpose::Call | Purpose::Next => (0, 0, 0),
        Purpose::InPlace | Purpose::Left | Purpose::Last => (2, 0, counter_only::LEN),
        Purpose::Comparison => (2, 0, compare_op::LEN),
        Purpose::Property => (1, 0, attr::LEN),
        Purpose::Init | Purpose::Instance | Purpose::Length => (arguments + 2, 1, call::LEN),
        Purpose::Unary | Purpose::Truth | Purpose::Size => (1, 0, 0),
        Purpose::Store => (3, 0, counter_only::LEN),
        Purpose::Membership => (2, 0, 0),
        // The argument says whether there is a dict.
        Purpose::Spread => (3 + (arguments & 1), 1, 0),
    };
    Operation {
        operands,
        nulls,
        caches,
        has_result: !matches!(purpose, Purpose::Store),
    }
}

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
        let mut r = Regs::resume(caller, ts, table);
        let oparg = r.own_oparg();
        let result = match purpose {
            Purpose::Call => {
                r.push(value);
                next_checked!(r)
            }
            Purpose::Init => constructor::settle(value, r.peek(oparg + 2)),
            Purpose::Property
            | Purpose::Instance
            | Purpose::Unary
            | Purpose::Store
            | Purpose::Next
            | Purpose::Spread => value,
            Purpose::Membership => protocols::membership(value, oparg != 0),
            Purpose::Length => protocols::length(value),
            Purpose::Truth => protocols::truth(value),
            Purpose::Size => protocols::size(value),
            Purpose::Comparison => comparisons::settle(value, oparg, (r.peek(2), r.peek(1))),
            Purpose::InPlace | Purpose::Left | Purpose::Last => {
                operators::settle(purpose, value, oparg, (r.peek(2), r.peek(1)))
            }
        };
        leave_operation(ts, purpose);
        if result.is_null() {
            r.sp = give_up(purpose, caller, r.sp);
            error!(r)
        }
        let Operation {
            operands,
            nulls,
            caches,
            has_result,
        } = operation(purpose, oparg);
        if !has_result {
            decref(result);
        }
        r.sp = r.sp.sub(operands);
        drop_values(r.sp.add(nulls), operands - nulls);
        r.jump(caches as isize);
        if purpose.decides() {
            return protocols::decide(
                r.ip,
                r.sp,
                caller,
                ts,
                usize::from(result == true_()),
                table,
            );
        }
        if has_result {
            r.push(result);
        }
        if nulls > 0 {
            // A call.
            next_polled!(r);
        }
        next_checked!(r)
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
        if purpose == Purpose::Next && end_of_iteration(ts) {
            let mut r = Regs::resume(caller, ts, table);
            r.shrink(1);
            decref(*r.sp);
            r.jump(r.own_oparg() as isize);
            next_checked!(r)
        }
        fail(purpose, caller, ts, table)
    }
}

/// Raises the exception that is set at an operation in this frame, whose method cannot even begin.
pub(super) unsafe extern "C" fn fail(
    purpose: Purpose,
    frame: *mut PyInterpreterFrame,
    ts: *mut PyThreadState,
    table: Table,
) -> *mut PyObject {
    // SAFETY: as for `after_failure`.
    unsafe {
        let mut r = Regs::resume(frame, ts, table);
        r.sp = give_up(purpose, frame, r.sp);
        error!(r)
    }
}

/// What an operation does whose method has raised, with its stack, of which the new top is returned: what is left is
/// for whoever handles the exception to drop.
#[inline(always)]
pub(crate) unsafe fn give_up(
    purpose: Purpose,
    frame: *mut PyInterpreterFrame,
    sp: *mut *mut PyObject,
) -> *mut *mut PyObject {
    // SAFETY: the operands are on the stack of the frame, which is at the operation.
    unsafe {
        let oparg = usize::from(*(*frame).prev_instr >> 8);
        if purpose == Purpose::Property {
            attributes::name_error(*sp.sub(1), tuple_item((*(*frame).f_code).co_names, oparg));
            return sp;
        }
        let Operation { operands, .. } = operation(purpose, oparg);
        let sp = sp.sub(operands);
        for at in 0..operands {
            xdecref(*sp.add(at));
        }
        sp
    }
}
