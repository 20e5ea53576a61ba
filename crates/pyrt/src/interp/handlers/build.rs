//! Building and extending containers and strings, unpacking, formatting.

use core::ffi::c_int;

use pyrt_cpython::api;
use pyrt_cpython::code::cache::counter_only;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyListObject, PySsize};
use pyrt_cpython::state::runtime;

use super::{adaptive, drop_values, list_append, release};
use crate::interp::errors;
use crate::interp::regs::{become_op, deopt_if, error, next, next_checked, op};
use crate::interp::{support, text};

op! {
    fn BUILD_STRING(r, oparg) {
        let items = r.sp.sub(oparg);
        let result = api::_PyUnicode_JoinArray(runtime::str_empty(), items, oparg as PySsize);
        if result.is_null() {
            error!(r)
        }
        drop_values(items, oparg);
        r.shrink(oparg);
        r.push(result);
        next_checked!(r)
    }

    fn BUILD_TUPLE(r, oparg) {
        let tuple = api::PyTuple_New(oparg as PySsize);
        if tuple.is_null() {
            error!(r)
        }
        r.shrink(oparg);
        core::ptr::copy_nonoverlapping(r.sp, tuple_items(tuple), oparg);
        r.push(tuple);
        next_checked!(r)
    }

    fn BUILD_LIST(r, oparg) {
        let list = api::PyList_New(oparg as PySsize);
        if list.is_null() {
            error!(r)
        }
        r.shrink(oparg);
        if oparg != 0 {
            core::ptr::copy_nonoverlapping(r.sp, (*list.cast::<PyListObject>()).ob_item, oparg);
        }
        r.push(list);
        next_checked!(r)
    }

    fn BUILD_SET(r, oparg) {
        let set = api::PySet_New(core::ptr::null_mut());
        if set.is_null() {
            error!(r)
        }
        let mut status = 0;
        for i in (1..=oparg).rev() {
            let item = r.peek(i);
            if status == 0 {
                status = api::PySet_Add(set, item);
            }
            decref(item);
        }
        r.shrink(oparg);
        if status != 0 {
            decref(set);
            error!(r)
        }
        r.push(set);
        next_checked!(r)
    }

    fn BUILD_MAP(r, oparg) {
        let pairs = r.sp.sub(2 * oparg);
        let map = api::_PyDict_FromItems(pairs, 2, pairs.add(1), 2, oparg as PySsize);
        if map.is_null() {
            error!(r)
        }
        // From the top down, as values die in this order.
        for _ in 0..2 * oparg {
            let item = r.pop();
            decref(item);
        }
        r.push(map);
        next_checked!(r)
    }

    fn BUILD_CONST_KEY_MAP(r, oparg) {
        let keys = r.peek(1);
        if !is_tuple(keys) || size_of(keys) != oparg as PySsize {
            api::PyErr_SetString(api::PyExc_SystemError, c"bad BUILD_CONST_KEY_MAP keys argument".as_ptr());
            error!(r)
        }
        let map = api::_PyDict_FromItems(tuple_items(keys), 1, r.sp.sub(oparg + 1), 1, oparg as PySsize);
        if map.is_null() {
            error!(r)
        }
        for _ in 0..=oparg {
            let item = r.pop();
            decref(item);
        }
        r.push(map);
        next_checked!(r)
    }

    fn BUILD_SLICE(r, oparg) {
        let step = if oparg == 3 { r.pop() } else { core::ptr::null_mut() };
        let stop = r.pop();
        let start = r.peek(1);
        let slice = api::PySlice_New(start, stop, step);
        decref(start);
        decref(stop);
        xdecref(step);
        r.set_peek(1, slice);
        if slice.is_null() {
            error!(r)
        }
        next_checked!(r)
    }

    fn LIST_APPEND(r, oparg) {
        let item = r.peek(1);
        if !list_append(r.peek(oparg + 1), item) {
            become_op!(r, oparg, append_resizing)
        }
        r.shrink(1);
        next!(r)
    }

    /// `LIST_APPEND` to a list that has to grow.
    fn append_resizing(r, oparg) {
        let item = r.pop();
        if api::_PyList_AppendTakeRefListResize(r.peek(oparg).cast(), item) < 0 {
            error!(r)
        }
        next!(r)
    }

    fn SET_ADD(r, oparg) {
        let item = r.pop();
        let status = api::PySet_Add(r.peek(oparg), item);
        decref(item);
        if status != 0 {
            error!(r)
        }
        next_checked!(r)
    }

    fn MAP_ADD(r, oparg) {
        let (key, value) = (r.peek(2), r.peek(1));
        r.shrink(2);
        if api::_PyDict_SetItem_Take2(r.peek(oparg).cast(), key, value) != 0 {
            error!(r)
        }
        next_checked!(r)
    }

    fn LIST_TO_TUPLE(r, _) {
        let list = r.pop();
        let tuple = api::PyList_AsTuple(list);
        decref(list);
        if tuple.is_null() {
            error!(r)
        }
        r.push(tuple);
        next_checked!(r)
    }

    fn LIST_EXTEND(r, oparg) {
        let iterable = r.pop();
        let done = api::_PyList_Extend(r.peek(oparg).cast(), iterable);
        if done.is_null() {
            if api::PyErr_ExceptionMatches(api::PyExc_TypeError) != 0
                && (*type_of(iterable)).tp_iter.is_none()
                && api::PySequence_Check(iterable) == 0
            {
                api::PyErr_Clear();
                let format = c"Value after * must be an iterable, not %.200s";
                api::PyErr_Format(api::PyExc_TypeError, format.as_ptr(), (*type_of(iterable)).tp_name);
            }
            decref(iterable);
            error!(r)
        }
        decref(done);
        decref(iterable);
        next_checked!(r)
    }

    fn SET_UPDATE(r, oparg) {
        let iterable = r.pop();
        let status = api::_PySet_Update(r.peek(oparg), iterable);
        decref(iterable);
        if status < 0 {
            error!(r)
        }
        next_checked!(r)
    }

    fn DICT_UPDATE(r, oparg) {
        let update = r.pop();
        if api::PyDict_Update(r.peek(oparg), update) < 0 {
            if api::PyErr_ExceptionMatches(api::PyExc_AttributeError) != 0 {
                let format = c"'%.200s' object is not a mapping";
                api::PyErr_Format(api::PyExc_TypeError, format.as_ptr(), (*type_of(update)).tp_name);
            }
            decref(update);
            error!(r)
        }
        decref(update);
        next_checked!(r)
    }

    fn DICT_MERGE(r, oparg) {
        let update = r.pop();
        if api::_PyDict_MergeEx(r.peek(oparg), update, 2) < 0 {
            errors::kwargs_error(r.peek(2 + oparg), update);
            decref(update);
            error!(r)
        }
        decref(update);
        next_checked!(r)
    }

    fn UNPACK_SEQUENCE(r, oparg) {
        let sequence = r.pop();
        let top = r.sp.add(oparg);
        let unpacked = support::unpack(sequence, oparg as c_int, -1, top);
        decref(sequence);
        if !unpacked {
            error!(r)
        }
        r.sp = top;
        r.jump(counter_only::LEN as isize);
        next_checked!(r)
    }

    fn UNPACK_SEQUENCE_TWO_TUPLE(r, oparg) {
        let tuple = r.peek(1);
        deopt_if!(r, oparg, !is_tuple(tuple) || size_of(tuple) != 2);
        r.set_peek(1, new_ref(tuple_item(tuple, 1)));
        r.push(new_ref(tuple_item(tuple, 0)));
        r.jump(counter_only::LEN as isize);
        release!(r, tuple)
    }

    fn UNPACK_SEQUENCE_TUPLE(r, oparg) {
        let tuple = r.peek(1);
        deopt_if!(r, oparg, !is_tuple(tuple) || size_of(tuple) != oparg as PySsize);
        r.shrink(1);
        for i in (0..oparg).rev() {
            r.push(new_ref(tuple_item(tuple, i)));
        }
        r.jump(counter_only::LEN as isize);
        release!(r, tuple)
    }

    fn UNPACK_SEQUENCE_LIST(r, oparg) {
        let list = r.peek(1);
        deopt_if!(r, oparg, !is_list(list) || size_of(list) != oparg as PySsize);
        r.shrink(1);
        let items = (*list.cast::<PyListObject>()).ob_item;
        for i in (0..oparg).rev() {
            r.push(new_ref(*items.add(i)));
        }
        r.jump(counter_only::LEN as isize);
        release!(r, list)
    }

    fn UNPACK_EX(r, oparg) {
        let (before, after) = (oparg & 0xff, oparg >> 8);
        let sequence = r.pop();
        let top = r.sp.add(before + 1 + after);
        let unpacked = support::unpack(sequence, before as c_int, after as c_int, top);
        decref(sequence);
        if !unpacked {
            error!(r)
        }
        r.sp = top;
        next_checked!(r)
    }

    fn FORMAT_VALUE(r, oparg) {
        let spec = if oparg & 4 != 0 { r.pop() } else { core::ptr::null_mut() };
        let value = r.pop();
        let result = text::format_value(r.ts, value, spec, oparg & 3);
        if result.is_null() {
            error!(r)
        }
        r.push(result);
        next_checked!(r)
    }
}

adaptive! {
    fn UNPACK_SEQUENCE_ADAPTIVE => UNPACK_SEQUENCE, |r, oparg, instr| {
        api::_Py_Specialize_UnpackSequence(r.peek(1), instr, oparg as c_int);
        true
    };
}
