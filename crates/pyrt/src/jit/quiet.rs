//! Operations of C that run no code of the program: quiet helpers.
//!
//! The frames are behind while these run, so they must not do what anybody could look at a frame from: run
//! the collector, compare or hash objects of the program's classes, give up last references to what has
//! finalizers, warn, tell `tracemalloc` of a new object, or look for signals. The last is why hardly anything
//! here computes with int objects: their division, multiplication and conversion to decimal look for signals. Where that would happen they do nothing and say
//! so, and the interpreter executes the instruction. The same goes for exceptions: the interpreter raises
//! them again, with all frames as they have to be. So nothing here fails half-way.

use core::ffi::c_int;
use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{
    PyBytesObject, PyDictKeyEntry, PyDictKeysObject, PyDictObject, PyDictUnicodeEntry,
    PyListObject, PyObject, PySequenceIterObject, PySetObject, PySliceObject,
};
use pyrt_cpython::state::{PyInterpreterState, PyThreadState, runtime};
use pyrt_trace::Helper;

use super::deaths;
use super::record::int_value;
use super::runtime::exhausted;
use crate::interp::handlers::arith::BINARY_OPS;
use crate::interp::handlers::precall;

type Obj = *mut PyObject;
type Thread = *mut PyThreadState;

/// The address of a quiet helper.
pub(super) fn address(helper: Helper) -> usize {
    let function = match helper {
        Helper::QuietCall0 => quiet_call0 as *const (),
        Helper::QuietCall1 | Helper::ListCall1 => quiet_call1 as *const (),
        Helper::QuietCall2 | Helper::ListCall2 => quiet_call2 as *const (),
        Helper::QuietCall3 | Helper::ListCall3 => quiet_call3 as *const (),
        Helper::ListPop => list_pop as *const (),
        Helper::DictItem => dict_item as *const (),
        Helper::DictGet => dict_get as *const (),
        Helper::DictHas => dict_has as *const (),
        Helper::DictSet => dict_set as *const (),
        Helper::DictSetDefault => dict_set_default as *const (),
        Helper::DictPop => dict_pop as *const (),
        Helper::DictPopOr => dict_pop_or as *const (),
        Helper::SetHas => set_has as *const (),
        Helper::SetAdd => set_add as *const (),
        Helper::SetDiscard => set_discard as *const (),
        Helper::SequenceHas => sequence_has as *const (),
        Helper::StrHas => str_has as *const (),
        Helper::StrCompare => str_compare as *const (),
        Helper::StrConcat => str_concat as *const (),
        Helper::StrAppend => str_append as *const (),
        Helper::StrItem => str_item as *const (),
        Helper::BytesItem => bytes_item as *const (),
        Helper::StrStarts => str_starts as *const (),
        Helper::StrEnds => str_ends as *const (),
        Helper::StrFind => str_find as *const (),
        Helper::StrOrd => str_ord as *const (),
        Helper::QuietBinary => quiet_binary as *const (),
        Helper::GetSlice => get_slice as *const (),
        Helper::NewSlice => new_slice as *const (),
        Helper::Text => text as *const (),
        Helper::Format => format as *const (),
        Helper::Join2 => join2 as *const (),
        Helper::Join3 => join3 as *const (),
        Helper::Join4 => join4 as *const (),
        Helper::Join5 => join5 as *const (),
        Helper::Join6 => join6 as *const (),
        Helper::NewTuple1 => new_tuple1 as *const (),
        Helper::NewTuple2 => new_tuple2 as *const (),
        Helper::NewTuple3 => new_tuple3 as *const (),
        Helper::NewTuple4 => new_tuple4 as *const (),
        Helper::NewList0 => new_list0 as *const (),
        Helper::NewList1 => new_list1 as *const (),
        Helper::NewList2 => new_list2 as *const (),
        Helper::NewList3 => new_list3 as *const (),
        Helper::NewList4 => new_list4 as *const (),
        Helper::NewDict => new_dict as *const (),
        Helper::QuietIter => quiet_iter as *const (),
        Helper::QuietNext => quiet_next as *const (),
        Helper::MinI64 => min_i64 as *const (),
        Helper::MaxI64 => max_i64 as *const (),
        Helper::GcdI64 => gcd_i64 as *const (),
        Helper::IsqrtI64 => isqrt_i64 as *const (),
        Helper::MinF64 => min_f64 as *const (),
        Helper::MaxF64 => max_f64 as *const (),
        Helper::Sqrt => libm::sqrt as *const (),
        Helper::Sin => libm::sin as *const (),
        Helper::Cos => libm::cos as *const (),
        Helper::Tan => libm::tan as *const (),
        Helper::Asin => libm::asin as *const (),
        Helper::Acos => libm::acos as *const (),
        Helper::Atan => libm::atan as *const (),
        Helper::Exp => libm::exp as *const (),
        Helper::Log => libm::log as *const (),
        Helper::Log2 => libm::log2 as *const (),
        Helper::Log10 => libm::log10 as *const (),
        Helper::Floor => libm::floor as *const (),
        Helper::Ceil => libm::ceil as *const (),
        Helper::Atan2 => atan2 as *const (),
        Helper::PowFinite => pow_finite as *const (),
        Helper::Fmod => fmod as *const (),
        _ => unreachable!("the runtime has the others"),
    };
    function as usize
}

/// The functions that CPython's `math` calls, too.
mod libm {
    unsafe extern "C" {
        pub(super) fn sqrt(x: f64) -> f64;
        pub(super) fn sin(x: f64) -> f64;
        pub(super) fn cos(x: f64) -> f64;
        pub(super) fn tan(x: f64) -> f64;
        pub(super) fn asin(x: f64) -> f64;
        pub(super) fn acos(x: f64) -> f64;
        pub(super) fn atan(x: f64) -> f64;
        pub(super) fn exp(x: f64) -> f64;
        pub(super) fn log(x: f64) -> f64;
        pub(super) fn log2(x: f64) -> f64;
        pub(super) fn log10(x: f64) -> f64;
        pub(super) fn floor(x: f64) -> f64;
        pub(super) fn ceil(x: f64) -> f64;
        pub(super) fn atan2(y: f64, x: f64) -> f64;
        pub(super) fn pow(x: f64, y: f64) -> f64;
        pub(super) fn fmod(x: f64, y: f64) -> f64;
    }
}

/// Whether making this many containers would let the collector run.
unsafe fn collector_is_due(ts: Thread, containers: i64) -> bool {
    // SAFETY: the current thread's state.
    unsafe {
        let interp = (*ts).interp;
        let threshold = i64::from(*PyInterpreterState::gc_threshold(interp));
        *PyInterpreterState::gc_enabled(interp) != 0
            && threshold != 0
            && i64::from(*PyInterpreterState::gc_count(interp)) + containers > threshold
    }
}

/// Computes an object, which may be a new container: null, without an exception, where that fails or is not
/// quiet. Exceptions and temporary tuples are containers, too, so the collector rests meanwhile.
unsafe fn quietly(ts: Thread, containers: bool, compute: impl FnOnce() -> Obj) -> Obj {
    // SAFETY: the current thread's state.
    unsafe {
        if traces_memory() {
            return null_mut();
        }
        let enabled = PyInterpreterState::gc_enabled((*ts).interp);
        let count = PyInterpreterState::gc_count((*ts).interp);
        let (before, count_before) = (core::mem::replace(&mut *enabled, 0), *count);
        let result = compute();
        *enabled = before;
        if result.is_null() {
            api::PyErr_Clear();
        } else if containers && *count > count_before && collector_is_due(ts, 0) {
            // It would have run. What may come from a free list does not count, so that shows afterwards only.
            decref(result);
            return null_mut();
        }
        result
    }
}

/// Calls a callable of C as the interpreter does: null with an exception, or [`leave`] where that was not quiet.
unsafe fn call(ts: Thread, containers: i64, callable: Obj, arguments: &[Obj]) -> Obj {
    // SAFETY: live objects.
    unsafe {
        if traces_memory() {
            return leave() as Obj;
        }
        let count = *PyInterpreterState::gc_count((*ts).interp);
        let mut raised = [null_mut(); 3];
        let result = quietly(ts, containers != 0, || {
            let what = (arguments.len(), null_mut());
            let result =
                precall::call_c(ts, callable, arguments.as_ptr(), what).unwrap_or_else(|| {
                    api::PyObject_Vectorcall(
                        callable,
                        arguments.as_ptr(),
                        arguments.len(),
                        null_mut(),
                    )
                });
            if result.is_null() {
                let [class, value, traceback] = &mut raised;
                api::PyErr_Fetch(class, value, traceback);
            }
            result
        });
        if !result.is_null() {
            return result;
        }
        let [class, value, traceback] = raised;
        let due = *PyInterpreterState::gc_count((*ts).interp) > count && collector_is_due(ts, 0);
        if class.is_null() || due {
            raised.into_iter().for_each(|object| xdecref(object));
            return leave() as Obj;
        }
        api::PyErr_Restore(class, value, traceback);
        null_mut()
    }
}

unsafe extern "C" fn quiet_call0(ts: Thread, containers: i64, callable: Obj) -> Obj {
    // SAFETY: live objects.
    unsafe { call(ts, containers, callable, &[]) }
}

unsafe extern "C" fn quiet_call1(ts: Thread, containers: i64, callable: Obj, a: Obj) -> Obj {
    // SAFETY: live objects.
    unsafe { call(ts, containers, callable, &[a]) }
}

unsafe extern "C" fn quiet_call2(
    ts: Thread,
    containers: i64,
    callable: Obj,
    a: Obj,
    b: Obj,
) -> Obj {
    // SAFETY: live objects.
    unsafe { call(ts, containers, callable, &[a, b]) }
}

unsafe extern "C" fn quiet_call3(
    ts: Thread,
    containers: i64,
    callable: Obj,
    a: Obj,
    b: Obj,
    c: Obj,
) -> Obj {
    // SAFETY: live objects.
    unsafe { call(ts, containers, callable, &[a, b, c]) }
}

// Keys and members.

/// How deep tuples of keys are looked into, and how many items they have at most.
const KEY_DEPTH: u32 = 3;
const KEY_ITEMS: isize = 16;

/// Whether hashing an object, or comparing it with another such one, runs no code of the program. A `bytes`
/// object may warn when it is compared with a str, so it is none of them inside of tuples.
unsafe fn is_plain(object: Obj, depth: u32) -> bool {
    // SAFETY: a live object.
    unsafe {
        if is_str(object) || is_int(object) || is_float(object) || is_bool(object) {
            return true;
        }
        if is_tuple(object) {
            let count = size_of(object);
            return depth > 0
                && count <= KEY_ITEMS
                && (0..count).all(|at| is_plain(*tuple_items(object).offset(at), depth - 1));
        }
        object == none() || (depth == KEY_DEPTH && is_bytes(object))
    }
}

/// Whether two plain objects are equal; `None` if it takes a warning to know.
unsafe fn plain_equal(a: Obj, b: Obj) -> Option<bool> {
    // SAFETY: live objects, both plain.
    unsafe {
        if is_str(a) && is_str(b) {
            return match api::_PyUnicode_Equal(a, b) {
                // No memory for the usual form of one that C code made long ago.
                -1 => {
                    api::PyErr_Clear();
                    None
                }
                equal => Some(equal != 0),
            };
        }
        if is_bytes(a) != is_bytes(b) {
            return None;
        }
        const EQ: c_int = 2;
        match api::PyObject_RichCompareBool(a, b, EQ) {
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
    /// Its value, or itself in a set; borrowed.
    Here(Obj),
    /// It is not there.
    Missing,
    /// That takes code of the program, or fails.
    Unsafe,
}

/// The hash of a plain object.
unsafe fn plain_hash(key: Obj) -> Option<isize> {
    // SAFETY: a live object.
    unsafe {
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

/// Whether a stored key is the one that is looked for; both have the same hash.
unsafe fn matches(stored: Obj, key: Obj) -> Option<bool> {
    // SAFETY: live objects; the key is plain.
    unsafe {
        if stored == key {
            return Some(true);
        }
        if !is_plain(stored, KEY_DEPTH) {
            return None;
        }
        plain_equal(stored, key)
    }
}

/// Looks for a key in a dict.
unsafe fn find_key(dict: Obj, key: Obj) -> Found {
    // SAFETY: a live dict and key.
    unsafe {
        let dict: *mut PyDictObject = dict.cast();
        let keys = (*dict).ma_keys;
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
        let index = api::_PyDictKeys_StringLookup(keys, key);
        if index < 0 {
            // -3 is an error.
            return if index == -3 {
                Found::Unsafe
            } else {
                Found::Missing
            };
        }
        let value = if (*dict).ma_values.is_null() {
            (*dict_entries::<PyDictUnicodeEntry>(keys).offset(index)).me_value
        } else {
            *(&raw mut (*(*dict).ma_values).values)
                .cast::<Obj>()
                .offset(index)
        };
        if value.is_null() {
            Found::Missing
        } else {
            Found::Here(value)
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
                        Some(true) => return Found::Here((*entry).me_value),
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
                        Some(true) => return Found::Here((*entry).key),
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
pub(super) unsafe extern "C" fn dict_item(dict: Obj, key: Obj) -> Obj {
    // SAFETY: exactly a dict.
    match unsafe { find_key(dict, key) } {
        Found::Here(value) => value,
        Found::Missing | Found::Unsafe => null_mut(),
    }
}

unsafe extern "C" fn dict_get(dict: Obj, key: Obj, default: Obj) -> Obj {
    // SAFETY: exactly a dict, and a live object.
    unsafe {
        match find_key(dict, key) {
            Found::Here(value) => new_ref(value),
            Found::Missing => new_ref(default),
            Found::Unsafe => null_mut(),
        }
    }
}

/// 1, 0, or -1.
const fn has(found: Found) -> i64 {
    match found {
        Found::Here(_) => 1,
        Found::Missing => 0,
        Found::Unsafe => -1,
    }
}

unsafe extern "C" fn dict_has(dict: Obj, key: Obj) -> i64 {
    // SAFETY: exactly a dict.
    has(unsafe { find_key(dict, key) })
}

unsafe extern "C" fn dict_set(value: Obj, dict: Obj, key: Obj) -> Obj {
    // SAFETY: exactly a dict, and live objects.
    unsafe {
        let old = match find_key(dict, key) {
            _ if traces_memory() => return null_mut(),
            Found::Here(old) => old,
            Found::Missing => none(),
            Found::Unsafe => return null_mut(),
        };
        // Its death is the trace's to care for.
        incref(old);
        if api::PyDict_SetItem(dict, key, value) < 0 {
            api::PyErr_Clear();
            decref(old);
            return null_mut();
        }
        old
    }
}

unsafe extern "C" fn dict_set_default(dict: Obj, key: Obj, value: Obj) -> Obj {
    // SAFETY: exactly a dict, and live objects.
    unsafe {
        match find_key(dict, key) {
            Found::Here(value) => return new_ref(value),
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

unsafe extern "C" fn dict_pop(dict: Obj, key: Obj) -> Obj {
    // SAFETY: exactly a dict. The stored key is plain, so it dies quietly.
    unsafe {
        match find_key(dict, key) {
            Found::Here(_) if !traces_memory() => {}
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
    // SAFETY: exactly a dict, and live objects.
    unsafe {
        match find_key(dict, key) {
            Found::Here(_) => dict_pop(dict, key),
            Found::Missing => new_ref(default),
            Found::Unsafe => null_mut(),
        }
    }
}

unsafe extern "C" fn set_has(set: Obj, key: Obj) -> i64 {
    // SAFETY: exactly a set or frozenset.
    has(unsafe { find_member(set, key) })
}

unsafe extern "C" fn set_add(set: Obj, key: Obj) -> i64 {
    // SAFETY: exactly a set.
    unsafe {
        match find_member(set, key) {
            Found::Here(_) => return 0,
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
    // SAFETY: exactly a set. The member is plain, so it dies quietly.
    unsafe {
        match find_member(set, key) {
            Found::Here(_) => i64::from(api::PySet_Discard(set, key)),
            found => has(found),
        }
    }
}

/// `PySequence_Contains` of a list or tuple.
unsafe extern "C" fn sequence_has(sequence: Obj, key: Obj) -> i64 {
    // SAFETY: exactly a list or tuple. Nothing here changes it.
    unsafe {
        if !is_plain(key, KEY_DEPTH) {
            return -1;
        }
        let items = if is_list(sequence) {
            (*sequence.cast::<PyListObject>()).ob_item
        } else {
            tuple_items(sequence)
        };
        for at in 0..size_of(sequence) {
            let item = *items.offset(at);
            let both_ints = is_int(item) && is_int(key);
            if both_ints && size_of(item) != size_of(key) {
                continue;
            }
            match matches(item, key) {
                Some(true) => return 1,
                Some(false) => {}
                None => return -1,
            }
        }
        0
    }
}

// Lists.

unsafe extern "C" fn list_pop(list: Obj, index: i64) -> Obj {
    // SAFETY: exactly a list.
    unsafe {
        let list: *mut PyListObject = list.cast();
        let length = size_of(list.cast());
        let at = if index < 0 {
            index + length as i64
        } else {
            index
        } as isize;
        if at < 0 || at >= length || traces_memory() {
            return null_mut();
        }
        let item = *(*list).ob_item.offset(at);
        let fits = length > (*list).allocated >> 1;
        if fits && at == length - 1 {
            (*list).ob_base.ob_size = at;
            return item;
        }
        incref(item);
        if api::PyList_SetSlice(list.cast(), at, at + 1, null_mut()) < 0 {
            api::PyErr_Clear();
            decref(item);
            return null_mut();
        }
        item
    }
}

// Strs.

unsafe extern "C" fn str_has(container: Obj, item: Obj) -> i64 {
    // SAFETY: exactly strs.
    let found = unsafe { api::PyUnicode_Contains(container, item) };
    if found < 0 {
        // SAFETY: the GIL is held.
        unsafe { api::PyErr_Clear() };
    }
    i64::from(found)
}

unsafe extern "C" fn str_starts(text: Obj, part: Obj) -> i64 {
    // SAFETY: exactly strs, for which this does not fail.
    unsafe { api::PyUnicode_Tailmatch(text, part, 0, isize::MAX, -1) as i64 }
}

unsafe extern "C" fn str_ends(text: Obj, part: Obj) -> i64 {
    // SAFETY: exactly strs, for which this does not fail.
    unsafe { api::PyUnicode_Tailmatch(text, part, 0, isize::MAX, 1) as i64 }
}

unsafe extern "C" fn str_find(text: Obj, part: Obj) -> i64 {
    // SAFETY: exactly strs.
    unsafe {
        let found = api::PyUnicode_Find(text, part, 0, isize::MAX, 1);
        if found == -2 {
            api::PyErr_Clear();
        }
        found as i64
    }
}

unsafe extern "C" fn str_compare(a: Obj, b: Obj) -> i64 {
    // SAFETY: exactly strs, which always compare.
    unsafe { i64::from(api::PyUnicode_Compare(a, b)) }
}

/// Clears the exception of a computation that makes no containers.
unsafe fn or_clear(object: Obj) -> Obj {
    if object.is_null() {
        // SAFETY: the GIL is held. A MemoryError is all that there can be, and that is made beforehand.
        unsafe { api::PyErr_Clear() };
    }
    object
}

unsafe extern "C" fn str_concat(a: Obj, b: Obj) -> Obj {
    if traces_memory() {
        return null_mut();
    }
    // SAFETY: exactly strs.
    unsafe { or_clear(api::PyUnicode_Concat(a, b)) }
}

/// What keeps a loop of `s += t` linear.
unsafe extern "C" fn str_append(a: Obj, b: Obj) -> Obj {
    if traces_memory() {
        return leave() as Obj;
    }
    let mut text = a;
    // SAFETY: exactly strs; the reference to the first is the caller's last use of it.
    unsafe { api::PyUnicode_Append(&mut text, b) };
    text
}

/// The index that a subscript means, if it is inside.
fn inside(index: i64, length: isize) -> Option<isize> {
    let at = if index < 0 {
        index + length as i64
    } else {
        index
    };
    (0..length as i64).contains(&at).then_some(at as isize)
}

unsafe extern "C" fn str_item(text: Obj, index: i64) -> Obj {
    // SAFETY: exactly a str.
    unsafe {
        match inside(index, size_of(text)) {
            Some(at) if !traces_memory() => or_clear(api::PySequence_GetItem(text, at)),
            _ => null_mut(),
        }
    }
}

unsafe extern "C" fn bytes_item(bytes: Obj, index: i64) -> i64 {
    // SAFETY: exactly bytes.
    unsafe {
        match inside(index, size_of(bytes)) {
            Some(at) => {
                let first = (&raw const (*bytes.cast::<PyBytesObject>()).ob_sval).cast::<u8>();
                i64::from(*first.offset(at))
            }
            None => -1,
        }
    }
}

unsafe extern "C" fn str_ord(text: Obj) -> i64 {
    // SAFETY: exactly a str.
    unsafe {
        if size_of(text) != 1 {
            return -1;
        }
        i64::from(api::PyUnicode_ReadChar(text, 0))
    }
}

/// Whether `str % argument` formats nothing but strs, floats and Nones, and no float as an int.
pub(super) unsafe fn formats_quietly(format: Obj, argument: Obj) -> bool {
    // SAFETY: exactly a str, and a live object.
    unsafe {
        let arguments = if is_tuple(argument) {
            core::slice::from_raw_parts(tuple_items(argument), size_of(argument) as usize)
        } else {
            &[argument]
        };
        let is_text = |object: &Obj| is_str(*object) || is_float(*object) || *object == none();
        if !arguments.iter().all(is_text) {
            return false;
        }
        if !arguments.iter().any(|object| is_float(*object)) {
            return true;
        }
        let mut size = 0;
        let text = api::PyUnicode_AsUTF8AndSize(format, &mut size);
        if text.is_null() {
            api::PyErr_Clear();
            return false;
        }
        let text = core::slice::from_raw_parts(text.cast::<u8>(), size as usize);
        !text.iter().any(|byte| b"diu".contains(byte))
    }
}

/// `str(int)`, which does not look for signals.
unsafe fn decimal(value: i64) -> Obj {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    let text = &digits[at..];
    // SAFETY: a new ASCII str has its characters after its header.
    unsafe {
        let made = or_clear(api::PyUnicode_New(text.len() as isize, 127));
        if !made.is_null() {
            let characters = made.cast::<u8>().add(layout::PyASCIIObject::SIZE);
            characters.copy_from_nonoverlapping(text.as_ptr(), text.len());
        }
        made
    }
}

unsafe extern "C" fn quiet_binary(ts: Thread, a: Obj, b: Obj, op: i64) -> Obj {
    // SAFETY: live objects; the number is one of BINARY_OP's.
    unsafe {
        let remainder = op % 13 == 6 && is_str(a);
        if remainder && !formats_quietly(a, b) {
            return null_mut();
        }
        quietly(ts, false, || BINARY_OPS[op as usize](a, b))
    }
}

unsafe extern "C" fn get_slice(ts: Thread, containers: i64, sequence: Obj, slice: Obj) -> Obj {
    // SAFETY: a sequence of C, and a slice.
    unsafe {
        let parts: *mut PySliceObject = slice.cast();
        let is_index = |part: Obj| is_int(part) || part == none();
        if ![(*parts).start, (*parts).stop, (*parts).step]
            .into_iter()
            .all(is_index)
        {
            return null_mut();
        }
        quietly(ts, containers != 0, || {
            api::PyObject_GetItem(sequence, slice)
        })
    }
}

unsafe extern "C" fn new_slice(ts: Thread, start: Obj, stop: Obj) -> Obj {
    // SAFETY: live objects.
    unsafe { quietly(ts, true, || api::PySlice_New(start, stop, null_mut())) }
}

unsafe extern "C" fn text(ts: Thread, object: Obj, how: i64) -> Obj {
    // SAFETY: a number, str, bool, or None.
    unsafe {
        if is_int(object) {
            return match int_value(object) {
                Some(value) if !traces_memory() => decimal(value),
                _ => null_mut(),
            };
        }
        quietly(ts, false, || match how {
            0 => api::PyObject_Format(object, null_mut()),
            1 => api::PyObject_Str(object),
            2 => api::PyObject_Repr(object),
            _ => api::PyObject_ASCII(object),
        })
    }
}

unsafe extern "C" fn format(ts: Thread, object: Obj, spec: Obj) -> Obj {
    // SAFETY: a float or str, and a str.
    unsafe { quietly(ts, false, || api::PyObject_Format(object, spec)) }
}

/// Strs as one, as BUILD_STRING makes it.
unsafe fn join(parts: &[Obj]) -> Obj {
    if traces_memory() {
        return null_mut();
    }
    // SAFETY: exactly strs.
    unsafe {
        let joined =
            api::_PyUnicode_JoinArray(runtime::str_empty(), parts.as_ptr(), parts.len() as isize);
        or_clear(joined)
    }
}

macro_rules! of_values {
    ($($name:ident ($($value:ident),+) $function:ident;)*) => {
        $(
            unsafe extern "C" fn $name($($value: Obj),+) -> Obj {
                // SAFETY: live objects.
                unsafe { $function(&[$($value),+]) }
            }
        )*
    };
}

of_values! {
    join2(a, b) join;
    join3(a, b, c) join;
    join4(a, b, c, d) join;
    join5(a, b, c, d, e) join;
    join6(a, b, c, d, e, f) join;
}

// New containers.

unsafe fn tuple_of(ts: Thread, values: &[Obj]) -> Obj {
    // SAFETY: live objects.
    unsafe {
        quietly(ts, true, || {
            let tuple = api::PyTuple_New(values.len() as isize);
            if !tuple.is_null() {
                for (at, value) in values.iter().enumerate() {
                    *tuple_items(tuple).add(at) = new_ref(*value);
                }
            }
            tuple
        })
    }
}

unsafe fn list_of(ts: Thread, values: &[Obj]) -> Obj {
    // SAFETY: live objects.
    unsafe {
        quietly(ts, true, || {
            let list = api::PyList_New(values.len() as isize);
            if !list.is_null() {
                for (at, value) in values.iter().enumerate() {
                    *(*list.cast::<PyListObject>()).ob_item.add(at) = new_ref(*value);
                }
            }
            list
        })
    }
}

macro_rules! containers {
    ($($name:ident ($($value:ident),*) $function:ident;)*) => {
        $(
            unsafe extern "C" fn $name(ts: Thread, $($value: Obj),*) -> Obj {
                // SAFETY: live objects.
                unsafe { $function(ts, &[$($value),*]) }
            }
        )*
    };
}

containers! {
    new_tuple1(a) tuple_of;
    new_tuple2(a, b) tuple_of;
    new_tuple3(a, b, c) tuple_of;
    new_tuple4(a, b, c, d) tuple_of;
    new_list0() list_of;
    new_list1(a) list_of;
    new_list2(a, b) list_of;
    new_list3(a, b, c) list_of;
    new_list4(a, b, c, d) list_of;
}

unsafe extern "C" fn new_dict(ts: Thread) -> Obj {
    // SAFETY: the current thread's state.
    unsafe { quietly(ts, true, || api::PyDict_New()) }
}

// Iterators.

unsafe extern "C" fn quiet_iter(ts: Thread, containers: i64, object: Obj) -> Obj {
    // SAFETY: a container or iterator of C.
    unsafe { quietly(ts, containers != 0, || api::PyObject_GetIter(object)) }
}

/// What [`quiet_next`] returns where the interpreter has to take the item. Its address counts.
static LEAVE: u64 = 0;

/// The object that says that the interpreter has to take the next item.
pub(super) fn leave() -> u64 {
    (&raw const LEAVE).addr() as u64
}

/// `dictiterobject` of `Objects/dictobject.c`; its size is checked before it is relied on.
#[repr(C)]
struct DictIter {
    base: PyObject,
    dict: Obj,
    used: isize,
    pos: isize,
    result: Obj,
    len: isize,
}

/// `setiterobject` of `Objects/setobject.c`.
#[repr(C)]
struct SetIter {
    base: PyObject,
    set: Obj,
    used: isize,
    pos: isize,
    len: isize,
}

/// `enumobject` of `Objects/enumobject.c`.
#[repr(C)]
struct EnumIter {
    base: PyObject,
    index: isize,
    inner: Obj,
    result: Obj,
    long_index: Obj,
    one: Obj,
}

/// `zipobject` of `Python/bltinmodule.c`.
#[repr(C)]
struct ZipIter {
    base: PyObject,
    count: isize,
    inner: Obj,
    result: Obj,
    strict: c_int,
}

/// What kind of iterator an object is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum IterKind {
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
        if is(&raw mut api::PyDictIterKey_Type)
            || is(&raw mut api::PyDictIterValue_Type)
            || is(&raw mut api::PyDictIterItem_Type)
        {
            return sized(core::mem::size_of::<DictIter>()).then_some(IterKind::Dict);
        }
        if is(&raw mut api::PySetIter_Type) {
            return sized(core::mem::size_of::<SetIter>()).then_some(IterKind::Set);
        }
        if is(&raw mut api::PyEnum_Type) {
            return sized(core::mem::size_of::<EnumIter>()).then_some(IterKind::Enumerate);
        }
        if is(&raw mut api::PyZip_Type) {
            return sized(core::mem::size_of::<ZipIter>()).then_some(IterKind::Zip);
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
                let goes = !(*iter).dict.is_null() && is_last_of((*iter).dict, (*iter).len <= 0);
                if goes {
                    None
                } else {
                    new_results((*iter).result)
                }
            }
            IterKind::Set => {
                let iter: *mut SetIter = object.cast();
                let goes = !(*iter).set.is_null() && is_last_of((*iter).set, (*iter).len <= 0);
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
pub(super) unsafe fn is_quiet_iter(object: Obj, depth: u32) -> bool {
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
pub(super) const ITER_DEPTH: u32 = 2;

unsafe extern "C" fn quiet_next(ts: Thread, iterator: Obj) -> Obj {
    // SAFETY: an iterator of C.
    unsafe {
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

// Numbers.

extern "C" fn min_i64(a: i64, b: i64) -> i64 {
    a.min(b)
}

extern "C" fn max_i64(a: i64, b: i64) -> i64 {
    a.max(b)
}

/// `math.gcd`; negative if it does not fit.
extern "C" fn gcd_i64(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i64::try_from(a).unwrap_or(-1)
}

/// `math.isqrt`; negative if there is none.
extern "C" fn isqrt_i64(a: i64) -> i64 {
    u64::try_from(a).map_or(-1, |a| a.isqrt() as i64)
}

/// The second only if it is smaller, whatever NaN and zeros of different signs are.
extern "C" fn min_f64(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

extern "C" fn max_f64(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// For finite numbers; `math` has cases of its own for others.
extern "C" fn atan2(y: f64, x: f64) -> f64 {
    if !x.is_finite() || !y.is_finite() {
        return f64::NAN;
    }
    // SAFETY: no preconditions.
    unsafe { libm::atan2(y, x) }
}

extern "C" fn pow_finite(x: f64, y: f64) -> f64 {
    if !x.is_finite() || !y.is_finite() {
        return f64::NAN;
    }
    // SAFETY: no preconditions.
    unsafe { libm::pow(x, y) }
}

extern "C" fn fmod(x: f64, y: f64) -> f64 {
    if !x.is_finite() || !y.is_finite() {
        return f64::NAN;
    }
    // SAFETY: no preconditions.
    unsafe { libm::fmod(x, y) }
}
