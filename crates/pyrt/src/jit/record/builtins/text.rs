//! Text of objects: parts of f-strings, and strs made of them.

use pyrt_cpython::inline::*;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::{Helper, ObjKind, Place};

use super::{Gives, kind_now};
use crate::interp::Regs;
use crate::jit::record::{Recorded, Recorder};

use ObjKind::{Bool, Float, Int, None as NoneKind, Str};

/// Objects whose text needs nobody else.
const TEXT: &[ObjKind] = &[Int, Float, Bool, Str, NoneKind];

impl Recorder {
    /// `FORMAT_VALUE` of numbers and strs.
    pub(in crate::jit::record) unsafe fn format_value(
        &mut self,
        r: Regs,
        oparg: usize,
    ) -> Recorded {
        // SAFETY: the value is on the stack, and perhaps a format.
        unsafe {
            let (how, formatted) = ((oparg & 3) as i64, oparg & 4 != 0);
            let at = if formatted { 2 } else { 1 };
            let kind = kind_now(r.peek(usize::from(at))).filter(|kind| TEXT.contains(kind));
            let kind = kind.ok_or(AbortReason::UnsupportedOpcode)?;
            if formatted && (how != 0 || !is_str(r.peek(1)) || !matches!(kind, Float | Str)) {
                return Err(AbortReason::UnsupportedOpcode);
            }
            if kind == Str && !formatted && how < 2 {
                let value = self.operand(r, 1, Str)?;
                let place = Place::Slot(self.top(1));
                if let Some(mut slot) = self.builder.current(place) {
                    slot.value = Some(value);
                    self.builder.write(place, slot);
                }
                return Ok(());
            }
            let value = self.operand(r, at, kind)?;
            let thread = self.thread()?;
            let text = if formatted {
                let spec = self.operand(r, 1, Str)?;
                self.call_helper(Helper::Format, &[thread, value, spec])?
            } else {
                let how = self.builder.const_i64(how);
                self.call_helper(Helper::Text, &[thread, value, how])?
            };
            self.finish_quiet(at, text, Gives::Kind(Str), ExitReason::Missing)
        }
    }

    /// `BUILD_STRING`.
    pub(in crate::jit::record) unsafe fn build_string(
        &mut self,
        r: Regs,
        count: usize,
    ) -> Recorded {
        const JOIN: [Helper; 5] = [
            Helper::Join2,
            Helper::Join3,
            Helper::Join4,
            Helper::Join5,
            Helper::Join6,
        ];
        // SAFETY: the parts are on the stack.
        unsafe {
            if !(2..=6).contains(&count) {
                return Err(AbortReason::UnsupportedOpcode);
            }
            let mut parts = Vec::new();
            for at in (1..=count).rev() {
                parts.push(self.operand(r, at as u16, Str)?);
            }
            let text = self.call_helper(JOIN[count - 2], &parts)?;
            self.finish_quiet(count as u16, text, Gives::Kind(Str), ExitReason::Memory)
        }
    }
}
