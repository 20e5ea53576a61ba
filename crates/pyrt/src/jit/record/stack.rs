//! The symbolic value stack: slots with their references.
//!
//! Within an instruction `at.depth` moves with the stack. Exits that execute the instruction again
//! are taken before anything is popped; what is given up at its end, at once, by [`Recorder::release`].

use core::mem::offset_of;

use pyrt_cpython::inline::{first_instr, is_float};
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyFloatObject, PyObject, PyRangeIterObject};
use pyrt_spec::{AbortReason, ExitReason, opcodes};
use pyrt_trace::frames::{Held, Memory, Slot, origin};
use pyrt_trace::{
    FrameHome, Helper, Imm, InsRef, Mem, ObjKind, Op, Place, ReadAs, Region, TraceTree, Type, Width,
};

use super::inner::outermost_edge;
use super::{EMPTY, Recorded, Recorder, built, int_value, read_as};
use crate::interp::Regs;
use crate::jit::anchors::Kind;

/// A value taken off the stack, with what held it.
#[derive(Clone, Copy)]
pub(super) struct Popped {
    pub(super) value: InsRef,
    pub(super) held: Held,
}

/// Objects of these kinds die without running code or releasing anything else.
const LEAVES: [ObjKind; 5] = [
    ObjKind::Int,
    ObjKind::Float,
    ObjKind::Bool,
    ObjKind::Str,
    ObjKind::Bytes,
];

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
    fn box_value(&mut self, value: InsRef, frame: usize, slot: u16) -> Recorded<InsRef> {
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
    fn settle_index(&mut self, slot: u16) -> Recorded {
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

    /// Gives up references; the instruction is complete but for that.
    pub(super) fn release(&mut self, dead: Vec<InsRef>) -> Recorded {
        for at in 0..dead.len() {
            let value = dead[at];
            if self.is_leaf(value) {
                built(self.builder.op(Op::ReleaseLeaf, &[value]))?;
                continue;
            }
            self.secure_heap()?;
            let (next, depth) = (self.at.next, self.at.depth);
            let pending = dead[at..].to_vec();
            let exit = self
                .builder
                .exit_pending(ExitReason::Death, next, depth, pending);
            built(self.builder.op_exit(Op::Release, &[value], exit))?;
        }
        Ok(())
    }

    /// Gives a reference of their own to values that only objects hold, because one of those may let
    /// go of them now.
    pub(super) fn secure_heap(&mut self) -> Recorded {
        let at_risk = self.builder.frames().held_by_heap(self.builder.tree());
        self.own_places(at_risk)?;
        self.secure_functions()
    }

    /// Gives slots of any frames, which hold these values, references of their own.
    pub(super) fn own_places(&mut self, places: Vec<(usize, Place, InsRef)>) -> Recorded {
        for (frame, place, value) in places {
            self.op(Op::Own, &[value])?;
            let frame = &mut self.builder.frames_mut().all_mut()[frame];
            if let Some(slot) = frame.slots.get_mut(&place) {
                slot.held = Held::Owned;
            }
        }
        Ok(())
    }

    /// The same where a number or str in memory of this region is about to be let go of: for values that may
    /// have been read from there.
    pub(super) fn secure_read_from(&mut self, region: Region) -> Recorded {
        let tree = self.builder.tree();
        let at_risk = self.builder.frames().held_by_heap(tree);
        let at_risk = at_risk
            .into_iter()
            .filter(|(_, _, value)| may_be_read_from(tree, *value, region));
        self.own_places(at_risk.collect())
    }

    /// The same for the functions of inlined frames.
    fn secure_functions(&mut self) -> Recorded {
        for frame in 1..self.builder.frames().depth() {
            let home = self.builder.frames().all()[frame].home;
            if let FrameHome::New {
                function,
                owned: false,
            } = home
            {
                let tree = self.builder.tree();
                if tree.at(origin(tree, function)).op.is_const() {
                    continue;
                }
                self.op(Op::Own, &[function])?;
                self.builder.frames_mut().all_mut()[frame].home = FrameHome::New {
                    function,
                    owned: true,
                };
            }
        }
        Ok(())
    }

    /// The kind that a value is known to have.
    fn kind_of(&self, value: InsRef) -> Option<ObjKind> {
        let tree = self.builder.tree();
        let mut at = value;
        loop {
            let ins = tree.at(at);
            match (ins.op, ins.imm) {
                (Op::BoxInt, _) => return Some(ObjKind::Int),
                (Op::BoxFloat, _) => return Some(ObjKind::Float),
                (Op::BoxBool, _) => return Some(ObjKind::Bool),
                (Op::GuardType, Imm::Kind(kind)) => return Some(kind),
                (Op::GuardVersion | Op::Own, _) => at = ins.args[0],
                _ => return None,
            }
        }
    }

    fn is_leaf(&self, value: InsRef) -> bool {
        self.kind_of(value)
            .is_some_and(|kind| LEAVES.contains(&kind))
    }

    /// A reference to a value that goes into an object: the slot's own, or a new one.
    pub(super) fn pass_on(&mut self, popped: Popped) -> Recorded<InsRef> {
        match popped.held {
            Held::Owned => {
                let (tree, frames) = self.builder.split();
                match frames.inherit(tree, popped.value) {
                    Some(value) => Ok(value),
                    // Another slot took the reference over.
                    None => self.op(Op::Own, &[popped.value]),
                }
            }
            Held::Lent | Held::Heap => self.op(Op::Own, &[popped.value]),
        }
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

    /// Makes everything as the loop header wants it: objects in memory, numbers as they are carried.
    pub(super) fn settle(&mut self) -> Recorded {
        if self.chain.len() > 1 {
            return Err(AbortReason::FrameChanged);
        }
        self.at.ip = self.header;
        self.at.next = self.header;
        if self.builder.frames().inner().home.is_in_memory() {
            self.read_carried()?;
        }
        self.settle_indices()?;
        let top = self.locals + self.at.depth;
        let slots: Vec<_> = self
            .builder
            .frames()
            .inner()
            .slots
            .iter()
            .map(|(place, slot)| (*place, *slot))
            .filter(|(place, _)| place.slot() < top)
            .collect();
        for (place, slot) in slots {
            let Place::Slot(number) = place else { continue };
            let carried = self.builder.tree().param_of(place);
            let Some(value) = slot.value else {
                if carried.is_some() {
                    return Err(AbortReason::SlotUnbound);
                }
                // It was empty when the header was reached, and is so again.
                self.store_current(number)?;
                continue;
            };
            let carried = carried.map(|index| self.builder.tree().params[index].ty);
            match (carried, self.ty(value)) {
                (Some(Type::Obj), ty) if ty != Type::Obj => {
                    self.boxed(number)?;
                }
                // The header carries no more than it does, and never what is in memory.
                (None, ty) if ty != Type::Obj && self.stays_in_memory(number) => {
                    self.boxed(number)?;
                }
                (Some(want), Type::Obj) if want != Type::Obj => {
                    self.unbox_for_header(number, value, want)?;
                }
                (Some(want), ty)
                    if want == ty && want != Type::Obj && slot.memory != Memory::Stale =>
                {
                    // The header expects some number's reference in memory: this one's.
                    self.boxed(number)?;
                    self.store_current(number)?;
                    let slot = Slot {
                        memory: Memory::Stale,
                        ..slot
                    };
                    self.builder.write(place, slot);
                }
                _ => {}
            }
            self.store_current(number)?;
        }
        Ok(())
    }

    /// Whether a slot that the header does not carry has to be in memory there.
    fn stays_in_memory(&self, slot: u16) -> bool {
        let tree = self.builder.tree();
        tree.runs_loops || tree.in_memory.contains(&slot)
    }

    /// Reads what the header carries from the memory of a frame on which a loop has run.
    fn read_carried(&mut self) -> Recorded {
        for param in self.builder.tree().params.clone() {
            if let Some(place @ Place::Slot(slot)) = param.place
                && self.builder.current(place).is_none()
            {
                // SAFETY: the slot is one of the frame's, which is at the header.
                unsafe { self.known_in_memory(slot)? };
            }
        }
        Ok(())
    }

    /// Range iterators that the trace has put where the header carries one's position.
    fn settle_indices(&mut self) -> Recorded {
        let params = self.builder.tree().params.clone();
        for param in params {
            let Some(index_place @ Place::RangeIndex(slot)) = param.place else {
                continue;
            };
            if self.builder.current(index_place).is_some() {
                continue;
            }
            let place = Place::Slot(slot);
            self.builder.know_carried(place);
            if self.builder.is_in_memory(place) && self.builder.current(place).is_none() {
                // SAFETY: the slot is one of the frame's, which is at the header.
                unsafe { self.known_in_memory(slot)? };
            }
            let Some(mut now) = self.builder.current(place) else {
                continue;
            };
            let iterator = now.value.ok_or(AbortReason::SlotUnbound)?;
            let iterator = self.guard_kind(iterator, ObjKind::RangeIter)?;
            now.value = Some(iterator);
            self.builder.write(place, now);
            for other in self.other_carried_iterators(slot) {
                let depth = self.at.depth;
                let operands = [iterator, other];
                self.checked(Op::GuardNotSame, &operands, ExitReason::Alias, depth)?;
            }
            let at = offset_of!(PyRangeIterObject, index);
            let index = self.field(iterator, at, Width::I64, Region::Iters)?;
            let slot = Slot {
                value: Some(index),
                held: Held::Owned,
                memory: Memory::Stale,
            };
            self.builder.write(index_place, slot);
        }
        Ok(())
    }

    /// The range iterators in other slots whose positions the header carries.
    fn other_carried_iterators(&self, slot: u16) -> Vec<InsRef> {
        let carried = self.builder.tree().params.iter();
        let others = carried.filter_map(|param| match param.place {
            Some(Place::RangeIndex(other)) if other != slot => Some(Place::Slot(other)),
            _ => None,
        });
        let tree = self.builder.tree();
        let value = |place| match self.builder.current(place) {
            Some(slot) => slot.value,
            None => tree.param_of(place).map(|at| tree.params[at].value),
        };
        others.filter_map(value).collect()
    }

    /// Replaces an object in a slot by the number that the header carries there.
    fn unbox_for_header(&mut self, slot: u16, value: InsRef, want: Type) -> Recorded {
        if self
            .kind_of(value)
            .is_some_and(|kind| kind.unboxed() != Some(want))
        {
            self.unsettled = Some(slot);
            return Err(AbortReason::TypeUnstable);
        }
        let (kind, op, reason) = match want {
            Type::I64 => (ObjKind::Int, Op::UnboxInt, Some(ExitReason::IntRange)),
            Type::F64 => (ObjKind::Float, Op::UnboxFloat, None),
            Type::Bool => (ObjKind::Bool, Op::UnboxBool, None),
            Type::Obj | Type::Ptr => return Err(AbortReason::TypeUnstable),
        };
        let value = self.guard_kind(value, kind)?;
        let depth = self.at.depth;
        let number = match reason {
            Some(reason) => self.checked(op, &[value], reason, depth)?,
            None => self.op(op, &[value])?,
        };
        if want == Type::F64 {
            // NaN is found again by its identity alone, which a new box does not have.
            let same = self.op(Op::EqF64, &[number, number])?;
            self.checked(Op::GuardTrue, &[same], ExitReason::Type, depth)?;
        }
        let place = Place::Slot(slot);
        let held = self.builder.current(place).map(|slot| slot.memory);
        if held != Some(Memory::Current) {
            // The header expects that memory holds some number's reference: this box.
            self.store_current(slot)?;
        }
        let slot = Slot {
            value: Some(number),
            held: Held::Owned,
            memory: Memory::Stale,
        };
        self.builder.write(place, slot);
        Ok(())
    }

    /// Puts an object into the memory of its slot, with a reference; in the innermost frame.
    fn store_current(&mut self, slot: u16) -> Recorded {
        self.store_slot(self.builder.frames().depth() - 1, slot)
    }

    /// Puts an object into the memory of its slot, with a reference.
    pub(super) fn store_slot(&mut self, frame: usize, slot: u16) -> Recorded {
        let place = Place::Slot(slot);
        let slots = &self.builder.frames().all()[frame].slots;
        let Some(now) = slots.get(&place).copied() else {
            return Ok(());
        };
        if now.memory == Memory::Current {
            return Ok(());
        }
        let Some(value) = now.value else {
            return self.store_null(frame, slot, now);
        };
        if self.ty(value) != Type::Obj {
            // The header expects a number's reference in the memory of a slot that it carries unboxed.
            return match now.memory {
                Memory::Stale => Ok(()),
                Memory::Current | Memory::Free => {
                    self.unsettled = Some(slot);
                    Err(AbortReason::TypeUnstable)
                }
            };
        }
        if now.held != Held::Owned {
            self.op(Op::Own, &[value])?;
        }
        let base = self.frame_pointer(frame)?;
        let mem = slot_mem(slot, Width::Obj);
        let stale = match now.memory {
            Memory::Stale => Some(self.load(base, mem)?),
            Memory::Current | Memory::Free => None,
        };
        self.store(base, value, mem)?;
        if let Some(stale) = stale {
            self.op(Op::ReleaseLeaf, &[stale])?;
        }
        let slot = Slot {
            value: Some(value),
            held: Held::Owned,
            memory: Memory::Current,
        };
        self.set_slot(frame, place, slot);
        Ok(())
    }

    /// Makes the memory of an empty slot NULL.
    fn store_null(&mut self, frame: usize, slot: u16, now: Slot) -> Recorded {
        let base = self.frame_pointer(frame)?;
        if now.memory == Memory::Stale {
            let stale = self.load(base, slot_mem(slot, Width::Obj))?;
            self.op(Op::ReleaseLeaf, &[stale])?;
        }
        let null = self.builder.const_i64(0);
        self.store(base, null, slot_mem(slot, Width::I64))?;
        let slot_now = Slot {
            memory: Memory::Current,
            ..now
        };
        self.set_slot(frame, Place::Slot(slot), slot_now);
        Ok(())
    }

    fn set_slot(&mut self, frame: usize, place: Place, slot: Slot) {
        self.builder.frames_mut().all_mut()[frame]
            .slots
            .insert(place, slot);
    }

    /// Where a frame is that is in memory.
    pub(super) fn frame_pointer(&mut self, frame: usize) -> Recorded<InsRef> {
        match self.builder.frames().all()[frame].home {
            FrameHome::Root | FrameHome::Settled => self.op(Op::Frame, &[]),
            FrameHome::Memory(pointer) | FrameHome::Resumed(pointer) => Ok(pointer),
            FrameHome::Suspended { generator, .. } => self.generator_frame(generator),
            FrameHome::New { .. } => Err(AbortReason::CompilerBug),
        }
    }

    /// Makes all frames true, as whoever looks at them from a foreign call must find them: frames of
    /// inlined calls are made, and locals are in memory.
    pub(super) unsafe fn flush(&mut self, r: Regs) -> Recorded {
        // SAFETY: by the caller's promise.
        unsafe { self.flush_at(r, self.at.op + 1) }
    }

    /// The same, the innermost frame being just before this offset.
    pub(super) unsafe fn flush_at(&mut self, r: Regs, next: u32) -> Recorded {
        if !self.builder.tree().looked_at {
            // SAFETY: the registers are those of the innermost frame.
            unsafe { self.carry_numbers(r)? };
            self.builder.look_at_memory();
        }
        self.secure_heap()?;
        for frame in 0..self.builder.frames().depth() {
            self.materialize(frame)?;
            let locals = self.builder.frames().all()[frame].locals;
            let places: Vec<u16> = self.builder.frames().all()[frame]
                .slots
                .keys()
                .filter_map(|place| match place {
                    Place::Slot(slot) if *slot < locals => Some(*slot),
                    _ => None,
                })
                .collect();
            for slot in places {
                self.box_slot(frame, slot)?;
                self.store_slot(frame, slot)?;
            }
            self.own_operands(frame)?;
        }
        // The indices of ranges that are carried in registers.
        let indices: Vec<(Place, Slot)> = self.builder.frames().all()[0]
            .slots
            .iter()
            .filter(|(place, _)| matches!(place, Place::RangeIndex(_)))
            .map(|(place, slot)| (*place, *slot))
            .collect();
        if !indices.is_empty() {
            self.store_indices(&indices)?;
        }
        let last = self.builder.frames().depth() - 1;
        self.store_position(last, next)
    }

    /// Carries the numbers that the loop may change, while they still can be carried unboxed.
    unsafe fn carry_numbers(&mut self, r: Regs) -> Recorded {
        if self.chain.len() > 1 || self.root.kind == Kind::Entry {
            return Ok(());
        }
        // SAFETY: as for `flush`; the code is live.
        unsafe {
            let code = r.code();
            let end = outermost_edge(code, self.header) as usize;
            for at in self.header as usize..end {
                let unit = *first_instr(code).add(at);
                let stores = super::generic(unit as u8) == opcodes::STORE_FAST;
                let slot = unit >> 8;
                if !stores
                    || slot >= self.locals
                    || self.builder.current(Place::Slot(slot)).is_some()
                {
                    continue;
                }
                let object = *r.local(usize::from(slot));
                if !object.is_null() && read_as(object).is_some() {
                    self.known(r, slot)?;
                }
            }
        }
        Ok(())
    }

    /// Range iterators whose position the trace carries get it back. What foreign code can reach it can
    /// advance, so from here on their memory counts.
    fn store_indices(&mut self, indices: &[(Place, Slot)]) -> Recorded {
        for (place, slot) in indices {
            self.builder.know_carried(Place::Slot(place.slot()));
            let iterator = self.builder.frames().all()[0]
                .slots
                .get(&Place::Slot(place.slot()))
                .and_then(|slot| slot.value);
            if let (Some(iterator), Some(index)) = (iterator, slot.value) {
                let mem = Mem {
                    offset: offset_of!(PyRangeIterObject, index) as i32,
                    width: Width::I64,
                    region: Region::Iters,
                };
                self.store(iterator, index, mem)?;
            }
            self.builder.frames_mut().all_mut()[0].slots.remove(place);
        }
        Ok(())
    }

    /// Stores at which instruction a frame is; `next` is the one after it.
    pub(super) fn store_position(&mut self, frame: usize, next: u32) -> Recorded {
        // SAFETY: the frames being recorded are alive.
        let instr = unsafe {
            let code = (*self.chain[frame]).f_code;
            first_instr(code).add(next as usize).sub(1)
        };
        let base = self.frame_pointer(frame)?;
        let instr = self.builder.const_i64(instr as i64);
        let mem = Mem {
            offset: layout::PyInterpreterFrame::prev_instr as i32,
            width: Width::I64,
            region: Region::Frames,
        };
        self.store(base, instr, mem)?;
        Ok(())
    }

    /// Makes the frame of an inlined call, or runs that of a generator, if memory does not have it yet.
    fn materialize(&mut self, frame: usize) -> Recorded {
        let home = self.builder.frames().all()[frame].home;
        if !matches!(home, FrameHome::New { .. } | FrameHome::Suspended { .. }) {
            return Ok(());
        }
        let resume = self.builder.frames().all()[frame - 1].resume;
        self.store_position(frame - 1, resume.0)?;
        let FrameHome::New { function, owned } = home else {
            return self.resume_in_memory(frame);
        };
        if !owned {
            self.op(Op::Own, &[function])?;
            self.builder.frames_mut().all_mut()[frame].home = FrameHome::New {
                function,
                owned: true,
            };
        }
        let thread = self.op(Op::Thread, &[])?;
        let purpose = self.builder.frames().all()[frame].purpose;
        let purpose = self.builder.const_i64(purpose as i64);
        let made = self.call_helper(Helper::PushFrame, &[thread, function, purpose])?;
        let exit = self.exit(ExitReason::Memory, self.at.depth);
        built(self.builder.op_exit(Op::GuardObj, &[made], exit))?;
        self.builder.frames_mut().all_mut()[frame].home = FrameHome::Memory(made);
        Ok(())
    }

    /// Turns an unboxed local of any frame into an object.
    pub(super) fn box_slot(&mut self, frame: usize, slot: u16) -> Recorded {
        let slots = &self.builder.frames().all()[frame].slots;
        let value = slots.get(&Place::Slot(slot)).and_then(|slot| slot.value);
        if let Some(value) = value {
            self.box_value(value, frame, slot)?;
        }
        Ok(())
    }

    pub(super) fn load(&mut self, base: InsRef, mem: Mem) -> Recorded<InsRef> {
        built(self.builder.push(Op::Load, &[base], Imm::Mem(mem), None))
    }

    pub(super) fn store(&mut self, base: InsRef, value: InsRef, mem: Mem) -> Recorded<InsRef> {
        built(
            self.builder
                .push(Op::Store, &[base, value], Imm::Mem(mem), None),
        )
    }

    /// A field of an object.
    pub(super) fn field(
        &mut self,
        base: InsRef,
        offset: usize,
        width: Width,
        region: Region,
    ) -> Recorded<InsRef> {
        self.load(
            base,
            Mem {
                offset: offset as i32,
                width,
                region,
            },
        )
    }

    /// Guards that an integer has the value that it has now.
    pub(super) fn guard_is(&mut self, value: InsRef, wanted: i64, reason: ExitReason) -> Recorded {
        let wanted = self.builder.const_i64(wanted);
        let equal = self.op(Op::EqI64, &[value, wanted])?;
        let depth = self.at.depth;
        self.checked(Op::GuardTrue, &[equal], reason, depth)?;
        Ok(())
    }

    /// Whether two values are the same object.
    pub(super) fn same_object(&self, a: InsRef, b: InsRef) -> bool {
        let tree = self.builder.tree();
        origin(tree, a) == origin(tree, b)
    }
}

/// Whether a value may have been read from memory of a region.
fn may_be_read_from(tree: &TraceTree, value: InsRef, region: Region) -> bool {
    let mut at = origin(tree, value);
    loop {
        let ins = tree.at(at);
        match (ins.op, ins.imm) {
            (Op::GuardObj, _) => at = origin(tree, ins.args[0]),
            (Op::Load | Op::LoadIndex, Imm::Mem(mem)) => return mem.region == region,
            _ => return true,
        }
    }
}

/// Where a slot is in its frame.
pub(super) fn slot_mem(slot: u16, width: Width) -> Mem {
    Mem {
        offset: layout::PyInterpreterFrame::localsplus as i32 + i32::from(slot) * 8,
        width,
        region: Region::Frames,
    }
}

/// Whether an object is a float that is no number.
unsafe fn is_nan(object: *mut PyObject) -> bool {
    // SAFETY: a live object.
    unsafe { is_float(object) && (*object.cast::<PyFloatObject>()).ob_fval.is_nan() }
}
