//! Subscripts: reading, storing, deleting.

use pyrt_cpython::api;
use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::code::cache::{binary_subscr, counter_only};
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyListObject, PyLongObject, PyObject};

use super::{adaptive, release_pair};
use crate::interp::regs::{become_op, deopt_if, enter_function, error, next_checked, op};
use crate::interp::slices;

/// The value of a non-negative int of at most one digit.
#[inline(always)]
unsafe fn index_of(int: *mut PyObject) -> Option<isize> {
    // SAFETY: an exact int; zero has a digit 0.
    unsafe {
        (size_of(int) as usize <= 1).then(|| (*int.cast::<PyLongObject>()).ob_digit[0] as isize)
    }
}

op! {
    fn BINARY_SUBSCR(r, _) {
        let key = r.pop();
        let container = r.peek(1);
        let result = match is_slice(key) {
            true => slices::get(container, key),
            false => api::PyObject_GetItem(container, key),
        };
        decref(container);
        decref(key);
        r.set_peek(1, result);
        if result.is_null() {
            error!(r)
        }
        r.jump(binary_subscr::LEN as isize);
        next_checked!(r)
    }

    fn BINARY_SUBSCR_LIST_INT(r, oparg) {
        let (list, key) = (r.peek(2), r.peek(1));
        deopt_if!(r, oparg, !is_int(key) || !is_list(list));
        let index = index_of(key).unwrap_or(isize::MAX);
        deopt_if!(r, oparg, index >= size_of(list));
        let result = new_ref(*(*list.cast::<PyListObject>()).ob_item.offset(index));
        r.shrink(1);
        r.set_peek(1, result);
        r.jump(binary_subscr::LEN as isize);
        release_pair!(r, key, list)
    }

    fn BINARY_SUBSCR_TUPLE_INT(r, oparg) {
        let (tuple, key) = (r.peek(2), r.peek(1));
        deopt_if!(r, oparg, !is_int(key) || !is_tuple(tuple));
        let index = index_of(key).unwrap_or(isize::MAX);
        deopt_if!(r, oparg, index >= size_of(tuple));
        let result = new_ref(tuple_item(tuple, index as usize));
        r.shrink(1);
        r.set_peek(1, result);
        r.jump(binary_subscr::LEN as isize);
        release_pair!(r, key, tuple)
    }

    fn BINARY_SUBSCR_DICT(r, oparg) {
        let dict = r.peek(2);
        deopt_if!(r, oparg, !is_dict(dict));
        let key = r.peek(1);
        let result = api::PyDict_GetItemWithError(dict, key);
        if result.is_null() {
            r.shrink(1);
            if !err_occurred(r.ts) {
                api::_PyErr_SetKeyError(key);
            }
            decref(key);
            error!(r)
        }
        incref(result);
        r.shrink(1);
        decref(key);
        r.set_peek(1, result);
        decref(dict);
        r.jump(binary_subscr::LEN as isize);
        next_checked!(r)
    }

    /// Calls a Python `__getitem__` in this evaluation.
    fn BINARY_SUBSCR_GETITEM(r, oparg) {
        let class = type_of(r.peek(2));
        deopt_if!(r, oparg, (*class).tp_version_tag != r.cache32(binary_subscr::TYPE_VERSION));
        let cached = *class.cast::<u8>().add(layout::PyHeapTypeObject::spec_cache_getitem).cast::<*mut PyFunctionObject>();
        deopt_if!(r, oparg, (*cached).func_version != u32::from(r.cache16(binary_subscr::FUNC_VERSION)));
        let code = (*cached).func_code;
        let frame = bump_frame_pointer(r.ts, frame_size(code));
        if frame.is_null() {
            error!(r)
        }
        incref(cached.cast());
        r.shrink(2);
        r.jump(binary_subscr::LEN as isize);
        let arguments = r.sp;
        enter_function!(r, frame, cached, arguments, 2)
    }

    fn STORE_SUBSCR(r, _) {
        let (value, container, key) = (r.peek(3), r.peek(2), r.peek(1));
        r.shrink(3);
        let status = api::PyObject_SetItem(container, key, value);
        decref(value);
        decref(container);
        decref(key);
        if status != 0 {
            error!(r)
        }
        r.jump(counter_only::LEN as isize);
        next_checked!(r)
    }

    fn STORE_SUBSCR_LIST_INT(r, oparg) {
        let (value, list, key) = (r.peek(3), r.peek(2), r.peek(1));
        deopt_if!(r, oparg, !is_int(key) || !is_list(list));
        let index = index_of(key).unwrap_or(isize::MAX);
        deopt_if!(r, oparg, index >= size_of(list));
        let slot = (*list.cast::<PyListObject>()).ob_item.offset(index);
        let old = *slot;
        if (*old).ob_refcnt > 1 {
            decref_no_dealloc(old);
        } else if !dealloc_inline(r.ts, old) {
            become_op!(r, index as usize, store_list_dropping)
        }
        *slot = value;
        r.shrink(3);
        r.jump(counter_only::LEN as isize);
        release_pair!(r, key, list)
    }

    /// `STORE_SUBSCR_LIST_INT` where the item that is replaced dies.
    fn store_list_dropping(r, index) {
        let (value, list, key) = (r.peek(3), r.peek(2), r.peek(1));
        let slot = (*list.cast::<PyListObject>()).ob_item.add(index);
        let old = *slot;
        *slot = value;
        r.shrink(3);
        decref(old);
        decref_int(key);
        decref(list);
        r.jump(counter_only::LEN as isize);
        next_checked!(r)
    }

    fn STORE_SUBSCR_DICT(r, oparg) {
        let (value, dict, key) = (r.peek(3), r.peek(2), r.peek(1));
        deopt_if!(r, oparg, !is_dict(dict));
        r.shrink(3);
        let status = api::_PyDict_SetItem_Take2(dict.cast(), key, value);
        decref(dict);
        if status != 0 {
            error!(r)
        }
        r.jump(counter_only::LEN as isize);
        next_checked!(r)
    }

    fn DELETE_SUBSCR(r, _) {
        let (container, key) = (r.peek(2), r.peek(1));
        r.shrink(2);
        let status = api::PyObject_DelItem(container, key);
        decref(container);
        decref(key);
        if status != 0 {
            error!(r)
        }
        next_checked!(r)
    }
}

adaptive! {
    fn BINARY_SUBSCR_ADAPTIVE => BINARY_SUBSCR, |r, oparg, instr| {
        api::_Py_Specialize_BinarySubscr(r.peek(2), r.peek(1), instr) >= 0
    };

    fn STORE_SUBSCR_ADAPTIVE => STORE_SUBSCR, |r, oparg, instr| {
        api::_Py_Specialize_StoreSubscr(r.peek(2), r.peek(1), instr) >= 0
    };
}
