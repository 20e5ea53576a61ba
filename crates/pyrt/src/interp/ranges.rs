//! Ranges and their iterators, made without the arithmetic of Python ints.
//!
//! `Objects/rangeobject.c` computes a range's length, and the numbers of its iterator, with int objects, which takes most of the
//! time of a loop of a few rounds. Here that is done for numbers of at most two digits; others are left to CPython.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyObject, PyRangeIterObject, PyRangeObject, PyTypeObject};
use pyrt_cpython::pymalloc;
use pyrt_cpython::state::{PyThreadState, runtime};

use super::handlers::arith::{int_result, two_digit_value};

/// Numbers below this, and their distances, fit an `i64`.
pub(crate) const MOST: u64 = 1 << 61;

/// Whether an object is the class `range`.
#[inline(always)]
pub(crate) fn is_range_class(object: *mut PyObject) -> bool {
    object == (&raw mut api::PyRange_Type).cast()
}

/// `range(*arguments)`: a new reference, or null with an exception if there is no memory; `None` if it is left to CPython, which
/// has to raise if its comparisons are one call too many.
#[inline]
pub(crate) unsafe fn new_range(
    ts: *mut PyThreadState,
    arguments: &[*mut PyObject],
) -> Option<*mut PyObject> {
    // SAFETY: live arguments; the constants live as long as the interpreter.
    unsafe {
        let (zero, one) = (runtime::small_int(0), runtime::small_int(1));
        let parts = match *arguments {
            [stop] => [zero, stop, one],
            [start, stop] => [start, stop, one],
            [start, stop, step] => [start, stop, step],
            _ => return None,
        };
        if !are_as_believed() || (*ts).recursion_remaining <= 0 {
            return None;
        }
        let [start, stop, step] = numbers(parts)?;
        let length = int_result(length(start, stop, step));
        if length.is_null() {
            return Some(length);
        }
        let range: *mut PyRangeObject = new_leaf(&raw mut api::PyRange_Type);
        if range.is_null() {
            decref(length);
            return Some(range.cast());
        }
        let [start, stop, step] = parts.map(|part| new_ref(part));
        (*range).start = start;
        (*range).stop = stop;
        (*range).step = step;
        (*range).length = length;
        Some(range.cast())
    }
}

/// `iter(object)` if that is a range: a new reference, or null with an exception if there is no memory; `None` if it is left to
/// CPython.
#[inline]
pub(crate) unsafe fn iterate(object: *mut PyObject) -> Option<*mut PyObject> {
    // SAFETY: a live object; the parts of a range are ints.
    unsafe {
        if type_of(object) != &raw mut api::PyRange_Type || !are_as_believed() {
            return None;
        }
        let range: *mut PyRangeObject = object.cast();
        let [start, stop, step] = numbers([(*range).start, (*range).stop, (*range).step])?;
        Some(new_range_iter(start, stop, step))
    }
}

/// `iter(range(start, stop, step))`: a new reference, or null with an exception if there is no memory. The numbers are below
/// [`MOST`], and the step is not 0.
#[inline]
pub(crate) unsafe fn new_range_iter(start: i64, stop: i64, step: i64) -> *mut PyObject {
    // SAFETY: the GIL is held.
    unsafe {
        let iterator: *mut PyRangeIterObject = new_leaf(&raw mut api::PyRangeIter_Type);
        if !iterator.is_null() {
            (*iterator).index = 0;
            (*iterator).start = start;
            (*iterator).step = step;
            (*iterator).len = length(start, stop, step);
        }
        iterator.cast()
    }
}

/// Whether the structs, which are private to CPython, have the sizes that they have here.
#[inline(always)]
fn are_as_believed() -> bool {
    // SAFETY: types that live as long as the interpreter.
    unsafe {
        api::PyRange_Type.tp_basicsize == core::mem::size_of::<PyRangeObject>() as isize
            && api::PyRangeIter_Type.tp_basicsize
                == core::mem::size_of::<PyRangeIterObject>() as isize
    }
}

/// The numbers of a range that is made here.
#[inline(always)]
unsafe fn numbers(parts: [*mut PyObject; 3]) -> Option<[i64; 3]> {
    let number = |part: *mut PyObject| {
        // SAFETY: a live object.
        unsafe { is_int(part).then(|| two_digit_value(part))? }
    };
    let [start, stop, step] = parts.map(number);
    Some([start?, stop?, step.filter(|step| *step != 0)?])
}

/// `get_len_of_range`, of numbers whose distance fits.
#[inline(always)]
const fn length(start: i64, stop: i64, step: i64) -> i64 {
    let (low, high) = if step > 0 {
        (start, stop)
    } else {
        (stop, start)
    };
    if low < high {
        (high - low - 1) / step.abs() + 1
    } else {
        0
    }
}

/// `_PyObject_New` of a class whose instances the collector does not see, and which is not a heap type.
#[inline(always)]
unsafe fn new_leaf<T>(class: *mut PyTypeObject) -> *mut T {
    const {
        assert!(
            core::mem::size_of::<T>() > pymalloc::SMALL
                && core::mem::size_of::<T>() <= pymalloc::MEDIUM
        );
    };
    // SAFETY: a block of this size has room for an instance. A debug build has no such blocks.
    unsafe {
        let block: *mut PyObject = pymalloc::take(pymalloc::MEDIUM).cast();
        if block.is_null() {
            return api::_PyObject_New(class).cast();
        }
        (*block).ob_refcnt = 1;
        (*block).ob_type = class;
        block.cast()
    }
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn the_length_of_a_range_is_that_of_its_numbers() {
        for start in -7..8_i64 {
            for stop in -7..8_i64 {
                for step in (-5..6_i64).filter(|step| *step != 0) {
                    let within = |at: &i64| if step > 0 { *at < stop } else { *at > stop };
                    let numbers = std::iter::successors(Some(start), |at| Some(at + step));
                    let counted = numbers.take_while(within).count() as i64;
                    assert_eq!(length(start, stop, step), counted, "{start} {stop} {step}");
                }
            }
        }
        let most = (1 << 60) - 1;
        assert_eq!(length(-most, most, 1), 2 * most);
        assert_eq!(length(most, -most, -1), 2 * most);
    }
}
