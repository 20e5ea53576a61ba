//! Iterators of C.

use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PySequenceIterObject;
use pyrt_cpython::state::{PyInterpreterState, collector_is_due};
use pyrt_trace::Helper;

use super::next::{DictIter, SetIter, is_dict_iter, is_set_iter, quick_next};
use super::pairs::{EnumIter, ZipIter, is_enumerate, is_zip};
use super::{Obj, Thread, leave, or_clear, quietly};
use crate::interp::ranges;
use crate::jit::deaths;
use crate::jit::runtime::exhausted;

/// The address of a helper of this family.
pub(super) fn address(helper: Helper) -> Option<*const ()> {
    Some(match helper {
        Helper::QuietIter => quiet_iter as *const (),
        Helper::QuietNext => quiet_next as *const (),
        Helper::NewRangeIter => new_range_iter as *const (),
        _ => return None,
    })
}

unsafe extern "C" fn quiet_iter(ts: Thread, containers: i64, object: Obj) -> Obj {
    // SAFETY: a container or iterator of C.
    unsafe {
        quietly(ts, containers != 0, || {
            ranges::iterate(object).unwrap_or_else(|| api::PyObject_GetIter(object))
        })
    }
}

unsafe extern "C" fn new_range_iter(start: i64, stop: i64, step: i64) -> Obj {
    let fits = |number: i64| number.unsigned_abs() < ranges::MOST;
    if step == 0 || ![start, stop, step].into_iter().all(fits) || traces_memory() {
        return null_mut();
    }
    // SAFETY: numbers that fit; the GIL is held.
    unsafe { or_clear(ranges::new_range_iter(start, stop, step)) }
}

/// What kind of iterator an object is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::jit) enum IterKind {
    /// Holds nothing but itself, or a str or bytes.
    Leaf,
    /// Of a list or tuple, forward.
    Sequence,
    /// Of a list, backward.
    Backward,
    /// Of a dict.
    Dict,
    /// Of a set.
    Set,
    /// `enumerate`.
    Enumerate,
    /// `zip`.
    Zip,
}

/// The kind of an iterator of C whose `__next__` is quiet, if its struct is what is believed here.
unsafe fn iter_kind(object: Obj) -> Option<IterKind> {
    // SAFETY: a live object.
    unsafe {
        let class = type_of(object);
        let is = |known: *mut pyrt_cpython::object::PyTypeObject| class == known;
        let sized = |size: usize| (*class).tp_basicsize == size as isize;
        if is(&raw mut api::PyRangeIter_Type)
            || is(&raw mut api::PyUnicodeIter_Type)
            || is(&raw mut api::_PyUnicodeASCIIIter_Type)
            || is(&raw mut api::PyBytesIter_Type)
        {
            return Some(IterKind::Leaf);
        }
        if is(&raw mut api::PyListIter_Type) || is(&raw mut api::PyTupleIter_Type) {
            return Some(IterKind::Sequence);
        }
        if is(&raw mut api::PyListRevIter_Type) {
            return sized(core::mem::size_of::<PySequenceIterObject>())
                .then_some(IterKind::Backward);
        }
        if is_dict_iter(object) {
            return Some(IterKind::Dict);
        }
        if is_set_iter(object) {
            return Some(IterKind::Set);
        }
        if is_enumerate(object) {
            return Some(IterKind::Enumerate);
        }
        if is_zip(object) {
            return Some(IterKind::Zip);
        }
        None
    }
}

/// Whether a container that only its exhausted iterator holds would go.
unsafe fn is_last_of(container: Obj, at_end: bool) -> bool {
    // SAFETY: a live object.
    unsafe { at_end && (*container).ob_refcnt == 1 }
}

/// How many tuples an iterator makes that uses its result again if nobody else has it; `None` if what is in
/// there must not go.
unsafe fn new_results(result: Obj) -> Option<i64> {
    // SAFETY: a live tuple, or null.
    unsafe {
        if result.is_null() {
            return Some(0);
        }
        if (*result).ob_refcnt != 1 {
            return Some(1);
        }
        let goes_quietly = |at| {
            let item = *tuple_items(result).offset(at);
            deaths::loses_quietly(item, 1, deaths::DEPTH)
        };
        (0..size_of(result)).all(goes_quietly).then_some(0)
    }
}

/// How many containers taking the next item of an iterator makes at most; `None` if it may run code of the
/// program.
unsafe fn quiet_item(object: Obj, depth: u32) -> Option<i64> {
    // SAFETY: a live iterator.
    unsafe {
        match iter_kind(object)? {
            // A trace may carry the position of the iterator of a range that others hold as well.
            IterKind::Leaf if depth < ITER_DEPTH && (*object).ob_refcnt > 1 => None,
            IterKind::Leaf => Some(0),
            IterKind::Sequence | IterKind::Backward => {
                let iter: *mut PySequenceIterObject = object.cast();
                let (sequence, index) = ((*iter).it_seq, (*iter).it_index);
                let goes = !sequence.is_null()
                    && is_last_of(sequence, index < 0 || index >= size_of(sequence));
                (!goes).then_some(0)
            }
            IterKind::Dict => {
                let iter: *mut DictIter = object.cast();
                let dict = (*iter).dict;
                let goes = !dict.is_null() && is_last_of(dict.cast(), (*iter).len <= 0);
                if goes {
                    None
                } else {
                    new_results((*iter).result)
                }
            }
            IterKind::Set => {
                let iter: *mut SetIter = object.cast();
                let set = (*iter).set;
                let goes = !set.is_null() && is_last_of(set.cast(), (*iter).len <= 0);
                (!goes).then_some(0)
            }
            IterKind::Enumerate => {
                let iter: *mut EnumIter = object.cast();
                if depth == 0 || !(*iter).long_index.is_null() {
                    return None;
                }
                Some(new_results((*iter).result)? + quiet_item((*iter).inner, depth - 1)?)
            }
            IterKind::Zip => {
                let iter: *mut ZipIter = object.cast();
                if depth == 0 || (*iter).inner.is_null() {
                    return None;
                }
                let mut containers = new_results((*iter).result)?;
                for at in 0..size_of((*iter).inner) {
                    let inner = *tuple_items((*iter).inner).offset(at);
                    containers += quiet_item(inner, depth - 1)?;
                }
                Some(containers)
            }
        }
    }
}

/// Whether taking the next item of an iterator can be left to [`quiet_next`], as far as its type says.
pub(in crate::jit) unsafe fn is_quiet_iter(object: Obj, depth: u32) -> bool {
    // SAFETY: a live iterator; what it holds as well.
    unsafe {
        match iter_kind(object) {
            None => false,
            Some(IterKind::Enumerate) => {
                depth > 0 && is_quiet_iter((*object.cast::<EnumIter>()).inner, depth - 1)
            }
            Some(IterKind::Zip) => {
                let inner = (*object.cast::<ZipIter>()).inner;
                depth > 0
                    && !inner.is_null()
                    && (0..size_of(inner))
                        .all(|at| is_quiet_iter(*tuple_items(inner).offset(at), depth - 1))
            }
            Some(IterKind::Leaf) => depth == ITER_DEPTH || (*object).ob_refcnt == 1,
            Some(_) => true,
        }
    }
}

/// How deep iterators of iterators are looked into.
pub(in crate::jit) const ITER_DEPTH: u32 = 2;

unsafe extern "C" fn quiet_next(ts: Thread, iterator: Obj) -> Obj {
    // SAFETY: an iterator of C.
    unsafe {
        if let Some(next) = quick_next(iterator) {
            return next;
        }
        match quiet_item(iterator, ITER_DEPTH) {
            Some(containers)
                if !traces_memory() && (containers == 0 || !collector_is_due(ts, containers)) => {}
            _ => return leave() as Obj,
        }
        let Some(next) = (*type_of(iterator)).tp_iternext else {
            return leave() as Obj;
        };
        let enabled = PyInterpreterState::gc_enabled((*ts).interp);
        let before = core::mem::replace(&mut *enabled, 0);
        let value = next(iterator);
        *enabled = before;
        // What C iterates over ends without StopIteration.
        if value.is_null() && !err_occurred(ts) {
            return exhausted() as Obj;
        }
        value
    }
}
