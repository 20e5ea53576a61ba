//! Coming back to the loop header: everything as it wants it, objects in memory and numbers as they are carried.

use core::mem::offset_of;

use pyrt_cpython::object::PyRangeIterObject;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::{Held, Memory, Slot};
use pyrt_trace::{InsRef, ObjKind, Op, Place, Region, Type, Width};

use super::{Popped, Recorded, Recorder};

impl Recorder {
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
        // The header expects that memory holds some number's reference: an earlier one's, or this box's.
        let place = Place::Slot(slot);
        let now = self.builder.current(place);
        if now.is_some_and(|now| now.memory == Memory::Free) {
            self.store_current(slot)?;
        }
        let slot = Slot {
            value: Some(number),
            held: Held::Owned,
            memory: Memory::Stale,
        };
        self.builder.write(place, slot);
        match now {
            Some(Slot {
                memory: Memory::Stale,
                held,
                ..
            }) => self.drop_held(Popped { value, held }),
            _ => Ok(()),
        }
    }
}
