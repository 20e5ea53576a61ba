//! Items of `array.array`: numbers that are read from its memory and stored there.

use core::ffi::{CStr, c_char, c_int};
use core::mem::{offset_of, size_of};

use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyObject, flags};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::{Imm, InsRef, Mem, Op, Region, Type, Width};

use crate::interp::Regs;
use crate::jit::record::{Recorded, Recorder, built, int_value};

/// `arrayobject` (`Modules/arraymodule.c`); its size is checked before it is relied on.
#[repr(C)]
struct Array {
    base: [usize; 3],
    items: *mut u8,
    allocated: isize,
    description: *const Description,
    weak_references: *mut PyObject,
    exports: isize,
}

/// `struct arraydescr`, as far as it matters here. There is one for each type code, for ever.
#[repr(C)]
struct Description {
    code: c_char,
    size: c_int,
}

/// How the numbers of an array stand in memory; `None` for other objects, and for arrays of what traces do not move.
unsafe fn width_of(array: *mut PyObject) -> Option<Width> {
    // SAFETY: a live object; the size says that the struct is the one that is believed.
    unsafe {
        let class = type_of(array);
        let is_array = (*class).tp_flags & flags::IMMUTABLE_TYPE != 0
            && (*class).tp_basicsize == size_of::<Array>() as isize
            && CStr::from_ptr((*class).tp_name) == c"array.array";
        if !is_array {
            return None;
        }
        let Description { code, size } = (*array.cast::<Array>()).description.read();
        match (code as u8, size) {
            (b'd', 8) => Some(Width::F64),
            (b'l' | b'q', 8) => Some(Width::I64),
            (b'i' | b'l', 4) => Some(Width::I32),
            (b'I' | b'L', 4) => Some(Width::U32),
            (b'B', 1) => Some(Width::U8),
            _ => None,
        }
    }
}

impl Recorder {
    /// `a[b]` of an array; false if it is none, or raises.
    pub(super) unsafe fn array_item(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: the operands are on the stack.
        unsafe {
            let Some(width) = width_of(r.peek(2)) else {
                return Ok(false);
            };
            let Some((items, index)) = self.items_of_array(r)? else {
                return Ok(false);
            };
            let mem = number(width);
            let item = match width {
                Width::I64 | Width::F64 | Width::Obj | Width::Ptr => {
                    let operands = [items, index];
                    built(
                        self.builder
                            .push(Op::LoadIndex, &operands, Imm::Mem(mem), None),
                    )?
                }
                Width::I32 | Width::U32 | Width::U8 => {
                    let size = self
                        .builder
                        .const_i64(if width == Width::U8 { 1 } else { 4 });
                    let offset = self.op(Op::MulWrap, &[index, size])?;
                    let place = self.op(Op::Offset, &[items, offset])?;
                    self.load(place, mem)?
                }
            };
            self.replace_by(2, item)?;
            Ok(true)
        }
    }

    /// `b[c] = a` of an array of floats, or of ints of 64 bits; false if it is none, or raises.
    pub(super) unsafe fn store_array_item(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: the operands are on the stack.
        unsafe {
            let value = r.peek(3);
            let width = match width_of(r.peek(2)) {
                Some(Width::F64) if is_float(value) => Width::F64,
                Some(Width::I64) if is_int(value) && int_value(value).is_some() => Width::I64,
                _ => return Ok(false),
            };
            let value = self.peek_number(r, 3)?.ok_or(AbortReason::BigInt)?;
            if self.ty(value) != width.ty() {
                return Ok(false);
            }
            let Some((items, index)) = self.items_of_array(r)? else {
                return Ok(false);
            };
            let (operands, mem) = ([items, index, value], Imm::Mem(number(width)));
            built(self.builder.push(Op::StoreIndex, &operands, mem, None))?;
            self.replace(3, &[])?;
            Ok(true)
        }
    }

    /// The memory of the array below the top of the stack, and the index on top, guarded to fit; `None` if it does not.
    unsafe fn items_of_array(&mut self, r: Regs) -> Recorded<Option<(InsRef, InsRef)>> {
        // SAFETY: the operands are on the stack.
        unsafe {
            let (array_now, key) = (r.peek(2), r.peek(1));
            let length = pyrt_cpython::inline::size_of(array_now) as i64;
            let now = if is_int(key) { int_value(key) } else { None };
            let Some(now) = now.filter(|now| (-length..length).contains(now)) else {
                return Ok(None);
            };
            let array = self.peek(r, 2)?;
            let array = self.guard_class(array, array_now)?;
            let index = self.peek_number(r, 1)?.ok_or(AbortReason::BigInt)?;
            debug_assert_eq!(self.ty(index), Type::I64);
            let at = offset_of!(Array, description);
            let description = self.field(array, at, Width::Ptr, Region::Other)?;
            let known = (*array_now.cast::<Array>()).description as u64;
            let known = self.builder.const_obj(known, "kind of array");
            let depth = self.at.depth;
            let operands = [description, known];
            self.checked(Op::GuardSame, &operands, ExitReason::Class, depth)?;
            let at = layout::PyVarObject::ob_size;
            let length = self.field(array, at, Width::I64, Region::Other)?;
            let index = self.guard_within(index, now, length)?;
            let items = self.field(array, offset_of!(Array, items), Width::Ptr, Region::Other)?;
            Ok(Some((items, index)))
        }
    }
}

/// A number in the memory of an array.
const fn number(width: Width) -> Mem {
    Mem {
        offset: 0,
        width,
        region: Region::Other,
    }
}
