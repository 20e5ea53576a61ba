//! Iterators of C.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_spec::ExitReason;
use pyrt_trace::{Helper, Op};

use super::Gives;
use crate::interp::Regs;
use crate::jit::lookup::acts_as;
use crate::jit::quiet;
use crate::jit::record::{Flow, Recorded, Recorder};

impl Recorder {
    /// `iter(x)` of a container of C; false if it is not quiet.
    pub(in crate::jit::record) unsafe fn quiet_iter(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: the iterable is on the stack.
        unsafe {
            let object = r.peek(1);
            let class = type_of(object);
            let containers = [
                &raw mut api::PyRange_Type,
                &raw mut api::PyFrozenSet_Type,
                &raw mut api::PyDictKeys_Type,
                &raw mut api::PyDictValues_Type,
                &raw mut api::PyDictItems_Type,
            ];
            let known = is_bytes(object) || acts_as(object, c"__iter__").is_some();
            let value = self.peek(r, 1)?;
            // Iterators give themselves. That of a range may be the one whose position the trace carries.
            let itself = (*class)
                .tp_iter
                .is_some_and(|iter| iter as *const () == api::PyObject_SelfIter as *const ());
            if itself && !is_range_iter(object) {
                self.guard_class(value, object)?;
                return Ok(true);
            }
            if !known && !containers.contains(&class) {
                return Ok(false);
            }
            let value = self.guard_class(value, object)?;
            let thread = self.thread()?;
            let new = i64::from(class != containers[0]);
            let containers = self.builder.const_i64(new);
            let iterator = self.call_helper(Helper::QuietIter, &[thread, containers, value])?;
            self.finish_quiet(1, iterator, Gives::Object, ExitReason::Memory)?;
            Ok(true)
        }
    }

    /// The next item of an iterator of C; `None` if it is not quiet.
    pub(in crate::jit::record) unsafe fn quiet_next(
        &mut self,
        r: Regs,
        oparg: usize,
    ) -> Recorded<Option<Flow>> {
        // SAFETY: the iterator is on the stack.
        unsafe {
            let object = r.peek(1);
            if !quiet::is_quiet_iter(object, quiet::ITER_DEPTH) {
                return Ok(None);
            }
            let value = self.peek(r, 1)?;
            let iterator = self.guard_class(value, object)?;
            // What it puts into its result again held values that were read from there.
            self.secure_heap()?;
            let thread = self.thread()?;
            let item = self.call_helper(Helper::QuietNext, &[thread, iterator])?;
            let depth = self.at.depth;
            let leave = self.builder.const_obj(quiet::leave(), "the interpreter");
            self.checked(Op::GuardNotSame, &[item, leave], ExitReason::Memory, depth)?;
            self.ask(item, oparg, false).map(Some)
        }
    }
}
