//! The module `pyrt`: a builtin whose Python part is embedded in the executable.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr::null_mut;
use std::ffi::CString;

use pyrt_cpython::api::{self, PyModuleDef};
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyMethodDef, PyObject, meth};

use crate::config::options;
use crate::{jit, stats};

/// The Python part: runs in the module's namespace, which already has the functions.
const SOURCE: &CStr = match CStr::from_bytes_with_nul(
    concat!(include_str!("../../../runtime/python/pyrt.py"), "\0").as_bytes(),
) {
    Ok(source) => source,
    Err(_) => panic!("Python source has no NUL"),
};

/// `PYTHON_API_VERSION`.
const API_VERSION: c_int = 1013;
/// `Py_file_input`.
const FILE_INPUT: c_int = 257;

/// The line that `-VV` adds.
pub(crate) fn version_line() -> String {
    let jit = if options().jit { "on" } else { "off" };
    format!(
        "pyrt {} (built against CPython {}, JIT {jit})",
        env!("CARGO_PKG_VERSION"),
        layout::PYTHON_VERSION
    )
}

/// Makes `import pyrt` work. Call it before CPython is initialised.
pub(crate) fn register() {
    // SAFETY: CPython is not initialised yet; the name is static.
    unsafe { api::PyImport_AppendInittab(c"pyrt".as_ptr(), init) };
}

unsafe extern "C" fn init() -> *mut PyObject {
    // SAFETY: CPython calls it with the GIL held; the definition lives for ever.
    unsafe {
        let definition = Box::leak(Box::new(PyModuleDef {
            ob_base: PyObject {
                ob_refcnt: 1,
                ob_type: null_mut(),
            },
            m_init: null_mut(),
            m_index: 0,
            m_copy: null_mut(),
            m_name: c"pyrt".as_ptr(),
            m_doc: null_mut(),
            m_size: -1,
            m_methods: methods(),
            m_slots: null_mut(),
            m_traverse: null_mut(),
            m_clear: null_mut(),
            m_free: null_mut(),
        }));
        let module = api::PyModule_Create2(definition, API_VERSION);
        if module.is_null() || !populate(module) {
            xdecref(module);
            return null_mut();
        }
        module
    }
}

/// Adds the constants and runs the Python part; false with an exception set.
unsafe fn populate(module: *mut PyObject) -> bool {
    // SAFETY: a new module.
    unsafe {
        let constants = [
            (c"__version__", env!("CARGO_PKG_VERSION").to_owned()),
            (c"_python_version", layout::PYTHON_VERSION.to_owned()),
            (c"_python_path", layout::PYTHON_PATH.to_owned()),
            (
                c"_target",
                format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            ),
        ];
        for (name, value) in constants {
            let value = CString::new(value).expect("constants have no NUL");
            if api::PyModule_AddStringConstant(module, name.as_ptr(), value.as_ptr()) != 0 {
                return false;
            }
        }
        let namespace = api::PyModule_GetDict(module);
        if api::PyDict_SetItemString(
            namespace,
            c"__builtins__".as_ptr(),
            api::PyEval_GetBuiltins(),
        ) != 0
        {
            return false;
        }
        let code = api::Py_CompileString(SOURCE.as_ptr(), c"<pyrt>".as_ptr(), FILE_INPUT);
        if code.is_null() {
            return false;
        }
        let result = api::PyEval_EvalCode(code, namespace, namespace);
        decref(code);
        xdecref(result);
        !result.is_null()
    }
}

fn methods() -> *mut PyMethodDef {
    let method = |name: &'static CStr,
                  function: unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject,
                  flags| PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: function as *mut c_void,
        ml_flags: flags,
        ml_doc: null_mut::<c_char>(),
    };
    let end = PyMethodDef {
        ml_name: null_mut(),
        ml_meth: null_mut(),
        ml_flags: 0,
        ml_doc: null_mut(),
    };
    let methods = [
        method(c"_stats", stats_json, meth::NOARGS),
        method(c"_enabled", enabled, meth::NOARGS),
        method(c"_enable", enable, meth::O),
        end,
    ];
    Box::leak(Box::new(methods)).as_mut_ptr()
}

/// `_stats() -> str`: the statistics as JSON.
unsafe extern "C" fn stats_json(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    let text = stats::update(|stats| stats.json());
    // SAFETY: the text is UTF-8 of that length.
    unsafe { api::PyUnicode_FromStringAndSize(text.as_ptr().cast(), text.len() as isize) }
}

/// `_enabled() -> bool`: whether new evaluations count their loops.
unsafe extern "C" fn enabled(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: a static object.
    unsafe { new_ref(bool_(jit::is_enabled())) }
}

/// `_enable(on)`: switches the compiler on or off; a RuntimeError where it cannot be on.
unsafe extern "C" fn enable(_: *mut PyObject, on: *mut PyObject) -> *mut PyObject {
    // SAFETY: CPython passes a live object.
    unsafe {
        let on = api::PyObject_IsTrue(on);
        if on < 0 {
            return null_mut();
        }
        if on != 0 && !jit::is_available() {
            let message = c"the JIT cannot be enabled: it was switched off at start-up (PYRT_JIT=0), or this is a subinterpreter";
            api::PyErr_SetString(api::PyExc_RuntimeError, message.as_ptr());
            return null_mut();
        }
        jit::enable(on != 0);
        new_ref(none())
    }
}
