//! What arithmetic ops mean, on plain numbers: the single definition that the evaluator and the
//! constant folder share, and that generated code is tested against.

use crate::ops::Op;

/// An unboxed value.
#[derive(Clone, Copy, Debug)]
pub enum Scalar {
    /// An integer.
    I64(i64),
    /// A float.
    F64(f64),
    /// A truth value.
    Bool(bool),
}

impl PartialEq for Scalar {
    /// Floats are equal if their bits are, or if both are NaN.
    fn eq(&self, other: &Scalar) -> bool {
        match (self, other) {
            (Scalar::I64(a), Scalar::I64(b)) => a == b,
            (Scalar::F64(a), Scalar::F64(b)) => same_float(*a, *b),
            (Scalar::Bool(a), Scalar::Bool(b)) => a == b,
            _ => false,
        }
    }
}

/// Whether two floats are the same bits, or both NaN.
pub fn same_float(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// The result of computing an op.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Computed {
    /// The op's value.
    Value(Scalar),
    /// The op exits for these operands.
    Exit,
    /// The op does not compute a scalar from scalars, or the operands do not fit it.
    Not,
}

/// Computes an arithmetic op, comparison or conversion.
pub fn compute(op: Op, args: &[Scalar]) -> Computed {
    use Scalar::{Bool, F64, I64};
    match *args {
        [I64(a)] => unary_i64(op, a),
        [F64(a)] => unary_f64(op, a),
        [Bool(a)] => unary_bool(op, a),
        [I64(a), I64(b)] => match compare(op, a.cmp(&b)) {
            Some(truth) => Computed::Value(Bool(truth)),
            None => binary_i64(op, a, b),
        },
        [F64(a), F64(b)] => match compare_f64(op, a, b) {
            Some(truth) => Computed::Value(Bool(truth)),
            None => binary_f64(op, a, b),
        },
        _ => Computed::Not,
    }
}

fn int(value: i64) -> Computed {
    Computed::Value(Scalar::I64(value))
}

fn float(value: f64) -> Computed {
    Computed::Value(Scalar::F64(value))
}

fn truth(value: bool) -> Computed {
    Computed::Value(Scalar::Bool(value))
}

fn checked_int(value: Option<i64>) -> Computed {
    value.map_or(Computed::Exit, int)
}

fn checked_float(value: Option<f64>) -> Computed {
    value.map_or(Computed::Exit, float)
}

fn unary_i64(op: Op, a: i64) -> Computed {
    match op {
        Op::NegOvf => checked_int(a.checked_neg()),
        Op::AbsOvf => checked_int(a.checked_abs()),
        Op::NotI64 => int(!a),
        Op::I64ToF64 => float(a as f64),
        Op::I64ToF64Exact if a.unsigned_abs() > 1 << 53 => Computed::Exit,
        Op::I64ToF64Exact => float(a as f64),
        Op::I64IsTrue => truth(a != 0),
        _ => Computed::Not,
    }
}

fn unary_f64(op: Op, a: f64) -> Computed {
    match op {
        Op::NegF64 => float(-a),
        Op::AbsF64 => float(a.abs()),
        Op::F64ToI64 => checked_int(float_to_int(a)),
        Op::F64IsTrue => truth(a != 0.0),
        _ => Computed::Not,
    }
}

fn unary_bool(op: Op, a: bool) -> Computed {
    match op {
        Op::BoolToI64 => int(i64::from(a)),
        Op::NotBool => truth(!a),
        _ => Computed::Not,
    }
}

fn binary_i64(op: Op, a: i64, b: i64) -> Computed {
    match op {
        Op::AddOvf => checked_int(a.checked_add(b)),
        Op::SubOvf => checked_int(a.checked_sub(b)),
        Op::MulOvf => checked_int(a.checked_mul(b)),
        Op::AddWrap => int(a.wrapping_add(b)),
        Op::SubWrap => int(a.wrapping_sub(b)),
        Op::MulWrap => int(a.wrapping_mul(b)),
        Op::FloordivI64 => checked_int(floor_div(a, b)),
        Op::ModI64 => checked_int(floor_mod(a, b)),
        Op::ShlOvf => checked_int(shift_left(a, b)),
        Op::ShrI64 => checked_int(shift_right(a, b)),
        Op::AndI64 => int(a & b),
        Op::OrI64 => int(a | b),
        Op::XorI64 => int(a ^ b),
        _ => Computed::Not,
    }
}

fn binary_f64(op: Op, a: f64, b: f64) -> Computed {
    match op {
        Op::AddF64 => float(a + b),
        Op::SubF64 => float(a - b),
        Op::MulF64 => float(a * b),
        Op::DivF64 => checked_float((b != 0.0).then(|| a / b)),
        Op::FloordivF64 => checked_float(float_floor_div(a, b)),
        Op::ModF64 => checked_float(float_mod(a, b)),
        Op::PowF64 => checked_float(float_pow(a, b)),
        _ => Computed::Not,
    }
}

fn compare(op: Op, order: std::cmp::Ordering) -> Option<bool> {
    Some(match op {
        Op::EqI64 => order.is_eq(),
        Op::NeI64 => order.is_ne(),
        Op::LtI64 => order.is_lt(),
        Op::LeI64 => order.is_le(),
        Op::GtI64 => order.is_gt(),
        Op::GeI64 => order.is_ge(),
        _ => return None,
    })
}

fn compare_f64(op: Op, a: f64, b: f64) -> Option<bool> {
    Some(match op {
        Op::EqF64 => a == b,
        Op::NeF64 => a != b,
        Op::LtF64 => a < b,
        Op::LeF64 => a <= b,
        Op::GtF64 => a > b,
        Op::GeF64 => a >= b,
        _ => return None,
    })
}

/// `a // b`: rounds towards minus infinity.
pub fn floor_div(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    let inexact = a.wrapping_rem(b) != 0;
    Some(if inexact && (a < 0) != (b < 0) {
        quotient - 1
    } else {
        quotient
    })
}

/// `a % b`: has the sign of `b`.
pub fn floor_mod(a: i64, b: i64) -> Option<i64> {
    let rest = a.checked_rem(b)?;
    Some(if rest != 0 && (rest < 0) != (b < 0) {
        rest + b
    } else {
        rest
    })
}

/// `a << b` if it fits.
pub fn shift_left(a: i64, b: i64) -> Option<i64> {
    if !(0..63).contains(&b) {
        return None;
    }
    let shifted = a << b;
    (shifted >> b == a).then_some(shifted)
}

/// `a >> b` for `b >= 0`.
pub fn shift_right(a: i64, b: i64) -> Option<i64> {
    (b >= 0).then(|| a >> b.min(63))
}

/// `int(a)` if it fits.
pub fn float_to_int(a: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (-LIMIT..LIMIT).contains(&a).then_some(a as i64)
}

/// `a % b` of floats: the sign of `b`, also for zero.
pub fn float_mod(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| float_rest(a, b).1)
}

/// `a // b` of floats. Not simply `floor(a / b)`: that would round twice.
pub fn float_floor_div(a: f64, b: f64) -> Option<f64> {
    if b == 0.0 {
        return None;
    }
    let (quotient, _) = float_rest(a, b);
    if quotient == 0.0 {
        return Some(0.0_f64.copysign(a / b));
    }
    let floor = quotient.floor();
    Some(if quotient - floor > 0.5 {
        floor + 1.0
    } else {
        floor
    })
}

/// The exact quotient's approximation, to be floored, and the rest with the divisor's sign.
fn float_rest(a: f64, b: f64) -> (f64, f64) {
    let rest = a % b;
    let quotient = (a - rest) / b;
    if rest == 0.0 {
        (quotient, 0.0_f64.copysign(b))
    } else if (b < 0.0) != (rest < 0.0) {
        (quotient - 1.0, rest + b)
    } else {
        (quotient, rest)
    }
}

/// `a ** b` of floats, unless Python raises (zero to a negative power, overflow) or gives a complex
/// (a negative base to a fractional power).
pub fn float_pow(a: f64, b: f64) -> Option<f64> {
    if a.is_finite() && b.is_finite() {
        let zero_division = a == 0.0 && b < 0.0;
        let complex = a < 0.0 && b != b.floor();
        if zero_division || complex {
            return None;
        }
        let power = a.powf(b);
        return power.is_finite().then_some(power);
    }
    Some(a.powf(b))
}

#[cfg(test)]
mod tests;
