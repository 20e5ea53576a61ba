//! The Python package `pyrt`, compiled into the executable, where CPython looks for frozen modules.

use core::ffi::{CStr, c_char, c_int, c_uchar, c_void};
use core::ptr::null;

use pyrt_cpython::api;

/// Name, code, and whether it is a package, of each module.
const MODULES: &[(&CStr, &[u8], c_int)] = include!(concat!(env!("OUT_DIR"), "/frozen.rs"));

/// `struct _frozen`.
#[repr(C)]
struct Frozen {
    name: *const c_char,
    code: *const c_uchar,
    size: c_int,
    is_package: c_int,
    get_code: *const c_void,
}

/// The table as CPython reads it: it ends with a row without a name.
struct Table([Frozen; MODULES.len() + 1]);

// SAFETY: never written.
unsafe impl Sync for Table {}

static TABLE: Table = {
    const END: Frozen = Frozen {
        name: null(),
        code: null(),
        size: 0,
        is_package: 0,
        get_code: null(),
    };
    let mut rows = [END; MODULES.len() + 1];
    let mut at = 0;
    while at < MODULES.len() {
        let (name, code, is_package) = MODULES[at];
        rows[at] = Frozen {
            name: name.as_ptr(),
            code: code.as_ptr(),
            size: code.len() as c_int,
            is_package,
            get_code: null(),
        };
        at += 1;
    }
    Table(rows)
};

/// Makes the package known. Call it before CPython is initialised.
pub(super) fn register() {
    // SAFETY: CPython is not initialised yet; the table lives for ever.
    unsafe { api::PyImport_FrozenModules = (&raw const TABLE.0).cast() };
}
