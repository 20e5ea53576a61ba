//! Unary and binary operators.

use pyrt_cpython::api;
use pyrt_cpython::code::cache::counter_only;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyFloatObject, PyLongObject, PyObject};
use pyrt_cpython::state::{PyThreadState, runtime};
use pyrt_spec::opcodes;

use super::{adaptive, drop_living, release_ints};
use crate::interp::regs::{become_op, deopt_if, error, next, next_checked, op, settled};

type BinaryFunction = unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject;

/// By `NB_*` number (`Include/opcode.h`). What has no specialised form tries ints of one
/// digit and floats before it searches the types for the operator.
pub(crate) static BINARY_OPS: [BinaryFunction; 26] = [
    add,
    and,
    floor_divide,
    lshift,
    api::PyNumber_MatrixMultiply,
    multiply,
    remainder,
    or,
    api::_PyNumber_PowerNoMod,
    rshift,
    subtract,
    true_divide,
    xor,
    in_place_add,
    in_place_and,
    in_place_floor_divide,
    in_place_lshift,
    api::PyNumber_InPlaceMatrixMultiply,
    in_place_multiply,
    in_place_remainder,
    in_place_or,
    api::_PyNumber_InPlacePowerNoMod,
    in_place_rshift,
    in_place_subtract,
    in_place_true_divide,
    in_place_xor,
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

/// The value of an int of at most two digits.
#[inline(always)]
pub(crate) unsafe fn two_digit_value(int: *mut PyObject) -> Option<i64> {
    // SAFETY: an exact int has as many digits as it says, but at least one.
    unsafe {
        let size = size_of(int) as i64;
        let digits: *const u32 = (&raw const (*int.cast::<PyLongObject>()).ob_digit).cast();
        let low = i64::from(*digits);
        match size.abs() {
            0 | 1 => Some(size * low),
            2 => {
                let magnitude = i64::from(*digits.add(1)) << layout::digit::SHIFT | low;
                Some(if size < 0 { -magnitude } else { magnitude })
            }
            _ => None,
        }
    }
}

/// The value of an int of at most four digits.
#[inline(always)]
pub(super) unsafe fn wide_value(int: *mut PyObject) -> Option<i128> {
    // SAFETY: an exact int has as many digits as it says, but at least one.
    unsafe {
        let size = size_of(int);
        let digits: *const u32 = (&raw const (*int.cast::<PyLongObject>()).ob_digit).cast();
        let pair = |index: usize| {
            let high = u64::from(*digits.add(index + 1)) << layout::digit::SHIFT;
            high | u64::from(*digits.add(index))
        };
        let (low, high) = match size.unsigned_abs() {
            0 => (0, 0),
            1 => (u64::from(*digits), 0),
            2 => (pair(0), 0),
            3 => (pair(0), u64::from(*digits.add(2))),
            4 => (pair(0), pair(2)),
            _ => return None,
        };
        let magnitude = i128::from(high) << (2 * layout::digit::SHIFT) | i128::from(low);
        Some(if size < 0 { -magnitude } else { magnitude })
    }
}

/// As [`int_without_call`], of up to four digits.
#[inline(always)]
pub(crate) unsafe fn wide_without_call(value: i128) -> *mut PyObject {
    if let Ok(value) = i64::try_from(value)
        && value.unsigned_abs() >> (2 * layout::digit::SHIFT) == 0
    {
        // SAFETY: the GIL is held.
        return unsafe { int_without_call(value) };
    }
    // SAFETY: as above.
    unsafe { wide_int_from_pool(value) }
}

/// An int for a result: new reference or null.
#[inline(always)]
pub(in crate::interp) unsafe fn int_result(value: i64) -> *mut PyObject {
    // SAFETY: plain call.
    unsafe {
        let result = int_without_call(value);
        if result.is_null() {
            api::PyLong_FromLong(value)
        } else {
            result
        }
    }
}

/// An int, preallocated or of a pool: new reference, or null without an exception.
#[inline(always)]
pub(in crate::interp) unsafe fn int_without_call(value: i64) -> *mut PyObject {
    // SAFETY: preallocated; the GIL is held.
    unsafe {
        if runtime::is_small_int(value) {
            new_ref(runtime::small_int(value))
        } else {
            int_from_pool(value)
        }
    }
}

/// Makes an int that nobody else holds one of `value`; false if that may have no room in
/// it, or if somebody wants to know of new objects.
#[inline(always)]
unsafe fn refill_int(int: *mut PyObject, value: i64) -> bool {
    if value.unsigned_abs() >> layout::digit::SHIFT != 0 || traces_memory() {
        return false;
    }
    // SAFETY: an exact int, each of which has room for a digit.
    unsafe {
        let int: *mut PyLongObject = int.cast();
        (*int).ob_base.ob_size = if value < 0 { -1 } else { 1 };
        (*int).ob_digit[0] = value.unsigned_abs() as u32;
    }
    true
}

/// The value of an exact float.
#[inline(always)]
pub(in crate::interp) unsafe fn float_value(object: *mut PyObject) -> f64 {
    // SAFETY: an exact float.
    unsafe { (*object.cast::<PyFloatObject>()).ob_fval }
}

/// Defines operators on ints of one digit, where the value says so, and on anything else.
macro_rules! int_operators {
    ($($name:ident, $in_place:ident, $general:ident, $in_place_general:ident, |$a:ident, $b:ident| $value:expr;)*) => {
        $(
            int_operators!($name, $general, |$a, $b| $value);
            int_operators!($in_place, $in_place_general, |$a, $b| $value);
        )*
    };
    ($name:ident, $general:ident, |$a:ident, $b:ident| $value:expr) => {
        unsafe extern "C" fn $name(left: *mut PyObject, right: *mut PyObject) -> *mut PyObject {
            // SAFETY: live operands.
            unsafe {
                if is_int(left)
                    && is_int(right)
                    && let (Some($a), Some($b)) = (small_value(left), small_value(right))
                    && let Some(value) = $value
                {
                    return int_result(value);
                }
                api::$general(left, right)
            }
        }
    };
}

int_operators! {
    and, in_place_and, PyNumber_And, PyNumber_InPlaceAnd, |a, b| Some(a & b);
    or, in_place_or, PyNumber_Or, PyNumber_InPlaceOr, |a, b| Some(a | b);
    xor, in_place_xor, PyNumber_Xor, PyNumber_InPlaceXor, |a, b| Some(a ^ b);
    // A digit has 30 bits, so 32 more are no overflow.
    lshift, in_place_lshift, PyNumber_Lshift, PyNumber_InPlaceLshift,
        |a, b| (0..=32).contains(&b).then(|| a << b);
    rshift, in_place_rshift, PyNumber_Rshift, PyNumber_InPlaceRshift,
        |a, b| (b >= 0).then(|| a >> b.min(63));
    floor_divide, in_place_floor_divide, PyNumber_FloorDivide, PyNumber_InPlaceFloorDivide,
        |a, b| (b != 0).then(|| a / b - i64::from(a % b != 0 && (a ^ b) < 0));
    remainder, in_place_remainder, PyNumber_Remainder, PyNumber_InPlaceRemainder,
        |a, b| (b != 0).then(|| a % b + if a % b != 0 && (a ^ b) < 0 { b } else { 0 });
}

/// The value of a float, of an int of at most one digit, or of a bool.
#[inline(always)]
unsafe fn number_value(object: *mut PyObject) -> Option<f64> {
    // SAFETY: a live object.
    unsafe {
        if is_float(object) {
            Some(float_value(object))
        } else if is_int(object) || is_bool(object) {
            small_value(object).map(|value| value as f64)
        } else {
            None
        }
    }
}

/// Defines operators with a float for result, on two exact ints, and on anything else.
macro_rules! float_operators {
    ($($name:ident, $in_place:ident, $general:ident, $in_place_general:ident, |$a:ident, $b:ident| $value:expr, $ints:path;)*) => {
        $(
            float_operators!($name, $general, |$a, $b| $value, $ints);
            float_operators!($in_place, $in_place_general, |$a, $b| $value, $ints);
        )*
    };
    ($name:ident, $general:ident, |$a:ident, $b:ident| $value:expr, $ints:path) => {
        unsafe extern "C" fn $name(left: *mut PyObject, right: *mut PyObject) -> *mut PyObject {
            // SAFETY: live operands.
            unsafe {
                if is_float(left) || is_float(right) {
                    if let (Some($a), Some($b)) = (number_value(left), number_value(right))
                        && let Some(value) = $value
                    {
                        return api::PyFloat_FromDouble(value);
                    }
                } else if is_int(left) && is_int(right) {
                    return $ints(left, right);
                }
                api::$general(left, right)
            }
        }
    };
}

float_operators! {
    add, in_place_add, PyNumber_Add, PyNumber_InPlaceAdd, |a, b| Some(a + b), add_ints;
    subtract, in_place_subtract, PyNumber_Subtract, PyNumber_InPlaceSubtract,
        |a, b| Some(a - b), subtract_ints;
    multiply, in_place_multiply, PyNumber_Multiply, PyNumber_InPlaceMultiply,
        |a, b| Some(a * b), multiply_ints;
    true_divide, in_place_true_divide, PyNumber_TrueDivide, PyNumber_InPlaceTrueDivide,
        |a, b| (b != 0.0).then(|| a / b), api::PyNumber_TrueDivide;
}

/// Defines operators on two exact ints.
macro_rules! exact_int_operators {
    ($($name:ident, $checked:ident, $general:ident;)*) => {
        $(
            unsafe extern "C" fn $name(left: *mut PyObject, right: *mut PyObject) -> *mut PyObject {
                // SAFETY: exact ints.
                unsafe {
                    if let (Some(a), Some(b)) = (two_digit_value(left), two_digit_value(right))
                        && let Some(value) = a.$checked(b)
                    {
                        return int_result(value);
                    }
                    if let (Some(a), Some(b)) = (wide_value(left), wide_value(right))
                        && let Some(value) = a.$checked(b)
                    {
                        let result = wide_without_call(value);
                        if !result.is_null() {
                            return result;
                        }
                    }
                    api::$general(left.cast(), right.cast())
                }
            }
        )*
    };
}

exact_int_operators! {
    add_ints, checked_add, _PyLong_Add;
    subtract_ints, checked_sub, _PyLong_Subtract;
    multiply_ints, checked_mul, _PyLong_Multiply;
}

/// A float for the result of an instruction that gives up two floats, made without a
/// call: of an operand that dies, or of the free list. Null, and nothing is given up, if
/// that is not possible.
#[inline(always)]
unsafe fn float_result(
    ts: *mut PyThreadState,
    left: *mut PyObject,
    right: *mut PyObject,
    value: f64,
) -> *mut PyObject {
    // SAFETY: exact floats, of which the stack holds a reference each.
    unsafe {
        let reused = if (*left).ob_refcnt == 1 {
            left
        } else if (*right).ob_refcnt == 1 {
            right
        } else {
            let last = left == right && (*left).ob_refcnt == 2;
            let result = if last {
                core::ptr::null_mut()
            } else {
                float_from_list(ts, value)
            };
            if !result.is_null() {
                decref_no_dealloc(left);
                decref_no_dealloc(right);
            }
            return result;
        };
        let other = if reused == left { right } else { left };
        if traces_memory() {
            return core::ptr::null_mut();
        }
        if (*other).ob_refcnt > 1 {
            decref_no_dealloc(other);
        } else if float_list_has_room(ts, 1) {
            float_to_list(ts, other);
        } else {
            return core::ptr::null_mut();
        }
        (*reused.cast::<PyFloatObject>()).ob_fval = value;
        reused
    }
}

/// Gives up two floats without a call; false, and nothing is given up, if that is not
/// possible.
#[inline(always)]
pub(in crate::interp) unsafe fn drop_floats(
    ts: *mut PyThreadState,
    left: *mut PyObject,
    right: *mut PyObject,
) -> bool {
    // SAFETY: exact floats, of which the stack holds a reference each.
    unsafe {
        let (left_dies, right_dies) = ((*left).ob_refcnt == 1, (*right).ob_refcnt == 1);
        if left_dies || right_dies {
            if !float_list_has_room(ts, i32::from(left_dies) + i32::from(right_dies)) {
                return false;
            }
        } else if left == right && (*left).ob_refcnt == 2 {
            return false;
        }
        for (operand, dies) in [(left, left_dies), (right, right_dies)] {
            if dies {
                float_to_list(ts, operand);
            } else {
                decref_no_dealloc(operand);
            }
        }
        true
    }
}

/// Defines `BINARY_OP_*_INT` and `_FLOAT` forms, each with a general version behind it
/// for what cannot be done without a call.
macro_rules! number_ops {
    ($($int:ident, $medium_int:ident, $any_int:ident, $float:ident, $any_float:ident, $operator:tt, $checked:ident, $wide_int:ident, $big_int:ident, $big:ident;)*) => {
        op! {
            $(
                fn $int(r, _) {
                    let (left, right) = (r.peek(2), r.peek(1));
                    deopt_if!(r, r.own_oparg(), !is_int(left) || !is_int(right));
                    let Some(a) = small_value(left) else { become_op!(r, 0, $any_int) };
                    let a = settled(a);
                    let Some(b) = small_value(right) else { become_op!(r, 0, $any_int) };
                    // Digits have 30 bits: no operator here overflows 64.
                    let value = settled(a $operator b);
                    if !runtime::is_small_int(value) {
                        become_op!(r, value as usize, $medium_int)
                    }
                    if !drop_living(r.peek(2), r.peek(1)) {
                        become_op!(r, 0, $any_int)
                    }
                    r.shrink(1);
                    r.set_peek(1, new_ref(runtime::small_int(value)));
                    r.jump(counter_only::LEN as isize);
                    next!(r)
                }

                /// With a result that is not preallocated.
                fn $medium_int(r, value) {
                    let (left, right) = (r.peek(2), r.peek(1));
                    // An operand that nobody else holds becomes the result.
                    if (*right).ob_refcnt > 1 {
                        if (*left).ob_refcnt == 1 && refill_int(left, value as i64) {
                            decref_no_dealloc(right);
                            r.shrink(1);
                            r.jump(counter_only::LEN as isize);
                            next!(r)
                        }
                    } else if (*left).ob_refcnt > 1 && refill_int(right, value as i64) {
                        decref_no_dealloc(left);
                        r.shrink(1);
                        r.set_peek(1, right);
                        r.jump(counter_only::LEN as isize);
                        next!(r)
                    }
                    become_op!(r, 0, $any_int)
                }

                fn $any_int(r, _) {
                    let (left, right) = (r.peek(2), r.peek(1));
                    let (Some(a), Some(b)) = (two_digit_value(left), two_digit_value(right)) else {
                        become_op!(r, 0, $wide_int)
                    };
                    let Some(value) = a.$checked(b) else { become_op!(r, 0, $wide_int) };
                    let result = int_without_call(value);
                    if result.is_null() {
                        become_op!(r, 0, $big_int)
                    }
                    r.set_peek(2, result);
                    r.shrink(1);
                    r.jump(counter_only::LEN as isize);
                    release_ints!(r, right, left)
                }

                /// By a call, for all ints.
                fn $big_int(r, _) {
                    let (left, right) = (r.peek(2), r.peek(1));
                    let result = api::$big(left.cast(), right.cast());
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

                fn $float(r, _) {
                    let (left, right) = (r.peek(2), r.peek(1));
                    deopt_if!(r, r.own_oparg(), !is_float(left) || !is_float(right));
                    let value = float_value(left) $operator float_value(right);
                    let result = float_result(r.ts, left, right, value);
                    if result.is_null() {
                        become_op!(r, 0, $any_float)
                    }
                    r.shrink(1);
                    r.set_peek(1, result);
                    r.jump(counter_only::LEN as isize);
                    next!(r)
                }

                fn $any_float(r, _) {
                    let (left, right) = (r.peek(2), r.peek(1));
                    let result = api::PyFloat_FromDouble(float_value(left) $operator float_value(right));
                    r.set_peek(2, result);
                    decref(right);
                    decref(left);
                    r.shrink(1);
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
    BINARY_OP_ADD_INT, add_medium_int, add_any_int, BINARY_OP_ADD_FLOAT, add_any_float, +, checked_add, add_wide_int, add_big_int, _PyLong_Add;
    BINARY_OP_SUBTRACT_INT, subtract_medium_int, subtract_any_int, BINARY_OP_SUBTRACT_FLOAT, subtract_any_float, -, checked_sub, subtract_wide_int, subtract_big_int, _PyLong_Subtract;
    BINARY_OP_MULTIPLY_INT, multiply_medium_int, multiply_any_int, BINARY_OP_MULTIPLY_FLOAT, multiply_any_float, *, checked_mul, multiply_big_int, multiply_big_int, _PyLong_Multiply;
}

/// Defines sums of ints of up to four digits.
macro_rules! wide_ops {
    ($($name:ident, $operator:tt, $big:ident;)*) => {
        op! {
            $(
                fn $name(r, _) {
                    let (left, right) = (r.peek(2), r.peek(1));
                    let (Some(a), Some(b)) = (wide_value(left), wide_value(right)) else {
                        become_op!(r, 0, $big)
                    };
                    // Neither has more than 120 bits: no overflow.
                    let result = wide_without_call(a $operator b);
                    if result.is_null() {
                        become_op!(r, 0, $big)
                    }
                    r.set_peek(2, result);
                    r.shrink(1);
                    r.jump(counter_only::LEN as isize);
                    release_ints!(r, right, left)
                }
            )*
        }
    };
}

wide_ops! {
    add_wide_int, +, add_big_int;
    subtract_wide_int, -, subtract_big_int;
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
