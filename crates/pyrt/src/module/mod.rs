//! What `import pyrt` sees: the builtin `_pyrt`, and on it the package of [`frozen`].

mod frozen;

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr::null_mut;
use std::ffi::CString;

use pyrt_cpython::api::{self, PyModuleDef};
use pyrt_cpython::code::PyCodeObject;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyMethodDef, PyObject, meth};
use pyrt_spec::options::DumpStage;

use crate::config::options;
use crate::jit::policy::Policy;
use crate::{config, events, jit, profile, stats};

/// `PYTHON_API_VERSION`.
const API_VERSION: c_int = 1013;
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
    unsafe { api::PyImport_AppendInittab(c"_pyrt".as_ptr(), init) };
    frozen::register();
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
            m_name: c"_pyrt".as_ptr(),
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

/// Adds the constants; false with an exception set.
unsafe fn populate(module: *mut PyObject) -> bool {
    // SAFETY: a new module.
    unsafe {
        let constants = [
            (c"version", env!("CARGO_PKG_VERSION").to_owned()),
            (c"python_version", layout::PYTHON_VERSION.to_owned()),
            (c"python_path", layout::PYTHON_PATH.to_owned()),
            (
                c"target",
                format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            ),
        ];
        for (name, value) in constants {
            let value = CString::new(value).expect("constants have no NUL");
            if api::PyModule_AddStringConstant(module, name.as_ptr(), value.as_ptr()) != 0 {
                return false;
            }
        }
        true
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
        method(c"stats", stats_json, meth::NOARGS),
        method(c"available", available, meth::NOARGS),
        method(c"enabled", enabled, meth::NOARGS),
        method(c"enable", enable, meth::O),
        method(c"settings", settings_json, meth::NOARGS),
        method(c"change", change, meth::O),
        method(c"policy", policy, meth::O),
        method(c"flush", flush, meth::NOARGS),
        method(c"traces", traces, meth::O),
        method(c"listing", listing, meth::O),
        method(c"details", details, meth::O),
        method(c"listen", listen, meth::O),
        method(c"codes", codes, meth::NOARGS),
        method(c"observe", observe, meth::O),
        method(c"sampled", sampled, meth::NOARGS),
        end,
    ];
    Box::leak(Box::new(methods)).as_mut_ptr()
}

/// `stats() -> str`: the statistics as JSON.
unsafe extern "C" fn stats_json(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    new_text(&stats::json())
}

/// A str, or null with an exception set.
fn new_text(text: &str) -> *mut PyObject {
    // SAFETY: the text is UTF-8 of that length, and the GIL is held.
    unsafe { api::PyUnicode_FromStringAndSize(text.as_ptr().cast(), text.len() as isize) }
}

/// `available() -> bool`: whether the compiler can be switched on here.
unsafe extern "C" fn available(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: a static object.
    unsafe { new_ref(bool_(jit::is_available())) }
}

/// `enabled() -> bool`: whether new evaluations count their loops.
unsafe extern "C" fn enabled(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: a static object.
    unsafe { new_ref(bool_(jit::is_enabled())) }
}

/// `enable(on)`: switches the compiler on or off; a RuntimeError where it cannot be on.
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

/// `settings() -> str`: the project's file and all options, as JSON.
unsafe extern "C" fn settings_json(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    new_text(&config::json())
}

/// `change(((name, value), …))`: changes options while the program runs; a ValueError if one is bad.
unsafe extern "C" fn change(_: *mut PyObject, all: *mut PyObject) -> *mut PyObject {
    // SAFETY: CPython passes a live object, and the package gives a tuple of pairs of strs.
    unsafe {
        let mut changes = Vec::new();
        for index in 0..size_of(all) as usize {
            let pair = tuple_item(all, index);
            let text = |n| text_of(tuple_item(pair, n));
            match (text(0), text(1)) {
                (Some(name), Some(value)) => changes.push((name, value)),
                _ => return null_mut(),
            }
        }
        let before = options();
        match config::change(&changes) {
            Ok(()) => {
                profile::options_changed(before);
                new_ref(none())
            }
            Err(error) => {
                let error = CString::new(error.replace('\0', "?")).expect("there is no NUL left");
                api::PyErr_SetString(api::PyExc_ValueError, error.as_ptr());
                null_mut()
            }
        }
    }
}

/// The text of a str; `None` with an exception set.
unsafe fn text_of(object: *mut PyObject) -> Option<String> {
    // SAFETY: a live str.
    unsafe {
        let text = api::PyUnicode_AsUTF8(object);
        (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
    }
}

/// `policy((code, word))`: says that code is compiled `never`, `always`, or as the options say: `listed`.
unsafe extern "C" fn policy(_: *mut PyObject, pair: *mut PyObject) -> *mut PyObject {
    // SAFETY: CPython passes a live object, and the package gives a pair of code and str.
    unsafe {
        let code: *mut PyCodeObject = tuple_item(pair, 0).cast();
        let Some(word) = text_of(tuple_item(pair, 1)) else {
            return null_mut();
        };
        let policy = match word.as_str() {
            "never" => Policy::Never,
            "always" => Policy::Always,
            _ => Policy::Listed,
        };
        if jit::is_available() {
            jit::driver::set_policy(code, policy);
        }
        new_ref(none())
    }
}

/// `flush()`: drops all compiled code.
unsafe extern "C" fn flush(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: the GIL is held.
    unsafe {
        if jit::is_available() {
            jit::driver::flush();
        }
        new_ref(none())
    }
}

/// `traces(code) -> str`: what there is to tell of a function, as JSON.
unsafe extern "C" fn traces(_: *mut PyObject, code: *mut PyObject) -> *mut PyObject {
    // SAFETY: the package gives code.
    unsafe {
        if !jit::is_available() {
            return new_text("[]");
        }
        new_text(&jit::report::traces(code.cast()))
    }
}

/// `listing((code, stage)) -> str`: the texts of a function's trees.
unsafe extern "C" fn listing(_: *mut PyObject, pair: *mut PyObject) -> *mut PyObject {
    // SAFETY: the package gives a pair of code and str.
    unsafe {
        let Some(word) = text_of(tuple_item(pair, 1)) else {
            return null_mut();
        };
        match DumpStage::from_word(&word).filter(|_| jit::is_available()) {
            Some(stage) => new_text(&jit::report::listing(tuple_item(pair, 0).cast(), stage)),
            None => new_text(""),
        }
    }
}

/// `details(code) -> str`: what a function's trees box and check, as JSON.
unsafe extern "C" fn details(_: *mut PyObject, code: *mut PyObject) -> *mut PyObject {
    // SAFETY: the package gives code.
    unsafe {
        if !jit::is_available() {
            return new_text("[]");
        }
        new_text(&jit::report::details(code.cast()))
    }
}

/// `listen((function, bits))`: calls a function with events as JSON; None for no function.
unsafe extern "C" fn listen(_: *mut PyObject, pair: *mut PyObject) -> *mut PyObject {
    // SAFETY: the package gives a pair of a function or None and an int.
    unsafe {
        let function = tuple_item(pair, 0);
        let bits = api::PyLong_AsLongLongAndOverflow(tuple_item(pair, 1), &mut 0) as u8;
        let listener = if function == none() {
            null_mut()
        } else {
            function
        };
        events::listen(listener, bits);
        new_ref(none())
    }
}

/// `codes() -> list`: the code objects of which something was recorded.
unsafe extern "C" fn codes(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: the GIL is held; the list takes references of its own.
    unsafe {
        let list = api::PyList_New(0);
        for code in jit::codes::all() {
            if list.is_null() || api::PyList_Append(list, code.cast()) != 0 {
                xdecref(list);
                return null_mut();
            }
        }
        list
    }
}

/// `observe(nanoseconds) -> bool`: notes types at exits, and samples this thread at this interval of its processor
/// time; False if it cannot.
unsafe extern "C" fn observe(_: *mut PyObject, interval: *mut PyObject) -> *mut PyObject {
    // SAFETY: the package gives an int.
    unsafe {
        let interval = api::PyLong_AsLongLongAndOverflow(interval, &mut 0);
        events::observe(true);
        new_ref(bool_(profile::sample::start(interval)))
    }
}

/// `sampled() -> str`: ends what `observe` began; the samples as JSON.
unsafe extern "C" fn sampled(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    events::observe(false);
    // SAFETY: the GIL is held, by the thread that called `observe`.
    let samples = unsafe { profile::sample::stop() };
    new_text(&samples)
}
