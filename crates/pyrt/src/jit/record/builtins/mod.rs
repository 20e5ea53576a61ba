//! Recording builtins that run no code of the program: calls, operators and iterators.
//!
//! Nothing is flushed for them. Operands are guarded to be of exact types; where the operation then cannot
//! do without an exception, the collector, or code of the program, its helper does nothing, and the trace
//! leaves before the instruction. Families are in [`known`], [`functions`], [`math`], [`methods`], [`types`],
//! [`items`], [`characters`], [`spread`], [`operators`], [`text`] and [`iterators`]; here is what they share.

mod arrays;
pub(super) mod characters;
pub(super) mod deferred;
mod functions;
mod items;
mod iterators;
mod known;
mod math;
mod methods;
mod operators;
mod spread;
mod text;
mod types;

use core::ffi::CStr;
use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{
    PyCFunctionObject, PyMethodDef, PyMethodDescrObject, PyObject, PyTypeObject,
};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::Held;
use pyrt_trace::{InsRef, ObjKind, Op, Region, Type, Width};

use super::stack::Popped;
use super::{Recorded, Recorder, built};
use crate::interp::Regs;
use crate::jit::lookup::is_heap_type;
use crate::jit::quiet;
use known::{BUILTINS, MATH, OPERATOR, STRUCT, is_of_module};

use ObjKind::{Bool, Bytes, Dict, Float, Int, List, None as NoneKind, Set, Str, Tuple};

/// What a call gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    /// Some object.
    Object,
    /// An object of this kind; numbers are unboxed.
    Kind(ObjKind),
}

/// Who a method of C is called on.
#[derive(Clone, Copy)]
struct Receiver {
    object: *mut PyObject,
    /// The callable, which is bound to it; null if it lies below the arguments.
    bound_to: *mut PyObject,
}

/// The kind of an object that builtins take, as it is now.
unsafe fn kind_now(object: *mut PyObject) -> Option<ObjKind> {
    // SAFETY: a live object.
    unsafe {
        Some(match object {
            _ if is_int(object) => Int,
            _ if is_str(object) => Str,
            _ if is_float(object) => Float,
            _ if is_bool(object) => Bool,
            _ if object == none() => NoneKind,
            _ if is_list(object) => List,
            _ if is_tuple(object) => Tuple,
            _ if is_dict(object) => Dict,
            _ if is_bytes(object) => Bytes,
            _ if type_of(object) == &raw mut api::PySet_Type => Set,
            _ => return None,
        })
    }
}

impl Recorder {
    /// Where an exit goes that executes the instruction again, after giving up a new reference.
    fn exit_dropping(&mut self, reason: ExitReason, value: InsRef) -> pyrt_trace::ExitId {
        let (ip, depth) = (self.at.ip, self.at.depth);
        self.builder.exit_pending(reason, ip, depth, vec![value])
    }

    /// Ends a quiet operation that takes the `n` topmost values: its result, a new reference, unless the
    /// interpreter has to do it.
    fn finish_quiet(
        &mut self,
        n: u16,
        result: InsRef,
        gives: Gives,
        reason: ExitReason,
    ) -> Recorded {
        let depth = self.at.depth;
        let object = self.checked(Op::GuardObj, &[result], reason, depth)?;
        self.finish_with(n, object, gives)
    }

    /// The result of a quiet call of C with `n` values on the stack, unless the interpreter has to do it, or it
    /// has raised an exception.
    fn result_of_call(&mut self, n: u16, result: InsRef, reason: ExitReason) -> Recorded<InsRef> {
        let depth = self.at.depth;
        let leave = self.builder.const_obj(quiet::leave(), "the interpreter");
        self.checked(Op::GuardNotSame, &[result, leave], reason, depth)?;
        let (frames, at) = (self.builder.frames().clone(), self.at);
        let (_, exit) = self.drop_operands(n);
        *self.builder.frames_mut() = frames;
        self.at = at;
        built(self.builder.op_exit(Op::GuardObj, &[result], exit))
    }

    /// Ends a quiet operation that has given this object.
    fn finish_with(&mut self, n: u16, object: InsRef, gives: Gives) -> Recorded {
        let Gives::Kind(kind) = gives else {
            return self.replace(
                n,
                &[Popped {
                    value: object,
                    held: Held::Owned,
                }],
            );
        };
        let exit = self.exit_dropping(ExitReason::Type, object);
        let object = built(self.builder.guard_type(object, kind, exit))?;
        let value = match kind {
            Int => {
                let exit = self.exit_dropping(ExitReason::IntRange, object);
                built(self.builder.op_exit(Op::UnboxInt, &[object], exit))?
            }
            Float => self.op(Op::UnboxFloat, &[object])?,
            Bool => self.op(Op::UnboxBool, &[object])?,
            _ => {
                return self.replace(
                    n,
                    &[Popped {
                        value: object,
                        held: Held::Owned,
                    }],
                );
            }
        };
        self.op(Op::ReleaseLeaf, &[object])?;
        self.replace_by(n, value)
    }

    /// The same where the result is an int that may not fit 64 bits.
    fn finish_big(&mut self, n: u16, result: InsRef) -> Recorded<bool> {
        let depth = self.at.depth;
        let object = self.checked(Op::GuardObj, &[result], ExitReason::Domain, depth)?;
        let exit = self.exit_dropping(ExitReason::Type, object);
        let value = built(self.builder.guard_type(object, Int, exit))?;
        let held = Held::Owned;
        self.replace(n, &[Popped { value, held }])?;
        Ok(true)
    }

    /// Ends one that gives an int, which is negative if the interpreter has to do it.
    fn finish_status(&mut self, status: InsRef, reason: ExitReason) -> Recorded {
        let zero = self.builder.const_i64(0);
        let fine = self.op(Op::GeI64, &[status, zero])?;
        let depth = self.at.depth;
        self.checked(Op::GuardTrue, &[fine], reason, depth)?;
        Ok(())
    }

    /// The truth value of an answer that is negative where code of the program has to be asked.
    pub(in crate::jit::record) fn answer(&mut self, status: InsRef) -> Recorded<InsRef> {
        self.finish_status(status, ExitReason::Domain)?;
        self.op(Op::I64IsTrue, &[status])
    }

    /// The operand `n` from the top, boxed, and guarded to be of a kind.
    unsafe fn operand(&mut self, r: Regs, n: u16, kind: ObjKind) -> Recorded<InsRef> {
        // SAFETY: the operand is on the stack.
        let value = unsafe { self.peek_object(r, n)? };
        if kind == NoneKind {
            // SAFETY: None lives forever.
            let none = unsafe { self.object_constant(none()) };
            if self.same_object(value, none) {
                return Ok(value);
            }
        }
        self.guard_kind(value, kind)
    }

    /// The object `n` from the top, boxed, and guarded to be of the class that it is of now.
    pub(super) unsafe fn guarded(&mut self, r: Regs, n: u16) -> Recorded<InsRef> {
        // SAFETY: the object is on the stack.
        unsafe {
            let value = self.peek_object(r, n)?;
            self.guard_class(value, r.peek(usize::from(n)))
        }
    }

    /// Whether something is looked up by this key without running code of the program, as far as can be told now.
    unsafe fn is_quiet_key(&self, key: *mut PyObject) -> bool {
        // SAFETY: a live object.
        !self.is_refused() && unsafe { quiet::may_be_key(key) }
    }

    /// The key `n` from the top, of a kind that [`quiet`] may look up. Others than the simplest are not
    /// guarded to be: who looks it up sees to that.
    unsafe fn key(&mut self, r: Regs, n: u16) -> Recorded<InsRef> {
        // SAFETY: the key is on the stack.
        unsafe {
            match kind_now(r.peek(usize::from(n))) {
                Some(kind) => self.operand(r, n, kind),
                None => self.peek_object(r, n),
            }
        }
    }

    fn thread(&mut self) -> Recorded<InsRef> {
        self.op(Op::Thread, &[])
    }

    /// Guards the class of an object whose class may be any.
    pub(in crate::jit::record) unsafe fn guard_class(
        &mut self,
        value: InsRef,
        object: *mut PyObject,
    ) -> Recorded<InsRef> {
        // SAFETY: a live object.
        unsafe {
            if self.ty(value) != Type::Obj {
                return Ok(value);
            }
            if let Some(kind) = kind_now(object) {
                return self.guard_kind(value, kind);
            }
            // Assigns a version if there is none.
            let class = type_of(object);
            api::_PyType_Lookup(class, class_name());
            match (*class).tp_version_tag {
                0 => Err(AbortReason::GenericOperation),
                version => self.guard_version(value, version),
            }
        }
    }

    /// Guards that a class is the one that it is now.
    unsafe fn guard_is_class(&mut self, value: InsRef, class: *mut PyTypeObject) -> Recorded {
        // SAFETY: a live class.
        unsafe {
            let known = self.object_constant(class.cast());
            if self.same_object(value, known) {
                return Ok(());
            }
            let depth = self.at.depth;
            if !is_heap_type(class) {
                self.checked(Op::GuardSame, &[value, known], ExitReason::Callee, depth)?;
                return Ok(());
            }
            // Its address may be another's one day, its version never is.
            let value = self.guard_kind(value, ObjKind::Type)?;
            let at = layout::PyTypeObject::tp_version_tag;
            let version = self.field(value, at, Width::U32, Region::Classes)?;
            self.guard_is(
                version,
                i64::from((*class).tp_version_tag),
                ExitReason::Callee,
            )
        }
    }

    /// A call of a builtin with the arguments on the stack; false if it has to be foreign.
    pub(super) unsafe fn builtin_call(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        total: usize,
        oparg: usize,
    ) -> Recorded<bool> {
        let n = (total + 1 + usize::from(total == oparg)) as u16;
        // SAFETY: the call is on the stack.
        unsafe {
            if self.is_refused() {
                return Ok(false);
            }
            if type_of(callee) == &raw mut api::PyType_Type {
                return self.type_call(r, callee.cast(), total, n);
            }
            if is_cfunction(callee) && total == oparg {
                let function: *mut PyCFunctionObject = callee.cast();
                let this = (*function).m_self;
                if this.is_null() || is_module(this) {
                    return self.function_call(r, callee, total, n);
                }
                let Some(descr) = method_of(this, (*function).m_ml) else {
                    return Ok(false);
                };
                let receiver = Receiver {
                    object: this,
                    bound_to: callee,
                };
                return self.method_call(r, descr, receiver, total, n);
            }
            if is_method_descr(callee) && total > 0 {
                let value = self.peek(r, total as u16 + 1)?;
                let known = self.object_constant(callee);
                if !self.same_object(value, known) {
                    return Ok(false);
                }
                let receiver = Receiver {
                    object: r.peek(total),
                    bound_to: null_mut(),
                };
                return self.method_call(r, callee.cast(), receiver, total - 1, n);
            }
            Ok(false)
        }
    }

    /// A call of a function of a module.
    unsafe fn function_call(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        total: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let function: *mut PyCFunctionObject = callee.cast();
            let Ok(name) = CStr::from_ptr((*(*function).m_ml).ml_name).to_str() else {
                return Ok(false);
            };
            let Some(owner) = [BUILTINS, MATH, OPERATOR, STRUCT]
                .into_iter()
                .find(|owner| is_of_module(function, *owner))
            else {
                return Ok(false);
            };
            let done = match owner {
                BUILTINS => self.of_builtins(r, callee, name, total, n)?,
                MATH => self.of_math(r, callee, name, total, n)?,
                _ => false,
            };
            Ok(done || self.known_function(r, callee, owner, name, total, n)?)
        }
    }

    /// A call of a method of a type of C, with `given` arguments.
    unsafe fn method_call(
        &mut self,
        r: Regs,
        descr: *mut PyMethodDescrObject,
        receiver: Receiver,
        given: usize,
        n: u16,
    ) -> Recorded<bool> {
        // SAFETY: the call is on the stack.
        unsafe {
            let Ok(name) = CStr::from_ptr((*(*descr).d_method).ml_name).to_str() else {
                return Ok(false);
            };
            if !receiver.bound_to.is_null() {
                self.guard_room_for((*(*descr).d_method).ml_flags)?;
            }
            if let Some(kind) = kind_of_owner(descr)
                && api::PyType_IsSubtype(type_of(receiver.object), (*descr).d_type) != 0
                && self.of_container(r, (kind, receiver), name, given, n)?
            {
                return Ok(true);
            }
            self.known_method(r, descr, receiver, name, given, n)
        }
    }

    /// Who a method is called on, below `given` arguments: guarded to be of the type that it has now.
    unsafe fn receiver(&mut self, r: Regs, receiver: Receiver, given: usize) -> Recorded<InsRef> {
        let at = given as u16 + 1;
        // SAFETY: receiver, or what is bound to it, is on the stack.
        unsafe {
            let value = if receiver.bound_to.is_null() {
                self.peek_object(r, at)?
            } else {
                let function = self.guard_function(r, at, receiver.bound_to)?;
                let this = layout::PyCFunctionObject::m_self;
                self.field(function, this, Width::Obj, Region::Fixed)?
            };
            self.guard_class(value, receiver.object)
        }
    }

    /// Guards that the callable `n` from the top is this function of a module.
    unsafe fn guard_function(
        &mut self,
        r: Regs,
        n: u16,
        callee: *mut PyObject,
    ) -> Recorded<InsRef> {
        // SAFETY: the callable is on the stack.
        unsafe {
            let function = self.peek(r, n)?;
            let known = self.object_constant(callee);
            if self.same_object(function, known) {
                return Ok(function);
            }
            // The definition is never freed, other than the object.
            let function = self.guard_kind(function, ObjKind::Builtin)?;
            let def = (*callee.cast::<PyCFunctionObject>()).m_ml;
            let at = layout::PyCFunctionObject::m_ml;
            let found = self.field(function, at, Width::Ptr, Region::Fixed)?;
            let name = CStr::from_ptr((*def).ml_name).to_string_lossy();
            let wanted = self.builder.const_obj(def as u64, name);
            let depth = self.at.depth;
            self.checked(Op::GuardSame, &[found, wanted], ExitReason::Callee, depth)?;
            Ok(function)
        }
    }

    fn replace_by_none(&mut self, n: u16) -> Recorded {
        // SAFETY: None lives forever.
        let value = unsafe { self.object_constant(none()) };
        self.replace(
            n,
            &[Popped {
                value,
                held: Held::Lent,
            }],
        )
    }
}

/// The kind of the objects of the type that a method is one of. Those of a class that inherits it are alike.
unsafe fn kind_of_owner(descr: *mut PyMethodDescrObject) -> Option<ObjKind> {
    let known: [(*mut PyTypeObject, ObjKind); 6] = [
        (&raw mut api::PyUnicode_Type, Str),
        (&raw mut api::PyBytes_Type, Bytes),
        (&raw mut api::PyList_Type, List),
        (&raw mut api::PyTuple_Type, Tuple),
        (&raw mut api::PyDict_Type, Dict),
        (&raw mut api::PySet_Type, Set),
    ];
    let mut known = known.into_iter();
    // SAFETY: a live descriptor.
    known.find_map(|(class, kind)| (unsafe { (*descr).d_type } == class).then_some(kind))
}

/// The method that the class of an object has with this definition.
unsafe fn method_of(
    object: *mut PyObject,
    def: *mut PyMethodDef,
) -> Option<*mut PyMethodDescrObject> {
    // SAFETY: a live object, and the definition of a builtin.
    unsafe {
        let name = api::PyUnicode_InternFromString((*def).ml_name);
        if name.is_null() {
            api::PyErr_Clear();
            return None;
        }
        let found = api::_PyType_Lookup(type_of(object), name);
        decref(name);
        let found: *mut PyMethodDescrObject =
            (!found.is_null() && is_method_descr(found)).then_some(found.cast())?;
        ((*found).d_method == def).then_some(found)
    }
}

/// The str `__class__`.
fn class_name() -> *mut PyObject {
    pyrt_cpython::state::runtime::id___class__()
}
