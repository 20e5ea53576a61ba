//! Functions of numbers, most of them in registers.

use pyrt_cpython::inline::compare_ints;
use pyrt_trace::Helper;

use super::Obj;

/// The address of a helper of this family.
pub(super) fn address(helper: Helper) -> Option<*const ()> {
    Some(match helper {
        Helper::IntCompare => int_compare as *const (),
        Helper::MinI64 => min_i64 as *const (),
        Helper::MaxI64 => max_i64 as *const (),
        Helper::GcdI64 => gcd_i64 as *const (),
        Helper::IsqrtI64 => isqrt_i64 as *const (),
        Helper::MinF64 => min_f64 as *const (),
        Helper::MaxF64 => max_f64 as *const (),
        Helper::Sqrt => libm::sqrt as *const (),
        Helper::Sin => libm::sin as *const (),
        Helper::Cos => libm::cos as *const (),
        Helper::Tan => libm::tan as *const (),
        Helper::Asin => libm::asin as *const (),
        Helper::Acos => libm::acos as *const (),
        Helper::Atan => libm::atan as *const (),
        Helper::Exp => libm::exp as *const (),
        Helper::Log => libm::log as *const (),
        Helper::Log2 => libm::log2 as *const (),
        Helper::Log10 => libm::log10 as *const (),
        Helper::Floor => libm::floor as *const (),
        Helper::Ceil => libm::ceil as *const (),
        Helper::Atan2 => atan2 as *const (),
        Helper::PowFinite => pow_finite as *const (),
        Helper::Fmod => fmod as *const (),
        _ => return None,
    })
}

/// The functions that CPython's `math` calls, too.
mod libm {
    unsafe extern "C" {
        pub(super) fn sqrt(x: f64) -> f64;
        pub(super) fn sin(x: f64) -> f64;
        pub(super) fn cos(x: f64) -> f64;
        pub(super) fn tan(x: f64) -> f64;
        pub(super) fn asin(x: f64) -> f64;
        pub(super) fn acos(x: f64) -> f64;
        pub(super) fn atan(x: f64) -> f64;
        pub(super) fn exp(x: f64) -> f64;
        pub(super) fn log(x: f64) -> f64;
        pub(super) fn log2(x: f64) -> f64;
        pub(super) fn log10(x: f64) -> f64;
        pub(super) fn floor(x: f64) -> f64;
        pub(super) fn ceil(x: f64) -> f64;
        pub(super) fn atan2(y: f64, x: f64) -> f64;
        pub(super) fn pow(x: f64, y: f64) -> f64;
        pub(super) fn fmod(x: f64, y: f64) -> f64;
    }
}

unsafe extern "C" fn int_compare(a: Obj, b: Obj) -> i64 {
    // SAFETY: exactly ints.
    unsafe { compare_ints(a, b) as i64 }
}

extern "C" fn min_i64(a: i64, b: i64) -> i64 {
    a.min(b)
}

extern "C" fn max_i64(a: i64, b: i64) -> i64 {
    a.max(b)
}

/// `math.gcd`; negative if it does not fit.
extern "C" fn gcd_i64(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i64::try_from(a).unwrap_or(-1)
}

/// `math.isqrt`; negative if there is none.
extern "C" fn isqrt_i64(a: i64) -> i64 {
    u64::try_from(a).map_or(-1, |a| a.isqrt() as i64)
}

/// The second only if it is smaller, whatever NaN and zeros of different signs are.
extern "C" fn min_f64(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

extern "C" fn max_f64(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// For finite numbers; `math` has cases of its own for others.
extern "C" fn atan2(y: f64, x: f64) -> f64 {
    if !x.is_finite() || !y.is_finite() {
        return f64::NAN;
    }
    // SAFETY: no preconditions.
    unsafe { libm::atan2(y, x) }
}

extern "C" fn pow_finite(x: f64, y: f64) -> f64 {
    if !x.is_finite() || !y.is_finite() {
        return f64::NAN;
    }
    // SAFETY: no preconditions.
    unsafe { libm::pow(x, y) }
}

extern "C" fn fmod(x: f64, y: f64) -> f64 {
    if !x.is_finite() || !y.is_finite() {
        return f64::NAN;
    }
    // SAFETY: no preconditions.
    unsafe { libm::fmod(x, y) }
}
