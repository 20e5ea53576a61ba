//! Binding call arguments to parameters.
//!
//! The general case, for calls that no specialised form covers: defaults,
//! keywords, `*args`, `**kwargs`. Follows the language reference's order
//! (positional, keywords, then defaults), because errors show it. All functions
//! here take over the references to the arguments.

use core::ffi::CStr;

use pyrt_cpython::api;
use pyrt_cpython::code::{PyCodeObject, PyFunctionObject, co};
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PY_EQ, PyObject, PySsize, flags};
use pyrt_cpython::state::{PyThreadState, runtime};

use super::regs::fill_slots;
use super::unwind;

/// How many items there are in a tuple or null, as of the names of keywords.
#[inline(always)]
pub(crate) unsafe fn count_of(tuple: *mut PyObject) -> usize {
    if tuple.is_null() {
        return 0;
    }
    // SAFETY: a tuple.
    unsafe { size_of(tuple) as usize }
}

/// Pushes a frame for calling `func` and fills its parameters
/// (`_PyEvalFramePushAndInit`). Takes over the references to `func`, to the
/// `argcount` positional values in `args` and to the keyword values after them.
/// Null with an exception set on failure.
pub(crate) unsafe fn push_frame(
    ts: *mut PyThreadState,
    func: *mut PyFunctionObject,
    args: *const *mut PyObject,
    argcount: usize,
    kwnames: *mut PyObject,
) -> *mut PyInterpreterFrame {
    // SAFETY: the caller passes as many values as it says.
    unsafe {
        let code = (*func).func_code;
        let frame = bump_frame_pointer(ts, frame_size(code));
        if frame.is_null() {
            drop_values(args, argcount + count_of(kwnames));
            decref(func.cast());
            api::PyErr_NoMemory();
            return frame;
        }
        // Names of code without fast locals, as of a module, live in its globals.
        let f_locals = if (*code).co_flags & co::OPTIMIZED != 0 {
            core::ptr::null_mut()
        } else {
            (*func).func_globals
        };
        initialize_specials(frame, func, f_locals);
        let slots = locals(frame);
        let top = slots.add((*code).co_nlocalsplus as usize);
        let special = (*code).co_flags & (co::VARARGS | co::VARKEYWORDS) != 0
            || (*code).co_kwonlyargcount != 0;
        if !special && kwnames.is_null() {
            let missing = (*code).co_argcount as isize - argcount as isize;
            if missing == 0 {
                // Each parameter gets the argument in its place.
                fill_slots(slots, top, args, argcount);
                return frame;
            }
            let defaults = (*func).func_defaults;
            if missing > 0 && !defaults.is_null() && missing <= size_of(defaults) {
                // The last ones get their defaults.
                fill_slots(slots, top, args, argcount);
                let first = size_of(defaults) - missing;
                for at in 0..missing as usize {
                    let default = tuple_item(defaults, first as usize + at);
                    *slots.add(argcount + at) = new_ref(default);
                }
                return frame;
            }
        }
        fill_slots(slots, top, args, 0);
        let binding = Binding {
            func,
            code,
            slots,
            total: ((*code).co_argcount + (*code).co_kwonlyargcount) as usize,
        };
        if binding.bind(args, argcount, kwnames).is_err() {
            unwind::clear_and_pop(ts, frame);
            return core::ptr::null_mut();
        }
        frame
    }
}

unsafe fn drop_values(values: *const *mut PyObject, count: usize) {
    // SAFETY: the caller owns them.
    unsafe {
        for i in 0..count {
            decref(*values.add(i));
        }
    }
}

/// An exception is set.
struct Raised;

struct Binding {
    func: *mut PyFunctionObject,
    code: *mut PyCodeObject,
    /// The new frame's slots, all null at first.
    slots: *mut *mut PyObject,
    /// Named parameters.
    total: usize,
}

/// SAFETY of all methods: the slots are those of a frame of `code`, and arguments
/// are owned until stored or dropped.
#[allow(
    clippy::undocumented_unsafe_blocks,
    reason = "one promise for all, stated above"
)]
impl Binding {
    #[inline(never)]
    unsafe fn bind(
        &self,
        args: *const *mut PyObject,
        argcount: usize,
        kwnames: *mut PyObject,
    ) -> Result<(), Raised> {
        unsafe {
            let code = &*self.code;
            let keywords = count_of(kwnames);
            let kwdict = if code.co_flags & co::VARKEYWORDS == 0 {
                core::ptr::null_mut()
            } else {
                let dict = api::PyDict_New();
                if dict.is_null() {
                    drop_values(args, argcount + keywords);
                    return Err(Raised);
                }
                *self
                    .slots
                    .add(self.total + usize::from(code.co_flags & co::VARARGS != 0)) = dict;
                dict
            };
            let positional = argcount.min(code.co_argcount as usize);
            fill_slots(self.slots, self.slots, args, positional);
            if code.co_flags & co::VARARGS != 0 {
                let rest = if argcount == positional {
                    new_ref(runtime::tuple_empty())
                } else {
                    // On failure it has dropped the items.
                    api::_PyTuple_FromArraySteal(
                        args.add(positional),
                        (argcount - positional) as PySsize,
                    )
                };
                if rest.is_null() {
                    drop_values(args.add(argcount), keywords);
                    return Err(Raised);
                }
                *self.slots.add(self.total) = rest;
            } else {
                // Too many: the error comes after the keywords'.
                drop_values(args.add(positional), argcount - positional);
            }
            for i in 0..keywords {
                let bound = self.bind_keyword(
                    tuple_item(kwnames, i),
                    *args.add(argcount + i),
                    kwdict,
                    kwnames,
                );
                if bound.is_err() {
                    drop_values(args.add(argcount + i), keywords - i);
                    return Err(Raised);
                }
            }
            if argcount > positional && code.co_flags & co::VARARGS == 0 {
                self.too_many_positional(argcount);
                return Err(Raised);
            }
            self.fill_defaults(argcount)?;
            self.fill_keyword_defaults()
        }
    }

    /// Stores a keyword's value, taking it over on success.
    unsafe fn bind_keyword(
        &self,
        keyword: *mut PyObject,
        value: *mut PyObject,
        kwdict: *mut PyObject,
        kwnames: *mut PyObject,
    ) -> Result<(), Raised> {
        unsafe {
            let qualname = (*self.func).func_qualname;
            if keyword.is_null() || !has_flag(keyword, flags::UNICODE_SUBCLASS) {
                api::PyErr_Format(
                    api::PyExc_TypeError,
                    c"%U() keywords must be strings".as_ptr(),
                    qualname,
                );
                return Err(Raised);
            }
            if let Some(index) = self.find_parameter(keyword)? {
                let slot = self.slots.add(index);
                if !(*slot).is_null() {
                    let format = c"%U() got multiple values for argument '%S'";
                    api::PyErr_Format(api::PyExc_TypeError, format.as_ptr(), qualname, keyword);
                    return Err(Raised);
                }
                *slot = value;
                return Ok(());
            }
            if kwdict.is_null() {
                if (*self.code).co_posonlyargcount > 0 {
                    self.refuse_positional_only(kwnames)?;
                }
                let format = c"%U() got an unexpected keyword argument '%S'";
                api::PyErr_Format(api::PyExc_TypeError, format.as_ptr(), qualname, keyword);
                return Err(Raised);
            }
            if api::PyDict_SetItem(kwdict, keyword, value) == -1 {
                return Err(Raised);
            }
            decref(value);
            Ok(())
        }
    }

    /// Index of the parameter that `keyword` names. Names are usually interned, so
    /// pointers are compared first.
    unsafe fn find_parameter(&self, keyword: *mut PyObject) -> Result<Option<usize>, Raised> {
        unsafe {
            let names = tuple_items((*self.code).co_localsplusnames);
            let candidates = (*self.code).co_posonlyargcount as usize..self.total;
            if let Some(index) = candidates
                .clone()
                .find(|&index| *names.add(index) == keyword)
            {
                return Ok(Some(index));
            }
            for index in candidates {
                match api::PyObject_RichCompareBool(keyword, *names.add(index), PY_EQ) {
                    0 => {}
                    1.. => return Ok(Some(index)),
                    _ => return Err(Raised),
                }
            }
            Ok(None)
        }
    }

    /// Raises if any of the keywords names a positional-only parameter.
    unsafe fn refuse_positional_only(&self, kwnames: *mut PyObject) -> Result<(), Raised> {
        unsafe {
            let conflicts = api::PyList_New(0);
            if conflicts.is_null() {
                return Err(Raised);
            }
            let found = self.collect_conflicts(kwnames, conflicts);
            let result = match found {
                Ok(()) if size_of(conflicts) == 0 => Ok(()),
                Ok(()) => {
                    let names = join(c", ", conflicts);
                    if !names.is_null() {
                        let format = c"%U() got some positional-only arguments passed as keyword arguments: '%U'";
                        api::PyErr_Format(
                            api::PyExc_TypeError,
                            format.as_ptr(),
                            (*self.func).func_qualname,
                            names,
                        );
                        decref(names);
                    }
                    Err(Raised)
                }
                Err(raised) => Err(raised),
            };
            decref(conflicts);
            result
        }
    }

    unsafe fn collect_conflicts(
        &self,
        kwnames: *mut PyObject,
        conflicts: *mut PyObject,
    ) -> Result<(), Raised> {
        unsafe {
            for index in 0..(*self.code).co_posonlyargcount as usize {
                let name = tuple_item((*self.code).co_localsplusnames, index);
                for k in 0..size_of(kwnames) as usize {
                    let keyword = tuple_item(kwnames, k);
                    let same = if keyword == name {
                        1
                    } else {
                        api::PyObject_RichCompareBool(name, keyword, PY_EQ)
                    };
                    if same < 0 || same > 0 && api::PyList_Append(conflicts, keyword) != 0 {
                        return Err(Raised);
                    }
                }
            }
            Ok(())
        }
    }

    /// Gives positional parameters without an argument their defaults.
    unsafe fn fill_defaults(&self, argcount: usize) -> Result<(), Raised> {
        unsafe {
            let parameters = (*self.code).co_argcount as usize;
            if argcount >= parameters {
                return Ok(());
            }
            let defaults = (*self.func).func_defaults;
            let count = if defaults.is_null() {
                0
            } else {
                size_of(defaults) as usize
            };
            let required = parameters.saturating_sub(count);
            let missing = (argcount..required)
                .filter(|&i| (*self.slots.add(i)).is_null())
                .count();
            if missing > 0 {
                self.missing(c"positional", 0..required, missing);
                return Err(Raised);
            }
            for i in argcount.max(required)..parameters {
                let slot = self.slots.add(i);
                if (*slot).is_null() {
                    *slot = new_ref(tuple_item(defaults, i + count - parameters));
                }
            }
            Ok(())
        }
    }

    /// Gives keyword-only parameters without an argument their defaults.
    unsafe fn fill_keyword_defaults(&self) -> Result<(), Raised> {
        unsafe {
            let range = (*self.code).co_argcount as usize..self.total;
            let defaults = (*self.func).func_kwdefaults;
            let mut missing = 0;
            for i in range.clone() {
                let slot = self.slots.add(i);
                if !(*slot).is_null() {
                    continue;
                }
                if !defaults.is_null() {
                    let value = api::PyDict_GetItemWithError(
                        defaults,
                        tuple_item((*self.code).co_localsplusnames, i),
                    );
                    if !value.is_null() {
                        *slot = new_ref(value);
                        continue;
                    }
                    if !api::PyErr_Occurred().is_null() {
                        return Err(Raised);
                    }
                }
                missing += 1;
            }
            if missing > 0 {
                self.missing(c"keyword-only", range, missing);
                return Err(Raised);
            }
            Ok(())
        }
    }

    /// Raises for required parameters that got no value.
    #[cold]
    unsafe fn missing(&self, kind: &CStr, range: core::ops::Range<usize>, count: usize) {
        unsafe {
            let names = api::PyList_New(0);
            if names.is_null() {
                return;
            }
            for i in range.filter(|&i| (*self.slots.add(i)).is_null()) {
                let name = api::PyObject_Repr(tuple_item((*self.code).co_localsplusnames, i));
                if name.is_null() || api::PyList_Append(names, name) != 0 {
                    xdecref(name);
                    decref(names);
                    return;
                }
                decref(name);
            }
            let listed = enumerate(names, count);
            if !listed.is_null() {
                let format = c"%U() missing %i required %s argument%s: %U";
                let plural = if count == 1 { c"" } else { c"s" };
                api::PyErr_Format(
                    api::PyExc_TypeError,
                    format.as_ptr(),
                    (*self.func).func_qualname,
                    count as core::ffi::c_int,
                    kind.as_ptr(),
                    plural.as_ptr(),
                    listed,
                );
                decref(listed);
            }
            decref(names);
        }
    }

    #[cold]
    unsafe fn too_many_positional(&self, given: usize) {
        unsafe {
            let parameters = (*self.code).co_argcount as usize;
            let keyword_only_given = (parameters..self.total)
                .filter(|&i| !(*self.slots.add(i)).is_null())
                .count();
            let defaults = (*self.func).func_defaults;
            let count = if defaults.is_null() {
                0
            } else {
                size_of(defaults) as usize
            };
            let (takes, plural) = if count > 0 {
                (
                    api::PyUnicode_FromFormat(
                        c"from %zd to %zd".as_ptr(),
                        parameters - count.min(parameters),
                        parameters,
                    ),
                    true,
                )
            } else {
                (
                    api::PyUnicode_FromFormat(c"%zd".as_ptr(), parameters),
                    parameters != 1,
                )
            };
            if takes.is_null() {
                return;
            }
            let s = |many: bool| if many { c"s".as_ptr() } else { c"".as_ptr() };
            let extra = if keyword_only_given > 0 {
                let format = c" positional argument%s (and %zd keyword-only argument%s)";
                api::PyUnicode_FromFormat(
                    format.as_ptr(),
                    s(given != 1),
                    keyword_only_given,
                    s(keyword_only_given != 1),
                )
            } else {
                new_ref(runtime::str_empty())
            };
            if !extra.is_null() {
                let verb = if given == 1 && keyword_only_given == 0 {
                    c"was"
                } else {
                    c"were"
                };
                let format = c"%U() takes %U positional argument%s but %zd%U %s given";
                api::PyErr_Format(
                    api::PyExc_TypeError,
                    format.as_ptr(),
                    (*self.func).func_qualname,
                    takes,
                    s(plural),
                    given,
                    extra,
                    verb.as_ptr(),
                );
                decref(extra);
            }
            decref(takes);
        }
    }
}

/// Joins a list of strings; new reference.
unsafe fn join(separator: &CStr, items: *mut PyObject) -> *mut PyObject {
    // SAFETY: a list of strings.
    unsafe {
        let separator = api::PyUnicode_FromString(separator.as_ptr());
        if separator.is_null() {
            return separator;
        }
        let joined = api::PyUnicode_Join(separator, items);
        decref(separator);
        joined
    }
}

/// `a`, `a and b`, `a, b, and c`: new reference; may shorten the list.
unsafe fn enumerate(names: *mut PyObject, count: usize) -> *mut PyObject {
    // SAFETY: a list of `count` strings, one at least.
    unsafe {
        let last = api::PySequence_GetItem(names, count as PySsize - 1);
        if last.is_null() || count == 1 {
            return last;
        }
        let end = count as PySsize;
        let head = if api::PyList_SetSlice(names, end - 1, end, core::ptr::null_mut()) == -1 {
            core::ptr::null_mut()
        } else {
            join(c", ", names)
        };
        let text = if head.is_null() {
            head
        } else {
            let format = if count == 2 {
                c"%U and %U"
            } else {
                c"%U, and %U"
            };
            api::PyUnicode_FromFormat(format.as_ptr(), head, last)
        };
        xdecref(head);
        decref(last);
        text
    }
}
