//! Jumps, loops, and function entries.
//!
//! Whatever can jump backward exists twice: `plain` polls the eval breaker as
//! CPython does, `counted` also counts the loop header for the trace compiler.
//! Which of them runs is decided by the table that an evaluation dispatches
//! through, so that programs without the compiler pay nothing for it.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyListObject, PyObject, PyRangeIterObject, PySequenceIterObject};
use pyrt_cpython::state::{PyThreadState, runtime};

use super::{generator, release};
use crate::interp::ranges;
use crate::interp::regs::{become_op, error, leaf_op, next, next_checked, op};

/// Whether a value on the stack is true; consumes it. -1 with an exception set.
macro_rules! pop_truth {
    ($r:ident) => {{
        let value = $r.pop();
        if value == true_() {
            decref_no_dealloc(value);
            1
        } else if value == false_() {
            decref_no_dealloc(value);
            0
        } else {
            let truth = api::PyObject_IsTrue(value);
            decref(value);
            truth
        }
    }};
}

/// Whether an object is true that is false when empty and says how much is in it in the
/// word after its header.
#[inline(always)]
unsafe fn sized_truth(object: *mut PyObject) -> Option<bool> {
    // SAFETY: a live object.
    unsafe {
        let length = size_of(object);
        if is_list(object) || is_int(object) || is_tuple(object) || is_dict(object) {
            Some(length != 0)
        } else if is_str(object) && length != 0 {
            // With a length of 0 it may be one that is not ready.
            Some(true)
        } else {
            None
        }
    }
}

/// As [`sized_truth`], also of bools and None.
#[inline(always)]
unsafe fn simple_truth(object: *mut PyObject) -> Option<bool> {
    if object == true_() {
        Some(true)
    } else if object == false_() || object == none() {
        Some(false)
    } else {
        // SAFETY: a live object.
        unsafe { sized_truth(object) }
    }
}

/// Ends `FOR_ITER` over a list or tuple, unless it has no more items; these are where `$items` says.
macro_rules! next_item {
    ($r:ident, $iterator:expr, |$sequence:ident| $items:expr) => {{
        let iterator: *mut PySequenceIterObject = $iterator.cast();
        let $sequence = (*iterator).it_seq;
        let index = (*iterator).it_index;
        if !$sequence.is_null() && index < size_of($sequence) {
            (*iterator).it_index = index + 1;
            $r.push(new_ref(*$items.offset(index)));
            next!($r)
        }
    }};
}

leaf_op! {
    fn JUMP_FORWARD(r, oparg) {
        r.jump(oparg as isize);
        next!(r)
    }

    /// In `yield from` and `await`: an interrupt is for the innermost generator.
    fn JUMP_BACKWARD_NO_INTERRUPT(r, oparg) {
        r.jump(-(oparg as isize));
        next!(r)
    }
}

op! {
    fn POP_JUMP_FORWARD_IF_FALSE(r, oparg) {
        let value = r.peek(1);
        if value == true_() {
            decref_no_dealloc(value);
            r.shrink(1);
            next!(r)
        }
        if value == false_() || value == none() {
            decref_no_dealloc(value);
            r.shrink(1);
            r.jump(oparg as isize);
            next!(r)
        }
        become_op!(r, oparg, jump_forward_if_sized_false)
    }

    fn POP_JUMP_FORWARD_IF_TRUE(r, oparg) {
        let value = r.peek(1);
        if value == true_() {
            decref_no_dealloc(value);
            r.shrink(1);
            r.jump(oparg as isize);
            next!(r)
        }
        if value == false_() || value == none() {
            decref_no_dealloc(value);
            r.shrink(1);
            next!(r)
        }
        become_op!(r, oparg, jump_forward_if_sized_true)
    }

    /// `POP_JUMP_FORWARD_IF_FALSE` of what is neither a bool nor None.
    fn jump_forward_if_sized_false(r, oparg) {
        let value = r.peek(1);
        let Some(truth) = sized_truth(value) else {
            become_op!(r, oparg, jump_forward_if_any_false)
        };
        r.shrink(1);
        if !truth {
            r.branch(oparg as isize);
            release!(r, value);
        }
        release!(r, value)
    }

    fn jump_forward_if_any_false(r, oparg) {
        let truth = pop_truth!(r);
        if truth < 0 {
            error!(r)
        }
        if truth == 0 {
            r.jump(oparg as isize);
        }
        next_checked!(r)
    }

    /// `POP_JUMP_FORWARD_IF_TRUE` of what is neither a bool nor None.
    fn jump_forward_if_sized_true(r, oparg) {
        let value = r.peek(1);
        let Some(truth) = sized_truth(value) else {
            become_op!(r, oparg, jump_forward_if_any_true)
        };
        r.shrink(1);
        if truth {
            r.branch(oparg as isize);
            release!(r, value);
        }
        release!(r, value)
    }

    fn jump_forward_if_any_true(r, oparg) {
        let truth = pop_truth!(r);
        if truth < 0 {
            error!(r)
        }
        if truth != 0 {
            r.jump(oparg as isize);
        }
        next_checked!(r)
    }

    fn POP_JUMP_FORWARD_IF_NONE(r, oparg) {
        let value = r.pop();
        if value == none() {
            r.branch(oparg as isize);
            release!(r, value);
        }
        release!(r, value)
    }

    fn POP_JUMP_FORWARD_IF_NOT_NONE(r, oparg) {
        let value = r.pop();
        if value != none() {
            r.branch(oparg as isize);
            release!(r, value);
        }
        release!(r, value)
    }

    fn JUMP_IF_FALSE_OR_POP(r, oparg) {
        let value = r.peek(1);
        let Some(truth) = simple_truth(value) else {
            become_op!(r, oparg, jump_if_any_false_or_pop)
        };
        if !truth {
            r.branch(oparg as isize);
            next!(r)
        }
        r.shrink(1);
        release!(r, value)
    }

    fn jump_if_any_false_or_pop(r, oparg) {
        let truth = api::PyObject_IsTrue(r.peek(1));
        if truth < 0 {
            error!(r)
        }
        if truth == 0 {
            r.jump(oparg as isize);
        } else {
            let value = r.pop();
            decref(value);
        }
        next_checked!(r)
    }

    fn JUMP_IF_TRUE_OR_POP(r, oparg) {
        let value = r.peek(1);
        let Some(truth) = simple_truth(value) else {
            become_op!(r, oparg, jump_if_any_true_or_pop)
        };
        if truth {
            r.branch(oparg as isize);
            next!(r)
        }
        r.shrink(1);
        release!(r, value)
    }

    fn jump_if_any_true_or_pop(r, oparg) {
        let truth = api::PyObject_IsTrue(r.peek(1));
        if truth < 0 {
            error!(r)
        }
        if truth != 0 {
            r.jump(oparg as isize);
        } else {
            let value = r.pop();
            decref(value);
        }
        next_checked!(r)
    }

    fn GET_ITER(r, _) {
        let iterable = r.peek(1);
        let iterator = ranges::iterate(iterable);
        let iterator = iterator.unwrap_or_else(|| api::PyObject_GetIter(iterable));
        decref(iterable);
        r.set_peek(1, iterator);
        if iterator.is_null() {
            error!(r)
        }
        next_checked!(r)
    }

    /// Ranges, lists and tuples are iterated in place, generators resumed in this
    /// evaluation.
    fn FOR_ITER(r, oparg) {
        let iterator = r.peek(1);
        if is_list_iter(iterator) {
            next_item!(r, iterator, |list| (*list.cast::<PyListObject>()).ob_item);
        } else if is_tuple_iter(iterator) {
            next_item!(r, iterator, |tuple| tuple_items(tuple));
        } else if is_range_iter(iterator) {
            let range: *mut PyRangeIterObject = iterator.cast();
            if (*range).index < (*range).len {
                let value = (*range).start.wrapping_add((*range).index.wrapping_mul((*range).step));
                if runtime::is_small_int(value) {
                    (*range).index += 1;
                    r.push(new_ref(runtime::small_int(value)));
                    next!(r)
                }
                become_op!(r, value as usize, for_iter_range)
            }
        } else if is_generator(iterator) {
            become_op!(r, oparg, for_iter_generator)
        }
        become_op!(r, oparg, for_iter_any)
    }
}

leaf_op! {
    /// `FOR_ITER` of a range that goes on with an int that has to be made.
    fn for_iter_range(r, value) {
        let object = int_from_pool(value as i64);
        if object.is_null() {
            become_op!(r, value, for_iter_range_calling)
        }
        (*r.peek(1).cast::<PyRangeIterObject>()).index += 1;
        r.push(object);
        next!(r)
    }

    /// `FOR_ITER` of a range that goes on with an int that takes a call.
    fn for_iter_range_calling(r, value) {
        let object = api::pyrt_c_PyLong_FromLong(value as i64);
        if object.is_null() {
            error!(r)
        }
        (*r.peek(1).cast::<PyRangeIterObject>()).index += 1;
        r.push(object);
        next!(r)
    }

    fn for_iter_generator(r, oparg) {
        let generator = r.peek(1);
        if !generator::is_resumable(r, generator, oparg, true) {
            become_op!(r, oparg, for_iter_any)
        }
        generator::resume!(r, generator, new_ref(none()));
    }
}

op! {
    /// The rest of `FOR_ITER`: any iterator, by its type's slot.
    fn for_iter_any(r, oparg) {
        let iterator = r.peek(1);
        let iternext = (*type_of(iterator)).tp_iternext.unwrap_unchecked();
        let value = iternext(iterator);
        if value.is_null() {
            become_op!(r, oparg, for_iter_ends)
        }
        r.push(value);
        next_checked!(r)
    }

    /// `FOR_ITER` of an iterator that has raised, or has nothing more.
    fn for_iter_ends(r, oparg) {
        if err_occurred(r.ts) && !end_of_iteration(r.ts) {
            error!(r)
        }
        let iterator = r.pop();
        decref(iterator);
        r.jump(oparg as isize);
        next_checked!(r)
    }
}

/// After `__next__` raised: clears a `StopIteration`; false for anything else.
#[cold]
#[inline(never)]
pub(crate) unsafe fn end_of_iteration(ts: *mut PyThreadState) -> bool {
    // SAFETY: an exception is set.
    unsafe {
        if api::PyErr_ExceptionMatches(api::PyExc_StopIteration) == 0 {
            return false;
        }
        crate::interp::tracing::exception_event(ts, (*(*ts).cframe).current_frame);
        api::PyErr_Clear();
        true
    }
}

/// Quickens code that has run often enough (`_PyCode_Warmup`). Not at conditional
/// jumps backward, though it would be cheap there: whether code is quickened shows in
/// where CPython says that an error in a fused pair is.
macro_rules! warm_up {
    ($r:ident) => {{
        let code = $r.code();
        if (*code).co_warmup != 0 {
            (*code).co_warmup += 1;
            if (*code).co_warmup == 0 {
                api::_PyCode_Quicken(code);
            }
        }
    }};
}

/// The bits in a fused comparison's mask for less, equal and greater: for jumping forward
/// 1, 2, 4, and for jumping backward 8, 16, 32.
#[inline(always)]
fn outcome(less: bool, equal: bool) -> i64 {
    if equal {
        2 | 16
    } else if less {
        1 | 8
    } else {
        4 | 32
    }
}

/// Defines the instructions that jump backward or enter functions. `$edge!(r)`
/// ends a jump to a loop header, `$entry!(r)` the start of a function whose code has been
/// quickened: code that is called a few times only gets no memory for counters.
macro_rules! edges {
    ($edge:ident, $entry:ident) => {
        use core::sync::atomic::Ordering::Relaxed;

        use pyrt_cpython::api;
        use pyrt_cpython::code::cache::compare_op;
        use pyrt_cpython::inline::*;
        use pyrt_cpython::state::{PyInterpreterState, runtime};

        use crate::interp::handlers::arith::{drop_floats, float_value, small_value};
        use crate::interp::handlers::{drop_living, jump::outcome};
        use crate::interp::regs::{become_op, deopt_if, error, next, next_checked, op, settled};

        /// Ends a comparison fused with the conditional jump that follows it. Outcome and
        /// mask have a bit per outcome for jumping forward and one for jumping backward.
        macro_rules! fused_jump {
            ($r:ident, $outcome:expr) => {{
                let jump = $outcome & i64::from($r.cache16(compare_op::MASK));
                $r.jump(compare_op::LEN as isize);
                let distance = (*$r.ip >> 8) as isize;
                $r.jump(1);
                if jump >= 8 {
                    $r.jump(-distance);
                    $edge!($r)
                }
                if jump != 0 {
                    $r.branch(distance);
                    next!($r)
                }
                next!($r)
            }};
        }

        op! {
            fn RESUME(r, oparg) {
                warm_up!(r);
                if oparg < 2 && (*PyInterpreterState::eval_breaker((*r.ts).interp)).load(Relaxed) != 0 {
                    become_op!(r, 0, crate::interp::pending::handle)
                }
                next!(r)
            }

            fn RESUME_QUICK(r, oparg) {
                if oparg < 2 && (*PyInterpreterState::eval_breaker((*r.ts).interp)).load(Relaxed) != 0 {
                    become_op!(r, 0, crate::interp::pending::handle)
                }
                if oparg == 0 {
                    $entry!(r)
                }
                next!(r)
            }

            fn JUMP_BACKWARD(r, oparg) {
                warm_up!(r);
                become_op!(r, oparg, JUMP_BACKWARD_QUICK)
            }

            fn JUMP_BACKWARD_QUICK(r, oparg) {
                r.jump(-(oparg as isize));
                $edge!(r)
            }

            fn POP_JUMP_BACKWARD_IF_FALSE(r, oparg) {
                let truth = pop_truth!(r);
                if truth < 0 {
                    error!(r)
                }
                if truth == 0 {
                    r.jump(-(oparg as isize));
                    $edge!(r)
                }
                next_checked!(r)
            }

            fn POP_JUMP_BACKWARD_IF_TRUE(r, oparg) {
                let truth = pop_truth!(r);
                if truth < 0 {
                    error!(r)
                }
                if truth != 0 {
                    r.jump(-(oparg as isize));
                    $edge!(r)
                }
                next_checked!(r)
            }

            fn POP_JUMP_BACKWARD_IF_NONE(r, oparg) {
                let value = r.pop();
                let jumps = value == none();
                decref(value);
                if jumps {
                    r.jump(-(oparg as isize));
                    $edge!(r)
                }
                next_checked!(r)
            }

            fn POP_JUMP_BACKWARD_IF_NOT_NONE(r, oparg) {
                let value = r.pop();
                let jumps = value != none();
                decref(value);
                if jumps {
                    r.jump(-(oparg as isize));
                    $edge!(r)
                }
                next_checked!(r)
            }

            fn COMPARE_OP_FLOAT_JUMP(r, _) {
                let (left, right) = (r.peek(2), r.peek(1));
                deopt_if!(r, r.own_oparg(), !is_float(left) || !is_float(right));
                let (a, b) = (float_value(left), float_value(right));
                deopt_if!(r, r.own_oparg(), a.is_nan() || b.is_nan());
                if !drop_living(left, right) {
                    become_op!(r, 0, compare_float_jump_dying)
                }
                r.shrink(2);
                fused_jump!(r, outcome(a < b, a == b))
            }

            /// `COMPARE_OP_FLOAT_JUMP` where an operand may die.
            fn compare_float_jump_dying(r, oparg) {
                let (left, right) = (r.peek(2), r.peek(1));
                let (a, b) = (float_value(left), float_value(right));
                if !drop_floats(r.ts, left, right) {
                    become_op!(r, oparg, compare_float_jump_freeing)
                }
                r.shrink(2);
                fused_jump!(r, outcome(a < b, a == b))
            }

            /// `COMPARE_OP_FLOAT_JUMP` where an operand has to be freed by a call.
            fn compare_float_jump_freeing(r, _) {
                let (left, right) = (r.peek(2), r.peek(1));
                let (a, b) = (float_value(left), float_value(right));
                r.shrink(2);
                decref(left);
                decref(right);
                fused_jump!(r, outcome(a < b, a == b))
            }

            fn COMPARE_OP_INT_JUMP(r, _) {
                let (left, right) = (r.peek(2), r.peek(1));
                deopt_if!(r, r.own_oparg(), !is_int(left) || !is_int(right));
                let Some(a) = small_value(left) else {
                    become_op!(r, r.own_oparg(), crate::interp::handlers::miss)
                };
                let a = settled(a);
                let Some(b) = small_value(right) else {
                    become_op!(r, r.own_oparg(), crate::interp::handlers::miss)
                };
                let outcome = settled(outcome(a < b, a == b));
                if !drop_living(r.peek(2), r.peek(1)) {
                    become_op!(r, outcome as usize, compare_int_jump_dying)
                }
                r.shrink(2);
                fused_jump!(r, outcome)
            }

            /// `COMPARE_OP_INT_JUMP` where an operand may die.
            fn compare_int_jump_dying(r, outcome) {
                let (left, right) = (r.peek(2), r.peek(1));
                if (*right).ob_refcnt > 1 {
                    decref_no_dealloc(right);
                } else if !int_to_pool(right) {
                    become_op!(r, outcome, compare_int_jump_freeing)
                }
                if (*left).ob_refcnt > 1 {
                    decref_no_dealloc(left);
                } else if !int_to_pool(left) {
                    // The right one is given up already.
                    r.set_peek(1, new_ref(runtime::small_int(0)));
                    become_op!(r, outcome, compare_int_jump_freeing)
                }
                r.shrink(2);
                fused_jump!(r, outcome as i64)
            }

            /// `COMPARE_OP_INT_JUMP` where an operand has to be freed by a call.
            fn compare_int_jump_freeing(r, outcome) {
                let (left, right) = (r.peek(2), r.peek(1));
                r.shrink(2);
                decref_int(left);
                decref_int(right);
                fused_jump!(r, outcome as i64)
            }

            fn COMPARE_OP_STR_JUMP(r, oparg) {
                let (left, right) = (r.peek(2), r.peek(1));
                deopt_if!(r, oparg, !is_str(left) || !is_str(right));
                let equal = match ascii_equal(left, right) {
                    Some(equal) => i32::from(equal),
                    None => api::_PyUnicode_Equal(left, right),
                };
                if equal < 0 {
                    error!(r)
                }
                r.shrink(2);
                decref_str(left);
                decref_str(right);
                fused_jump!(r, outcome(false, equal != 0))
            }
        }
    };
}

/// A loop header is reached: polls the eval breaker.
macro_rules! polled_edge {
    ($r:ident) => {
        $crate::interp::regs::next_polled!($r)
    };
}

/// As [`polled_edge!`], counting the header at `ip`.
macro_rules! counted_edge {
    ($r:ident) => {{
        if pyrt_cpython::inline::eval_breaker($r.ts) {
            become_op!($r, 0, $crate::interp::pending::handle)
        }
        let anchor = $crate::jit::anchors::recent_anchor($r.code(), $r.ip);
        if anchor.is_null() {
            become_op!($r, 0, $crate::jit::driver::other_edge)
        }
        (*anchor).heat -= 1;
        if (*anchor).heat < 0 {
            become_op!($r, anchor.addr(), $crate::jit::driver::hot_edge)
        }
        next_checked!($r)
    }};
}

macro_rules! uncounted_entry {
    ($r:ident) => {{}};
}

/// Counts an entry of the function.
macro_rules! counted_entry {
    ($r:ident) => {{
        let meta = $crate::jit::anchors::meta_of($r.code());
        if meta.is_null() {
            become_op!($r, 0, $crate::jit::driver::new_entry)
        }
        let anchor = &raw mut (*meta).entry;
        (*anchor).heat -= 1;
        if (*anchor).heat < 0 {
            become_op!($r, anchor.addr(), $crate::jit::driver::hot_entry)
        }
    }};
}

/// Handlers of evaluations without the trace compiler.
pub(in crate::interp) mod plain {
    edges!(polled_edge, uncounted_entry);
}

/// Handlers that count loop headers and function entries.
pub(in crate::interp) mod counted {
    edges!(counted_edge, counted_entry);
}
