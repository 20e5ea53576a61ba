//! Arguments and items that are spread: `*a` into lists, `**d` into dicts.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyDictObject;
use pyrt_spec::ExitReason;
use pyrt_trace::{Helper, ObjKind};

use super::Gives;
use crate::interp::Regs;
use crate::jit::record::{Recorded, Recorder};

use ObjKind::{Dict, List, Tuple};

impl Recorder {
    /// `LIST_EXTEND` of a list, which lies this deep below, by a list or tuple; false if it is another iterable.
    pub(in crate::jit::record) unsafe fn extend_list(
        &mut self,
        r: Regs,
        below: u16,
    ) -> Recorded<bool> {
        // SAFETY: list and iterable are on the stack.
        unsafe {
            let iterable = r.peek(1);
            if !is_list(iterable) && !is_tuple(iterable) {
                return Ok(false);
            }
            let list = self.operand(r, below + 1, List)?;
            let iterable = self.guarded(r, 1)?;
            let status = self.call_helper(Helper::ListExtend, &[list, iterable])?;
            self.guard_is(status, 0, ExitReason::Memory)?;
            self.replace(1, &[])?;
            Ok(true)
        }
    }

    /// `LIST_TO_TUPLE`.
    pub(in crate::jit::record) unsafe fn list_to_tuple(&mut self, r: Regs) -> Recorded {
        // SAFETY: the list is on the stack.
        unsafe {
            let list = self.operand(r, 1, List)?;
            let class = self.object_constant((&raw mut api::PyTuple_Type).cast());
            let one = self.builder.const_i64(1);
            let operands = [self.thread()?, one, class, list];
            let result = self.call_helper(Helper::QuietCall1, &operands)?;
            let tuple = self.result_of_call(1, result, ExitReason::Memory)?;
            self.finish_with(1, tuple, Gives::Kind(Tuple))
        }
    }

    /// `DICT_MERGE` and `DICT_UPDATE` of an empty dict, which lies this deep below, by one of strs; false if they are
    /// not that.
    pub(in crate::jit::record) unsafe fn merge_dict(
        &mut self,
        r: Regs,
        below: u16,
    ) -> Recorded<bool> {
        // SAFETY: both dicts are on the stack.
        unsafe {
            let (dict, other) = (r.peek(usize::from(below) + 1), r.peek(1));
            let fits = is_dict(other)
                && (*dict.cast::<PyDictObject>()).ma_used == 0
                && (*(*other.cast::<PyDictObject>()).ma_keys).dk_kind != 0;
            if !fits || self.is_refused() {
                return Ok(false);
            }
            let dict = self.operand(r, below + 1, Dict)?;
            let other = self.operand(r, 1, Dict)?;
            let status = self.call_helper(Helper::DictMerge, &[dict, other])?;
            self.finish_status(status, ExitReason::Memory)?;
            self.replace(1, &[])?;
            Ok(true)
        }
    }
}
