//! Methods of dicts, sets, lists and strs that need no call.

use core::ffi::CStr;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::{Helper, ObjKind, Op};

use super::characters::is_ascii;
use super::{Gives, Receiver};
use crate::interp::Regs;
use crate::jit::quiet::characters::Question;
use crate::jit::record::{Recorded, Recorder, read_as};

use ObjKind::{Bytes, Dict, List, Set, Str};

impl Recorder {
    /// Methods of dicts, sets, lists and strs that need no call.
    pub(super) unsafe fn of_container(
        &mut self,
        r: Regs,
        (kind, this): (ObjKind, Receiver),
        name: &str,
        given: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            match (kind, name, given) {
                (Dict, "get" | "setdefault" | "pop", 1 | 2) if self.is_quiet_key(r.peek(given)) => {
                    let dict = self.receiver(r, this, given)?;
                    let key = self.key(r, given as u16)?;
                    let default = match given {
                        1 => self.object_constant(none()),
                        _ => self.peek_object(r, 1)?,
                    };
                    let helper = match (name, given) {
                        ("get", _) => Helper::DictGet,
                        ("setdefault", _) => Helper::DictSetDefault,
                        (_, 1) => Helper::DictPop,
                        _ => Helper::DictPopOr,
                    };
                    let mut operands = vec![dict, key];
                    if helper != Helper::DictPop {
                        operands.push(default);
                    }
                    let reason = if helper == Helper::DictGet {
                        ExitReason::Missing
                    } else {
                        self.secure_heap()?;
                        ExitReason::Refused
                    };
                    let result = self.call_helper(helper, &operands)?;
                    self.finish_quiet(n, result, Gives::Object, reason)?;
                    Ok(true)
                }
                (Set, "add" | "discard" | "remove", 1) if self.is_quiet_key(r.peek(1)) => {
                    let set = self.receiver(r, this, given)?;
                    let key = self.key(r, 1)?;
                    let helper = if name == "add" {
                        Helper::SetAdd
                    } else {
                        Helper::SetDiscard
                    };
                    if name == "remove" {
                        // The interpreter raises.
                        let found = self.call_helper(Helper::SetHas, &[set, key])?;
                        self.guard_is(found, 1, ExitReason::Missing)?;
                    }
                    self.secure_heap()?;
                    let status = self.call_helper(helper, &[set, key])?;
                    self.finish_status(status, ExitReason::Refused)?;
                    self.replace_by_none(n)?;
                    Ok(true)
                }
                (Str, "startswith" | "endswith" | "find", 1) if is_str(r.peek(1)) => {
                    let text = self.receiver(r, this, given)?;
                    let part = self.operand(r, 1, Str)?;
                    let helper = match name {
                        "startswith" => Helper::StrStarts,
                        "endswith" => Helper::StrEnds,
                        _ => Helper::StrFind,
                    };
                    let mut found = self.call_helper(helper, &[text, part])?;
                    if name == "find" {
                        let least = self.builder.const_i64(-1);
                        let fine = self.op(Op::GeI64, &[found, least])?;
                        let depth = self.at.depth;
                        self.checked(Op::GuardTrue, &[fine], ExitReason::Missing, depth)?;
                    } else {
                        self.finish_status(found, ExitReason::Missing)?;
                        found = self.op(Op::I64IsTrue, &[found])?;
                    }
                    self.replace_by(n, found)?;
                    Ok(true)
                }
                (Str, _, 0) if is_ascii(this.object) => {
                    let Some(question) = Question::of(name) else {
                        return Ok(false);
                    };
                    // As a method without arguments it counts as recursion.
                    self.guard_recursion()?;
                    let text = self.receiver(r, this, given)?;
                    let answer = self.answer_to(text, question)?;
                    self.replace_by(n, answer)?;
                    Ok(true)
                }
                (Str, "encode", 0..=2) | (Bytes, "decode", 0..=2) => {
                    if !self.is_utf8(r, given)? {
                        return Ok(false);
                    }
                    let this = self.receiver(r, this, given)?;
                    let (helper, gives) = match kind {
                        Str => (Helper::StrEncode, Bytes),
                        _ => (Helper::BytesDecode, Str),
                    };
                    let result = self.call_helper(helper, &[this])?;
                    self.finish_quiet(n, result, Gives::Kind(gives), ExitReason::Missing)?;
                    Ok(true)
                }
                (List, "append", 1) => {
                    let list = self.receiver(r, this, given)?;
                    let item = self.peek_object(r, 1)?;
                    let status = self.call_helper(Helper::ListAppend, &[list, item])?;
                    self.guard_is(status, 0, ExitReason::Memory)?;
                    self.replace_by_none(n)?;
                    Ok(true)
                }
                (List, "pop", 0 | 1) => {
                    if given == 1 && (!is_int(r.peek(1)) || read_as(r.peek(1)).is_none()) {
                        return Ok(false);
                    }
                    let list = self.receiver(r, this, given)?;
                    let index = match given {
                        0 => self.builder.const_i64(-1),
                        _ => self.peek_number(r, 1)?.ok_or(AbortReason::BigInt)?,
                    };
                    self.secure_heap()?;
                    let result = self.call_helper(Helper::ListPop, &[list, index])?;
                    self.finish_quiet(n, result, Gives::Object, ExitReason::Memory)?;
                    Ok(true)
                }
                _ => Ok(false),
            }
        }
    }

    /// Whether the topmost values, being the arguments of `encode` or `decode`, are constants that ask for UTF-8.
    unsafe fn is_utf8(&mut self, r: Regs, given: usize) -> Recorded<bool> {
        // SAFETY: the arguments are on the stack.
        unsafe {
            for at in 1..=given {
                let value = self.peek(r, at as u16)?;
                let constant = self.object_constant(r.peek(at));
                if !is_str(r.peek(at)) || !self.same_object(value, constant) {
                    return Ok(false);
                }
            }
            let text_of = |at: usize| {
                let text = api::PyUnicode_AsUTF8(r.peek(at));
                if text.is_null() {
                    api::PyErr_Clear();
                    return None;
                }
                CStr::from_ptr(text).to_str().ok()
            };
            let known =
                |at: usize, names: &[&str]| text_of(at).is_some_and(|text| names.contains(&text));
            Ok((given == 0 || known(given, &["utf-8", "utf8", "UTF-8"]))
                && (given < 2 || known(1, &["strict", "replace", "ignore", "surrogatepass"])))
        }
    }
}
