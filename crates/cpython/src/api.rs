//! CPython's functions and data that pyrt uses, public and internal.
//!
//! All of them need the GIL unless said otherwise. Returned objects are new
//! references unless the name says borrowed (`GetItemWithError`, …).

#![allow(
    missing_docs,
    reason = "documented by CPython's C API reference and headers"
)]

use core::ffi::{c_char, c_double, c_int, c_long, c_longlong, c_void};

use crate::code::{CodeConstructor, CodeUnit, PyCodeObject, PyFunctionObject};
use crate::frame::{PyErrStackItem, PyFrameObject, PyGenObject, PyInterpreterFrame};
use crate::object::{
    PyDictKeysObject, PyDictObject, PyListObject, PyLongObject, PyMethodDef, PyObject, PySsize,
    PyTypeObject,
};
use crate::state::{FrameEvalFunction, PyInterpreterState, PyThreadState};

type Obj = *mut PyObject;

/// `PySendResult`.
pub const PYGEN_RETURN: c_int = 0;
/// `PySendResult`.
pub const PYGEN_ERROR: c_int = -1;
/// `PySendResult`.
pub const PYGEN_NEXT: c_int = 1;

/// `PyModuleDef` with its base, for modules in the inittab.
#[repr(C)]
#[derive(Debug)]
pub struct PyModuleDef {
    pub ob_base: PyObject,
    pub m_init: *mut c_void,
    pub m_index: PySsize,
    pub m_copy: *mut PyObject,
    pub m_name: *const c_char,
    pub m_doc: *const c_char,
    pub m_size: PySsize,
    pub m_methods: *mut PyMethodDef,
    pub m_slots: *mut c_void,
    pub m_traverse: *mut c_void,
    pub m_clear: *mut c_void,
    pub m_free: *mut c_void,
}

/// `PyStatus` (`Include/cpython/initconfig.h`).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct PyStatus {
    pub _type: c_int,
    pub func: *const c_char,
    pub err_msg: *const c_char,
    pub exitcode: c_int,
}
const _: () = assert!(size_of::<PyStatus>() == crate::layout::PyStatus::SIZE);

/// `PyConfig`, opaque: it is only initialised, given arguments, and cleared.
#[repr(C, align(16))]
#[derive(Debug)]
pub struct PyConfig([u8; crate::layout::PyConfig::SIZE]);

impl PyConfig {
    /// Room for a configuration that CPython has yet to initialise.
    pub const fn zeroed() -> PyConfig {
        PyConfig([0; crate::layout::PyConfig::SIZE])
    }
}

/// `PyPreConfig`, opaque likewise.
#[repr(C, align(16))]
#[derive(Debug)]
pub struct PyPreConfig([u8; crate::layout::PyPreConfig::SIZE]);

impl PyPreConfig {
    /// Room for a pre-configuration that CPython has yet to initialise.
    pub const fn zeroed() -> PyPreConfig {
        PyPreConfig([0; crate::layout::PyPreConfig::SIZE])
    }
}

unsafe extern "C" {
    // Data.
    pub static mut PyImport_FrozenModules: *const c_void;
    pub static mut _PyRuntime: u8;
    pub static mut _Py_NoneStruct: PyObject;
    pub static mut _Py_NotImplementedStruct: PyObject;
    pub static mut _Py_TrueStruct: PyObject;
    pub static mut _Py_FalseStruct: PyObject;
    pub static mut PyType_Type: PyTypeObject;
    pub static mut PyLong_Type: PyTypeObject;
    pub static mut PyBool_Type: PyTypeObject;
    pub static mut PyProperty_Type: PyTypeObject;
    pub static mut PyFloat_Type: PyTypeObject;
    pub static mut PyUnicode_Type: PyTypeObject;
    pub static mut PyTuple_Type: PyTypeObject;
    pub static mut PyList_Type: PyTypeObject;
    pub static mut PyDict_Type: PyTypeObject;
    pub static mut PyFrame_Type: PyTypeObject;
    pub static mut PyTraceBack_Type: PyTypeObject;
    pub static mut PyModule_Type: PyTypeObject;
    pub static mut PyClassMethod_Type: PyTypeObject;
    pub static mut PyStaticMethod_Type: PyTypeObject;
    pub static mut PyFunction_Type: PyTypeObject;
    pub static mut PyMethod_Type: PyTypeObject;
    pub static mut PyCFunction_Type: PyTypeObject;
    pub static mut PyMethodDescr_Type: PyTypeObject;
    pub static mut PyGen_Type: PyTypeObject;
    pub static mut PyCoro_Type: PyTypeObject;
    pub static mut PyAsyncGen_Type: PyTypeObject;
    pub static mut PyBaseObject_Type: PyTypeObject;
    pub static mut PyRangeIter_Type: PyTypeObject;
    pub static mut PyListIter_Type: PyTypeObject;
    pub static mut PyTupleIter_Type: PyTypeObject;
    pub static mut PyMemberDescr_Type: PyTypeObject;
    pub static mut PyGetSetDescr_Type: PyTypeObject;
    pub static mut PyWrapperDescr_Type: PyTypeObject;
    pub static mut PyUnicodeIter_Type: PyTypeObject;
    pub static mut PyListRevIter_Type: PyTypeObject;
    pub static mut PyDictIterKey_Type: PyTypeObject;
    pub static mut PyDictIterValue_Type: PyTypeObject;
    pub static mut PyDictIterItem_Type: PyTypeObject;
    pub static mut PyDictKeys_Type: PyTypeObject;
    pub static mut PyDictValues_Type: PyTypeObject;
    pub static mut PyDictItems_Type: PyTypeObject;
    pub static mut PySetIter_Type: PyTypeObject;
    pub static mut PyFrozenSet_Type: PyTypeObject;
    pub static mut PyEnum_Type: PyTypeObject;
    pub static mut PyReversed_Type: PyTypeObject;
    pub static mut PyZip_Type: PyTypeObject;
    pub static mut PyMap_Type: PyTypeObject;
    pub static mut PyFilter_Type: PyTypeObject;
    pub static mut PySeqIter_Type: PyTypeObject;
    pub static mut PySuper_Type: PyTypeObject;
    pub static mut PyRange_Type: PyTypeObject;
    pub static mut _PyMethodWrapper_Type: PyTypeObject;
    pub static mut _PyUnicodeASCIIIter_Type: PyTypeObject;
    pub static mut PyCell_Type: PyTypeObject;
    pub static mut PyBytes_Type: PyTypeObject;
    pub static mut PySet_Type: PyTypeObject;
    pub static mut PySlice_Type: PyTypeObject;
    pub static mut PyByteArray_Type: PyTypeObject;
    pub static mut PyDictRevIterKey_Type: PyTypeObject;
    pub static mut PyDictRevIterValue_Type: PyTypeObject;
    pub static mut PyDictRevIterItem_Type: PyTypeObject;
    pub static mut PyBytesIter_Type: PyTypeObject;
    pub static mut PyExc_AssertionError: Obj;
    pub static mut PyExc_AttributeError: Obj;
    pub static mut PyExc_BaseException: Obj;
    pub static mut PyExc_BaseExceptionGroup: Obj;
    pub static mut PyExc_ImportError: Obj;
    pub static mut PyExc_IndexError: Obj;
    pub static mut PyExc_KeyError: Obj;
    pub static mut PyExc_NameError: Obj;
    pub static mut PyExc_RuntimeError: Obj;
    pub static mut PyExc_StopAsyncIteration: Obj;
    pub static mut PyExc_StopIteration: Obj;
    pub static mut PyExc_OverflowError: Obj;
    pub static mut PyExc_SystemError: Obj;
    pub static mut PyExc_TypeError: Obj;
    pub static mut PyExc_UnboundLocalError: Obj;
    pub static mut PyExc_ValueError: Obj;
    pub static _PyOpcode_Deopt: [u8; 256];
    pub static _PyOpcode_Adaptive: [u8; 256];
    pub static mut _pydict_global_version: u64;
    pub static _Py_tracemalloc_config: [u8; 0];

    pub fn _PyObject_InitializeDict(object: Obj) -> c_int;
    // What is replaced in Rust, under the names that pyrt-cpython's build gives the originals.
    pub fn pyrt_c__PyEval_EvalFrameDefault(
        ts: *mut PyThreadState,
        frame: *mut PyInterpreterFrame,
        throwflag: c_int,
    ) -> Obj;
    pub fn pyrt_c__PyEval_Vector(
        ts: *mut PyThreadState,
        function: *mut PyFunctionObject,
        namespace: Obj,
        arguments: *const Obj,
        count: usize,
        names: Obj,
    ) -> Obj;
    pub fn pyrt_c_PyLong_FromLong(value: c_long) -> Obj;
    pub fn pyrt_c__PyLong_Multiply(a: *mut PyLongObject, b: *mut PyLongObject) -> Obj;
    pub fn pyrt_c_PyErr_CheckSignals() -> c_int;
    pub fn pyrt_c_PyObject_RichCompareBool(left: Obj, right: Obj, number: c_int) -> c_int;
    pub fn pyrt_c__PyInterpreterState_SetEvalFrameFunc(
        interp: *mut PyInterpreterState,
        evaluate: Option<FrameEvalFunction>,
    );

    // Start-up.
    pub fn PyPreConfig_InitPythonConfig(config: *mut PyPreConfig);
    pub fn Py_PreInitializeFromBytesArgs(
        config: *const PyPreConfig,
        argc: PySsize,
        argv: *const *mut c_char,
    ) -> PyStatus;
    pub fn PyConfig_InitPythonConfig(config: *mut PyConfig);
    pub fn PyConfig_SetBytesArgv(
        config: *mut PyConfig,
        argc: PySsize,
        argv: *const *mut c_char,
    ) -> PyStatus;
    pub fn PyConfig_Clear(config: *mut PyConfig);
    pub fn Py_InitializeFromConfig(config: *const PyConfig) -> PyStatus;
    pub fn PyStatus_Exception(status: PyStatus) -> c_int;
    pub fn PyStatus_IsExit(status: PyStatus) -> c_int;
    pub fn Py_ExitStatusException(status: PyStatus) -> !;
    pub fn Py_RunMain() -> c_int;
    pub fn puts(line: *const c_char) -> c_int;
    pub fn atexit(function: unsafe extern "C" fn()) -> c_int;
    pub fn PyModule_GetDict(module: Obj) -> Obj;
    pub fn PyEval_GetBuiltins() -> Obj;
    pub fn PyEval_EvalCode(code: Obj, globals: Obj, locals: Obj) -> Obj;
    pub fn Py_CompileString(source: *const c_char, filename: *const c_char, start: c_int) -> Obj;
    pub fn PyImport_AppendInittab(
        name: *const c_char,
        init: unsafe extern "C" fn() -> Obj,
    ) -> c_int;
    pub fn PyModule_Create2(def: *mut PyModuleDef, version: c_int) -> Obj;
    pub fn PyModule_AddStringConstant(
        module: Obj,
        name: *const c_char,
        value: *const c_char,
    ) -> c_int;
    pub fn _PyEval_RequestCodeExtraIndex(free: unsafe extern "C" fn(*mut c_void)) -> PySsize;
    pub fn _PyCode_New(constructor: *mut CodeConstructor) -> *mut PyCodeObject;
    pub fn _PyCode_SetExtra(code: *mut PyCodeObject, index: PySsize, extra: *mut c_void) -> c_int;

    // Interpreter and thread state.
    pub fn PyEval_SaveThread() -> *mut PyThreadState;
    pub fn PyEval_RestoreThread(ts: *mut PyThreadState);
    pub fn Py_MakePendingCalls() -> c_int;
    pub fn _PyThreadState_BumpFramePointerSlow(
        ts: *mut PyThreadState,
        size: usize,
    ) -> *mut PyInterpreterFrame;
    pub fn _PyThreadState_PopFrame(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame);
    pub fn _Py_CheckRecursiveCall(ts: *mut PyThreadState, place: *const c_char) -> c_int;
    pub fn PyThreadState_EnterTracing(ts: *mut PyThreadState);
    pub fn PyThreadState_LeaveTracing(ts: *mut PyThreadState);

    // Frames and code.
    pub fn _PyFrame_Clear(frame: *mut PyInterpreterFrame);
    pub fn _PyFrame_Copy(from: *mut PyInterpreterFrame, to: *mut PyInterpreterFrame);
    pub fn _PyFrame_MakeAndSetFrameObject(frame: *mut PyInterpreterFrame) -> *mut PyFrameObject;
    pub fn _PyFrame_FastToLocalsWithError(frame: *mut PyInterpreterFrame) -> c_int;
    pub fn _PyFrame_LocalsToFast(frame: *mut PyInterpreterFrame, clear: c_int);
    pub fn _PyInterpreterFrame_GetLine(frame: *mut PyInterpreterFrame) -> c_int;
    pub fn PyTraceBack_Here(frame: *mut PyFrameObject) -> c_int;
    pub fn _PyCode_Quicken(code: *mut PyCodeObject);
    pub fn PyCode_Addr2Line(code: *mut PyCodeObject, byte_offset: c_int) -> c_int;

    // Specialiser.
    pub fn _Py_Specialize_LoadAttr(owner: Obj, instr: *mut CodeUnit, name: Obj) -> c_int;
    pub fn _Py_Specialize_StoreAttr(owner: Obj, instr: *mut CodeUnit, name: Obj) -> c_int;
    pub fn _Py_Specialize_LoadGlobal(
        globals: Obj,
        builtins: Obj,
        instr: *mut CodeUnit,
        name: Obj,
    ) -> c_int;
    pub fn _Py_Specialize_LoadMethod(owner: Obj, instr: *mut CodeUnit, name: Obj) -> c_int;
    pub fn _Py_Specialize_BinarySubscr(container: Obj, sub: Obj, instr: *mut CodeUnit) -> c_int;
    pub fn _Py_Specialize_StoreSubscr(container: Obj, sub: Obj, instr: *mut CodeUnit) -> c_int;
    pub fn _Py_Specialize_Call(
        callable: Obj,
        instr: *mut CodeUnit,
        nargs: c_int,
        kwnames: Obj,
    ) -> c_int;
    pub fn _Py_Specialize_Precall(
        callable: Obj,
        instr: *mut CodeUnit,
        nargs: c_int,
        kwnames: Obj,
        oparg: c_int,
    ) -> c_int;
    pub fn _Py_Specialize_BinaryOp(
        lhs: Obj,
        rhs: Obj,
        instr: *mut CodeUnit,
        oparg: c_int,
        locals: *mut Obj,
    );
    pub fn _Py_Specialize_CompareOp(lhs: Obj, rhs: Obj, instr: *mut CodeUnit, oparg: c_int);
    pub fn _Py_Specialize_UnpackSequence(seq: Obj, instr: *mut CodeUnit, oparg: c_int);

    // Errors.
    pub fn PyErr_Occurred() -> Obj;
    pub fn PyErr_Clear();
    pub fn PyErr_NoMemory() -> Obj;
    pub fn PyErr_Fetch(exc: *mut Obj, value: *mut Obj, traceback: *mut Obj);
    pub fn PyErr_Restore(exc: Obj, value: Obj, traceback: Obj);
    pub fn PyErr_NormalizeException(exc: *mut Obj, value: *mut Obj, traceback: *mut Obj);
    pub fn PyErr_ExceptionMatches(exc: Obj) -> c_int;
    pub fn PyErr_GivenExceptionMatches(err: Obj, exc: Obj) -> c_int;
    pub fn PyErr_SetString(exc: Obj, message: *const c_char);
    pub fn PyErr_SetObject(exc: Obj, value: Obj);
    pub fn PyErr_SetNone(exc: Obj);
    pub fn PyErr_Format(exc: Obj, format: *const c_char, ...) -> Obj;
    pub fn _PyErr_FormatFromCause(exc: Obj, format: *const c_char, ...) -> Obj;
    pub fn PyErr_SetExcInfo(exc: Obj, value: Obj, traceback: Obj);
    pub fn PyErr_SetImportError(message: Obj, name: Obj, path: Obj) -> Obj;
    pub fn _PyErr_SetKeyError(key: Obj);
    pub fn _PyErr_GetTopmostException(ts: *mut PyThreadState) -> *mut PyErrStackItem;
    pub fn PyException_GetTraceback(exc: Obj) -> Obj;
    pub fn PyException_SetTraceback(exc: Obj, traceback: Obj) -> c_int;
    pub fn PyException_SetCause(exc: Obj, cause: Obj);
    pub fn _PyExc_CreateExceptionGroup(message: *const c_char, excs: Obj) -> Obj;
    pub fn _PyExc_PrepReraiseStar(orig: Obj, excs: Obj) -> Obj;

    // Objects in general.
    pub fn PyObject_IsTrue(object: Obj) -> c_int;
    pub fn PyObject_GetAttr(object: Obj, name: Obj) -> Obj;
    pub fn _PyObjectDict_SetItem(
        class: *mut PyTypeObject,
        dict: *mut Obj,
        key: Obj,
        value: Obj,
    ) -> c_int;
    pub fn PyObject_GetAttrString(object: Obj, name: *const c_char) -> Obj;
    pub fn PyObject_SetAttr(object: Obj, name: Obj, value: Obj) -> c_int;
    pub fn _PyObject_LookupAttr(object: Obj, name: Obj, result: *mut Obj) -> c_int;
    pub fn _PyObject_LookupSpecial(object: Obj, name: Obj) -> Obj;
    pub fn _PyObject_GetMethod(object: Obj, name: Obj, method: *mut Obj) -> c_int;
    pub fn PyObject_GetItem(object: Obj, key: Obj) -> Obj;
    pub fn PyObject_SetItem(object: Obj, key: Obj, value: Obj) -> c_int;
    pub fn PyObject_DelItem(object: Obj, key: Obj) -> c_int;
    pub fn PyObject_RichCompare(a: Obj, b: Obj, op: c_int) -> Obj;
    pub fn PyObject_RichCompareBool(a: Obj, b: Obj, op: c_int) -> c_int;
    pub fn PyObject_IsInstance(object: Obj, class: Obj) -> c_int;
    pub fn PyObject_IsSubclass(object: Obj, class: Obj) -> c_int;
    pub fn PyUnicode_InternFromString(text: *const c_char) -> Obj;
    pub fn _PyType_Lookup(of: *mut PyTypeObject, name: Obj) -> Obj;
    pub fn _PyDictKeys_StringLookup(keys: *mut PyDictKeysObject, key: Obj) -> PySsize;
    pub fn _PyDictKeys_GetVersionForCurrentState(keys: *mut PyDictKeysObject) -> u32;
    pub fn _PyFunction_GetVersionForCurrentState(function: *mut PyFunctionObject) -> u32;
    pub fn PyObject_SelfIter(object: Obj) -> Obj;
    pub fn PyByteArray_AsString(object: Obj) -> *mut c_char;
    pub fn PyObject_GenericGetAttr(object: Obj, name: Obj) -> Obj;
    pub fn PyObject_GenericSetAttr(object: Obj, name: Obj, value: Obj) -> c_int;
    pub fn PyType_IsSubtype(a: *mut PyTypeObject, b: *mut PyTypeObject) -> c_int;
    pub fn PyObject_Repr(object: Obj) -> Obj;
    pub fn PyObject_Str(object: Obj) -> Obj;
    pub fn PyObject_ASCII(object: Obj) -> Obj;
    pub fn PyObject_Format(object: Obj, spec: Obj) -> Obj;
    pub fn PyObject_Size(object: Obj) -> PySsize;
    pub fn PyCallable_Check(object: Obj) -> c_int;
    pub fn PyObject_Hash(object: Obj) -> PySsize;
    pub fn PyObject_GetIter(object: Obj) -> Obj;
    pub fn PyIter_Next(iterator: Obj) -> Obj;
    pub fn PyIter_Send(iterator: Obj, value: Obj, result: *mut Obj) -> c_int;
    pub fn PyObject_Vectorcall(callable: Obj, args: *const Obj, nargsf: usize, kwnames: Obj)
    -> Obj;
    pub fn PyObject_Call(callable: Obj, args: Obj, kwargs: Obj) -> Obj;
    pub fn Py_AddPendingCall(
        function: unsafe extern "C" fn(*mut c_void) -> c_int,
        argument: *mut c_void,
    ) -> c_int;
    pub fn PyErr_WriteUnraisable(object: Obj);
    pub fn PyObject_CallOneArg(callable: Obj, arg: Obj) -> Obj;
    pub fn PyObject_CallNoArgs(callable: Obj) -> Obj;
    pub fn PyObject_CallMethod(object: Obj, name: *const c_char, format: *const c_char, ...)
    -> Obj;
    pub fn _PyObject_FunctionStr(function: Obj) -> Obj;
    pub fn PyMem_Malloc(size: usize) -> *mut c_void;
    pub fn _PyObject_New(class: *mut PyTypeObject) -> Obj;
    pub fn PyObject_Free(block: *mut c_void);
    pub fn PyObject_GC_Track(object: *mut c_void);
    pub fn PyType_GenericAlloc(of: *mut PyTypeObject, items: PySsize) -> Obj;
    pub fn PyObject_GC_IsTracked(object: Obj) -> c_int;
    pub fn PyObject_IS_GC(object: Obj) -> c_int;

    // Numbers.
    pub fn PyNumber_Add(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_And(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_FloorDivide(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_Lshift(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_MatrixMultiply(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_Multiply(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_Remainder(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_Or(a: Obj, b: Obj) -> Obj;
    pub fn _PyNumber_PowerNoMod(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_Rshift(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_Subtract(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_TrueDivide(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_Xor(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_InPlaceAdd(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_InPlaceAnd(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_InPlaceFloorDivide(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_InPlaceLshift(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_InPlaceMatrixMultiply(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_InPlaceMultiply(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_InPlaceRemainder(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_InPlaceOr(a: Obj, b: Obj) -> Obj;
    pub fn _PyNumber_InPlacePowerNoMod(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_InPlaceRshift(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_InPlaceSubtract(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_InPlaceTrueDivide(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_InPlaceXor(a: Obj, b: Obj) -> Obj;
    pub fn PyNumber_Index(a: Obj) -> Obj;
    pub fn PyNumber_AsSsize_t(a: Obj, exc: Obj) -> PySsize;
    pub fn PyNumber_Positive(a: Obj) -> Obj;
    pub fn PyNumber_Negative(a: Obj) -> Obj;
    pub fn PyNumber_Invert(a: Obj) -> Obj;
    pub fn _PyLong_Add(a: *mut PyLongObject, b: *mut PyLongObject) -> Obj;
    pub fn _PyLong_Subtract(a: *mut PyLongObject, b: *mut PyLongObject) -> Obj;
    pub fn _PyLong_Multiply(a: *mut PyLongObject, b: *mut PyLongObject) -> Obj;
    /// With room for the digits, which are to be written.
    pub fn _PyLong_New(digits: PySsize) -> *mut PyLongObject;
    pub fn PyLong_FromLong(value: c_long) -> Obj;
    pub fn PyLong_FromLongLong(value: c_longlong) -> Obj;
    pub fn PyLong_FromSsize_t(value: PySsize) -> Obj;
    pub fn PyLong_AsLong(object: Obj) -> c_long;
    pub fn PyLong_AsLongLongAndOverflow(object: Obj, overflow: *mut c_int) -> c_longlong;
    pub fn _PyLong_AsInt(object: Obj) -> c_int;
    pub fn PyFloat_FromDouble(value: c_double) -> Obj;
    pub fn _PyFloat_ExactDealloc(object: Obj);

    // Strings.
    pub fn PyUnicode_FromFormat(format: *const c_char, ...) -> Obj;
    pub fn PyUnicode_FromString(text: *const c_char) -> Obj;
    pub fn PyUnicode_FromStringAndSize(text: *const c_char, size: PySsize) -> Obj;
    pub fn PyUnicode_AsUTF8(object: Obj) -> *const c_char;
    pub fn PyUnicode_AsUTF8String(object: Obj) -> Obj;
    pub fn PyUnicode_DecodeUTF8(text: *const c_char, size: PySsize, errors: *const c_char) -> Obj;
    pub fn _PyUnicode_FindMaxChar(object: Obj, start: PySsize, end: PySsize) -> u32;
    pub fn PyUnicode_AsUTF8AndSize(object: Obj, size: *mut PySsize) -> *const c_char;
    pub fn PyUnicode_Tailmatch(
        text: Obj,
        part: Obj,
        start: PySsize,
        end: PySsize,
        direction: c_int,
    ) -> PySsize;
    pub fn PyUnicode_Find(
        text: Obj,
        part: Obj,
        start: PySsize,
        end: PySsize,
        direction: c_int,
    ) -> PySsize;
    pub fn PyUnicode_New(size: PySsize, maxchar: u32) -> Obj;
    pub fn PyUnicode_Concat(a: Obj, b: Obj) -> Obj;
    pub fn PyUnicode_Contains(container: Obj, item: Obj) -> c_int;
    pub fn PyUnicode_Append(target: *mut Obj, right: Obj);
    pub fn PyUnicode_Join(separator: Obj, items: Obj) -> Obj;
    pub fn PyUnicode_GetLength(object: Obj) -> PySsize;
    pub fn PyUnicode_ReadChar(object: Obj, index: PySsize) -> u32;
    pub fn _PyUnicode_JoinArray(separator: Obj, items: *const Obj, count: PySsize) -> Obj;
    pub fn PyUnicode_Compare(a: Obj, b: Obj) -> c_int;
    pub fn _PyUnicode_Equal(a: Obj, b: Obj) -> c_int;
    pub fn _PyUnicode_ExactDealloc(object: Obj);

    // Containers.
    pub fn PyTuple_New(size: PySsize) -> Obj;
    pub fn PyTuple_Pack(count: PySsize, ...) -> Obj;
    pub fn _PyTuple_FromArray(items: *const Obj, count: PySsize) -> Obj;
    pub fn _PyTuple_FromArraySteal(items: *const Obj, count: PySsize) -> Obj;
    pub fn PyList_New(size: PySsize) -> Obj;
    pub fn PyList_Append(list: Obj, item: Obj) -> c_int;
    pub fn PyList_AsTuple(list: Obj) -> Obj;
    pub fn PyList_SetSlice(list: Obj, low: PySsize, high: PySsize, items: Obj) -> c_int;
    pub fn _PyList_Extend(list: *mut PyListObject, iterable: Obj) -> Obj;
    pub fn _PyList_AppendTakeRefListResize(list: *mut PyListObject, item: Obj) -> c_int;
    pub fn PyDict_New() -> Obj;
    pub fn PyList_GetSlice(list: Obj, from: PySsize, to: PySsize) -> Obj;
    pub fn PyTuple_GetSlice(tuple: Obj, from: PySsize, to: PySsize) -> Obj;
    pub fn PyUnicode_Substring(text: Obj, from: PySsize, to: PySsize) -> Obj;
    pub fn PyBytes_FromStringAndSize(bytes: *const c_char, size: PySsize) -> Obj;
    pub fn PyObject_GC_UnTrack(object: Obj);
    pub fn PyObject_GC_Del(object: *mut c_void);
    pub fn PyMem_Free(block: *mut c_void);
    pub fn PyDict_SetItem(dict: Obj, key: Obj, value: Obj) -> c_int;
    pub fn PyDict_GetItemString(dict: Obj, key: *const c_char) -> Obj;
    pub fn PyDict_SetItemString(dict: Obj, key: *const c_char, value: Obj) -> c_int;
    pub fn PyDict_DelItem(dict: Obj, key: Obj) -> c_int;
    pub fn PyDict_SetDefault(dict: Obj, key: Obj, value: Obj) -> Obj;
    pub fn _PyDict_Pop(dict: Obj, key: Obj, default: Obj) -> Obj;
    pub fn PyDict_GetItemWithError(dict: Obj, key: Obj) -> Obj;
    pub fn PyDict_Clear(dict: Obj);
    pub fn PyDict_Update(dict: Obj, other: Obj) -> c_int;
    pub fn _PyDict_LoadGlobal(
        globals: *mut PyDictObject,
        builtins: *mut PyDictObject,
        name: Obj,
    ) -> Obj;
    pub fn _PyDict_SetItem_Take2(dict: *mut PyDictObject, key: Obj, value: Obj) -> c_int;
    pub fn _PyDict_FromItems(
        keys: *const Obj,
        key_step: PySsize,
        values: *const Obj,
        value_step: PySsize,
        count: PySsize,
    ) -> Obj;
    pub fn _PyDict_MergeEx(dict: Obj, other: Obj, over: c_int) -> c_int;
    pub fn PySet_New(iterable: Obj) -> Obj;
    pub fn PySet_Add(set: Obj, item: Obj) -> c_int;
    pub fn PySet_Discard(set: Obj, item: Obj) -> c_int;
    pub fn PySet_Contains(set: Obj, item: Obj) -> c_int;
    pub fn _PySet_Update(set: Obj, iterable: Obj) -> c_int;
    pub fn PySlice_New(start: Obj, stop: Obj, step: Obj) -> Obj;
    pub fn PySequence_Check(object: Obj) -> c_int;
    pub fn PySequence_Contains(container: Obj, item: Obj) -> c_int;
    pub fn PySequence_GetItem(sequence: Obj, index: PySsize) -> Obj;
    pub fn PySequence_List(iterable: Obj) -> Obj;
    pub fn PySequence_Tuple(iterable: Obj) -> Obj;
    pub fn PyMapping_Keys(mapping: Obj) -> Obj;
    pub fn PyCell_New(content: Obj) -> Obj;

    // Functions, generators, imports.
    pub fn PyFunction_New(code: Obj, globals: Obj) -> Obj;
    pub fn _Py_MakeCoro(function: *mut PyFunctionObject) -> Obj;
    pub fn _PyGen_yf(generator: *mut PyGenObject) -> Obj;
    pub fn _PyCoro_GetAwaitableIter(object: Obj) -> Obj;
    pub fn _PyAsyncGenValueWrapperNew(value: Obj) -> Obj;
    pub fn PyImport_ImportModuleLevelObject(
        name: Obj,
        globals: Obj,
        locals: Obj,
        fromlist: Obj,
        level: c_int,
    ) -> Obj;
    pub fn PyImport_GetModule(name: Obj) -> Obj;
    pub fn _PyModuleSpec_IsInitializing(spec: Obj) -> c_int;
    pub fn PyModule_GetDef(module: Obj) -> *mut PyModuleDef;
    pub fn PyModule_GetFilenameObject(module: Obj) -> Obj;
    pub fn _PySys_GetAttr(ts: *mut PyThreadState, name: Obj) -> Obj;
    pub fn PyInterpreterState_Main() -> *mut PyInterpreterState;
    pub fn PyThreadState_Get() -> *mut PyThreadState;
    pub fn PyInterpreterState_Get() -> *mut PyInterpreterState;
}

#[cfg(pyrt_ref_debug)]
unsafe extern "C" {
    pub static mut _Py_RefTotal: PySsize;
    pub fn _Py_NegativeRefcount(file: *const c_char, line: c_int, object: Obj);
    pub fn _Py_Dealloc(object: Obj);
}
