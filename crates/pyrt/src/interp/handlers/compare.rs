//! Comparisons, identity, membership.

use core::cmp::Ordering;
use core::ffi::c_int;

use pyrt_cpython::api;
use pyrt_cpython::code::cache::compare_op;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;

use super::arith::small_value;
use super::{adaptive, release_pair};
use crate::interp::regs::{error, next_checked, op};

/// `PyObject_RichCompare`: new reference or null.
#[inline(always)]
unsafe fn rich_compare(
    left: *mut PyObject,
    right: *mut PyObject,
    operator: c_int,
) -> *mut PyObject {
    // SAFETY: live operands.
    unsafe {
        if is_int(left)
            && is_int(right)
            && let (Some(a), Some(b)) = (small_value(left), small_value(right))
        {
            // A bit per `Py_LT`, `LE`, `EQ`, `NE`, `GT`, `GE`.
            let holds = match a.cmp(&b) {
                Ordering::Less => 0b001011,
                Ordering::Equal => 0b100110,
                Ordering::Greater => 0b111000,
            };
            return new_ref(bool_(holds >> operator & 1 != 0));
        }
        api::PyObject_RichCompare(left, right, operator)
    }
}

op! {
    fn COMPARE_OP(r, oparg) {
        let right = r.pop();
        let left = r.peek(1);
        let result = rich_compare(left, right, oparg as c_int);
        r.set_peek(1, result);
        decref(left);
        decref(right);
        if result.is_null() {
            error!(r)
        }
        r.jump(compare_op::LEN as isize);
        next_checked!(r)
    }

    fn IS_OP(r, oparg) {
        let right = r.pop();
        let left = r.peek(1);
        r.set_peek(1, new_ref(bool_((left == right) != (oparg != 0))));
        release_pair!(r, left, right)
    }

    fn CONTAINS_OP(r, oparg) {
        let right = r.pop();
        let left = r.pop();
        let found = api::PySequence_Contains(right, left);
        decref(left);
        decref(right);
        if found < 0 {
            error!(r)
        }
        r.push(new_ref(bool_((found != 0) != (oparg != 0))));
        next_checked!(r)
    }
}

adaptive! {
    fn COMPARE_OP_ADAPTIVE => COMPARE_OP, |r, oparg, instr| {
        api::_Py_Specialize_CompareOp(r.peek(2), r.peek(1), instr, oparg as c_int);
        true
    };
}
