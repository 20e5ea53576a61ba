//! The table of helpers: functions of the runtime that compiled code calls.
//!
//! A row is: variant, name, operands, result type (`-` for none), what it may write, one sentence.
//! Helpers that fail return NULL, or a negative number, with the exception set; the instruction after
//! the call guards that. None takes over the references of its operands; results are new references
//! unless the sentence says otherwise.

use crate::ops::Operand;
use crate::types::{ObjKind, Region, Regions, Type};
use std::fmt;

macro_rules! result_type {
    (-) => {
        None
    };
    ($ty:ident) => {
        Some(Type::$ty)
    };
}

macro_rules! regions {
    (nothing) => {
        Regions::NONE
    };
    (anything) => {
        Regions::ALL
    };
    ($($region:ident)|+) => {
        Regions::NONE$(.and(Regions::one(Region::$region)))+
    };
}

macro_rules! helpers {
    ($(
        $variant:ident $name:ident ($($arg:ident),*) $result:tt [$($writes:tt)+] $doc:literal,
    )*) => {
        /// A helper. See the table in `helpers.rs`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Helper {
            $(#[doc = $doc] $variant,)*
        }

        impl Helper {
            /// Every helper, in the order of the table.
            pub const ALL: &'static [Helper] = &[$(Helper::$variant,)*];

            /// The name used in the text form.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Helper::$variant => stringify!($name),)*
                }
            }

            /// What the operands may be.
            pub const fn args(self) -> &'static [Operand] {
                match self {
                    $(Helper::$variant => &[$(Operand::$arg,)*],)*
                }
            }

            /// The type of the result.
            pub const fn result(self) -> Option<Type> {
                match self {
                    $(Helper::$variant => result_type!($result),)*
                }
            }

            /// The regions that it may write.
            pub const fn clobbers(self) -> Regions {
                match self {
                    $(Helper::$variant => regions!($($writes)+),)*
                }
            }
        }
    };
}

helpers! {
    // Foreign: may run any code. All frames are in memory when they are called.
    BinaryOp binary_op (Obj, Obj, I64) Ptr [anything] "The operator of BINARY_OP with this number.",
    Compare compare (Obj, Obj, I64) Ptr [anything] "The rich comparison with this number.",
    GetItem get_item (Obj, Obj) Ptr [anything] "`a[b]`.",
    SetItem set_item (Obj, Obj, Obj) I64 [anything] "`a[b] = c`; 0, or -1.",
    GetAttr get_attr (Obj, Obj) Ptr [anything] "`getattr(a, b)`.",
    SetAttr set_attr (Obj, Obj, Obj) I64 [anything] "`a.b = c`; 0, or -1.",
    GetIter get_iter (Obj) Ptr [anything] "`iter(a)`.",
    IterNext iter_next (Ptr, Obj) Ptr [anything] "The next item of an iterator; a special object at its end.",
    IsTrue is_true (Obj) I64 [anything] "1, 0, or -1.",
    Contains contains (Obj, Obj) I64 [anything] "`b in a`: 1, 0, or -1.",
    BuildList build_list (Ptr, I64) Ptr [anything] "A list of this many objects at the pointer; the collector may run.",
    BuildTuple build_tuple (Ptr, I64) Ptr [anything] "A tuple of this many objects at the pointer; the collector may run.",
    Call call (Ptr, Obj, Ptr, I64) Ptr [anything] "Calls an object with this many positional arguments at the pointer.",

    CallKw call_kw (Ptr, Obj, Ptr, I64, Obj) Ptr [anything] "The same, the last arguments being keyword arguments with these names.",
    Step step (Ptr, Ptr, I64, I64) I64 [anything] "Executes an instruction as the interpreter does, in the innermost frame, whose stack is in memory; 0, or -1.",

    // Quiet: run no code of the program, and look at no frame.
    PushFrame push_frame (Ptr, Obj) Ptr [Frames | Other] "Makes the innermost frame one of this function, taking the reference to it; NULL when memory is out.",
    PushInit push_init (Ptr, Obj) Ptr [Frames | Other] "The same for an `__init__` that sets up an object for its caller.",
    PopFrame pop_frame (Ptr, Ptr) - [Frames | Other] "Removes the innermost frame, whose locals have been cleared.",
    ListAppend list_append (Obj, Obj) I64 [Lists | Items] "Appends to a list, with a reference of its own; 0, or -1.",
    NewInstance new_instance (Ptr, Obj) Ptr [Allocator] "A new instance of a class, by `object.__new__`; NULL without exception when memory is out or the collector due.",
    NewCell new_cell (Ptr) Ptr [Allocator] "An empty cell; NULL as for new_instance.",
    NewTuple new_tuple (Ptr, I64) Ptr [Allocator] "A tuple of this many NULLs; NULL as for new_instance.",
    NewList new_list (Ptr, I64) Ptr [Allocator] "A list of this many NULLs; NULL as for new_instance.",
    NoteValue note_value (Ptr, I64) - [Attrs] "Notes that the attribute with this index is the next one that an instance gets; its inline values follow.",
    StackRoom stack_room () I64 [nothing] "Whether the C stack has room for another evaluation: 0 or 1.",
    StrEq str_eq (Obj, Obj) I64 [nothing] "Whether two strs are equal: 0 or 1.",
}

impl Helper {
    /// The helper with this name.
    pub fn from_name(name: &str) -> Option<Helper> {
        Helper::ALL
            .iter()
            .copied()
            .find(|helper| helper.name() == name)
    }

    /// The kind of object that it makes, if it makes one of a kind.
    pub const fn makes(self) -> Option<ObjKind> {
        match self {
            Helper::NewTuple | Helper::BuildTuple => Some(ObjKind::Tuple),
            Helper::NewList | Helper::BuildList => Some(ObjKind::List),
            Helper::NewCell => Some(ObjKind::Cell),
            _ => None,
        }
    }

    /// Whether it may run any code of the program.
    pub fn is_foreign(self) -> bool {
        self.clobbers() == Regions::ALL
    }
}

impl fmt::Display for Helper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
