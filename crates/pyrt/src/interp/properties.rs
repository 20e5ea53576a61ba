//! Attributes that are properties, whose getter is in Python.

use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout::PyAttributeErrorObject;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::runtime;
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

/// An attribute could not be had: if that is an `AttributeError` which does not say so yet, it says which attribute
/// of what (`set_attribute_error_context` in `Objects/object.c`).
#[cold]
pub(super) unsafe fn name_error(owner: *mut PyObject, name: *mut PyObject) {
    // SAFETY: an exception is set.
    unsafe {
        if api::PyErr_ExceptionMatches(api::PyExc_AttributeError) == 0 {
            return;
        }
        let (mut exc, mut value, mut traceback) = (null_mut(), null_mut(), null_mut());
        api::PyErr_Fetch(&mut exc, &mut value, &mut traceback);
        api::PyErr_NormalizeException(&mut exc, &mut value, &mut traceback);
        let field = |at: usize| *value.byte_add(at).cast::<*mut PyObject>();
        if api::PyErr_GivenExceptionMatches(value, api::PyExc_AttributeError) != 0
            && field(PyAttributeErrorObject::name).is_null()
            && field(PyAttributeErrorObject::obj).is_null()
            && (api::PyObject_SetAttr(value, runtime::id_name(), name) != 0
                || api::PyObject_SetAttr(value, runtime::id_obj(), owner) != 0)
        {
            // What that has raised is set.
            return;
        }
        api::PyErr_Restore(exc, value, traceback);
    }
}
