//! What depends on the class of an object, where that may be any.

use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::state::{PyThreadState, collector_is_due};
use pyrt_trace::Helper;

use super::Obj;
use crate::jit::{lookup, truth};

/// The address of a helper of this family.
pub(super) fn address(helper: Helper) -> Option<*const ()> {
    Some(match helper {
        Helper::ReadAttr => read_attr as *const (),
        Helper::WriteAttr => write_attr as *const (),
        Helper::AddAttr => add_attr as *const (),
        Helper::FindMethod => find_method as *const (),
        Helper::IsInstance => is_instance as *const (),
        Helper::Truth => is_true as *const (),
        _ => return None,
    })
}

unsafe extern "C" fn read_attr(owner: Obj, name: Obj) -> Obj {
    // SAFETY: live objects.
    unsafe { xnew_ref(lookup::read(owner, name)) }
}

unsafe extern "C" fn find_method(owner: Obj, name: Obj) -> Obj {
    // SAFETY: live objects.
    unsafe { lookup::find_method(owner, name).map_or(null_mut(), |(found, ..)| found) }
}

unsafe extern "C" fn is_instance(object: Obj, wanted: Obj) -> i64 {
    // SAFETY: live objects.
    let answer = unsafe { lookup::is_instance(object, wanted) };
    answer.map_or(-1, i64::from)
}

unsafe extern "C" fn is_true(object: Obj) -> i64 {
    // SAFETY: a live object.
    let answer = unsafe { truth::truth(object) };
    answer.map_or(-1, i64::from)
}

unsafe extern "C" fn write_attr(value: Obj, owner: Obj, name: Obj) -> Obj {
    // SAFETY: live objects.
    unsafe {
        let Some(attribute) = lookup::find_to_store(owner, name) else {
            return null_mut();
        };
        let old = lookup::put(owner, &attribute, new_ref(value));
        // Its death is the trace's to care for.
        match old.is_null() {
            true => new_ref(none()),
            false => old,
        }
    }
}

/// The trace has guarded the class, which leaves what happens to the dict.
unsafe extern "C" fn add_attr(
    ts: *mut PyThreadState,
    value: Obj,
    owner: Obj,
    name: Obj,
    at: i64,
) -> i64 {
    // SAFETY: live objects; the class has the pointer to the dict there.
    unsafe {
        let place: *mut Obj = owner.byte_offset(at as isize).cast();
        let dict = *place;
        if traces_memory()
            || !lookup::takes_new(dict, name)
            || dict.is_null() && collector_is_due(ts, 1)
        {
            return -1;
        }
        if api::_PyObjectDict_SetItem(type_of(owner), place, name, value) < 0 {
            api::PyErr_Clear();
            return -1;
        }
        0
    }
}
