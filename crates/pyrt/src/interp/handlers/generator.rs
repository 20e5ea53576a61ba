//! Generators, coroutines, and asynchronous iteration.

use pyrt_cpython::api;
use pyrt_cpython::code::co;
use pyrt_cpython::frame::{
    FRAME_CREATED, FRAME_OWNED_BY_GENERATOR, FRAME_SUSPENDED, PyGenObject, PyInterpreterFrame,
};
use pyrt_cpython::inline::*;

use crate::interp::regs::{Regs, error, next_checked, op};
use crate::interp::{errors, support, unwind};

op! {
    fn RETURN_GENERATOR(r, _) {
        let generator = api::_Py_MakeCoro((*r.frame).f_func);
        if generator.is_null() {
            error!(r)
        }
        r.save_sp();
        let gen_object: *mut PyGenObject = generator.cast();
        let gen_frame: *mut PyInterpreterFrame = (&raw mut (*gen_object).gi_iframe).cast();
        api::_PyFrame_Copy(r.frame, gen_frame);
        (*gen_object).gi_frame_state = FRAME_CREATED;
        (*gen_frame).owner = FRAME_OWNED_BY_GENERATOR;
        leave_recursive_call(r.ts);
        if (*r.frame).is_entry {
            // The caller clears this frame, whose content has moved.
            (*r.frame).stacktop = 0;
            (*r.frame).f_locals = core::ptr::null_mut();
            incref((*r.frame).f_func.cast());
            incref((*r.frame).f_code.cast());
            unwind::leave_evaluation(r.ts);
            return generator;
        }
        let caller = (*r.frame).previous;
        api::_PyThreadState_PopFrame(r.ts, r.frame);
        (*(*r.ts).cframe).current_frame = caller;
        let mut r = Regs::resume(caller, r.ts, r.table);
        r.push(generator);
        next_checked!(r)
    }

    fn YIELD_VALUE(r, _) {
        let value = r.pop();
        (*generator_of(r.frame)).gi_frame_state = FRAME_SUSPENDED;
        r.save_sp();
        leave_recursive_call(r.ts);
        unwind::leave_evaluation(r.ts);
        return value;
    }

    fn SEND(r, oparg) {
        let value = r.pop();
        let receiver = r.peek(1);
        let sent = support::send(receiver, value);
        decref(value);
        if sent.value.is_null() {
            error!(r)
        }
        if sent.returned != 0 {
            decref(receiver);
            r.set_peek(1, sent.value);
            r.jump(oparg as isize);
        } else {
            r.push(sent.value);
        }
        next_checked!(r)
    }

    fn ASYNC_GEN_WRAP(r, _) {
        let value = r.peek(1);
        let wrapped = api::_PyAsyncGenValueWrapperNew(value);
        if wrapped.is_null() {
            error!(r)
        }
        r.set_peek(1, wrapped);
        decref(value);
        next_checked!(r)
    }

    fn GET_AITER(r, _) {
        let object = r.peek(1);
        let slots = (*type_of(object)).tp_as_async;
        let getter = if slots.is_null() { None } else { (*slots).am_aiter };
        let Some(getter) = getter else {
            r.set_peek(1, core::ptr::null_mut());
            let format = c"'async for' requires an object with __aiter__ method, got %.100s";
            api::PyErr_Format(api::PyExc_TypeError, format.as_ptr(), (*type_of(object)).tp_name);
            decref(object);
            error!(r)
        };
        let iterator = getter(object);
        decref(object);
        r.set_peek(1, iterator);
        if iterator.is_null() {
            error!(r)
        }
        let slots = (*type_of(iterator)).tp_as_async;
        if slots.is_null() || (*slots).am_anext.is_none() {
            r.set_peek(1, core::ptr::null_mut());
            let format = c"'async for' received an object from __aiter__ that does not implement __anext__: %.100s";
            api::PyErr_Format(api::PyExc_TypeError, format.as_ptr(), (*type_of(iterator)).tp_name);
            decref(iterator);
            error!(r)
        }
        next_checked!(r)
    }

    fn GET_ANEXT(r, _) {
        let iterator = r.peek(1);
        let slots = (*type_of(iterator)).tp_as_async;
        let getter = if slots.is_null() { None } else { (*slots).am_anext };
        let Some(getter) = getter else {
            let format = c"'async for' requires an iterator with __anext__ method, got %.100s";
            api::PyErr_Format(api::PyExc_TypeError, format.as_ptr(), (*type_of(iterator)).tp_name);
            error!(r)
        };
        let next = getter(iterator);
        if next.is_null() {
            error!(r)
        }
        let awaitable = if is_async_generator(iterator) {
            next
        } else {
            let awaitable = api::_PyCoro_GetAwaitableIter(next);
            if awaitable.is_null() {
                let format = c"'async for' received an invalid object from __anext__: %.100s";
                api::_PyErr_FormatFromCause(api::PyExc_TypeError, format.as_ptr(), (*type_of(next)).tp_name);
            }
            decref(next);
            awaitable
        };
        if awaitable.is_null() {
            error!(r)
        }
        r.push(awaitable);
        next_checked!(r)
    }

    fn GET_AWAITABLE(r, oparg) {
        let object = r.peek(1);
        let mut iterator = api::_PyCoro_GetAwaitableIter(object);
        if iterator.is_null() {
            errors::awaitable_error(type_of(object), oparg);
        }
        decref(object);
        if !iterator.is_null() && is_coroutine(iterator) {
            let awaited = api::_PyGen_yf(iterator.cast());
            if !awaited.is_null() {
                decref(awaited);
                decref(iterator);
                iterator = core::ptr::null_mut();
                api::PyErr_SetString(api::PyExc_RuntimeError, c"coroutine is being awaited already".as_ptr());
            }
        }
        r.set_peek(1, iterator);
        if iterator.is_null() {
            error!(r)
        }
        next_checked!(r)
    }

    fn GET_YIELD_FROM_ITER(r, _) {
        let iterable = r.peek(1);
        if is_coroutine(iterable) {
            if (*r.code()).co_flags & (co::COROUTINE | co::ITERABLE_COROUTINE) == 0 {
                decref(iterable);
                r.set_peek(1, core::ptr::null_mut());
                let message = c"cannot 'yield from' a coroutine object in a non-coroutine generator";
                api::PyErr_SetString(api::PyExc_TypeError, message.as_ptr());
                error!(r)
            }
        } else if !is_generator(iterable) {
            let iterator = api::PyObject_GetIter(iterable);
            decref(iterable);
            r.set_peek(1, iterator);
            if iterator.is_null() {
                error!(r)
            }
        }
        next_checked!(r)
    }
}
