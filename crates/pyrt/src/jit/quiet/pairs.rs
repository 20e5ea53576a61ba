//! The next results of `enumerate` and `zip`, in the tuple that they use again, without a call of their types.
//!
//! What takes a new tuple, an exception or a death that may show is left to them.

use core::ffi::c_int;
use core::mem::replace;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyListObject, PyObject, PyRangeIterObject, PySequenceIterObject};

use super::Obj;
use super::next::{is_one_of, peek_character};
use crate::jit::deaths::is_leaf;
use crate::jit::runtime::{box_int, takes_over};

/// `enumobject` of `Objects/enumobject.c`.
#[repr(C)]
pub(super) struct EnumIter {
    base: PyObject,
    index: isize,
    pub(super) inner: Obj,
    pub(super) result: Obj,
    pub(super) long_index: Obj,
    one: Obj,
}

/// `zipobject` of `Python/bltinmodule.c`.
#[repr(C)]
pub(super) struct ZipIter {
    base: PyObject,
    count: isize,
    pub(super) inner: Obj,
    pub(super) result: Obj,
    strict: c_int,
}

/// Whether an object is an `enumerate`.
pub(super) unsafe fn is_enumerate(object: Obj) -> bool {
    // SAFETY: a live object.
    unsafe { is_one_of::<EnumIter>(object, &[&raw const api::PyEnum_Type]) }
}

/// Whether an object is a `zip`.
pub(super) unsafe fn is_zip(object: Obj) -> bool {
    // SAFETY: a live object.
    unsafe { is_one_of::<ZipIter>(object, &[&raw const api::PyZip_Type]) }
}

/// `enum_next`; `None`, and nothing done, where that takes more.
pub(super) unsafe fn next_numbered(iter: *mut EnumIter) -> Option<Obj> {
    // SAFETY: a live iterator.
    unsafe {
        let (index, result) = ((*iter).index, (*iter).result);
        if !(*iter).long_index.is_null() || index == isize::MAX || !is_reusable::<2>(result) {
            return None;
        }
        let item = peek((*iter).inner)?;
        let old = *tuple_items(result);
        let number = match takes_over(old, index as i64) {
            true => new_ref(old),
            false => box_int(index as i64).cast(),
        };
        if number.is_null() {
            decref(item);
            return None;
        }
        advance((*iter).inner);
        (*iter).index = index + 1;
        Some(use_again(result, [number, item]))
    }
}

/// `zip_next`; likewise.
pub(super) unsafe fn next_zipped(iter: *mut ZipIter) -> Option<Obj> {
    // SAFETY: a live iterator; its result has as many items.
    unsafe {
        let (inner, result) = ((*iter).inner, (*iter).result);
        if inner.is_null() {
            return None;
        }
        match size_of(inner) {
            1 => next_of_all::<1>(inner, result),
            2 => next_of_all::<2>(inner, result),
            3 => next_of_all::<3>(inner, result),
            _ => None,
        }
    }
}

/// The next items of this many iterators.
unsafe fn next_of_all<const N: usize>(inner: Obj, result: Obj) -> Option<Obj> {
    // SAFETY: live tuples of this size.
    unsafe {
        if !is_reusable::<N>(result) {
            return None;
        }
        let inner = *tuple_items(inner).cast::<[Obj; N]>();
        let mut items = [core::ptr::null_mut(); N];
        for at in 0..N {
            // One that is there twice moves on in between.
            let item = match inner[..at].contains(&inner[at]) {
                true => None,
                false => peek(inner[at]),
            };
            let Some(item) = item else {
                items[..at].iter().for_each(|item| decref(*item));
                return None;
            };
            items[at] = item;
        }
        inner.iter().for_each(|iterator| advance(*iterator));
        Some(use_again(result, items))
    }
}

/// Whether nobody else has a tuple of this size, and what is in there lives on or dies unseen.
#[inline(always)]
pub(super) unsafe fn is_reusable<const N: usize>(result: Obj) -> bool {
    // SAFETY: such a tuple.
    unsafe {
        let items = *tuple_items(result).cast::<[Obj; N]>();
        let lives_on = |item: Obj| {
            let times = items.iter().filter(|other| **other == item).count();
            (*item).ob_refcnt > times as isize
        };
        (*result).ob_refcnt == 1 && items.iter().all(|item| lives_on(*item) || is_leaf(*item))
    }
}

/// A reference to a tuple that is reusable, with other items, whose references it takes.
#[inline(always)]
pub(super) unsafe fn use_again<const N: usize>(result: Obj, items: [Obj; N]) -> Obj {
    // SAFETY: as for `is_reusable`, which it is.
    unsafe {
        for (at, item) in items.into_iter().enumerate() {
            decref_number(replace(&mut *tuple_items(result).add(at), item));
        }
        if api::PyObject_GC_IsTracked(result) == 0 {
            // The collector may have found that its items need none.
            api::PyObject_GC_Track(result.cast());
        }
        new_ref(result)
    }
}

/// The next item of an iterator that counts what it has given, with a reference; it stays where it is.
unsafe fn peek(iterator: Obj) -> Option<Obj> {
    // SAFETY: a live iterator, and what it goes over.
    unsafe {
        if is_at_end(iterator) {
            return None;
        }
        if is_range_iter(iterator) {
            // A trace may carry the position of one that others hold as well.
            let range: *mut PyRangeIterObject = iterator.cast();
            let distance = (*range).index.wrapping_mul((*range).step);
            let value = (*range).start.wrapping_add(distance);
            let number = || -> Obj { box_int(value).cast() };
            return ((*iterator).ob_refcnt == 1)
                .then(number)
                .filter(|number| !number.is_null());
        }
        let iter: *mut PySequenceIterObject = iterator.cast();
        if is_list_iter(iterator) || is_tuple_iter(iterator) {
            let (sequence, index) = ((*iter).it_seq, (*iter).it_index);
            let items = match is_list_iter(iterator) {
                true => (*sequence.cast::<PyListObject>()).ob_item,
                false => tuple_items(sequence),
            };
            return Some(new_ref(*items.offset(index)));
        }
        if is_ascii_iter(iterator) {
            return peek_character(iter);
        }
        None
    }
}

/// Moves an iterator on whose next item was looked at.
unsafe fn advance(iterator: Obj) {
    // SAFETY: as for `peek`.
    unsafe {
        if is_range_iter(iterator) {
            (*iterator.cast::<PyRangeIterObject>()).index += 1;
        } else {
            (*iterator.cast::<PySequenceIterObject>()).it_index += 1;
        }
    }
}
