use std::ffi::{c_char,c_int};
unsafe extern "C" { fn Py_BytesMain(argc: c_int, argv: *mut *mut c_char) -> c_int; }
fn main() {
    let args: Vec<std::ffi::CString> = std::env::args_os().map(|a| { use std::os::unix::ffi::OsStringExt; std::ffi::CString::new(a.into_vec()).unwrap() }).collect();
    let mut v: Vec<*mut c_char> = args.iter().map(|a| a.as_ptr().cast_mut()).collect(); v.push(std::ptr::null_mut());
    std::process::exit(unsafe { Py_BytesMain(args.len() as c_int, v.as_mut_ptr()) });
}
