//! Recording builtins that run no code of the program: calls, operators and iterators.
//!
//! Nothing is flushed for them. Operands are guarded to be of exact types; where the operation then cannot
//! do without an exception, the collector, or code of the program, its helper does nothing, and the trace
//! leaves before the instruction.

use core::ffi::CStr;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyCFunctionObject, PyMethodDescrObject, PyObject, PyTypeObject, meth};
use pyrt_spec::{AbortReason, ExitReason, opcodes};
use pyrt_trace::frames::{Held, origin};
use pyrt_trace::{Helper, InsRef, ObjKind, Op, Place, Region, Type, Width};

use super::call::NEW_TUPLE;
use super::stack::Popped;
use super::{Flow, Recorded, Recorder, built, read_as};
use crate::interp::Regs;
use crate::interp::handlers::jump::for_iter_any;
use crate::jit::quiet;
use crate::jit::runtime::exhausted;

/// Whose function or method it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// A module with this name.
    Module(&'static str),
    /// The builtin type of this kind.
    Kind(ObjKind),
}

/// What a call gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    /// Some object.
    Object,
    /// An object of this kind; numbers are unboxed.
    Kind(ObjKind),
}

/// A function or method of C that is quiet.
struct Known {
    owner: Owner,
    names: &'static str,
    /// Fewest arguments, without `self`.
    required: usize,
    /// The kinds that each argument may have.
    arguments: &'static [&'static [ObjKind]],
    gives: Gives,
    /// 1 if it gives a new container.
    containers: i64,
    /// It changes the list that it is a method of.
    changes: bool,
}

use ObjKind::{Bool, Bytes, Dict, Float, Int, List, None as NoneKind, Set, Str, Tuple};

type Kinds = &'static [ObjKind];
const S: Kinds = &[Str];
const SN: Kinds = &[Str, NoneKind];
const ST: Kinds = &[Str, Tuple];
const I: Kinds = &[Int, Bool];
const IN: Kinds = &[Int, NoneKind];
const B: Kinds = &[Bytes];
const BN: Kinds = &[Bytes, NoneKind];
const F: Kinds = &[Float, Int];
const N: Kinds = &[Int, Float, Bool];
const SEQUENCE: Kinds = &[List, Tuple];
const ANY: Kinds = &[
    Int, Float, Bool, Str, NoneKind, Bytes, List, Tuple, Dict, Set,
];
const TEXT: Kinds = &[Int, Float, Bool, Str, NoneKind];

const STR_TYPE: Owner = Owner::Kind(Str);
const BYTES_TYPE: Owner = Owner::Kind(Bytes);
const BUILTINS: Owner = Owner::Module("builtins");
const MATH: Owner = Owner::Module("math");

macro_rules! known {
    ($($owner:expr, $names:literal, $required:literal $arguments:expr, $gives:expr, $containers:literal $(, $changes:ident)?;)*) => {
        &[$(Known {
            owner: $owner,
            names: $names,
            required: $required,
            arguments: &$arguments,
            gives: $gives,
            containers: $containers,
            changes: known!(@ $($changes)?),
        },)*]
    };
    (@) => { false };
    (@ changes) => { true };
}

/// The table: owner, names, fewest arguments, kinds of arguments, result, whether that is a new container.
const KNOWN: &[Known] = known! {
    STR_TYPE, "lower upper title capitalize casefold swapcase", 0 [], Gives::Kind(Str), 0;
    STR_TYPE, "isalpha isdigit isalnum isspace isupper islower isidentifier isdecimal isnumeric isascii istitle isprintable", 0 [], Gives::Kind(Bool), 0;
    STR_TYPE, "strip lstrip rstrip", 0 [SN], Gives::Kind(Str), 0;
    STR_TYPE, "startswith endswith", 1 [ST, IN, IN], Gives::Kind(Bool), 0;
    STR_TYPE, "find rfind index rindex count", 1 [S, IN, IN], Gives::Kind(Int), 0;
    STR_TYPE, "split rsplit", 0 [SN, I], Gives::Object, 1;
    STR_TYPE, "splitlines", 0 [I], Gives::Object, 1;
    STR_TYPE, "partition rpartition", 1 [S], Gives::Object, 1;
    STR_TYPE, "replace", 2 [S, S, I], Gives::Kind(Str), 0;
    STR_TYPE, "removeprefix removesuffix", 1 [S], Gives::Kind(Str), 0;
    STR_TYPE, "join", 1 [SEQUENCE], Gives::Kind(Str), 0;
    STR_TYPE, "zfill", 1 [I], Gives::Kind(Str), 0;
    STR_TYPE, "ljust rjust center", 1 [I, S], Gives::Kind(Str), 0;
    BYTES_TYPE, "lower upper hex", 0 [], Gives::Object, 0;
    BYTES_TYPE, "isalpha isdigit isalnum isspace isupper islower isascii", 0 [], Gives::Kind(Bool), 0;
    BYTES_TYPE, "strip lstrip rstrip", 0 [BN], Gives::Kind(Bytes), 0;
    BYTES_TYPE, "startswith endswith", 1 [B, IN, IN], Gives::Kind(Bool), 0;
    BYTES_TYPE, "find rfind index rindex count", 1 [B, IN, IN], Gives::Kind(Int), 0;
    BYTES_TYPE, "split rsplit", 0 [BN, I], Gives::Object, 1;
    BYTES_TYPE, "replace", 2 [B, B, I], Gives::Kind(Bytes), 0;
    Owner::Kind(Int), "bit_length bit_count", 0 [], Gives::Kind(Int), 0;
    Owner::Kind(Float), "is_integer", 0 [], Gives::Kind(Bool), 0;
    Owner::Kind(Float), "hex", 0 [], Gives::Kind(Str), 0;
    Owner::Kind(Dict), "keys values items", 0 [], Gives::Object, 1;
    Owner::Kind(Dict), "copy", 0 [], Gives::Kind(Dict), 1;
    Owner::Kind(List), "copy", 0 [], Gives::Kind(List), 1;
    Owner::Kind(List), "reverse", 0 [], Gives::Object, 0, changes;
    Owner::Kind(List), "extend", 1 [SEQUENCE], Gives::Object, 0, changes;
    Owner::Kind(List), "insert", 2 [I, ANY], Gives::Object, 0, changes;
    BUILTINS, "ord", 1 [&[Str, Bytes]], Gives::Kind(Int), 0;
    BUILTINS, "chr", 1 [I], Gives::Kind(Str), 0;
    BUILTINS, "abs", 1 [N], Gives::Object, 0;
    BUILTINS, "hash", 1 [&[Int, Float, Bool, Str, Bytes, NoneKind]], Gives::Kind(Int), 0;
    BUILTINS, "repr ascii", 1 [&[Float, Bool, Str, NoneKind]], Gives::Kind(Str), 0;
    BUILTINS, "bin oct hex", 1 [I], Gives::Kind(Str), 0;
    BUILTINS, "divmod", 2 [&[Float], N], Gives::Object, 1;
    BUILTINS, "divmod", 2 [N, &[Float]], Gives::Object, 1;
    BUILTINS, "pow", 2 [&[Float], N], Gives::Object, 0;
    BUILTINS, "pow", 2 [N, &[Float]], Gives::Object, 0;
    BUILTINS, "format", 1 [&[Float, Str], S], Gives::Kind(Str), 0;
    BUILTINS, "len", 1 [&[Bytes, Set]], Gives::Kind(Int), 0;
    MATH, "sinh cosh tanh asinh acosh atanh expm1 log1p gamma lgamma erf erfc cbrt degrees radians exp2 fabs sqrt sin cos tan asin acos atan exp", 1 [F], Gives::Kind(Float), 0;
    MATH, "log2 log10 log", 1 [F], Gives::Kind(Float), 0;
    MATH, "log", 2 [F, F], Gives::Kind(Float), 0;
    MATH, "copysign fmod atan2 pow remainder", 2 [F, F], Gives::Kind(Float), 0;
    MATH, "hypot", 1 [F, F, F], Gives::Kind(Float), 0;
    MATH, "ldexp", 2 [F, I], Gives::Kind(Float), 0;
    MATH, "isnan isinf isfinite", 1 [F], Gives::Kind(Bool), 0;
    MATH, "floor ceil trunc", 1 [F], Gives::Kind(Int), 0;
};

/// Functions of one float that are called with what is in the register.
const OF_FLOAT: [(&str, Helper); 11] = [
    ("sqrt", Helper::Sqrt),
    ("sin", Helper::Sin),
    ("cos", Helper::Cos),
    ("tan", Helper::Tan),
    ("asin", Helper::Asin),
    ("acos", Helper::Acos),
    ("atan", Helper::Atan),
    ("exp", Helper::Exp),
    ("log", Helper::Log),
    ("log2", Helper::Log2),
    ("log10", Helper::Log10),
];

/// The same of two floats.
const OF_FLOATS: [(&str, Helper); 3] = [
    ("atan2", Helper::Atan2),
    ("pow", Helper::PowFinite),
    ("fmod", Helper::Fmod),
];

/// The kind of an object that builtins take, as it is now.
unsafe fn kind_now(object: *mut PyObject) -> Option<ObjKind> {
    // SAFETY: a live object.
    unsafe {
        Some(match object {
            _ if is_int(object) => Int,
            _ if is_str(object) => Str,
            _ if is_float(object) => Float,
            _ if is_bool(object) => Bool,
            _ if object == none() => NoneKind,
            _ if is_list(object) => List,
            _ if is_tuple(object) => Tuple,
            _ if is_dict(object) => Dict,
            _ if is_bytes(object) => Bytes,
            _ if type_of(object) == &raw mut api::PySet_Type => Set,
            _ => return None,
        })
    }
}

/// Whether an object may be a key of [`quiet`]'s lookups.
unsafe fn key_kind(object: *mut PyObject) -> Option<ObjKind> {
    // SAFETY: a live object.
    unsafe {
        kind_now(object)
            .filter(|kind| matches!(kind, Int | Str | Float | Bool | NoneKind | Tuple | Bytes))
    }
}

impl Recorder {
    /// Where an exit goes that executes the instruction again, after giving up a new reference.
    fn exit_dropping(&mut self, reason: ExitReason, value: InsRef) -> pyrt_trace::ExitId {
        let (ip, depth) = (self.at.ip, self.at.depth);
        self.builder.exit_pending(reason, ip, depth, vec![value])
    }

    /// Ends a quiet operation that takes the `n` topmost values: its result, a new reference, unless the
    /// interpreter has to do it.
    fn finish_quiet(
        &mut self,
        n: u16,
        result: InsRef,
        gives: Gives,
        reason: ExitReason,
    ) -> Recorded {
        let depth = self.at.depth;
        let object = self.checked(Op::GuardObj, &[result], reason, depth)?;
        self.finish_with(n, object, gives)
    }

    /// The result of a quiet call of C with `n` values on the stack, unless the interpreter has to do it, or it
    /// has raised an exception.
    fn result_of_call(&mut self, n: u16, result: InsRef, reason: ExitReason) -> Recorded<InsRef> {
        let depth = self.at.depth;
        let leave = self.builder.const_obj(quiet::leave(), "the interpreter");
        self.checked(Op::GuardNotSame, &[result, leave], reason, depth)?;
        let (frames, at) = (self.builder.frames().clone(), self.at);
        let (_, exit) = self.drop_operands(n);
        *self.builder.frames_mut() = frames;
        self.at = at;
        built(self.builder.op_exit(Op::GuardObj, &[result], exit))
    }

    /// Ends a quiet operation that has given this object.
    fn finish_with(&mut self, n: u16, object: InsRef, gives: Gives) -> Recorded {
        let Gives::Kind(kind) = gives else {
            return self.replace(
                n,
                &[Popped {
                    value: object,
                    held: Held::Owned,
                }],
            );
        };
        let exit = self.exit_dropping(ExitReason::Type, object);
        let object = built(self.builder.guard_type(object, kind, exit))?;
        let value = match kind {
            Int => {
                let exit = self.exit_dropping(ExitReason::IntRange, object);
                built(self.builder.op_exit(Op::UnboxInt, &[object], exit))?
            }
            Float => self.op(Op::UnboxFloat, &[object])?,
            Bool => self.op(Op::UnboxBool, &[object])?,
            _ => {
                return self.replace(
                    n,
                    &[Popped {
                        value: object,
                        held: Held::Owned,
                    }],
                );
            }
        };
        self.op(Op::ReleaseLeaf, &[object])?;
        self.replace_by(n, value)
    }

    /// The same where the result is an int that may not fit 64 bits.
    fn finish_big(&mut self, n: u16, result: InsRef) -> Recorded<bool> {
        let depth = self.at.depth;
        let object = self.checked(Op::GuardObj, &[result], ExitReason::Domain, depth)?;
        let exit = self.exit_dropping(ExitReason::Type, object);
        let value = built(self.builder.guard_type(object, Int, exit))?;
        let held = Held::Owned;
        self.replace(n, &[Popped { value, held }])?;
        Ok(true)
    }

    /// Ends one that gives an int, which is negative if the interpreter has to do it.
    fn finish_status(&mut self, status: InsRef, reason: ExitReason) -> Recorded {
        let zero = self.builder.const_i64(0);
        let fine = self.op(Op::GeI64, &[status, zero])?;
        let depth = self.at.depth;
        self.checked(Op::GuardTrue, &[fine], reason, depth)?;
        Ok(())
    }

    /// The operand `n` from the top, boxed, and guarded to be of a kind.
    unsafe fn operand(&mut self, r: Regs, n: u16, kind: ObjKind) -> Recorded<InsRef> {
        // SAFETY: the operand is on the stack.
        let value = unsafe { self.peek_object(r, n)? };
        if kind == NoneKind {
            // SAFETY: None lives forever.
            let none = unsafe { self.object_constant(none()) };
            if self.same_object(value, none) {
                return Ok(value);
            }
        }
        self.guard_kind(value, kind)
    }

    fn thread(&mut self) -> Recorded<InsRef> {
        self.op(Op::Thread, &[])
    }

    /// Guards the class of an object whose class may be any.
    pub(super) unsafe fn guard_class(
        &mut self,
        value: InsRef,
        object: *mut PyObject,
    ) -> Recorded<InsRef> {
        // SAFETY: a live object.
        unsafe {
            if self.ty(value) != Type::Obj {
                return Ok(value);
            }
            if let Some(kind) = kind_now(object) {
                return self.guard_kind(value, kind);
            }
            // Assigns a version if there is none.
            let class = type_of(object);
            api::_PyType_Lookup(class, class_name());
            match (*class).tp_version_tag {
                0 => Err(AbortReason::GenericOperation),
                version => self.guard_version(value, version),
            }
        }
    }

    /// Guards that a class is the one that it is now.
    unsafe fn guard_is_class(&mut self, value: InsRef, class: *mut PyTypeObject) -> Recorded {
        // SAFETY: a live class.
        unsafe {
            let known = self.object_constant(class.cast());
            if self.same_object(value, known) {
                return Ok(());
            }
            let depth = self.at.depth;
            if !is_heap_type(class) {
                self.checked(Op::GuardSame, &[value, known], ExitReason::Callee, depth)?;
                return Ok(());
            }
            // Its address may be another's one day, its version never is.
            let value = self.guard_kind(value, ObjKind::Type)?;
            let at = layout::PyTypeObject::tp_version_tag;
            let version = self.field(value, at, Width::U32, Region::Classes)?;
            self.guard_is(
                version,
                i64::from((*class).tp_version_tag),
                ExitReason::Callee,
            )
        }
    }

    /// A call of a builtin with the arguments on the stack; false if it has to be foreign.
    pub(super) unsafe fn builtin_call(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        total: usize,
        oparg: usize,
    ) -> Recorded<bool> {
        let n = (total + 1 + usize::from(total == oparg)) as u16;
        // SAFETY: the call is on the stack.
        unsafe {
            if self.is_refused() {
                return Ok(false);
            }
            if type_of(callee) == &raw mut api::PyType_Type {
                return self.type_call(r, callee.cast(), total, n);
            }
            if is_cfunction(callee) && total == oparg {
                let function: *mut PyCFunctionObject = callee.cast();
                let name = CStr::from_ptr((*(*function).m_ml).ml_name);
                let Ok(name) = name.to_str() else {
                    return Ok(false);
                };
                if self.is_of_module(function, "builtins") {
                    if self.of_builtins(r, callee, name, total, n)? {
                        return Ok(true);
                    }
                    return self.known_call(r, callee, BUILTINS, name, total, n);
                }
                if self.is_of_module(function, "math") {
                    if self.of_math(r, callee, name, total, n)? {
                        return Ok(true);
                    }
                    return self.known_call(r, callee, MATH, name, total, n);
                }
                return Ok(false);
            }
            if is_method_descr(callee) && total > 0 {
                let descr: *mut PyMethodDescrObject = callee.cast();
                let this = r.peek(total);
                let Some(kind) = kind_now(this) else {
                    return Ok(false);
                };
                let value = self.peek(r, total as u16 + 1)?;
                let known = self.object_constant(callee);
                if type_of(this) != (*descr).d_type || !self.same_object(value, known) {
                    return Ok(false);
                }
                let name = CStr::from_ptr((*(*descr).d_method).ml_name);
                let Ok(name) = name.to_str() else {
                    return Ok(false);
                };
                if self.of_container(r, kind, name, total, n)? {
                    return Ok(true);
                }
                return self.known_call(r, callee, Owner::Kind(kind), name, total, n);
            }
            Ok(false)
        }
    }

    unsafe fn is_of_module(&self, function: *mut PyCFunctionObject, name: &str) -> bool {
        // SAFETY: a live function.
        unsafe {
            let module = (*function).m_module;
            if module.is_null()
                || !is_str(module)
                || (*function).m_self.is_null()
                || !is_module((*function).m_self)
            {
                return false;
            }
            let text = api::PyUnicode_AsUTF8(module);
            if text.is_null() {
                api::PyErr_Clear();
                return false;
            }
            CStr::from_ptr(text).to_bytes() == name.as_bytes()
        }
    }

    /// Guards that the callable `n` from the top is this function of a module.
    unsafe fn guard_function(
        &mut self,
        r: Regs,
        n: u16,
        callee: *mut PyObject,
    ) -> Recorded<InsRef> {
        // SAFETY: the callable is on the stack.
        unsafe {
            let function = self.peek(r, n)?;
            let known = self.object_constant(callee);
            if self.same_object(function, known) {
                return Ok(function);
            }
            // The definition is never freed, other than the object.
            let function = self.guard_kind(function, ObjKind::Builtin)?;
            let def = (*callee.cast::<PyCFunctionObject>()).m_ml;
            let at = layout::PyCFunctionObject::m_ml;
            let found = self.field(function, at, Width::Ptr, Region::Fixed)?;
            let name = CStr::from_ptr((*def).ml_name).to_string_lossy();
            let wanted = self.builder.const_obj(def as u64, name);
            let depth = self.at.depth;
            self.checked(Op::GuardSame, &[found, wanted], ExitReason::Callee, depth)?;
            Ok(function)
        }
    }

    /// A call of what the table knows.
    unsafe fn known_call(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        owner: Owner,
        name: &str,
        total: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let receiver = usize::from(matches!(owner, Owner::Kind(_)));
            let given = total - receiver;
            let fits = |known: &&Known| {
                known.owner == owner
                    && known.names.split(' ').any(|known| known == name)
                    && (known.required..=known.arguments.len()).contains(&given)
                    && (0..given).all(|at| {
                        kind_now(r.peek(given - at))
                            .is_some_and(|kind| known.arguments[at].contains(&kind))
                    })
            };
            let Some(known) = KNOWN.iter().find(fits) else {
                return Ok(false);
            };
            let flags = if receiver == 1 {
                (*(*callee.cast::<PyMethodDescrObject>()).d_method).ml_flags
            } else {
                (*(*callee.cast::<PyCFunctionObject>()).m_ml).ml_flags
            };
            if flags & meth::FASTCALL == 0 {
                self.guard_recursion()?;
            }
            let callable = if receiver == 1 {
                self.peek(r, total as u16 + 1)?
            } else {
                self.guard_function(r, total as u16 + 1, callee)?
            };
            let containers = self.builder.const_i64(known.containers);
            let mut operands = vec![self.thread()?, containers, callable];
            for at in (1..=total).rev() {
                let kind = kind_now(r.peek(at)).ok_or(AbortReason::UnsupportedType)?;
                operands.push(self.operand(r, at as u16, kind)?);
            }
            let helper = match (known.changes, total) {
                (false, 0) => Helper::QuietCall0,
                (false, 1) => Helper::QuietCall1,
                (false, 2) => Helper::QuietCall2,
                (false, 3) => Helper::QuietCall3,
                (true, 1) => Helper::ListCall1,
                (true, 2) => Helper::ListCall2,
                (true, 3) => Helper::ListCall3,
                _ => return Ok(false),
            };
            let result = self.call_helper(helper, &operands)?;
            if known.changes {
                let none = self.result_of_call(n, result, ExitReason::Memory)?;
                self.op(Op::ReleaseLeaf, &[none])?;
                self.replace_by_none(n)?;
                return Ok(true);
            }
            let reason = if known.containers > 0 {
                ExitReason::Memory
            } else {
                ExitReason::Missing
            };
            let object = self.result_of_call(n, result, reason)?;
            self.finish_with(n, object, known.gives)?;
            Ok(true)
        }
    }

    /// A call of a builtin type.
    unsafe fn type_call(
        &mut self,
        r: Regs,
        class: *mut PyTypeObject,
        total: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let is = |known: *mut PyTypeObject| class == known;
            if is_heap_type(class) || total as u16 + 1 == n {
                return Ok(false);
            }
            let kinds: Option<Vec<ObjKind>> =
                (1..=total).rev().map(|at| kind_now(r.peek(at))).collect();
            if is(&raw mut api::PyType_Type) && total == 1 {
                self.callee_is(r, n, class)?;
                return self.type_of(r, n).map(|()| true);
            }
            let number = kinds
                .as_deref()
                .is_some_and(|kinds| matches!(kinds, [Int | Float | Bool]));
            if is(&raw mut api::PyBool_Type) && total == 1 {
                if !number && kinds.is_none() {
                    return Ok(false);
                }
                self.callee_is(r, n, class)?;
                let truth = match self.peek_number(r, 1)? {
                    Some(value) => self.truth(value)?,
                    None if matches!(
                        kinds.as_deref(),
                        Some([Str | List | Tuple | Dict | NoneKind])
                    ) =>
                    {
                        self.truth_of_object(r)?.0
                    }
                    None => return Ok(false),
                };
                return self.replace_by(n, truth).map(|()| true);
            }
            let to_int = is(&raw mut api::PyLong_Type);
            if (to_int || is(&raw mut api::PyFloat_Type)) && number && read_as(r.peek(1)).is_some()
            {
                self.callee_is(r, n, class)?;
                let value = self
                    .peek_number(r, 1)?
                    .ok_or(AbortReason::UnsupportedType)?;
                let value = self.number(value)?;
                let depth = self.at.depth;
                let value = match (to_int, self.ty(value)) {
                    (true, Type::F64) => {
                        self.checked(Op::F64ToI64, &[value], ExitReason::Domain, depth)?
                    }
                    (true, _) => value,
                    (false, _) => self.widened(value)?,
                };
                return self.replace_by(n, value).map(|()| true);
            }
            let (gives, containers) = match kinds.as_deref() {
                Some([Str]) if to_int => (Gives::Kind(Int), 0),
                Some([Str]) if is(&raw mut api::PyFloat_Type) => (Gives::Kind(Float), 0),
                Some([Int]) if is(&raw mut api::PyUnicode_Type) => {
                    self.callee_is(r, n, class)?;
                    return self.decimal(r, n, 1).map(|()| true);
                }
                Some([Float | Bool | Str | NoneKind]) if is(&raw mut api::PyUnicode_Type) => {
                    (Gives::Kind(Str), 0)
                }
                Some([Int] | [Int, Int]) if is(&raw mut api::PyRange_Type) => (Gives::Object, 0),
                Some([] | [List | Tuple | Str | Dict]) if is(&raw mut api::PyList_Type) => {
                    (Gives::Kind(List), 1)
                }
                Some([List | Tuple | Str | Dict]) if is(&raw mut api::PyTuple_Type) => {
                    (Gives::Kind(Tuple), 1)
                }
                Some([]) if is(&raw mut api::PyDict_Type) => (Gives::Kind(Dict), 1),
                Some([]) if is(&raw mut api::PySet_Type) => (Gives::Kind(Set), 1),
                Some([List | Tuple | Str | Dict]) if is(&raw mut api::PyEnum_Type) => {
                    (Gives::Object, 1)
                }
                Some([List | Tuple | Str | Dict, List | Tuple | Str | Dict])
                    if is(&raw mut api::PyZip_Type) =>
                {
                    (Gives::Object, 1)
                }
                Some([List]) if is(&raw mut api::PyReversed_Type) => (Gives::Object, 1),
                _ => return Ok(false),
            };
            let kinds = kinds.unwrap_or_default();
            self.guard_recursion()?;
            self.callee_is(r, n, class)?;
            let containers_value = self.builder.const_i64(containers);
            let callable = self.object_constant(class.cast());
            let mut operands = vec![self.thread()?, containers_value, callable];
            for (at, kind) in (1..=total).rev().zip(kinds) {
                operands.push(self.operand(r, at as u16, kind)?);
            }
            let helper = [
                Helper::QuietCall0,
                Helper::QuietCall1,
                Helper::QuietCall2,
                Helper::QuietCall3,
            ];
            let result = self.call_helper(helper[total], &operands)?;
            let reason = if containers > 0 {
                ExitReason::Memory
            } else {
                ExitReason::Missing
            };
            let object = self.result_of_call(n, result, reason)?;
            self.finish_with(n, object, gives)?;
            Ok(true)
        }
    }

    /// Guards that the callable of a call that takes `n` slots, a NULL below it, is this builtin type.
    unsafe fn callee_is(&mut self, r: Regs, n: u16, class: *mut PyTypeObject) -> Recorded {
        // SAFETY: the callable is on the stack.
        unsafe {
            let value = self.peek(r, n - 1)?;
            self.guard_is_class(value, class)
        }
    }

    /// `type(x)`.
    unsafe fn type_of(&mut self, r: Regs, n: u16) -> Recorded {
        // SAFETY: the object is on the stack.
        unsafe {
            let object = r.peek(1);
            let value = self.peek(r, 1)?;
            let number = self.ty(value) != Type::Obj;
            if let Some(kind) = kind_now(object) {
                if !number {
                    self.guard_kind(value, kind)?;
                }
                let value = self.object_constant(type_of(object).cast());
                return self.replace(
                    n,
                    &[Popped {
                        value,
                        held: Held::Heap,
                    }],
                );
            }
            let at = layout::PyObject::ob_type;
            let class = self.field(value, at, Width::Obj, Region::Classes)?;
            self.replace_by_loaded(n, class)
        }
    }

    /// Functions of `builtins` that need no call.
    unsafe fn of_builtins(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        name: &str,
        total: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            match (name, total) {
                ("isinstance", 2) => self.isinstance(r, callee, n),
                ("len", 1) => self.len_of_rest(r, callee, n),
                ("callable", 1) => {
                    let object = r.peek(1);
                    let value = self.peek(r, 1)?;
                    if kind_now(object).is_none() && (*type_of(object)).tp_version_tag == 0 {
                        return Ok(false);
                    }
                    self.guard_function(r, 2, callee)?;
                    self.guard_class(value, object)?;
                    let yes = self.builder.const_bool(api::PyCallable_Check(object) != 0);
                    self.replace_by(n, yes).map(|()| true)
                }
                ("ord", 1) if is_str(r.peek(1)) => {
                    self.guard_function(r, 2, callee)?;
                    let value = self.operand(r, 1, Str)?;
                    let code = self.call_helper(Helper::StrOrd, &[value])?;
                    self.finish_status(code, ExitReason::Missing)?;
                    self.replace_by(n, code).map(|()| true)
                }
                ("abs", 1) if read_as(r.peek(1)).is_some() => {
                    self.guard_function(r, 2, callee)?;
                    let value = self
                        .peek_number(r, 1)?
                        .ok_or(AbortReason::UnsupportedType)?;
                    let value = self.number(value)?;
                    let depth = self.at.depth;
                    let value = match self.ty(value) {
                        Type::F64 => self.op(Op::AbsF64, &[value])?,
                        _ => self.checked(Op::AbsOvf, &[value], ExitReason::Overflow, depth)?,
                    };
                    self.replace_by(n, value).map(|()| true)
                }
                ("repr", 1) if is_int(r.peek(1)) => {
                    self.guard_function(r, 2, callee)?;
                    self.decimal(r, n, 2).map(|()| true)
                }
                ("divmod", 2) => self.divmod(r, callee, n),
                ("min" | "max", 2 | 3) => self.extreme(r, callee, name == "max", total, n),
                ("round", 1) if is_float(r.peek(1)) => {
                    self.boxed_call(r, callee, total, n, Gives::Kind(Int))
                }
                ("round", 1) if is_int(r.peek(1)) => {
                    self.boxed_call(r, callee, total, n, Gives::Kind(Int))
                }
                ("round", 2) if is_float(r.peek(2)) && is_int(r.peek(1)) => {
                    self.boxed_call(r, callee, total, n, Gives::Kind(Float))
                }
                _ => Ok(false),
            }
        }
    }

    /// The text of the int on top of the stack, for a call that takes `n` slots.
    unsafe fn decimal(&mut self, r: Regs, n: u16, how: i64) -> Recorded {
        // SAFETY: the int is on the stack.
        unsafe {
            let value = self.operand(r, 1, Int)?;
            let thread = self.thread()?;
            let how = self.builder.const_i64(how);
            let text = self.call_helper(Helper::Text, &[thread, value, how])?;
            self.finish_quiet(n, text, Gives::Kind(Str), ExitReason::Missing)
        }
    }

    /// `divmod` of ints.
    unsafe fn divmod(&mut self, r: Regs, callee: *mut PyObject, n: u16) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            if !(1..=2).all(|at| is_int(r.peek(at)) && read_as(r.peek(at)).is_some()) {
                return Ok(false);
            }
            self.guard_function(r, 3, callee)?;
            let a = self.peek_number(r, 2)?.ok_or(AbortReason::BigInt)?;
            let b = self.peek_number(r, 1)?.ok_or(AbortReason::BigInt)?;
            let depth = self.at.depth;
            let mut parts = Vec::new();
            for op in [Op::FloordivI64, Op::ModI64] {
                let part = self.checked(op, &[a, b], ExitReason::ZeroDivision, depth)?;
                let exit =
                    self.builder
                        .exit_pending(ExitReason::Memory, self.at.ip, depth, parts.clone());
                parts.push(built(self.builder.op_exit(Op::BoxInt, &[part], exit))?);
            }
            let thread = self.thread()?;
            let tuple = self.call_helper(Helper::NewTuple2, &[thread, parts[0], parts[1]])?;
            for part in parts {
                self.op(Op::ReleaseLeaf, &[part])?;
            }
            self.finish_quiet(n, tuple, Gives::Object, ExitReason::Memory)?;
            Ok(true)
        }
    }

    /// A pure call that makes no containers, of numbers.
    unsafe fn boxed_call(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        total: usize,
        n: u16,
        gives: Gives,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let callable = self.guard_function(r, total as u16 + 1, callee)?;
            let containers = self.builder.const_i64(0);
            let mut operands = vec![self.thread()?, containers, callable];
            for at in (1..=total).rev() {
                let kind = kind_now(r.peek(at)).ok_or(AbortReason::UnsupportedType)?;
                operands.push(self.operand(r, at as u16, kind)?);
            }
            let helper = if total == 1 {
                Helper::QuietCall1
            } else {
                Helper::QuietCall2
            };
            let result = self.call_helper(helper, &operands)?;
            let object = self.result_of_call(n, result, ExitReason::Domain)?;
            self.finish_with(n, object, gives)?;
            Ok(true)
        }
    }

    /// `len` of what [`Recorder::len`] does not know.
    unsafe fn len_of_rest(&mut self, r: Regs, callee: *mut PyObject, n: u16) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let object = r.peek(1);
            let class = type_of(object);
            let known = [
                &raw mut api::PyFrozenSet_Type,
                &raw mut api::PySet_Type,
                &raw mut api::PyBytes_Type,
                &raw mut api::PyByteArray_Type,
                &raw mut api::PyRange_Type,
                &raw mut api::PyDictKeys_Type,
                &raw mut api::PyDictValues_Type,
                &raw mut api::PyDictItems_Type,
            ];
            let deque =
                CStr::from_ptr((*class).tp_name) == c"collections.deque" && !is_heap_type(class);
            if !known.contains(&class) && !deque {
                return Ok(false);
            }
            let callable = self.guard_function(r, 2, callee)?;
            let value = self.peek(r, 1)?;
            let value = self.guard_class(value, object)?;
            let containers = self.builder.const_i64(0);
            let thread = self.thread()?;
            let result =
                self.call_helper(Helper::QuietCall1, &[thread, containers, callable, value])?;
            let object = self.result_of_call(n, result, ExitReason::Missing)?;
            self.finish_with(n, object, Gives::Kind(Int))?;
            Ok(true)
        }
    }

    /// `min` and `max` of numbers of one type.
    unsafe fn extreme(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        is_max: bool,
        total: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let ints = (1..=total).all(|at| is_int(r.peek(at)) && read_as(r.peek(at)).is_some());
            let floats = (1..=total).all(|at| is_float(r.peek(at)));
            let helper = match (ints, floats, is_max) {
                (true, _, false) => Helper::MinI64,
                (true, _, true) => Helper::MaxI64,
                (_, true, false) => Helper::MinF64,
                (_, true, true) => Helper::MaxF64,
                _ => return Ok(false),
            };
            self.guard_function(r, total as u16 + 1, callee)?;
            let mut result = None;
            for at in (1..=total).rev() {
                let next = self
                    .peek_number(r, at as u16)?
                    .ok_or(AbortReason::UnsupportedType)?;
                result = Some(match result {
                    None => next,
                    Some(result) => self.call_helper(helper, &[result, next])?,
                });
            }
            let result = result.ok_or(AbortReason::UnsupportedType)?;
            self.replace_by(n, result).map(|()| true)
        }
    }

    /// `isinstance(x, C)`, where nobody else is asked: decided by the class of `x`, which is guarded.
    unsafe fn isinstance(&mut self, r: Regs, callee: *mut PyObject, n: u16) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let (object, wanted) = (r.peek(2), r.peek(1));
            let is_tuple_of = is_tuple(wanted);
            let classes: Vec<*mut PyObject> = if is_tuple_of {
                (0..size_of(wanted) as usize)
                    .map(|at| tuple_item(wanted, at))
                    .collect()
            } else {
                vec![wanted]
            };
            let class = type_of(object);
            let plain = |wanted: &*mut PyObject| {
                let wanted = *wanted;
                api::_PyType_Lookup(wanted.cast(), class_name());
                type_of(wanted) == &raw mut api::PyType_Type
                    && (*wanted.cast::<PyTypeObject>()).tp_version_tag != 0
            };
            let is_class = |wanted: &*mut PyObject| {
                has_flag(*wanted, pyrt_cpython::object::flags::TYPE_SUBCLASS)
            };
            if !classes.iter().all(|class| is_class(class) && plain(class)) || classes.len() > 8 {
                return Ok(false);
            }
            let found = classes
                .iter()
                .position(|wanted| api::PyType_IsSubtype(class, (*wanted).cast()) != 0);
            // A class that says no asks the object for its `__class__`.
            let asks = found != Some(0);
            let base = &raw mut api::PyBaseObject_Type;
            if asks
                && ((*class).tp_getattro != api::PyObject_GenericGetAttr as *mut _
                    || api::_PyType_Lookup(class, class_name())
                        != api::_PyType_Lookup(base, class_name()))
            {
                return Ok(false);
            }
            api::_PyType_Lookup(class, class_name());
            if kind_now(object).is_none() && (*class).tp_version_tag == 0 {
                return Ok(false);
            }
            self.guard_function(r, 3, callee)?;
            let value = self.peek(r, 2)?;
            self.guard_class(value, object)?;
            let value = self.peek(r, 1)?;
            if is_tuple_of {
                let known = self.object_constant(wanted);
                if !self.same_object(value, known) {
                    let value = self.guard_kind(value, Tuple)?;
                    let at = layout::PyVarObject::ob_size;
                    let length = self.field(value, at, Width::I64, Region::Fixed)?;
                    self.guard_is(length, classes.len() as i64, ExitReason::Callee)?;
                    for (at, class) in classes.iter().enumerate() {
                        let at = layout::PyTupleObject::ob_item + at * 8;
                        let item = self.field(value, at, Width::Obj, Region::Fixed)?;
                        self.guard_is_class(item, (*class).cast())?;
                    }
                }
            } else {
                self.guard_is_class(value, wanted.cast())?;
            }
            let yes = self.builder.const_bool(found.is_some());
            self.replace_by(n, yes).map(|()| true)
        }
    }

    /// Functions of `math` on registers.
    unsafe fn of_math(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        name: &str,
        total: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let ints = (1..=total).all(|at| is_int(r.peek(at)) && read_as(r.peek(at)).is_some());
            let of_ints = match (name, total) {
                ("gcd", 2) => Some(Helper::GcdI64),
                ("isqrt", 1) => Some(Helper::IsqrtI64),
                _ => None,
            };
            if let Some(helper) = of_ints.filter(|_| ints) {
                self.guard_function(r, total as u16 + 1, callee)?;
                let mut operands = Vec::new();
                for at in (1..=total).rev() {
                    operands.push(self.peek_number(r, at as u16)?.ok_or(AbortReason::BigInt)?);
                }
                let result = self.call_helper(helper, &operands)?;
                self.finish_status(result, ExitReason::Domain)?;
                return self.replace_by(n, result).map(|()| true);
            }
            let numbers =
                (1..=total).all(|at| !is_bool(r.peek(at)) && read_as(r.peek(at)).is_some());
            if !numbers || total == 0 || total > 2 {
                return Ok(false);
            }
            let one = OF_FLOAT
                .iter()
                .find(|(known, _)| *known == name && total == 1);
            let two = OF_FLOATS
                .iter()
                .find(|(known, _)| *known == name && total == 2);
            let rounds = total == 1 && matches!(name, "floor" | "ceil" | "trunc");
            let tests = total == 1 && matches!(name, "isnan" | "isfinite" | "fabs");
            if one.is_none() && two.is_none() && !rounds && !tests {
                return Ok(false);
            }
            self.guard_function(r, total as u16 + 1, callee)?;
            self.guard_recursion()?;
            let mut operands = Vec::new();
            for at in (1..=total).rev() {
                operands.push(
                    self.peek_number(r, at as u16)?
                        .ok_or(AbortReason::UnsupportedType)?,
                );
            }
            let depth = self.at.depth;
            if rounds && self.ty(operands[0]) == Type::I64 {
                return self.replace_by(n, operands[0]).map(|()| true);
            }
            for operand in &mut operands {
                *operand = self.widened(*operand)?;
            }
            let x = operands[0];
            let result = match name {
                "floor" | "ceil" | "trunc" => {
                    let whole = match name {
                        "floor" => self.call_helper(Helper::Floor, &operands)?,
                        "ceil" => self.call_helper(Helper::Ceil, &operands)?,
                        _ => x,
                    };
                    self.checked(Op::F64ToI64, &[whole], ExitReason::Domain, depth)?
                }
                "isnan" => self.op(Op::NeF64, &[x, x])?,
                "isfinite" => self.is_finite(x)?,
                "fabs" => self.op(Op::AbsF64, &[x])?,
                _ => {
                    let helper = one
                        .or(two)
                        .map(|(_, helper)| *helper)
                        .ok_or(AbortReason::Call)?;
                    let result = self.call_helper(helper, &operands)?;
                    // Where it is not, Python may raise.
                    let finite = self.is_finite(result)?;
                    self.checked(Op::GuardTrue, &[finite], ExitReason::Domain, depth)?;
                    result
                }
            };
            self.replace_by(n, result).map(|()| true)
        }
    }

    fn is_finite(&mut self, value: InsRef) -> Recorded<InsRef> {
        let zero = self.builder.const_f64(0.0);
        let difference = self.op(Op::SubF64, &[value, value])?;
        self.op(Op::EqF64, &[difference, zero])
    }

    /// Methods of dicts, sets, lists and strs that need no call.
    unsafe fn of_container(
        &mut self,
        r: Regs,
        kind: ObjKind,
        name: &str,
        total: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let this = total as u16;
            match (kind, name, total) {
                (Dict, "get" | "setdefault" | "pop", 2 | 3) => {
                    let Some(key) = key_kind(r.peek(total - 1)) else {
                        return Ok(false);
                    };
                    let dict = self.operand(r, this, Dict)?;
                    let key = self.operand(r, this - 1, key)?;
                    let default = match total {
                        2 => self.object_constant(none()),
                        _ => self.peek_object(r, 1)?,
                    };
                    let (helper, changes) = match (name, total) {
                        ("get", _) => (Helper::DictGet, false),
                        ("setdefault", _) => (Helper::DictSetDefault, true),
                        (_, 2) => (Helper::DictPop, true),
                        _ => (Helper::DictPopOr, true),
                    };
                    let mut operands = vec![dict, key];
                    if helper != Helper::DictPop {
                        operands.push(default);
                    }
                    if changes {
                        self.secure_heap()?;
                    }
                    let result = self.call_helper(helper, &operands)?;
                    let reason = if changes {
                        ExitReason::Memory
                    } else {
                        ExitReason::Missing
                    };
                    self.finish_quiet(n, result, Gives::Object, reason)?;
                    Ok(true)
                }
                (Set, "add" | "discard" | "remove", 2) => {
                    let Some(key) = key_kind(r.peek(1)) else {
                        return Ok(false);
                    };
                    let set = self.operand(r, 2, Set)?;
                    let key = self.operand(r, 1, key)?;
                    let helper = if name == "add" {
                        Helper::SetAdd
                    } else {
                        Helper::SetDiscard
                    };
                    if name == "remove" {
                        // The interpreter raises.
                        let found = self.call_helper(Helper::SetHas, &[set, key])?;
                        self.guard_is(found, 1, ExitReason::Missing)?;
                    }
                    self.secure_heap()?;
                    let status = self.call_helper(helper, &[set, key])?;
                    self.finish_status(status, ExitReason::Memory)?;
                    self.replace_by_none(n)?;
                    Ok(true)
                }
                (Str, "startswith" | "endswith" | "find", 2) if is_str(r.peek(1)) => {
                    let text = self.operand(r, 2, Str)?;
                    let part = self.operand(r, 1, Str)?;
                    let helper = match name {
                        "startswith" => Helper::StrStarts,
                        "endswith" => Helper::StrEnds,
                        _ => Helper::StrFind,
                    };
                    let mut found = self.call_helper(helper, &[text, part])?;
                    if name == "find" {
                        let least = self.builder.const_i64(-1);
                        let fine = self.op(Op::GeI64, &[found, least])?;
                        let depth = self.at.depth;
                        self.checked(Op::GuardTrue, &[fine], ExitReason::Missing, depth)?;
                    } else {
                        self.finish_status(found, ExitReason::Missing)?;
                        found = self.op(Op::I64IsTrue, &[found])?;
                    }
                    self.replace_by(n, found)?;
                    Ok(true)
                }
                (List, "pop", 1 | 2) => {
                    if total == 2 && (!is_int(r.peek(1)) || read_as(r.peek(1)).is_none()) {
                        return Ok(false);
                    }
                    let list = self.operand(r, this, List)?;
                    let index = match total {
                        1 => self.builder.const_i64(-1),
                        _ => self.peek_number(r, 1)?.ok_or(AbortReason::BigInt)?,
                    };
                    self.secure_heap()?;
                    let result = self.call_helper(Helper::ListPop, &[list, index])?;
                    self.finish_quiet(n, result, Gives::Object, ExitReason::Memory)?;
                    Ok(true)
                }
                _ => Ok(false),
            }
        }
    }

    fn replace_by_none(&mut self, n: u16) -> Recorded {
        // SAFETY: None lives forever.
        let value = unsafe { self.object_constant(none()) };
        self.replace(
            n,
            &[Popped {
                value,
                held: Held::Lent,
            }],
        )
    }

    // Operators.

    /// `a[b]` that is quiet; false if it is not.
    pub(super) unsafe fn quiet_subscr(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: the operands are on the stack.
        unsafe {
            let (container, key) = (r.peek(2), r.peek(1));
            let Some(kind) = kind_now(container).filter(|_| !self.is_refused()) else {
                return Ok(false);
            };
            match kind {
                Dict => {
                    let Some(kind) = key_kind(key) else {
                        return Ok(false);
                    };
                    if quiet::dict_item(container, key).is_null() {
                        // It is about to raise.
                        return Ok(false);
                    }
                    let dict = self.operand(r, 2, Dict)?;
                    let key = self.operand(r, 1, kind)?;
                    let value = self.call_helper(Helper::DictItem, &[dict, key])?;
                    let depth = self.at.depth;
                    let value = self.checked(Op::GuardObj, &[value], ExitReason::Missing, depth)?;
                    self.replace_by_loaded(2, value)?;
                    Ok(true)
                }
                Str | Bytes if is_int(key) && read_as(key).is_some() => {
                    let sequence = self.operand(r, 2, kind)?;
                    let index = self.peek_number(r, 1)?.ok_or(AbortReason::BigInt)?;
                    if kind == Bytes {
                        let byte = self.call_helper(Helper::BytesItem, &[sequence, index])?;
                        self.finish_status(byte, ExitReason::Missing)?;
                        self.replace_by(2, byte)?;
                        return Ok(true);
                    }
                    let item = self.call_helper(Helper::StrItem, &[sequence, index])?;
                    self.finish_quiet(2, item, Gives::Kind(Str), ExitReason::Missing)?;
                    Ok(true)
                }
                Str | Bytes | List | Tuple if is_slice(key) => {
                    let sequence = self.operand(r, 2, kind)?;
                    let slice = self.peek_object(r, 1)?;
                    let slice = self.guard_kind(slice, ObjKind::Slice)?;
                    let new = i64::from(matches!(kind, List | Tuple));
                    let containers = self.builder.const_i64(new);
                    let thread = self.thread()?;
                    let operands = [thread, containers, sequence, slice];
                    let result = self.call_helper(Helper::GetSlice, &operands)?;
                    let reason = if new > 0 {
                        ExitReason::Memory
                    } else {
                        ExitReason::Missing
                    };
                    self.finish_quiet(2, result, Gives::Kind(kind), reason)?;
                    Ok(true)
                }
                _ => Ok(false),
            }
        }
    }

    /// `d[k] = v`; false if it is not quiet.
    pub(super) unsafe fn quiet_store(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: value, container and key are on the stack.
        unsafe {
            let Some(key) = key_kind(r.peek(1)).filter(|_| is_dict(r.peek(2))) else {
                return Ok(false);
            };
            let value = self.peek_object(r, 3)?;
            let dict = self.operand(r, 2, Dict)?;
            let key = self.operand(r, 1, key)?;
            self.secure_heap()?;
            let old = self.call_helper(Helper::DictSet, &[value, dict, key])?;
            let depth = self.at.depth;
            let old = self.checked(Op::GuardObj, &[old], ExitReason::Memory, depth)?;
            let mut dead = vec![old];
            // As STORE_SUBSCR does: the value first.
            for slot in self.top(3)..self.top(0) {
                dead.extend(self.drop_place(slot));
            }
            self.at.depth -= 3;
            self.release(dead)?;
            Ok(true)
        }
    }

    /// `del d[k]`; false if it is not quiet.
    pub(super) unsafe fn quiet_delete(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: container and key are on the stack.
        unsafe {
            let Some(key) = key_kind(r.peek(1)).filter(|_| is_dict(r.peek(2))) else {
                return Ok(false);
            };
            let dict = self.operand(r, 2, Dict)?;
            let key = self.operand(r, 1, key)?;
            self.secure_heap()?;
            let old = self.call_helper(Helper::DictPop, &[dict, key])?;
            let depth = self.at.depth;
            let old = self.checked(Op::GuardObj, &[old], ExitReason::Memory, depth)?;
            let mut dead = vec![old];
            for slot in self.top(2)..self.top(0) {
                dead.extend(self.drop_place(slot));
            }
            self.at.depth -= 2;
            self.release(dead)?;
            Ok(true)
        }
    }

    /// `a in b`; false if it is not quiet.
    pub(super) unsafe fn quiet_contains(&mut self, r: Regs, inverted: bool) -> Recorded<bool> {
        // SAFETY: item and container are on the stack.
        unsafe {
            let (item, container) = (r.peek(2), r.peek(1));
            let frozen = type_of(container) == &raw mut api::PyFrozenSet_Type;
            let helper = match kind_now(container) {
                Some(Dict) => Helper::DictHas,
                Some(Set) => Helper::SetHas,
                Some(List | Tuple) => Helper::SequenceHas,
                Some(Str) if is_str(item) => Helper::StrHas,
                _ if frozen => Helper::SetHas,
                _ => return Ok(false),
            };
            let Some(kind) = key_kind(item) else {
                return Ok(false);
            };
            let item = self.operand(r, 2, kind)?;
            let value = self.peek(r, 1)?;
            let constant = self
                .builder
                .tree()
                .at(origin(self.builder.tree(), value))
                .op
                == Op::ConstObj;
            let value = if constant {
                value
            } else {
                self.guard_class(value, container)?
            };
            let found = self.call_helper(helper, &[value, item])?;
            self.finish_status(found, ExitReason::Missing)?;
            let mut found = self.op(Op::I64IsTrue, &[found])?;
            if inverted {
                found = self.op(Op::NotBool, &[found])?;
            }
            self.replace_by(2, found)?;
            Ok(true)
        }
    }

    /// `s += t` and `s = s + t` of strs in a local variable, which gives its reference up before, so that the
    /// str can grow where it is; false if it is not that.
    unsafe fn append_str(&mut self, r: Regs, oparg: usize) -> Recorded<bool> {
        // SAFETY: the operands are on the stack, the next instruction follows.
        unsafe {
            let next = *first_instr(r.code()).add(self.at.next as usize);
            if !oparg.is_multiple_of(13) || super::generic(next as u8) != opcodes::STORE_FAST {
                return Ok(false);
            }
            let local = next >> 8;
            let left = self.peek(r, 2)?;
            let Some(slot) = self.builder.current(Place::Slot(local)) else {
                return Ok(false);
            };
            let Some(held) = slot
                .value
                .filter(|_| slot.held == Held::Owned && local < self.locals)
            else {
                return Ok(false);
            };
            let on_stack = self.builder.current(Place::Slot(self.top(2)));
            let lent = on_stack.is_some_and(|slot| slot.held != Held::Owned);
            let tree = self.builder.tree();
            let object = origin(tree, left);
            let frames = self.builder.frames().all().iter();
            let slots = frames.flat_map(|frame| frame.slots.values());
            let sharing = slots
                .filter_map(|slot| slot.value)
                .filter(|value| origin(tree, *value) == object)
                .count();
            if !lent || origin(tree, held) != object || sharing != 2 {
                return Ok(false);
            }
            let left = self.operand(r, 2, Str)?;
            let right = self.operand(r, 1, Str)?;
            let text = self.call_helper(Helper::StrAppend, &[left, right])?;
            let depth = self.at.depth;
            let leave = self.builder.const_obj(quiet::leave(), "the interpreter");
            self.checked(Op::GuardNotSame, &[text, leave], ExitReason::Memory, depth)?;
            self.drop_place(self.top(2));
            self.drop_place(local);
            let dead = self.drop_place(self.top(1));
            self.at.depth -= 2;
            let (ip, depth) = (self.at.op + 1, self.at.depth);
            let exit = self
                .builder
                .exit_pending(ExitReason::Raise, ip, depth, dead.clone());
            let text = built(self.builder.op_exit(Op::GuardObj, &[text], exit))?;
            self.push(text, Held::Owned);
            self.release(dead)?;
            Ok(true)
        }
    }

    /// A binary operator on strs; false if it is not quiet.
    pub(super) unsafe fn quiet_binary(&mut self, r: Regs, oparg: usize) -> Recorded<bool> {
        const ADD: usize = 0;
        const MULTIPLY: usize = 5;
        const REMAINDER: usize = 6;
        // SAFETY: the operands are on the stack.
        unsafe {
            let (Some(a), Some(b)) = (kind_now(r.peek(2)), kind_now(r.peek(1))) else {
                return Ok(false);
            };
            let quiet = match (oparg % 13, a, b) {
                (ADD, Str, Str) => true,
                (MULTIPLY, Str, Int) | (MULTIPLY, Int, Str) => true,
                (REMAINDER, Str, Str | Float) => quiet::formats_quietly(r.peek(2), r.peek(1)),
                (REMAINDER, Str, Tuple) => quiet::formats_quietly(r.peek(2), r.peek(1)),
                // What there is no instruction for.
                (op, Float, Float | Int | Bool) | (op, Int | Bool, Float) => {
                    !matches!(op, 1 | 3 | 4 | 7 | 9 | 12)
                }
                // Big ones: `+`, `-`, bits and shifts, in whose midst nobody looks for signals.
                (op, Int, Int) => matches!(op, 0 | 1 | 3 | 7 | 9 | 10 | 12),
                _ => false,
            };
            if !quiet || self.is_refused() {
                return Ok(false);
            }
            if a == Str && b == Str && self.append_str(r, oparg)? {
                return Ok(true);
            }
            let left = self.operand(r, 2, a)?;
            let right = self.operand(r, 1, b)?;
            let (result, gives) = if oparg % 13 == ADD && a == Str {
                (
                    self.call_helper(Helper::StrConcat, &[left, right])?,
                    Gives::Kind(Str),
                )
            } else {
                let number = self.builder.const_i64(oparg as i64);
                let thread = self.thread()?;
                let operands = [thread, left, right, number];
                if a == Int && b == Int {
                    let result = self.call_helper(Helper::QuietBinary, &operands)?;
                    return self.finish_big(2, result);
                }
                let gives = if a == Str || b == Str {
                    Gives::Kind(Str)
                } else {
                    Gives::Object
                };
                (self.call_helper(Helper::QuietBinary, &operands)?, gives)
            };
            self.finish_quiet(2, result, gives, ExitReason::Domain)?;
            Ok(true)
        }
    }

    /// `<` and the like of strs.
    pub(super) unsafe fn order_strs(&mut self, r: Regs, order: Op) -> Recorded {
        // SAFETY: the operands are on the stack.
        unsafe {
            let left = self.operand(r, 2, Str)?;
            let right = self.operand(r, 1, Str)?;
            let found = self.call_helper(Helper::StrCompare, &[left, right])?;
            let zero = self.builder.const_i64(0);
            let result = self.op(order, &[found, zero])?;
            self.replace_by(2, result)
        }
    }

    /// `BUILD_SLICE` of ints and Nones, without a step.
    pub(super) unsafe fn build_slice(&mut self, r: Regs, count: usize) -> Recorded {
        // SAFETY: the parts are on the stack.
        unsafe {
            let (Some(a @ (Int | NoneKind)), Some(b @ (Int | NoneKind)), 2) =
                (kind_now(r.peek(2)), kind_now(r.peek(1)), count)
            else {
                return Err(AbortReason::UnsupportedOpcode);
            };
            let start = self.operand(r, 2, a)?;
            let stop = self.operand(r, 1, b)?;
            let thread = self.thread()?;
            let slice = self.call_helper(Helper::NewSlice, &[thread, start, stop])?;
            self.finish_quiet(2, slice, Gives::Kind(ObjKind::Slice), ExitReason::Memory)
        }
    }

    /// `FORMAT_VALUE` of numbers and strs.
    pub(super) unsafe fn format_value(&mut self, r: Regs, oparg: usize) -> Recorded {
        // SAFETY: the value is on the stack, and perhaps a format.
        unsafe {
            let (how, formatted) = ((oparg & 3) as i64, oparg & 4 != 0);
            let at = if formatted { 2 } else { 1 };
            let kind = kind_now(r.peek(usize::from(at))).filter(|kind| TEXT.contains(kind));
            let kind = kind.ok_or(AbortReason::UnsupportedOpcode)?;
            if formatted && (how != 0 || !is_str(r.peek(1)) || !matches!(kind, Float | Str)) {
                return Err(AbortReason::UnsupportedOpcode);
            }
            if kind == Str && !formatted && how < 2 {
                let value = self.operand(r, 1, Str)?;
                let place = Place::Slot(self.top(1));
                if let Some(mut slot) = self.builder.current(place) {
                    slot.value = Some(value);
                    self.builder.write(place, slot);
                }
                return Ok(());
            }
            let value = self.operand(r, at, kind)?;
            let thread = self.thread()?;
            let text = if formatted {
                let spec = self.operand(r, 1, Str)?;
                self.call_helper(Helper::Format, &[thread, value, spec])?
            } else {
                let how = self.builder.const_i64(how);
                self.call_helper(Helper::Text, &[thread, value, how])?
            };
            self.finish_quiet(at, text, Gives::Kind(Str), ExitReason::Missing)
        }
    }

    /// `BUILD_STRING`.
    pub(super) unsafe fn build_string(&mut self, r: Regs, count: usize) -> Recorded {
        const JOIN: [Helper; 5] = [
            Helper::Join2,
            Helper::Join3,
            Helper::Join4,
            Helper::Join5,
            Helper::Join6,
        ];
        // SAFETY: the parts are on the stack.
        unsafe {
            if !(2..=6).contains(&count) {
                return Err(AbortReason::UnsupportedOpcode);
            }
            let mut parts = Vec::new();
            for at in (1..=count).rev() {
                parts.push(self.operand(r, at as u16, Str)?);
            }
            let text = self.call_helper(JOIN[count - 2], &parts)?;
            self.finish_quiet(count as u16, text, Gives::Kind(Str), ExitReason::Memory)
        }
    }

    /// Makes a small list or tuple; false if it is not small.
    pub(super) unsafe fn quiet_build(
        &mut self,
        r: Regs,
        kind: ObjKind,
        count: usize,
    ) -> Recorded<bool> {
        const LISTS: [Helper; 5] = [
            Helper::NewList0,
            Helper::NewList1,
            Helper::NewList2,
            Helper::NewList3,
            Helper::NewList4,
        ];
        let helper = match kind {
            Tuple if count > 0 => NEW_TUPLE.get(count - 1),
            List => LISTS.get(count),
            Dict if count == 0 => Some(&Helper::NewDict),
            _ => None,
        };
        let Some(helper) = helper else {
            return Ok(false);
        };
        let mut operands = vec![self.thread()?];
        for at in (1..=count).rev() {
            // SAFETY: the items are on the stack.
            operands.push(unsafe { self.peek_object(r, at as u16)? });
        }
        let made = self.call_helper(*helper, &operands)?;
        self.finish_quiet(count as u16, made, Gives::Kind(kind), ExitReason::Memory)?;
        Ok(true)
    }

    // Iterators.

    /// `iter(x)` of a container of C; false if it is not quiet.
    pub(super) unsafe fn quiet_iter(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: the iterable is on the stack.
        unsafe {
            let object = r.peek(1);
            let class = type_of(object);
            let containers = [
                &raw mut api::PyRange_Type,
                &raw mut api::PyFrozenSet_Type,
                &raw mut api::PyDictKeys_Type,
                &raw mut api::PyDictValues_Type,
                &raw mut api::PyDictItems_Type,
            ];
            let known = matches!(
                kind_now(object),
                Some(List | Tuple | Str | Dict | Set | Bytes)
            );
            // Iterators give themselves, and may be the one whose position the trace carries.
            if !known && !containers.contains(&class) {
                return Ok(false);
            }
            let value = self.peek(r, 1)?;
            let value = self.guard_class(value, object)?;
            let thread = self.thread()?;
            let new = i64::from(class != containers[0]);
            let containers = self.builder.const_i64(new);
            let iterator = self.call_helper(Helper::QuietIter, &[thread, containers, value])?;
            self.finish_quiet(1, iterator, Gives::Object, ExitReason::Memory)?;
            Ok(true)
        }
    }

    /// The next item of an iterator of C; `None` if it is not quiet. Recorded as if there is one, as
    /// [`Recorder::for_any`] does.
    pub(super) unsafe fn quiet_next(&mut self, r: Regs, oparg: usize) -> Recorded<Option<Flow>> {
        // SAFETY: the iterator is on the stack.
        unsafe {
            let object = r.peek(1);
            if !quiet::is_quiet_iter(object, quiet::ITER_DEPTH) {
                return Ok(None);
            }
            let value = self.peek(r, 1)?;
            let iterator = self.guard_class(value, object)?;
            // What it puts into its result again held values that were read from there.
            self.secure_heap()?;
            let thread = self.thread()?;
            let item = self.call_helper(Helper::QuietNext, &[thread, iterator])?;
            let depth = self.at.depth;
            let leave = self.builder.const_obj(quiet::leave(), "the interpreter");
            self.checked(Op::GuardNotSame, &[item, leave], ExitReason::Memory, depth)?;
            let (ip, depth) = (self.at.op + 1, self.at.depth);
            let exit = self.builder.exit(ExitReason::Raise, ip, depth);
            let item = built(self.builder.op_exit(Op::GuardObj, &[item], exit))?;
            // At the end the iterator goes.
            let frames = self.builder.frames().clone();
            let dead = self.drop_place(self.top(1));
            let after = self.at.next + oparg as u32;
            let exit = self
                .builder
                .exit_pending(ExitReason::Exhausted, after, depth - 1, dead);
            *self.builder.frames_mut() = frames;
            let end = self.builder.const_obj(exhausted(), "the end");
            built(self.builder.op_exit(Op::GuardNotSame, &[item, end], exit))?;
            self.push(item, Held::Owned);
            Ok(Some(Flow::Nested(for_iter_any)))
        }
    }
}

/// Whether a class was made by the program, and may die.
unsafe fn is_heap_type(class: *mut PyTypeObject) -> bool {
    const HEAP_TYPE: core::ffi::c_ulong = 1 << 9;
    // SAFETY: a live class.
    unsafe { (*class).tp_flags & HEAP_TYPE != 0 }
}

/// The str `__class__`.
fn class_name() -> *mut PyObject {
    pyrt_cpython::state::runtime::id___class__()
}
