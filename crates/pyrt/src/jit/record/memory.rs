//! Loads, stores and guards of what is in memory.

use pyrt_cpython::layout;
use pyrt_spec::ExitReason;
use pyrt_trace::frames::origin;
use pyrt_trace::{Imm, InsRef, Mem, Op, Region, Width};

use super::{Recorded, Recorder, built};

impl Recorder {
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

/// Where a slot is in its frame.
pub(super) fn slot_mem(slot: u16, width: Width) -> Mem {
    Mem {
        offset: layout::PyInterpreterFrame::localsplus as i32 + i32::from(slot) * 8,
        width,
        region: Region::Frames,
    }
}
