//! Types of IR values, kinds of objects, and the places of a frame.

use std::fmt;

macro_rules! words {
    ($(#[$meta:meta])* $enum:ident { $($variant:ident $word:literal $doc:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $enum {
            $(#[doc = $doc] $variant,)*
        }

        impl $enum {
            /// Every member, in the order of the table.
            pub const ALL: &'static [$enum] = &[$($enum::$variant,)*];

            /// The word used in the text form.
            pub const fn name(self) -> &'static str {
                match self {
                    $($enum::$variant => $word,)*
                }
            }

            /// The member with this word.
            pub fn from_name(name: &str) -> Option<$enum> {
                Self::ALL.iter().copied().find(|member| member.name() == name)
            }
        }

        impl fmt::Display for $enum {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

words! {
    /// The type of an IR value.
    Type {
        I64 "i64" "An exact Python int that fits 64 bits, unboxed.",
        F64 "f64" "An exact Python float, unboxed.",
        Bool "bool" "A Python bool, unboxed.",
        Obj "obj" "A borrowed, non-NULL object pointer; the frame's memory or a constant keeps it alive.",
    }
}

words! {
    /// An exact type that `guard_type` can test an object for.
    ObjKind {
        Int "int" "Exactly `int`, of any size; not `bool`.",
        Float "float" "Exactly `float`.",
        Bool "bool" "`True` or `False`.",
        None "none" "The object `None`.",
        RangeIter "range_iter" "The iterator of a `range` whose numbers fit a C long.",
    }
}

words! {
    /// A field of a range iterator. All but `index` never change.
    RangeField {
        Start "start" "The first number.",
        Step "step" "The distance between numbers.",
        Len "len" "How many numbers there are in all.",
        Index "index" "How many numbers have been taken.",
    }
}

/// Where a value of the frame lives in memory when no trace runs.
///
/// The order is the order in which snapshots list their writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// An element of the frame's localsplus array: locals first, then the value stack.
    Slot(u16),
    /// The `index` field of the range iterator that was in this slot when the tree was entered.
    RangeIndex(u16),
}

impl Place {
    /// The slot that the place is, or that holds the object it is a field of.
    pub const fn slot(self) -> u16 {
        match self {
            Place::Slot(slot) | Place::RangeIndex(slot) => slot,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Slot(slot) => write!(f, "@{slot}"),
            Place::RangeIndex(slot) => write!(f, "@{slot}.index"),
        }
    }
}

/// As what the first read of a place wants its value: decides the entry code and the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadAs {
    /// Guarded to be an exact int that fits 64 bits; gives `i64`. For [`Place::RangeIndex`], the index.
    Int,
    /// Guarded to be an exact float; gives `f64`.
    Float,
    /// Guarded to be a bool; gives `bool`.
    Bool,
    /// Guarded to be an object of this kind; gives `obj`.
    Kind(ObjKind),
    /// Any object; gives `obj`.
    Object,
}

impl ReadAs {
    /// The type of the value that such a read gives.
    pub const fn ty(self) -> Type {
        match self {
            ReadAs::Int => Type::I64,
            ReadAs::Float => Type::F64,
            ReadAs::Bool => Type::Bool,
            ReadAs::Kind(_) | ReadAs::Object => Type::Obj,
        }
    }

    /// The weakest read that gives a value of this type.
    pub const fn from_type(ty: Type) -> ReadAs {
        match ty {
            Type::I64 => ReadAs::Int,
            Type::F64 => ReadAs::Float,
            Type::Bool => ReadAs::Bool,
            Type::Obj => ReadAs::Object,
        }
    }
}
