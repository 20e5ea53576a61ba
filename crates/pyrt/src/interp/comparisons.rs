//! Comparisons that classes define in Python.

use pyrt_cpython::api;
use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::runtime;
use pyrt_spec::Purpose;

use super::handlers::compare;
use super::methods::{self, enter_method, method};
use super::regs::{become_op, op};

/// `Py_EQ` and `Py_NE`.
const EQ: usize = 2;
const NE: usize = 3;

/// The methods, by `Py_LT` … `Py_GE`.
static NAMES: [fn() -> *mut PyObject; 6] = [
    runtime::id___lt__,
    runtime::id___le__,
    runtime::id___eq__,
    runtime::id___ne__,
    runtime::id___gt__,
    runtime::id___ge__,
];

/// Which comparison the right operand is asked for instead.
const SWAPPED: [i32; 6] = [4, 5, 2, 3, 0, 1];

/// The method that CPython would call first for this comparison, if it is one of the left operand in Python. That
/// depends on the types of the operands and on nothing else.
pub(crate) unsafe fn find(
    number: usize,
    left: *mut PyObject,
    right: *mut PyObject,
) -> Option<*mut PyFunctionObject> {
    // SAFETY: live objects.
    unsafe {
        let (left, right) = (type_of(left), type_of(right));
        if left != right && api::PyType_IsSubtype(right, left) != 0 {
            // It is asked first.
            return None;
        }
        method(left, NAMES[number]())
    }
}

op! {
    /// `COMPARE_OP` that calls the method in this evaluation.
    fn COMPARE_OP_METHOD(r, number) {
        let (left, right) = (r.peek(2), r.peek(1));
        let Some(function) = find(number, left, right).filter(|_| methods::run_here(r.ts)) else {
            become_op!(r, number, compare::COMPARE_OP)
        };
        enter_method!(r, Purpose::Comparison, function, left, right, core::ptr::null_mut())
    }
}

/// What a comparison gives for which the left operand's method has answered this; both are owned. The rest of
/// `do_richcompare` (`Objects/object.c`).
pub(super) unsafe fn settle(
    answer: *mut PyObject,
    number: usize,
    (left, right): (*mut PyObject, *mut PyObject),
) -> *mut PyObject {
    if answer != not_implemented() {
        return answer;
    }
    // SAFETY: the operands are on the stack.
    unsafe {
        decref(answer);
        if let Some(compare) = (*type_of(right)).tp_richcompare {
            let result = compare(right, left, SWAPPED[number]);
            if result != not_implemented() {
                return result;
            }
            decref(result);
        }
        match number {
            EQ => new_ref(bool_(left == right)),
            NE => new_ref(bool_(left != right)),
            _ => {
                const SYMBOLS: [&core::ffi::CStr; 6] = [c"<", c"<=", c"==", c"!=", c">", c">="];
                api::PyErr_Format(
                    api::PyExc_TypeError,
                    c"'%s' not supported between instances of '%.100s' and '%.100s'".as_ptr(),
                    SYMBOLS[number].as_ptr(),
                    (*type_of(left)).tp_name,
                    (*type_of(right)).tp_name,
                )
            }
        }
    }
}
