//! Who holds references to the values of a trace: giving them up, passing them on, and securing what objects alone hold.

use pyrt_spec::ExitReason;
use pyrt_trace::frames::{Held, Slot, origin};
use pyrt_trace::{FrameHome, Imm, InsRef, ObjKind, Op, Place, Region, TraceTree};

use super::stack::Popped;
use super::{Recorded, Recorder, built};

/// Objects of these kinds die without running code or releasing anything else.
const LEAVES: [ObjKind; 5] = [
    ObjKind::Int,
    ObjKind::Float,
    ObjKind::Bool,
    ObjKind::Str,
    ObjKind::Bytes,
];

impl Recorder {
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

    /// Empties a local variable of an inlined frame that returns.
    pub(super) fn clear_inlined(&mut self, local: u16, reason: ExitReason) -> Recorded {
        let place = Place::Slot(local);
        let before = self.builder.current(place);
        let dead = self.drop_place(local);
        match (before, &dead[..]) {
            (Some(before), [value]) => self.release_local((place, before), *value, reason),
            _ => Ok(()),
        }
    }

    /// Gives up what a local variable held, which is empty now, of a frame that returns. If that runs code, it does so
    /// when the frame is no longer there to be seen: the trace leaves, for `reason`, with the variable as it was.
    pub(super) fn release_local(
        &mut self,
        (place, before): (Place, Slot),
        value: InsRef,
        reason: ExitReason,
    ) -> Recorded {
        if self.is_leaf(value) {
            built(self.builder.op(Op::ReleaseLeaf, &[value]))?;
            return Ok(());
        }
        self.secure_heap()?;
        let now = self.builder.current(place);
        self.builder.write(place, before);
        let exit = self.exit(reason, self.at.depth);
        if let Some(now) = now {
            self.builder.write(place, now);
        }
        built(self.builder.op_exit(Op::Release, &[value], exit))?;
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
    pub(super) fn kind_of(&self, value: InsRef) -> Option<ObjKind> {
        let tree = self.builder.tree();
        let mut at = value;
        loop {
            let ins = tree.at(at);
            match (ins.op, ins.imm) {
                (Op::BoxInt, _) => return Some(ObjKind::Int),
                (Op::BoxFloat, _) => return Some(ObjKind::Float),
                (Op::BoxBool, _) => return Some(ObjKind::Bool),
                (Op::BoxChar, _) => return Some(ObjKind::Str),
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
