//! Recording calls with spread arguments, `f(*a)` and `f(*a, **k)`: what functions that wrap others do.

use core::ptr::null_mut;

use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_spec::{ExitReason, Purpose};
use pyrt_trace::frames::{Held, Slot};
use pyrt_trace::{FrameHome, InsRef, ObjKind, Region, Width};

use super::callee::Parameter;
use super::{Recorded, Recorder};
use crate::interp::Regs;
use crate::interp::methods;
use crate::interp::spread::{self, Spread};

impl Recorder {
    /// Follows the call of a Python function with what is in a tuple, of as many items as now; false if it cannot be
    /// inlined. The operands stay on the caller's stack.
    pub(super) unsafe fn call_spread(&mut self, r: Regs, oparg: usize) -> Recorded<bool> {
        // SAFETY: the operands are on the stack.
        unsafe {
            let found = spread::find(r.sp, oparg).filter(|_| methods::run_here(r.ts));
            let Some(call) = found else {
                return Ok(false);
            };
            let (callee, total) = (call.function, call.count());
            let Some(arguments) = self.arguments(callee, total, null_mut()) else {
                return Ok(false);
            };
            let (function, given) = self.given(r, &call, (oparg & 1) as u16)?;
            let Some((function, by_version)) = self.guard_called(function, callee)? else {
                return Ok(false);
            };
            self.guard_recursion()?;
            let argument = |n: u16| given[total - usize::from(n)];
            let parameters =
                self.parameters(function, callee, by_version, arguments, &mut |_, n| {
                    Ok(argument(n))
                })?;
            let slots = parameters.into_iter().map(|parameter| match parameter {
                Parameter::Given(n) => Slot::new(argument(n), Held::Heap),
                Parameter::Other(other) => Slot::new(other.value, other.held),
            });
            let home = FrameHome::New {
                function,
                owned: false,
            };
            let resume = (self.at.op + 1, self.at.depth);
            let code = (*callee).func_code;
            self.enter_frame(home, Purpose::Spread, resume, code, slots.collect());
            Ok(true)
        }
    }

    /// The function that is called, and the arguments, guarded to be as many as now, and none by name.
    unsafe fn given(
        &mut self,
        r: Regs,
        call: &Spread,
        named: u16,
    ) -> Recorded<(InsRef, Vec<InsRef>)> {
        // SAFETY: the operands are on the stack.
        unsafe {
            if named != 0 {
                let names = self.peek_object(r, 1)?;
                let names = self.guard_kind(names, ObjKind::Dict)?;
                let used = layout::PyDictObject::ma_used;
                let used = self.field(names, used, Width::I64, Region::Dicts)?;
                self.guard_is(used, 0, ExitReason::Callee)?;
            }
            let tuple = self.peek_object(r, named + 1)?;
            let tuple = self.guard_kind(tuple, ObjKind::Tuple)?;
            let size = layout::PyVarObject::ob_size;
            let size = self.field(tuple, size, Width::I64, Region::Fixed)?;
            let items = size_of(call.tuple);
            self.guard_is(size, items as i64, ExitReason::Callee)?;
            let mut function = self.peek_object(r, named + 2)?;
            let mut given = Vec::with_capacity(call.count());
            if !call.this.is_null() {
                let this;
                (function, this) = self.unbind(function)?;
                given.push(this);
            }
            for at in 0..items as usize {
                let at = layout::PyTupleObject::ob_item + at * 8;
                given.push(self.field(tuple, at, Width::Obj, Region::Fixed)?);
            }
            Ok((function, given))
        }
    }
}
