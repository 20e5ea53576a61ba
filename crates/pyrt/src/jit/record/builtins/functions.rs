//! Functions of the module `builtins` that need no call, or have conditions of their own.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::Held;
use pyrt_trace::{Helper, ObjKind, Op, Type};

use super::{Gives, kind_now};
use crate::interp::Regs;
use crate::jit::record::attr::Found;
use crate::jit::record::stack::Popped;
use crate::jit::record::{Recorded, Recorder, built, read_as};
use crate::jit::truth::has_length_of_its_own;

use ObjKind::{Float, Int, Str};

impl Recorder {
    /// Functions of `builtins` that need no call.
    pub(super) unsafe fn of_builtins(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        name: &str,
        total: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            match (name, total) {
                ("isinstance", 2) => self.isinstance(r, callee, n),
                ("issubclass", 2) => self.issubclass(r, callee, n),
                ("getattr", 2 | 3) | ("hasattr", 2) => {
                    self.getattr(r, callee, name == "hasattr", total, n)
                }
                // A number has none before it is boxed.
                ("id", 1) if !matches!(kind_now(r.peek(1)), Some(Int | Float)) => {
                    self.guard_recursion()?;
                    self.guard_function(r, 2, callee)?;
                    let value = self.peek_object(r, 1)?;
                    let id = self.call_helper(Helper::Id, &[value])?;
                    self.replace_by(n, id).map(|()| true)
                }
                ("len", 1) => self.len_of_rest(r, callee, n),
                ("callable", 1) => {
                    let object = r.peek(1);
                    let value = self.peek(r, 1)?;
                    if kind_now(object).is_none() && (*type_of(object)).tp_version_tag == 0 {
                        return Ok(false);
                    }
                    self.guard_function(r, 2, callee)?;
                    self.guard_class(value, object)?;
                    let yes = self.builder.const_bool(api::PyCallable_Check(object) != 0);
                    self.replace_by(n, yes).map(|()| true)
                }
                ("ord", 1) if is_str(r.peek(1)) => {
                    self.guard_function(r, 2, callee)?;
                    let value = self.operand(r, 1, Str)?;
                    let code = match self.code_of(value) {
                        Some(code) => code,
                        None => {
                            let code = self.call_helper(Helper::StrOrd, &[value])?;
                            self.finish_status(code, ExitReason::Missing)?;
                            code
                        }
                    };
                    self.replace_by(n, code).map(|()| true)
                }
                ("abs", 1) if read_as(r.peek(1)).is_some() => {
                    self.guard_function(r, 2, callee)?;
                    let value = self
                        .peek_number(r, 1)?
                        .ok_or(AbortReason::UnsupportedType)?;
                    let value = self.number(value)?;
                    let depth = self.at.depth;
                    let value = match self.ty(value) {
                        Type::F64 => self.op(Op::AbsF64, &[value])?,
                        _ => self.checked(Op::AbsOvf, &[value], ExitReason::Overflow, depth)?,
                    };
                    self.replace_by(n, value).map(|()| true)
                }
                ("repr", 1) if is_int(r.peek(1)) => {
                    self.guard_function(r, 2, callee)?;
                    self.decimal(r, n, 2).map(|()| true)
                }
                ("divmod", 2) => self.divmod(r, callee, n),
                ("min" | "max", 2 | 3) => self.extreme(r, callee, name == "max", total, n),
                ("round", 1) if is_float(r.peek(1)) => {
                    self.boxed_call(r, callee, total, n, Gives::Kind(Int))
                }
                ("round", 1) if is_int(r.peek(1)) => {
                    self.boxed_call(r, callee, total, n, Gives::Kind(Int))
                }
                ("round", 2) if is_float(r.peek(2)) && is_int(r.peek(1)) => {
                    self.boxed_call(r, callee, total, n, Gives::Kind(Float))
                }
                _ => Ok(false),
            }
        }
    }

    /// `getattr` and `hasattr` of a name that never changes.
    unsafe fn getattr(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        only_asks: bool,
        total: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let name = r.peek(total - 1);
            let value = self.peek(r, total as u16 - 1)?;
            let constant = self.object_constant(name);
            if !is_str(name) || is_module(r.peek(total)) || !self.same_object(value, constant) {
                return Ok(false);
            }
            self.guard_function(r, total as u16 + 1, callee)?;
            let found = self.attribute(r, total as u16, name)?;
            if only_asks {
                let found = match found {
                    Found::Here(_) | Found::Bound(..) => true,
                    Found::Absent => false,
                    Found::Unsure => return Ok(false),
                };
                let found = self.builder.const_bool(found);
                return self.replace_by(n, found).map(|()| true);
            }
            let value = match found {
                Found::Here(value) => value,
                Found::Bound(function, owner) => self.bind(function, owner)?,
                Found::Absent if total == 3 => {
                    let value = self.peek_object(r, 1)?;
                    let held = Held::Owned;
                    self.op(Op::Own, &[value])?;
                    Popped { value, held }
                }
                Found::Absent | Found::Unsure => return Ok(false),
            };
            self.replace(n, &[value]).map(|()| true)
        }
    }

    /// The text of the int on top of the stack, for a call that takes `n` slots.
    pub(super) unsafe fn decimal(&mut self, r: Regs, n: u16, how: i64) -> Recorded {
        // SAFETY: the int is on the stack.
        unsafe {
            let value = self.operand(r, 1, Int)?;
            let thread = self.thread()?;
            let how = self.builder.const_i64(how);
            let text = self.call_helper(Helper::Text, &[thread, value, how])?;
            self.finish_quiet(n, text, Gives::Kind(Str), ExitReason::Missing)
        }
    }

    /// `divmod` of ints.
    unsafe fn divmod(&mut self, r: Regs, callee: *mut PyObject, n: u16) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            if !(1..=2).all(|at| is_int(r.peek(at)) && read_as(r.peek(at)).is_some()) {
                return Ok(false);
            }
            self.guard_function(r, 3, callee)?;
            let a = self.peek_number(r, 2)?.ok_or(AbortReason::BigInt)?;
            let b = self.peek_number(r, 1)?.ok_or(AbortReason::BigInt)?;
            let depth = self.at.depth;
            let mut parts = Vec::new();
            for op in [Op::FloordivI64, Op::ModI64] {
                let part = self.checked(op, &[a, b], ExitReason::ZeroDivision, depth)?;
                let exit =
                    self.builder
                        .exit_pending(ExitReason::Memory, self.at.ip, depth, parts.clone());
                parts.push(built(self.builder.op_exit(Op::BoxInt, &[part], exit))?);
            }
            let value = self.allocate_tuple(parts.len(), parts.clone())?;
            self.fill_tuple(value, &parts)?;
            let held = Held::Owned;
            self.replace(n, &[Popped { value, held }]).map(|()| true)
        }
    }

    /// A pure call that makes no containers, of numbers.
    unsafe fn boxed_call(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        total: usize,
        n: u16,
        gives: Gives,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let callable = self.guard_function(r, total as u16 + 1, callee)?;
            let containers = self.builder.const_i64(0);
            let mut operands = vec![self.thread()?, containers, callable];
            for at in (1..=total).rev() {
                let kind = kind_now(r.peek(at)).ok_or(AbortReason::UnsupportedType)?;
                operands.push(self.operand(r, at as u16, kind)?);
            }
            let helper = if total == 1 {
                Helper::QuietCall1
            } else {
                Helper::QuietCall2
            };
            let result = self.call_helper(helper, &operands)?;
            let object = self.result_of_call(n, result, ExitReason::Domain)?;
            self.finish_with(n, object, gives)?;
            Ok(true)
        }
    }

    /// `len` of what [`Recorder::len`] does not know.
    unsafe fn len_of_rest(&mut self, r: Regs, callee: *mut PyObject, n: u16) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let object = r.peek(1);
            if !has_length_of_its_own(type_of(object)) {
                return Ok(false);
            }
            let callable = self.guard_function(r, 2, callee)?;
            let value = self.peek(r, 1)?;
            let value = self.guard_class(value, object)?;
            let containers = self.builder.const_i64(0);
            let thread = self.thread()?;
            let result =
                self.call_helper(Helper::QuietCall1, &[thread, containers, callable, value])?;
            let object = self.result_of_call(n, result, ExitReason::Missing)?;
            self.finish_with(n, object, Gives::Kind(Int))?;
            Ok(true)
        }
    }

    /// `min` and `max` of numbers of one type.
    unsafe fn extreme(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        is_max: bool,
        total: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let ints = (1..=total).all(|at| is_int(r.peek(at)) && read_as(r.peek(at)).is_some());
            let floats = (1..=total).all(|at| is_float(r.peek(at)));
            let helper = match (ints, floats, is_max) {
                (true, _, false) => Helper::MinI64,
                (true, _, true) => Helper::MaxI64,
                (_, true, false) => Helper::MinF64,
                (_, true, true) => Helper::MaxF64,
                _ => return Ok(false),
            };
            self.guard_function(r, total as u16 + 1, callee)?;
            let mut result = None;
            for at in (1..=total).rev() {
                let next = self
                    .peek_number(r, at as u16)?
                    .ok_or(AbortReason::UnsupportedType)?;
                result = Some(match result {
                    None => next,
                    Some(result) => self.call_helper(helper, &[result, next])?,
                });
            }
            let result = result.ok_or(AbortReason::UnsupportedType)?;
            self.replace_by(n, result).map(|()| true)
        }
    }
}
