//! Types of IR values, kinds of objects, and the places of a frame.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! words {
    ($(#[$meta:meta])* $enum:ident { $($variant:ident $word:literal $doc:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
        Obj "obj" "A pointer to a live object, never NULL. Whether the trace holds a reference is the recorder's to know.",
        Ptr "ptr" "Any other machine pointer: to memory inside an object, a frame, or an object that may be NULL.",
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
        Str "str" "Exactly `str`.",
        Bytes "bytes" "Exactly `bytes`.",
        List "list" "Exactly `list`.",
        Tuple "tuple" "Exactly `tuple`.",
        Dict "dict" "Exactly `dict`.",
        Set "set" "Exactly `set`.",
        Slice "slice" "A `slice`.",
        Function "function" "A Python function.",
        Method "method" "A bound method.",
        Builtin "builtin" "A function or method of C.",
        Module "module" "Exactly a module.",
        Type "type" "A class whose metaclass is exactly `type`.",
        Cell "cell" "The cell of a closure.",
        ListIter "list_iter" "The iterator of a list.",
        TupleIter "tuple_iter" "The iterator of a tuple.",
        StrIter "str_iter" "The iterator of a str that is all ASCII.",
        Generator "generator" "A generator.",
        Coroutine "coroutine" "A coroutine.",
    }
}

impl ObjKind {
    /// The type that the value of such an object has unboxed, for numbers.
    pub const fn unboxed(self) -> Option<Type> {
        match self {
            ObjKind::Int => Some(Type::I64),
            ObjKind::Float => Some(Type::F64),
            ObjKind::Bool => Some(Type::Bool),
            _ => None,
        }
    }
}

words! {
    /// Memory that is written together: a store to one region leaves what was read from others true.
    Region {
        Fixed "fixed" "Never changes while its object lives: items of tuples, code of functions.",
        Frames "frames" "Slots and links of frames, and the thread's frame pointers.",
        Classes "classes" "Classes of objects, and version tags of classes.",
        Attrs "attrs" "Inline values of instances, pointers to them and to instance dicts, and `__slots__` members.",
        Dicts "dicts" "Dicts: their keys, values, sizes and versions.",
        Lists "lists" "Sizes and item pointers of lists.",
        Items "items" "Items of lists.",
        Iters "iters" "Positions of iterators.",
        Cells "cells" "Contents of cells.",
        Functions "functions" "Versions, defaults and closures of functions.",
        Allocator "allocator" "Counters of the garbage collector and the memory allocator.",
        Counts "counts" "Reference counts.",
        Other "other" "All else.",
    }
}

words! {
    /// What a load or store moves.
    Width {
        I64 "i64" "64 bits, signed.",
        I32 "i32" "32 bits, extended by the sign.",
        U32 "u32" "32 bits, extended by zeros.",
        U8 "u8" "8 bits, extended by zeros.",
        F64 "f64" "A float.",
        Obj "obj" "A pointer to an object, never NULL.",
        Ptr "ptr" "Any other pointer.",
    }
}

impl Width {
    /// The type of a value of this width.
    pub const fn ty(self) -> Type {
        match self {
            Width::I64 | Width::I32 | Width::U32 | Width::U8 => Type::I64,
            Width::F64 => Type::F64,
            Width::Obj => Type::Obj,
            Width::Ptr => Type::Ptr,
        }
    }
}

/// A place in memory relative to a base, for loads and stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mem {
    /// Bytes from the base.
    pub offset: i32,
    /// What is there.
    pub width: Width,
    /// What it changes with.
    pub region: Region,
}

/// A set of regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Regions(u16);

impl Regions {
    /// No region.
    pub const NONE: Regions = Regions(0);
    /// All regions whose memory changes.
    pub const ALL: Regions = Regions(!(1 << Region::Fixed as u16));

    /// One region; none for [`Region::Fixed`].
    pub const fn one(region: Region) -> Regions {
        Regions((1 << region as u16) & Regions::ALL.0)
    }

    /// The union.
    pub const fn and(self, other: Regions) -> Regions {
        Regions(self.0 | other.0)
    }

    /// Whether a region is in the set.
    pub const fn contains(self, region: Region) -> bool {
        self.0 & Regions::one(region).0 != 0
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
            Type::Obj | Type::Ptr => ReadAs::Object,
        }
    }
}
