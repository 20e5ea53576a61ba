//! What compiled code calls.
//!
//! What is quiet runs no code of the program, so nobody sees that the frames are behind. Foreign
//! helpers may run any; the trace has made its frames true before.

use pyrt_cpython::api;
use pyrt_cpython::code::{CodeUnit, PyFunctionObject};
use pyrt_cpython::frame::{PyGenObject, PyInterpreterFrame};
use pyrt_cpython::inline::{pop_frame as inline_pop_frame, *};
use pyrt_cpython::instances;
use pyrt_cpython::object::{
    PyDictObject, PyDictValues, PyFloatObject, PyLongObject, PyObject, PyTypeObject, PyVarObject,
};
use pyrt_cpython::state::{PyInterpreterState, PyThreadState, collector_is_due, runtime};
use pyrt_spec::Purpose;
use pyrt_trace::Helper;

use super::record::int_value;
use super::{deaths, deopt, nested, raising};
use crate::interp::handlers::arith::{BINARY_OPS, wide_without_call};
use crate::interp::handlers::compare::rich_compare;
use crate::interp::handlers::{generator, jump, precall};
use crate::interp::support::VECTORCALL_ARGUMENTS_OFFSET;
use crate::interp::{args, constructor, pending, single};

/// The address of a helper.
pub(super) fn address(helper: Helper) -> usize {
    let function = match helper {
        Helper::BinaryOp => binary_op as *const (),
        Helper::Compare => compare as *const (),
        Helper::GetItem => api::PyObject_GetItem as *const (),
        Helper::SetItem => set_item as *const (),
        Helper::GetAttr => api::PyObject_GetAttr as *const (),
        Helper::SetAttr => set_attr as *const (),
        Helper::GetIter => api::PyObject_GetIter as *const (),
        Helper::IterNext => iter_next as *const (),
        Helper::Contains => contains as *const (),
        Helper::IsTrue => is_true as *const (),
        Helper::Call => call as *const (),
        Helper::RunLoop => nested::run_loop as *const (),
        Helper::CallCode => nested::call_code as *const (),
        Helper::Step => step as *const (),
        Helper::PushFrame => push_frame as *const (),
        Helper::NewInstance => new_instance as *const (),
        Helper::MakeInstance => make_instance as *const (),
        Helper::NewException => new_exception as *const (),
        Helper::NewCell => new_cell as *const (),
        Helper::NewFunction => new_function as *const (),
        Helper::Bind => bind as *const (),
        Helper::NewTuple => new_tuple as *const (),
        Helper::NewDict => new_dict as *const (),
        Helper::MakeTuple => make_tuple as *const (),
        Helper::NewList => new_list as *const (),
        Helper::NoteValue => note_value as *const (),
        Helper::IsSole => is_sole as *const (),
        Helper::Reuse => reuse as *const (),
        Helper::PopFrame => pop_frame as *const (),
        Helper::DropFrameObject => drop_frame_object as *const (),
        Helper::Resume => resume as *const (),
        Helper::Suspend => suspend as *const (),
        Helper::EndGenerator => end_generator as *const (),
        Helper::RefillInt => refill_int as *const (),
        Helper::RefillFloat => refill_float as *const (),
        Helper::StackRoom => nested::stack_room as *const (),
        Helper::Id => id as *const (),
        Helper::StrEq => str_eq as *const (),
        Helper::BuildList => build_list as *const (),
        Helper::BuildTuple => build_tuple as *const (),
        Helper::ListAppend => list_append as *const (),
        Helper::ListExtend => list_extend as *const (),
        Helper::Raise => raising::raise as *const (),
        Helper::RaiseAgain => raising::raise_again as *const (),
        Helper::Reraise => raising::reraise as *const (),
        Helper::Witness => raising::witness as *const (),
        Helper::LeaveFrame => raising::leave_frame as *const (),
        Helper::Catch => raising::catch as *const (),
        Helper::GiveUp => raising::give_up as *const (),
        Helper::Drop => raising::drop_object as *const (),
        Helper::Handled => raising::handled as *const (),
        Helper::FrameObject => raising::frame_object as *const (),
        Helper::EndedFrame => raising::ended_frame as *const (),
        Helper::NewEntry => raising::new_entry as *const (),
        Helper::BeginHandling => raising::begin_handling as *const (),
        Helper::EndHandling => raising::end_handling as *const (),
        Helper::ExceptionMatches => raising::exception_matches as *const (),
        quiet => return super::quiet::address(quiet),
    };
    function as usize
}

/// The value of an int of several digits.
pub(super) unsafe extern "C" fn unbox_int(int: *const u8, out: *mut i64) -> u8 {
    // SAFETY: compiled code has guarded that it is an int.
    match unsafe { int_value(int.cast::<PyObject>().cast_mut()) } {
        Some(value) => {
            // SAFETY: compiled code passes room for it.
            unsafe { *out = value };
            1
        }
        None => 0,
    }
}

/// An int; null when memory is out, without an exception, or when `tracemalloc` would look at the frame
/// for the line: then the interpreter makes it.
pub(super) unsafe extern "C" fn box_int(value: i64) -> *mut u8 {
    if traces_memory() {
        return core::ptr::null_mut();
    }
    // SAFETY: the GIL is held.
    unsafe {
        let int = wide_without_call(i128::from(value));
        if int.is_null() {
            or_clear(api::PyLong_FromLongLong(value))
        } else {
            int.cast()
        }
    }
}

/// A float; null as for [`box_int`].
pub(super) unsafe extern "C" fn box_float(value: f64) -> *mut u8 {
    if traces_memory() {
        return core::ptr::null_mut();
    }
    // SAFETY: the GIL is held.
    unsafe { or_clear(api::PyFloat_FromDouble(value)) }
}

/// The interpreter will run into the same error, and report it.
unsafe fn or_clear(object: *mut PyObject) -> *mut u8 {
    if object.is_null() {
        // SAFETY: the GIL is held.
        unsafe { api::PyErr_Clear() };
    }
    object.cast()
}

/// Gives up the last reference to a number or str.
pub(super) unsafe extern "C" fn dealloc_leaf(object: *mut u8) {
    // SAFETY: compiled code owns the reference.
    unsafe { decref_number(object.cast()) }
}

unsafe extern "C" fn binary_op(a: *mut PyObject, b: *mut PyObject, op: i64) -> *mut PyObject {
    // SAFETY: live objects; the number is one of BINARY_OP's.
    unsafe { BINARY_OPS[op as usize](a, b) }
}

unsafe extern "C" fn compare(a: *mut PyObject, b: *mut PyObject, op: i64) -> *mut PyObject {
    // SAFETY: live objects; the number is one of COMPARE_OP's.
    unsafe { rich_compare(runtime::current_thread(), a, b, op as usize) }
}

/// Operands in the order of STORE_SUBSCR's stack: value, container, key.
unsafe extern "C" fn set_item(
    value: *mut PyObject,
    container: *mut PyObject,
    key: *mut PyObject,
) -> i64 {
    // SAFETY: live objects.
    unsafe { i64::from(api::PyObject_SetItem(container, key, value)) }
}

/// Value, owner, name.
unsafe extern "C" fn set_attr(
    value: *mut PyObject,
    owner: *mut PyObject,
    name: *mut PyObject,
) -> i64 {
    // SAFETY: live objects.
    unsafe { i64::from(api::PyObject_SetAttr(owner, name, value)) }
}

/// Operands in the order of CONTAINS_OP's stack: item, container.
unsafe extern "C" fn contains(item: *mut PyObject, container: *mut PyObject) -> i64 {
    // SAFETY: live objects.
    unsafe { i64::from(api::PySequence_Contains(container, item)) }
}

unsafe extern "C" fn is_true(object: *mut PyObject) -> i64 {
    // SAFETY: a live object.
    unsafe { i64::from(api::PyObject_IsTrue(object)) }
}

/// Calls an object, and gives up the references to it and its arguments: a Python function takes them into
/// its frame. After any other call the eval breaker is served, as the interpreter does: what a call of C has asked
/// for, a signal above all, is to happen within the `try` around the call.
unsafe extern "C" fn call(
    ts: *mut PyThreadState,
    callable: *mut PyObject,
    arguments: *mut *mut PyObject,
    count: i64,
    names: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: the slot before the arguments holds the callable, so it may be changed meanwhile.
    unsafe {
        let count = count as usize;
        if is_function(callable) {
            return nested::call_function(ts, callable.cast(), arguments, (count, names));
        }
        let what = (count, names);
        let result = precall::call_with_generator(ts, callable, arguments, what)
            .or_else(|| precall::call_c(ts, callable, arguments, what));
        let result = match result {
            Some(result) => result,
            None => {
                let flags = (count - args::count_of(names)) | VECTORCALL_ARGUMENTS_OFFSET;
                api::PyObject_Vectorcall(callable, arguments, flags, names)
            }
        };
        for at in 0..count {
            decref(*arguments.add(at));
        }
        decref(callable);
        if !result.is_null() && eval_breaker(ts) && !pending::serve(ts) {
            decref(result);
            return core::ptr::null_mut();
        }
        result
    }
}

/// Addresses of this machine are less than 2**63.
unsafe extern "C" fn id(object: *mut PyObject) -> i64 {
    object.addr() as i64
}

/// What [`iter_next`] returns at the end. Its address counts, nobody looks into it.
static EXHAUSTED: u64 = 0;

/// The object that says that an iterator has ended.
pub(super) fn exhausted() -> u64 {
    (&raw const EXHAUSTED).addr() as u64
}

/// The next item; [`exhausted`], or null with an exception set.
unsafe extern "C" fn iter_next(ts: *mut PyThreadState, iterator: *mut PyObject) -> *mut PyObject {
    // SAFETY: an iterator, as the bytecode compiler guarantees.
    unsafe {
        let value = match (*type_of(iterator)).tp_iternext {
            Some(next) => next(iterator),
            None => core::ptr::null_mut(),
        };
        if value.is_null() && (!err_occurred(ts) || jump::end_of_iteration(ts)) {
            return exhausted() as *mut PyObject;
        }
        value
    }
}

/// Executes an instruction of the interpreter. `what` has the opcode, the whole argument, and the depth
/// of the stack before it and without its operands, from the low bits: 8, 32, 12, 12.
unsafe extern "C" fn step(
    ts: *mut PyThreadState,
    frame: *mut PyInterpreterFrame,
    instr: i64,
    what: i64,
) -> i64 {
    // SAFETY: the trace has made the frames true and put the stack into memory.
    unsafe {
        let (opcode, oparg, depths) = unpack_step(what);
        single::execute(ts, frame, instr as *const CodeUnit, opcode, oparg, depths)
    }
}

/// Depths that [`pack_step`] can tell.
pub(super) const MOST_DEPTH: u16 = (1 << 12) - 1;

/// The last operand of [`Helper::Step`]; the depths are at most [`MOST_DEPTH`].
pub(super) fn pack_step(opcode: u8, oparg: u32, depth: u16, base: u16) -> i64 {
    i64::from(opcode) | i64::from(oparg) << 8 | i64::from(depth) << 40 | i64::from(base) << 52
}

fn unpack_step(what: i64) -> (u8, usize, (usize, usize)) {
    let depth = what >> 40 & i64::from(MOST_DEPTH);
    let base = what >> 52 & i64::from(MOST_DEPTH);
    (
        what as u8,
        (what >> 8) as u32 as usize,
        (depth as usize, base as usize),
    )
}

unsafe extern "C" fn str_eq(a: *mut PyObject, b: *mut PyObject) -> i64 {
    // SAFETY: both are exactly strs.
    unsafe {
        if let Some(equal) = ascii_equal(a, b) {
            return i64::from(equal);
        }
        // C code may have made one long ago whose usual form is yet to be made; there is memory for that.
        let equal = api::_PyUnicode_Equal(a, b);
        if equal < 0 {
            api::PyErr_Clear();
        }
        i64::from(equal > 0)
    }
}

/// A list of values that keep their references.
unsafe extern "C" fn build_list(values: *const *mut PyObject, count: i64) -> *mut PyObject {
    // SAFETY: as many live objects as it says.
    unsafe {
        let list = api::PyList_New(count as isize);
        if !list.is_null() {
            let items = (*list.cast::<pyrt_cpython::object::PyListObject>()).ob_item;
            for at in 0..count as usize {
                *items.add(at) = new_ref(*values.add(at));
            }
        }
        list
    }
}

/// A tuple of values that keep their references.
unsafe extern "C" fn build_tuple(values: *const *mut PyObject, count: i64) -> *mut PyObject {
    // SAFETY: as many live objects as it says.
    unsafe {
        let tuple = api::PyTuple_New(count as isize);
        if !tuple.is_null() {
            for at in 0..count as usize {
                *tuple_items(tuple).add(at) = new_ref(*values.add(at));
            }
        }
        tuple
    }
}

unsafe extern "C" fn push_frame(
    ts: *mut PyThreadState,
    function: *mut PyFunctionObject,
    purpose: i64,
) -> *mut PyInterpreterFrame {
    let purpose = Purpose::from_number(purpose as u8).unwrap_or(Purpose::Call);
    // SAFETY: the current thread's state, and a live function.
    unsafe { deopt::new_frame(ts, function, purpose) }.unwrap_or(core::ptr::null_mut())
}

/// Whether making an object that the collector tracks would run it, or be noticed by `tracemalloc`.
unsafe fn allocation_shows(ts: *mut PyThreadState) -> bool {
    // SAFETY: the current thread's state.
    unsafe { collector_is_due(ts, 1) || traces_memory() }
}

/// An object made by `make`; null without exception if that could not be done quietly.
#[inline(always)]
unsafe fn made(ts: *mut PyThreadState, make: impl FnOnce() -> *mut PyObject) -> *mut PyObject {
    // SAFETY: the current thread's state.
    unsafe {
        if allocation_shows(ts) {
            return core::ptr::null_mut();
        }
        let object = make();
        if object.is_null() {
            api::PyErr_Clear();
        }
        object
    }
}

unsafe extern "C" fn new_instance(
    ts: *mut PyThreadState,
    class: *mut PyTypeObject,
    _version: i64,
    _values_at: i64,
) -> *mut PyObject {
    // SAFETY: the trace has guarded the class, whose instances `object.__new__` makes.
    unsafe {
        made(ts, || {
            constructor::new_instance(class, || instances::take(ts, class))
        })
    }
}

/// An instance that the collector has counted before; null as for [`box_int`].
pub(super) unsafe extern "C" fn make_instance(
    ts: *mut PyThreadState,
    class: *mut PyTypeObject,
) -> *mut PyObject {
    if traces_memory() {
        return core::ptr::null_mut();
    }
    // SAFETY: as above.
    unsafe { or_clear(counted_instance(ts, class)).cast() }
}

/// The same; null with an exception when memory is out.
pub(super) unsafe fn counted_instance(
    ts: *mut PyThreadState,
    class: *mut PyTypeObject,
) -> *mut PyObject {
    // SAFETY: as above.
    unsafe {
        uncounted(ts, || {
            constructor::new_instance(class, || instances::take(ts, class))
        })
    }
}

/// The same for a tuple of so many NULLs.
pub(super) unsafe fn counted_tuple(ts: *mut PyThreadState, count: usize) -> *mut PyObject {
    // SAFETY: as above.
    unsafe { uncounted(ts, || api::PyTuple_New(count as isize)) }
}

/// An object that the collector has counted before.
unsafe fn uncounted(ts: *mut PyThreadState, make: impl FnOnce() -> *mut PyObject) -> *mut PyObject {
    // SAFETY: the current thread's state. The collector does not run while it is taken to be running.
    unsafe {
        let interp = (*ts).interp;
        let (collecting, count) = (
            PyInterpreterState::gc_collecting(interp),
            PyInterpreterState::gc_count(interp),
        );
        let before = (*count, core::ptr::replace(collecting, 1));
        let object = make();
        (*count, *collecting) = before;
        object
    }
}

/// Takes the reference to the arguments.
unsafe extern "C" fn new_exception(
    ts: *mut PyThreadState,
    class: *mut PyTypeObject,
    arguments: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: the trace has guarded the class, whose instances `BaseException.__new__` makes.
    unsafe {
        let object = made(ts, || constructor::new_exception(ts, class, arguments));
        decref(arguments);
        object
    }
}

/// An empty cell.
unsafe extern "C" fn new_cell(ts: *mut PyThreadState) -> *mut PyObject {
    // SAFETY: as above.
    unsafe { made(ts, || api::PyCell_New(core::ptr::null_mut())) }
}

/// Globals that do not name their builtins leave it to the present frame what those are.
unsafe extern "C" fn new_function(
    ts: *mut PyThreadState,
    code: *mut PyObject,
    globals: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: as above; the globals are exactly a dict.
    unsafe {
        let keys = (*globals.cast::<PyDictObject>()).ma_keys;
        if (*keys).dk_kind == 0
            || api::_PyDictKeys_StringLookup(keys, runtime::id___builtins__()) < 0
        {
            return core::ptr::null_mut();
        }
        made(ts, || api::PyFunction_New(code, globals))
    }
}

unsafe extern "C" fn bind(
    ts: *mut PyThreadState,
    function: *mut PyObject,
    owner: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: as above; the trace has found a function or method descriptor in the class of the owner.
    unsafe {
        let Some(get) = (*type_of(function)).tp_descr_get else {
            return core::ptr::null_mut();
        };
        made(ts, || get(function, owner, type_of(owner).cast()))
    }
}

unsafe extern "C" fn new_tuple(
    ts: *mut PyThreadState,
    _class: *mut PyTypeObject,
    count: i64,
    _items_at: i64,
) -> *mut PyObject {
    // SAFETY: as above.
    unsafe { made(ts, || api::PyTuple_New(count as isize)) }
}

unsafe extern "C" fn make_tuple(ts: *mut PyThreadState, count: i64) -> *mut PyObject {
    if traces_memory() {
        return core::ptr::null_mut();
    }
    // SAFETY: as above.
    unsafe { or_clear(counted_tuple(ts, count as usize)).cast() }
}

unsafe extern "C" fn new_dict(ts: *mut PyThreadState) -> *mut PyObject {
    // SAFETY: as above.
    unsafe { made(ts, || api::PyDict_New()) }
}

unsafe extern "C" fn new_list(ts: *mut PyThreadState, count: i64) -> *mut PyObject {
    // SAFETY: as above.
    unsafe { made(ts, || api::PyList_New(count as isize)) }
}

/// The attributes of an instance keep their order (`_PyDictValues_AddToInsertionOrder`).
pub(super) unsafe extern "C" fn note_value(values: *mut PyDictValues, index: i64) {
    // SAFETY: the values, whose prefix has room for the order of all of them, as the interpreter
    // relies on.
    unsafe {
        let bytes: *mut u8 = values.cast();
        let count = bytes.offset(PyDictValues::COUNT as isize);
        *bytes.offset(PyDictValues::ORDER as isize - *count as isize) = index as u8;
        *count += 1;
    }
}

/// Whether an instance or tuple may be what a trace carries in parts: nobody else knows it, and it has attributes in inline
/// values alone, which were set in this order, or so many items.
unsafe extern "C" fn is_sole(object: *mut PyObject, order: i64) -> i64 {
    let (count, mut order) = (order as u8, order.cast_unsigned());
    // SAFETY: a live tuple, or an instance of a class whose instances may have inline values.
    unsafe {
        if (*object).ob_refcnt != 1 {
            return 0;
        }
        if is_tuple(object) {
            return i64::from((*object.cast::<PyVarObject>()).ob_size == isize::from(count));
        }
        let values: *const u8 = (*values_pointer(object)).cast();
        let has_more = values.is_null()
            || deaths::has_weak_references(object)
            || deaths::has_slots(type_of(object));
        if has_more || *values.sub(2) != count {
            return 0;
        }
        let is_next = |at: u8| {
            order >>= 8;
            *values.sub(3 + usize::from(at)) == order as u8
        };
        i64::from((0..count).all(is_next))
    }
}

/// An object that [`is_sole`] has found, or a new one, with nothing in it.
pub(super) unsafe extern "C" fn reuse(object: *mut PyObject, borrows: i64) -> *mut PyObject {
    // SAFETY: a live tuple, or an instance with inline values; numbers die silently.
    unsafe {
        let empty = |slots: *mut *mut PyObject, index: usize| {
            let value = slots.add(index).replace(core::ptr::null_mut());
            if borrows >> index & 1 == 0 {
                xdecref(value);
            }
        };
        if is_tuple(object) {
            let count = (*object.cast::<PyVarObject>()).ob_size;
            (0..count as usize).for_each(|index| empty(tuple_items(object), index));
            return object;
        }
        let values = *values_pointer(object);
        let bytes: *mut u8 = values.cast();
        for at in 0..usize::from(*bytes.sub(2)) {
            let index = usize::from(*bytes.sub(3 + at));
            empty((&raw mut (*values).values).cast(), index);
        }
        *bytes.sub(2) = 0;
        object
    }
}

/// The end of a frame that `push_frame` made; the trace has taken its locals.
unsafe extern "C" fn pop_frame(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: it is the innermost frame, and nobody has a frame object of it.
    unsafe {
        (*(*ts).cframe).current_frame = (*frame).previous;
        (*ts).recursion_remaining += i32::from((*frame).purpose().levels());
        xdecref((*frame).f_locals);
        decref((*frame).f_func.cast());
        decref((*frame).f_code.cast());
        inline_pop_frame(ts, frame);
    }
}

/// Gives up the object of a frame that is about to be cleared, if nobody else has it, as CPython does before it clears
/// the variables: 1 if it is gone.
unsafe extern "C" fn drop_frame_object(frame: *mut PyInterpreterFrame) -> i64 {
    // SAFETY: a live frame. Its object has no weak references, and nothing to give up but the function that traces it.
    unsafe {
        let object = (*frame).frame_obj;
        if object.is_null() {
            return 1;
        }
        if (*object).ob_base.ob_refcnt != 1 || !(*object).f_trace.is_null() {
            return 0;
        }
        (*frame).frame_obj = core::ptr::null_mut();
        decref(object.cast());
        1
    }
}

unsafe extern "C" fn resume(
    ts: *mut PyThreadState,
    generator: *mut PyGenObject,
) -> *mut PyInterpreterFrame {
    // SAFETY: the trace has guarded that it is suspended, and the recursion limit.
    unsafe { generator::link(ts, generator) }
}

unsafe extern "C" fn suspend(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) {
    // SAFETY: the trace runs the frame, and has stored where it is.
    unsafe { generator::suspend(ts, frame) }
}

unsafe extern "C" fn end_generator(ts: *mut PyThreadState, frame: *mut PyInterpreterFrame) -> i64 {
    // SAFETY: the trace runs the frame, and has given up all but the function and its code.
    unsafe {
        let (function, code) = ((*frame).f_func.cast(), (*frame).f_code.cast());
        if !deaths::loses_quietly(function, 1, deaths::DEPTH) || !deaths::loses_quietly(code, 1, 0)
        {
            return 0;
        }
        generator::end_quietly(ts, frame);
        1
    }
}

/// One-digit ints of this magnitude are made anew each time; smaller ones may be shared by everybody.
const ONE_DIGIT: core::ops::Range<i64> = 257..1 << 30;

/// Gives an object another value if it is an int to which nobody else refers, and of one digit, as the value. Such an int
/// is as good as freed.
pub(super) unsafe fn takes_over(old: *mut PyObject, value: i64) -> bool {
    // SAFETY: a live object.
    unsafe {
        let takes = is_int(old)
            && (*old).ob_refcnt == 1
            && size_of(old) == 1
            && ONE_DIGIT.contains(&value)
            && !traces_memory();
        if takes {
            (*old.cast::<PyLongObject>()).ob_digit[0] = value as u32;
        }
        takes
    }
}

unsafe extern "C" fn refill_int(old: *mut PyObject, value: i64) -> *mut PyObject {
    // SAFETY: a live number.
    unsafe {
        if takes_over(old, value) {
            return old;
        }
        let int = box_int(value);
        if !int.is_null() {
            decref_number(old);
        }
        int.cast()
    }
}

unsafe extern "C" fn refill_float(old: *mut PyObject, value: f64) -> *mut PyObject {
    // SAFETY: as above.
    unsafe {
        if is_float(old) && (*old).ob_refcnt == 1 && !traces_memory() {
            (*old.cast::<PyFloatObject>()).ob_fval = value;
            return old;
        }
        let float = box_float(value);
        if !float.is_null() {
            decref_number(old);
        }
        float.cast()
    }
}

/// `list.append`; -1 when memory is out, without an exception.
unsafe extern "C" fn list_append(list: *mut PyObject, item: *mut PyObject) -> i64 {
    // SAFETY: compiled code has guarded that it is a list.
    unsafe {
        if traces_memory() {
            return -1;
        }
        if api::PyList_Append(list, item) < 0 {
            api::PyErr_Clear();
            return -1;
        }
        0
    }
}

/// `LIST_EXTEND`, which counts no recursion as a call of `list.extend` would; -1 when memory is out, without an exception.
unsafe extern "C" fn list_extend(list: *mut PyObject, items: *mut PyObject) -> i64 {
    // SAFETY: compiled code has guarded that it is a list, and that its items come from a list or tuple.
    unsafe {
        if traces_memory() {
            return -1;
        }
        let done = api::_PyList_Extend(list.cast(), items);
        if done.is_null() {
            api::PyErr_Clear();
            return -1;
        }
        decref(done);
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_unpacked_as_they_were_packed() {
        for (opcode, oparg, depth, base) in [
            (0, 0, 0, 0),
            (255, u32::MAX, MOST_DEPTH, MOST_DEPTH),
            (7, 300, 5, 2),
        ] {
            let unpacked = unpack_step(pack_step(opcode, oparg, depth, base));
            assert_eq!(
                unpacked,
                (opcode, oparg as usize, (depth.into(), base.into()))
            );
        }
    }
}
