//! Recording what the trace leaves to the interpreter: single instructions.
//!
//! The frames are made true and the stack is put into memory; then the instruction's handler runs, and
//! what it has pushed is read from memory again.

use pyrt_cpython::inline::first_instr;
use pyrt_cpython::layout;
use pyrt_spec::opcodes;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::{Held, Memory, Slot};
use pyrt_trace::{Helper, Mem, Op, Place, Region, Width};

use super::{EMPTY, Flow, Recorded, Recorder, built};
use crate::interp::Regs;
use crate::jit::runtime::{MOST_DEPTH, pack_step};

/// What an instruction does to the stack.
struct Effect {
    pops: u16,
    /// A NULL is pushed first.
    null: bool,
    /// Objects pushed after it.
    pushes: u16,
}

/// The effect of an instruction that neither jumps nor enters or leaves a frame; `None` for others.
fn effect(opcode: u8, oparg: usize) -> Option<Effect> {
    let n = oparg as u16;
    let (pops, pushes) = match opcode {
        opcodes::UNARY_POSITIVE
        | opcodes::UNARY_NEGATIVE
        | opcodes::UNARY_NOT
        | opcodes::UNARY_INVERT
        | opcodes::GET_YIELD_FROM_ITER
        | opcodes::GET_AWAITABLE
        | opcodes::GET_AITER
        | opcodes::ASYNC_GEN_WRAP
        | opcodes::LIST_TO_TUPLE => (1, 1),
        opcodes::BUILD_SET | opcodes::BUILD_STRING | opcodes::BUILD_SLICE => (n, 1),
        opcodes::BUILD_MAP => (2 * n, 1),
        opcodes::BUILD_CONST_KEY_MAP => (n + 1, 1),
        opcodes::FORMAT_VALUE => (1 + u16::from(oparg & 4 != 0), 1),
        opcodes::LIST_EXTEND
        | opcodes::SET_UPDATE
        | opcodes::DICT_UPDATE
        | opcodes::DICT_MERGE
        | opcodes::SET_ADD
        | opcodes::DELETE_ATTR
        | opcodes::STORE_GLOBAL
        | opcodes::STORE_NAME
        | opcodes::STORE_DEREF
        | opcodes::POP_EXCEPT => (1, 0),
        opcodes::MAP_ADD | opcodes::DELETE_SUBSCR | opcodes::STORE_ATTR => (2, 0),
        opcodes::STORE_SUBSCR => (3, 0),
        opcodes::UNPACK_SEQUENCE => (1, n),
        opcodes::UNPACK_EX => (1, (n & 0xff) + 1 + (n >> 8)),
        opcodes::DELETE_GLOBAL | opcodes::DELETE_NAME | opcodes::DELETE_DEREF => (0, 0),
        opcodes::LOAD_NAME
        | opcodes::LOAD_CLASSDEREF
        | opcodes::LOAD_DEREF
        | opcodes::LOAD_GLOBAL
        | opcodes::LOAD_ASSERTION_ERROR
        | opcodes::LOAD_BUILD_CLASS
        | opcodes::IMPORT_FROM
        | opcodes::GET_LEN
        | opcodes::MATCH_MAPPING
        | opcodes::MATCH_SEQUENCE
        | opcodes::MATCH_KEYS
        | opcodes::GET_ANEXT
        | opcodes::WITH_EXCEPT_START => (0, 1),
        opcodes::IMPORT_NAME => (2, 1),
        opcodes::LOAD_ATTR => (1, 1),
        opcodes::BINARY_SUBSCR | opcodes::BINARY_OP | opcodes::COMPARE_OP => (2, 1),
        opcodes::MATCH_CLASS => (3, 1),
        opcodes::MAKE_FUNCTION => (1 + (oparg & 15).count_ones() as u16, 1),
        opcodes::BEFORE_WITH | opcodes::BEFORE_ASYNC_WITH | opcodes::PUSH_EXC_INFO => (1, 2),
        opcodes::CHECK_EXC_MATCH => (1, 1),
        opcodes::CALL_FUNCTION_EX => (3 + (n & 1), 1),
        _ => return None,
    };
    let null = opcode == opcodes::LOAD_GLOBAL && oparg & 1 != 0;
    Some(Effect { pops, null, pushes })
}

impl Recorder {
    /// Records that the interpreter executes the instruction, after the recorder could not for `reason`.
    pub(super) unsafe fn generic(
        &mut self,
        r: Regs,
        reason: AbortReason,
        opcode: u8,
        oparg: usize,
    ) -> Recorded<Flow> {
        let effect = effect(opcode, oparg).ok_or(reason)?;
        let before = self.before.is_some();
        self.rewind();
        self.before = before.then(|| self.checkpoint());
        let depth = self.at.depth;
        if effect.pops > depth || depth + effect.pushes > MOST_DEPTH {
            return Err(reason);
        }
        if opcode == opcodes::CALL_FUNCTION_EX {
            self.guard_stack()?;
        }
        // SAFETY: the registers are those of the innermost frame, its stack as deep as that.
        unsafe { self.flush_stack(r)? };
        // SAFETY: the instruction is one of the code's.
        let instr = unsafe { first_instr((*self.frame()).f_code).add(self.at.op as usize) };
        let frame = self.frame_pointer(self.builder.frames().depth() - 1)?;
        let thread = self.op(Op::Thread, &[])?;
        let instr = self.builder.const_i64(instr as i64);
        let what = pack_step(opcode, oparg as u32, depth, depth - effect.pops);
        let what = self.builder.const_i64(what);
        for at in 1..=effect.pops {
            self.hand_over(self.top(at))?;
        }
        let status = self.call_helper(Helper::Step, &[thread, frame, instr, what])?;
        self.at.depth -= effect.pops;
        let (ip, depth) = (self.at.op + 1, self.at.depth);
        let exit = self.builder.exit(ExitReason::Raise, ip, depth);
        let zero = self.builder.const_i64(0);
        let fine = self.op(Op::EqI64, &[status, zero])?;
        built(self.builder.op_exit(Op::GuardTrue, &[fine], exit))?;
        if effect.null {
            self.builder.write(Place::Slot(self.top(0)), EMPTY);
            self.at.depth += 1;
        }
        for _ in 0..effect.pushes {
            self.push_from_memory(frame)?;
        }
        self.guard_untraced()?;
        Ok(Flow::Continue)
    }

    /// Pushes what is in memory there.
    fn push_from_memory(&mut self, frame: pyrt_trace::InsRef) -> Recorded {
        let slot = self.top(0);
        let mem = Mem {
            offset: layout::PyInterpreterFrame::localsplus as i32 + i32::from(slot) * 8,
            width: Width::Obj,
            region: Region::Frames,
        };
        let value = self.load(frame, mem)?;
        let slot = Slot {
            value: Some(value),
            held: Held::Owned,
            memory: Memory::Current,
        };
        self.builder.write(Place::Slot(self.top(0)), slot);
        self.at.depth += 1;
        Ok(())
    }

    /// Makes all frames true, and puts the stack of the innermost one into memory.
    unsafe fn flush_stack(&mut self, r: Regs) -> Recorded {
        let depth = self.at.depth;
        // SAFETY: by the caller's promise.
        unsafe {
            for at in 1..=depth {
                let slot = self.top(at);
                if self.known_or_null(r, slot)? {
                    self.boxed(slot)?;
                }
            }
            self.flush(r)?;
        }
        let frame = self.builder.frames().depth() - 1;
        for at in (1..=depth).rev() {
            self.store_slot(frame, self.top(at))?;
        }
        Ok(())
    }

    /// Makes the trace know a stack slot; false if it is NULL.
    unsafe fn known_or_null(&mut self, r: Regs, slot: u16) -> Recorded<bool> {
        if let Some(slot) = self.builder.current(Place::Slot(slot)) {
            return Ok(slot.value.is_some());
        }
        // SAFETY: by the caller's promise.
        unsafe {
            if (*r.local(usize::from(slot))).is_null() {
                return Err(AbortReason::SlotUnbound);
            }
            self.slot(r, slot)?;
        }
        Ok(true)
    }

    /// Guards that the C stack has room for an evaluation.
    pub(super) fn guard_stack(&mut self) -> Recorded {
        if self.has_room {
            return Ok(());
        }
        let room = self.call_helper(Helper::StackRoom, &[])?;
        let room = self.op(Op::I64IsTrue, &[room])?;
        let depth = self.at.depth;
        self.checked(Op::GuardTrue, &[room], ExitReason::Callee, depth)?;
        self.has_room = true;
        Ok(())
    }
}

/// A slot whose content has been taken.
pub(super) const FREE: Slot = Slot {
    value: None,
    held: Held::Lent,
    memory: Memory::Free,
};
