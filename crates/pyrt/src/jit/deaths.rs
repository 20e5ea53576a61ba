//! Deaths that run no code of the program.
//!
//! A trace gives up a last reference by itself if the object, and whatever dies with it, has no finalizer
//! and no weak references. That is found out by looking at what the object holds, so there are limits.

use core::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use pyrt_cpython::api;
use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::collector;
use pyrt_cpython::exceptions::{self, PyBaseExceptionObject, PyTracebackObject};
use pyrt_cpython::frame::{FRAME_CLEARED, FRAME_OWNED_BY_FRAME_OBJECT, PyGenObject};
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{
    PyCellObject, PyDictObject, PyDictUnicodeEntry, PyListObject, PyMemberDef, PyMethodObject,
    PyObject, PySequenceIterObject, PySetObject, PyTypeObject, flags, member,
};
use pyrt_cpython::state::{PyInterpreterState, runtime};

use super::burial::bury;
use super::ends::{End, end_of};
use super::quiet::viewed;

/// How many references an object that dies with another one may hold to be looked at.
const MOST_CHILDREN: isize = 32;
/// How many the first one may hold: most of those that it holds usually live on.
const MOST_OF_FIRST: isize = 1024;
/// How many entries a traceback may have to be looked at.
pub(super) const MOST_ENTRIES: u32 = 16;
/// How deep to look.
pub(super) const DEPTH: u32 = 4;

/// Gives up the last reference to an object if nothing of the program runs then: 1 if so.
pub(super) unsafe extern "C" fn release_quiet(object: *mut u8) -> u8 {
    // SAFETY: compiled code owns the reference.
    unsafe { bury(object.cast()).into() }
}

/// Whether to give up a reference to an object, or null, may run code, as far as can be seen now: it is the last one to
/// what does not die quietly.
pub(super) unsafe fn may_run_code(object: *mut PyObject) -> bool {
    // SAFETY: a live object, or null.
    unsafe {
        !object.is_null()
            && (*object).ob_refcnt == 1
            && match has_flag(object, flags::BASE_EXC_SUBCLASS) {
                true => !exception_dies_quietly(object.cast(), DEPTH),
                false => !dies_quietly(object, DEPTH),
            }
    }
}

/// Whether an object's death runs no code, for an object whose last reference goes.
pub(super) unsafe fn dies_quietly(object: *mut PyObject, depth: u32) -> bool {
    // SAFETY: live objects.
    unsafe {
        let class = type_of(object);
        let end = end_of(class);
        if end == Some(End::Alone) {
            return true;
        }
        if depth == 0 {
            return false;
        }
        let depth = depth - 1;
        let Some(end) = end else {
            let is_instance = (*class).tp_flags & flags::MANAGED_DICT != 0
                || (*class).tp_dealloc as usize == subtype_dealloc();
            return is_instance && instance_dies_quietly(object, depth);
        };
        match end {
            End::Alone => true,
            End::Tuple => all_lost_quietly(tuple_items(object), size_of(object), depth),
            End::List => {
                let items = (*object.cast::<PyListObject>()).ob_item;
                all_lost_quietly(items, size_of(object), depth)
            }
            End::SequenceIter => {
                let sequence = (*object.cast::<PySequenceIterObject>()).it_seq;
                loses_quietly(sequence, 1, depth)
            }
            End::Cell => loses_quietly((*object.cast::<PyCellObject>()).ob_ref, 1, depth),
            End::Method => {
                let method: *mut PyMethodObject = object.cast();
                !has_weak_references(object)
                    && loses_quietly((*method).im_func, 1, depth)
                    && loses_quietly((*method).im_self, 1, depth)
            }
            End::Function => function_dies_quietly(object.cast(), depth),
            End::Dict => dict_dies_quietly(object.cast(), depth),
            End::Frame => {
                let state = (*object.cast::<PyGenObject>()).gi_frame_state;
                state == FRAME_CLEARED && !has_weak_references(object)
            }
            End::View => {
                let viewed = viewed(object);
                viewed.is_some_and(|held| held.iter().all(|held| loses_quietly(*held, 1, depth)))
            }
            End::Set => !has_weak_references(object) && members_go_quietly(object.cast(), depth),
            End::Passive => !has_weak_references(object) && visited_quietly(object, depth),
        }
    }
}

/// Whether all members of a set may lose a reference without code being run.
unsafe fn members_go_quietly(set: *mut PySetObject, depth: u32) -> bool {
    // SAFETY: a live set. What stands where a member was removed lives forever.
    unsafe {
        let (used, slots) = ((*set).used, (*set).mask as usize + 1);
        used <= MOST_CHILDREN
            && core::slice::from_raw_parts((*set).table, slots)
                .iter()
                .all(|slot| loses_quietly(slot.key, 1, depth))
    }
}

/// What a visit of the references of an object wants to know, and finds out.
struct Visit {
    depth: u32,
    left: isize,
    quiet: bool,
}

/// Whether all that an object refers to may lose a reference without code being run.
unsafe fn visited_quietly(object: *mut PyObject, depth: u32) -> bool {
    unsafe extern "C" fn visit(child: *mut PyObject, data: *mut c_void) -> c_int {
        // SAFETY: called by `tp_traverse` below, with a live object and our data.
        unsafe {
            let visit = &mut *data.cast::<Visit>();
            visit.left -= 1;
            visit.quiet &= visit.left >= 0 && loses_quietly(child, 1, visit.depth);
            c_int::from(!visit.quiet)
        }
    }
    let mut data = Visit {
        depth,
        left: MOST_CHILDREN,
        quiet: true,
    };
    // SAFETY: a live object.
    unsafe {
        if let Some(traverse) = (*type_of(object)).tp_traverse {
            traverse(object, visit, (&raw mut data).cast());
        }
    }
    data.quiet
}

/// Whether an object may lose up to `references` references without code being run.
#[inline(always)]
pub(super) unsafe fn loses_quietly(object: *mut PyObject, references: isize, depth: u32) -> bool {
    // SAFETY: a live object, or a hole.
    unsafe {
        object.is_null()
            || (*object).ob_refcnt > references
            || is_leaf(object)
            || dies_quietly(object, depth)
    }
}

unsafe fn all_lost_quietly(items: *const *mut PyObject, count: isize, depth: u32) -> bool {
    let most = if depth + 1 < DEPTH {
        MOST_CHILDREN
    } else {
        MOST_OF_FIRST
    };
    if count <= 0 {
        return true;
    }
    // SAFETY: as many items.
    unsafe {
        count <= most
            && core::slice::from_raw_parts(items, count as usize)
                .iter()
                .all(|item| loses_quietly(*item, count, depth))
    }
}

pub(super) unsafe fn has_weak_references(object: *mut PyObject) -> bool {
    // SAFETY: a live object; its type says where the list is.
    unsafe {
        let offset = (*type_of(object)).tp_weaklistoffset;
        offset > 0 && !(*object.byte_offset(offset).cast::<*mut PyObject>()).is_null()
    }
}

/// The function that ends instances of classes made by `class` statements; 0 until it was asked for.
static SUBTYPE_DEALLOC: AtomicUsize = AtomicUsize::new(0);

/// CPython keeps that function to itself, but makes `ExceptionGroup` as a program would.
fn subtype_dealloc() -> usize {
    let known = SUBTYPE_DEALLOC.load(Relaxed);
    if known != 0 {
        return known;
    }
    // SAFETY: the GIL is held.
    unsafe {
        let interp = (*runtime::current_thread()).interp;
        let class: *mut PyTypeObject = (*PyInterpreterState::exception_group(interp)).cast();
        let found = (*class).tp_dealloc as usize;
        SUBTYPE_DEALLOC.store(found, Relaxed);
        found
    }
}

/// Whether classes made by `class` statements are all that the object's class has above `object`.
unsafe fn is_plain_class(class: *mut PyTypeObject) -> bool {
    // SAFETY: live types.
    unsafe {
        let mut base = class;
        while (*base).tp_dealloc as usize == subtype_dealloc() {
            base = (*base).tp_base;
        }
        base == &raw mut api::PyBaseObject_Type
    }
}

/// Whether an instance of a class keeps its attributes in inline values, and when it dies nothing happens but that it gives
/// them up.
pub(super) unsafe fn ends_plainly(class: *mut PyTypeObject) -> bool {
    // SAFETY: a live class.
    unsafe {
        (*class).tp_flags & flags::MANAGED_DICT != 0
            && !has_finalizer(class)
            && is_plain_class(class)
    }
}

/// Whether instances of a class have something to do when they die.
unsafe fn has_finalizer(class: *mut PyTypeObject) -> bool {
    // SAFETY: a live class.
    unsafe { !(*class).tp_finalize.is_null() || !(*class).tp_del.is_null() }
}

/// An instance of a class without finalizer: what its slots and its attributes hold goes with it.
unsafe fn instance_dies_quietly(object: *mut PyObject, depth: u32) -> bool {
    // SAFETY: a live object.
    unsafe {
        let class = type_of(object);
        if has_finalizer(class)
            || (*class).ob_base.ob_base.ob_refcnt <= 1
            || has_weak_references(object)
            || !is_plain_class(class)
        {
            return false;
        }
        let mut base = class;
        while base != &raw mut api::PyBaseObject_Type {
            if !members_lost_quietly(object, base, depth) {
                return false;
            }
            base = (*base).tp_base;
        }
        (*class).tp_flags & flags::MANAGED_DICT == 0 || attributes_lost_quietly(object, depth)
    }
}

/// Whether nothing happens when an exception dies but that it gives up its attributes, its arguments and its traceback:
/// `subtype_dealloc` and `BaseException_dealloc`.
pub(super) unsafe fn ends_as_exceptions(exc: *mut PyObject) -> bool {
    // SAFETY: a live exception, and its classes.
    unsafe {
        let class = type_of(exc);
        let parts: *mut PyBaseExceptionObject = exc.cast();
        if !(*parts).notes.is_null()
            || !(*parts).context.is_null()
            || !(*parts).cause.is_null()
            || !exceptions::is_plain(class)
            || (*class).tp_free != api::PyObject_GC_Del as *mut c_void
            || (*class).ob_base.ob_base.ob_refcnt <= 1
            || has_finalizer(class)
            || has_weak_references(exc)
            || !collector::is_tracked(exc)
        {
            return false;
        }
        let mut base = class;
        while (*base).tp_dealloc as usize == subtype_dealloc() {
            if (*base).ob_base.ob_size != 0 {
                return false;
            }
            base = (*base).tp_base;
        }
        let exception: *mut PyTypeObject = api::PyExc_BaseException.cast();
        (*base).tp_dealloc as usize == (*exception).tp_dealloc as usize
    }
}

/// Whether an exception's death probably runs no code: what it holds goes with it. Some of that may be held by several
/// parts of it, so it takes [`bury`] to know.
unsafe fn exception_dies_quietly(exc: *mut PyBaseExceptionObject, depth: u32) -> bool {
    // SAFETY: a live exception.
    unsafe {
        ends_as_exceptions(exc.cast())
            && loses_quietly((*exc).dict, 1, depth)
            && loses_quietly((*exc).args, 1, depth)
            && traceback_lost_quietly((*exc).traceback.cast(), depth)
    }
}

unsafe fn traceback_lost_quietly(traceback: *mut PyTracebackObject, depth: u32) -> bool {
    // SAFETY: live entries and frames.
    unsafe {
        let mut entry = traceback;
        for _ in 0..MOST_ENTRIES {
            if entry.is_null() || (*entry.cast::<PyObject>()).ob_refcnt > 1 {
                return true;
            }
            let frame = (*(*entry).tb_frame).f_frame;
            if (*frame).owner == FRAME_OWNED_BY_FRAME_OBJECT
                && !all_lost_quietly(locals(frame), (*frame).stacktop as isize, depth)
            {
                return false;
            }
            entry = (*entry).tb_next;
        }
        false
    }
}

/// Whether some class of a plain instance defines `__slots__`.
pub(super) unsafe fn has_slots(class: *mut PyTypeObject) -> bool {
    // SAFETY: live types, of which `object` is the last.
    unsafe {
        let mut base = class;
        while base != &raw mut api::PyBaseObject_Type && (*base).ob_base.ob_size == 0 {
            base = (*base).tp_base;
        }
        base != &raw mut api::PyBaseObject_Type
    }
}

/// Whether an object's death affects nothing else.
pub(super) unsafe fn is_leaf(object: *mut PyObject) -> bool {
    // SAFETY: a live object.
    unsafe { is_int(object) || is_float(object) || is_str(object) || is_bytes(object) }
}

/// The `__slots__` that one class of an object defines.
unsafe fn members_lost_quietly(
    object: *mut PyObject,
    class: *mut PyTypeObject,
    depth: u32,
) -> bool {
    // SAFETY: a class made by a `class` statement: its members follow it.
    unsafe {
        let count = (*class).ob_base.ob_size;
        let metaclass = type_of(class.cast());
        let members: *const PyMemberDef = class.byte_offset((*metaclass).tp_basicsize).cast();
        count <= MOST_CHILDREN
            && (0..count).all(|at| {
                let found = &*members.offset(at);
                found.kind == member::OBJECT_EX
                    && loses_quietly(*object.byte_offset(found.offset).cast(), count, depth)
            })
    }
}

/// The attributes that an object keeps inline or in a dict of its own.
unsafe fn attributes_lost_quietly(object: *mut PyObject, depth: u32) -> bool {
    // SAFETY: an object with a managed dict.
    unsafe {
        let dict = *managed_dict_pointer(object);
        if !dict.is_null() && !loses_quietly(dict.cast(), 1, depth + 1) {
            return false;
        }
        let values = *values_pointer(object);
        if values.is_null() {
            return true;
        }
        let used = (*cached_keys(type_of(object))).dk_nentries;
        all_lost_quietly((&raw const (*values).values).cast(), used, depth)
    }
}

unsafe fn function_dies_quietly(function: *mut PyFunctionObject, depth: u32) -> bool {
    // SAFETY: a live function. Its globals and code have other references, or it does not die quietly.
    unsafe {
        let function = &*function;
        if has_weak_references(core::ptr::from_ref(function).cast_mut().cast()) {
            return false;
        }
        let kept = [
            function.func_globals,
            function.func_builtins,
            function.func_code.cast(),
        ];
        let lost = [
            function.func_defaults,
            function.func_kwdefaults,
            function.func_closure,
        ];
        kept.iter().all(|object| (**object).ob_refcnt > 1)
            && lost.iter().all(|object| loses_quietly(*object, 1, depth))
            && function.func_annotations.is_null()
    }
}

unsafe fn dict_dies_quietly(dict: *mut PyDictObject, depth: u32) -> bool {
    // SAFETY: a live dict.
    unsafe {
        let keys = (*dict).ma_keys;
        let count = (*keys).dk_nentries;
        // With keys of a class, or others than strs, it takes more to look at them.
        if !(*dict).ma_values.is_null() || (*keys).dk_kind == 0 || count > MOST_CHILDREN {
            return (*dict).ma_used == 0 && (*dict).ma_values.is_null();
        }
        let entries = dict_entries::<PyDictUnicodeEntry>(keys);
        (0..count).all(|at| loses_quietly((*entries.offset(at)).me_value, count, depth))
    }
}
