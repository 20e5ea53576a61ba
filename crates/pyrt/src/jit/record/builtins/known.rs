//! The table of functions and methods of C that are quiet.

use core::ffi::{CStr, c_int, c_void};

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyCFunctionObject, PyMethodDescrObject, PyObject, meth};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::{Helper, InsRef, ObjKind, Op};

use super::{Gives, Receiver, kind_now, kind_of_owner};
use crate::interp::Regs;
use crate::jit::record::{Recorded, Recorder};

use ObjKind::{Bool, Bytes, Dict, Float, Int, List, None as NoneKind, Set, Str, Tuple};

/// Whose function or method it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// A module with this name.
    Module(&'static str),
    /// The builtin type of this kind.
    Kind(ObjKind),
    /// Another type of CPython's, by its name.
    Class(&'static str),
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
    changes: Changes,
}

/// What a call changes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Changes {
    Nothing,
    /// The list that it is a method of; it returns None.
    List,
    /// The object that it is a method of, which traces do not look into.
    Object,
}

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

const STR_TYPE: Owner = Owner::Kind(Str);
const BYTES_TYPE: Owner = Owner::Kind(Bytes);
const BYTES_IO: Owner = Owner::Class("_io.BytesIO");
const STRING_IO: Owner = Owner::Class("_io.StringIO");
const RANDOM: Owner = Owner::Class("_random.Random");
/// The types that the table has by name.
const CLASSES: [&str; 3] = ["_io.BytesIO", "_io.StringIO", "_random.Random"];
pub(super) const BUILTINS: Owner = Owner::Module("builtins");
pub(super) const MATH: Owner = Owner::Module("math");
pub(super) const STRUCT: Owner = Owner::Module("_struct");
pub(super) const OPERATOR: Owner = Owner::Module("_operator");

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
    (@) => { Changes::Nothing };
    (@ $what:ident) => { Changes::$what };
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
    Owner::Kind(Int), "to_bytes", 2 [&[Int], S], Gives::Kind(Bytes), 0;
    Owner::Kind(Float), "is_integer", 0 [], Gives::Kind(Bool), 0;
    Owner::Kind(Float), "hex", 0 [], Gives::Kind(Str), 0;
    Owner::Kind(Dict), "keys values items", 0 [], Gives::Object, 1;
    Owner::Kind(Dict), "copy", 0 [], Gives::Kind(Dict), 1;
    Owner::Kind(List), "copy", 0 [], Gives::Kind(List), 1;
    Owner::Kind(List), "reverse", 0 [], Gives::Object, 0, List;
    Owner::Kind(List), "extend", 1 [SEQUENCE], Gives::Object, 0, List;
    Owner::Kind(List), "insert", 2 [I, ANY], Gives::Object, 0, List;
    BYTES_IO, "write", 1 [B], Gives::Object, 0, Object;
    BYTES_IO, "read", 0 [IN], Gives::Object, 0, Object;
    BYTES_IO, "tell getvalue", 0 [], Gives::Object, 0;
    STRING_IO, "write", 1 [S], Gives::Object, 0, Object;
    STRING_IO, "read", 0 [IN], Gives::Object, 0, Object;
    STRING_IO, "tell getvalue", 0 [], Gives::Object, 0;
    RANDOM, "random", 0 [], Gives::Object, 0, Object;
    RANDOM, "getrandbits", 1 [I], Gives::Object, 0, Object;
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
    BUILTINS, "min max", 2 [N, N], Gives::Object, 0;
    BUILTINS, "min max", 2 [S, S], Gives::Kind(Str), 0;
    STRUCT, "pack", 1 [S, N, N], Gives::Kind(Bytes), 1;
    STRUCT, "unpack", 2 [S, B], Gives::Kind(Tuple), 1;
    OPERATOR, "index", 1 [&[Int]], Gives::Kind(Int), 0;
    MATH, "sinh cosh tanh asinh acosh atanh expm1 log1p gamma lgamma erf erfc cbrt degrees radians exp2 fabs sqrt sin cos tan asin acos atan exp", 1 [F], Gives::Kind(Float), 0;
    MATH, "log2 log10 log", 1 [F], Gives::Kind(Float), 0;
    MATH, "log", 2 [F, F], Gives::Kind(Float), 0;
    MATH, "copysign fmod atan2 pow remainder", 2 [F, F], Gives::Kind(Float), 0;
    MATH, "hypot", 1 [F, F, F], Gives::Kind(Float), 0;
    MATH, "ldexp", 2 [F, I], Gives::Kind(Float), 0;
    MATH, "isnan isinf isfinite", 1 [F], Gives::Kind(Bool), 0;
    MATH, "floor ceil trunc", 1 [F], Gives::Kind(Int), 0;
};

impl Recorder {
    /// A call of a function that the table knows.
    pub(super) unsafe fn known_function(
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
            let Some(known) = find(r, owner, name, total) else {
                return Ok(false);
            };
            let flags = (*(*callee.cast::<PyCFunctionObject>()).m_ml).ml_flags;
            self.guard_room_for(flags)?;
            let callable = self.guard_function(r, total as u16 + 1, callee)?;
            self.known_call(r, known, vec![callable], total, n)
        }
    }

    /// A call of a method that the table knows.
    pub(super) unsafe fn known_method(
        &mut self,
        r: Regs,
        descr: *mut PyMethodDescrObject,
        receiver: Receiver,
        name: &str,
        given: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let Some(owner) = owner_of(descr, receiver.object) else {
                return Ok(false);
            };
            let Some(known) = find(r, owner, name, given) else {
                return Ok(false);
            };
            self.guard_room_for((*(*descr).d_method).ml_flags)?;
            let this = self.receiver(r, receiver, given)?;
            let callable = self.object_constant(descr.cast());
            self.known_call(r, known, vec![callable, this], given, n)
        }
    }

    /// C functions that are called by other conventions than the fast one count as recursion.
    pub(super) fn guard_room_for(&mut self, flags: c_int) -> Recorded {
        if flags & meth::FASTCALL == 0 {
            self.guard_recursion()?;
        }
        Ok(())
    }

    /// Calls what the table knows: a callable, perhaps with a receiver, and `given` arguments.
    unsafe fn known_call(
        &mut self,
        r: Regs,
        known: &Known,
        callee: Vec<InsRef>,
        given: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the arguments are on the stack, and of kinds that the table has.
        unsafe {
            let containers = self.builder.const_i64(known.containers);
            let mut operands = vec![self.thread()?, containers];
            operands.extend(callee);
            for at in (1..=given).rev() {
                let kind = kind_now(r.peek(at)).ok_or(AbortReason::UnsupportedType)?;
                operands.push(self.operand(r, at as u16, kind)?);
            }
            let helper = match (known.changes, operands.len() - 3) {
                (Changes::List, 1) => Helper::ListCall1,
                (Changes::List, 2) => Helper::ListCall2,
                (Changes::List, 3) => Helper::ListCall3,
                (_, 0) => Helper::QuietCall0,
                (_, 1) => Helper::QuietCall1,
                (_, 2) => Helper::QuietCall2,
                (_, 3) => Helper::QuietCall3,
                _ => return Ok(false),
            };
            let result = self.call_helper(helper, &operands)?;
            // What has been done must not be done again.
            let reason = match known.changes {
                Changes::Nothing if known.containers == 0 => ExitReason::Missing,
                _ => ExitReason::Memory,
            };
            let object = self.result_of_call(n, result, reason)?;
            if known.changes == Changes::List {
                // It is None, of which there always is another reference.
                self.op(Op::ReleaseLeaf, &[object])?;
                self.replace_by_none(n)?;
            } else {
                self.finish_with(n, object, known.gives)?;
            }
            Ok(true)
        }
    }
}

/// Whether a function is one of this module.
pub(super) unsafe fn is_of_module(function: *mut PyCFunctionObject, owner: Owner) -> bool {
    // SAFETY: a live function.
    unsafe {
        let (module, this) = ((*function).m_module, (*function).m_self);
        let Owner::Module(name) = owner else {
            return false;
        };
        if module.is_null() || !is_str(module) || this.is_null() || !is_module(this) {
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

/// The row of a function or method that is called with the topmost `given` values.
unsafe fn find(r: Regs, owner: Owner, name: &str, given: usize) -> Option<&'static Known> {
    // SAFETY: the arguments are on the stack.
    let fits = |known: &&Known| unsafe {
        known.owner == owner
            && known.names.split(' ').any(|known| known == name)
            && (known.required..=known.arguments.len()).contains(&given)
            && (0..given).all(|at| {
                kind_now(r.peek(given - at)).is_some_and(|kind| known.arguments[at].contains(&kind))
            })
    };
    KNOWN.iter().find(fits)
}

/// Whose a method is, if the table may have it.
unsafe fn owner_of(descr: *mut PyMethodDescrObject, object: *mut PyObject) -> Option<Owner> {
    // SAFETY: a live descriptor and object.
    unsafe {
        let class = (*descr).d_type;
        if api::PyType_IsSubtype(type_of(object), class) == 0 {
            return None;
        }
        if let Some(kind) = kind_of_owner(descr) {
            return Some(Owner::Kind(kind));
        }
        if let Some(kind) = kind_now(object) {
            return (type_of(object) == class).then_some(Owner::Kind(kind));
        }
        if !is_of_executable((*descr).d_method.cast()) {
            return None;
        }
        let name = CStr::from_ptr((*class).tp_name).to_str().ok()?;
        CLASSES
            .iter()
            .find(|class| **class == name)
            .map(|name| Owner::Class(name))
    }
}

/// Whether something is a part of the executable, as all of CPython's definitions are.
fn is_of_executable(address: *const c_void) -> bool {
    unsafe extern "C" {
        static __executable_start: u8;
        static _end: u8;
    }
    (&raw const __executable_start..&raw const _end).contains(&address.cast())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A result that has to be of a kind is guarded, and where that fails the call is repeated.
    #[test]
    fn calls_with_effects_are_not_repeated() {
        for known in KNOWN
            .iter()
            .filter(|known| known.changes != Changes::Nothing)
        {
            assert!(known.gives == Gives::Object, "{}", known.names);
        }
    }

    #[test]
    fn classes_are_those_of_the_table() {
        for known in KNOWN {
            if let Owner::Class(name) = known.owner {
                assert!(CLASSES.contains(&name), "{name}");
            }
        }
    }
}
