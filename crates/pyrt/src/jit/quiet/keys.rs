//! Keys of dicts and members of sets and sequences, which are compared and hashed here without anybody else.

use core::ffi::c_int;
use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{
    PY_EQ, PyDictKeyEntry, PyDictKeysObject, PyDictObject, PyDictUnicodeEntry, PyListObject,
    PySetObject, PyTypeObject, flags,
};
use pyrt_trace::Helper;

use super::Obj;
use crate::interp::handlers::arith::two_digit_value;
use crate::jit::deaths;
use crate::jit::lookup::Entry;

/// The address of a helper of this family.
pub(super) fn address(helper: Helper) -> Option<*const ()> {
    Some(match helper {
        Helper::DictItem => dict_item as *const (),
        Helper::DictGet => dict_get as *const (),
        Helper::DictHas => dict_has as *const (),
        Helper::DictSet => dict_set as *const (),
        Helper::DictReplace => dict_replace as *const (),
        Helper::DictMerge => dict_merge as *const (),
        Helper::DictSetDefault => dict_set_default as *const (),
        Helper::DictPop => dict_pop as *const (),
        Helper::DictPopOr => dict_pop_or as *const (),
        Helper::SetHas => set_has as *const (),
        Helper::SetAdd => set_add as *const (),
        Helper::SetDiscard => set_discard as *const (),
        Helper::SequenceHas => sequence_has as *const (),
        _ => return None,
    })
}

/// How deep tuples of keys are looked into, and how many items they have at most.
const KEY_DEPTH: u32 = 3;
const KEY_ITEMS: isize = 16;

/// Whether an object is hashed and compared by the functions of a type of C.
unsafe fn hashes_as(object: Obj, known: *const PyTypeObject) -> bool {
    // SAFETY: a live object, and a builtin type.
    unsafe {
        let class = type_of(object);
        (*class).tp_hash == (*known).tp_hash && compare_alike(class, known)
    }
}

/// Whether an object may be a key of what is looked up here.
pub(in crate::jit) unsafe fn may_be_key(object: Obj) -> bool {
    // SAFETY: a live object.
    unsafe { is_plain(object, KEY_DEPTH) }
}

/// Whether hashing an object, or comparing it with another such one, runs no code of the program. A `bytes`
/// object may warn when it is compared with a str, so it is none of them inside of tuples. Most classes, and
/// instances of most, are equal to themselves alone; others are ints of their own kind.
unsafe fn is_plain(object: Obj, depth: u32) -> bool {
    // SAFETY: a live object.
    unsafe {
        if is_str(object) || is_int(object) || is_float(object) || is_bool(object) {
            return true;
        }
        if is_tuple(object) || hashes_as(object, &raw const api::PyTuple_Type) {
            let count = size_of(object);
            return depth > 0
                && count <= KEY_ITEMS
                && (0..count).all(|at| is_plain(*tuple_items(object).offset(at), depth - 1));
        }
        (depth == KEY_DEPTH && is_bytes(object))
            || hashes_as(object, &raw const api::PyBaseObject_Type)
            || hashes_as(object, &raw const api::PyLong_Type)
    }
}

/// Whether two plain objects are equal; `None` if it takes a warning to know.
unsafe fn plain_equal(a: Obj, b: Obj) -> Option<bool> {
    // SAFETY: live objects, both plain.
    unsafe {
        if is_str(a) && is_str(b) {
            return ascii_equal(a, b).or_else(|| match api::_PyUnicode_Equal(a, b) {
                // No memory for the usual form of one that C code made long ago.
                -1 => {
                    api::PyErr_Clear();
                    None
                }
                equal => Some(equal != 0),
            });
        }
        if is_bytes(a) != is_bytes(b) {
            return None;
        }
        match api::PyObject_RichCompareBool(a, b, PY_EQ) {
            -1 => {
                api::PyErr_Clear();
                None
            }
            equal => Some(equal != 0),
        }
    }
}

/// What looking for a key has found.
#[derive(Clone, Copy)]
enum Found {
    /// The key as it is stored, borrowed, and where its value is, or itself in a set.
    Here(Obj, *mut Obj),
    /// It is not there.
    Missing,
    /// That takes code of the program, or fails.
    Unsafe,
}

/// The hash of a plain object.
unsafe fn plain_hash(key: Obj) -> Option<isize> {
    // SAFETY: a live object.
    unsafe {
        if is_int(key)
            && let Some(value) = two_digit_value(key)
        {
            // Less than `_PyHASH_MODULUS`, so it is its own hash.
            return Some(if value == -1 { -2 } else { value as isize });
        }
        if !is_plain(key, KEY_DEPTH) {
            return None;
        }
        let hash = api::PyObject_Hash(key);
        if hash == -1 {
            api::PyErr_Clear();
            return None;
        }
        Some(hash)
    }
}

/// Whether a stored key or item is the one that is looked for; `None` if it takes code of the program to know.
#[inline]
unsafe fn matches(stored: Obj, key: Obj) -> Option<bool> {
    // SAFETY: live objects; the key is plain.
    unsafe {
        if stored == key {
            return Some(true);
        }
        if is_int(stored) && is_int(key) {
            return Some(compare_ints(stored, key).is_eq());
        }
        if is_tuple(stored) && is_tuple(key) {
            return items_match(stored, key);
        }
        if !is_plain(stored, KEY_DEPTH) {
            return None;
        }
        plain_equal(stored, key)
    }
}

/// The same for tuples. The key is as flat as plain ones are.
unsafe fn items_match(stored: Obj, key: Obj) -> Option<bool> {
    // SAFETY: live tuples; the key is plain.
    unsafe {
        if size_of(stored) != size_of(key) {
            return Some(false);
        }
        for at in 0..size_of(key) {
            let [stored, key] = [stored, key].map(|tuple| *tuple_items(tuple).offset(at));
            if !matches(stored, key)? {
                return Some(false);
            }
        }
        Some(true)
    }
}

/// Looks for a key in a dict.
unsafe fn find_key(dict: Obj, key: Obj) -> Found {
    // SAFETY: a live dict and key.
    unsafe {
        let dict: *mut PyDictObject = dict.cast();
        let keys = (*dict).ma_keys;
        if (*dict).ma_used == 0 && is_str(key) {
            return Found::Missing;
        }
        if (*keys).dk_kind == 0 {
            return find_general(keys, key);
        }
        if !is_str(key) {
            // All keys are strs, which equal nothing else.
            return match plain_hash(key) {
                Some(_) if !is_bytes(key) => Found::Missing,
                _ => Found::Unsafe,
            };
        }
        match find_str(keys, key) {
            Some(Some(index)) => {
                let entry = Entry { dict, index };
                let place = entry.place();
                match (*place).is_null() {
                    true => Found::Missing,
                    false => Found::Here(entry.key(), place),
                }
            }
            Some(None) => Found::Missing,
            None => Found::Unsafe,
        }
    }
}

/// The index of the entry of a str in keys that are all strs, if there is one, as `unicodekeys_lookup_unicode` finds it;
/// `None` if it takes memory to know, and there is none.
unsafe fn find_str(keys: *mut PyDictKeysObject, key: Obj) -> Option<Option<usize>> {
    // SAFETY: live keys of that kind, and a live str.
    unsafe {
        let hash_of = |text: Obj| *text.byte_add(layout::PyASCIIObject::hash).cast::<isize>();
        let hash = match hash_of(key) {
            -1 => api::PyObject_Hash(key),
            known => known,
        };
        let entries = dict_entries::<PyDictUnicodeEntry>(keys);
        let mask = (1usize << (*keys).dk_log2_size) - 1;
        let (mut slot, mut perturb) = (hash as usize & mask, hash as usize);
        loop {
            let index = index_at(keys, slot);
            if index == -1 {
                return Some(None);
            }
            if index >= 0 {
                let stored = (*entries.offset(index)).me_key;
                let is_key = stored == key
                    || hash_of(stored) == hash
                        && match ascii_equal(stored, key) {
                            Some(equal) => equal,
                            None => plain_equal(stored, key)?,
                        };
                if is_key {
                    return Some(Some(index as usize));
                }
            }
            perturb >>= 5;
            slot = slot.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1) & mask;
        }
    }
}

/// `dictkeys_get_index`.
unsafe fn index_at(keys: *mut PyDictKeysObject, slot: usize) -> isize {
    // SAFETY: the slot is one of the table's.
    unsafe {
        let table = (&raw mut (*keys).dk_indices).cast::<u8>();
        match (*keys).dk_log2_size {
            0..8 => isize::from(*table.cast::<i8>().add(slot)),
            8..16 => isize::from(*table.cast::<i16>().add(slot)),
            16..32 => *table.cast::<i32>().add(slot) as isize,
            _ => *table.cast::<i64>().add(slot) as isize,
        }
    }
}

/// Probes as `dictkeys_generic_lookup` does.
unsafe fn find_general(keys: *mut PyDictKeysObject, key: Obj) -> Found {
    // SAFETY: live keys of the general kind.
    unsafe {
        let Some(hash) = plain_hash(key) else {
            return Found::Unsafe;
        };
        let mask = (1usize << (*keys).dk_log2_size) - 1;
        let entries = dict_entries::<PyDictKeyEntry>(keys);
        let (mut slot, mut perturb) = (hash as usize & mask, hash as usize);
        loop {
            let index = index_at(keys, slot);
            if index == -1 {
                return Found::Missing;
            }
            if index >= 0 {
                let entry = entries.offset(index);
                if (*entry).me_hash == hash {
                    match matches((*entry).me_key, key) {
                        Some(true) => {
                            return Found::Here((*entry).me_key, &raw mut (*entry).me_value);
                        }
                        Some(false) => {}
                        None => return Found::Unsafe,
                    }
                }
            }
            perturb >>= 5;
            slot = slot.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1) & mask;
        }
    }
}

/// Looks for a member of a set, as `set_lookkey` does.
unsafe fn find_member(set: Obj, key: Obj) -> Found {
    const LINEAR_PROBES: usize = 9;
    // SAFETY: a live set.
    unsafe {
        let Some(hash) = plain_hash(key) else {
            return Found::Unsafe;
        };
        let set: *mut PySetObject = set.cast();
        let mask = (*set).mask as usize;
        let (mut slot, mut perturb) = (hash as usize & mask, hash as usize);
        loop {
            let more = if slot + LINEAR_PROBES <= mask {
                LINEAR_PROBES
            } else {
                0
            };
            for at in slot..=slot + more {
                let entry = (*set).table.add(at);
                if (*entry).hash == 0 && (*entry).key.is_null() {
                    return Found::Missing;
                }
                if (*entry).hash == hash {
                    match matches((*entry).key, key) {
                        Some(true) => return Found::Here((*entry).key, &raw mut (*entry).key),
                        Some(false) => {}
                        None => return Found::Unsafe,
                    }
                }
            }
            perturb >>= 5;
            slot = slot.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb) & mask;
        }
    }
}

/// Null if the key is not there, or cannot be looked up quietly.
pub(in crate::jit) unsafe extern "C" fn dict_item(dict: Obj, key: Obj) -> Obj {
    // SAFETY: a dict.
    unsafe {
        match find_key(dict, key) {
            Found::Here(_, place) => *place,
            Found::Missing | Found::Unsafe => null_mut(),
        }
    }
}

unsafe extern "C" fn dict_get(dict: Obj, key: Obj, default: Obj) -> Obj {
    // SAFETY: a dict, and a live object.
    unsafe {
        match find_key(dict, key) {
            Found::Here(_, place) => new_ref(*place),
            Found::Missing => new_ref(default),
            Found::Unsafe => null_mut(),
        }
    }
}

/// 1, 0, or -1.
const fn has(found: Found) -> i64 {
    match found {
        Found::Here(..) => 1,
        Found::Missing => 0,
        Found::Unsafe => -1,
    }
}

unsafe extern "C" fn dict_has(dict: Obj, key: Obj) -> i64 {
    // SAFETY: a dict.
    has(unsafe { find_key(dict, key) })
}

unsafe extern "C" fn dict_set(value: Obj, dict: Obj, key: Obj) -> Obj {
    // SAFETY: a dict, and live objects.
    unsafe {
        match find_key(dict, key) {
            // The death of what was there is the trace's to care for.
            Found::Here(_, place) => {
                if *place != value {
                    note_change(dict.cast(), value);
                }
                place.replace(new_ref(value))
            }
            Found::Missing if !traces_memory() => match api::PyDict_SetItem(dict, key, value) {
                0 => new_ref(none()),
                _ => {
                    api::PyErr_Clear();
                    null_mut()
                }
            },
            Found::Missing | Found::Unsafe => null_mut(),
        }
    }
}

unsafe extern "C" fn dict_replace(value: Obj, dict: Obj, index: i64) -> Obj {
    let (dict, index) = (dict.cast(), index as usize);
    // SAFETY: the dict has this entry.
    unsafe { Entry { dict, index }.replace(new_ref(value)) }
}

unsafe extern "C" fn dict_merge(dict: Obj, other: Obj) -> i64 {
    const NO_DUPLICATES: c_int = 2;
    // SAFETY: dicts.
    unsafe {
        let keys = (*other.cast::<PyDictObject>()).ma_keys;
        let is_empty = (*dict.cast::<PyDictObject>()).ma_used == 0;
        if !is_empty || (*keys).dk_kind == 0 || traces_memory() {
            return -1;
        }
        if api::_PyDict_MergeEx(dict, other, NO_DUPLICATES) < 0 {
            api::PyErr_Clear();
            api::PyDict_Clear(dict);
            return -1;
        }
        0
    }
}

unsafe extern "C" fn dict_set_default(dict: Obj, key: Obj, value: Obj) -> Obj {
    // SAFETY: a dict, and live objects.
    unsafe {
        match find_key(dict, key) {
            Found::Here(_, place) => return new_ref(*place),
            Found::Missing if !traces_memory() => {}
            Found::Missing | Found::Unsafe => return null_mut(),
        }
        let value = api::PyDict_SetDefault(dict, key, value);
        if value.is_null() {
            api::PyErr_Clear();
            return null_mut();
        }
        new_ref(value)
    }
}

/// Whether a stored key can go without code being run; who looked for it has a reference to the key.
unsafe fn goes_quietly(stored: Obj, key: Obj) -> bool {
    // SAFETY: live objects.
    unsafe { stored == key || deaths::loses_quietly(stored, 1, deaths::DEPTH) }
}

unsafe extern "C" fn dict_pop(dict: Obj, key: Obj) -> Obj {
    // SAFETY: a dict.
    unsafe {
        match find_key(dict, key) {
            Found::Here(stored, _) if goes_quietly(stored, key) && !traces_memory() => {}
            _ => return null_mut(),
        }
        let value = api::_PyDict_Pop(dict, key, null_mut());
        if value.is_null() {
            api::PyErr_Clear();
        }
        value
    }
}

unsafe extern "C" fn dict_pop_or(dict: Obj, key: Obj, default: Obj) -> Obj {
    // SAFETY: a dict, and live objects.
    unsafe {
        match find_key(dict, key) {
            Found::Here(..) => dict_pop(dict, key),
            Found::Missing => new_ref(default),
            Found::Unsafe => null_mut(),
        }
    }
}

unsafe extern "C" fn set_has(set: Obj, key: Obj) -> i64 {
    // SAFETY: a set or frozenset.
    has(unsafe { find_member(set, key) })
}

unsafe extern "C" fn set_add(set: Obj, key: Obj) -> i64 {
    // SAFETY: a set.
    unsafe {
        match find_member(set, key) {
            Found::Here(..) => return 0,
            Found::Missing if !traces_memory() => {}
            Found::Missing | Found::Unsafe => return -1,
        }
        if api::PySet_Add(set, key) < 0 {
            api::PyErr_Clear();
            return -1;
        }
        0
    }
}

unsafe extern "C" fn set_discard(set: Obj, key: Obj) -> i64 {
    // SAFETY: a set.
    unsafe {
        match find_member(set, key) {
            Found::Here(stored, _) if !goes_quietly(stored, key) => -1,
            Found::Here(..) => i64::from(api::PySet_Discard(set, key)),
            found => has(found),
        }
    }
}

/// `PySequence_Contains` of a list or tuple.
unsafe extern "C" fn sequence_has(sequence: Obj, key: Obj) -> i64 {
    // SAFETY: a list or tuple. Nothing here changes it.
    unsafe {
        if !is_plain(key, KEY_DEPTH) {
            return -1;
        }
        let items = if has_flag(sequence, flags::LIST_SUBCLASS) {
            (*sequence.cast::<PyListObject>()).ob_item
        } else {
            tuple_items(sequence)
        };
        for at in 0..size_of(sequence) {
            match matches(*items.offset(at), key) {
                Some(true) => return 1,
                Some(false) => {}
                None => return -1,
            }
        }
        0
    }
}
