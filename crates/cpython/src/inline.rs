//! What CPython has as macros and `static inline` functions: reference counts,
//! type tests, frames on the data stack, recursion counting.

use core::ffi::c_int;
use core::sync::atomic::Ordering::Relaxed;

use crate::api;
use crate::code::{CodeUnit, PyCodeObject, PyFunctionObject};
use crate::frame::{
    FRAME_OWNED_BY_GENERATOR, FRAME_OWNED_BY_THREAD, PyFrameObject, PyGenObject, PyInterpreterFrame,
};
use crate::layout;
use crate::object::{
    PyFloatObject, PyLongObject, PyObject, PySsize, PyTupleObject, PyTypeObject, PyVarObject, flags,
};
use crate::pymalloc;
use crate::state::{PyInterpreterState, PyThreadState};

/// `None`.
#[inline(always)]
pub fn none() -> *mut PyObject {
    &raw mut api::_Py_NoneStruct
}

/// `NotImplemented`.
#[inline(always)]
pub fn not_implemented() -> *mut PyObject {
    &raw mut api::_Py_NotImplementedStruct
}

/// `True`.
#[inline(always)]
pub fn true_() -> *mut PyObject {
    &raw mut api::_Py_TrueStruct
}

/// `False`.
#[inline(always)]
pub fn false_() -> *mut PyObject {
    &raw mut api::_Py_FalseStruct
}

/// `True` or `False`, borrowed.
#[inline(always)]
pub fn bool_(value: bool) -> *mut PyObject {
    if value { true_() } else { false_() }
}

/// Where CPython counts all references, `_Py_RefTotal`; null in builds that do not, which are all
/// but debug builds.
pub fn ref_total() -> *mut PySsize {
    #[cfg(pyrt_ref_debug)]
    return &raw mut api::_Py_RefTotal;
    #[cfg(not(pyrt_ref_debug))]
    core::ptr::null_mut()
}

/// Counts references that come or go, where CPython counts all.
///
/// # Safety
/// The GIL is held.
#[inline(always)]
unsafe fn count_in_total(change: PySsize) {
    #[cfg(pyrt_ref_debug)]
    // SAFETY: the GIL is held.
    unsafe {
        api::_Py_RefTotal += change;
    }
    let _ = change;
}

/// `Py_INCREF`.
///
/// # Safety
/// `object` is a live object and the GIL is held.
#[inline(always)]
pub unsafe fn incref(object: *mut PyObject) {
    // SAFETY: live by the caller's promise.
    unsafe {
        count_in_total(1);
        (*object).ob_refcnt += 1;
    }
}

/// Counts a reference down; whether it was the last one. Then the object is the caller's to free.
///
/// # Safety
/// The caller owns a reference and gives it up; the GIL is held.
#[inline(always)]
pub unsafe fn count_down(object: *mut PyObject) -> bool {
    // SAFETY: live by the caller's promise.
    unsafe {
        count_in_total(-1);
        (*object).ob_refcnt -= 1;
        #[cfg(pyrt_ref_debug)]
        if (*object).ob_refcnt < 0 {
            api::_Py_NegativeRefcount(c"pyrt".as_ptr(), line!() as c_int, object);
        }
        (*object).ob_refcnt == 0
    }
}

/// Adds references; fewer than none takes some away that are not the last ones.
///
/// # Safety
/// As [`incref`].
#[inline(always)]
pub unsafe fn add_refs(object: *mut PyObject, count: isize) {
    // SAFETY: live by the caller's promise.
    unsafe {
        count_in_total(count);
        (*object).ob_refcnt += count;
    }
}

/// `Py_NewRef`.
///
/// # Safety
/// As [`incref`].
#[inline(always)]
pub unsafe fn new_ref(object: *mut PyObject) -> *mut PyObject {
    // SAFETY: as ours.
    unsafe { incref(object) };
    object
}

/// `Py_XINCREF`, returning its argument.
///
/// # Safety
/// `object` is null or as for [`incref`].
#[inline(always)]
pub unsafe fn xnew_ref(object: *mut PyObject) -> *mut PyObject {
    if !object.is_null() {
        // SAFETY: not null.
        unsafe { incref(object) };
    }
    object
}

/// `Py_DECREF`: may run arbitrary code when the object dies.
///
/// # Safety
/// The caller owns a reference and gives it up; the GIL is held.
#[inline(always)]
pub unsafe fn decref(object: *mut PyObject) {
    // SAFETY: live by the caller's promise.
    unsafe {
        if count_down(object) {
            dealloc_by_type(object);
        }
    }
}

/// `_Py_Dealloc`: a debug build's own, which checks what the type's function does.
///
/// # Safety
/// `object` has no references, and the GIL is held.
#[inline(always)]
unsafe fn dealloc_by_type(object: *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        #[cfg(pyrt_ref_debug)]
        api::_Py_Dealloc(object);
        #[cfg(not(pyrt_ref_debug))]
        ((*(*object).ob_type).tp_dealloc)(object);
    }
}

/// `Py_XDECREF`.
///
/// # Safety
/// `object` is null or as for [`decref`].
#[inline(always)]
pub unsafe fn xdecref(object: *mut PyObject) {
    if !object.is_null() {
        // SAFETY: not null.
        unsafe { decref(object) };
    }
}

/// `_Py_DECREF_NO_DEALLOC`: for objects that something else keeps alive.
///
/// # Safety
/// Another reference exists.
#[inline(always)]
pub unsafe fn decref_no_dealloc(object: *mut PyObject) {
    // SAFETY: live by the caller's promise.
    unsafe { count_down(object) };
}

/// `_Py_DECREF_SPECIALIZED` for exact ints.
///
/// # Safety
/// As [`decref`], of an exact `int`.
#[inline(always)]
pub unsafe fn decref_int(object: *mut PyObject) {
    // SAFETY: an exact int is freed by PyObject_Free alone.
    unsafe {
        if count_down(object) && !int_to_pool(object) {
            api::PyObject_Free(object.cast());
        }
    }
}

/// [`decref`] of what is probably a number.
///
/// # Safety
/// As [`decref`].
#[inline(always)]
pub unsafe fn decref_number(object: *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        if is_int(object) {
            decref_int(object);
        } else {
            decref(object);
        }
    }
}

/// Where it says whether `tracemalloc` wants to know of new objects.
#[inline(always)]
pub fn memory_tracing() -> *const c_int {
    let config = (&raw const api::_Py_tracemalloc_config).cast::<u8>();
    // SAFETY: the field is in the struct.
    unsafe { config.add(layout::PyTraceMallocConfig::tracing).cast() }
}

/// Whether `tracemalloc` wants to know of new objects.
#[inline(always)]
pub fn traces_memory() -> bool {
    // SAFETY: written under the GIL, which is held.
    unsafe { *memory_tracing() != 0 }
}

/// `PyFloat_FromDouble` out of the free list: null when there is nothing in it, or
/// somebody wants to know of new objects, as a debug build always does.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn float_from_list(ts: *mut PyThreadState, value: f64) -> *mut PyObject {
    // SAFETY: what is in the list is memory for a float.
    unsafe {
        let list = PyInterpreterState::float_free_list((*ts).interp);
        let float = *list;
        if float.is_null() || traces_memory() || cfg!(pyrt_ref_debug) {
            return core::ptr::null_mut();
        }
        *list = (*float).ob_type.cast();
        *PyInterpreterState::float_numfree((*ts).interp) -= 1;
        (*float).ob_refcnt = 1;
        (*float).ob_type = &raw mut api::PyFloat_Type;
        (*float.cast::<PyFloatObject>()).ob_fval = value;
        float
    }
}

/// Whether `count` more floats can be put into the free list; a debug build has its own say.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn float_list_has_room(ts: *mut PyThreadState, count: c_int) -> bool {
    // SAFETY: by the caller's promise.
    unsafe {
        !cfg!(pyrt_ref_debug)
            && *PyInterpreterState::float_numfree((*ts).interp) + count
                <= layout::PyFloatObject::MAXFREELIST as c_int
    }
}

/// `_PyFloat_ExactDealloc` into the free list, which has room.
///
/// # Safety
/// `float` is exactly a float and without references; `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn float_to_list(ts: *mut PyThreadState, float: *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        let list = PyInterpreterState::float_free_list((*ts).interp);
        (*float).ob_type = (*list).cast();
        *list = float;
        *PyInterpreterState::float_numfree((*ts).interp) += 1;
    }
}

/// `PyLong_FromLongLong` of a value of at most two digits that is not preallocated, without
/// a call: null when that is not possible.
///
/// # Safety
/// The GIL is held.
#[inline(always)]
pub unsafe fn int_from_pool(value: i64) -> *mut PyObject {
    const DIGIT: u64 = (1 << layout::digit::SHIFT) - 1;
    let magnitude = value.unsigned_abs();
    if magnitude >> (2 * layout::digit::SHIFT) != 0 {
        return core::ptr::null_mut();
    }
    // SAFETY: the block has room for two digits; while `tracemalloc` traces there is none.
    unsafe {
        let int: *mut PyLongObject = pymalloc::take(pymalloc::SMALL).cast();
        if int.is_null() {
            return core::ptr::null_mut();
        }
        let high = magnitude >> layout::digit::SHIFT;
        let size = if high != 0 {
            2
        } else {
            PySsize::from(magnitude != 0)
        };
        (*int).ob_base.ob_base.ob_refcnt = 1;
        (*int).ob_base.ob_base.ob_type = &raw mut api::PyLong_Type;
        (*int).ob_base.ob_size = if value < 0 { -size } else { size };
        // Both digits at once: an int of one digit has four bytes to spare.
        let digits: *mut u64 = (&raw mut (*int).ob_digit).cast();
        *digits = high << 32 | magnitude & DIGIT;
        int.cast()
    }
}

/// As [`int_from_pool`], of three or four digits.
///
/// # Safety
/// The GIL is held.
#[inline(always)]
pub unsafe fn wide_int_from_pool(value: i128) -> *mut PyObject {
    const SHIFT: usize = layout::digit::SHIFT;
    const DIGIT: u64 = (1 << SHIFT) - 1;
    let magnitude = value.unsigned_abs();
    let low = magnitude as u64 & (DIGIT << SHIFT | DIGIT);
    let high = (magnitude >> (2 * SHIFT)) as u64;
    if high == 0 || magnitude >> (4 * SHIFT) != 0 {
        return core::ptr::null_mut();
    }
    // SAFETY: the block has room for six digits; while `tracemalloc` traces there is none.
    unsafe {
        let int: *mut PyLongObject = pymalloc::take(pymalloc::MEDIUM).cast();
        if int.is_null() {
            return core::ptr::null_mut();
        }
        let size = if high >> SHIFT != 0 { 4 } else { 3 };
        (*int).ob_base.ob_base.ob_refcnt = 1;
        (*int).ob_base.ob_base.ob_type = &raw mut api::PyLong_Type;
        (*int).ob_base.ob_size = if value < 0 { -size } else { size };
        let pairs: *mut u64 = (&raw mut (*int).ob_digit).cast();
        *pairs = (low >> SHIFT) << 32 | low & DIGIT;
        *pairs.add(1) = (high >> SHIFT) << 32 | high & DIGIT;
        int.cast()
    }
}

/// How two exact ints compare.
///
/// # Safety
/// Both are live.
#[inline(always)]
pub unsafe fn compare_ints(left: *mut PyObject, right: *mut PyObject) -> core::cmp::Ordering {
    // SAFETY: exact ints have as many digits as they say.
    unsafe {
        let (a, b) = (size_of(left), size_of(right));
        if a != b {
            return a.cmp(&b);
        }
        let digit = |int: *mut PyObject, index: usize| {
            let digits = (&raw const (*int.cast::<PyLongObject>()).ob_digit).cast::<u32>();
            *digits.add(index)
        };
        let mut index = a.unsigned_abs();
        while index > 0 {
            index -= 1;
            let (x, y) = (digit(left, index), digit(right, index));
            if x != y {
                return if (x < y) == (a > 0) {
                    core::cmp::Ordering::Less
                } else {
                    core::cmp::Ordering::Greater
                };
            }
        }
        core::cmp::Ordering::Equal
    }
}

/// `PyObject_Free` of an exact int without a call; false if that is not possible.
///
/// # Safety
/// `int` is exactly an int and without references.
#[inline(always)]
pub unsafe fn int_to_pool(int: *mut PyObject) -> bool {
    // SAFETY: by the caller's promise. Which size the block has is a guess: an int may be
    // smaller than the one that it was made for.
    unsafe {
        let size = if size_of(int).unsigned_abs() <= 2 {
            pymalloc::SMALL
        } else {
            pymalloc::MEDIUM
        };
        pymalloc::give(int.cast(), size)
    }
}

/// Frees an object without a call if that is possible.
///
/// # Safety
/// `object` has no references; `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn dealloc_inline(ts: *mut PyThreadState, object: *mut PyObject) -> bool {
    // SAFETY: by the caller's promise.
    unsafe {
        if is_int(object) {
            return int_to_pool(object);
        }
        let possible = is_float(object) && float_list_has_room(ts, 1);
        if possible {
            float_to_list(ts, object);
        }
        possible
    }
}

/// `_Py_Dealloc`, which may run arbitrary code.
///
/// # Safety
/// `object` has no references, and the GIL is held.
#[inline(always)]
pub unsafe fn dealloc(object: *mut PyObject) {
    // SAFETY: by the caller's promise. An exact int is freed by PyObject_Free alone.
    unsafe {
        if is_int(object) {
            api::PyObject_Free(object.cast());
        } else {
            dealloc_by_type(object);
        }
    }
}

/// `_Py_DECREF_SPECIALIZED` for exact strings.
///
/// # Safety
/// As [`decref`], of an exact `str`.
#[inline(always)]
pub unsafe fn decref_str(object: *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        if count_down(object) {
            api::_PyUnicode_ExactDealloc(object);
        }
    }
}

/// `Py_TYPE`.
///
/// # Safety
/// `object` is live.
#[inline(always)]
pub unsafe fn type_of(object: *mut PyObject) -> *mut PyTypeObject {
    // SAFETY: live by the caller's promise.
    unsafe { (*object).ob_type }
}

/// `Py_SIZE`.
///
/// # Safety
/// `object` is a live variable-size object.
#[inline(always)]
pub unsafe fn size_of(object: *mut PyObject) -> PySsize {
    // SAFETY: by the caller's promise.
    unsafe { (*object.cast::<PyVarObject>()).ob_size }
}

macro_rules! exact_checks {
    ($($(#[$doc:meta])* $name:ident: $type:ident;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// `object` is live.
            #[inline(always)]
            pub unsafe fn $name(object: *mut PyObject) -> bool {
                // SAFETY: live by the caller's promise.
                unsafe { (*object).ob_type == &raw mut api::$type }
            }
        )*
    };
}

exact_checks! {
    /// Exactly an `int`.
    is_int: PyLong_Type;
    /// Exactly a `bool`.
    is_bool: PyBool_Type;
    /// Exactly a `float`.
    is_float: PyFloat_Type;
    /// Exactly a `str`.
    is_str: PyUnicode_Type;
    /// Exactly a `tuple`.
    is_tuple: PyTuple_Type;
    /// Exactly a `list`.
    is_list: PyList_Type;
    /// Exactly a `dict`.
    is_dict: PyDict_Type;
    /// Exactly a module.
    is_module: PyModule_Type;
    /// A Python function (the type cannot be subclassed).
    is_function: PyFunction_Type;
    /// A bound method (the type cannot be subclassed).
    is_method: PyMethod_Type;
    /// Exactly a builtin function.
    is_cfunction: PyCFunction_Type;
    /// A method descriptor of a builtin type.
    is_method_descr: PyMethodDescr_Type;
    /// Exactly a generator.
    is_generator: PyGen_Type;
    /// Exactly a coroutine.
    is_coroutine: PyCoro_Type;
    /// Exactly an async generator.
    is_async_generator: PyAsyncGen_Type;
    /// The cell of a closure.
    is_cell: PyCell_Type;
    /// A slice.
    is_slice: PySlice_Type;
    /// Exactly `bytes`.
    is_bytes: PyBytes_Type;
    /// The iterator of a list.
    is_list_iter: PyListIter_Type;
    /// The iterator of a tuple.
    is_tuple_iter: PyTupleIter_Type;
    /// The iterator of a `range` of C longs.
    is_range_iter: PyRangeIter_Type;
}

/// `PyType_HasFeature(Py_TYPE(object), flag)`.
///
/// # Safety
/// `object` is live.
#[inline(always)]
pub unsafe fn has_flag(object: *mut PyObject, flag: core::ffi::c_ulong) -> bool {
    // SAFETY: live by the caller's promise.
    unsafe { (*(*object).ob_type).tp_flags & flag != 0 }
}

/// `PyExceptionClass_Check`: a subclass of `BaseException`.
///
/// # Safety
/// `object` is live.
#[inline]
pub unsafe fn is_exception_class(object: *mut PyObject) -> bool {
    // SAFETY: live by the caller's promise; a type by the first test.
    unsafe {
        has_flag(object, flags::TYPE_SUBCLASS)
            && (*object.cast::<PyTypeObject>()).tp_flags & flags::BASE_EXC_SUBCLASS != 0
    }
}

/// Whether objects of two classes compare by the same function.
///
/// # Safety
/// Live classes.
#[inline]
pub unsafe fn compare_alike(a: *const PyTypeObject, b: *const PyTypeObject) -> bool {
    // SAFETY: by the caller's promise.
    let [a, b] = unsafe { [(*a).tp_richcompare, (*b).tp_richcompare] };
    a.map(|compare| compare as usize) == b.map(|compare| compare as usize)
}

/// Item of a tuple, borrowed.
///
/// # Safety
/// `tuple` is a live tuple longer than `index`.
#[inline(always)]
pub unsafe fn tuple_item(tuple: *mut PyObject, index: usize) -> *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe { *tuple_items(tuple).add(index) }
}

/// The items of a tuple.
///
/// # Safety
/// `tuple` is a live tuple.
#[inline(always)]
pub unsafe fn tuple_items(tuple: *mut PyObject) -> *mut *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe { (&raw mut (*tuple.cast::<PyTupleObject>()).ob_item).cast() }
}

/// Whether an exception is being raised.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn err_occurred(ts: *mut PyThreadState) -> bool {
    // SAFETY: by the caller's promise.
    unsafe { !(*ts).curexc_type.is_null() }
}

/// First instruction of a code object.
///
/// # Safety
/// `code` is live.
#[inline(always)]
pub unsafe fn first_instr(code: *mut PyCodeObject) -> *mut CodeUnit {
    // SAFETY: by the caller's promise.
    unsafe { (&raw mut (*code).co_code_adaptive).cast() }
}

/// `frame->localsplus`.
///
/// # Safety
/// `frame` is live.
#[inline(always)]
pub unsafe fn locals(frame: *mut PyInterpreterFrame) -> *mut *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe { (&raw mut (*frame).localsplus).cast() }
}

/// `_PyFrame_Stackbase`.
///
/// # Safety
/// `frame` is live.
#[inline(always)]
pub unsafe fn stack_base(frame: *mut PyInterpreterFrame) -> *mut *mut PyObject {
    // SAFETY: by the caller's promise.
    unsafe { locals(frame).add((*(*frame).f_code).co_nlocalsplus as usize) }
}

/// `_PyFrame_SetStackPointer`.
///
/// # Safety
/// `sp` points into the frame's `localsplus`.
#[inline(always)]
pub unsafe fn set_stack_pointer(frame: *mut PyInterpreterFrame, sp: *mut *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe { (*frame).stacktop = sp.offset_from(locals(frame)) as i32 };
}

/// `_PyFrame_StackPush`.
///
/// # Safety
/// The frame's stack pointer is stored and has room.
#[inline(always)]
pub unsafe fn stack_push(frame: *mut PyInterpreterFrame, value: *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        *locals(frame).add((*frame).stacktop as usize) = value;
        (*frame).stacktop += 1;
    }
}

/// `_PyFrame_IsIncomplete`: before its `RESUME`.
///
/// # Safety
/// `frame` is live.
#[inline]
pub unsafe fn is_incomplete(frame: *mut PyInterpreterFrame) -> bool {
    // SAFETY: by the caller's promise.
    unsafe {
        let code = (*frame).f_code;
        (*frame).owner != FRAME_OWNED_BY_GENERATOR
            && (*frame).prev_instr < first_instr(code).add((*code)._co_firsttraceable as usize)
    }
}

/// `_PyFrame_GetFrameObject`, borrowed; null with MemoryError.
///
/// # Safety
/// `frame` is live and complete.
#[inline]
pub unsafe fn frame_object(frame: *mut PyInterpreterFrame) -> *mut PyFrameObject {
    // SAFETY: by the caller's promise.
    unsafe {
        if (*frame).frame_obj.is_null() {
            api::_PyFrame_MakeAndSetFrameObject(frame)
        } else {
            (*frame).frame_obj
        }
    }
}

/// `_PyFrame_GetGenerator`.
///
/// # Safety
/// `frame` is owned by a generator.
#[inline(always)]
pub unsafe fn generator_of(frame: *mut PyInterpreterFrame) -> *mut PyGenObject {
    // SAFETY: the frame lies inside the generator.
    unsafe {
        frame
            .cast::<u8>()
            .sub(layout::PyGenObject::gi_iframe)
            .cast()
    }
}

/// Slots that a frame of `code` needs on the data stack.
///
/// # Safety
/// `code` is live.
#[inline(always)]
pub unsafe fn frame_size(code: *mut PyCodeObject) -> usize {
    // SAFETY: by the caller's promise.
    unsafe {
        ((*code).co_nlocalsplus + (*code).co_stacksize) as usize
            + layout::PyInterpreterFrame::SPECIALS
    }
}

/// `_PyThreadState_BumpFramePointer`; null with no exception set when memory is out.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn bump_frame_pointer(ts: *mut PyThreadState, size: usize) -> *mut PyInterpreterFrame {
    // SAFETY: by the caller's promise.
    unsafe {
        let frame = take_frame_room(ts, size);
        if frame.is_null() {
            api::_PyThreadState_BumpFramePointerSlow(ts, size)
        } else {
            frame
        }
    }
}

/// Room for a frame in the present chunk of the data stack; null when it has none left.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn take_frame_room(ts: *mut PyThreadState, size: usize) -> *mut PyInterpreterFrame {
    // SAFETY: the chunk's room is checked.
    unsafe {
        let top = (*ts).datastack_top;
        if top.is_null() || size >= (*ts).datastack_limit.offset_from(top) as usize {
            return core::ptr::null_mut();
        }
        (*ts).datastack_top = top.add(size);
        top.cast()
    }
}

/// Whether a frame is the first in its chunk of the data stack, which goes with it.
///
/// # Safety
/// `frame` is the topmost on the data stack of `ts`.
#[inline(always)]
pub unsafe fn is_first_of_chunk(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) -> bool {
    // SAFETY: a thread that runs frames has a chunk.
    unsafe { frame.cast::<u8>() == (*ts).datastack_chunk.add(layout::StackChunk::data) }
}

/// `_PyThreadState_PopFrame`: gives a frame's room back.
///
/// # Safety
/// `frame` is the topmost on the data stack, and cleared.
#[inline(always)]
pub unsafe fn pop_frame(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: only the first frame of a chunk frees it.
    unsafe {
        if is_first_of_chunk(ts, frame) {
            api::_PyThreadState_PopFrame(ts, frame);
        } else {
            (*ts).datastack_top = frame.cast();
        }
    }
}

/// `_PyFrame_Clear`: drops everything that a frame holds.
///
/// # Safety
/// The frame is unlinked and its stack pointer stored; if a generator owns it, that is
/// marked as cleared.
#[inline(always)]
pub unsafe fn clear_frame(frame: *mut PyInterpreterFrame) {
    // SAFETY: by the caller's promise. A frame object may take the frame over.
    unsafe {
        if !(*frame).frame_obj.is_null() {
            api::_PyFrame_Clear(frame);
            return;
        }
        let slots = locals(frame);
        for index in 0..(*frame).stacktop as usize {
            xdecref(*slots.add(index));
        }
        xdecref((*frame).f_locals);
        decref((*frame).f_func.cast());
        decref((*frame).f_code.cast());
    }
}

/// `_PyFrame_InitializeSpecials`: takes over the reference to `func`.
///
/// # Safety
/// `frame` is fresh room for a frame of the function's code.
#[inline(always)]
pub unsafe fn initialize_specials(
    frame: *mut PyInterpreterFrame,
    func: *mut PyFunctionObject,
    f_locals: *mut PyObject,
) {
    // SAFETY: by the caller's promise.
    unsafe {
        let code = (*func).func_code;
        incref(code.cast());
        (*frame).f_func = func;
        (*frame).f_code = code;
        (*frame).f_builtins = (*func).func_builtins;
        (*frame).f_globals = (*func).func_globals;
        (*frame).f_locals = xnew_ref(f_locals);
        (*frame).stacktop = (*code).co_nlocalsplus;
        (*frame).frame_obj = core::ptr::null_mut();
        (*frame).prev_instr = first_instr(code).sub(1);
        (*frame).is_entry = 0;
        (*frame).owner = FRAME_OWNED_BY_THREAD;
    }
}

/// `_Py_EnterRecursiveCallTstate`: true when the limit is exceeded (exception set).
///
/// # Safety
/// `ts` is the current thread's state; `place` is NUL terminated.
#[inline(always)]
pub unsafe fn enter_recursive_call(ts: *mut PyThreadState, place: &core::ffi::CStr) -> bool {
    // SAFETY: by the caller's promise.
    unsafe {
        let remaining = (*ts).recursion_remaining;
        (*ts).recursion_remaining = remaining - 1;
        remaining <= 0 && api::_Py_CheckRecursiveCall(ts, place.as_ptr()) != 0
    }
}

/// `_Py_LeaveRecursiveCallTstate`.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn leave_recursive_call(ts: *mut PyThreadState) {
    // SAFETY: by the caller's promise.
    unsafe { (*ts).recursion_remaining += 1 };
}

/// Whether the eval breaker is set.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn eval_breaker(ts: *mut PyThreadState) -> bool {
    // SAFETY: the interpreter state outlives its threads.
    unsafe { (*PyInterpreterState::eval_breaker((*ts).interp)).load(Relaxed) != 0 }
}

/// `_PyObject_ValuesPointer`.
///
/// # Safety
/// `object` is an instance of a type with `Py_TPFLAGS_MANAGED_DICT`.
#[inline(always)]
pub unsafe fn values_pointer(object: *mut PyObject) -> *mut *mut crate::object::PyDictValues {
    // SAFETY: managed dicts keep it four words before the object.
    unsafe { object.cast::<*mut crate::object::PyDictValues>().sub(4) }
}

/// `_PyObject_ManagedDictPointer`.
///
/// # Safety
/// As [`values_pointer`].
#[inline(always)]
pub unsafe fn managed_dict_pointer(object: *mut PyObject) -> *mut *mut crate::object::PyDictObject {
    // SAFETY: managed dicts keep it three words before the object.
    unsafe { object.cast::<*mut crate::object::PyDictObject>().sub(3) }
}

/// Start of the entries of a dict's keys (`DK_ENTRIES`, `DK_UNICODE_ENTRIES`).
///
/// # Safety
/// `keys` is live; `T` is the entry type of its kind.
#[inline(always)]
pub unsafe fn dict_entries<T>(keys: *mut crate::object::PyDictKeysObject) -> *mut T {
    // SAFETY: entries follow the index table.
    unsafe {
        (&raw mut (*keys).dk_indices)
            .cast::<u8>()
            .add(1 << (*keys).dk_log2_index_bytes)
            .cast()
    }
}

/// The characters of a str that is all ASCII; null for others. Calls nothing.
///
/// # Safety
/// A live str.
pub unsafe fn ascii_text(text: *mut PyObject) -> (*const u8, usize) {
    /// `compact` and `ascii` of its state.
    const BITS: u32 = 0x20 | 0x40;
    // SAFETY: such a str has its characters after its header.
    unsafe {
        let state: u32 = text
            .byte_add(layout::PyASCIIObject::state)
            .cast::<u32>()
            .read();
        let length = size_of(text) as usize;
        let characters = text.byte_add(layout::PyASCIIObject::SIZE).cast::<u8>();
        if state & BITS == BITS {
            (characters, length)
        } else {
            (core::ptr::null(), 0)
        }
    }
}
