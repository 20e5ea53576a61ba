//! Characters: an item of a str that is all ASCII stays a number as long as nothing but its text is asked for.
//!
//! `text[i]` is computed from memory and boxed by [`Op::BoxChar`], which looks up CPython's own str of that character. What
//! compares it, or asks what it is, takes the number instead.

use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::PyObject;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::{Held, origin};
use pyrt_trace::{Helper, InsRef, Mem, Op, Region, Width};

use crate::interp::Regs;
use crate::jit::quiet::characters::{CLASSES, Question};
use crate::jit::record::stack::Popped;
use crate::jit::record::{Recorded, Recorder, int_value};

/// The first character of a str that is all ASCII.
const FIRST: Mem = Mem {
    offset: layout::PyASCIIObject::SIZE as i32,
    width: Width::U8,
    region: Region::Fixed,
};
/// `compact` and `ascii`, in the state of a str.
const ASCII: i64 = 0x60;

/// Whether a str is all ASCII.
pub(super) unsafe fn is_ascii(text: *mut PyObject) -> bool {
    // SAFETY: a live str.
    unsafe { !ascii_text(text).0.is_null() }
}

impl Recorder {
    /// The character at an index, if the text is all ASCII now; false if it is not, or there is none.
    pub(super) unsafe fn character(
        &mut self,
        r: Regs,
        (text, text_now): (InsRef, *mut PyObject),
        (index, index_now): (InsRef, *mut PyObject),
    ) -> Recorded<bool> {
        // SAFETY: both are on the stack.
        unsafe {
            let now = int_value(index_now).ok_or(AbortReason::BigInt)?;
            let length = size_of(text_now) as i64;
            if !is_ascii(text_now) || !(-length..length).contains(&now) || self.is_refused() {
                return Ok(false);
            }
            debug_assert!(*r.sp.sub(2) == text_now);
            let state = layout::PyASCIIObject::state;
            let state = self.field(text, state, Width::U32, Region::Fixed)?;
            let bits = self.builder.const_i64(ASCII);
            let bits = self.op(Op::AndI64, &[state, bits])?;
            self.guard_is(bits, ASCII, ExitReason::Missing)?;
            let size = layout::PyVarObject::ob_size;
            let length = self.field(text, size, Width::I64, Region::Fixed)?;
            let index = self.guard_within(index, now, length)?;
            let value = self.character_at(text, index)?;
            let held = Held::Lent;
            self.replace(2, &[Popped { value, held }])?;
            Ok(true)
        }
    }

    /// The character at an index that is in range, of a text that is all ASCII.
    pub(in crate::jit::record) fn character_at(
        &mut self,
        text: InsRef,
        index: InsRef,
    ) -> Recorded<InsRef> {
        let at = self.op(Op::Offset, &[text, index])?;
        let code = self.load(at, FIRST)?;
        self.op(Op::BoxChar, &[code])
    }

    /// The number of a character that the trace has read.
    pub(in crate::jit::record) fn code_of(&self, text: InsRef) -> Option<InsRef> {
        let tree = self.builder.tree();
        let ins = tree.at(origin(tree, text));
        (ins.op == Op::BoxChar).then(|| ins.args[0])
    }

    /// The numbers of two characters on the stack, if the trace has read one and the other is one, too, or a constant.
    pub(in crate::jit::record) unsafe fn codes_of(
        &mut self,
        r: Regs,
        left: InsRef,
        right: InsRef,
    ) -> Option<(InsRef, InsRef)> {
        // SAFETY: the operands are on the stack.
        unsafe {
            let (left_code, right_code) = (self.code_of(left), self.code_of(right));
            left_code.or(right_code)?;
            let left = left_code.or_else(|| self.constant_code(left, r.peek(2)))?;
            let right = right_code.or_else(|| self.constant_code(right, r.peek(1)))?;
            Some((left, right))
        }
    }

    /// The number of a constant character.
    unsafe fn constant_code(&mut self, text: InsRef, now: *mut PyObject) -> Option<InsRef> {
        let tree = self.builder.tree();
        if !tree.at(origin(tree, text)).op.is_const() {
            return None;
        }
        // SAFETY: a live str.
        let (characters, length) = unsafe { ascii_text(now) };
        if characters.is_null() || length != 1 {
            return None;
        }
        // SAFETY: there is one.
        let code = unsafe { *characters };
        Some(self.builder.const_i64(code.into()))
    }

    /// The answer to a question about a text that is all ASCII now.
    pub(super) fn answer_to(&mut self, text: InsRef, question: Question) -> Recorded<InsRef> {
        let Some(code) = self.code_of(text) else {
            let question = self.builder.const_i64(question.number());
            let answer = self.call_helper(Helper::StrIs, &[text, question])?;
            self.finish_status(answer, ExitReason::Missing)?;
            return self.op(Op::I64IsTrue, &[answer]);
        };
        let table = (&raw const CLASSES).addr() as u64;
        let table = self.builder.const_obj(table, "classes of characters");
        let at = self.op(Op::Offset, &[table, code])?;
        let class = Mem { offset: 0, ..FIRST };
        let classes = self.load(at, class)?;
        let wanted = self.builder.const_i64(i64::from(question.wanted));
        let found = self.op(Op::AndI64, &[classes, wanted])?;
        self.op(Op::I64IsTrue, &[found])
    }
}
