//! The symbolic value stack: slots with their references.
//!
//! Within an instruction `at.depth` moves with the stack. Exits that execute the instruction again
//! are taken before anything is popped; what is given up at its end, at once, by [`Recorder::release`].

use core::mem::offset_of;

use pyrt_cpython::inline::is_float;
use pyrt_cpython::object::{PyFloatObject, PyObject, PyRangeIterObject};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::{Held, Memory, Slot};
use pyrt_trace::{InsRef, Mem, ObjKind, Op, Place, ReadAs, Region, Type, Width};

use super::memory::slot_mem;
use super::{EMPTY, Recorded, Recorder, built, int_value, read_as};
use crate::interp::Regs;
use crate::jit::anchors::Kind;

/// A value taken off the stack, with what held it.
#[derive(Clone, Copy)]
pub(super) struct Popped {
    pub(super) value: InsRef,
    pub(super) held: Held,
}

impl Recorder {
    /// The slot `n` from the top of the stack.
    pub(super) fn top(&self, n: u16) -> u16 {
        self.locals + self.at.depth - n
    }

    /// Makes the trace know a slot, which may be NULL.
    pub(super) unsafe fn known(&mut self, r: Regs, slot: u16) -> Recorded<Slot> {
        let place = Place::Slot(slot);
        if let Some(slot) = self.builder.current(place) {
            return Ok(slot);
        }
        let own = self.chain.len() == 1;
        // SAFETY: the slot is one of the frame's.
        let stays = own && unsafe { self.leaves_in_memory(r, slot) };
        if stays {
            self.builder.keep_in_memory(slot);
        }
        if stays || self.builder.is_in_memory(place) {
            // SAFETY: the slot is one of the frame's.
            return unsafe { self.known_in_memory(slot) };
        }
        if !own {
            let null = Slot {
                value: None,
                held: Held::Lent,
                memory: Memory::Free,
            };
            self.builder.write(place, null);
            return Ok(null);
        }
        // SAFETY: the slot is one of the frame's.
        unsafe {
            let object = *r.local(usize::from(slot));
            if object.is_null() {
                return self.unbound(slot);
            }
            let read = match read_as(object) {
                Some(read) if self.may_unbox(slot) && !is_nan(object) => read,
                _ => ReadAs::Object,
            };
            built(self.builder.read(place, read))?;
        }
        Ok(self
            .builder
            .current(place)
            .expect("it has just been carried"))
    }

    /// Whether a slot of the tree's own frame, of which no trace has known so far, is to be read where it is needed: it is
    /// often unbound where the tree is entered, or it is an object that a side trace reads. The entry would refuse all
    /// frames that do not have it yet, and memory has objects anyway.
    unsafe fn leaves_in_memory(&self, r: Regs, slot: u16) -> bool {
        // SAFETY: the slot is one of the frame's.
        let is_object = unsafe {
            let object = *r.local(usize::from(slot));
            !object.is_null() && (read_as(object).is_none() || !self.may_unbox(slot))
        };
        let is_met = self.builder.tree().param_of(Place::Slot(slot)).is_some();
        self.root.unbound.contains(&slot) || self.parent.is_some() && !is_met && is_object
    }

    /// A slot of the tree's own frame, of which no trace has known so far, is NULL: guards that its memory
    /// is. From now on it always has to be true when the header is reached.
    fn unbound(&mut self, slot: u16) -> Recorded<Slot> {
        let in_frame = slot < self.locals + self.builder.tree().header().depth;
        if !in_frame || self.builder.tree().param_of(Place::Slot(slot)).is_some() {
            return Err(AbortReason::SlotUnbound);
        }
        self.builder.keep_in_memory(slot);
        let frame = self.frame_pointer(0)?;
        let now = self.load(frame, slot_mem(slot, Width::Ptr))?;
        let depth = self.at.depth;
        self.checked(Op::GuardNull, &[now], ExitReason::Unbound, depth)?;
        self.builder.write(Place::Slot(slot), EMPTY);
        Ok(EMPTY)
    }

    /// Whether the header may carry a number that it finds in a slot unboxed. A function's entry is
    /// passed once, so that would only make boxes necessary that are there.
    fn may_unbox(&self, slot: u16) -> bool {
        self.root.kind == Kind::Loop
            && !self.builder.tree().looked_at
            && !self.root.boxed.contains(&slot)
            && !self.builder.tree().in_memory.contains(&slot)
    }

    /// A slot that is not NULL.
    pub(super) unsafe fn slot(&mut self, r: Regs, slot: u16) -> Recorded<Slot> {
        // SAFETY: as for `known`.
        let slot = unsafe { self.known(r, slot)? };
        slot.value.ok_or(AbortReason::SlotUnbound)?;
        Ok(slot)
    }

    /// The value `n` from the top.
    pub(super) unsafe fn peek(&mut self, r: Regs, n: u16) -> Recorded<InsRef> {
        // SAFETY: the slot is in use.
        let slot = unsafe { self.slot(r, self.top(n))? };
        slot.value.ok_or(AbortReason::SlotUnbound)
    }

    /// The object `n` from the top, boxed if need be.
    pub(super) unsafe fn peek_object(&mut self, r: Regs, n: u16) -> Recorded<InsRef> {
        // SAFETY: as for `peek`.
        unsafe {
            self.slot(r, self.top(n))?;
        }
        self.boxed(self.top(n))
    }

    /// Turns an unboxed slot of the innermost frame into an object.
    pub(super) fn boxed(&mut self, slot: u16) -> Recorded<InsRef> {
        let place = Place::Slot(slot);
        let value = self.builder.current(place).and_then(|slot| slot.value);
        let value = value.ok_or(AbortReason::SlotUnbound)?;
        self.box_value(value, self.builder.frames().depth() - 1, slot)
    }

    /// Boxes a value, in all slots that have it; this slot gets the reference.
    pub(super) fn box_value(&mut self, value: InsRef, frame: usize, slot: u16) -> Recorded<InsRef> {
        let depth = self.at.depth;
        let (object, held) = match self.ty(value) {
            Type::I64 => {
                let exit = self.exit(ExitReason::Memory, depth);
                let boxed = built(self.builder.op_exit(Op::BoxInt, &[value], exit))?;
                (boxed, Held::Owned)
            }
            Type::F64 => {
                let exit = self.exit(ExitReason::Memory, depth);
                let boxed = built(self.builder.op_exit(Op::BoxFloat, &[value], exit))?;
                (boxed, Held::Owned)
            }
            Type::Bool => (built(self.builder.op(Op::BoxBool, &[value]))?, Held::Lent),
            Type::Obj | Type::Ptr => return Ok(value),
        };
        for frame in self.builder.frames_mut().all_mut() {
            for (at, slot) in &mut frame.slots {
                if slot.value == Some(value) && matches!(at, Place::Slot(_)) {
                    slot.value = Some(object);
                    slot.held = Held::Lent;
                }
            }
        }
        let slots = &mut self.builder.frames_mut().all_mut()[frame].slots;
        if let Some(slot) = slots.get_mut(&Place::Slot(slot)) {
            slot.held = held;
        }
        Ok(object)
    }

    /// Sets a slot that holds nothing any more.
    pub(super) fn put(&mut self, slot: u16, value: Option<InsRef>, held: Held) {
        let place = Place::Slot(slot);
        let memory = match self.builder.current(place) {
            Some(old) if old.memory == Memory::Stale => Memory::Stale,
            _ => Memory::Free,
        };
        self.builder.write(
            place,
            Slot {
                value,
                held,
                memory,
            },
        );
    }

    pub(super) fn push(&mut self, value: InsRef, held: Held) {
        self.put(self.locals + self.at.depth, Some(value), held);
        self.at.depth += 1;
    }

    pub(super) fn push_null(&mut self) {
        self.put(self.locals + self.at.depth, None, Held::Lent);
        self.at.depth += 1;
    }

    /// Pushes what another slot holds, lent by it.
    pub(super) fn push_slot(&mut self, slot: Slot) -> Recorded {
        let value = slot.value.ok_or(AbortReason::SlotUnbound)?;
        let held = match slot.held {
            Held::Heap => Held::Heap,
            Held::Owned | Held::Lent => Held::Lent,
        };
        self.push(value, held);
        Ok(())
    }

    /// Gives the range iterator in a slot, whose position the trace carries, that position: it is about to
    /// leave the slot.
    pub(super) fn settle_index(&mut self, slot: u16) -> Recorded {
        let place = Place::RangeIndex(slot);
        if self.builder.current(place).is_some() {
            self.builder.know_carried(Place::Slot(slot));
        }
        let (index, iterator) = (
            self.builder.current(place),
            self.builder.current(Place::Slot(slot)),
        );
        if let (Some(index), Some(iterator)) = (index, iterator)
            && let (Some(index), Some(iterator)) = (index.value, iterator.value)
        {
            let mem = Mem {
                offset: offset_of!(PyRangeIterObject, index) as i32,
                width: Width::I64,
                region: Region::Iters,
            };
            self.store(iterator, index, mem)?;
            self.builder.frames_mut().inner_mut().slots.remove(&place);
        }
        Ok(())
    }

    /// Exchanges two slots of the innermost frame; memory stays as it is.
    pub(super) fn swap(&mut self, a: u16, b: u16) -> Recorded {
        self.settle_index(a)?;
        self.settle_index(b)?;
        let [x, y] = [a, b].map(|slot| self.builder.current(Place::Slot(slot)));
        if let (Some(x), Some(y)) = (x, y) {
            // What memory holds as the value itself is the reference that now moves.
            let after = |memory| match memory {
                Memory::Stale => Memory::Stale,
                Memory::Current | Memory::Free => Memory::Free,
            };
            let (mx, my) = (after(x.memory), after(y.memory));
            self.builder.write(Place::Slot(a), Slot { memory: mx, ..y });
            self.builder.write(Place::Slot(b), Slot { memory: my, ..x });
        }
        Ok(())
    }

    /// Takes the top of the stack, with its reference.
    pub(super) fn pop(&mut self) -> Recorded<Popped> {
        let place = Place::Slot(self.top(1));
        let slot = self.builder.current(place);
        let slot = slot.ok_or(AbortReason::CompilerBug)?;
        let value = slot.value.ok_or(AbortReason::SlotUnbound)?;
        self.put(self.top(1), None, Held::Lent);
        self.at.depth -= 1;
        Ok(Popped {
            value,
            held: slot.held,
        })
    }

    /// Empties a slot: the reference that is to be released, if any.
    pub(super) fn drop_place(&mut self, slot: u16) -> Vec<InsRef> {
        let (tree, frames) = self.builder.split();
        frames.take(tree, Place::Slot(slot)).into_iter().collect()
    }

    /// Replaces the `n` topmost values by others, and releases them, the deepest first.
    pub(super) fn replace(&mut self, n: u16, by: &[Popped]) -> Recorded {
        let mut dead = Vec::new();
        for slot in self.top(n)..self.top(0) {
            self.settle_index(slot)?;
            dead.extend(self.drop_place(slot));
        }
        self.at.depth -= n;
        for popped in by {
            self.push(popped.value, popped.held);
        }
        self.release(dead)
    }

    /// An object guarded to be of the kind that it is.
    pub(super) fn guard_kind(&mut self, value: InsRef, kind: ObjKind) -> Recorded<InsRef> {
        let exit = self.exit(ExitReason::Type, self.at.depth);
        built(self.builder.guard_type(value, kind, exit))
    }

    /// The number at `n` from the top, unboxed; `None` if it is none.
    pub(super) unsafe fn peek_number(&mut self, r: Regs, n: u16) -> Recorded<Option<InsRef>> {
        // SAFETY: the value is on the stack.
        unsafe {
            let value = self.peek(r, n)?;
            if self.ty(value) != Type::Obj {
                return Ok(Some(value));
            }
            self.unboxed(value, r.peek(usize::from(n)))
        }
    }

    /// The value of a number object; `None` if it is none that a trace can carry.
    pub(super) unsafe fn unboxed(
        &mut self,
        value: InsRef,
        object: *mut PyObject,
    ) -> Recorded<Option<InsRef>> {
        // SAFETY: a live object.
        unsafe {
            let unboxed = match read_as(object) {
                Some(ReadAs::Int) => {
                    debug_assert!(int_value(object).is_some());
                    let value = self.guard_kind(value, ObjKind::Int)?;
                    let depth = self.at.depth;
                    self.checked(Op::UnboxInt, &[value], ExitReason::IntRange, depth)?
                }
                Some(ReadAs::Float) => {
                    let value = self.guard_kind(value, ObjKind::Float)?;
                    self.op(Op::UnboxFloat, &[value])?
                }
                Some(ReadAs::Bool) => {
                    let value = self.guard_kind(value, ObjKind::Bool)?;
                    self.op(Op::UnboxBool, &[value])?
                }
                _ => return Ok(None),
            };
            Ok(Some(unboxed))
        }
    }
}

/// Whether an object is a float that is no number.
unsafe fn is_nan(object: *mut PyObject) -> bool {
    // SAFETY: a live object.
    unsafe { is_float(object) && (*object.cast::<PyFloatObject>()).ob_fval.is_nan() }
}
