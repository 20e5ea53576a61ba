//! Which functions are compiled: by the options' lists, and by what the program says of single ones.

use core::ffi::CStr;

use pyrt_cpython::api;
use pyrt_cpython::code::{PyCodeObject, PyFunctionObject};
use pyrt_cpython::frame::PyInterpreterFrame;
use pyrt_cpython::inline::{is_dict, is_str};
use pyrt_cpython::object::PyObject;
use pyrt_spec::options::Name;

use super::anchors::meta_of;
use super::codes::line_of;
use super::driver::qualified_name;
use crate::config::options;
use crate::interp::Regs;

/// What the program says of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Nothing: the options decide.
    #[default]
    Listed,
    /// It is never compiled, nor part of what is.
    Never,
    /// It is compiled whatever the options say, and soon.
    Always,
}

/// Rounds after which a function that is always compiled is recorded: by then it is specialised.
pub(crate) const SOON: i32 = 20;

/// Whether the place at which `r` is may be the root of a tree. It has this name, and is at this line.
pub(super) unsafe fn admits(r: Regs, qualified: &str, line: u32) -> bool {
    // SAFETY: the registers are those of a running frame.
    unsafe {
        match policy_of(r.code()) {
            Policy::Never => false,
            Policy::Always => true,
            Policy::Listed if options().lists_nothing() => true,
            Policy::Listed => {
                let module = module_of((*r.frame).f_globals);
                let name = Name {
                    module: &module,
                    qualified,
                };
                options().admits(&name, line)
            }
        }
    }
}

/// Whether the place at which `r` is has to be compiled soon.
pub(super) unsafe fn hurries(r: Regs) -> bool {
    // SAFETY: the registers are those of a running frame.
    unsafe {
        match policy_of(r.code()) {
            Policy::Never => false,
            Policy::Always => true,
            Policy::Listed if options().always.is_empty() => false,
            Policy::Listed => {
                let module = module_of((*r.frame).f_globals);
                let name = Name {
                    module: &module,
                    qualified: &qualified_name(r.code()),
                };
                options().hurries(&name, line_of(r.code(), r.offset() as u32))
            }
        }
    }
}

/// Whether calls of a function may be part of the traces of others.
pub(super) unsafe fn may_inline(function: *mut PyFunctionObject) -> bool {
    // SAFETY: a live function.
    unsafe { may_be_part((*function).func_code, (*function).func_globals) }
}

/// Whether a generator with this frame may be resumed in the traces of others.
pub(super) unsafe fn may_resume(frame: *mut PyInterpreterFrame) -> bool {
    // SAFETY: a live frame.
    unsafe { may_be_part((*frame).f_code, (*frame).f_globals) }
}

unsafe fn may_be_part(code: *mut PyCodeObject, globals: *mut PyObject) -> bool {
    // SAFETY: live code, and the globals with which it runs.
    unsafe {
        match policy_of(code) {
            Policy::Never => false,
            Policy::Always => true,
            Policy::Listed if options().deny.is_empty() => true,
            Policy::Listed => {
                let (module, qualified) = (module_of(globals), qualified_name(code));
                let name = Name {
                    module: &module,
                    qualified: &qualified,
                };
                !options().denies(&name)
            }
        }
    }
}

/// What the program has said of the code's function.
pub(super) unsafe fn policy_of(code: *mut PyCodeObject) -> Policy {
    // SAFETY: live code.
    unsafe { meta_of(code).as_ref() }.map_or(Policy::Listed, |meta| meta.policy)
}

/// The name of the module whose globals these are; empty if they do not say.
pub(super) unsafe fn module_of(globals: *mut PyObject) -> String {
    // SAFETY: an object that is alive; the text lives as long as the name, which nothing takes away here.
    unsafe {
        if !is_dict(globals) {
            return String::new();
        }
        let name = api::PyDict_GetItemString(globals, c"__name__".as_ptr());
        if name.is_null() || !is_str(name) {
            return String::new();
        }
        let text = api::PyUnicode_AsUTF8(name);
        if text.is_null() {
            api::PyErr_Clear();
            return String::new();
        }
        CStr::from_ptr(text).to_string_lossy().into_owned()
    }
}
