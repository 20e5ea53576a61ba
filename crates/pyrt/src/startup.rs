//! What the process does for a cheap start, before CPython is initialised.

use core::ffi::{c_char, c_int, c_void};

/// `MADV_POPULATE_WRITE`, of Linux 5.14; older kernels refuse it, which does no harm.
const POPULATE_WRITE: c_int = 23;
/// `_SC_PAGESIZE`.
const PAGE_SIZE: c_int = 30;

unsafe extern "C" {
    /// Where the executable's writable data begins, by the C start-up code.
    static data_start: c_char;
    /// Where its initialised part ends, by the linker.
    static edata: c_char;
    fn sysconf(name: c_int) -> i64;
    fn madvise(address: *mut c_void, length: usize, advice: c_int) -> c_int;
}

/// Has the kernel map all pages of the executable's initialised data at once.
///
/// CPython's static types, strings and frozen modules are there, and its initialisation writes
/// to nineteen of twenty pages: three hundred page faults, each of which costs more than the
/// page.
pub(crate) fn populate_data() {
    // SAFETY: the range lies in the executable's own data, whose content populating keeps.
    unsafe {
        let page = sysconf(PAGE_SIZE) as usize;
        let start = (&raw const data_start).addr() & !(page - 1);
        let length = (&raw const edata).addr().next_multiple_of(page) - start;
        madvise(start as *mut c_void, length, POPULATE_WRITE);
    }
}
