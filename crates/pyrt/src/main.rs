//! The pyrt executable: CPython 3.11's `python3.11` with an evaluation loop of its own.
//!
//! Stages: [`config`] reads the options before anything starts, and [`startup`] makes
//! starting cheap; CPython initialises itself as for its own executable; [`jit`] switches
//! the trace compiler on; then the program runs, in [`interp`], which CPython calls for
//! every frame. [`module`] is what `import pyrt` sees, [`stats`] what is reported at exit, [`profile`]
//! what profilers and debuggers are told of compiled code.

// Tests have the test runner's entry point.
#![cfg_attr(not(test), no_main)]

mod allocator;
mod clock;
mod config;
mod events;
mod files;
mod interp;
mod jit;
mod json;
mod machine;
mod module;
mod profile;
mod resident;
mod startup;
mod stats;

use core::ffi::{CStr, c_char, c_int};
use std::ffi::{CString, OsStr, OsString};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;

use pyrt_cpython::api::{self, PyConfig, PyPreConfig};
use pyrt_cpython::{ints, traverse};

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

/// Exit status for a bad option, as for Python's own.
const USAGE_ERROR: c_int = 2;

/// The C entry point: Rust's own would ignore SIGPIPE and install handlers for
/// memory faults, which are CPython's business.
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn main(argc: c_int, argv: *mut *mut c_char) -> c_int {
    // SAFETY: the arguments are those of the process.
    unsafe {
        let arguments = (1..argc.max(1) as usize).map(|index| {
            let text = CStr::from_ptr(*argv.add(index));
            OsString::from(OsStr::from_bytes(text.to_bytes()))
        });
        let command_line = config::CommandLine::scan(arguments);
        match config::read(&command_line) {
            Ok(config::Start::Python) => {}
            Ok(config::Start::Print(text)) => {
                let printed = std::io::stdout().write_all(text.as_bytes());
                return c_int::from(printed.is_err());
            }
            Err(error) => {
                eprintln!("pyrt: {error}");
                return USAGE_ERROR;
            }
        }
        startup::populate_data();
        traverse::install();
        ints::install();
        module::register();
        api::atexit(report);
        initialize(argc as isize, argv, &command_line);
        jit::init();
        profile::init();
        api::Py_RunMain()
    }
}

unsafe extern "C" fn report() {
    stats::report();
    profile::finish();
}

/// Initialises CPython as `Py_BytesMain` does. Ends the process where that would:
/// after `--help` and `--version`, and on errors.
unsafe fn initialize(argc: isize, argv: *mut *mut c_char, command_line: &config::CommandLine) {
    // SAFETY: called once, before anything else of CPython's.
    unsafe {
        let exit_unless_ok = |status| {
            if api::PyStatus_IsExit(status) != 0 && command_line.wants_long_version() {
                // By C's stdout, where CPython's own line still waits in the buffer.
                let line = CString::new(module::version_line()).expect("it has no NUL");
                api::puts(line.as_ptr());
            }
            if api::PyStatus_Exception(status) != 0 {
                api::Py_ExitStatusException(status);
            }
        };
        let mut preconfig = PyPreConfig::zeroed();
        api::PyPreConfig_InitPythonConfig(&mut preconfig);
        exit_unless_ok(api::Py_PreInitializeFromBytesArgs(&preconfig, argc, argv));
        let mut config = PyConfig::zeroed();
        api::PyConfig_InitPythonConfig(&mut config);
        exit_unless_ok(api::PyConfig_SetBytesArgv(&mut config, argc, argv));
        let status = api::Py_InitializeFromConfig(&config);
        api::PyConfig_Clear(&mut config);
        exit_unless_ok(status);
    }
}
