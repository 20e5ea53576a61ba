//! Recording what the caller of a function that was inlined does with its result.
//!
//! What its caller does with the result depends on the purpose of its frame. An operation has left its operands on the
//! caller's stack: the result takes their place.

use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_spec::{AbortReason, ExitReason, Purpose, opcodes};
use pyrt_trace::frames::Held;
use pyrt_trace::{Helper, InsRef, Op, Place, Type};

use super::generic::FREE;
use super::{Recorded, Recorder};
use crate::interp::Regs;
use crate::interp::handlers::generic;
use crate::interp::results::{self, Operation};

impl Recorder {
    /// What the caller of an inlined function uses in the place of the result that is on the stack, guarded to be as
    /// the caller needs it; `None` for the result itself.
    pub(super) unsafe fn guard_result(&mut self, r: Regs) -> Recorded<Option<InsRef>> {
        let purpose = self.builder.frames().inner().purpose;
        // SAFETY: the result is on the stack.
        let (result, now) = unsafe { (self.peek(r, 1)?, r.peek(1)) };
        match purpose {
            Purpose::Call
            | Purpose::Property
            | Purpose::Instance
            | Purpose::Unary
            | Purpose::Store
            | Purpose::Next
            | Purpose::Spread => {}
            Purpose::InPlace | Purpose::Left | Purpose::Last | Purpose::Comparison => {
                self.guard_implemented(result, now)?;
            }
            // SAFETY: None lives forever.
            Purpose::Init if now == none() => unsafe { self.guard_same(result, now)? },
            Purpose::Membership | Purpose::Length | Purpose::Truth | Purpose::Size => {
                // SAFETY: as above.
                let number = unsafe { self.peek_number(r, 1)? }.ok_or(AbortReason::Return)?;
                return self.guard_number(purpose, number).map(Some);
            }
            Purpose::Init => return Err(AbortReason::Return),
        }
        Ok(None)
    }

    /// The same for a number.
    fn guard_number(&mut self, purpose: Purpose, number: InsRef) -> Recorded<InsRef> {
        match (purpose, self.ty(number)) {
            (Purpose::Membership, _) => self.truth(number),
            (Purpose::Truth | Purpose::Size, Type::Bool) => Ok(number),
            (Purpose::Length | Purpose::Size, Type::I64) => {
                let zero = self.builder.const_i64(0);
                let fine = self.op(Op::GeI64, &[number, zero])?;
                let depth = self.at.depth;
                self.checked(Op::GuardTrue, &[fine], ExitReason::Return, depth)?;
                match purpose {
                    Purpose::Size => self.truth(number),
                    _ => Ok(number),
                }
            }
            _ => Err(AbortReason::Return),
        }
    }

    /// Guards that a method's result, which is this now, is not NotImplemented.
    pub(super) fn guard_implemented(&mut self, result: InsRef, now: *mut PyObject) -> Recorded {
        let not = not_implemented();
        if now == not {
            return Err(AbortReason::Return);
        }
        if self.ty(result) == Type::Obj {
            // SAFETY: NotImplemented lives forever.
            let not = unsafe { self.object_constant(not) };
            let depth = self.at.depth;
            self.checked(Op::GuardNotSame, &[result, not], ExitReason::Return, depth)?;
        }
        Ok(())
    }

    /// The caller of an `__init__` that has returned goes on with the new object.
    pub(super) fn constructed(&mut self) -> Recorded {
        let operation = self.operation(Purpose::Init);
        let others = operation.operands as u16 - 1;
        self.at.next += operation.caches as u32;
        let mut dead = Vec::new();
        for at in (1..=others).rev() {
            dead.extend(self.drop_place(self.top(at)));
        }
        self.at.depth -= others;
        self.release(dead)
    }

    /// The caller of an inlined function goes on, with its result on the stack. It is `now`.
    pub(super) unsafe fn use_result(&mut self, purpose: Purpose, now: *mut PyObject) -> Recorded {
        // SAFETY: the caller's frame is at the operation.
        let (opcode, oparg) = unsafe {
            let next = first_instr((*self.frame()).f_code).add(self.at.next as usize);
            (generic(*next.sub(1) as u8), *next.sub(1) >> 8)
        };
        match purpose {
            Purpose::Call | Purpose::Init => Ok(()),
            Purpose::Truth | Purpose::Size => {
                // SAFETY: an int, or a bool, which is one.
                let truth = unsafe { size_of(now) != 0 };
                self.decide(opcode, oparg.into(), truth)
            }
            Purpose::Membership if oparg != 0 => {
                let truth = self.pop()?.value;
                let outside = self.op(Op::NotBool, &[truth])?;
                self.push(outside, Held::Owned);
                self.replace_operands(self.operation(purpose))
            }
            _ => self.replace_operands(self.operation(purpose)),
        }
    }

    /// The result of an operation's method, on the stack, takes the place of the operands.
    fn replace_operands(&mut self, operation: Operation) -> Recorded {
        self.at.next += operation.caches as u32;
        let mut dead = Vec::new();
        if !operation.has_result {
            dead.extend(self.drop_place(self.top(1)));
        }
        for operand in (1..=operation.operands as u16).rev() {
            dead.extend(self.drop_place(self.top(operand + 1)));
        }
        // It may have been lent by one of them.
        let result = match operation.has_result {
            true => Some(self.pop()?),
            false => {
                self.at.depth -= 1;
                None
            }
        };
        self.at.depth -= operation.operands as u16;
        if let Some(result) = result {
            self.push(result.value, result.held);
        }
        self.release(dead)
    }

    /// The condition whose truth is on the stack above its operand is decided, as it is now.
    fn decide(&mut self, opcode: u8, oparg: usize, now: bool) -> Recorded {
        let truth = self.pop()?.value;
        let dead = self.drop_place(self.top(1));
        self.at.depth -= 1;
        self.push(truth, Held::Owned);
        // From here on the instruction can be executed with the truth in the operand's place.
        let next = self.at.next;
        (self.at.op, self.at.ip, self.at.next) = (next - 1, next - 1, next - 1);
        self.release(dead)?;
        self.at.next = next;
        if opcode == opcodes::UNARY_NOT {
            let not = self.op(Op::NotBool, &[truth])?;
            return self.replace_by(1, not);
        }
        let depth = self.at.depth;
        let guard = if now { Op::GuardTrue } else { Op::GuardFalse };
        self.checked(guard, &[truth], ExitReason::Branch, depth)?;
        if now == (opcode == opcodes::POP_JUMP_FORWARD_IF_TRUE) {
            self.at.next += oparg as u32;
        }
        self.replace(1, &[])
    }

    /// An exception has left a frame, which was made for this purpose. All is in memory.
    pub(super) fn give_up(&mut self, purpose: Purpose) -> Recorded {
        if purpose == Purpose::Call {
            return Ok(());
        }
        let frame = self.frame_pointer(self.builder.frames().depth() - 1)?;
        let depth = self.builder.const_i64(i64::from(self.at.depth));
        let number = self.builder.const_i64(purpose as i64);
        self.call_helper(Helper::GiveUp, &[frame, depth, number])?;
        if purpose != Purpose::Property {
            let operands = self.operation(purpose).operands as u16;
            for operand in 1..=operands {
                self.builder.write(Place::Slot(self.top(operand)), FREE);
            }
            self.at.depth -= operands;
        }
        Ok(())
    }

    /// Gives the operands, on the stack of a frame, of the operation whose method it has called, references of their
    /// own: the method shows their counts to others.
    pub(super) fn own_operands(&mut self, frame: usize) -> Recorded {
        let frames = self.builder.frames().all();
        let (caller, Some(callee)) = (&frames[frame], frames.get(frame + 1)) else {
            return Ok(());
        };
        let (next, depth) = caller.resume;
        let operands = self.operation_at(frame, next, callee.purpose).operands as u16;
        let top = caller.locals + depth;
        let lent = (top - operands..top).filter_map(|slot| {
            let place = Place::Slot(slot);
            let now = caller.slots.get(&place)?;
            let value = now.value?;
            let is_lent = now.held != Held::Owned && self.ty(value) == Type::Obj;
            is_lent.then_some((frame, place, value))
        });
        self.own_places(lent.collect())
    }

    /// How the innermost frame goes on when a method has returned that was made for this purpose.
    pub(super) fn operation(&self, purpose: Purpose) -> Operation {
        self.operation_at(self.chain.len() - 1, self.at.next, purpose)
    }

    /// The same for any frame, of which the offset after the operation's opcode is given.
    fn operation_at(&self, frame: usize, next: u32, purpose: Purpose) -> Operation {
        // SAFETY: the frames being recorded are alive.
        let oparg = unsafe {
            let next = first_instr((*self.chain[frame]).f_code).add(next as usize);
            *next.sub(1) >> 8
        };
        results::operation(purpose, oparg.into())
    }
}
