//! stub
use pyrt_cpython::code::{CodeUnit, PyCodeObject};
pub(crate) struct Anchor { pub(crate) heat: i32 }
pub(crate) struct CodeMeta { pub(crate) entry_heat: u32 }
#[inline(always)]
pub(crate) unsafe fn meta_of(_code: *mut PyCodeObject) -> *mut CodeMeta { core::ptr::null_mut() }
#[inline(always)]
pub(crate) unsafe fn anchor_at(_code: *mut PyCodeObject, _ip: *const CodeUnit) -> *mut Anchor { core::ptr::null_mut() }
