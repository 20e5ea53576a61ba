//! The pyrt executable: CPython 3.11's `python3.11` with an evaluation loop of our own.

#![no_main]

mod interp;
mod jit;
mod stats;

use core::ffi::{c_char, c_int};

use pyrt_cpython::api;

/// The C entry point: Rust's own would ignore SIGPIPE and install handlers for
/// memory faults, which are CPython's business.
#[unsafe(no_mangle)]
unsafe extern "C" fn main(argc: c_int, argv: *mut *mut c_char) -> c_int {
    // SAFETY: the arguments are those of the process.
    unsafe { api::Py_BytesMain(argc, argv) }
}
