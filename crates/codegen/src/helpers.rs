//! Float operations for compiled code to call: Python's results, to the bit.
//!
//! What they compute is defined once, in `pyrt_trace::semantics`; this is its C interface. `fmod` and
//! `pow` come from the C library, as they do in CPython, so that results agree.

use pyrt_trace::semantics;

/// `a // b`. The caller has checked that `b` is not zero; if it is, the result is NaN.
pub extern "C" fn float_floordiv(a: f64, b: f64) -> f64 {
    semantics::float_floor_div(a, b).unwrap_or(f64::NAN)
}

/// `a % b`. The caller has checked that `b` is not zero; if it is, the result is NaN.
pub extern "C" fn float_mod(a: f64, b: f64) -> f64 {
    semantics::float_mod(a, b).unwrap_or(f64::NAN)
}

/// `a ** b`: writes the result and returns 1, or returns 0 if Python raises or gives a complex.
///
/// # Safety
///
/// `out` is valid for writes and aligned.
pub unsafe extern "C" fn float_pow(a: f64, b: f64, out: *mut f64) -> u8 {
    match semantics::float_pow(a, b) {
        Some(power) => {
            // SAFETY: the caller promises that `out` may be written.
            unsafe { out.write(power) };
            1
        }
        None => 0,
    }
}
