//! Calls of builtin types, and what is asked about types.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyObject, PyTypeObject};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::Held;
use pyrt_trace::{Helper, ObjKind, Op, Region, Type, Width};

use super::{Gives, kind_now};
use crate::interp::Regs;
use crate::jit::lookup::{classes_in, is_heap_type, is_instance, version_of};
use crate::jit::record::stack::Popped;
use crate::jit::record::{MOST_CLASSES_ASKED, Recorded, Recorder, read_as};

use ObjKind::{Bool, Dict, Float, Int, List, None as NoneKind, Set, Str, Tuple};

impl Recorder {
    /// A call of a builtin type.
    pub(super) unsafe fn type_call(
        &mut self,
        r: Regs,
        class: *mut PyTypeObject,
        total: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let is = |known: *mut PyTypeObject| class == known;
            if is_heap_type(class) || total as u16 + 1 == n {
                return Ok(false);
            }
            let kinds: Option<Vec<ObjKind>> =
                (1..=total).rev().map(|at| kind_now(r.peek(at))).collect();
            if self.defer_range(r, total, n)? {
                return Ok(true);
            }
            if is(&raw mut api::PyType_Type) && total == 1 {
                self.callee_is(r, n, class)?;
                return self.type_of(r, n).map(|()| true);
            }
            let number = kinds
                .as_deref()
                .is_some_and(|kinds| matches!(kinds, [Int | Float | Bool]));
            if is(&raw mut api::PyBool_Type) && total == 1 {
                if !number && kinds.is_none() {
                    return Ok(false);
                }
                self.callee_is(r, n, class)?;
                let truth = match self.peek_number(r, 1)? {
                    Some(value) => self.truth(value)?,
                    None if matches!(
                        kinds.as_deref(),
                        Some([Str | List | Tuple | Dict | NoneKind])
                    ) =>
                    {
                        self.truth_of_object(r)?.0
                    }
                    None => return Ok(false),
                };
                return self.replace_by(n, truth).map(|()| true);
            }
            let to_int = is(&raw mut api::PyLong_Type);
            if (to_int || is(&raw mut api::PyFloat_Type)) && number && read_as(r.peek(1)).is_some()
            {
                self.callee_is(r, n, class)?;
                let value = self
                    .peek_number(r, 1)?
                    .ok_or(AbortReason::UnsupportedType)?;
                let value = self.number(value)?;
                let depth = self.at.depth;
                let value = match (to_int, self.ty(value)) {
                    (true, Type::F64) => {
                        self.checked(Op::F64ToI64, &[value], ExitReason::Domain, depth)?
                    }
                    (true, _) => value,
                    (false, _) => self.widened(value)?,
                };
                return self.replace_by(n, value).map(|()| true);
            }
            let (gives, containers) = match kinds.as_deref() {
                Some([Str]) if to_int => (Gives::Kind(Int), 0),
                Some([Str]) if is(&raw mut api::PyFloat_Type) => (Gives::Kind(Float), 0),
                Some([Int]) if is(&raw mut api::PyUnicode_Type) => {
                    self.callee_is(r, n, class)?;
                    return self.decimal(r, n, 1).map(|()| true);
                }
                Some([Float | Bool | Str | NoneKind]) if is(&raw mut api::PyUnicode_Type) => {
                    (Gives::Kind(Str), 0)
                }
                Some([Int] | [Int, Int] | [Int, Int, Int]) if is(&raw mut api::PyRange_Type) => {
                    (Gives::Object, 0)
                }
                Some([] | [List | Tuple | Str | Dict]) if is(&raw mut api::PyList_Type) => {
                    (Gives::Kind(List), 1)
                }
                Some([List | Tuple | Str | Dict]) if is(&raw mut api::PyTuple_Type) => {
                    (Gives::Kind(Tuple), 1)
                }
                Some([]) if is(&raw mut api::PyDict_Type) => (Gives::Kind(Dict), 1),
                Some([]) if is(&raw mut api::PySet_Type) => (Gives::Kind(Set), 1),
                Some([List | Tuple | Str | Dict]) if is(&raw mut api::PyEnum_Type) => {
                    (Gives::Object, 1)
                }
                Some([List | Tuple | Str | Dict, List | Tuple | Str | Dict])
                    if is(&raw mut api::PyZip_Type) =>
                {
                    (Gives::Object, 1)
                }
                Some([List]) if is(&raw mut api::PyReversed_Type) => (Gives::Object, 1),
                _ => return Ok(false),
            };
            let kinds = kinds.unwrap_or_default();
            self.guard_recursion()?;
            self.callee_is(r, n, class)?;
            let containers_value = self.builder.const_i64(containers);
            let callable = self.object_constant(class.cast());
            let mut operands = vec![self.thread()?, containers_value, callable];
            for (at, kind) in (1..=total).rev().zip(kinds) {
                operands.push(self.operand(r, at as u16, kind)?);
            }
            let helper = [
                Helper::QuietCall0,
                Helper::QuietCall1,
                Helper::QuietCall2,
                Helper::QuietCall3,
            ];
            let result = self.call_helper(helper[total], &operands)?;
            let reason = if containers > 0 {
                ExitReason::Memory
            } else {
                ExitReason::Missing
            };
            let object = self.result_of_call(n, result, reason)?;
            self.finish_with(n, object, gives)?;
            Ok(true)
        }
    }

    /// Guards that the callable of a call that takes `n` slots, a NULL below it, is this builtin type.
    pub(super) unsafe fn callee_is(
        &mut self,
        r: Regs,
        n: u16,
        class: *mut PyTypeObject,
    ) -> Recorded {
        // SAFETY: the callable is on the stack.
        unsafe {
            let value = self.peek(r, n - 1)?;
            self.guard_is_class(value, class)
        }
    }

    /// `type(x)`.
    unsafe fn type_of(&mut self, r: Regs, n: u16) -> Recorded {
        // SAFETY: the object is on the stack.
        unsafe {
            let object = r.peek(1);
            let value = self.peek(r, 1)?;
            let number = self.ty(value) != Type::Obj;
            if let Some(kind) = kind_now(object) {
                if !number {
                    self.guard_kind(value, kind)?;
                }
                let value = self.object_constant(type_of(object).cast());
                return self.replace(
                    n,
                    &[Popped {
                        value,
                        held: Held::Heap,
                    }],
                );
            }
            let at = layout::PyObject::ob_type;
            let class = self.field(value, at, Width::Obj, Region::Classes)?;
            self.replace_by_loaded(n, class)
        }
    }

    /// `isinstance(x, C)`, where nobody else is asked: decided by the class of `x`, which is guarded.
    pub(super) unsafe fn isinstance(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let (object, wanted) = (r.peek(2), r.peek(1));
            let (Some(found), Some(classes)) = (is_instance(object, wanted), classes_in(&wanted))
            else {
                return Ok(false);
            };
            if kind_now(object).is_none() && version_of(type_of(object)).is_none() {
                return Ok(false);
            }
            self.guard_function(r, 3, callee)?;
            let value = self.peek(r, 2)?;
            let varies = self.meets_classes(MOST_CLASSES_ASKED) || self.meets_callees(1);
            if varies && self.ty(value) == Type::Obj {
                let wanted = self.peek_object(r, 1)?;
                let answer = self.call_helper(Helper::IsInstance, &[value, wanted])?;
                let yes = self.answer(answer)?;
                return self.replace_by(n, yes).map(|()| true);
            }
            self.guard_class(value, object)?;
            self.guard_wanted(r, classes)?;
            let yes = self.builder.const_bool(found);
            self.replace_by(n, yes).map(|()| true)
        }
    }

    /// `issubclass(C, D)`, decided by what `C` inherits, which is guarded.
    pub(super) unsafe fn issubclass(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let class = r.peek(2);
            let wanted = r.peek(1);
            let (Some(classes), Some(_)) = (classes_in(&wanted), classes_in(&class)) else {
                return Ok(false);
            };
            if is_tuple(class) {
                return Ok(false);
            }
            let is_base =
                |base: &*mut PyObject| api::PyType_IsSubtype(class.cast(), (*base).cast()) != 0;
            let yes = self.builder.const_bool(classes.iter().any(is_base));
            self.guard_function(r, 3, callee)?;
            let value = self.peek(r, 2)?;
            self.guard_is_class(value, class.cast())?;
            self.guard_wanted(r, classes)?;
            self.replace_by(n, yes).map(|()| true)
        }
    }

    /// Guards that what is on top of the stack is the class, or the tuple of classes, that it is now.
    unsafe fn guard_wanted(&mut self, r: Regs, classes: &[*mut PyObject]) -> Recorded {
        // SAFETY: it is on the stack.
        unsafe {
            let (wanted, value) = (r.peek(1), self.peek(r, 1)?);
            let known = self.object_constant(wanted);
            if !is_tuple(wanted) {
                return self.guard_is_class(value, wanted.cast());
            }
            if self.same_object(value, known) {
                return Ok(());
            }
            let value = self.guard_kind(value, Tuple)?;
            let at = layout::PyVarObject::ob_size;
            let length = self.field(value, at, Width::I64, Region::Fixed)?;
            self.guard_is(length, classes.len() as i64, ExitReason::Callee)?;
            for (at, class) in classes.iter().enumerate() {
                let at = layout::PyTupleObject::ob_item + at * 8;
                let item = self.field(value, at, Width::Obj, Region::Fixed)?;
                self.guard_is_class(item, (*class).cast())?;
            }
            Ok(())
        }
    }
}
