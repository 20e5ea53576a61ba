//! Structural pattern matching (PEP 634): class and mapping patterns.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyObject, PySsize, PyTypeObject, flags};
use pyrt_cpython::state::runtime;

/// An owned reference, dropped at the end of its scope.
struct Owned(*mut PyObject);

impl Owned {
    /// `Err` for null, with the exception that is set.
    fn new(object: *mut PyObject) -> Result<Owned, ()> {
        if object.is_null() {
            Err(())
        } else {
            Ok(Owned(object))
        }
    }

    fn into_raw(self) -> *mut PyObject {
        core::mem::ManuallyDrop::new(self).0
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: owned by construction.
        unsafe { decref(self.0) }
    }
}

/// Adds a key or name to those seen: `Ok(false)` when it was there already.
unsafe fn remember(seen: &Owned, item: *mut PyObject) -> Result<bool, ()> {
    // SAFETY: a set and a live object.
    unsafe {
        match api::PySet_Contains(seen.0, item) {
            0 if api::PySet_Add(seen.0, item) == 0 => Ok(true),
            1 => Ok(false),
            _ => Err(()),
        }
    }
}

/// `MATCH_KEYS`: the tuple of the keys' values, `None` when one is missing, null
/// on error. New reference.
#[inline(never)]
pub(super) unsafe fn match_keys(subject: *mut PyObject, keys: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live mapping and a tuple of keys.
    unsafe {
        match keys_values(subject, keys) {
            Ok(Some(values)) => values.into_raw(),
            Ok(None) => new_ref(none()),
            Err(()) => core::ptr::null_mut(),
        }
    }
}

unsafe fn keys_values(subject: *mut PyObject, keys: *mut PyObject) -> Result<Option<Owned>, ()> {
    // SAFETY: by the caller's promise.
    unsafe {
        let count = size_of(keys) as usize;
        if count == 0 {
            return Owned::new(api::PyTuple_New(0)).map(Some);
        }
        // `get` with a default of our own: one look-up, and no `__missing__`.
        let get = Owned::new(api::PyObject_GetAttr(subject, runtime::id_get()))?;
        let seen = Owned::new(api::PySet_New(core::ptr::null_mut()))?;
        let absent = Owned::new(api::PyObject_CallNoArgs(
            (&raw mut api::PyBaseObject_Type).cast(),
        ))?;
        let values = Owned::new(api::PyTuple_New(count as PySsize))?;
        for i in 0..count {
            let key = tuple_item(keys, i);
            if !remember(&seen, key)? {
                api::PyErr_Format(
                    api::PyExc_ValueError,
                    c"mapping pattern checks duplicate key (%R)".as_ptr(),
                    key,
                );
                return Err(());
            }
            let args = [key, absent.0];
            let value = Owned::new(api::PyObject_Vectorcall(
                get.0,
                args.as_ptr(),
                args.len(),
                core::ptr::null_mut(),
            ))?;
            if value.0 == absent.0 {
                return Ok(None);
            }
            *tuple_items(values.0).add(i) = value.into_raw();
        }
        Ok(Some(values))
    }
}

/// `MATCH_CLASS`: the tuple of the attributes matched positionally and by name,
/// `None` when the subject does not match, null on error. New reference.
#[inline(never)]
pub(super) unsafe fn match_class(
    subject: *mut PyObject,
    class: *mut PyObject,
    positional: usize,
    names: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: live operands, `names` a tuple.
    unsafe {
        match class_attributes(subject, class, positional, names) {
            Ok(Some(attributes)) => attributes.into_raw(),
            Ok(None) => new_ref(none()),
            Err(()) => core::ptr::null_mut(),
        }
    }
}

unsafe fn class_attributes(
    subject: *mut PyObject,
    class: *mut PyObject,
    positional: usize,
    names: *mut PyObject,
) -> Result<Option<Owned>, ()> {
    // SAFETY: by the caller's promise.
    unsafe {
        if !has_flag(class, flags::TYPE_SUBCLASS) {
            api::PyErr_SetString(
                api::PyExc_TypeError,
                c"called match pattern must be a type".as_ptr(),
            );
            return Err(());
        }
        match api::PyObject_IsInstance(subject, class) {
            0 => return Ok(None),
            1.. => {}
            _ => return Err(()),
        }
        let pattern = ClassPattern {
            subject,
            class: class.cast(),
            seen: Owned::new(api::PySet_New(core::ptr::null_mut()))?,
            attributes: Owned::new(api::PyList_New(0))?,
        };
        if positional > 0 && !pattern.take_positional(positional)? {
            return Ok(None);
        }
        for i in 0..size_of(names) as usize {
            if !pattern.take(tuple_item(names, i))? {
                return Ok(None);
            }
        }
        Owned::new(api::PyList_AsTuple(pattern.attributes.0)).map(Some)
    }
}

struct ClassPattern {
    subject: *mut PyObject,
    class: *mut PyTypeObject,
    /// Names matched so far.
    seen: Owned,
    /// Values matched so far.
    attributes: Owned,
}

/// SAFETY of all methods: the pointers are live while the pattern is matched.
#[allow(
    clippy::undocumented_unsafe_blocks,
    reason = "one promise for all, stated above"
)]
impl ClassPattern {
    /// Matches `count` sub-patterns by `__match_args__`; false when one has no value.
    unsafe fn take_positional(&self, count: usize) -> Result<bool, ()> {
        unsafe {
            let match_args =
                api::PyObject_GetAttrString(self.class.cast(), c"__match_args__".as_ptr());
            let (match_args, matches_self) = if match_args.is_null() {
                if api::PyErr_ExceptionMatches(api::PyExc_AttributeError) == 0 {
                    return Err(());
                }
                api::PyErr_Clear();
                (
                    new_ref(runtime::tuple_empty()),
                    (*self.class).tp_flags & flags::MATCH_SELF != 0,
                )
            } else {
                (match_args, false)
            };
            let match_args = Owned(match_args);
            if !is_tuple(match_args.0) {
                let format = c"%s.__match_args__ must be a tuple (got %s)";
                api::PyErr_Format(
                    api::PyExc_TypeError,
                    format.as_ptr(),
                    (*self.class).tp_name,
                    (*type_of(match_args.0)).tp_name,
                );
                return Err(());
            }
            let allowed = if matches_self {
                1
            } else {
                size_of(match_args.0) as usize
            };
            if allowed < count {
                let format = c"%s() accepts %d positional sub-pattern%s (%d given)";
                let plural = if allowed == 1 { c"" } else { c"s" };
                api::PyErr_Format(
                    api::PyExc_TypeError,
                    format.as_ptr(),
                    (*self.class).tp_name,
                    allowed as i32,
                    plural.as_ptr(),
                    count as i32,
                );
                return Err(());
            }
            if matches_self {
                return self.append(self.subject);
            }
            for i in 0..count {
                let name = tuple_item(match_args.0, i);
                if !is_str(name) {
                    let format = c"__match_args__ elements must be strings (got %s)";
                    api::PyErr_Format(
                        api::PyExc_TypeError,
                        format.as_ptr(),
                        (*type_of(name)).tp_name,
                    );
                    return Err(());
                }
                if !self.take(name)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
    }

    /// Matches the attribute `name`; false when the subject has none.
    unsafe fn take(&self, name: *mut PyObject) -> Result<bool, ()> {
        unsafe {
            if !remember(&self.seen, name)? {
                let format = c"%s() got multiple sub-patterns for attribute %R";
                api::PyErr_Format(
                    api::PyExc_TypeError,
                    format.as_ptr(),
                    (*self.class).tp_name,
                    name,
                );
                return Err(());
            }
            let value = api::PyObject_GetAttr(self.subject, name);
            if value.is_null() {
                if api::PyErr_ExceptionMatches(api::PyExc_AttributeError) == 0 {
                    return Err(());
                }
                api::PyErr_Clear();
                return Ok(false);
            }
            let value = Owned(value);
            self.append(value.0)
        }
    }

    unsafe fn append(&self, value: *mut PyObject) -> Result<bool, ()> {
        unsafe {
            if api::PyList_Append(self.attributes.0, value) == 0 {
                Ok(true)
            } else {
                Err(())
            }
        }
    }
}
