//! Questions about the types of objects.

use super::*;
use crate::object::{PySsize, PyTypeObject, PyVarObject, flags};

/// `Py_TYPE`.
///
/// # Safety
/// `object` is live.
#[inline(always)]
pub unsafe fn type_of(object: *mut PyObject) -> *mut PyTypeObject {
    // SAFETY: live by the caller's promise.
    unsafe { (*object).ob_type }
}

/// `Py_SIZE`.
///
/// # Safety
/// `object` is a live variable-size object.
#[inline(always)]
pub unsafe fn size_of(object: *mut PyObject) -> PySsize {
    // SAFETY: by the caller's promise.
    unsafe { (*object.cast::<PyVarObject>()).ob_size }
}

macro_rules! exact_checks {
    ($($(#[$doc:meta])* $name:ident: $type:ident;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// `object` is live.
            #[inline(always)]
            pub unsafe fn $name(object: *mut PyObject) -> bool {
                // SAFETY: live by the caller's promise.
                unsafe { (*object).ob_type == &raw mut api::$type }
            }
        )*
    };
}

exact_checks! {
    /// Exactly an `int`.
    is_int: PyLong_Type;
    /// Exactly a `bool`.
    is_bool: PyBool_Type;
    /// Exactly a `float`.
    is_float: PyFloat_Type;
    /// Exactly a `str`.
    is_str: PyUnicode_Type;
    /// Exactly a `tuple`.
    is_tuple: PyTuple_Type;
    /// Exactly a `list`.
    is_list: PyList_Type;
    /// Exactly a `dict`.
    is_dict: PyDict_Type;
    /// Exactly a module.
    is_module: PyModule_Type;
    /// A class that is of no class but `type`.
    is_class: PyType_Type;
    /// A Python function (the type cannot be subclassed).
    is_function: PyFunction_Type;
    /// A bound method (the type cannot be subclassed).
    is_method: PyMethod_Type;
    /// Exactly a builtin function.
    is_cfunction: PyCFunction_Type;
    /// A method descriptor of a builtin type.
    is_method_descr: PyMethodDescr_Type;
    /// Exactly a generator.
    is_generator: PyGen_Type;
    /// Exactly a coroutine.
    is_coroutine: PyCoro_Type;
    /// Exactly an async generator.
    is_async_generator: PyAsyncGen_Type;
    /// The cell of a closure.
    is_cell: PyCell_Type;
    /// A slice.
    is_slice: PySlice_Type;
    /// Exactly `bytes`.
    is_bytes: PyBytes_Type;
    /// The iterator of a list.
    is_list_iter: PyListIter_Type;
    /// The iterator of a tuple.
    is_tuple_iter: PyTupleIter_Type;
    /// The iterator of a str that is all ASCII.
    is_ascii_iter: _PyUnicodeASCIIIter_Type;
    /// The iterator of a `range` of C longs.
    is_range_iter: PyRangeIter_Type;
}

/// `PyType_HasFeature(Py_TYPE(object), flag)`.
///
/// # Safety
/// `object` is live.
#[inline(always)]
pub unsafe fn has_flag(object: *mut PyObject, flag: core::ffi::c_ulong) -> bool {
    // SAFETY: live by the caller's promise.
    unsafe { (*(*object).ob_type).tp_flags & flag != 0 }
}

/// `PyExceptionClass_Check`: a subclass of `BaseException`.
///
/// # Safety
/// `object` is live.
#[inline]
pub unsafe fn is_exception_class(object: *mut PyObject) -> bool {
    // SAFETY: live by the caller's promise; a type by the first test.
    unsafe {
        has_flag(object, flags::TYPE_SUBCLASS)
            && (*object.cast::<PyTypeObject>()).tp_flags & flags::BASE_EXC_SUBCLASS != 0
    }
}

/// Whether objects of two classes compare by the same function.
///
/// # Safety
/// Live classes.
#[inline]
pub unsafe fn compare_alike(a: *const PyTypeObject, b: *const PyTypeObject) -> bool {
    // SAFETY: by the caller's promise.
    let [a, b] = unsafe { [(*a).tp_richcompare, (*b).tp_richcompare] };
    a.map(|compare| compare as usize) == b.map(|compare| compare as usize)
}
