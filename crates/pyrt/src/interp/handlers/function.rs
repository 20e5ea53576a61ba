//! Making functions, returning from them.

use pyrt_cpython::api;
use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::frame::{ENTRY, FRAME_OWNED_BY_GENERATOR};
use pyrt_cpython::inline::*;

use super::{drop_living, generator};
use crate::interp::regs::{Regs, become_op, error, next, next_checked, op};
use crate::interp::{results, support, unwind};

op! {
    /// To a caller in this evaluation, if nothing that the frame holds has to be freed by
    /// a call.
    fn RETURN_VALUE(r, _) {
        let frame = r.frame;
        let special = (*frame).is_entry != 0
            || (*frame).owner == FRAME_OWNED_BY_GENERATOR
            || !(*frame).frame_obj.is_null()
            || !(*frame).f_locals.is_null()
            || is_first_of_chunk(r.ts, frame);
        if special {
            become_op!(r, 0, return_any)
        }
        let mut slot = locals(frame);
        while slot < r.sp.sub(1) {
            let object = *slot;
            if !object.is_null() {
                if (*object).ob_refcnt > 1 {
                    decref_no_dealloc(object);
                } else if !dealloc_inline(r.ts, object) {
                    become_op!(r, 0, return_any)
                }
                // What follows may fail and be done by the general form.
                slot.write_volatile(core::ptr::null_mut());
            }
            slot = slot.add(1);
        }
        if !drop_living((*frame).f_func.cast(), (*frame).f_code.cast()) {
            become_op!(r, 0, return_any)
        }
        let value = r.peek(1);
        let caller = (*frame).previous;
        (*(*r.ts).cframe).current_frame = caller;
        leave_recursive_call(r.ts);
        (*r.ts).datastack_top = frame.cast();
        let mut r = Regs::resume(caller, r.ts, r.table);
        r.push(value);
        next!(r)
    }

    fn return_any(r, _) {
        let value = r.pop();
        r.save_sp();
        let purpose = (*r.frame).purpose();
        leave_recursive_call(r.ts);
        if (*r.frame).is_entry == ENTRY {
            unwind::leave_evaluation(r.ts);
            return value;
        }
        if (*r.frame).owner == FRAME_OWNED_BY_GENERATOR {
            become_op!(r, value as usize, generator::end_by_return)
        }
        // Unlinked before it is cleared, because clearing may run finalizers.
        let caller = (*r.frame).previous;
        (*(*r.ts).cframe).current_frame = caller;
        unwind::clear_and_pop(r.ts, r.frame);
        results::after_return(purpose, value, caller, r.ts, r.table)
    }

    fn MAKE_FUNCTION(r, oparg) {
        let code = r.pop();
        let function = api::PyFunction_New(code, (*r.frame).f_globals);
        decref(code);
        if function.is_null() {
            error!(r)
        }
        let func: *mut PyFunctionObject = function.cast();
        if oparg & 8 != 0 {
            (*func).func_closure = r.pop();
        }
        if oparg & 4 != 0 {
            (*func).func_annotations = r.pop();
        }
        if oparg & 2 != 0 {
            (*func).func_kwdefaults = r.pop();
        }
        if oparg & 1 != 0 {
            (*func).func_defaults = r.pop();
        }
        r.push(function);
        next_checked!(r)
    }

    fn PRINT_EXPR(r, _) {
        let value = r.pop();
        let hook = api::_PySys_GetAttr(r.ts, pyrt_cpython::state::runtime::id_displayhook());
        if hook.is_null() {
            api::PyErr_SetString(api::PyExc_RuntimeError, c"lost sys.displayhook".as_ptr());
            decref(value);
            error!(r)
        }
        let result = api::PyObject_CallOneArg(hook, value);
        decref(value);
        if result.is_null() {
            error!(r)
        }
        decref(result);
        next_checked!(r)
    }

    fn GET_LEN(r, _) {
        let length = api::PyObject_Size(r.peek(1));
        if length < 0 {
            error!(r)
        }
        let object = api::PyLong_FromSsize_t(length);
        if object.is_null() {
            error!(r)
        }
        r.push(object);
        next_checked!(r)
    }

    fn MATCH_MAPPING(r, _) {
        let matches = has_flag(r.peek(1), pyrt_cpython::object::flags::MAPPING);
        r.push(new_ref(bool_(matches)));
        next_checked!(r)
    }

    fn MATCH_SEQUENCE(r, _) {
        let matches = has_flag(r.peek(1), pyrt_cpython::object::flags::SEQUENCE);
        r.push(new_ref(bool_(matches)));
        next_checked!(r)
    }

    fn MATCH_KEYS(r, _) {
        let values = crate::interp::matching::match_keys(r.peek(2), r.peek(1));
        if values.is_null() {
            error!(r)
        }
        r.push(values);
        next_checked!(r)
    }

    fn MATCH_CLASS(r, oparg) {
        let names = r.pop();
        let class = r.pop();
        let subject = r.peek(1);
        let attributes = crate::interp::matching::match_class(subject, class, oparg, names);
        decref(names);
        decref(class);
        if attributes.is_null() {
            error!(r)
        }
        r.set_peek(1, attributes);
        decref(subject);
        next_checked!(r)
    }

    fn BEFORE_WITH(r, _) {
        let manager = r.peek(1);
        let methods = support::manager_methods(r.ts, manager, false);
        if methods.enter.is_null() {
            error!(r)
        }
        r.set_peek(1, methods.exit);
        decref(manager);
        let result = api::PyObject_CallNoArgs(methods.enter);
        decref(methods.enter);
        if result.is_null() {
            error!(r)
        }
        r.push(result);
        next_checked!(r)
    }

    fn BEFORE_ASYNC_WITH(r, _) {
        let manager = r.peek(1);
        let methods = support::manager_methods(r.ts, manager, true);
        if methods.enter.is_null() {
            error!(r)
        }
        r.set_peek(1, methods.exit);
        decref(manager);
        let result = api::PyObject_CallNoArgs(methods.enter);
        decref(methods.enter);
        if result.is_null() {
            error!(r)
        }
        r.push(result);
        next_checked!(r)
    }

    /// Stack: `exit, lasti, previous exception, exception`.
    fn WITH_EXCEPT_START(r, _) {
        let result = support::call_exit(r.peek(4), r.peek(1));
        if result.is_null() {
            error!(r)
        }
        r.push(result);
        next_checked!(r)
    }
}
