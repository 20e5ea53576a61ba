//! Recording how methods are loaded, and bound.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyObject, PyStaticMethodObject};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::Held;
use pyrt_trace::{Helper, InsRef, ObjKind, Op, Region, Width};

use super::attr::Found;
use super::stack::Popped;
use super::{Flow, MOST_CLASSES, Recorded, Recorder};
use crate::interp::Regs;
use crate::interp::handlers::attr::{LOAD_METHOD_BOUND, LOAD_METHOD_FOUND, LOAD_METHOD_OF_CLASS};
use crate::jit::lookup::{find_in_class, find_in_type, find_method};

impl Recorder {
    /// `LOAD_METHOD`: a function of the class with its `self`, or any other attribute with NULL below it.
    pub(super) unsafe fn load_method(&mut self, r: Regs, oparg: usize) -> Recorded<Flow> {
        // SAFETY: the owner is on the stack.
        unsafe {
            let (owner, name) = (r.peek(1), r.name(oparg));
            let Some((found, version, attributes)) = find_method(owner, name) else {
                if self.load_class_method(r, name)? {
                    return Ok(Flow::Nested(LOAD_METHOD_OF_CLASS));
                }
                if let Found::Here(value) = self.attribute(r, 1, name)? {
                    let dead = self.drop_place(self.top(1));
                    self.at.depth -= 1;
                    self.push_null();
                    self.push(value.value, value.held);
                    self.release(dead)?;
                    return Ok(Flow::Continue);
                }
                let name = self.object_constant(name);
                self.foreign_method(r, name)?;
                return Ok(Flow::Nested(LOAD_METHOD_BOUND));
            };
            let value = self.peek_object(r, 1)?;
            let function = self.object_constant(found);
            if self.meets_classes(MOST_CLASSES) {
                // They may well have the method in common.
                let name = self.object_constant(name);
                let method = self.call_helper(Helper::FindMethod, &[value, name])?;
                let depth = self.at.depth;
                let method = self.checked(Op::GuardObj, &[method], ExitReason::Missing, depth)?;
                self.checked(Op::GuardSame, &[method, function], ExitReason::Class, depth)?;
            } else {
                let value = self.guard_version(value, version)?;
                self.guard_not_hidden(value, owner, name, &attributes)?;
            }
            let top = self.top(1);
            let this = self.slot(r, top)?;
            // The function goes below its `self`.
            self.at.depth -= 1;
            self.put(top, None, Held::Lent);
            self.push(function, Held::Heap);
            self.push(this.value.ok_or(AbortReason::SlotUnbound)?, this.held);
            if (*type_of(owner)).tp_getattro == api::PyObject_GenericGetAttr as *mut _ {
                return Ok(Flow::Continue);
            }
            // In the general form the interpreter would bind the method.
            Ok(Flow::Nested(LOAD_METHOD_FOUND))
        }
    }

    /// `LOAD_METHOD` of a class method that is a function: that, and the class; false if it is none.
    unsafe fn load_class_method(&mut self, r: Regs, name: *mut PyObject) -> Recorded<bool> {
        // SAFETY: the owner is on the stack.
        unsafe {
            let owner = r.peek(1);
            if let Some((Some(found), version, attributes)) = find_in_class(owner, name)
                && is_class_method(found)
            {
                let value = self.peek_object(r, 1)?;
                let value = self.guard_version(value, version)?;
                self.guard_not_hidden(value, owner, name, &attributes)?;
                let function = self.function_of(found)?;
                let class = layout::PyObject::ob_type;
                let class = self.field(value, class, Width::Obj, Region::Classes)?;
                let dead = self.drop_place(self.top(1));
                self.at.depth -= 1;
                self.push(function, Held::Heap);
                self.push(class, Held::Heap);
                self.release(dead)?;
                return Ok(true);
            }
            if let Some((Some(found), version, of_meta)) = find_in_type(owner, name)
                && is_class_method(found)
            {
                self.guard_type(r, 1, (version, of_meta))?;
                let function = self.function_of(found)?;
                let class = self.pop()?;
                self.push(function, Held::Heap);
                self.push(class.value, class.held);
                return Ok(true);
            }
            Ok(false)
        }
    }

    /// The function that a class method holds.
    unsafe fn function_of(&mut self, method: *mut PyObject) -> Recorded<InsRef> {
        // SAFETY: a live class method.
        let method = unsafe { self.object_constant(method) };
        let callable = self.held_by(method)?;
        self.guard_kind(callable, ObjKind::Function)
    }

    /// A method bound to an object.
    pub(super) fn bind(&mut self, function: InsRef, owner: InsRef) -> Recorded<Popped> {
        let value = self.allocate(Helper::Bind, &[function, owner])?;
        let held = Held::Owned;
        Ok(Popped { value, held })
    }
}

/// Whether an attribute of a class is a class method that is a function.
unsafe fn is_class_method(found: *mut PyObject) -> bool {
    // SAFETY: a live object.
    unsafe {
        if type_of(found) != &raw mut api::PyClassMethod_Type {
            return false;
        }
        let callable = (*found.cast::<PyStaticMethodObject>()).sm_callable;
        !callable.is_null() && is_function(callable)
    }
}
