//! Object structs: headers, types, numbers, containers, callables.
//!
//! Fields that nothing here touches are kept as padding with a neutral name.

use core::ffi::{c_char, c_int, c_long, c_uint, c_ulong, c_void};

use crate::agree;
use crate::layout;

/// `Py_ssize_t`.
pub type PySsize = isize;

/// The header of every object (`Include/object.h`).
#[repr(C)]
#[derive(Debug)]
pub struct PyObject {
    /// Reference count.
    pub ob_refcnt: PySsize,
    /// The object's type.
    pub ob_type: *mut PyTypeObject,
}
agree!(PyObject: ob_refcnt, ob_type);

/// The header of objects with a size.
#[repr(C)]
#[derive(Debug)]
pub struct PyVarObject {
    /// The common header.
    pub ob_base: PyObject,
    /// Item count; for ints also the sign.
    pub ob_size: PySsize,
}
agree!(PyVarObject: ob_size);
const _: () = assert!(
    layout::PyASCIIObject::length == layout::PyVarObject::ob_size
        && layout::PyDictObject::ma_used == layout::PyVarObject::ob_size,
    "strings and dicts have their length where objects of variable size have their size"
);

/// `unaryfunc`, also `getiterfunc` and `iternextfunc`.
pub type unaryfunc = unsafe extern "C" fn(*mut PyObject) -> *mut PyObject;
/// `richcmpfunc`.
pub type richcmpfunc = unsafe extern "C" fn(*mut PyObject, *mut PyObject, c_int) -> *mut PyObject;
/// `Py_EQ`: the number of `==` for `tp_richcompare`.
pub const PY_EQ: c_int = 2;

/// `visitproc`: what is done with an object that a traversal comes to; not 0 ends it.
pub type visitproc = unsafe extern "C" fn(*mut PyObject, *mut c_void) -> c_int;
/// `traverseproc`.
pub type traverseproc = unsafe extern "C" fn(*mut PyObject, visitproc, *mut c_void) -> c_int;
/// `destructor`.
pub type destructor = unsafe extern "C" fn(*mut PyObject);
/// `vectorcallfunc`.
pub type vectorcallfunc = unsafe extern "C" fn(
    *mut PyObject,
    *const *mut PyObject,
    usize,
    *mut PyObject,
) -> *mut PyObject;
/// `PyCFunction` of `METH_O` and `METH_NOARGS`.
pub type PyCFunction = unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject;
/// `_PyCFunctionFast`.
pub type PyCFunctionFast =
    unsafe extern "C" fn(*mut PyObject, *const *mut PyObject, PySsize) -> *mut PyObject;
/// `_PyCFunctionFastWithKeywords`.
pub type PyCFunctionFastWithKeywords = unsafe extern "C" fn(
    *mut PyObject,
    *const *mut PyObject,
    PySsize,
    *mut PyObject,
) -> *mut PyObject;

/// `PyAsyncMethods` (`Include/cpython/object.h`).
#[repr(C)]
#[derive(Debug)]
pub struct PyAsyncMethods {
    /// `__await__`.
    pub am_await: Option<unaryfunc>,
    /// `__aiter__`.
    pub am_aiter: Option<unaryfunc>,
    /// `__anext__`.
    pub am_anext: Option<unaryfunc>,
}
agree!(PyAsyncMethods: am_await, am_aiter, am_anext);

/// A type object (`Include/cpython/object.h`).
#[repr(C)]
#[derive(Debug)]
pub struct PyTypeObject {
    /// Header.
    pub ob_base: PyVarObject,
    /// Dotted name, NUL terminated.
    pub tp_name: *const c_char,
    /// Instance size in bytes without items.
    pub tp_basicsize: PySsize,
    /// Bytes of an item of instances with items.
    pub tp_itemsize: PySsize,
    /// Called when the reference count reaches zero.
    pub tp_dealloc: destructor,
    _before_async: [*mut c_void; 3],
    /// Async slots, may be null.
    pub tp_as_async: *mut PyAsyncMethods,
    _repr: *mut c_void,
    /// `PyNumberMethods`, may be null.
    pub tp_as_number: *mut u8,
    /// `PySequenceMethods`, may be null.
    pub tp_as_sequence: *mut u8,
    _mapping: *mut c_void,
    /// `__hash__`.
    pub tp_hash: *mut c_void,
    _before_getattro: [*mut c_void; 2],
    /// `__getattribute__`.
    pub tp_getattro: *mut c_void,
    /// `__setattr__`.
    pub tp_setattro: *mut c_void,
    _as_buffer: *mut c_void,
    /// `Py_TPFLAGS_*`.
    pub tp_flags: c_ulong,
    _doc: *mut c_void,
    /// Shows the references that an object has to a visitor.
    pub tp_traverse: Option<traverseproc>,
    _clear: *mut c_void,
    /// Compares by one of `Py_LT` … `Py_GE`.
    pub tp_richcompare: Option<richcmpfunc>,
    /// Where the list of weak references is; 0 = none.
    pub tp_weaklistoffset: PySsize,
    /// `__iter__`.
    pub tp_iter: Option<unaryfunc>,
    /// `__next__`.
    pub tp_iternext: Option<unaryfunc>,
    _before_base: [*mut c_void; 3],
    /// The base that decides the layout of instances.
    pub tp_base: *mut PyTypeObject,
    _dict: *mut c_void,
    /// `__get__`.
    pub tp_descr_get:
        Option<unsafe extern "C" fn(*mut PyObject, *mut PyObject, *mut PyObject) -> *mut PyObject>,
    /// `__set__` and `__delete__`.
    pub tp_descr_set: *mut c_void,
    /// Where the instance dict is; negative for managed dicts.
    pub tp_dictoffset: PySsize,
    /// `__init__`.
    pub tp_init: *mut c_void,
    /// Allocates instances.
    pub tp_alloc: Option<unsafe extern "C" fn(*mut PyTypeObject, PySsize) -> *mut PyObject>,
    /// `__new__`.
    pub tp_new: *mut c_void,
    /// Frees instances.
    pub tp_free: *mut c_void,
    /// Whether an instance is one that the collector knows; null = all are, if the type's flags say so.
    pub tp_is_gc: Option<unsafe extern "C" fn(*mut PyObject) -> c_int>,
    _before_del: [*mut c_void; 5],
    /// `__del__` of an extension of old.
    pub tp_del: *mut c_void,
    /// Changes whenever the type or a base changes; 0 = none assigned.
    pub tp_version_tag: c_uint,
    /// `__del__`.
    pub tp_finalize: *mut c_void,
    /// Vectorcall of the type itself.
    pub tp_vectorcall: Option<vectorcallfunc>,
}
agree!(PyTypeObject: tp_name, tp_basicsize, tp_itemsize, tp_dealloc, tp_as_async, tp_as_number, tp_as_sequence, tp_flags, tp_iter, tp_iternext,
    tp_descr_get, tp_dictoffset, tp_version_tag, tp_vectorcall, tp_getattro, tp_setattro,
    tp_descr_set, tp_weaklistoffset, tp_del, tp_finalize, tp_base, tp_traverse, tp_richcompare, tp_hash, tp_init, tp_alloc, tp_new, tp_free, tp_is_gc);

/// `Py_TPFLAGS_*` bits that tier 1 tests (`Include/object.h`).
pub mod flags {
    use core::ffi::c_ulong;
    /// `Py_TPFLAGS_MANAGED_DICT`: attributes are kept inline, before the object.
    pub const MANAGED_DICT: c_ulong = 1 << 4;
    /// `Py_TPFLAGS_SEQUENCE`: matches sequence patterns.
    pub const SEQUENCE: c_ulong = 1 << 5;
    /// `Py_TPFLAGS_MAPPING`: matches mapping patterns.
    pub const MAPPING: c_ulong = 1 << 6;
    /// `Py_TPFLAGS_IMMUTABLETYPE`: has the attributes that C code gave it.
    pub const IMMUTABLE_TYPE: c_ulong = 1 << 8;
    /// `Py_TPFLAGS_IS_ABSTRACT`: has abstract methods.
    pub const IS_ABSTRACT: c_ulong = 1 << 20;
    /// `Py_TPFLAGS_HAVE_VECTORCALL`: instances are called by a function of their own.
    pub const HAVE_VECTORCALL: c_ulong = 1 << 11;
    /// `Py_TPFLAGS_HEAPTYPE`: made while the program runs.
    pub const HEAPTYPE: c_ulong = 1 << 9;
    /// `Py_TPFLAGS_HAVE_GC`.
    pub const HAVE_GC: c_ulong = 1 << 14;
    /// `_Py_TPFLAGS_MATCH_SELF`: a single positional pattern matches the subject itself.
    pub const MATCH_SELF: c_ulong = 1 << 22;
    /// Subclass of `int`.
    pub const LONG_SUBCLASS: c_ulong = 1 << 24;
    /// Subclass of `list`.
    pub const LIST_SUBCLASS: c_ulong = 1 << 25;
    /// Subclass of `tuple`.
    pub const TUPLE_SUBCLASS: c_ulong = 1 << 26;
    /// Subclass of `str`.
    pub const UNICODE_SUBCLASS: c_ulong = 1 << 28;
    /// Subclass of `BaseException`.
    pub const BASE_EXC_SUBCLASS: c_ulong = 1 << 30;
    /// Subclass of `type`.
    pub const TYPE_SUBCLASS: c_ulong = 1 << 31;
}

/// A `staticmethod` (`Objects/funcobject.c`, in no header).
#[repr(C)]
#[derive(Debug)]
pub struct PyStaticMethodObject {
    /// Header.
    pub ob_base: PyObject,
    /// What it gives to whoever asks; NULL until initialised.
    pub sm_callable: *mut PyObject,
    /// Its attributes.
    pub sm_dict: *mut PyObject,
}

/// An `int`: sign and magnitude, 30-bit digits, least significant first.
#[repr(C)]
#[derive(Debug)]
pub struct PyLongObject {
    /// Header; `ob_size` is the digit count, negative for negative numbers.
    pub ob_base: PyVarObject,
    /// Digits.
    pub ob_digit: [u32; 1],
}
agree!(PyLongObject: ob_digit);
const _: () = assert!(
    layout::digit::SIZE == 4 && layout::digit::SHIFT == 30,
    "ints of 30-bit digits"
);

/// A `float`.
#[repr(C)]
#[derive(Debug)]
pub struct PyFloatObject {
    /// Header.
    pub ob_base: PyObject,
    /// The value.
    pub ob_fval: f64,
}
agree!(PyFloatObject: ob_fval);

/// A `list`.
#[repr(C)]
#[derive(Debug)]
pub struct PyListObject {
    /// Header with the length.
    pub ob_base: PyVarObject,
    /// The items, owned.
    pub ob_item: *mut *mut PyObject,
    /// Slots allocated in `ob_item`.
    pub allocated: PySsize,
}
agree!(PyListObject: ob_item, allocated);

/// A `tuple`.
#[repr(C)]
#[derive(Debug)]
pub struct PyTupleObject {
    /// Header with the length.
    pub ob_base: PyVarObject,
    /// The items, owned.
    pub ob_item: [*mut PyObject; 1],
}
agree!(PyTupleObject: ob_item);

/// A `bytes` object.
#[repr(C)]
#[derive(Debug)]
pub struct PyBytesObject {
    /// Header with the length.
    pub ob_base: PyVarObject,
    _hash: PySsize,
    /// The bytes and a NUL.
    pub ob_sval: [u8; 1],
}
agree!(PyBytesObject: ob_sval);

/// A cell of a closure.
#[repr(C)]
#[derive(Debug)]
pub struct PyCellObject {
    /// Header.
    pub ob_base: PyObject,
    /// Content, owned; null when unbound.
    pub ob_ref: *mut PyObject,
}
agree!(PyCellObject: ob_ref);

/// `PyMemberDef` (`Include/structmember.h`).
#[repr(C)]
#[derive(Debug)]
pub struct PyMemberDef {
    /// Name, NUL terminated.
    pub name: *const c_char,
    /// `T_*`.
    pub kind: c_int,
    /// Where it is in the object.
    pub offset: PySsize,
    /// `READONLY` and the like.
    pub flags: c_int,
}
agree!(PyMemberDef: name, kind, offset, flags);

/// Values of fields of [`PyMemberDef`].
pub mod member {
    use core::ffi::c_int;
    /// `T_OBJECT_EX`, the kind of `__slots__` members.
    pub const OBJECT_EX: c_int = 16;
    /// `READONLY`.
    pub const READ_ONLY: c_int = 1;
}

/// A bound method.
#[repr(C)]
#[derive(Debug)]
pub struct PyMethodObject {
    /// Header.
    pub ob_base: PyObject,
    /// The function.
    pub im_func: *mut PyObject,
    /// The instance.
    pub im_self: *mut PyObject,
}
agree!(PyMethodObject: im_func, im_self);

/// `PyMethodDef`.
#[repr(C)]
#[derive(Debug)]
pub struct PyMethodDef {
    /// Name, NUL terminated.
    pub ml_name: *const c_char,
    /// The C function, of the convention that `ml_flags` says.
    pub ml_meth: *mut c_void,
    /// `METH_*`.
    pub ml_flags: c_int,
    /// Docstring or null.
    pub ml_doc: *const c_char,
}
agree!(PyMethodDef: ml_name, ml_meth, ml_flags);

/// `METH_*` (`Include/methodobject.h`).
pub mod meth {
    use core::ffi::c_int;
    /// `METH_KEYWORDS`.
    pub const KEYWORDS: c_int = 0x0002;
    /// `METH_NOARGS`.
    pub const NOARGS: c_int = 0x0004;
    /// `METH_O`.
    pub const O: c_int = 0x0008;
    /// `METH_FASTCALL`.
    pub const FASTCALL: c_int = 0x0080;
}

/// A builtin function.
#[repr(C)]
#[derive(Debug)]
pub struct PyCFunctionObject {
    /// Header.
    pub ob_base: PyObject,
    /// Definition.
    pub m_ml: *mut PyMethodDef,
    /// `self`, may be null.
    pub m_self: *mut PyObject,
    /// Name of its module, may be null.
    pub m_module: *mut PyObject,
}
agree!(PyCFunctionObject: m_ml, m_self, m_module);

/// A method descriptor of a builtin type.
#[repr(C)]
#[derive(Debug)]
pub struct PyMethodDescrObject {
    /// Header.
    pub ob_base: PyObject,
    /// The type that it belongs to.
    pub d_type: *mut PyTypeObject,
    _name: [*mut c_void; 2],
    /// Definition.
    pub d_method: *mut PyMethodDef,
}
agree!(PyMethodDescrObject: d_type, d_method);

/// A module; the struct is private to `Objects/moduleobject.c` but for this field.
#[repr(C)]
#[derive(Debug)]
pub struct PyModuleObject {
    /// Header.
    pub ob_base: PyObject,
    /// Its dict.
    pub md_dict: *mut PyObject,
}
agree!(PyModuleObject: md_dict);

/// A `range` (private to `Objects/rangeobject.c`; its size is checked against the type object).
#[repr(C)]
#[derive(Debug)]
pub struct PyRangeObject {
    /// Header.
    pub ob_base: PyObject,
    /// First number, an int like the others.
    pub start: *mut PyObject,
    /// Where it ends.
    pub stop: *mut PyObject,
    /// Distance of two numbers.
    pub step: *mut PyObject,
    /// How many there are.
    pub length: *mut PyObject,
}

/// The iterator of a `range` whose numbers fit C longs (private to
/// `Objects/rangeobject.c`; its size is checked against the type object).
#[repr(C)]
#[derive(Debug)]
pub struct PyRangeIterObject {
    /// Header.
    pub ob_base: PyObject,
    /// Items already given out.
    pub index: c_long,
    /// First value.
    pub start: c_long,
    /// Distance of two values.
    pub step: c_long,
    /// Items in all.
    pub len: c_long,
}

/// The iterator of a list or of a tuple (private to `Objects/listobject.c` and
/// `Objects/tupleobject.c`, and alike; sizes are checked against the type objects).
#[repr(C)]
#[derive(Debug)]
pub struct PySequenceIterObject {
    /// Header.
    pub ob_base: PyObject,
    /// Index of the next item.
    pub it_index: PySsize,
    /// The list or tuple, null when exhausted.
    pub it_seq: *mut PyObject,
}

/// A `dict` (`Include/cpython/dictobject.h`).
#[repr(C)]
#[derive(Debug)]
pub struct PyDictObject {
    /// Header.
    pub ob_base: PyObject,
    /// Number of items.
    pub ma_used: PySsize,
    /// PEP 509 version.
    pub ma_version_tag: u64,
    /// Keys, shared between instances when split.
    pub ma_keys: *mut PyDictKeysObject,
    /// Values when split, else null.
    pub ma_values: *mut PyDictValues,
}
agree!(PyDictObject: ma_used, ma_version_tag, ma_keys, ma_values);

/// `PyDictKeysObject` (`pycore_dict.h`).
#[repr(C)]
#[derive(Debug)]
pub struct PyDictKeysObject {
    _refcnt: PySsize,
    /// log2 of the number of slots of the index table.
    pub dk_log2_size: u8,
    /// log2 of the index table's size in bytes.
    pub dk_log2_index_bytes: u8,
    /// `DICT_KEYS_GENERAL` (0), `_UNICODE` (1) or `_SPLIT` (2).
    pub dk_kind: u8,
    /// Version for the specialiser; 0 after any change of the keys.
    pub dk_version: u32,
    /// Entries that may still be added.
    pub dk_usable: PySsize,
    /// Entries used.
    pub dk_nentries: PySsize,
    /// Index table, followed by the entries.
    pub dk_indices: [u8; 0],
}
agree!(PyDictKeysObject: dk_log2_size, dk_log2_index_bytes, dk_kind, dk_version, dk_usable, dk_nentries,
    dk_indices);

/// An entry of a dict whose keys are all `str`.
#[repr(C)]
#[derive(Debug)]
pub struct PyDictUnicodeEntry {
    /// Key.
    pub me_key: *mut PyObject,
    /// Value.
    pub me_value: *mut PyObject,
}
agree!(PyDictUnicodeEntry: me_key, me_value);

/// An entry of a dict of general keys.
#[repr(C)]
#[derive(Debug)]
pub struct PyDictKeyEntry {
    /// The key's hash.
    pub me_hash: PySsize,
    /// Key.
    pub me_key: *mut PyObject,
    /// Value.
    pub me_value: *mut PyObject,
}
agree!(PyDictKeyEntry: me_key, me_value);

/// Inline values of an instance; insertion order lies before it.
#[repr(C)]
#[derive(Debug)]
pub struct PyDictValues {
    /// Values by key index.
    pub values: [*mut PyObject; 1],
}
agree!(PyDictValues: values);

impl PyDictValues {
    /// Where it says how many values there are, in bytes from their start: a `u8`.
    pub const COUNT: i32 = -2;
    /// Where it says which one came first; the next ones precede that, a `u8` each.
    pub const ORDER: i32 = -3;
}

/// A `set` or `frozenset`, up to its table (`Include/cpython/setobject.h`).
#[repr(C)]
#[derive(Debug)]
pub struct PySetObject {
    /// Header.
    pub ob_base: PyObject,
    _fill: PySsize,
    /// Number of members.
    pub used: PySsize,
    /// Slots of the table, less one.
    pub mask: PySsize,
    /// The slots.
    pub table: *mut setentry,
}
agree!(PySetObject: used, mask, table);

/// A slot of a set's table.
#[repr(C)]
#[derive(Debug)]
pub struct setentry {
    /// The member; null if there never was one.
    pub key: *mut PyObject,
    /// Its hash.
    pub hash: PySsize,
}
agree!(setentry: key, hash);

/// A `slice`.
#[repr(C)]
#[derive(Debug)]
pub struct PySliceObject {
    /// Header.
    pub ob_base: PyObject,
    /// First index, or None.
    pub start: *mut PyObject,
    /// End, or None.
    pub stop: *mut PyObject,
    /// Distance, or None.
    pub step: *mut PyObject,
}
agree!(PySliceObject: start, stop, step);
