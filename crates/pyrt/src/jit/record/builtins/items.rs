//! Items of containers: read, stored, deleted, looked for; and small containers that are made of them.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::origin;
use pyrt_trace::{Helper, InsRef, ObjKind, Op};

use super::{Gives, kind_now};
use crate::interp::Regs;
use crate::jit::lookup::acts_as;
use crate::jit::quiet;
use crate::jit::record::{Recorded, Recorder, read_as};

use ObjKind::{Bytes, Dict, Int, List, None as NoneKind, Set, Str, Tuple};

impl Recorder {
    /// `a[b]` that is quiet; false if it is not.
    pub(in crate::jit::record) unsafe fn quiet_subscr(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: the operands are on the stack.
        unsafe {
            let (container, key) = (r.peek(2), r.peek(1));
            if self.is_refused() {
                return Ok(false);
            }
            let is_index = is_int(key) && read_as(key).is_some();
            if is_bytearray(container) && is_index {
                let bytes = self.peek(r, 2)?;
                let bytes = self.guard_class(bytes, container)?;
                let index = self.peek_number(r, 1)?.ok_or(AbortReason::BigInt)?;
                let byte = self.call_helper(Helper::BytearrayItem, &[bytes, index])?;
                self.finish_status(byte, ExitReason::Missing)?;
                self.replace_by(2, byte)?;
                return Ok(true);
            }
            if is_index && self.array_item(r)? {
                return Ok(true);
            }
            let kind = kind_now(container).or_else(|| acts_as(container, c"__getitem__"));
            let Some(kind) = kind else {
                return Ok(false);
            };
            match kind {
                Dict if self.is_quiet_key(key) => {
                    if quiet::dict_item(container, key).is_null() {
                        // It is about to raise.
                        return Ok(false);
                    }
                    let dict = self.guarded(r, 2)?;
                    let key = self.key(r, 1)?;
                    let value = self.call_helper(Helper::DictItem, &[dict, key])?;
                    let depth = self.at.depth;
                    let value = self.checked(Op::GuardObj, &[value], ExitReason::Missing, depth)?;
                    self.replace_by_loaded(2, value)?;
                    Ok(true)
                }
                Str | Bytes if is_index => {
                    let sequence = self.guarded(r, 2)?;
                    let index = self.peek_number(r, 1)?.ok_or(AbortReason::BigInt)?;
                    if kind == Bytes {
                        let byte = self.call_helper(Helper::BytesItem, &[sequence, index])?;
                        self.finish_status(byte, ExitReason::Missing)?;
                        self.replace_by(2, byte)?;
                        return Ok(true);
                    }
                    if self.character(r, (sequence, container), (index, key))? {
                        return Ok(true);
                    }
                    let item = self.call_helper(Helper::StrItem, &[sequence, index])?;
                    self.finish_quiet(2, item, Gives::Kind(Str), ExitReason::Missing)?;
                    Ok(true)
                }
                Str | Bytes | List | Tuple if is_slice(key) => {
                    let sequence = self.guarded(r, 2)?;
                    let slice = self.peek_object(r, 1)?;
                    let slice = self.guard_kind(slice, ObjKind::Slice)?;
                    let new = i64::from(matches!(kind, List | Tuple));
                    let containers = self.builder.const_i64(new);
                    let thread = self.thread()?;
                    let operands = [thread, containers, sequence, slice];
                    let result = self.call_helper(Helper::GetSlice, &operands)?;
                    let reason = if new > 0 {
                        ExitReason::Memory
                    } else {
                        ExitReason::Missing
                    };
                    self.finish_quiet(2, result, Gives::Kind(kind), reason)?;
                    Ok(true)
                }
                _ => Ok(false),
            }
        }
    }

    /// `b[i] = v` of a `bytearray`; false if it is not that, or would raise.
    unsafe fn store_byte(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: value, container and key are on the stack.
        unsafe {
            let bytes = r.peek(2);
            let number = |object| is_int(object) && read_as(object).is_some();
            if !is_bytearray(bytes) || !number(r.peek(3)) || !number(r.peek(1)) {
                return Ok(false);
            }
            let value = self.peek_number(r, 3)?.ok_or(AbortReason::BigInt)?;
            let index = self.peek_number(r, 1)?.ok_or(AbortReason::BigInt)?;
            let array = self.peek(r, 2)?;
            let array = self.guard_class(array, bytes)?;
            let status = self.call_helper(Helper::BytearraySet, &[value, array, index])?;
            self.finish_status(status, ExitReason::Memory)?;
            self.replace(3, &[])?;
            Ok(true)
        }
    }

    /// `d[k] = v`; false if it is not quiet.
    pub(in crate::jit::record) unsafe fn quiet_store(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: value, container and key are on the stack.
        unsafe {
            if self.store_byte(r)? || self.store_array_item(r)? {
                return Ok(true);
            }
            let is_dict = acts_as(r.peek(2), c"__setitem__") == Some(Dict);
            if !is_dict || !self.is_quiet_key(r.peek(1)) {
                return Ok(false);
            }
            let value = self.peek_object(r, 3)?;
            let dict = self.guarded(r, 2)?;
            let key = self.key(r, 1)?;
            // As STORE_SUBSCR does: the value first.
            self.change_dict(Helper::DictSet, &[value, dict, key], 3)
        }
    }

    /// Changes a dict by an instruction with `n` operands, which die after the value that the helper has given back.
    fn change_dict(&mut self, helper: Helper, operands: &[InsRef], n: u16) -> Recorded<bool> {
        self.secure_heap()?;
        let old = self.call_helper(helper, operands)?;
        self.finish_store(n, old)?;
        Ok(true)
    }

    /// Ends a quiet store with `n` operands, which has given what was there before, or NULL if it has done nothing: that
    /// dies first, and then the operands, from the lowest on.
    pub(in crate::jit::record) fn finish_store(&mut self, n: u16, old: InsRef) -> Recorded {
        let depth = self.at.depth;
        let old = self.checked(Op::GuardObj, &[old], ExitReason::Refused, depth)?;
        let mut dead = vec![old];
        for slot in self.top(n)..self.top(0) {
            dead.extend(self.drop_place(slot));
        }
        self.at.depth -= n;
        self.release(dead)
    }

    /// `MAP_ADD` of a comprehension; false if it is not quiet.
    pub(in crate::jit::record) unsafe fn comprehension_insert(
        &mut self,
        r: Regs,
        at: u16,
    ) -> Recorded<bool> {
        // SAFETY: dict, key and value are on the stack.
        unsafe {
            if !self.is_quiet_key(r.peek(2)) {
                return Ok(false);
            }
            let dict = self.operand(r, at + 2, Dict)?;
            let value = self.peek_object(r, 1)?;
            let key = self.key(r, 2)?;
            self.change_dict(Helper::DictSet, &[value, dict, key], 2)
        }
    }

    /// `SET_ADD` of a comprehension; false if it is not quiet.
    pub(in crate::jit::record) unsafe fn comprehension_add(
        &mut self,
        r: Regs,
        at: u16,
    ) -> Recorded<bool> {
        // SAFETY: set and item are on the stack.
        unsafe {
            if !self.is_quiet_key(r.peek(1)) {
                return Ok(false);
            }
            let set = self.operand(r, at + 1, Set)?;
            let item = self.key(r, 1)?;
            let status = self.call_helper(Helper::SetAdd, &[set, item])?;
            self.finish_status(status, ExitReason::Refused)?;
            self.replace(1, &[])?;
            Ok(true)
        }
    }

    /// `del d[k]`; false if it is not quiet.
    pub(in crate::jit::record) unsafe fn quiet_delete(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: container and key are on the stack.
        unsafe {
            let is_dict = acts_as(r.peek(2), c"__delitem__") == Some(Dict);
            if !is_dict || !self.is_quiet_key(r.peek(1)) {
                return Ok(false);
            }
            let dict = self.guarded(r, 2)?;
            let key = self.key(r, 1)?;
            self.change_dict(Helper::DictPop, &[dict, key], 2)
        }
    }

    /// `a in b`; false if it is not quiet.
    pub(in crate::jit::record) unsafe fn quiet_contains(
        &mut self,
        r: Regs,
        inverted: bool,
    ) -> Recorded<bool> {
        // SAFETY: item and container are on the stack.
        unsafe {
            let (item, container) = (r.peek(2), r.peek(1));
            let frozen = type_of(container) == &raw mut api::PyFrozenSet_Type;
            let helper = match acts_as(container, c"__contains__") {
                Some(Dict) => Helper::DictHas,
                Some(Set) => Helper::SetHas,
                Some(List | Tuple) => Helper::SequenceHas,
                Some(Str) if is_str(item) => Helper::StrHas,
                _ if frozen => Helper::SetHas,
                _ => return Ok(false),
            };
            if !self.is_quiet_key(item) {
                return Ok(false);
            }
            let item = self.key(r, 2)?;
            let value = self.peek(r, 1)?;
            let constant = self
                .builder
                .tree()
                .at(origin(self.builder.tree(), value))
                .op
                == Op::ConstObj;
            let fixed = frozen || kind_now(container).is_some();
            let value = if constant && fixed {
                value
            } else {
                self.guard_class(value, container)?
            };
            let found = self.call_helper(helper, &[value, item])?;
            self.finish_status(found, ExitReason::Missing)?;
            let mut found = self.op(Op::I64IsTrue, &[found])?;
            if inverted {
                found = self.op(Op::NotBool, &[found])?;
            }
            self.replace_by(2, found)?;
            Ok(true)
        }
    }

    /// `BUILD_SLICE` of ints and Nones, without a step.
    pub(in crate::jit::record) unsafe fn build_slice(&mut self, r: Regs, count: usize) -> Recorded {
        // SAFETY: the parts are on the stack.
        unsafe {
            let (Some(a @ (Int | NoneKind)), Some(b @ (Int | NoneKind)), 2) =
                (kind_now(r.peek(2)), kind_now(r.peek(1)), count)
            else {
                return Err(AbortReason::UnsupportedOpcode);
            };
            if self.defer_slice(r)? {
                return Ok(());
            }
            let start = self.operand(r, 2, a)?;
            let stop = self.operand(r, 1, b)?;
            let thread = self.thread()?;
            let slice = self.call_helper(Helper::NewSlice, &[thread, start, stop])?;
            self.finish_quiet(2, slice, Gives::Kind(ObjKind::Slice), ExitReason::Memory)
        }
    }

    /// `BUILD_MAP` of nothing.
    pub(in crate::jit::record) fn new_dict(&mut self) -> Recorded {
        let thread = self.thread()?;
        let made = self.call_helper(Helper::NewDict, &[thread])?;
        self.finish_quiet(0, made, Gives::Kind(Dict), ExitReason::Memory)
    }
}

unsafe fn is_bytearray(object: *mut PyObject) -> bool {
    // SAFETY: a live object.
    unsafe { type_of(object) == &raw mut api::PyByteArray_Type }
}
