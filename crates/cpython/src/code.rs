//! Code objects, functions, and the inline caches in bytecode.

use core::ffi::{c_char, c_int, c_short, c_void};

use crate::agree;
use crate::object::{PyObject, PyVarObject};

/// One instruction or cache entry: opcode in the low byte, argument in the high one.
pub type CodeUnit = u16;

/// A code object (`Include/cpython/code.h`).
#[repr(C)]
#[derive(Debug)]
pub struct PyCodeObject {
    /// Header; `ob_size` is the length in code units.
    pub ob_base: PyVarObject,
    /// Tuple of constants.
    pub co_consts: *mut PyObject,
    /// Tuple of names.
    pub co_names: *mut PyObject,
    /// Exception table, a bytes object.
    pub co_exceptiontable: *mut PyObject,
    /// `CO_*`.
    pub co_flags: c_int,
    /// Counts up to 0, when the code is quickened.
    pub co_warmup: c_short,
    _linearray_entry_size: c_short,
    /// Positional parameters.
    pub co_argcount: c_int,
    /// Positional-only parameters.
    pub co_posonlyargcount: c_int,
    /// Keyword-only parameters.
    pub co_kwonlyargcount: c_int,
    /// Value-stack slots needed.
    pub co_stacksize: c_int,
    /// First line.
    pub co_firstlineno: c_int,
    /// Locals, cells and free variables together.
    pub co_nlocalsplus: c_int,
    /// Local variables.
    pub co_nlocals: c_int,
    /// Cells that are not arguments.
    pub co_nplaincellvars: c_int,
    _ncellvars: c_int,
    /// Free variables.
    pub co_nfreevars: c_int,
    /// Their names.
    pub co_localsplusnames: *mut PyObject,
    /// Their kinds.
    pub co_localspluskinds: *mut PyObject,
    /// File name.
    pub co_filename: *mut PyObject,
    /// Name.
    pub co_name: *mut PyObject,
    /// Qualified name.
    pub co_qualname: *mut PyObject,
    /// Which lines instructions are of, a bytes object.
    pub co_linetable: *mut PyObject,
    _weakreflist: *mut PyObject,
    _co_code: *mut PyObject,
    _linearray: *mut c_char,
    /// First instruction that can be traced (`RESUME`).
    pub _co_firsttraceable: c_int,
    /// PEP 523 extra data: a `_PyCodeObjectExtra` or null.
    pub co_extra: *mut CodeExtra,
    /// The quickened bytecode.
    pub co_code_adaptive: [CodeUnit; 1],
}
agree!(PyCodeObject: co_consts, co_names, co_exceptiontable, co_flags, co_warmup, co_argcount,
    co_posonlyargcount, co_kwonlyargcount, co_stacksize, co_nlocalsplus, co_nlocals,
    co_nplaincellvars, co_nfreevars, co_localsplusnames, co_filename, co_qualname,
    co_firstlineno, co_linetable, _co_firsttraceable, co_extra, co_code_adaptive);

/// `_PyCodeObjectExtra`, private to `Objects/codeobject.c` (unchanged since 3.6).
#[repr(C)]
#[derive(Debug)]
pub struct CodeExtra {
    /// Slots in use.
    pub ce_size: isize,
    /// One pointer per requested index.
    pub ce_extras: [*mut c_void; 1],
}

/// `struct _PyCodeConstructor` (`pycore_code.h`): what code is made of. All objects are borrowed.
#[repr(C)]
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "they are named as what they become in the code object"
)]
pub struct CodeConstructor {
    pub filename: *mut PyObject,
    pub name: *mut PyObject,
    pub qualname: *mut PyObject,
    pub flags: c_int,
    pub code: *mut PyObject,
    pub firstlineno: c_int,
    pub linetable: *mut PyObject,
    pub consts: *mut PyObject,
    pub names: *mut PyObject,
    pub localsplusnames: *mut PyObject,
    pub localspluskinds: *mut PyObject,
    pub argcount: c_int,
    pub posonlyargcount: c_int,
    pub kwonlyargcount: c_int,
    pub stacksize: c_int,
    pub exceptiontable: *mut PyObject,
}

/// `CO_*` flags (`Include/cpython/code.h`).
pub mod co {
    use core::ffi::c_int;
    /// Uses fast locals.
    pub const OPTIMIZED: c_int = 0x0001;
    /// `CO_NEWLOCALS`.
    pub const NEWLOCALS: c_int = 0x0002;
    /// Takes `*args`.
    pub const VARARGS: c_int = 0x0004;
    /// Takes `**kwargs`.
    pub const VARKEYWORDS: c_int = 0x0008;
    /// Of a function within a function.
    pub const NESTED: c_int = 0x0010;
    /// A generator, coroutine or async generator: its frame outlives the call.
    pub const SUSPENDS: c_int = 0x0020 | COROUTINE | 0x0200;
    /// An `async def`.
    pub const COROUTINE: c_int = 0x0080;
    /// A generator usable in `await`.
    pub const ITERABLE_COROUTINE: c_int = 0x0100;
}

/// A function (`Include/cpython/funcobject.h`).
#[repr(C)]
#[derive(Debug)]
pub struct PyFunctionObject {
    /// Header.
    pub ob_base: PyObject,
    /// Globals.
    pub func_globals: *mut PyObject,
    /// Builtins.
    pub func_builtins: *mut PyObject,
    /// Name.
    pub func_name: *mut PyObject,
    /// Qualified name.
    pub func_qualname: *mut PyObject,
    /// Code object.
    pub func_code: *mut PyCodeObject,
    /// Tuple of defaults or null.
    pub func_defaults: *mut PyObject,
    /// Dict of keyword-only defaults or null.
    pub func_kwdefaults: *mut PyObject,
    /// Tuple of cells or null.
    pub func_closure: *mut PyObject,
    /// Documentation.
    pub func_doc: *mut PyObject,
    /// Attributes or null.
    pub func_dict: *mut PyObject,
    _weakrefs: *mut PyObject,
    /// Name of the module.
    pub func_module: *mut PyObject,
    /// Annotations or null.
    pub func_annotations: *mut PyObject,
    _vectorcall: *mut c_void,
    /// Version for the specialiser; 0 = changed since.
    pub func_version: u32,
}
agree!(PyFunctionObject: func_name, func_doc, func_dict, func_module, func_globals, func_builtins, func_qualname, func_code, func_defaults,
    func_kwdefaults, func_closure, func_annotations, func_version);

/// Offsets of inline cache entries, in code units after the instruction
/// (`_Py*Cache` in `pycore_code.h`). The counter is always the first.
pub mod cache {
    /// `_PyLoadGlobalCache`.
    pub mod load_global {
        /// Index of the entry.
        pub const INDEX: usize = 1;
        /// Version of the module's keys (32 bits).
        pub const MODULE_VERSION: usize = 2;
        /// Version of the builtins' keys (16 bits).
        pub const BUILTIN_VERSION: usize = 4;
        /// Length in code units.
        pub const LEN: usize = 5;
    }
    /// `_PyAttrCache`.
    pub mod attr {
        /// Type or keys version (32 bits).
        pub const VERSION: usize = 1;
        /// Index, hint or offset.
        pub const INDEX: usize = 3;
        /// Length in code units.
        pub const LEN: usize = 4;
    }
    /// `_PyLoadMethodCache`.
    pub mod load_method {
        /// Type version (32 bits).
        pub const TYPE_VERSION: usize = 1;
        /// Offset of the dict pointer (signed).
        pub const DICT_OFFSET: usize = 3;
        /// Keys version (32 bits).
        pub const KEYS_VERSION: usize = 4;
        /// The descriptor (64 bits, borrowed).
        pub const DESCR: usize = 6;
        /// Length in code units.
        pub const LEN: usize = 10;
    }
    /// `_PyCallCache`.
    pub mod call {
        /// Function version (32 bits).
        pub const FUNC_VERSION: usize = 1;
        /// Fewest arguments with which the defaults suffice.
        pub const MIN_ARGS: usize = 3;
        /// Length in code units.
        pub const LEN: usize = 4;
    }
    /// `_PyPrecallCache`.
    pub mod precall {
        /// Length in code units.
        pub const LEN: usize = 1;
    }
    /// `_PyCompareOpCache`.
    pub mod compare_op {
        /// Which outcomes jump: bits 1, 2, 4 forward and 8, 16, 32 backward for <, ==, >.
        pub const MASK: usize = 1;
        /// Length in code units.
        pub const LEN: usize = 2;
    }
    /// `_PyBinarySubscrCache`.
    pub mod binary_subscr {
        /// Type version (32 bits).
        pub const TYPE_VERSION: usize = 1;
        /// Function version (16 bits).
        pub const FUNC_VERSION: usize = 3;
        /// Length in code units.
        pub const LEN: usize = 4;
    }
    /// `_PyBinaryOpCache`, `_PyUnpackSequenceCache`, `_PyStoreSubscrCache`: only the counter.
    pub mod counter_only {
        /// Length in code units.
        pub const LEN: usize = 1;
    }
}
