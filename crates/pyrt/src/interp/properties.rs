//! Attributes that are properties, whose getter is in Python.

use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_spec::Purpose;

use super::handlers::attr;
use super::methods::{self, enter_method};
use super::regs::{become_op, op};

/// `propertyobject` (`Objects/descrobject.c`).
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Property {
    ob_base: PyObject,
    /// The getter, may be null.
    pub(crate) prop_get: *mut PyObject,
}

/// The property of an object with this name, if its getter is a function in Python.
pub(crate) unsafe fn find(owner: *mut PyObject, name: *mut PyObject) -> Option<*mut Property> {
    // SAFETY: live objects.
    unsafe {
        let class = type_of(owner);
        if (*class).tp_getattro != api::PyObject_GenericGetAttr as *mut _ {
            return None;
        }
        let found = api::_PyType_Lookup(class, name);
        if found.is_null() || type_of(found) != &raw mut api::PyProperty_Type {
            return None;
        }
        let property: *mut Property = found.cast();
        let getter = (*property).prop_get;
        (!getter.is_null() && is_function(getter)).then_some(property)
    }
}

/// Largest argument of an instruction without `EXTENDED_ARG`.
pub(crate) const LAST_NAME: usize = 255;

op! {
    /// `LOAD_ATTR` that calls the getter in this evaluation.
    fn LOAD_ATTR_BY_GETTER(r, oparg) {
        let owner = r.peek(1);
        let property = find(owner, r.name(oparg));
        let Some(property) = property.filter(|_| oparg <= LAST_NAME && methods::run_here(r.ts)) else {
            become_op!(r, oparg, attr::LOAD_ATTR)
        };
        let function: *mut PyFunctionObject = (*property).prop_get.cast();
        enter_method!(r, Purpose::Property, function, owner, null_mut(), null_mut())
    }
}
