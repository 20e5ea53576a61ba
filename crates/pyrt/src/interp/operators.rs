//! Binary operators that classes define in Python.
//!
//! CPython runs such a method in an evaluation of its own, below its type's slot function. Where a trace inlines
//! the method, it runs in the evaluation of the caller, whose stack keeps the operands meanwhile:
//!
//! ```text
//!   left right     before, and while the method runs, whose frame notes what is to be done with its answer
//!   result         after it
//! ```
//!
//! [`find`] says which method CPython would call first, for the operators for which what comes after
//! that method, should it answer NotImplemented, depends on nothing that the method could change meanwhile.

use core::ffi::CStr;
use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout::{PyNumberMethods, PySequenceMethods};
use pyrt_cpython::object::{PyObject, PyTypeObject, flags};
use pyrt_cpython::state::runtime;
use pyrt_spec::Purpose;

use super::handlers::arith;
use super::methods::{self, enter_method, is_heap_type, method};
use super::regs::{become_op, op};

/// A C function for an operator.
type BinaryFunction = unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject;

/// Where the parts of an operator are: fields of `PyNumberMethods`, names of methods.
struct Operator {
    symbol: &'static CStr,
    in_place_symbol: &'static CStr,
    slot: usize,
    in_place_slot: usize,
    name: fn() -> *mut PyObject,
    reflected: fn() -> *mut PyObject,
    in_place: fn() -> *mut PyObject,
}

macro_rules! operators {
    ($($symbol:literal $in_place_symbol:literal $slot:ident $in_place_slot:ident
        $name:ident $reflected:ident $in_place:ident;)*) => {
        [$(Operator {
            symbol: $symbol,
            in_place_symbol: $in_place_symbol,
            slot: PyNumberMethods::$slot,
            in_place_slot: PyNumberMethods::$in_place_slot,
            name: runtime::$name,
            reflected: runtime::$reflected,
            in_place: runtime::$in_place,
        },)*]
    };
}

/// By `NB_*` number (`Include/opcode.h`).
static OPERATORS: [Operator; 13] = operators! {
    c"+" c"+=" nb_add nb_inplace_add id___add__ id___radd__ id___iadd__;
    c"&" c"&=" nb_and nb_inplace_and id___and__ id___rand__ id___iand__;
    c"//" c"//=" nb_floor_divide nb_inplace_floor_divide id___floordiv__ id___rfloordiv__ id___ifloordiv__;
    c"<<" c"<<=" nb_lshift nb_inplace_lshift id___lshift__ id___rlshift__ id___ilshift__;
    c"@" c"@=" nb_matrix_multiply nb_inplace_matrix_multiply id___matmul__ id___rmatmul__ id___imatmul__;
    c"*" c"*=" nb_multiply nb_inplace_multiply id___mul__ id___rmul__ id___imul__;
    c"%" c"%=" nb_remainder nb_inplace_remainder id___mod__ id___rmod__ id___imod__;
    c"|" c"|=" nb_or nb_inplace_or id___or__ id___ror__ id___ior__;
    c"** or pow()" c"**=" nb_power nb_inplace_power id___pow__ id___rpow__ id___ipow__;
    c">>" c">>=" nb_rshift nb_inplace_rshift id___rshift__ id___rrshift__ id___irshift__;
    c"-" c"-=" nb_subtract nb_inplace_subtract id___sub__ id___rsub__ id___isub__;
    c"/" c"/=" nb_true_divide nb_inplace_true_divide id___truediv__ id___rtruediv__ id___itruediv__;
    c"^" c"^=" nb_xor nb_inplace_xor id___xor__ id___rxor__ id___ixor__;
};

/// What `BINARY_OP` with this argument is, and whether it is the in-place form.
fn operator(number: usize) -> (&'static Operator, bool) {
    let count = OPERATORS.len();
    (&OPERATORS[number % count], number >= count)
}

/// A method in Python that is called first for an operator.
pub(crate) struct Method {
    /// The method, borrowed from its class.
    pub(crate) function: *mut PyFunctionObject,
    /// What its frame is for.
    pub(crate) purpose: Purpose,
    /// It is the right operand's, which it gets first.
    pub(crate) is_reflected: bool,
}

/// The method that CPython would call first for `BINARY_OP` with this argument, if it is one in Python. That depends
/// on the types of the operands and on nothing else.
pub(crate) unsafe fn find(
    number: usize,
    left: *mut PyObject,
    right: *mut PyObject,
) -> Option<Method> {
    let (operator, is_in_place) = operator(number);
    // SAFETY: live objects.
    unsafe {
        let classes @ (left, right) = (type_of(left), type_of(right));
        if operator.slot == PyNumberMethods::nb_power || may_be_sequences(operator, classes) {
            return None;
        }
        let found = |function, purpose, is_reflected| Method {
            function,
            purpose,
            is_reflected,
        };
        if is_in_place && slot(left, operator.in_place_slot).is_some() {
            let function = method(left, (operator.in_place)())?;
            return Some(found(function, Purpose::InPlace, false));
        }
        let of_left = slot(left, operator.slot);
        let of_right = slot(right, operator.slot).filter(|_| left != right);
        if let Some(of_left) = of_left
            && !is_number(left)
        {
            let function = method(left, (operator.name)())?;
            let purpose = match of_right {
                Some(of_right) if of_right as usize == of_left as usize => {
                    if api::PyType_IsSubtype(right, left) != 0
                        && may_come_first(operator, left, right)
                    {
                        return None;
                    }
                    Purpose::Left
                }
                // Numbers of C know none but their own kind.
                Some(_) if !is_number(right) => return None,
                _ => Purpose::Last,
            };
            return Some(found(function, purpose, false));
        }
        let is_known = is_number(left) && !is_number_subclass(right) || of_left.is_none();
        if of_right.is_none() || !is_known || !is_number(left) && !is_heap_type(left) {
            return None;
        }
        let function = method(right, (operator.reflected)())?;
        Some(found(function, Purpose::Last, true))
    }
}

/// Whether operands may be concatenated or repeated by the operator if their methods do not know it.
unsafe fn may_be_sequences(
    operator: &Operator,
    (left, right): (*mut PyTypeObject, *mut PyTypeObject),
) -> bool {
    let [plain, in_place] = match operator.slot {
        PyNumberMethods::nb_add => [
            PySequenceMethods::sq_concat,
            PySequenceMethods::sq_inplace_concat,
        ],
        PyNumberMethods::nb_multiply => [
            PySequenceMethods::sq_repeat,
            PySequenceMethods::sq_inplace_repeat,
        ],
        _ => return false,
    };
    // SAFETY: live types.
    [left, right].into_iter().any(|class| unsafe {
        let methods = (*class).tp_as_sequence;
        [plain, in_place]
            .into_iter()
            .any(|at| field(methods, at).is_some())
    })
}

/// Whether the right operand, of a subclass of the left one's class, may be asked first
/// (`method_is_overloaded` in `Objects/typeobject.c`).
unsafe fn may_come_first(
    operator: &Operator,
    left: *mut PyTypeObject,
    right: *mut PyTypeObject,
) -> bool {
    // SAFETY: live types.
    unsafe {
        let name = (operator.reflected)();
        let plain = &raw mut api::PyType_Type;
        let [of_left, of_right] = [left, right].map(|class| api::_PyType_Lookup(class, name));
        let is_same = of_left == of_right && (of_left.is_null() || is_function(of_left));
        let is_plain = [left, right]
            .into_iter()
            .all(|class| type_of(class.cast()) == plain);
        !is_same || !is_plain || !api::_PyType_Lookup(plain, name).is_null()
    }
}

/// Whether a type is that of ints, floats or bools.
unsafe fn is_number(class: *mut PyTypeObject) -> bool {
    let numbers = [
        &raw mut api::PyLong_Type,
        &raw mut api::PyFloat_Type,
        &raw mut api::PyBool_Type,
    ];
    numbers.contains(&class)
}

/// Whether the operators of numbers accept an instance of a class.
unsafe fn is_number_subclass(class: *mut PyTypeObject) -> bool {
    // SAFETY: a live type.
    unsafe {
        (*class).tp_flags & flags::LONG_SUBCLASS != 0
            || api::PyType_IsSubtype(class, &raw mut api::PyFloat_Type) != 0
    }
}

/// The function of a type for an operator.
unsafe fn slot(class: *mut PyTypeObject, at: usize) -> Option<BinaryFunction> {
    // SAFETY: a live type.
    unsafe { field((*class).tp_as_number, at) }
}

/// A function in a table of a type, which may be null.
unsafe fn field(methods: *mut u8, at: usize) -> Option<BinaryFunction> {
    if methods.is_null() {
        return None;
    }
    // SAFETY: the table has a function there, or null.
    unsafe { *methods.add(at).cast() }
}

op! {
    /// `BINARY_OP` that calls the method in this evaluation.
    fn BINARY_OP_METHOD(r, number) {
        let (left, right) = (r.peek(2), r.peek(1));
        let Some(method) = find(number, left, right).filter(|_| methods::run_here(r.ts)) else {
            become_op!(r, number, arith::BINARY_OP)
        };
        let (first, second) = match method.is_reflected {
            true => (right, left),
            false => (left, right),
        };
        enter_method!(r, method.purpose, method.function, first, second, null_mut())
    }
}

/// What an operator gives for which its method has answered this; both are owned.
pub(super) unsafe fn settle(
    purpose: Purpose,
    answer: *mut PyObject,
    number: usize,
    (left, right): (*mut PyObject, *mut PyObject),
) -> *mut PyObject {
    if answer != not_implemented() {
        return answer;
    }
    // SAFETY: the operands are on the stack.
    unsafe {
        decref(answer);
        ask_again(purpose, number, left, right)
    }
}

/// What an operator gives whose first method has not implemented it.
#[cold]
unsafe fn ask_again(
    purpose: Purpose,
    number: usize,
    left: *mut PyObject,
    right: *mut PyObject,
) -> *mut PyObject {
    let (operator, is_in_place) = operator(number);
    // SAFETY: the operands are on the stack.
    unsafe {
        let result = match purpose {
            Purpose::InPlace => by_slots(operator.slot, left, right),
            Purpose::Left => {
                let method = api::_PyObject_LookupSpecial(right, (operator.reflected)());
                if !method.is_null() {
                    let result = api::PyObject_CallOneArg(method, left);
                    decref(method);
                    result
                } else if !api::PyErr_Occurred().is_null() {
                    null_mut()
                } else {
                    new_ref(not_implemented())
                }
            }
            _ => new_ref(not_implemented()),
        };
        if result != not_implemented() {
            return result;
        }
        decref(result);
        let symbol = match is_in_place {
            true => operator.in_place_symbol,
            false => operator.symbol,
        };
        api::PyErr_Format(
            api::PyExc_TypeError,
            c"unsupported operand type(s) for %.100s: '%.100s' and '%.100s'".as_ptr(),
            symbol.as_ptr(),
            (*type_of(left)).tp_name,
            (*type_of(right)).tp_name,
        )
    }
}

/// What the types of the operands make of a plain operator (`binary_op1` in `Objects/abstract.c`).
unsafe fn by_slots(at: usize, left: *mut PyObject, right: *mut PyObject) -> *mut PyObject {
    // SAFETY: live objects.
    unsafe {
        let classes = (type_of(left), type_of(right));
        let of_left = slot(classes.0, at);
        let of_right = slot(classes.1, at).filter(|of_right| {
            classes.0 != classes.1 && of_left.map(|f| f as usize) != Some(*of_right as usize)
        });
        let precedes = of_left.is_some()
            && of_right.is_some()
            && api::PyType_IsSubtype(classes.1, classes.0) != 0;
        let asked = match precedes {
            true => [of_right, of_left],
            false => [of_left, of_right],
        };
        for function in asked.into_iter().flatten() {
            let result = function(left, right);
            if result != not_implemented() {
                return result;
            }
            decref(result);
        }
        new_ref(not_implemented())
    }
}
