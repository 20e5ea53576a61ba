//! Recording access to lists, tuples and iterators in memory.

use core::ffi::CStr;
use core::mem::offset_of;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyListObject, PyObject, PyRangeIterObject, PySequenceIterObject};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::Held;
use pyrt_trace::{Helper, Imm, InsRef, Mem, ObjKind, Op, Place, Region, Width};

use super::stack::Popped;
use super::{Flow, Recorded, Recorder, built, int_value};
use crate::interp::Regs;
use crate::jit::lookup::acts_as;

/// An item of a list.
const LIST_ITEM: Mem = Mem {
    offset: 0,
    width: Width::Obj,
    region: Region::Items,
};

/// An item of a tuple, from the tuple.
pub(super) const TUPLE_ITEM: Mem = Mem {
    offset: layout::PyTupleObject::ob_item as i32,
    width: Width::Obj,
    region: Region::Fixed,
};

/// Most items of a container that a trace fills by itself.
pub(super) const MOST_INLINE: u16 = 16;

const ITER_INDEX: usize = offset_of!(PySequenceIterObject, it_index);
const ITER_SEQ: usize = offset_of!(PySequenceIterObject, it_seq);

impl Recorder {
    /// The length of a list or tuple that has been guarded to be one.
    fn length(&mut self, sequence: InsRef, kind: ObjKind) -> Recorded<InsRef> {
        let region = match kind {
            ObjKind::List => Region::Lists,
            _ => Region::Fixed,
        };
        self.field(sequence, layout::PyVarObject::ob_size, Width::I64, region)
    }

    fn load_index(&mut self, base: InsRef, index: InsRef, mem: Mem) -> Recorded<InsRef> {
        built(
            self.builder
                .push(Op::LoadIndex, &[base, index], Imm::Mem(mem), None),
        )
    }

    /// The item at an index that is in range.
    fn item(&mut self, sequence: InsRef, index: InsRef, kind: ObjKind) -> Recorded<InsRef> {
        if kind == ObjKind::Tuple {
            return self.load_index(sequence, index, TUPLE_ITEM);
        }
        let items = self.field(
            sequence,
            layout::PyListObject::ob_item,
            Width::Ptr,
            Region::Lists,
        )?;
        self.load_index(items, index, LIST_ITEM)
    }

    /// The index of an item of a sequence with this length, guarded to be one, for an index that is from the same end as it
    /// is now.
    pub(super) fn guard_within(
        &mut self,
        index: InsRef,
        now: i64,
        length: InsRef,
    ) -> Recorded<InsRef> {
        let zero = self.builder.const_i64(0);
        let depth = self.at.depth;
        let from_start = self.op(Op::GeI64, &[index, zero])?;
        Ok(if now >= 0 {
            self.checked(Op::GuardTrue, &[from_start], ExitReason::Branch, depth)?;
            let inside = self.op(Op::LtI64, &[index, length])?;
            self.checked(Op::GuardTrue, &[inside], ExitReason::Missing, depth)?;
            index
        } else {
            self.checked(Op::GuardFalse, &[from_start], ExitReason::Branch, depth)?;
            let index = self.op(Op::AddWrap, &[index, length])?;
            let inside = self.op(Op::GeI64, &[index, zero])?;
            self.checked(Op::GuardTrue, &[inside], ExitReason::Missing, depth)?;
            index
        })
    }

    /// A sequence and an index into it, from the stack, guarded to fit; negative ones count from the end.
    unsafe fn subscript(
        &mut self,
        r: Regs,
        container: u16,
        key: u16,
    ) -> Recorded<(InsRef, InsRef, ObjKind)> {
        // SAFETY: both are on the stack.
        unsafe {
            let kind = sequence_kind(r.peek(usize::from(container)), c"__getitem__")
                .ok_or(AbortReason::UnsupportedType)?;
            let now = r.peek(usize::from(key));
            if !is_int(now) {
                return Err(AbortReason::UnsupportedType);
            }
            let now = int_value(now).ok_or(AbortReason::BigInt)?;
            let index = self.peek_number(r, key)?.ok_or(AbortReason::BigInt)?;
            let sequence = self.guarded(r, container)?;
            let length = self.length(sequence, kind)?;
            let index = self.guard_within(index, now, length)?;
            Ok((sequence, index, kind))
        }
    }

    pub(super) unsafe fn binary_subscr(&mut self, r: Regs) -> Recorded {
        // SAFETY: the operands are on the stack.
        unsafe {
            if !is_indexable(r.peek(2), r.peek(1)) {
                if self.quiet_subscr(r)? {
                    return Ok(());
                }
                return self.foreign(r, Helper::GetItem, 2, None);
            }
            let (sequence, index, kind) = self.subscript(r, 2, 1)?;
            let item = self.item(sequence, index, kind)?;
            self.replace_by_loaded(2, item)
        }
    }

    /// Replaces the topmost values by one that an object holds. When that dies with them, the value
    /// gets a reference before.
    pub(super) fn replace_by_loaded(&mut self, n: u16, value: InsRef) -> Recorded {
        let held = Held::Heap;
        self.replace(n, &[Popped { value, held }])
    }

    pub(super) unsafe fn store_subscr(&mut self, r: Regs) -> Recorded {
        // SAFETY: value, container and key are on the stack.
        unsafe {
            if !is_list(r.peek(2)) || !is_indexable(r.peek(2), r.peek(1)) {
                if self.quiet_store(r)? {
                    return Ok(());
                }
                return self.foreign_status(r, Helper::SetItem, 3, None);
            }
            let (list, index, _) = self.subscript(r, 2, 1)?;
            let old_now = {
                let list: *mut PyListObject = r.peek(2).cast();
                let at = int_value(r.peek(1)).ok_or(AbortReason::BigInt)?;
                let at = if at < 0 {
                    at + size_of(list.cast()) as i64
                } else {
                    at
                };
                *(*list).ob_item.offset(at as isize)
            };
            self.peek_object(r, 3)?;
            let items = self.field(
                list,
                layout::PyListObject::ob_item,
                Width::Ptr,
                Region::Lists,
            )?;
            let old = self.load_index(items, index, LIST_ITEM)?;
            let old = self.leaf_guarded(old, old_now)?;
            // What else was read from the list keeps a reference.
            let mut dead = self.drop_place(self.top(1));
            let mut container = self.drop_place(self.top(2));
            self.secure_read_from(LIST_ITEM.region)?;
            self.at.depth -= 2;
            let value = self.pop()?;
            let value = self.pass_on(value)?;
            built(self.builder.push(
                Op::StoreIndex,
                &[items, index, value],
                Imm::Mem(LIST_ITEM),
                None,
            ))?;
            let mut all = vec![old];
            all.append(&mut container);
            all.append(&mut dead);
            self.release(all)
        }
    }

    /// An object that is about to be released, guarded to be a number if it is one now: then it dies
    /// silently.
    pub(super) unsafe fn leaf_guarded(
        &mut self,
        value: InsRef,
        now: *mut PyObject,
    ) -> Recorded<InsRef> {
        // SAFETY: a live object.
        let kind = unsafe {
            if is_int(now) {
                ObjKind::Int
            } else if is_float(now) {
                ObjKind::Float
            } else {
                return Ok(value);
            }
        };
        self.guard_kind(value, kind)
    }

    pub(super) unsafe fn unpack_sequence(&mut self, r: Regs, count: usize) -> Recorded {
        // SAFETY: the sequence is on the stack.
        unsafe {
            let kind = sequence_kind(r.peek(1), c"__iter__").ok_or(AbortReason::UnsupportedType)?;
            let sequence = self.guarded(r, 1)?;
            let length = self.length(sequence, kind)?;
            self.guard_is(length, count as i64, ExitReason::Missing)?;
            let mut items = Vec::with_capacity(count);
            for at in (0..count).rev() {
                let index = self.builder.const_i64(at as i64);
                let value = self.item(sequence, index, kind)?;
                let held = Held::Heap;
                items.push(Popped { value, held });
            }
            self.replace(1, &items)
        }
    }

    /// A tuple of the topmost values, which go into it.
    pub(super) unsafe fn build_tuple(&mut self, r: Regs, count: u16) -> Recorded {
        // SAFETY: the values are on the stack.
        unsafe {
            if count == 0 || count > MOST_INLINE {
                return self.foreign_build(r, Helper::BuildTuple, count);
            }
            self.box_topmost(r, count)?;
            let tuple = self.allocate_tuple(count.into(), Vec::new())?;
            self.fill(tuple, TUPLE_ITEM, count)?;
            self.push(tuple, Held::Owned);
            Ok(())
        }
    }

    /// A list of the topmost values, which go into it.
    pub(super) unsafe fn build_list(&mut self, r: Regs, count: u16) -> Recorded {
        // SAFETY: the values are on the stack.
        unsafe {
            if count > MOST_INLINE {
                return self.foreign_build(r, Helper::BuildList, count);
            }
            self.box_topmost(r, count)?;
            let number = self.builder.const_i64(i64::from(count));
            let list = self.allocate(Helper::NewList, &[number])?;
            if count > 0 {
                let at = layout::PyListObject::ob_item;
                let items = self.field(list, at, Width::Ptr, Region::Lists)?;
                self.fill(items, LIST_ITEM, count)?;
            }
            self.push(list, Held::Owned);
            Ok(())
        }
    }

    /// Makes objects of the topmost values.
    unsafe fn box_topmost(&mut self, r: Regs, count: u16) -> Recorded {
        for at in 1..=count {
            // SAFETY: the values are on the stack.
            unsafe { self.peek_object(r, at)? };
        }
        Ok(())
    }

    /// Pops values into consecutive places, the topmost one into the last.
    fn fill(&mut self, base: InsRef, first: Mem, count: u16) -> Recorded {
        for at in (0..count).rev() {
            let value = self.pop()?;
            let value = self.pass_on(value)?;
            self.store(base, value, nth(first, at))?;
        }
        Ok(())
    }

    /// A local of an inlined function becomes a cell that holds it.
    pub(super) fn make_cell(&mut self, slot: u16) -> Recorded {
        let cell = self.allocate(Helper::NewCell, &[])?;
        let held = self.builder.current(Place::Slot(slot));
        if held.is_some_and(|slot| slot.value.is_some()) {
            self.boxed(slot)?;
            let now = self.builder.current(Place::Slot(slot));
            let value = now.and_then(|slot| slot.value.map(|value| (value, slot.held)));
            let (value, held) = value.ok_or(AbortReason::SlotUnbound)?;
            self.put(slot, None, Held::Lent);
            let value = self.pass_on(Popped { value, held })?;
            let mem = Mem {
                offset: layout::PyCellObject::ob_ref as i32,
                width: Width::Ptr,
                region: Region::Cells,
            };
            self.store(cell, value, mem)?;
        }
        self.put(slot, Some(cell), Held::Owned);
        Ok(())
    }

    pub(super) unsafe fn get_iter(&mut self, r: Regs) -> Recorded {
        // SAFETY: the iterable is on the stack.
        unsafe {
            if self.quiet_iter(r)? {
                return Ok(());
            }
            self.foreign(r, Helper::GetIter, 1, None)
        }
    }

    pub(super) unsafe fn contains(&mut self, r: Regs, inverted: bool) -> Recorded {
        // SAFETY: item and container are on the stack.
        unsafe {
            if self.quiet_contains(r, inverted)? {
                return Ok(());
            }
            self.foreign_truth(r, Helper::Contains, 2, inverted)
        }
    }

    /// `LIST_APPEND` of a comprehension.
    pub(super) unsafe fn comprehension_append(&mut self, r: Regs, at: u16) -> Recorded {
        // SAFETY: item and list are on the stack.
        unsafe {
            let list = self.peek(r, at + 1)?;
            let list = self.guard_kind(list, ObjKind::List)?;
            let item = self.peek_object(r, 1)?;
            let status = self.call_helper(Helper::ListAppend, &[list, item])?;
            self.guard_is(status, 0, ExitReason::Memory)?;
            self.replace(1, &[])
        }
    }

    /// The content of a cell.
    pub(super) unsafe fn load_deref(&mut self, r: Regs, slot: u16) -> Recorded {
        // SAFETY: the slot holds a cell.
        unsafe {
            let cell = self.slot(r, slot)?.value.ok_or(AbortReason::SlotUnbound)?;
            let cell = self.guard_kind(cell, ObjKind::Cell)?;
            let at = layout::PyCellObject::ob_ref;
            let value = self.field(cell, at, Width::Ptr, Region::Cells)?;
            let depth = self.at.depth;
            let value = self.checked(Op::GuardObj, &[value], ExitReason::Unbound, depth)?;
            self.push(value, Held::Heap);
            Ok(())
        }
    }

    /// Replaces the content of a cell.
    pub(super) unsafe fn store_deref(&mut self, r: Regs, slot: u16) -> Recorded {
        // SAFETY: the slot holds a cell.
        unsafe {
            let cell = self.slot(r, slot)?.value.ok_or(AbortReason::SlotUnbound)?;
            let cell = self.guard_kind(cell, ObjKind::Cell)?;
            let old_now = (**r
                .local(usize::from(slot))
                .cast::<*mut pyrt_cpython::object::PyCellObject>())
            .ob_ref;
            self.peek_object(r, 1)?;
            let at = layout::PyCellObject::ob_ref;
            let old = self.field(cell, at, Width::Ptr, Region::Cells)?;
            let depth = self.at.depth;
            let old = if old_now.is_null() {
                self.checked(Op::GuardNull, &[old], ExitReason::Unbound, depth)?;
                None
            } else {
                let old = self.checked(Op::GuardObj, &[old], ExitReason::Unbound, depth)?;
                Some(self.leaf_guarded(old, old_now)?)
            };
            self.secure_read_from(Region::Cells)?;
            let new = self.pop()?;
            let new = self.pass_on(new)?;
            let mem = Mem {
                offset: at as i32,
                width: Width::Ptr,
                region: Region::Cells,
            };
            self.store(cell, new, mem)?;
            self.release(old.into_iter().collect())
        }
    }

    /// The end of a loop over an iterator that is now exhausted and goes.
    pub(super) fn loop_ends(&mut self, distance: usize) -> Recorded<Flow> {
        self.at.next += distance as u32;
        self.replace(1, &[])?;
        Ok(Flow::Continue)
    }

    /// The next item of a list or tuple, or character of a str that is all ASCII.
    pub(super) unsafe fn for_sequence(&mut self, r: Regs, oparg: usize) -> Recorded<Flow> {
        // SAFETY: the iterator is on the stack.
        unsafe {
            let object = r.peek(1);
            let (kind, of) = if type_of(object).cast_const() == &raw const api::PyListIter_Type {
                (ObjKind::ListIter, ObjKind::List)
            } else if type_of(object).cast_const() == &raw const api::PyTupleIter_Type {
                (ObjKind::TupleIter, ObjKind::Tuple)
            } else if is_ascii_iter(object) {
                (ObjKind::StrIter, ObjKind::Str)
            } else {
                if let Some(flow) = self.quiet_next(r, oparg)? {
                    return Ok(flow);
                }
                return self.for_any(r, oparg);
            };
            let now: *mut PySequenceIterObject = object.cast();
            if (*now).it_seq.is_null() {
                return Err(AbortReason::LeftLoop);
            }
            let ends = is_at_end(object);
            if ends && self.leaves_header() {
                return Err(AbortReason::LeftLoop);
            }
            let depth = self.at.depth;
            let iterator = self.peek(r, 1)?;
            let iterator = self.guard_kind(iterator, kind)?;
            let sequence = self.field(iterator, ITER_SEQ, Width::Ptr, Region::Iters)?;
            // A list or tuple, perhaps of a subclass: the iterator does not care.
            let sequence = self.checked(Op::GuardObj, &[sequence], ExitReason::LoopEnd, depth)?;
            let index = self.field(iterator, ITER_INDEX, Width::I64, Region::Iters)?;
            let length = self.length(sequence, of)?;
            let more = self.op(Op::LtI64, &[index, length])?;
            if ends {
                self.checked(Op::GuardFalse, &[more], ExitReason::LoopEnd, depth)?;
                // An exhausted iterator forgets its sequence.
                let null = self.builder.const_i64(0);
                self.store(iterator, null, iter_mem(ITER_SEQ))?;
                self.at.next += oparg as u32;
                let mut dead = vec![sequence];
                dead.extend(self.drop_place(self.top(1)));
                self.at.depth -= 1;
                self.release(dead)?;
                return Ok(Flow::Continue);
            }
            self.checked(Op::GuardTrue, &[more], ExitReason::LoopEnd, depth)?;
            let (item, held) = match of {
                ObjKind::Str => (self.character_at(sequence, index)?, Held::Lent),
                _ => (self.item(sequence, index, of)?, Held::Heap),
            };
            let one = self.builder.const_i64(1);
            let next = self.op(Op::AddWrap, &[index, one])?;
            self.store(iterator, next, iter_mem(ITER_INDEX))?;
            self.push(item, held);
            Ok(Flow::Continue)
        }
    }

    /// The next number of a range whose iterator the trace does not carry.
    pub(super) unsafe fn for_range_in_memory(&mut self, r: Regs, oparg: usize) -> Recorded<Flow> {
        // SAFETY: the iterator is on the stack.
        unsafe {
            let now: *mut PyRangeIterObject = r.peek(1).cast();
            let ends = is_at_end(now.cast());
            if ends && self.leaves_header() {
                return Err(AbortReason::LeftLoop);
            }
            let depth = self.at.depth;
            let iterator = self.peek(r, 1)?;
            let iterator = self.guard_kind(iterator, ObjKind::RangeIter)?;
            let at = offset_of!(PyRangeIterObject, index);
            let index = self.field(iterator, at, Width::I64, Region::Iters)?;
            let len = offset_of!(PyRangeIterObject, len);
            let len = self.field(iterator, len, Width::I64, Region::Fixed)?;
            let more = self.op(Op::LtI64, &[index, len])?;
            if ends {
                self.checked(Op::GuardFalse, &[more], ExitReason::LoopEnd, depth)?;
                return self.loop_ends(oparg);
            }
            self.checked(Op::GuardTrue, &[more], ExitReason::LoopEnd, depth)?;
            let value = self.range_value((*now).step, iterator, index, depth)?;
            let one = self.builder.const_i64(1);
            let next = self.op(Op::AddWrap, &[index, one])?;
            self.store(iterator, next, iter_mem(at))?;
            self.push(value, Held::Owned);
            Ok(Flow::Continue)
        }
    }
}

const fn iter_mem(offset: usize) -> Mem {
    Mem {
        offset: offset as i32,
        width: Width::I64,
        region: Region::Iters,
    }
}

/// One of consecutive pointers.
pub(super) const fn nth(first: Mem, index: u16) -> Mem {
    Mem {
        offset: first.offset + index as i32 * 8,
        ..first
    }
}

/// Whether a list or tuple is indexed by an int in range.
unsafe fn is_indexable(sequence: *mut PyObject, index: *mut PyObject) -> bool {
    // SAFETY: live objects.
    unsafe {
        if sequence_kind(sequence, c"__getitem__").is_none() || !is_int(index) {
            return false;
        }
        let length = size_of(sequence) as i64;
        int_value(index).is_some_and(|index| (-length..length).contains(&index))
    }
}

/// Whether an object is a list or tuple, or inherits this method of one.
unsafe fn sequence_kind(object: *mut PyObject, method: &CStr) -> Option<ObjKind> {
    // SAFETY: a live object.
    unsafe { acts_as(object, method).filter(|kind| matches!(kind, ObjKind::List | ObjKind::Tuple)) }
}
