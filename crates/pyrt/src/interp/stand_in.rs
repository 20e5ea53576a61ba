//! Builtins that consume generators: `sum`, `any` and `all` as bytecode.
//!
//! CPython's functions take each item by a C call that starts an evaluation. What stands in for them is a
//! loop in bytecode, which resumes the generator in the same evaluation and which a trace can follow.
//!
//! Nobody sees its frame. Code without a `RESUME` is never begun, as CPython has it: tracebacks, `f_back`,
//! `sys._getframe` and warnings pass over such frames. Events of tracing are not sent for them, and C code
//! that asks for the globals gets the caller's.
//!
//! Each generator's code has stand-ins of its own, so that traces of one loop do not mix all generators of
//! a program.

use core::ffi::{CStr, c_int};
use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::code::{CodeConstructor, PyCodeObject, PyFunctionObject, co};
use pyrt_cpython::frame::{PyGenObject, PyInterpreterFrame};
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyCFunctionObject, PyMethodDef, PyObject};
use pyrt_cpython::state::{PyInterpreterState, PyThreadState};
use pyrt_spec::opcodes::{
    BINARY_OP, CACHE, FOR_ITER, GET_ITER, JUMP_BACKWARD, LOAD_CONST, LOAD_FAST,
    POP_JUMP_FORWARD_IF_FALSE, POP_JUMP_FORWARD_IF_TRUE, POP_TOP, RETURN_VALUE, SWAP,
};

use super::unwind::clear_and_pop;
use super::{_PyEval_EvalFrameDefault, args};
use crate::jit;
use crate::jit::anchors::{CodeMeta, Kind};

/// How many builtins have stand-ins.
pub(crate) const COUNT: usize = 3;

/// How often the generators of some code are consumed by builtins before that gets stand-ins.
const WARM: u8 = 2;
/// After this many calls it is asked how many items they took.
const TRIALS: u8 = 16;
/// With fewer items in each call, entering and leaving the loop costs more than it gains.
const FEWEST_ITEMS: u32 = 8;

/// A builtin, in bytecode.
struct StandIn {
    name: &'static CStr,
    /// Instructions with their arguments.
    code: &'static [[u8; 2]],
    /// Names of the parameters, of which the generator is the last one.
    parameters: &'static [&'static CStr],
    /// The constants: 1 is True, 0 is False.
    constants: &'static [bool],
}

/// In the order of what [`jit::anchors::CodeMeta`] keeps. Sum and items are on the stack only: they die where
/// they do in the functions of C.
static STAND_INS: [StandIn; COUNT] = [
    StandIn {
        name: c"sum",
        code: &[
            [LOAD_FAST, 0],
            [LOAD_FAST, 1],
            [GET_ITER, 0],
            [FOR_ITER, 7],
            // Sum, iterator, item; then the iterator below.
            [SWAP, 2],
            [SWAP, 3],
            [SWAP, 2],
            [BINARY_OP, 0],
            [CACHE, 0],
            [SWAP, 2],
            [JUMP_BACKWARD, 8],
            [RETURN_VALUE, 0],
        ],
        parameters: &[c"start", c"iterable"],
        constants: &[],
    },
    StandIn {
        name: c"any",
        code: &finds(POP_JUMP_FORWARD_IF_TRUE),
        parameters: &[c"iterable"],
        constants: &[true, false],
    },
    StandIn {
        name: c"all",
        code: &finds(POP_JUMP_FORWARD_IF_FALSE),
        parameters: &[c"iterable"],
        constants: &[false, true],
    },
];

/// The first constant if there is an item for which this jumps, else the second.
const fn finds(jump: u8) -> [[u8; 2]; 10] {
    [
        [LOAD_FAST, 0],
        [GET_ITER, 0],
        [FOR_ITER, 5],
        [jump, 1],
        [JUMP_BACKWARD, 3],
        [POP_TOP, 0],
        [LOAD_CONST, 0],
        [RETURN_VALUE, 0],
        [LOAD_CONST, 1],
        [RETURN_VALUE, 0],
    ]
}

/// Whether nobody is to see frames of this code.
#[inline(always)]
pub(crate) unsafe fn is_hidden(code: *mut PyCodeObject) -> bool {
    // SAFETY: live code.
    unsafe { (*code)._co_firsttraceable as isize == size_of(code.cast()) }
}

/// The number of the stand-in for a callable; `None` if it has none.
unsafe fn number_of(callable: *mut PyObject) -> Option<usize> {
    // SAFETY: a live callable. A function of a module has that as `self`.
    unsafe {
        if !is_cfunction(callable) {
            return None;
        }
        let function: *mut PyCFunctionObject = callable.cast();
        let def: *mut PyMethodDef = (*function).m_ml;
        let name = CStr::from_ptr((*def).ml_name);
        let number = STAND_INS.iter().position(|known| known.name == name)?;
        let module = (*function).m_self;
        if module.is_null() || type_of(module) != &raw mut api::PyModule_Type {
            return None;
        }
        let module = api::PyModule_GetDef(module);
        let builtins = !module.is_null() && CStr::from_ptr((*module).m_name) == c"builtins";
        builtins.then_some(number)
    }
}

/// Calls the stand-in for a builtin with a generator, to which the reference in `argument` goes; the slot
/// is left with None. `None` if there is no stand-in. Recursion is counted as if there were no frame.
///
/// # Safety
/// Live operands; the current thread's state.
pub(crate) unsafe fn call(
    ts: *mut PyThreadState,
    callable: *mut PyObject,
    argument: *mut *mut PyObject,
) -> Option<*mut PyObject> {
    // SAFETY: by the caller's promise.
    unsafe {
        if (*(*ts).cframe).use_tracing != 0
            || !jit::is_enabled()
            || (*PyInterpreterState::eval_frame((*ts).interp)).is_some()
        {
            return None;
        }
        let number = number_of(callable)?;
        let generator: *mut PyGenObject = (*argument).cast();
        let code = (*(&raw mut (*generator).gi_iframe).cast::<PyInterpreterFrame>()).f_code;
        let meta = jit::anchors::make_meta(code, jit::driver::entry_heat());
        let function = function_for(meta.as_mut()?, number)?;
        let iterable = core::ptr::replace(argument, new_ref(none()));
        let mut arguments = [pyrt_cpython::state::runtime::small_int(0), iterable];
        let given = match number {
            0 => {
                incref(arguments[0]);
                &mut arguments[..]
            }
            _ => &mut arguments[1..],
        };
        incref(function.cast());
        let count = given.len();
        let frame = args::push_frame(ts, function, given.as_ptr(), count, null_mut());
        if frame.is_null() {
            return Some(null_mut());
        }
        // The generator's code lives as long as its generator, which the frame holds.
        let before = rounds_left(function);
        let caller = (*(*ts).cframe).current_frame;
        (*frame).f_globals = (*caller).f_globals;
        (*frame).f_builtins = (*caller).f_builtins;
        (*ts).recursion_remaining += 1;
        let result = _PyEval_EvalFrameDefault(ts, frame, 0);
        (*ts).recursion_remaining -= 1;
        note_items(&mut *meta, before - rounds_left(function));
        clear_and_pop(ts, frame);
        Some(result)
    }
}

/// The stand-in that a generator's code has, made if it is warm; borrowed.
unsafe fn function_for(meta: &mut CodeMeta, number: usize) -> Option<*mut PyFunctionObject> {
    if meta.consumed == TRIALS && meta.items < u32::from(TRIALS) * FEWEST_ITEMS {
        return None;
    }
    // SAFETY: the GIL is held.
    unsafe {
        if meta.stand_ins[number].is_null() {
            if meta.consumed < WARM {
                meta.consumed += 1;
                return None;
            }
            let function = make(&STAND_INS[number]);
            if function.is_null() {
                api::PyErr_Clear();
                return None;
            }
            meta.stand_ins[number] = function;
        }
        Some(meta.stand_ins[number].cast())
    }
}

/// How many rounds the loop of a stand-in goes until it is hot; far below 0 where it has been.
unsafe fn rounds_left(function: *mut PyFunctionObject) -> i64 {
    const HOT: i64 = i64::MIN / 4;
    // SAFETY: a live function, made by `make`.
    unsafe {
        let code = (*function).func_code;
        let is_loop = |at: &usize| *first_instr(code).add(*at) as u8 == FOR_ITER;
        let header = (0..size_of(code.cast()) as usize).find(is_loop);
        let anchor = jit::anchors::anchor_of(code, Kind::Loop, header.unwrap_or(0) as u32);
        match anchor.as_ref() {
            None => jit::driver::loop_heat(),
            Some(anchor) if anchor.tree.is_some() || anchor.pending.is_some() => HOT,
            Some(anchor) => i64::from(anchor.heat),
        }
    }
}

/// Notes how many items a builtin has taken of a generator.
fn note_items(meta: &mut CodeMeta, items: i64) {
    if meta.consumed < TRIALS {
        meta.consumed += 1;
        let items = u32::try_from(items.max(0)).unwrap_or(u32::MAX);
        meta.items = meta.items.saturating_add(items);
    }
}

/// Gives up what [`function_for`] has made.
pub(crate) unsafe fn discard(stand_ins: [*mut PyObject; COUNT]) {
    for function in stand_ins {
        // SAFETY: owned by whoever gives them up; made by `make`. A dying function is tracked.
        unsafe {
            if !function.is_null() {
                api::PyObject_GC_Track(function.cast());
                decref(function);
            }
        }
    }
}

/// A tuple of new references; null if memory is out, or one of them is.
unsafe fn tuple(items: impl ExactSizeIterator<Item = *mut PyObject>) -> *mut PyObject {
    // SAFETY: the tuple has room for them.
    unsafe {
        let tuple = api::PyTuple_New(items.len() as isize);
        let mut complete = !tuple.is_null();
        for (at, item) in items.enumerate() {
            complete &= !item.is_null();
            if tuple.is_null() {
                xdecref(item);
            } else {
                *tuple_items(tuple).add(at) = item;
            }
        }
        if complete {
            return tuple;
        }
        xdecref(tuple);
        null_mut()
    }
}

/// A function for a stand-in; null with an exception set.
unsafe fn make(stand_in: &StandIn) -> *mut PyObject {
    let bytes = |bytes: &[u8]| {
        // SAFETY: as many bytes.
        unsafe { api::PyBytes_FromStringAndSize(bytes.as_ptr().cast(), bytes.len() as isize) }
    };
    // SAFETY: the GIL is held.
    unsafe {
        let name = api::PyUnicode_InternFromString(stand_in.name.as_ptr());
        let code = bytes(stand_in.code.as_flattened());
        let empty = bytes(&[]);
        let consts = tuple(
            stand_in
                .constants
                .iter()
                .map(|truth| new_ref(bool_(*truth))),
        );
        let names = tuple([].into_iter());
        let parameters = stand_in.parameters.iter();
        let locals = tuple(parameters.map(|name| api::PyUnicode_InternFromString(name.as_ptr())));
        // `CO_FAST_LOCAL`.
        let kinds = bytes(&[0x20; 2][..stand_in.parameters.len()]);
        let globals = api::PyDict_New();
        let parts = [name, code, empty, consts, names, locals, kinds, globals];
        let mut function = null_mut();
        if parts.iter().all(|part| !part.is_null()) {
            let mut constructor = CodeConstructor {
                filename: name,
                name,
                qualname: name,
                flags: co::OPTIMIZED | co::NEWLOCALS,
                code,
                firstlineno: 1,
                linetable: empty,
                consts,
                names,
                localsplusnames: locals,
                localspluskinds: kinds,
                argcount: stand_in.parameters.len() as c_int,
                posonlyargcount: 0,
                kwonlyargcount: 0,
                stacksize: 3,
                exceptiontable: empty,
            };
            let code = api::_PyCode_New(&raw mut constructor);
            if !code.is_null() {
                function = api::PyFunction_New(code.cast(), globals);
                decref(code.cast());
            }
            if !function.is_null() {
                // The program's collector need not know it.
                api::PyObject_GC_UnTrack(function.cast());
            }
        }
        for part in parts {
            xdecref(part);
        }
        function
    }
}
