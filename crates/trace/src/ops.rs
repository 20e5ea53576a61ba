//! The table of operations: one row per op, from which everything else about an op is derived.
//!
//! A row is: variant, mnemonic, operand types, result type (`-` for none), immediate, effect,
//! whether it has an exit, and one sentence. Builder, printer, parser and verifier read the table;
//! evaluator and code generator match on the enum, so a new row demands its arms there.

use crate::types::{ObjKind, Type};

/// What an operand may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// An integer.
    I64,
    /// A float.
    F64,
    /// A truth value.
    Bool,
    /// An object.
    Obj,
    /// Any pointer, objects included.
    Ptr,
    /// Anything.
    Any,
}

impl Operand {
    /// Whether a value of this type may stand here.
    pub const fn accepts(self, ty: Type) -> bool {
        matches!(
            (self, ty),
            (Operand::Any, _)
                | (Operand::I64, Type::I64)
                | (Operand::F64, Type::F64)
                | (Operand::Bool, Type::Bool)
                | (Operand::Obj, Type::Obj)
                | (Operand::Ptr, Type::Obj | Type::Ptr)
        )
    }

    /// The word that messages and tables use.
    pub const fn name(self) -> &'static str {
        match self {
            Operand::I64 => "i64",
            Operand::F64 => "f64",
            Operand::Bool => "bool",
            Operand::Obj => "obj",
            Operand::Ptr => "ptr",
            Operand::Any => "any",
        }
    }
}

use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of immediate an op carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImmKind {
    /// None.
    NoImm,
    /// An `i64`.
    Int,
    /// An `f64`, by its bits.
    Float,
    /// A `bool`.
    Truth,
    /// An object constant.
    Const,
    /// A localsplus slot.
    Slot,
    /// An object kind.
    Kind,
    /// A field of a range iterator.
    Field,
    /// A place in memory.
    Mem,
    /// A helper.
    Helper,
}

/// What executing an op may do besides defining its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The loop header's parameters only.
    Header,
    /// The value depends on the operands only. With an exit: for some operands there is no value.
    Pure,
    /// No value; execution continues past it only if a fact about its operands holds.
    Guard,
    /// Reads memory; see [`Ins::reads`](crate::Ins::reads).
    Load,
    /// Writes memory; see [`Ins::clobbers`](crate::Ins::clobbers).
    Store,
    /// Changes the reference count of an object, or makes one. Neither moved, merged nor dropped, but
    /// an allocation may be dropped when nothing uses it.
    Count,
    /// Calls a helper; its row says what it does.
    Call,
    /// Reads something that others change at any time; neither moved nor merged.
    Control,
}

macro_rules! result_type {
    (-) => {
        None
    };
    ($ty:ident) => {
        Some(Type::$ty)
    };
}

macro_rules! has_exit {
    (-) => {
        false
    };
    (exit) => {
        true
    };
}

macro_rules! ops {
    ($(
        $variant:ident $name:ident ($($arg:ident),*) $result:tt $imm:ident $effect:ident $exit:tt
        $doc:literal,
    )*) => {
        /// An operation. See the table in `ops.rs`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Op {
            $(#[doc = $doc] $variant,)*
        }

        impl Op {
            /// Every op, in the order of the table.
            pub const ALL: &'static [Op] = &[$(Op::$variant,)*];

            /// The mnemonic.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Op::$variant => stringify!($name),)*
                }
            }

            /// What the operands may be. Empty for [`Op::Call`], whose helper says it.
            pub const fn args(self) -> &'static [Operand] {
                match self {
                    $(Op::$variant => &[$(Operand::$arg,)*],)*
                }
            }

            /// The type of the result; `None` for ops without one and for those of which
            /// [`Ins::result`](crate::Ins::result) knows it.
            pub const fn result(self) -> Option<Type> {
                match self {
                    $(Op::$variant => result_type!($result),)*
                }
            }

            /// The kind of immediate.
            pub const fn imm(self) -> ImmKind {
                match self {
                    $(Op::$variant => ImmKind::$imm,)*
                }
            }

            /// The effect.
            pub const fn effect(self) -> Effect {
                match self {
                    $(Op::$variant => Effect::$effect,)*
                }
            }

            /// Whether the op can leave the trace, and so carries an exit.
            pub const fn has_exit(self) -> bool {
                match self {
                    $(Op::$variant => has_exit!($exit),)*
                }
            }

            /// One sentence.
            pub const fn doc(self) -> &'static str {
                match self {
                    $(Op::$variant => $doc,)*
                }
            }
        }
    };
}

ops! {
    Param param () - NoImm Header - "A parameter of the loop header.",

    // Constants.
    ConstI64 const_i64 () I64 Int Pure - "An integer.",
    ConstF64 const_f64 () F64 Float Pure - "A float, exact to the bit.",
    ConstBool const_bool () Bool Truth Pure - "A truth value.",
    ConstObj const_obj () Obj Const Pure - "An object constant, borrowed from the tree's table.",

    // Memory. Only `load_range_field` of a field other than `index` may stand outside the entry.
    LoadSlot load_slot () Obj Slot Load exit "The object in a slot; exits if the slot is NULL.",
    LoadRangeField load_range_field (Obj) I64 Field Load - "A field of a range iterator.",
    Frame frame () Ptr NoImm Pure - "The frame with which the tree was entered.",
    Thread thread () Ptr NoImm Pure - "The thread state.",
    Handed handed () - Mem Load - "What the exit before has handed over, at this offset of the buffer. In the entry of a bridge only.",
    Offset offset (Ptr, I64) Ptr NoImm Pure - "The pointer this many bytes further.",
    Load load (Ptr) - Mem Load - "What stands in memory at the base.",
    LoadIndex load_index (Ptr, I64) - Mem Load - "What stands in memory at the base plus 8 times the index.",
    Store store (Ptr, Any) - Mem Store - "Writes memory at the base.",
    StoreIndex store_index (Ptr, I64, Any) - Mem Store - "Writes memory at the base plus 8 times the index.",

    // References and boxes.
    Own own (Obj) Obj NoImm Count - "The object, with one more reference.",
    Release release (Obj) - NoImm Count exit "Gives up a reference; exits instead if that would run code.",
    ReleaseAny release_any (Ptr) - NoImm Count exit "Gives up a reference, if the pointer is not NULL; exits instead if that would run code.",
    ReleaseLeaf release_leaf (Obj) - NoImm Count - "Gives up a reference to a number or string, which dies silently, or to what has another one.",
    BoxInt box_int (I64) Obj NoImm Count exit "An int, with a reference to it.",
    BoxFloat box_float (F64) Obj NoImm Count exit "A float, with a reference to it.",
    ReboxInt rebox_int (I64, Obj) Obj NoImm Count exit "The same, giving up a reference to another int, whose memory it takes over if nobody else has that.",
    ReboxFloat rebox_float (F64, Obj) Obj NoImm Count exit "The same of floats.",
    BoxBool box_bool (Bool) Obj NoImm Pure - "True or False, borrowed.",
    BoxChar box_char (I64) Obj NoImm Pure - "The str of one ASCII character, by its code; borrowed.",
    Call call () - Helper Call - "Calls a helper.",
    Virtual virtual (Any) Obj NoImm Count - "An instance of a class, a tuple, or the box of a number, that is not made: snapshots alone refer to it.",
    CountNew count_new () - Int Count exit "Counts an object that is not made, as the collector would; exits if that is due. A tuple of this many items is counted if there is no dead one to be had; 0 for other objects.",
    CountGone count_gone () - Int Count - "Counts that such an object is gone.",

    // Guards on objects.
    GuardType guard_type (Obj) Obj Kind Guard exit "The object, which is exactly of this kind.",
    GuardVersion guard_version (Obj) Obj Int Load exit "The object, whose class has this version tag.",
    GuardObj guard_obj (Ptr) Obj NoImm Guard exit "The object at the pointer, which is not NULL.",
    GuardNull guard_null (Ptr) - NoImm Guard exit "The pointer is NULL.",
    GuardSame guard_same (Ptr, Ptr) - NoImm Guard exit "The pointers are the same.",
    GuardNotSame guard_not_same (Ptr, Ptr) - NoImm Guard exit "The pointers differ.",
    Same same (Ptr, Ptr) Bool NoImm Pure - "Whether the pointers are the same.",

    // Unboxing. The kind has been guarded before.
    UnboxInt unbox_int (Obj) I64 NoImm Load exit "The value of an int; exits if it does not fit.",
    UnboxFloat unbox_float (Obj) F64 NoImm Load - "The value of a float.",
    UnboxBool unbox_bool (Obj) Bool NoImm Load - "The value of a bool.",

    // Integers. `_ovf` ops exit when the exact result does not fit.
    AddOvf add_ovf (I64, I64) I64 NoImm Pure exit "a + b.",
    SubOvf sub_ovf (I64, I64) I64 NoImm Pure exit "a - b.",
    MulOvf mul_ovf (I64, I64) I64 NoImm Pure exit "a * b.",
    NegOvf neg_ovf (I64) I64 NoImm Pure exit "-a.",
    AbsOvf abs_ovf (I64) I64 NoImm Pure exit "abs(a).",
    AddWrap add_wrap (I64, I64) I64 NoImm Pure - "a + b modulo 2**64.",
    SubWrap sub_wrap (I64, I64) I64 NoImm Pure - "a - b modulo 2**64.",
    MulWrap mul_wrap (I64, I64) I64 NoImm Pure - "a * b modulo 2**64.",
    FloordivI64 floordiv_i64 (I64, I64) I64 NoImm Pure exit "a // b; exits for b = 0 and MIN // -1.",
    ModI64 mod_i64 (I64, I64) I64 NoImm Pure exit "a % b, with the sign of b; exits for b = 0 and MIN % -1.",
    ShlOvf shl_ovf (I64, I64) I64 NoImm Pure exit "a << b; exits for b < 0, b >= 63 and lost bits.",
    ShrI64 shr_i64 (I64, I64) I64 NoImm Pure exit "a >> b, 0 or -1 for b >= 63; exits for b < 0.",
    AndI64 and_i64 (I64, I64) I64 NoImm Pure - "a & b.",
    OrI64 or_i64 (I64, I64) I64 NoImm Pure - "a | b.",
    XorI64 xor_i64 (I64, I64) I64 NoImm Pure - "a ^ b.",
    NotI64 not_i64 (I64) I64 NoImm Pure - "~a.",
    EqI64 eq_i64 (I64, I64) Bool NoImm Pure - "a == b.",
    NeI64 ne_i64 (I64, I64) Bool NoImm Pure - "a != b.",
    LtI64 lt_i64 (I64, I64) Bool NoImm Pure - "a < b.",
    LeI64 le_i64 (I64, I64) Bool NoImm Pure - "a <= b.",
    GtI64 gt_i64 (I64, I64) Bool NoImm Pure - "a > b.",
    GeI64 ge_i64 (I64, I64) Bool NoImm Pure - "a >= b.",

    // Floats: IEEE 754 double precision, round to nearest even.
    AddF64 add_f64 (F64, F64) F64 NoImm Pure - "a + b.",
    SubF64 sub_f64 (F64, F64) F64 NoImm Pure - "a - b.",
    MulF64 mul_f64 (F64, F64) F64 NoImm Pure - "a * b.",
    NegF64 neg_f64 (F64) F64 NoImm Pure - "-a: flips the sign bit.",
    AbsF64 abs_f64 (F64) F64 NoImm Pure - "abs(a): clears the sign bit.",
    DivF64 div_f64 (F64, F64) F64 NoImm Pure exit "a / b; exits for b = 0.",
    FloordivF64 floordiv_f64 (F64, F64) F64 NoImm Pure exit "a // b as Python computes it; exits for b = 0.",
    ModF64 mod_f64 (F64, F64) F64 NoImm Pure exit "a % b as Python computes it; exits for b = 0.",
    PowF64 pow_f64 (F64, F64) F64 NoImm Pure exit "a ** b; exits when Python would raise or give a complex.",
    EqF64 eq_f64 (F64, F64) Bool NoImm Pure - "a == b; false for NaN.",
    NeF64 ne_f64 (F64, F64) Bool NoImm Pure - "a != b; true for NaN.",
    LtF64 lt_f64 (F64, F64) Bool NoImm Pure - "a < b; false for NaN.",
    LeF64 le_f64 (F64, F64) Bool NoImm Pure - "a <= b; false for NaN.",
    GtF64 gt_f64 (F64, F64) Bool NoImm Pure - "a > b; false for NaN.",
    GeF64 ge_f64 (F64, F64) Bool NoImm Pure - "a >= b; false for NaN.",

    // Conversions.
    I64ToF64 i64_to_f64 (I64) F64 NoImm Pure - "float(a), rounded to nearest even.",
    I64ToF64Exact i64_to_f64_exact (I64) F64 NoImm Pure exit "float(a); exits for abs(a) > 2**53.",
    F64ToI64 f64_to_i64 (F64) I64 NoImm Pure exit "int(a), truncated; exits for NaN and out of range.",
    BoolToI64 bool_to_i64 (Bool) I64 NoImm Pure - "0 or 1.",
    I64IsTrue i64_is_true (I64) Bool NoImm Pure - "a != 0.",
    F64IsTrue f64_is_true (F64) Bool NoImm Pure - "a != 0.0; true for NaN.",
    NotBool not_bool (Bool) Bool NoImm Pure - "not a.",

    // Control.
    GuardTrue guard_true (Bool) - NoImm Guard exit "The condition holds.",
    GuardFalse guard_false (Bool) - NoImm Guard exit "The condition does not hold.",
    Poll poll () - NoImm Control exit "Exits when the eval breaker is set.",
}

impl Op {
    /// The op with this mnemonic.
    pub fn from_name(name: &str) -> Option<Op> {
        Op::ALL.iter().copied().find(|op| op.name() == name)
    }

    /// The whole table in Markdown.
    pub fn markdown() -> String {
        let mut out =
            String::from("| op | operands | result | exits | meaning |\n|---|---|---|---|---|\n");
        for op in Op::ALL {
            let args: Vec<_> = op.args().iter().map(|ty| ty.name()).collect();
            let result = op.result().map_or("", Type::name);
            let exits = if op.has_exit() { "yes" } else { "" };
            let (args, doc) = (args.join(", "), op.doc().replace('|', "\\|"));
            out.push_str(&format!(
                "| `{op}` | {args} | {result} | {exits} | {doc} |\n"
            ));
        }
        out
    }

    /// The kind that the first operand must have been guarded to be before this op.
    pub const fn needs_kind(self) -> Option<ObjKind> {
        match self {
            Op::UnboxInt => Some(ObjKind::Int),
            Op::UnboxFloat => Some(ObjKind::Float),
            Op::UnboxBool => Some(ObjKind::Bool),
            Op::LoadRangeField => Some(ObjKind::RangeIter),
            _ => None,
        }
    }

    /// Whether the op is a constant.
    pub const fn is_const(self) -> bool {
        matches!(
            self,
            Op::ConstI64 | Op::ConstF64 | Op::ConstBool | Op::ConstObj
        )
    }

    /// Whether swapping the operands gives the same result to the bit.
    ///
    /// Float addition and multiplication are not listed: which NaN they return depends on the order.
    pub const fn commutes(self) -> bool {
        matches!(
            self,
            Op::AddOvf
                | Op::MulOvf
                | Op::AddWrap
                | Op::MulWrap
                | Op::AndI64
                | Op::OrI64
                | Op::XorI64
                | Op::EqI64
                | Op::NeI64
                | Op::EqF64
                | Op::NeF64
                | Op::GuardSame
                | Op::GuardNotSame
                | Op::Same
        )
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
