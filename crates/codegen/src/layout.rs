//! What compiled code must know of the interpreter's objects. The caller fills this in; nothing
//! here depends on CPython.
//!
//! # int-layout
//! An int has a signed size, whose magnitude counts its digits, and unsigned 32-bit digits of which
//! the first is always readable, also for zero. An int of at most one digit is size times digit.
//!
//! # kept-while-running
//! Objects that the frame holds when a tree is entered stay alive and unchanged until it has left,
//! and so do the tree's constants.

use crate::helpers;
use pyrt_trace::{Helper, ObjKind};

/// The value of an int that has several digits: writes it and returns 1, or returns 0 if it does not
/// fit. The object is an int; the pointer to the result is aligned and writable.
pub type UnboxInt = unsafe extern "C" fn(int: *const u8, out: *mut i64) -> u8;

/// A float operation that has a result for all operands it is called with.
pub type FloatOp = extern "C" fn(a: f64, b: f64) -> f64;

/// A float operation that may have no result: then it returns 0, else it writes it and returns 1.
pub type PartialFloatOp = unsafe extern "C" fn(a: f64, b: f64, out: *mut f64) -> u8;

/// Functions that compiled code calls. They must not unwind, and change nothing that it reads.
#[derive(Clone, Copy, Debug)]
pub struct Helpers {
    /// Reads an int of several digits.
    pub unbox_int: UnboxInt,
    /// `a // b` for `b != 0`.
    pub float_floordiv: FloatOp,
    /// `a % b` for `b != 0`.
    pub float_mod: FloatOp,
    /// `a ** b`.
    pub float_pow: PartialFloatOp,
    /// Makes an int, or returns null.
    pub box_int: unsafe extern "C" fn(i64) -> *mut u8,
    /// Makes a float, or returns null.
    pub box_float: unsafe extern "C" fn(f64) -> *mut u8,
    /// Gives up the last reference to an object and returns 1, or returns 0 if that would run code.
    pub release_quiet: unsafe extern "C" fn(*mut u8) -> u8,
    /// Gives up the last reference to a number or string.
    pub dealloc_leaf: unsafe extern "C" fn(*mut u8),
}

impl Helpers {
    /// This crate's float operations, and the caller's way to read an int.
    pub const fn new(
        unbox_int: UnboxInt,
        box_int: unsafe extern "C" fn(i64) -> *mut u8,
        box_float: unsafe extern "C" fn(f64) -> *mut u8,
        release_quiet: unsafe extern "C" fn(*mut u8) -> u8,
        dealloc_leaf: unsafe extern "C" fn(*mut u8),
    ) -> Helpers {
        Helpers {
            unbox_int,
            box_int,
            box_float,
            release_quiet,
            dealloc_leaf,
            float_floordiv: helpers::float_floordiv,
            float_mod: helpers::float_mod,
            float_pow: helpers::float_pow,
        }
    }
}

/// The interpreter's list of dead floats, which are linked by their type pointers.
#[derive(Clone, Copy, Debug)]
pub struct FloatList {
    /// Where the pointer to the first one is.
    pub head: usize,
    /// Where their number is, an `i32`.
    pub length: usize,
    /// How many there may be.
    pub most: i32,
    /// Where an `i32` is that is not 0 while somebody wants to know of new objects.
    pub watched: usize,
}

/// What the interpreter's collector counts. All are `i32`, by address.
#[derive(Clone, Copy, Debug)]
pub struct Collector {
    /// How many objects were made, less those that are gone, since it has run.
    pub count: usize,
    /// It runs when there are more than that.
    pub threshold: usize,
    /// 0 while it does not run by itself.
    pub enabled: usize,
    /// Not 0 while it is running.
    pub collecting: usize,
    /// How many dead tuples of one item there are to be had; the numbers of longer ones follow.
    pub tuples: usize,
    /// Dead tuples of more items are not kept.
    pub longest_tuple: i64,
}

/// Offsets of fields, in bytes from the start of an object, and addresses of singletons.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The array of locals and stack slots, in a frame.
    pub frame_slots: i32,
    /// The reference count, in every object: an `i64`.
    pub ob_refcnt: i32,
    /// Where all references are counted, an `i64`, or 0 if nobody does.
    pub ref_total: usize,
    /// The pointer to the type, in every object.
    pub ob_type: i32,
    /// The version tag of a type: a `u32`.
    pub type_version: i32,
    /// The value of a float: an `f64`.
    pub float_value: i32,
    /// The size of an int: an `isize`. See `# int-layout`.
    pub int_size: i32,
    /// The first digit of an int: a `u32`.
    pub int_digit: i32,
    /// How many bits a digit has.
    pub int_digit_bits: u32,
    /// How many numbers a range iterator has given: an `i64`, as are the next three.
    pub range_index: i32,
    /// The first number of a range iterator.
    pub range_start: i32,
    /// The step of a range iterator.
    pub range_step: i32,
    /// The count of numbers of a range iterator.
    pub range_len: i32,
    /// How many inline values an instance has got, before these: a `u8`.
    pub values_count: i32,
    /// The index of the one that it got first, before these: a `u8`, as are those of the others, which precede it.
    pub values_order: i32,
    /// The types of the kinds, in the order of their table.
    pub types: [usize; ObjKind::ALL.len()],
    /// The object `True`.
    pub true_object: usize,
    /// The object `False`.
    pub false_object: usize,
    /// The list of dead floats, if it may be used without a call.
    pub floats: Option<FloatList>,
    /// What the collector counts, if it does.
    pub collector: Option<Collector>,
    /// The preallocated int -5; those up to 256 follow.
    pub small_ints: usize,
    /// The distance of two of them, in bytes.
    pub small_int_size: i32,
    /// The preallocated str of the character 0; those of other ASCII characters follow.
    pub characters: usize,
    /// The distance of two of them, in bytes.
    pub character_size: i32,
    /// Addresses of the helpers, in the order of their table.
    pub helper_addresses: [usize; Helper::ALL.len()],
    /// Functions to call.
    pub helpers: Helpers,
}

impl Layout {
    /// The type whose instances are exactly the objects of a kind.
    pub const fn type_of(&self, kind: ObjKind) -> usize {
        self.types[kind as usize]
    }
}
