//! Names: globals, builtins, class and module namespaces, imports.

use pyrt_cpython::api;
use pyrt_cpython::code::cache::load_global;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyCellObject, PyDictObject, PyDictUnicodeEntry};

use super::adaptive;
use crate::interp::regs::{deopt_if, error, next, next_checked, op};
use crate::interp::{errors, imports, support};

op! {
    fn LOAD_NAME(r, oparg) {
        let value = support::load_name(r.ts, (*r.frame).f_locals, (*r.frame).f_globals, (*r.frame).f_builtins, r.name(oparg));
        if value.is_null() {
            error!(r)
        }
        r.push(value);
        next_checked!(r)
    }

    fn STORE_NAME(r, oparg) {
        let name = r.name(oparg);
        let value = r.pop();
        let namespace = (*r.frame).f_locals;
        if namespace.is_null() {
            api::PyErr_Format(api::PyExc_SystemError, c"no locals found when storing %R".as_ptr(), name);
            decref(value);
            error!(r)
        }
        let set = support::namespace_set(namespace, name, value);
        decref(value);
        if !set {
            error!(r)
        }
        next_checked!(r)
    }

    fn DELETE_NAME(r, oparg) {
        let name = r.name(oparg);
        let namespace = (*r.frame).f_locals;
        if namespace.is_null() {
            api::PyErr_Format(api::PyExc_SystemError, c"no locals when deleting %R".as_ptr(), name);
            error!(r)
        }
        if api::PyObject_DelItem(namespace, name) != 0 {
            errors::name_not_defined(name);
            error!(r)
        }
        next_checked!(r)
    }

    fn STORE_GLOBAL(r, oparg) {
        let value = r.pop();
        let status = api::PyDict_SetItem((*r.frame).f_globals, r.name(oparg), value);
        decref(value);
        if status != 0 {
            error!(r)
        }
        next_checked!(r)
    }

    fn DELETE_GLOBAL(r, oparg) {
        let name = r.name(oparg);
        if api::PyDict_DelItem((*r.frame).f_globals, name) != 0 {
            if api::PyErr_ExceptionMatches(api::PyExc_KeyError) != 0 {
                errors::name_not_defined(name);
            }
            error!(r)
        }
        next_checked!(r)
    }

    fn LOAD_GLOBAL(r, oparg) {
        *r.sp = core::ptr::null_mut();
        let value = support::load_global(r.ts, (*r.frame).f_globals, (*r.frame).f_builtins, r.name(oparg >> 1));
        if value.is_null() {
            error!(r)
        }
        r.jump(load_global::LEN as isize);
        r.sp = r.sp.add(oparg & 1);
        r.push(value);
        next_checked!(r)
    }

    fn LOAD_GLOBAL_MODULE(r, oparg) {
        let globals = (*r.frame).f_globals;
        deopt_if!(r, oparg, !is_dict(globals));
        let keys = (*globals.cast::<PyDictObject>()).ma_keys;
        deopt_if!(r, oparg, (*keys).dk_version != r.cache32(load_global::MODULE_VERSION));
        let entry = dict_entries::<PyDictUnicodeEntry>(keys).add(r.cache16(load_global::INDEX) as usize);
        let value = (*entry).me_value;
        deopt_if!(r, oparg, value.is_null());
        *r.sp = core::ptr::null_mut();
        r.jump(load_global::LEN as isize);
        r.sp = r.sp.add(oparg & 1);
        r.push(new_ref(value));
        next!(r)
    }

    fn LOAD_GLOBAL_BUILTIN(r, oparg) {
        let (globals, builtins) = ((*r.frame).f_globals, (*r.frame).f_builtins);
        deopt_if!(r, oparg, !is_dict(globals) || !is_dict(builtins));
        let keys = (*globals.cast::<PyDictObject>()).ma_keys;
        deopt_if!(r, oparg, (*keys).dk_version != r.cache32(load_global::MODULE_VERSION));
        let keys = (*builtins.cast::<PyDictObject>()).ma_keys;
        deopt_if!(r, oparg, (*keys).dk_version != u32::from(r.cache16(load_global::BUILTIN_VERSION)));
        let entry = dict_entries::<PyDictUnicodeEntry>(keys).add(r.cache16(load_global::INDEX) as usize);
        let value = (*entry).me_value;
        deopt_if!(r, oparg, value.is_null());
        *r.sp = core::ptr::null_mut();
        r.jump(load_global::LEN as isize);
        r.sp = r.sp.add(oparg & 1);
        r.push(new_ref(value));
        next!(r)
    }

    /// A free variable of a class body: the class's namespace comes first.
    fn LOAD_CLASSDEREF(r, oparg) {
        let name = tuple_item((*r.code()).co_localsplusnames, oparg);
        let mut value = support::namespace_get((*r.frame).f_locals, name);
        if value.is_null() {
            if err_occurred(r.ts) {
                error!(r)
            }
            value = (*(*r.local(oparg)).cast::<PyCellObject>()).ob_ref;
            if value.is_null() {
                errors::unbound_cell(r.code(), oparg);
                error!(r)
            }
            incref(value);
        }
        r.push(value);
        next_checked!(r)
    }

    fn LOAD_BUILD_CLASS(r, _) {
        let value = support::load_build_class(r.ts, (*r.frame).f_builtins);
        if value.is_null() {
            error!(r)
        }
        r.push(value);
        next_checked!(r)
    }

    fn SETUP_ANNOTATIONS(r, _) {
        if !support::setup_annotations(r.ts, (*r.frame).f_locals) {
            error!(r)
        }
        next_checked!(r)
    }

    fn IMPORT_NAME(r, oparg) {
        let fromlist = r.pop();
        let level = r.peek(1);
        let module = imports::import_name(r.ts, r.frame, r.name(oparg), fromlist, level);
        decref(level);
        decref(fromlist);
        r.set_peek(1, module);
        if module.is_null() {
            error!(r)
        }
        next_checked!(r)
    }

    fn IMPORT_FROM(r, oparg) {
        let value = imports::import_from(r.ts, r.peek(1), r.name(oparg));
        r.push(value);
        if value.is_null() {
            error!(r)
        }
        next_checked!(r)
    }

    fn IMPORT_STAR(r, _) {
        let module = r.pop();
        let imported = imports::import_star(r.frame, module);
        decref(module);
        if !imported {
            error!(r)
        }
        next_checked!(r)
    }
}

adaptive! {
    fn LOAD_GLOBAL_ADAPTIVE => LOAD_GLOBAL, |r, oparg, instr| {
        api::_Py_Specialize_LoadGlobal((*r.frame).f_globals, (*r.frame).f_builtins, instr, r.name(oparg >> 1)) >= 0
    };
}
