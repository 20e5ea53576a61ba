//! What CPython has as macros and `static inline` functions: reference counts,
//! type tests, frames on the data stack, recursion counting.

mod containers;
mod counting;
mod frames;
mod numbers;
mod types;

pub use containers::*;
pub use counting::*;
pub use frames::*;
pub use numbers::*;
pub use types::*;

use crate::api;
use crate::object::PyObject;

/// `None`.
#[inline(always)]
pub fn none() -> *mut PyObject {
    &raw mut api::_Py_NoneStruct
}

/// `NotImplemented`.
#[inline(always)]
pub fn not_implemented() -> *mut PyObject {
    &raw mut api::_Py_NotImplementedStruct
}

/// `True`.
#[inline(always)]
pub fn true_() -> *mut PyObject {
    &raw mut api::_Py_TrueStruct
}

/// `False`.
#[inline(always)]
pub fn false_() -> *mut PyObject {
    &raw mut api::_Py_FalseStruct
}

/// `True` or `False`, borrowed.
#[inline(always)]
pub fn bool_(value: bool) -> *mut PyObject {
    if value { true_() } else { false_() }
}
