//! Adding a header parameter to a tree that already has traces.
//!
//! A recorder learns late that a place is read or written: in the middle of the root, or in a side
//! trace recorded much later. Widening carries the place in the header from then on. It costs one
//! pass over jumps and snapshots:
//!
//! 1. the entry loads the place, guards it and unboxes it;
//! 2. every jump so far passes the parameter on unchanged, because no trace so far wrote the place;
//! 3. every snapshot inside the loop that does not mention the place writes the parameter, because
//!    an earlier iteration may have gone through a trace that changed it. Snapshots where the place
//!    is a popped stack slot are left alone, and so are the entry's, and those with another iterator.

use crate::builder::{BuildError, check_ins};
use crate::ids::{InsRef, SnapshotId};
use crate::ops::Op;
use crate::tree::{Args, End, Exit, Imm, Ins, Param, TraceTree, Write};
use crate::types::{ObjKind, Place, RangeField, ReadAs, Type};
use pyrt_spec::ExitReason;

impl TraceTree {
    /// Makes the header carry a place, and returns the index of the new parameter.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoSuchPlace`] if the place is not in the frame at the header,
    /// [`BuildError::TypeUnstable`] for a range index that is not read as an int.
    pub fn widen(&mut self, place: Place, read: ReadAs) -> Result<usize, BuildError> {
        if let Some(index) = self.param_of(place) {
            return Ok(index);
        }
        if place.slot() >= self.locals + self.header().depth {
            return Err(BuildError::NoSuchPlace(place));
        }
        let initial = match place {
            Place::Slot(slot) => self.load_initial_slot(slot, read)?,
            Place::RangeIndex(slot) => self.load_initial_index(slot, read)?,
        };
        Ok(self.add_param(place, read.ty(), initial))
    }

    /// Adds a parameter whose initial value is there already.
    fn add_param(&mut self, place: Place, ty: Type, initial: InsRef) -> usize {
        let value = self.push_ins(Ins::param(ty));
        let place = Some(place);
        self.params.push(Param { place, value, ty });
        self.initial.push(initial);
        for trace in &mut self.traces {
            if let End::Jump(values) = &mut trace.end {
                values.push(value);
            }
        }
        // Objects are in memory whenever the header is reached.
        if let (Some(place), true) = (place, ty != Type::Obj) {
            self.add_to_loop_snapshots(place, value);
        }
        self.params.len() - 1
    }

    fn add_to_loop_snapshots(&mut self, place: Place, value: InsRef) {
        let locals = self.locals;
        for snapshot in &mut self.snapshots[SnapshotId::ENTRY.index() + 1..] {
            let frame = &mut snapshot.frames[0];
            let popped = place.slot() >= locals + frame.depth || frame.home.is_in_memory();
            // Another iterator than the header's has its position in memory.
            let replaced = matches!(place, Place::RangeIndex(slot)
                if frame.write(Place::Slot(slot)).is_some_and(|write| !write.current));
            if !popped && !replaced && frame.write(place).is_none() {
                frame.set(Write::carried(place, value));
            }
        }
    }

    fn load_initial_slot(&mut self, slot: u16, read: ReadAs) -> Result<InsRef, BuildError> {
        let object = self.push_entry(
            Op::LoadSlot,
            &[],
            Imm::Slot(slot),
            Some(ExitReason::Unbound),
        )?;
        let (kind, unbox) = match read {
            ReadAs::Object => return Ok(object),
            ReadAs::Kind(kind) => (kind, None),
            ReadAs::Int => (
                ObjKind::Int,
                Some((Op::UnboxInt, Some(ExitReason::IntRange))),
            ),
            ReadAs::Float => (ObjKind::Float, Some((Op::UnboxFloat, None))),
            ReadAs::Bool => (ObjKind::Bool, Some((Op::UnboxBool, None))),
        };
        let object = self.push_entry(
            Op::GuardType,
            &[object],
            Imm::Kind(kind),
            Some(ExitReason::Type),
        )?;
        let Some((op, reason)) = unbox else {
            return Ok(object);
        };
        let number = self.push_entry(op, &[object], Imm::None, reason)?;
        if read == ReadAs::Float {
            // NaN is found again by its identity alone, which a new box does not have.
            let number_is = self.push_entry(Op::EqF64, &[number, number], Imm::None, None)?;
            let exit = Some(ExitReason::Type);
            self.push_entry(Op::GuardTrue, &[number_is], Imm::None, exit)?;
        }
        Ok(number)
    }

    /// Loads the index of the iterator in a slot. Two slots may hold the same iterator, whose index
    /// would then live in two parameters; the entry guards that they do not.
    fn load_initial_index(&mut self, slot: u16, read: ReadAs) -> Result<InsRef, BuildError> {
        if read != ReadAs::Int {
            let place = Place::RangeIndex(slot);
            return Err(BuildError::TypeUnstable {
                place,
                carried: Type::I64,
                found: read.ty(),
            });
        }
        let object = self.load_initial_slot(slot, ReadAs::Kind(ObjKind::RangeIter))?;
        for other in self.carried_iterators() {
            let operands = [object, other];
            self.push_entry(
                Op::GuardNotSame,
                &operands,
                Imm::None,
                Some(ExitReason::Alias),
            )?;
        }
        self.push_entry(
            Op::LoadRangeField,
            &[object],
            Imm::Field(RangeField::Index),
            None,
        )
    }

    fn carried_iterators(&self) -> Vec<InsRef> {
        let index = |(param, initial): (&Param, &InsRef)| match param.place {
            Some(Place::RangeIndex(_)) => self.at(*initial).args.first().copied(),
            Some(Place::Slot(_)) | None => None,
        };
        self.params
            .iter()
            .zip(&self.initial)
            .filter_map(index)
            .collect()
    }

    /// Appends an instruction to the entry, with an exit of its own if there is a reason.
    fn push_entry(
        &mut self,
        op: Op,
        args: &[InsRef],
        imm: Imm,
        reason: Option<ExitReason>,
    ) -> Result<InsRef, BuildError> {
        let exit = reason.map(|reason| self.push_exit(Exit::new(SnapshotId::ENTRY, reason)));
        let ins = Ins {
            op,
            args: Args::new(args),
            imm,
            exit,
            ty: Ins::result(op, &imm),
        };
        check_ins(self, &ins).map_err(BuildError::BadInstruction)?;
        let value = self.push_ins(ins);
        self.entry.push(value);
        Ok(value)
    }
}
