//! Objects in memory, as CPython 3.11 lays them out, for the values of the abstract frame.

use pyrt_codegen::{Helpers, Layout};
use pyrt_trace::eval::{Frame, RangeState, Value};
use pyrt_trace::{Helper, ObjKind, TraceTree};
use std::ffi::c_void;
use std::ptr;

/// An object: header, and what its kind needs of the rest. A range iterator's index, start, step and
/// length; a float's value; an int's size and digits.
#[repr(C)]
struct Object {
    refcount: isize,
    kind: *const u8,
    fields: [u64; 6],
}

/// Stand-ins for type objects: int, float, bool, None, range iterator, other.
static TYPES: [u8; 6] = [0; 6];

fn type_address(index: usize) -> *const u8 {
    &raw const TYPES[index]
}

/// Objects, each with the value that it stands for. The same value is always the same object.
pub struct Heap {
    objects: Vec<(Value, Box<Object>)>,
}

impl Heap {
    /// A heap for a frame, whose range iterators it holds in their present state.
    pub fn new(frame: &Frame) -> Heap {
        let mut heap = Heap {
            objects: Vec::new(),
        };
        heap.pointer(Value::Bool(true));
        for (id, range) in (0..).zip(&frame.ranges) {
            heap.add(Value::Range(id), range_object(range));
        }
        heap
    }

    /// The layout of this heap's objects.
    pub fn layout(&mut self) -> Layout {
        Layout {
            ob_type: 8,
            float_value: 16,
            int_size: 16,
            int_digit: 24,
            range_index: 16,
            range_start: 24,
            range_step: 32,
            range_len: 40,
            frame_slots: 0,
            ob_refcnt: 0,
            type_version: 8,
            types: types(),
            false_object: self.pointer(Value::Bool(false)).addr(),
            small_ints: 0x8000,
            small_int_size: 32,
            helper_addresses: [0; Helper::ALL.len()],
            true_object: self.pointer(Value::Bool(true)).addr(),
            helpers: Helpers::new(unbox_int, no_box_int, no_box_float, never_quiet, forget),
        }
    }

    /// The object for a value; NULL for [`Value::Null`].
    pub fn pointer(&mut self, value: Value) -> *mut c_void {
        let known = self.objects.iter_mut().find(|(known, _)| *known == value);
        if let Some((_, object)) = known {
            return ptr::from_mut(&mut **object).cast();
        }
        match value {
            Value::Null => ptr::null_mut(),
            _ => self.add(value, object(value)),
        }
    }

    fn add(&mut self, value: Value, object: Object) -> *mut c_void {
        self.objects.push((value, Box::new(object)));
        let (_, object) = self.objects.last_mut().expect("just pushed");
        ptr::from_mut(&mut **object).cast()
    }

    /// The value that an object stands for.
    pub fn value(&self, pointer: u64) -> Value {
        let same =
            |(_, object): &&(Value, Box<Object>)| ptr::from_ref(&**object).addr() as u64 == pointer;
        let found = self.objects.iter().find(same);
        found
            .unwrap_or_else(|| panic!("{pointer:#x} is no object"))
            .0
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
            0
        }
        Value::Float(value) => {
            fields[0] = value.to_bits();
            1
        }
        Value::Bool(value) => {
            set_int(&mut fields, i128::from(value));
            2
        }
        Value::None => 3,
        Value::Null | Value::Range(_) | Value::Other(_) => 5,
    };
    Object {
        refcount: 1,
        kind: type_address(kind),
        fields,
    }
}

fn range_object(range: &RangeState) -> Object {
    let fields = [range.index, range.start, range.step, range.len, 0, 0];
    Object {
        refcount: 1,
        kind: type_address(4),
        fields: fields.map(i64::cast_unsigned),
    }
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
    assert_eq!(object.kind, type_address(0));
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

/// A value of each kind that a type guard can ask for, and of another.
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

/// Distinct addresses; the kinds that this heap has objects of come first.
fn types() -> [usize; ObjKind::ALL.len()] {
    std::array::from_fn(|kind| match kind {
        0..5 => type_address(kind).addr(),
        _ => kind,
    })
}

unsafe extern "C" fn no_box_int(_: i64) -> *mut u8 {
    ptr::null_mut()
}

unsafe extern "C" fn no_box_float(_: f64) -> *mut u8 {
    ptr::null_mut()
}

unsafe extern "C" fn never_quiet(_: *mut u8) -> u8 {
    0
}

unsafe extern "C" fn forget(_: *mut u8) {}
