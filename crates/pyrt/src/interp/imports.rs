//! `import`, `from … import`, `import *`.

use core::ffi::CStr;

use pyrt_cpython::api;
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyObject, PySsize, flags};
use pyrt_cpython::state::{PyInterpreterState, PyThreadState, runtime};

use super::support::{lookup_attr, namespace_set};

/// `IMPORT_NAME`: calls `__import__`, or its core directly while nobody replaced
/// it. New reference or null.
#[inline(never)]
pub(super) unsafe fn import_name(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    name: *mut PyObject,
    fromlist: *mut PyObject,
    level: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: a running frame and live operands.
    unsafe {
        let import = api::PyDict_GetItemWithError((*frame).f_builtins, runtime::id___import__());
        if import.is_null() {
            if !err_occurred(ts) {
                api::PyErr_SetString(api::PyExc_ImportError, c"__import__ not found".as_ptr());
            }
            return import;
        }
        let locals = if (*frame).f_locals.is_null() {
            none()
        } else {
            (*frame).f_locals
        };
        if import == *PyInterpreterState::import_func((*ts).interp) {
            let level = api::_PyLong_AsInt(level);
            if level == -1 && err_occurred(ts) {
                return core::ptr::null_mut();
            }
            return api::PyImport_ImportModuleLevelObject(
                name,
                (*frame).f_globals,
                locals,
                fromlist,
                level,
            );
        }
        incref(import);
        let args = [name, (*frame).f_globals, locals, fromlist, level];
        let module =
            api::PyObject_Vectorcall(import, args.as_ptr(), args.len(), core::ptr::null_mut());
        decref(import);
        module
    }
}

/// `IMPORT_FROM`: an attribute of the module, or a submodule that is being
/// imported. New reference or null.
#[inline(never)]
pub(super) unsafe fn import_from(
    ts: *mut PyThreadState,
    module: *mut PyObject,
    name: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live operands.
    unsafe {
        match lookup_attr(module, name) {
            Ok(Some(value)) => return value,
            Ok(None) => {}
            Err(()) => return core::ptr::null_mut(),
        }
        // A circular import may have set it in sys.modules only.
        let mut package = api::PyObject_GetAttr(module, runtime::id___name__());
        if !package.is_null() && !has_flag(package, flags::UNICODE_SUBCLASS) {
            decref(package);
            package = core::ptr::null_mut();
        }
        if !package.is_null() {
            let full = api::PyUnicode_FromFormat(c"%U.%U".as_ptr(), package, name);
            if full.is_null() {
                decref(package);
                return full;
            }
            let found = api::PyImport_GetModule(full);
            decref(full);
            if !found.is_null() || err_occurred(ts) {
                decref(package);
                return found;
            }
        }
        cannot_import(module, name, package);
        xdecref(package);
        core::ptr::null_mut()
    }
}

#[cold]
unsafe fn cannot_import(module: *mut PyObject, name: *mut PyObject, package: *mut PyObject) {
    // SAFETY: live operands; `package` may be null.
    unsafe {
        let path = api::PyModule_GetFilenameObject(module);
        let shown = if package.is_null() {
            api::PyUnicode_FromString(c"<unknown module name>".as_ptr())
        } else {
            new_ref(package)
        };
        if shown.is_null() {
            xdecref(path);
            return;
        }
        let message;
        if path.is_null() || !has_flag(path, flags::UNICODE_SUBCLASS) {
            api::PyErr_Clear();
            let format = c"cannot import name %R from %R (unknown location)";
            message = api::PyUnicode_FromFormat(format.as_ptr(), name, shown);
            // It copes with nulls.
            api::PyErr_SetImportError(message, package, core::ptr::null_mut());
        } else {
            let spec = api::PyObject_GetAttr(module, runtime::id___spec__());
            let format: &CStr = if api::_PyModuleSpec_IsInitializing(spec) != 0 {
                c"cannot import name %R from partially initialized module %R (most likely due to a circular import) (%S)"
            } else {
                c"cannot import name %R from %R (%S)"
            };
            xdecref(spec);
            message = api::PyUnicode_FromFormat(format.as_ptr(), name, shown, path);
            api::PyErr_SetImportError(message, package, path);
        }
        xdecref(message);
        decref(shown);
        xdecref(path);
    }
}

/// `IMPORT_STAR`: false with an exception set.
#[inline(never)]
pub(super) unsafe fn import_star(frame: *mut PyInterpreterFrame, module: *mut PyObject) -> bool {
    // SAFETY: a running frame.
    unsafe {
        if api::_PyFrame_FastToLocalsWithError(frame) < 0 {
            return false;
        }
        let namespace = (*frame).f_locals;
        if namespace.is_null() {
            api::PyErr_SetString(
                api::PyExc_SystemError,
                c"no locals found during 'import *'".as_ptr(),
            );
            return false;
        }
        let copied = copy_public_names(namespace, module).is_ok();
        api::_PyFrame_LocalsToFast(frame, 0);
        copied
    }
}

unsafe fn copy_public_names(namespace: *mut PyObject, module: *mut PyObject) -> Result<(), ()> {
    // SAFETY: live operands.
    unsafe {
        let (names, explicit) = match lookup_attr(module, runtime::id___all__())? {
            Some(names) => (names, true),
            None => {
                let Some(dict) = lookup_attr(module, runtime::id___dict__())? else {
                    let message = c"from-import-* object has no __dict__ and no __all__";
                    api::PyErr_SetString(api::PyExc_ImportError, message.as_ptr());
                    return Err(());
                };
                let keys = api::PyMapping_Keys(dict);
                decref(dict);
                if keys.is_null() {
                    return Err(());
                }
                (keys, false)
            }
        };
        let mut index = 0;
        let result = loop {
            let name = api::PySequence_GetItem(names, index);
            if name.is_null() {
                if api::PyErr_ExceptionMatches(api::PyExc_IndexError) == 0 {
                    break Err(());
                }
                api::PyErr_Clear();
                break Ok(());
            }
            index += 1 as PySsize;
            let copied = copy_name(namespace, module, name, explicit);
            decref(name);
            if copied.is_err() {
                break copied;
            }
        };
        decref(names);
        result
    }
}

unsafe fn copy_name(
    namespace: *mut PyObject,
    module: *mut PyObject,
    name: *mut PyObject,
    explicit: bool,
) -> Result<(), ()> {
    // SAFETY: live operands.
    unsafe {
        if !has_flag(name, flags::UNICODE_SUBCLASS) {
            name_is_no_string(module, name, explicit);
            return Err(());
        }
        if !explicit {
            match api::PyUnicode_GetLength(name) {
                ..=-1 => return Err(()),
                1.. if api::PyUnicode_ReadChar(name, 0) == u32::from(b'_') => return Ok(()),
                _ => {}
            }
        }
        let value = api::PyObject_GetAttr(module, name);
        if value.is_null() {
            return Err(());
        }
        let set = namespace_set(namespace, name, value);
        decref(value);
        if set { Ok(()) } else { Err(()) }
    }
}

#[cold]
unsafe fn name_is_no_string(module: *mut PyObject, name: *mut PyObject, explicit: bool) {
    // SAFETY: live operands.
    unsafe {
        let module_name = api::PyObject_GetAttr(module, runtime::id___name__());
        if module_name.is_null() {
            return;
        }
        if has_flag(module_name, flags::UNICODE_SUBCLASS) {
            let (what, attribute) = if explicit {
                (c"Item", c"__all__")
            } else {
                (c"Key", c"__dict__")
            };
            let format = c"%s in %U.%s must be str, not %.100s";
            api::PyErr_Format(
                api::PyExc_TypeError,
                format.as_ptr(),
                what.as_ptr(),
                module_name,
                attribute.as_ptr(),
                (*type_of(name)).tp_name,
            );
        } else {
            let format = c"module __name__ must be a string, not %.100s";
            api::PyErr_Format(
                api::PyExc_TypeError,
                format.as_ptr(),
                (*type_of(module_name)).tp_name,
            );
        }
        decref(module_name);
    }
}
