//! Comparisons, identity, membership.

use core::cmp::Ordering;
use core::ffi::c_int;

use pyrt_cpython::api;
use pyrt_cpython::code::cache::compare_op;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;

use super::arith::{float_value, wide_value};
use super::{adaptive, release_ints, release_pair};
use crate::interp::regs::{become_op, error, next_checked, op};

/// Whether `operator`, one of `Py_LT`, `LE`, `EQ`, `NE`, `GT`, `GE`, holds for what compares so.
#[inline(always)]
fn holds(order: Option<Ordering>, operator: usize) -> bool {
    // A bit per operator.
    let operators = match order {
        Some(Ordering::Less) => 0b001011,
        Some(Ordering::Equal) => 0b100110,
        Some(Ordering::Greater) => 0b111000,
        // NaN only differs.
        None => 0b001000,
    };
    operators >> operator & 1 != 0
}

/// Whether `PyObject_RichCompare` would compare, and not complain about deep recursion.
#[inline(always)]
unsafe fn may_compare(ts: *mut PyThreadState) -> bool {
    // SAFETY: the current thread's state.
    unsafe { (*ts).recursion_remaining > 0 }
}

/// A float, or an int or bool of at most 120 bits.
enum Number {
    Float(f64),
    Int(i128),
}

#[inline(always)]
unsafe fn number(object: *mut PyObject) -> Option<Number> {
    // SAFETY: a live object.
    unsafe {
        if is_float(object) {
            Some(Number::Float(float_value(object)))
        } else if is_int(object) || is_bool(object) {
            wide_value(object).map(Number::Int)
        } else {
            None
        }
    }
}

/// Compares a float with an int of at most 120 bits: exactly, as CPython does.
#[inline(always)]
fn compare_float(float: f64, int: i128) -> Option<Ordering> {
    const LARGE: f64 = (1_u128 << 120) as f64;
    if float.abs() < LARGE {
        let whole = float as i128;
        // Only a float below 2**53 has a fraction, which the subtraction leaves.
        let fraction = float - whole as f64;
        Some(whole.cmp(&int).then(fraction.partial_cmp(&0.0)?))
    } else {
        float.partial_cmp(&0.0)
    }
}

/// `PyObject_RichCompare` of numbers without their types' slots.
#[inline(always)]
unsafe fn compare_numbers(
    left: *mut PyObject,
    right: *mut PyObject,
    operator: usize,
) -> Option<bool> {
    // SAFETY: live objects.
    let order = match unsafe { (number(left)?, number(right)?) } {
        (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
        (Number::Float(a), Number::Int(b)) => compare_float(a, b),
        (Number::Int(a), Number::Float(b)) => compare_float(b, a).map(Ordering::reverse),
        (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
    };
    Some(holds(order, operator))
}

/// `PyObject_RichCompare`, with a short way for numbers.
pub(crate) unsafe fn rich_compare(
    ts: *mut PyThreadState,
    left: *mut PyObject,
    right: *mut PyObject,
    operator: usize,
) -> *mut PyObject {
    // SAFETY: live objects.
    unsafe {
        if may_compare(ts) {
            if is_int(left) && is_int(right) {
                return new_ref(bool_(holds(Some(compare_ints(left, right)), operator)));
            }
            if let Some(result) = compare_numbers(left, right, operator) {
                return new_ref(bool_(result));
            }
        }
        api::PyObject_RichCompare(left, right, operator as c_int)
    }
}

op! {
    fn COMPARE_OP(r, oparg) {
        let (left, right) = (r.peek(2), r.peek(1));
        if !is_int(left) || !is_int(right) || !may_compare(r.ts) {
            become_op!(r, oparg, compare_any)
        }
        r.set_peek(2, new_ref(bool_(holds(Some(compare_ints(left, right)), oparg))));
        r.shrink(1);
        r.jump(compare_op::LEN as isize);
        release_ints!(r, left, right)
    }

    /// `COMPARE_OP` of anything.
    fn compare_any(r, oparg) {
        let right = r.pop();
        let left = r.peek(1);
        let result = rich_compare(r.ts, left, right, oparg);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_and_ints_compare_exactly() {
        let big = 1_i128 << 53;
        for (float, int, order) in [
            (0.5, 0, Ordering::Greater),
            (-0.5, 0, Ordering::Less),
            (-0.0, 0, Ordering::Equal),
            (-1.5, -1, Ordering::Less),
            (big as f64, big + 1, Ordering::Less),
            (big as f64, big, Ordering::Equal),
            (-(big as f64), -big - 1, Ordering::Greater),
            (1e21, 10_i128.pow(21) + 1, Ordering::Less),
            (f64::INFINITY, i128::MAX >> 8, Ordering::Greater),
            (f64::NEG_INFINITY, 0, Ordering::Less),
        ] {
            assert_eq!(compare_float(float, int), Some(order), "{float} and {int}");
        }
        assert_eq!(compare_float(f64::NAN, 0), None);
    }
}
