//! The truth and the length of objects, as far as no code of the program has a say.

use core::ffi::CStr;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyObject, PyTypeObject};
use pyrt_cpython::state::runtime;

use super::lookup::{acts_as, is_heap_type};

/// Whether the class of an object may say that it is false.
pub(super) unsafe fn has_a_say(class: *mut PyTypeObject) -> bool {
    // SAFETY: a live class.
    unsafe {
        let has = |name| !api::_PyType_Lookup(class, name).is_null();
        has(runtime::id___bool__()) || has(runtime::id___len__())
    }
}

/// Whether an object is true, if that takes no code of the program.
pub(super) unsafe fn truth(object: *mut PyObject) -> Option<bool> {
    // SAFETY: a live object.
    unsafe {
        let class = type_of(object);
        if !has_a_say(class) {
            return Some(true);
        }
        let method = |class| api::_PyType_Lookup(class, runtime::id___bool__());
        let computed = method(class);
        let quiet = match computed.is_null() {
            true => has_length_of_its_own(class) || acts_as(object, c"__len__").is_some(),
            false => object == none() || computed == method(&raw mut api::PyLong_Type),
        };
        quiet.then(|| api::PyObject_IsTrue(object) > 0)
    }
}

/// Whether a class is one of CPython's own, other than those that [`acts_as`] knows, whose objects know their length.
pub(super) unsafe fn has_length_of_its_own(class: *mut PyTypeObject) -> bool {
    let types: [*const PyTypeObject; 8] = [
        &raw const api::PyBytes_Type,
        &raw const api::PyByteArray_Type,
        &raw const api::PySet_Type,
        &raw const api::PyFrozenSet_Type,
        &raw const api::PyRange_Type,
        &raw const api::PyDictKeys_Type,
        &raw const api::PyDictValues_Type,
        &raw const api::PyDictItems_Type,
    ];
    // SAFETY: a live class.
    unsafe {
        types.contains(&class.cast_const())
            || CStr::from_ptr((*class).tp_name) == c"collections.deque" && !is_heap_type(class)
    }
}
