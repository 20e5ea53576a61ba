//! Comparisons, identity, membership.

use core::cmp::Ordering;
use core::ffi::c_int;

use pyrt_cpython::api;
use pyrt_cpython::code::cache::compare_op;
use pyrt_cpython::inline::*;

use super::{adaptive, release_ints, release_pair};
use crate::interp::regs::{become_op, error, next_checked, op};

op! {
    fn COMPARE_OP(r, oparg) {
        let (left, right) = (r.peek(2), r.peek(1));
        if !is_int(left) || !is_int(right) {
            become_op!(r, oparg, compare_any)
        }
        // A bit per `Py_LT`, `LE`, `EQ`, `NE`, `GT`, `GE`.
        let holds = match compare_ints(left, right) {
            Ordering::Less => 0b001011,
            Ordering::Equal => 0b100110,
            Ordering::Greater => 0b111000,
        };
        r.set_peek(2, new_ref(bool_(holds >> oparg & 1 != 0)));
        r.shrink(1);
        r.jump(compare_op::LEN as isize);
        release_ints!(r, left, right)
    }

    /// `COMPARE_OP` by the types' slots.
    fn compare_any(r, oparg) {
        let right = r.pop();
        let left = r.peek(1);
        let result = api::PyObject_RichCompare(left, right, oparg as c_int);
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
