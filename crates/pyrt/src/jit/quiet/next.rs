//! The next item of the commonest iterators, taken as their types would, without a call of those.
//!
//! What takes a new object, an exception or a death is left to them.

use core::mem::size_of;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{
    PyDictKeyEntry, PyDictKeysObject, PyDictObject, PyDictUnicodeEntry, PyObject,
    PySequenceIterObject, PySetObject, PyTypeObject,
};
use pyrt_cpython::state::runtime;

use super::Obj;
use super::pairs::{is_enumerate, is_reusable, is_zip, next_numbered, next_zipped, use_again};
use crate::jit::runtime::exhausted;

/// `dictiterobject` of `Objects/dictobject.c`; its size is checked before it is relied on.
#[repr(C)]
pub(super) struct DictIter {
    base: PyObject,
    pub(super) dict: *mut PyDictObject,
    used: isize,
    pos: isize,
    pub(super) result: Obj,
    pub(super) len: isize,
}

/// `setiterobject` of `Objects/setobject.c`.
#[repr(C)]
pub(super) struct SetIter {
    base: PyObject,
    pub(super) set: *mut PySetObject,
    used: isize,
    pos: isize,
    pub(super) len: isize,
}

/// `_PyDictViewObject` of `Include/cpython/dictobject.h`.
#[repr(C)]
struct DictView {
    base: PyObject,
    dict: Obj,
}

/// Whether an object is an iterator of a dict.
pub(super) unsafe fn is_dict_iter(object: Obj) -> bool {
    let types = [
        &raw const api::PyDictIterItem_Type,
        &raw const api::PyDictIterKey_Type,
        &raw const api::PyDictIterValue_Type,
    ];
    // SAFETY: a live object.
    unsafe { is_one_of::<DictIter>(object, &types) }
}

/// Whether an object is the iterator of a set.
pub(super) unsafe fn is_set_iter(object: Obj) -> bool {
    // SAFETY: a live object.
    unsafe { is_one_of::<SetIter>(object, &[&raw const api::PySetIter_Type]) }
}

/// Whether an object is of one of these types, and this is its struct.
#[inline(always)]
pub(super) unsafe fn is_one_of<T>(object: Obj, types: &[*const PyTypeObject]) -> bool {
    // SAFETY: a live object.
    unsafe {
        let class = type_of(object).cast_const();
        types.contains(&class) && (*class).tp_basicsize == size_of::<T>() as isize
    }
}

/// What a view or iterator of a dict or set refers to, with NULLs; `None` of other objects.
pub(in crate::jit) unsafe fn viewed(object: Obj) -> Option<[Obj; 2]> {
    let views = [
        &raw const api::PyDictItems_Type,
        &raw const api::PyDictValues_Type,
        &raw const api::PyDictKeys_Type,
    ];
    // SAFETY: a live object, which has the struct of its type.
    unsafe {
        if is_dict_iter(object) {
            let iter: *mut DictIter = object.cast();
            return Some([(*iter).dict.cast(), (*iter).result]);
        }
        if is_one_of::<DictView>(object, &views) {
            return Some([(*object.cast::<DictView>()).dict, core::ptr::null_mut()]);
        }
        let iter: *mut SetIter = object.cast();
        is_set_iter(object).then(|| [(*iter).set.cast(), core::ptr::null_mut()])
    }
}

/// The next item of an iterator, or [`exhausted`]; `None`, and nothing done, where that takes more.
#[inline(always)]
pub(super) unsafe fn quick_next(iterator: Obj) -> Option<Obj> {
    // SAFETY: a live iterator.
    unsafe {
        let class = type_of(iterator).cast_const();
        if is_ascii_iter(iterator) {
            next_character(iterator.cast())
        } else if is_dict_iter(iterator) {
            next_of_dict(iterator.cast(), class)
        } else if is_set_iter(iterator) {
            next_member(iterator.cast())
        } else if is_enumerate(iterator) {
            next_numbered(iterator.cast())
        } else if is_zip(iterator) {
            next_zipped(iterator.cast())
        } else {
            None
        }
    }
}

/// The next character of a str that is all ASCII, if there is one.
unsafe fn next_character(iter: *mut PySequenceIterObject) -> Option<Obj> {
    // SAFETY: a live iterator.
    unsafe {
        let character = peek_character(iter)?;
        (*iter).it_index += 1;
        Some(character)
    }
}

/// The same, and the iterator stays where it is. It is like those of other sequences.
pub(super) unsafe fn peek_character(iter: *mut PySequenceIterObject) -> Option<Obj> {
    // SAFETY: a live iterator.
    unsafe {
        let (text, index) = ((*iter).it_seq, (*iter).it_index);
        if text.is_null() {
            return None;
        }
        let (characters, length) = ascii_text(text);
        let is_there = !characters.is_null() && (index as usize) < length;
        is_there.then(|| new_ref(runtime::ascii_character(*characters.offset(index))))
    }
}

/// `setiter_iternext`.
unsafe fn next_member(iter: *mut SetIter) -> Option<Obj> {
    // SAFETY: a live iterator.
    unsafe {
        let set = (*iter).set;
        if set.is_null() || (*iter).used != (*set).used {
            return None;
        }
        let (mut at, mask) = ((*iter).pos, (*set).mask);
        // No member has the hash of what stands where one was removed.
        let is_free = |at| {
            let slot = (*set).table.offset(at);
            (*slot).key.is_null() || (*slot).hash == -1
        };
        while at <= mask && is_free(at) {
            at += 1;
        }
        if at > mask {
            return end(&mut (*iter).set);
        }
        (*iter).pos = at + 1;
        (*iter).len -= 1;
        Some(new_ref((*(*set).table.offset(at)).key))
    }
}

/// `dictiter_iternextitem` and its like.
unsafe fn next_of_dict(iter: *mut DictIter, class: *const PyTypeObject) -> Option<Obj> {
    // SAFETY: a live iterator of this class.
    unsafe {
        let dict = (*iter).dict;
        if dict.is_null() || (*iter).used != (*dict).ma_used {
            return None;
        }
        let Some((at, key, value)) = entry_from(dict, (*iter).pos) else {
            return end(&mut (*iter).dict);
        };
        let gives_items = class == &raw const api::PyDictIterItem_Type;
        if (*iter).len <= 0 || gives_items && !is_reusable::<2>((*iter).result) {
            return None;
        }
        (*iter).pos = at + 1;
        (*iter).len -= 1;
        if gives_items {
            return Some(use_again((*iter).result, [new_ref(key), new_ref(value)]));
        }
        let is_key = class == &raw const api::PyDictIterKey_Type;
        Some(new_ref(if is_key { key } else { value }))
    }
}

/// The first entry of a dict from a position on, and where it is.
unsafe fn entry_from(dict: *mut PyDictObject, mut at: isize) -> Option<(isize, Obj, Obj)> {
    // SAFETY: a live dict.
    unsafe {
        let keys: *mut PyDictKeysObject = (*dict).ma_keys;
        if !(*dict).ma_values.is_null() {
            if at >= (*dict).ma_used {
                return None;
            }
            // The order of the values lies before them.
            let index = *(*dict).ma_values.cast::<u8>().offset(-3 - at);
            let index = usize::from(index);
            let values: *mut Obj = (&raw mut (*(*dict).ma_values).values).cast();
            let key = (*dict_entries::<PyDictUnicodeEntry>(keys).add(index)).me_key;
            return Some((at, key, *values.add(index)));
        }
        while at < (*keys).dk_nentries {
            let (key, value) = if (*keys).dk_kind == 0 {
                let entry = dict_entries::<PyDictKeyEntry>(keys).offset(at);
                ((*entry).me_key, (*entry).me_value)
            } else {
                let entry = dict_entries::<PyDictUnicodeEntry>(keys).offset(at);
                ((*entry).me_key, (*entry).me_value)
            };
            if !value.is_null() {
                return Some((at, key, value));
            }
            at += 1;
        }
        None
    }
}

/// An iterator is at its end, and gives up what it goes over, unless that would die.
unsafe fn end<T>(over: &mut *mut T) -> Option<Obj> {
    // SAFETY: a live object.
    unsafe {
        let object: Obj = over.cast();
        if (*object).ob_refcnt == 1 {
            return None;
        }
        *over = core::ptr::null_mut();
        decref_no_dealloc(object);
        Some(exhausted() as Obj)
    }
}
