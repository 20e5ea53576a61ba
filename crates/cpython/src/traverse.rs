//! What the most usual objects refer to, shown to the collector without a call for each reference.
//!
//! A collection goes twice over all objects that it is about: it takes the references among them off their counts
//! (`visit_decref`), and follows those of what is left over (`visit_reachable`). The executable of CPython has both
//! visitors inlined into the functions that show references, by link-time optimisation with a profile; its static library
//! has been made without, so that a call by pointer is spent on each reference. Here is the same for
//! the types that nearly all references are in. The order is CPython's, which `gc.get_referents` shows.
//!
//! The visitors are private to CPython's `gcmodule.c`; the build makes them global, see `build.rs`. Where it cannot, types
//! keep CPython's functions.

use core::ffi::{c_int, c_void};
use core::ops::ControlFlow::{self, Continue};

use crate::api;
use crate::code::PyFunctionObject;
use crate::inline::{cached_keys, dict_entries, size_of, tuple_items, type_of, values_pointer};
use crate::object::{
    PyCellObject, PyDictKeyEntry, PyDictObject, PyDictUnicodeEntry, PyListObject, PyMethodObject,
    PyObject, visitproc,
};

/// `DICT_KEYS_GENERAL`: the kind of keys that are not all of type str.
const GENERAL: u8 = 0;

/// What the visitor says of an object: to go on, or the number to stop with.
type Said = ControlFlow<c_int>;

/// Objects that refer to others.
trait Container {
    /// Shows the references of an object, in CPython's order. Null stands for none.
    ///
    /// # Safety
    /// A live object of this type, and the GIL is held.
    unsafe fn show(object: *mut PyObject, see: impl FnMut(*mut PyObject) -> Said) -> Said;
}

struct List;
struct Tuple;
struct Dict;
struct Function;
struct Method;
struct Cell;
/// The inline values of an instance.
struct Attributes;

impl Container for List {
    #[inline(always)]
    unsafe fn show(object: *mut PyObject, mut see: impl FnMut(*mut PyObject) -> Said) -> Said {
        // SAFETY: by the caller's promise.
        unsafe {
            let items = (*object.cast::<PyListObject>()).ob_item;
            for index in (0..size_of(object) as usize).rev() {
                see(*items.add(index))?;
            }
        }
        Continue(())
    }
}

impl Container for Tuple {
    #[inline(always)]
    unsafe fn show(object: *mut PyObject, mut see: impl FnMut(*mut PyObject) -> Said) -> Said {
        // SAFETY: by the caller's promise.
        unsafe {
            let items = tuple_items(object);
            for index in (0..size_of(object) as usize).rev() {
                see(*items.add(index))?;
            }
        }
        Continue(())
    }
}

impl Container for Dict {
    #[inline(always)]
    unsafe fn show(object: *mut PyObject, mut see: impl FnMut(*mut PyObject) -> Said) -> Said {
        // SAFETY: by the caller's promise; entries are of the kind that the keys tell.
        unsafe {
            let dict: *mut PyDictObject = object.cast();
            let keys = (*dict).ma_keys;
            let count = (*keys).dk_nentries as usize;
            if (*keys).dk_kind == GENERAL {
                let entries: *mut PyDictKeyEntry = dict_entries(keys);
                for index in 0..count {
                    let entry = entries.add(index);
                    if !(*entry).me_value.is_null() {
                        see((*entry).me_value)?;
                        see((*entry).me_key)?;
                    }
                }
            } else if (*dict).ma_values.is_null() {
                let entries: *mut PyDictUnicodeEntry = dict_entries(keys);
                for index in 0..count {
                    see((*entries.add(index)).me_value)?;
                }
            } else {
                let values: *mut *mut PyObject = (&raw mut (*(*dict).ma_values).values).cast();
                for index in 0..count {
                    see(*values.add(index))?;
                }
            }
        }
        Continue(())
    }
}

impl Container for Function {
    #[inline(always)]
    unsafe fn show(object: *mut PyObject, mut see: impl FnMut(*mut PyObject) -> Said) -> Said {
        // SAFETY: by the caller's promise.
        let function = unsafe { &*object.cast::<PyFunctionObject>() };
        see(function.func_code.cast())?;
        see(function.func_globals)?;
        see(function.func_builtins)?;
        see(function.func_module)?;
        see(function.func_defaults)?;
        see(function.func_kwdefaults)?;
        see(function.func_doc)?;
        see(function.func_name)?;
        see(function.func_dict)?;
        see(function.func_closure)?;
        see(function.func_annotations)?;
        see(function.func_qualname)
    }
}

impl Container for Method {
    #[inline(always)]
    unsafe fn show(object: *mut PyObject, mut see: impl FnMut(*mut PyObject) -> Said) -> Said {
        // SAFETY: by the caller's promise.
        let method = unsafe { &*object.cast::<PyMethodObject>() };
        see(method.im_func)?;
        see(method.im_self)
    }
}

impl Container for Cell {
    #[inline(always)]
    unsafe fn show(object: *mut PyObject, mut see: impl FnMut(*mut PyObject) -> Said) -> Said {
        // SAFETY: by the caller's promise.
        see(unsafe { (*object.cast::<PyCellObject>()).ob_ref })
    }
}

impl Container for Attributes {
    #[inline(always)]
    unsafe fn show(object: *mut PyObject, mut see: impl FnMut(*mut PyObject) -> Said) -> Said {
        // SAFETY: by the caller's promise; such a class shares keys.
        unsafe {
            let values = *values_pointer(object);
            if values.is_null() {
                return Continue(());
            }
            let keys = cached_keys(type_of(object));
            let values: *mut *mut PyObject = (&raw mut (*values).values).cast();
            for index in 0..(*keys).dk_nentries as usize {
                see(*values.add(index))?;
            }
        }
        Continue(())
    }
}

/// Shows the references of an object to a visitor: `tp_traverse`.
///
/// # Safety
/// As for [`Container::show`]; `visit` can be called with `data`.
unsafe extern "C" fn traverse<C: Container>(
    object: *mut PyObject,
    visit: visitproc,
    data: *mut c_void,
) -> c_int {
    // SAFETY: by the caller's promise; what objects refer to is alive.
    let said = unsafe {
        #[cfg(pyrt_gc_visitors)]
        if visit as *const () == visitors::pyrt_visit_decref as *const () {
            return ended(C::show(object, |object| visitors::subtract(object)));
        } else if visit as *const () == visitors::pyrt_visit_reachable as *const () {
            return ended(C::show(object, |object| visitors::reach(object, data)));
        }
        C::show(object, |object| match object.is_null() {
            true => Continue(()),
            false => match visit(object, data) {
                0 => Continue(()),
                number => ControlFlow::Break(number),
            },
        })
    };
    ended(said)
}

const fn ended(said: Said) -> c_int {
    match said {
        Continue(()) => 0,
        ControlFlow::Break(number) => number,
    }
}

/// `_PyObject_VisitInstanceAttributes`: shows what the inline values of an instance refer to.
///
/// # Safety
/// A live instance of a class with managed dicts; the GIL is held; `visit` can be called with `data`.
pub unsafe fn attributes(object: *mut PyObject, visit: visitproc, data: *mut c_void) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { traverse::<Attributes>(object, visit, data) }
}

/// Has types show their references by the functions here.
///
/// # Safety
/// Called once, before CPython is initialised.
pub unsafe fn install() {
    if !cfg!(pyrt_gc_visitors) {
        return;
    }
    // SAFETY: by the caller's promise nobody else uses the types.
    unsafe {
        api::PyList_Type.tp_traverse = Some(traverse::<List>);
        api::PyTuple_Type.tp_traverse = Some(traverse::<Tuple>);
        api::PyDict_Type.tp_traverse = Some(traverse::<Dict>);
        api::PyFunction_Type.tp_traverse = Some(traverse::<Function>);
        api::PyMethod_Type.tp_traverse = Some(traverse::<Method>);
        api::PyCell_Type.tp_traverse = Some(traverse::<Cell>);
    }
}

#[cfg(pyrt_gc_visitors)]
mod visitors {
    use super::*;
    use crate::collector::{GcHead, head};
    use crate::layout::PyGCHead::{COLLECTING, REFERENCE};
    use crate::object::flags::HAVE_GC;
    use core::ptr::null_mut;

    unsafe extern "C" {
        pub(super) fn pyrt_visit_decref(object: *mut PyObject, data: *mut c_void) -> c_int;
        pub(super) fn pyrt_visit_reachable(object: *mut PyObject, data: *mut c_void) -> c_int;
    }

    /// `NEXT_MASK_UNREACHABLE` of `gcmodule.c`: the object is in the list of those that seem unreachable.
    const UNREACHABLE: usize = 1;

    /// What is known of an object without a call.
    enum Known {
        /// The collection is not about it.
        Other,
        /// It may be among those collected: its head tells.
        Head(*mut GcHead),
        /// Its type has to be asked (`tp_is_gc`).
        Ask,
    }

    #[inline(always)]
    unsafe fn known(object: *mut PyObject) -> Known {
        if object.is_null() {
            return Known::Other;
        }
        // SAFETY: a live object.
        let class = unsafe { &*type_of(object) };
        if class.tp_flags & HAVE_GC == 0 {
            Known::Other
        } else if class.tp_is_gc.is_some() {
            Known::Ask
        } else {
            Known::Head(head(object))
        }
    }

    /// `visit_decref`.
    ///
    /// # Safety
    /// Null or a live object, in a collection that is counting.
    #[inline(always)]
    pub(super) unsafe fn subtract(object: *mut PyObject) -> Said {
        // SAFETY: by the caller's promise the head is one, and its count is that of references.
        unsafe {
            match known(object) {
                Known::Other => {}
                Known::Ask => {
                    pyrt_visit_decref(object, null_mut());
                }
                Known::Head(head) => {
                    if (*head)._gc_prev & COLLECTING != 0 {
                        (*head)._gc_prev -= REFERENCE;
                    }
                }
            }
        }
        Continue(())
    }

    /// `visit_reachable`.
    ///
    /// # Safety
    /// Null or a live object, in a collection that looks for what is reachable; `list` is the list of that.
    #[inline(always)]
    pub(super) unsafe fn reach(object: *mut PyObject, list: *mut c_void) -> Said {
        // SAFETY: by the caller's promise the head is one.
        unsafe {
            match known(object) {
                Known::Other => {}
                Known::Ask => {
                    pyrt_visit_reachable(object, list);
                }
                Known::Head(head) => {
                    let previous = (*head)._gc_prev;
                    if previous & COLLECTING == 0 {
                        return Continue(());
                    }
                    if (*head)._gc_next & UNREACHABLE != 0 {
                        pyrt_visit_reachable(object, list);
                    } else if previous < REFERENCE {
                        (*head)._gc_prev = previous | REFERENCE;
                    }
                }
            }
        }
        Continue(())
    }
}
