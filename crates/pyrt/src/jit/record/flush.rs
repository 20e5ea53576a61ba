//! Making the frames in memory true, for whoever looks at them.

use core::mem::offset_of;

use pyrt_cpython::inline::first_instr;
use pyrt_cpython::layout;
use pyrt_cpython::object::PyRangeIterObject;
use pyrt_spec::{AbortReason, ExitReason, opcodes};
use pyrt_trace::frames::{Held, Memory, Slot};
use pyrt_trace::{FrameHome, Helper, InsRef, Mem, Op, Place, Region, Type, Width};

use super::inner::outermost_edge;
use super::memory::slot_mem;
use super::{Recorded, Recorder, built, read_as};
use crate::interp::Regs;
use crate::jit::anchors::Kind;

impl Recorder {
    /// Puts an object into the memory of its slot, with a reference; in the innermost frame.
    pub(super) fn store_current(&mut self, slot: u16) -> Recorded {
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
        self.store_indices()?;
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
    pub(super) fn store_indices(&mut self) -> Recorded {
        let slots = self.builder.frames().all()[0].slots.iter();
        let indices = slots.filter(|(place, _)| matches!(place, Place::RangeIndex(_)));
        let indices: Vec<(Place, Slot)> = indices.map(|(place, slot)| (*place, *slot)).collect();
        for (place, slot) in &indices {
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
    pub(super) fn materialize(&mut self, frame: usize) -> Recorded {
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
}
