//! Attributes of objects whose class has a `__getattr__` in Python.
//!
//! CPython looks for an attribute of such an object as its class does without `__getattr__`, and asks that only in
//! vain. For classes of classes, such as that of enums, it goes a long way round to do so: it makes a bound method
//! of `type.__getattribute__` and calls it.

use core::cell::Cell;
use core::ffi::c_int;
use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout::PyAttributeErrorObject;
use pyrt_cpython::object::{PyObject, PyTypeObject, flags};
use pyrt_cpython::state::{PyThreadState, collector_is_due, runtime};

/// Whether objects of a class look for their attributes as those of `base`, a type of CPython's own, and at most
/// have a `__getattr__` that is asked for what they do not find. True as long as the class has its version.
pub(crate) unsafe fn looks_as(class: *mut PyTypeObject, base: *mut PyTypeObject) -> bool {
    // SAFETY: live types.
    unsafe {
        if (*class).tp_getattro == (*base).tp_getattro {
            return true;
        }
        // What such a class does (`slot_tp_getattr_hook`, `Objects/typeobject.c`) follows from these two methods.
        let lookup = |class| api::_PyType_Lookup(class, runtime::id___getattribute__());
        (*class).tp_flags & flags::HEAPTYPE != 0
            && !api::_PyType_Lookup(class, runtime::id___getattr__()).is_null()
            && lookup(class) == lookup(base)
    }
}

/// Whether the `__class__` of instances of a class is that class.
pub(crate) unsafe fn has_class_of_its_own(class: *mut PyTypeObject) -> bool {
    let base = &raw mut api::PyBaseObject_Type;
    let name = runtime::id___class__();
    // SAFETY: live classes.
    unsafe {
        looks_as(class, base) && api::_PyType_Lookup(class, name) == api::_PyType_Lookup(base, name)
    }
}

/// `PyObject_IsInstance`: -1 with an exception set.
pub(super) unsafe fn is_instance(object: *mut PyObject, wanted: *mut PyObject) -> c_int {
    // SAFETY: live objects.
    unsafe {
        let class = type_of(object);
        if class.cast() == wanted {
            return 1;
        }
        if is_class(wanted) {
            if api::PyType_IsSubtype(class, wanted.cast()) != 0 {
                return 1;
            }
            // A class that says no asks the object for its `__class__`.
            if has_class_of_its_own(class) {
                return 0;
            }
        }
        api::PyObject_IsInstance(object, wanted)
    }
}

/// The class of classes that was last found to look for attributes as `type` does, and its version.
struct LastFound(Cell<(*mut PyTypeObject, u32)>);

// SAFETY: used with the GIL held.
unsafe impl Sync for LastFound {}

static LAST_FOUND: LastFound = LastFound(Cell::new((null_mut(), 0)));

/// As [`looks_as`] for `type`, for classes that have a `__getattr__`; remembers the answer.
unsafe fn asks_in_vain_only(meta: *mut PyTypeObject) -> bool {
    let plain = &raw mut api::PyType_Type;
    // SAFETY: live types.
    unsafe {
        let known = (meta, (*meta).tp_version_tag);
        if known.1 != 0 && LAST_FOUND.0.get() == known {
            return true;
        }
        let found = (*meta).tp_getattro != (*plain).tp_getattro && looks_as(meta, plain);
        if found {
            LAST_FOUND.0.set((meta, (*meta).tp_version_tag));
        }
        found
    }
}

/// How many containers CPython makes for a while to find an attribute of a class whose class has a `__getattr__`.
pub(crate) const TEMPORARY: i64 = 2;

/// `PyObject_GetAttr`: a new reference, or null with an exception.
pub(super) unsafe fn get(
    ts: *mut PyThreadState,
    owner: *mut PyObject,
    name: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live operands.
    unsafe {
        // Close to the limit, the calls that are left out here would fail; and their temporary objects count.
        let short = has_flag(owner, flags::TYPE_SUBCLASS)
            && (*ts).recursion_remaining > 2
            && asks_in_vain_only(type_of(owner))
            && !collector_is_due(ts, TEMPORARY);
        match short {
            true => get_of_class(owner, name),
            false => api::PyObject_GetAttr(owner, name),
        }
    }
}

/// An attribute of a class whose own class has a `__getattr__`.
#[inline(never)]
unsafe fn get_of_class(owner: *mut PyObject, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: live operands.
    unsafe {
        let meta = type_of(owner);
        let ask = new_ref(api::_PyType_Lookup(meta, runtime::id___getattr__()));
        let look = api::PyType_Type.tp_getattro;
        // SAFETY: the slot holds a `getattrofunc`.
        let look: unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject =
            core::mem::transmute(look);
        let mut value = look(owner, name);
        if value.is_null() && api::PyErr_ExceptionMatches(api::PyExc_AttributeError) != 0 {
            api::PyErr_Clear();
            value = call_bound(ask, owner, name);
        }
        decref(ask);
        if value.is_null() {
            name_error(owner, name);
        }
        value
    }
}

/// Calls a method, found in the class of `owner`, with one argument (`call_attribute`, `Objects/typeobject.c`).
unsafe fn call_bound(
    method: *mut PyObject,
    owner: *mut PyObject,
    argument: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live operands.
    unsafe {
        let bound = match (*type_of(method)).tp_descr_get {
            Some(bind) => bind(method, owner, type_of(owner).cast()),
            None => new_ref(method),
        };
        if bound.is_null() {
            return null_mut();
        }
        let result = api::PyObject_CallOneArg(bound, argument);
        decref(bound);
        result
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
