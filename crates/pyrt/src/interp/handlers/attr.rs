//! Attributes and methods.

use pyrt_cpython::api;
use pyrt_cpython::code::cache::{attr, load_method};
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{
    PyDictKeyEntry, PyDictObject, PyDictUnicodeEntry, PyMethodObject, PyModuleObject, PyObject,
    PyTypeObject, flags,
};

use super::{adaptive, release, release_pair};
use crate::interp::attributes;
use crate::interp::regs::{Regs, become_op, deopt_if, error, next, next_checked, op};
use crate::interp::support;

/// The value slot of entry `hint` if its key is `name`, else null.
#[inline(always)]
unsafe fn hinted_slot(
    dict: *mut PyDictObject,
    hint: usize,
    name: *mut PyObject,
) -> *mut *mut PyObject {
    // SAFETY: a live dict.
    unsafe {
        let keys = (*dict).ma_keys;
        if hint >= (*keys).dk_nentries as usize {
            return core::ptr::null_mut();
        }
        let (key, slot) = if (*keys).dk_kind != 0 {
            let entry = dict_entries::<PyDictUnicodeEntry>(keys).add(hint);
            ((*entry).me_key, &raw mut (*entry).me_value)
        } else {
            let entry = dict_entries::<PyDictKeyEntry>(keys).add(hint);
            ((*entry).me_key, &raw mut (*entry).me_value)
        };
        if key == name {
            slot
        } else {
            core::ptr::null_mut()
        }
    }
}

/// The value that a cache of a module's keys points to, borrowed; null on a miss.
#[inline(always)]
unsafe fn module_value(r: Regs, module: *mut PyObject) -> *mut PyObject {
    // SAFETY: the cache is that of LOAD_ATTR_MODULE or LOAD_METHOD_MODULE, which
    // share their layout.
    unsafe {
        if !is_module(module) {
            return core::ptr::null_mut();
        }
        let keys = (*(*module.cast::<PyModuleObject>())
            .md_dict
            .cast::<PyDictObject>())
        .ma_keys;
        if (*keys).dk_version != r.cache32(attr::VERSION) {
            return core::ptr::null_mut();
        }
        (*dict_entries::<PyDictUnicodeEntry>(keys).add(r.cache16(attr::INDEX) as usize)).me_value
    }
}

op! {
    fn LOAD_ATTR(r, oparg) {
        let owner = r.peek(1);
        let value = attributes::get(r.ts, owner, r.name(oparg));
        if value.is_null() {
            error!(r)
        }
        decref(owner);
        r.set_peek(1, value);
        r.jump(attr::LEN as isize);
        next_checked!(r)
    }

    fn LOAD_ATTR_INSTANCE_VALUE(r, oparg) {
        let owner = r.peek(1);
        deopt_if!(r, oparg, (*type_of(owner)).tp_version_tag != r.cache32(attr::VERSION));
        let values = *values_pointer(owner);
        deopt_if!(r, oparg, values.is_null());
        let value = *(&raw mut (*values).values).cast::<*mut PyObject>().add(r.cache16(attr::INDEX) as usize);
        deopt_if!(r, oparg, value.is_null());
        r.set_peek(1, new_ref(value));
        r.jump(attr::LEN as isize);
        release!(r, owner)
    }

    fn LOAD_ATTR_MODULE(r, oparg) {
        let owner = r.peek(1);
        let value = module_value(r, owner);
        deopt_if!(r, oparg, value.is_null());
        r.set_peek(1, new_ref(value));
        r.jump(attr::LEN as isize);
        release!(r, owner)
    }

    fn LOAD_ATTR_WITH_HINT(r, oparg) {
        let owner = r.peek(1);
        deopt_if!(r, oparg, (*type_of(owner)).tp_version_tag != r.cache32(attr::VERSION));
        let dict = *managed_dict_pointer(owner);
        deopt_if!(r, oparg, dict.is_null());
        let slot = hinted_slot(dict, r.cache16(attr::INDEX) as usize, r.name(oparg));
        deopt_if!(r, oparg, slot.is_null() || (*slot).is_null());
        r.set_peek(1, new_ref(*slot));
        r.jump(attr::LEN as isize);
        release!(r, owner)
    }

    fn LOAD_ATTR_SLOT(r, oparg) {
        let owner = r.peek(1);
        deopt_if!(r, oparg, (*type_of(owner)).tp_version_tag != r.cache32(attr::VERSION));
        let value = *owner.cast::<u8>().add(r.cache16(attr::INDEX) as usize).cast::<*mut PyObject>();
        deopt_if!(r, oparg, value.is_null());
        r.set_peek(1, new_ref(value));
        r.jump(attr::LEN as isize);
        release!(r, owner)
    }

    fn STORE_ATTR(r, oparg) {
        let (value, owner) = (r.peek(2), r.peek(1));
        r.shrink(2);
        let status = api::PyObject_SetAttr(owner, r.name(oparg), value);
        decref(value);
        decref(owner);
        if status != 0 {
            error!(r)
        }
        r.jump(attr::LEN as isize);
        next_checked!(r)
    }

    /// `LOAD_METHOD` that binds methods: the attribute, and NULL below it.
    fn LOAD_METHOD_BOUND(r, oparg) {
        let owner = r.peek(1);
        let value = api::PyObject_GetAttr(owner, r.name(oparg));
        if value.is_null() {
            error!(r)
        }
        r.set_peek(1, core::ptr::null_mut());
        r.push(value);
        decref(owner);
        r.jump(load_method::LEN as isize);
        next_checked!(r)
    }

    /// `LOAD_METHOD` of what the class has as its method, although it also has a `__getattr__`, which is not asked then:
    /// that, and the object.
    fn LOAD_METHOD_FOUND(r, oparg) {
        let owner = r.peek(1);
        let found = api::_PyType_Lookup(type_of(owner), r.name(oparg));
        if found.is_null() {
            become_op!(r, oparg, LOAD_METHOD)
        }
        r.set_peek(1, new_ref(found));
        r.push(owner);
        r.jump(load_method::LEN as isize);
        next_checked!(r)
    }

    /// `LOAD_METHOD` of a class method: the function, and the class.
    fn LOAD_METHOD_OF_CLASS(r, oparg) {
        let owner = r.peek(1);
        let value = api::PyObject_GetAttr(owner, r.name(oparg));
        if value.is_null() {
            error!(r)
        }
        if is_method(value) {
            let method: *mut PyMethodObject = value.cast();
            r.set_peek(1, new_ref((*method).im_func));
            r.push(new_ref((*method).im_self));
            decref(value);
        } else {
            r.set_peek(1, core::ptr::null_mut());
            r.push(value);
        }
        decref(owner);
        r.jump(load_method::LEN as isize);
        next_checked!(r)
    }

    fn DELETE_ATTR(r, oparg) {
        let owner = r.pop();
        let status = api::PyObject_SetAttr(owner, r.name(oparg), core::ptr::null_mut());
        decref(owner);
        if status != 0 {
            error!(r)
        }
        next_checked!(r)
    }

    fn STORE_ATTR_INSTANCE_VALUE(r, oparg) {
        let owner = r.peek(1);
        deopt_if!(r, oparg, (*type_of(owner)).tp_version_tag != r.cache32(attr::VERSION));
        let values = *values_pointer(owner);
        deopt_if!(r, oparg, values.is_null());
        let index = r.cache16(attr::INDEX) as usize;
        let value = r.peek(2);
        r.shrink(2);
        let slot = (&raw mut (*values).values).cast::<*mut PyObject>().add(index);
        let old = *slot;
        *slot = value;
        if old.is_null() {
            // Insertion order grows downward from two bytes before the values
            // (`_PyDictValues_AddToInsertionOrder`).
            let count = values.cast::<u8>().sub(2);
            *count += 1;
            *count.sub(*count as usize) = index as u8;
            r.jump(attr::LEN as isize);
            release!(r, owner);
        }
        r.jump(attr::LEN as isize);
        release_pair!(r, old, owner)
    }

    fn STORE_ATTR_WITH_HINT(r, oparg) {
        let owner = r.peek(1);
        deopt_if!(r, oparg, (*type_of(owner)).tp_version_tag != r.cache32(attr::VERSION));
        let dict = *managed_dict_pointer(owner);
        deopt_if!(r, oparg, dict.is_null());
        let slot = hinted_slot(dict, r.cache16(attr::INDEX) as usize, r.name(oparg));
        deopt_if!(r, oparg, slot.is_null() || (*slot).is_null());
        let value = r.peek(2);
        r.shrink(2);
        let old = *slot;
        *slot = value;
        decref(old);
        note_change(dict, value);
        decref(owner);
        r.jump(attr::LEN as isize);
        next_checked!(r)
    }

    fn STORE_ATTR_SLOT(r, oparg) {
        let owner = r.peek(1);
        deopt_if!(r, oparg, (*type_of(owner)).tp_version_tag != r.cache32(attr::VERSION));
        let slot = owner.cast::<u8>().add(r.cache16(attr::INDEX) as usize).cast::<*mut PyObject>();
        let value = r.peek(2);
        r.shrink(2);
        let old = *slot;
        *slot = value;
        r.jump(attr::LEN as isize);
        if old.is_null() {
            release!(r, owner);
        }
        release_pair!(r, old, owner)
    }

    /// Leaves `method, self` on the stack, or `NULL, attribute`.
    fn LOAD_METHOD(r, oparg) {
        let owner = r.peek(1);
        let method = support::get_method(owner, r.name(oparg));
        if method.object.is_null() {
            error!(r)
        }
        if method.unbound != 0 {
            r.set_peek(1, method.object);
            r.push(owner);
        } else {
            r.set_peek(1, core::ptr::null_mut());
            decref(owner);
            r.push(method.object);
        }
        r.jump(load_method::LEN as isize);
        next_checked!(r)
    }

    fn LOAD_METHOD_WITH_VALUES(r, oparg) {
        let owner = r.peek(1);
        let class = type_of(owner);
        deopt_if!(r, oparg, (*class).tp_version_tag != r.cache32(load_method::TYPE_VERSION));
        deopt_if!(r, oparg, !(*managed_dict_pointer(owner)).is_null());
        let keys = cached_keys(class);
        deopt_if!(r, oparg, (*keys).dk_version != r.cache32(load_method::KEYS_VERSION));
        r.set_peek(1, new_ref(r.cache_object(load_method::DESCR)));
        r.push(owner);
        r.jump(load_method::LEN as isize);
        next!(r)
    }

    fn LOAD_METHOD_WITH_DICT(r, oparg) {
        let owner = r.peek(1);
        deopt_if!(r, oparg, (*type_of(owner)).tp_version_tag != r.cache32(load_method::TYPE_VERSION));
        let offset = r.cache16(load_method::DICT_OFFSET) as i16;
        let dict = *owner.cast::<u8>().offset(offset as isize).cast::<*mut PyDictObject>();
        deopt_if!(r, oparg, dict.is_null());
        deopt_if!(r, oparg, (*(*dict).ma_keys).dk_version != r.cache32(load_method::KEYS_VERSION));
        r.set_peek(1, new_ref(r.cache_object(load_method::DESCR)));
        r.push(owner);
        r.jump(load_method::LEN as isize);
        next!(r)
    }

    fn LOAD_METHOD_NO_DICT(r, oparg) {
        let owner = r.peek(1);
        deopt_if!(r, oparg, (*type_of(owner)).tp_version_tag != r.cache32(load_method::TYPE_VERSION));
        r.set_peek(1, new_ref(r.cache_object(load_method::DESCR)));
        r.push(owner);
        r.jump(load_method::LEN as isize);
        next!(r)
    }

    fn LOAD_METHOD_MODULE(r, oparg) {
        let owner = r.peek(1);
        let value = module_value(r, owner);
        deopt_if!(r, oparg, value.is_null());
        incref(value);
        r.set_peek(1, core::ptr::null_mut());
        r.push(value);
        r.jump(load_method::LEN as isize);
        release!(r, owner)
    }

    fn LOAD_METHOD_CLASS(r, oparg) {
        let class = r.peek(1);
        deopt_if!(r, oparg, !has_flag(class, flags::TYPE_SUBCLASS));
        deopt_if!(r, oparg, (*class.cast::<PyTypeObject>()).tp_version_tag != r.cache32(load_method::TYPE_VERSION));
        let value = new_ref(r.cache_object(load_method::DESCR));
        r.set_peek(1, core::ptr::null_mut());
        r.push(value);
        r.jump(load_method::LEN as isize);
        release!(r, class)
    }
}

adaptive! {
    fn LOAD_ATTR_ADAPTIVE => LOAD_ATTR, |r, oparg, instr| {
        api::_Py_Specialize_LoadAttr(r.peek(1), instr, r.name(oparg)) >= 0
    };

    fn STORE_ATTR_ADAPTIVE => STORE_ATTR, |r, oparg, instr| {
        api::_Py_Specialize_StoreAttr(r.peek(1), instr, r.name(oparg)) >= 0
    };

    fn LOAD_METHOD_ADAPTIVE => LOAD_METHOD, |r, oparg, instr| {
        api::_Py_Specialize_LoadMethod(r.peek(1), instr, r.name(oparg)) >= 0
    };
}
