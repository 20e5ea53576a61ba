//! The next results of `enumerate` and `zip`, in the tuple that they use again, without a call of their types.
//!
//! What takes a new tuple, an exception or a death that may show is left to them.

use core::ffi::c_int;
use core::mem::replace;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyListObject, PyObject, PyRangeIterObject, PySequenceIterObject};
use pyrt_cpython::state::runtime;

use super::Obj;
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

/// Most iterators that are zipped here.
const MOST: usize = 4;

/// `enum_next`; `None`, and nothing done, where that takes more.
pub(super) unsafe fn next_numbered(iter: *mut EnumIter) -> Option<Obj> {
    // SAFETY: a live iterator.
    unsafe {
        let (index, result) = ((*iter).index, (*iter).result);
        if !(*iter).long_index.is_null() || index == isize::MAX || !is_reusable(result) {
            return None;
        }
        let item = peek((*iter).inner)?;
        let number = tuple_items(result);
        if !takes_over(*number, index as i64) {
            let made: Obj = box_int(index as i64).cast();
            if made.is_null() {
                decref(item);
                return None;
            }
            decref_number(replace(&mut *number, made));
        }
        decref_number(replace(&mut *number.add(1), item));
        advance((*iter).inner);
        (*iter).index = index + 1;
        Some(used_again(result))
    }
}

/// `zip_next`; likewise.
pub(super) unsafe fn next_zipped(iter: *mut ZipIter) -> Option<Obj> {
    // SAFETY: a live iterator.
    unsafe {
        let (inner, result) = ((*iter).inner, (*iter).result);
        if inner.is_null() || size_of(inner) as usize > MOST || !is_reusable(result) {
            return None;
        }
        let inner = core::slice::from_raw_parts(tuple_items(inner), size_of(inner) as usize);
        let mut items = [core::ptr::null_mut(); MOST];
        for (at, iterator) in inner.iter().enumerate() {
            // One that is there twice moves on in between.
            let item = match inner[..at].contains(iterator) {
                true => None,
                false => peek(*iterator),
            };
            let Some(item) = item else {
                items[..at].iter().for_each(|item| decref(*item));
                return None;
            };
            items[at] = item;
        }
        for (at, iterator) in inner.iter().enumerate() {
            advance(*iterator);
            decref_number(replace(&mut *tuple_items(result).add(at), items[at]));
        }
        Some(used_again(result))
    }
}

/// Whether nobody else has a tuple, and what is in there lives on or dies unseen.
unsafe fn is_reusable(result: Obj) -> bool {
    // SAFETY: a live tuple.
    unsafe {
        let items = core::slice::from_raw_parts(tuple_items(result), size_of(result) as usize);
        let goes_unseen = |item: &Obj| (**item).ob_refcnt > size_of(result) || is_leaf(*item);
        (*result).ob_refcnt == 1 && items.iter().all(goes_unseen)
    }
}

/// A reference to a tuple that has got other items.
unsafe fn used_again(result: Obj) -> Obj {
    // SAFETY: a live tuple.
    unsafe {
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
        if type_of(iterator) == &raw mut api::_PyUnicodeASCIIIter_Type && !(*iter).it_seq.is_null()
        {
            let (characters, length) = ascii_text((*iter).it_seq);
            let is_there = !characters.is_null() && ((*iter).it_index as usize) < length;
            return is_there.then(|| {
                new_ref(runtime::ascii_character(
                    *characters.offset((*iter).it_index),
                ))
            });
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
