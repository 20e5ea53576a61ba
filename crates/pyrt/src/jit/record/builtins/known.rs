//! The table of functions and methods of C that are quiet.

use pyrt_cpython::object::{PyCFunctionObject, PyMethodDescrObject, PyObject, meth};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::{Helper, ObjKind, Op};

use super::{Gives, kind_now};
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
pub(super) const BUILTINS: Owner = Owner::Module("builtins");
pub(super) const MATH: Owner = Owner::Module("math");

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

impl Recorder {
    /// A call of what the table knows.
    pub(super) unsafe fn known_call(
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
}
