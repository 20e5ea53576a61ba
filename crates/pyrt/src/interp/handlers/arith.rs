//! Unary and binary operators.

use pyrt_cpython::api;
use pyrt_cpython::code::cache::counter_only;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyFloatObject, PyLongObject, PyObject};
use pyrt_cpython::state::runtime;
use pyrt_spec::opcodes;

use super::adaptive;
use crate::interp::regs::{become_op, deopt_if, error, next, next_checked, op};

type BinaryFunction = unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject;

/// By `NB_*` number (`Include/opcode.h`).
static BINARY_OPS: [BinaryFunction; 26] = [
    api::PyNumber_Add,
    api::PyNumber_And,
    api::PyNumber_FloorDivide,
    api::PyNumber_Lshift,
    api::PyNumber_MatrixMultiply,
    api::PyNumber_Multiply,
    api::PyNumber_Remainder,
    api::PyNumber_Or,
    api::_PyNumber_PowerNoMod,
    api::PyNumber_Rshift,
    api::PyNumber_Subtract,
    api::PyNumber_TrueDivide,
    api::PyNumber_Xor,
    api::PyNumber_InPlaceAdd,
    api::PyNumber_InPlaceAnd,
    api::PyNumber_InPlaceFloorDivide,
    api::PyNumber_InPlaceLshift,
    api::PyNumber_InPlaceMatrixMultiply,
    api::PyNumber_InPlaceMultiply,
    api::PyNumber_InPlaceRemainder,
    api::PyNumber_InPlaceOr,
    api::_PyNumber_InPlacePowerNoMod,
    api::PyNumber_InPlaceRshift,
    api::PyNumber_InPlaceSubtract,
    api::PyNumber_InPlaceTrueDivide,
    api::PyNumber_InPlaceXor,
];

/// The value of an int of at most one digit.
#[inline(always)]
pub(in crate::interp) unsafe fn small_value(int: *mut PyObject) -> Option<i64> {
    // SAFETY: an exact int; the digit of zero is there and multiplied away.
    unsafe {
        let size = size_of(int);
        if (size + 1) as usize > 2 {
            return None;
        }
        Some(size as i64 * i64::from((*int.cast::<PyLongObject>()).ob_digit[0]))
    }
}

/// An int for a result of one-digit operands: new reference or null.
#[inline(always)]
unsafe fn int_result(value: i64) -> *mut PyObject {
    if runtime::is_small_int(value) {
        // SAFETY: preallocated.
        return unsafe { new_ref(runtime::small_int(value)) };
    }
    // SAFETY: plain call.
    unsafe { api::PyLong_FromLong(value) }
}

#[inline(always)]
unsafe fn float_value(object: *mut PyObject) -> f64 {
    // SAFETY: an exact float.
    unsafe { (*object.cast::<PyFloatObject>()).ob_fval }
}

/// Defines `BINARY_OP_*_INT` and `_FLOAT` forms, each with a general version behind it
/// for operands that die and results that have to be allocated.
macro_rules! number_ops {
    ($($int:ident, $any_int:ident, $float:ident, $any_float:ident, $operator:tt, $big:ident;)*) => {
        op! {
            $(
                fn $int(r, oparg) {
                    let (left, right) = (r.peek(2), r.peek(1));
                    deopt_if!(r, oparg, !is_int(left) || !is_int(right));
                    if let (Some(a), Some(b)) = (small_value(left), small_value(right)) {
                        // Digits have 30 bits: no operator here overflows 64.
                        let value = a $operator b;
                        if runtime::is_small_int(value) && (*left).ob_refcnt > 1 && (*right).ob_refcnt > 1 && left != right {
                            decref_no_dealloc(left);
                            decref_no_dealloc(right);
                            r.shrink(1);
                            r.set_peek(1, new_ref(runtime::small_int(value)));
                            r.jump(counter_only::LEN as isize);
                            next!(r)
                        }
                    }
                    become_op!(r, oparg, $any_int)
                }

                fn $any_int(r, _) {
                    let (left, right) = (r.peek(2), r.peek(1));
                    let result = match (small_value(left), small_value(right)) {
                        (Some(a), Some(b)) => int_result(a $operator b),
                        _ => api::$big(left.cast(), right.cast()),
                    };
                    r.set_peek(2, result);
                    decref_int(right);
                    decref_int(left);
                    r.shrink(1);
                    if result.is_null() {
                        error!(r)
                    }
                    r.jump(counter_only::LEN as isize);
                    next!(r)
                }

                fn $float(r, oparg) {
                    let (left, right) = (r.peek(2), r.peek(1));
                    deopt_if!(r, oparg, !is_float(left) || !is_float(right));
                    let value = float_value(left) $operator float_value(right);
                    // An operand that nobody else holds becomes the result.
                    if (*left).ob_refcnt == 1 && (*right).ob_refcnt > 1 {
                        (*left.cast::<PyFloatObject>()).ob_fval = value;
                        decref_no_dealloc(right);
                        r.shrink(1);
                        r.jump(counter_only::LEN as isize);
                        next!(r)
                    }
                    if (*right).ob_refcnt == 1 && (*left).ob_refcnt > 1 {
                        (*right.cast::<PyFloatObject>()).ob_fval = value;
                        decref_no_dealloc(left);
                        r.shrink(1);
                        r.set_peek(1, right);
                        r.jump(counter_only::LEN as isize);
                        next!(r)
                    }
                    become_op!(r, oparg, $any_float)
                }

                fn $any_float(r, _) {
                    let (left, right) = (r.peek(2), r.peek(1));
                    let value = float_value(left) $operator float_value(right);
                    let result = if (*left).ob_refcnt == 1 {
                        (*left.cast::<PyFloatObject>()).ob_fval = value;
                        decref_float(right);
                        left
                    } else {
                        let result = api::PyFloat_FromDouble(value);
                        decref_float(right);
                        decref_float(left);
                        result
                    };
                    r.shrink(1);
                    r.set_peek(1, result);
                    if result.is_null() {
                        error!(r)
                    }
                    r.jump(counter_only::LEN as isize);
                    next!(r)
                }
            )*
        }
    };
}

number_ops! {
    BINARY_OP_ADD_INT, add_any_int, BINARY_OP_ADD_FLOAT, add_any_float, +, _PyLong_Add;
    BINARY_OP_SUBTRACT_INT, subtract_any_int, BINARY_OP_SUBTRACT_FLOAT, subtract_any_float, -, _PyLong_Subtract;
    BINARY_OP_MULTIPLY_INT, multiply_any_int, BINARY_OP_MULTIPLY_FLOAT, multiply_any_float, *, _PyLong_Multiply;
}

/// Defines unary operators on the top of the stack.
macro_rules! unary_ops {
    ($($name:ident $function:ident;)*) => {
        op! {
            $(
                fn $name(r, _) {
                    let value = r.peek(1);
                    let result = api::$function(value);
                    decref(value);
                    r.set_peek(1, result);
                    if result.is_null() {
                        error!(r)
                    }
                    next_checked!(r)
                }
            )*
        }
    };
}

unary_ops! {
    UNARY_POSITIVE PyNumber_Positive;
    UNARY_NEGATIVE PyNumber_Negative;
    UNARY_INVERT PyNumber_Invert;
}

op! {
    fn UNARY_NOT(r, _) {
        let value = r.peek(1);
        let truth = api::PyObject_IsTrue(value);
        decref(value);
        if truth < 0 {
            r.shrink(1);
            error!(r)
        }
        r.set_peek(1, new_ref(bool_(truth == 0)));
        next_checked!(r)
    }

    fn BINARY_OP(r, oparg) {
        let right = r.pop();
        let left = r.peek(1);
        let result = BINARY_OPS.get_unchecked(oparg)(left, right);
        decref(left);
        decref(right);
        r.set_peek(1, result);
        if result.is_null() {
            error!(r)
        }
        r.jump(counter_only::LEN as isize);
        next_checked!(r)
    }

    fn BINARY_OP_ADD_UNICODE(r, oparg) {
        let (left, right) = (r.peek(2), r.peek(1));
        deopt_if!(r, oparg, !is_str(left) || type_of(right) != type_of(left));
        let result = api::PyUnicode_Concat(left, right);
        r.shrink(1);
        r.set_peek(1, result);
        decref_str(left);
        decref_str(right);
        if result.is_null() {
            error!(r)
        }
        r.jump(counter_only::LEN as isize);
        next!(r)
    }

    /// `s = s + t` where a `STORE_FAST` of `s` follows: appends in place when the
    /// local and the stack hold the only references.
    fn BINARY_OP_INPLACE_ADD_UNICODE(r, oparg) {
        let (left, right) = (r.peek(2), r.peek(1));
        deopt_if!(r, oparg, !is_str(left) || type_of(right) != type_of(left));
        let store = *r.ip.add(counter_only::LEN);
        debug_assert!(matches!(store as u8, opcodes::STORE_FAST | opcodes::STORE_FAST__LOAD_FAST));
        let target = r.local((store >> 8) as usize);
        deopt_if!(r, oparg, *target != left);
        decref_no_dealloc(left);
        r.shrink(2);
        api::PyUnicode_Append(target, right);
        decref_str(right);
        if (*target).is_null() {
            error!(r)
        }
        // The STORE_FAST is done too.
        r.jump(counter_only::LEN as isize + 1);
        next!(r)
    }
}

adaptive! {
    fn BINARY_OP_ADAPTIVE => BINARY_OP, |r, oparg, instr| {
        api::_Py_Specialize_BinaryOp(r.peek(2), r.peek(1), instr, oparg as i32, r.local(0));
        true
    };
}
