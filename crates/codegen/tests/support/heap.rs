//! Objects in memory, as CPython 3.11 lays them out, for the values of the abstract frame.

use super::calls;
use pyrt_codegen::{Helpers, Layout};
use pyrt_trace::eval::{Frame, RangeState, Value};
use pyrt_trace::{Helper, ObjKind, TraceTree};
use std::cell::UnsafeCell;
use std::ptr;

/// An object: header, and what its kind needs of the rest. A range iterator's index, start, step and
/// length; a float's value; an int's size and digits.
#[repr(C)]
pub struct Object {
    refcount: UnsafeCell<i64>,
    class: *const Class,
    fields: [u64; 6],
}

/// A stand-in for a type object.
#[repr(C)]
struct Class {
    header: [u64; 2],
    version: u32,
}

/// The ints that exist once and for all.
const SMALL_INT_MIN: i64 = -5;
const SMALL_INT_MAX: i64 = 256;

/// How many kinds there are; the class after theirs is that of all other objects.
const KINDS: usize = ObjKind::ALL.len();

static CLASSES: [Class; KINDS + 1] = {
    let mut classes = [const {
        Class {
            header: [0; 2],
            version: 0,
        }
    }; KINDS + 1];
    let mut at = 0;
    while at <= KINDS {
        classes[at].version = version(at);
        at += 1;
    }
    classes
};

/// The version tags differ, and need all 32 bits.
const fn version(class: usize) -> u32 {
    0xffff_ff00 + class as u32
}

/// The version tag of a kind's class.
pub fn version_of(kind: ObjKind) -> i64 {
    version(kind as usize).into()
}

fn class(index: usize) -> *const Class {
    &raw const CLASSES[index]
}

/// Objects, each with the value that it stands for. The same value is always the same object.
pub struct Heap {
    objects: Vec<(Value, Box<Object>)>,
    small_ints: Box<[Object]>,
}

impl Heap {
    /// A heap for a frame, whose range iterators it holds in their present state.
    pub fn new(frame: &Frame) -> Heap {
        let small_ints = (SMALL_INT_MIN..=SMALL_INT_MAX).map(|int| object(Value::Int(int.into())));
        let mut heap = Heap {
            objects: Vec::new(),
            small_ints: small_ints.collect(),
        };
        for (id, range) in (0..).zip(&frame.ranges) {
            heap.add(Value::Range(id), range_object(range));
        }
        heap
    }

    /// The layout of this heap's objects.
    pub fn layout(&mut self) -> Layout {
        Layout {
            frame_slots: FRAME_SLOTS as i32,
            ob_refcnt: 0,
            ref_total: 0,
            ob_type: 8,
            type_version: 16,
            float_value: 16,
            int_size: 16,
            int_digit: 24,
            int_digit_bits: 30,
            range_index: 16,
            range_start: 24,
            range_step: 32,
            range_len: 40,
            values_count: -2,
            values_order: -3,
            types: std::array::from_fn(|kind| class(kind).addr()),
            true_object: self.pointer(Value::Bool(true)).addr(),
            false_object: self.pointer(Value::Bool(false)).addr(),
            floats: None,
            collector: None,
            small_ints: self.small_ints.as_ptr().addr(),
            small_int_size: size_of::<Object>() as i32,
            characters: 0x1000,
            character_size: 56,
            helpers: Helpers::new(
                unbox_int,
                calls::box_int,
                calls::box_float,
                calls::release_quiet,
                calls::dealloc_leaf,
            ),
            helper_addresses: [0; Helper::ALL.len()],
        }
    }

    /// The object for a value; NULL for [`Value::Null`].
    pub fn pointer(&mut self, value: Value) -> *mut u8 {
        if let Value::Int(int) = value
            && (SMALL_INT_MIN.into()..=SMALL_INT_MAX.into()).contains(&int)
        {
            let at = (int - i128::from(SMALL_INT_MIN)) as usize;
            return ptr::from_mut(&mut self.small_ints[at]).cast();
        }
        let known = self.objects.iter_mut().find(|(known, _)| *known == value);
        if let Some((_, object)) = known {
            return ptr::from_mut(&mut **object).cast();
        }
        match value {
            Value::Null => ptr::null_mut(),
            _ => self.add(value, object(value)),
        }
    }

    fn add(&mut self, value: Value, object: Object) -> *mut u8 {
        self.objects.push((value, Box::new(object)));
        let (_, object) = self.objects.last_mut().expect("just pushed");
        ptr::from_mut(&mut **object).cast()
    }

    /// The value that an object stands for.
    pub fn value(&self, pointer: u64) -> Value {
        let same =
            |(_, object): &&(Value, Box<Object>)| ptr::from_ref(&**object).addr() as u64 == pointer;
        if let Some((value, _)) = self.objects.iter().find(same) {
            return *value;
        }
        let first = self.small_ints.as_ptr().addr() as u64;
        let at = pointer.wrapping_sub(first) / size_of::<Object>() as u64;
        let small = SMALL_INT_MIN + at as i64;
        match small <= SMALL_INT_MAX && pointer >= first {
            true => Value::Int(small.into()),
            false => calls::value_made(pointer).expect("an object"),
        }
    }

    /// Makes the constants of a tree objects of this heap. As values they are their own addresses,
    /// which is how the evaluator sees constants.
    pub fn adopt(&mut self, tree: &mut TraceTree) {
        for constant in &mut tree.consts {
            let mut object = Box::new(object(Value::Other(0)));
            constant.addr = ptr::from_mut(&mut *object).addr() as u64;
            self.objects.push((Value::Other(constant.addr), object));
        }
    }
}

fn object(value: Value) -> Object {
    let mut fields = [0; 6];
    let kind = match value {
        Value::Int(value) => {
            set_int(&mut fields, value);
            Some(ObjKind::Int)
        }
        Value::Float(value) => {
            fields[0] = value.to_bits();
            Some(ObjKind::Float)
        }
        Value::Bool(value) => {
            set_int(&mut fields, i128::from(value));
            Some(ObjKind::Bool)
        }
        Value::None => Some(ObjKind::None),
        _ => None,
    };
    Object::new(kind, fields)
}

impl Object {
    /// An object with one reference.
    fn new(kind: Option<ObjKind>, fields: [u64; 6]) -> Object {
        Object {
            refcount: UnsafeCell::new(1),
            class: class(kind.map_or(KINDS, |kind| kind as usize)),
            fields,
        }
    }

    /// An object that stands for a value.
    pub fn of(value: Value) -> Box<Object> {
        Box::new(object(value))
    }

    /// An object of a kind whose fields do not matter.
    pub fn of_kind(kind: ObjKind) -> Box<Object> {
        Box::new(Object::new(Some(kind), [0; 6]))
    }

    /// The object as compiled code sees it.
    pub fn pointer(&mut self) -> *mut u8 {
        ptr::from_mut(self).cast()
    }
}

/// The count of references of an object.
pub fn count(object: *const u8) -> i64 {
    // SAFETY: tests pass objects, which begin with their count.
    unsafe { object.cast::<i64>().read_volatile() }
}

/// Sets the count of references of an object.
pub fn set_count(object: *mut u8, count: i64) {
    // SAFETY: as above.
    unsafe { object.cast::<i64>().write_volatile(count) }
}

fn range_object(range: &RangeState) -> Object {
    let fields = [range.index, range.start, range.step, range.len, 0, 0];
    Object::new(Some(ObjKind::RangeIter), fields.map(i64::cast_unsigned))
}

/// Sign and magnitude: digits of 30 bits, two of them in each field after the first.
fn set_int(fields: &mut [u64; 6], value: i128) {
    let mut rest = value.unsigned_abs();
    let mut size = 0;
    while rest != 0 {
        let digit = (rest & ((1 << 30) - 1)) as u64;
        fields[1 + size / 2] |= digit << (size % 2 * 32);
        rest >>= 30;
        size += 1;
    }
    let size = i64::try_from(size).expect("few digits");
    fields[0] = (size * value.signum() as i64).cast_unsigned();
}

/// What CPython's `PyLong_AsLongLongAndOverflow` would do.
unsafe extern "C" fn unbox_int(object: *const u8, out: *mut i64) -> u8 {
    // SAFETY: compiled code passes an int of this heap.
    let object = unsafe { &*object.cast::<Object>() };
    assert_eq!(object.class, class(ObjKind::Int as usize));
    let size = object.fields[0].cast_signed();
    let count = usize::try_from(size.unsigned_abs()).expect("few digits");
    assert!(count > 1, "one digit is read inline");
    let digit = |at: usize| (object.fields[1 + at / 2] >> (at % 2 * 32)) as u32;
    let magnitude = (0..count)
        .rev()
        .fold(0, |sum: i128, at| sum << 30 | i128::from(digit(at)));
    match i64::try_from(magnitude * i128::from(size.signum())) {
        Ok(value) => {
            // SAFETY: compiled code passes a place for the result.
            unsafe { out.write(value) };
            1
        }
        Err(_) => 0,
    }
}

/// Where the slots of a frame are, in bytes.
pub const FRAME_SLOTS: usize = 72;

/// A frame in memory: what comes before its slots, and these.
pub fn frame_memory(slots: impl IntoIterator<Item = *mut u8>) -> Vec<*mut u8> {
    let head = std::iter::repeat_n(ptr::dangling_mut(), FRAME_SLOTS / 8);
    head.chain(slots).collect()
}

/// A value of each kind that the evaluator knows, and of another.
pub fn one_of_each() -> [(Value, Option<ObjKind>); 6] {
    [
        (Value::Int(3), Some(ObjKind::Int)),
        (Value::Float(0.5), Some(ObjKind::Float)),
        (Value::Bool(true), Some(ObjKind::Bool)),
        (Value::None, Some(ObjKind::None)),
        (Value::Range(0), Some(ObjKind::RangeIter)),
        (Value::Other(9), None),
    ]
}
