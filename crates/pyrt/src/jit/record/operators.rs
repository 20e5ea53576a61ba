//! Recording operators that classes define in Python: their methods are followed like calls.
//!
//! The operands stay on the caller's stack while the method runs, and lend it its arguments. Which method it is
//! depends on the versions of the operands' classes.

use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::code::cache::counter_only;
use pyrt_cpython::inline::*;
use pyrt_spec::{ExitReason, Purpose};
use pyrt_trace::{Helper, InsRef, Op, Place, Type};

use super::generic::FREE;
use super::{Recorded, Recorder};
use crate::interp::{Regs, operators};

impl Recorder {
    /// Follows the method of a binary operator; false if there is none in Python, or if it cannot be inlined.
    pub(super) unsafe fn operator_method(&mut self, r: Regs, number: usize) -> Recorded<bool> {
        // SAFETY: the operands are on the stack.
        unsafe {
            let Some(method) = operators::find(number, r.peek(2), r.peek(1)) else {
                return Ok(false);
            };
            let callee = method.function;
            let Some(arguments) = self.arguments(callee, 2, null_mut()) else {
                return Ok(false);
            };
            let version = api::_PyFunction_GetVersionForCurrentState(callee);
            if version == 0 {
                return Ok(false);
            }
            for operand in [2, 1] {
                let value = self.peek(r, operand)?;
                self.guard_class(value, r.peek(usize::from(operand)))?;
            }
            let function = self.object_constant(callee.cast());
            self.guard_version_of(function, version)?;
            self.guard_recursion()?;
            let parameters = self.parameters(function, callee, true, arguments)?;
            let at = |n| if method.is_reflected { 3 - n } else { n };
            let code = (*callee).func_code;
            self.enter_within(function, code, method.purpose, parameters, at)?;
            Ok(true)
        }
    }

    /// Guards that a method has implemented the operator.
    pub(super) fn guard_implemented(&mut self, result: InsRef) -> Recorded {
        if self.ty(result) == Type::Obj {
            // SAFETY: NotImplemented lives forever.
            let not = unsafe { self.object_constant(not_implemented()) };
            let depth = self.at.depth;
            self.checked(Op::GuardNotSame, &[result, not], ExitReason::Return, depth)?;
        }
        Ok(())
    }

    /// The result of an operator's method, on the stack, takes the place of the operands.
    pub(super) fn operated(&mut self) -> Recorded {
        self.at.next += counter_only::LEN as u32;
        let mut dead = Vec::new();
        for operand in [3, 2] {
            dead.extend(self.drop_place(self.top(operand)));
        }
        // It may have been lent by one of them.
        let result = self.pop()?;
        self.at.depth -= 2;
        self.push(result.value, result.held);
        self.release(dead)
    }

    /// An exception has left a frame: its caller gives up what it needed for that purpose. All is in memory.
    pub(super) fn drop_operands_of(&mut self, purpose: Purpose) -> Recorded {
        match purpose {
            Purpose::Call | Purpose::Init => Ok(()),
            Purpose::InPlace | Purpose::Left | Purpose::Last => {
                let frame = self.frame_pointer(self.builder.frames().depth() - 1)?;
                let depth = self.builder.const_i64(i64::from(self.at.depth));
                self.call_helper(Helper::DropOperands, &[frame, depth])?;
                for operand in 1..=2 {
                    self.builder.write(Place::Slot(self.top(operand)), FREE);
                }
                self.at.depth -= 2;
                Ok(())
            }
        }
    }
}
