//! Recording operations that classes define in Python: their methods are followed like calls.
//!
//! The operands stay on the caller's stack while the method runs, and lend it its arguments. Which method it is
//! depends on the versions of the operands' classes.

use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::runtime;
use pyrt_spec::{Purpose, opcodes};
use pyrt_trace::{Region, Width};

use super::callee::Argument;
use super::{Recorded, Recorder};
use crate::interp::properties::Property;
use crate::interp::{Regs, comparisons, instances, methods, operators, properties, protocols};

/// A method that can be inlined.
struct Method {
    purpose: Purpose,
    callee: *mut PyFunctionObject,
    version: u32,
    arguments: Vec<Argument>,
}

impl Recorder {
    /// Follows the method of a binary operator; false if there is none in Python, or if it cannot be inlined.
    pub(super) unsafe fn operator_method(&mut self, r: Regs, number: usize) -> Recorded<bool> {
        // SAFETY: the operands are on the stack.
        unsafe {
            let found = operators::find(number, r.peek(2), r.peek(1));
            let Some((found, method)) = found.and_then(|found| {
                let method = self.method(found.purpose, found.function, 2, null_mut())?;
                Some((found, method))
            }) else {
                return Ok(false);
            };
            self.guard_classes(r, &[2, 1])?;
            let at = |n| if found.is_reflected { 3 - n } else { n };
            self.enter_method(r, method, at)
        }
    }

    /// The same for a comparison.
    pub(super) unsafe fn comparison_method(&mut self, r: Regs, number: usize) -> Recorded<bool> {
        // SAFETY: the operands are on the stack.
        unsafe {
            let found = comparisons::find(number, r.peek(2), r.peek(1));
            let method =
                found.and_then(|found| self.method(Purpose::Comparison, found, 2, null_mut()));
            let Some(method) = method else {
                return Ok(false);
            };
            self.guard_classes(r, &[2, 1])?;
            self.enter_method(r, method, |n| n)
        }
    }

    /// The same for an attribute that is a property.
    pub(super) unsafe fn getter(&mut self, r: Regs, oparg: usize) -> Recorded<bool> {
        // SAFETY: the owner is on the stack.
        unsafe {
            let property = properties::find(r.peek(1), r.name(oparg));
            let property = property.filter(|_| oparg <= properties::LAST_NAME);
            let Some((property, method)) = property.and_then(|property| {
                let getter = (*property).prop_get.cast();
                let method = self.method(Purpose::Property, getter, 1, null_mut())?;
                Some((property, method))
            }) else {
                return Ok(false);
            };
            self.guard_classes(r, &[1])?;
            // `property.__init__` can be called again.
            let known = self.object_constant(property.cast());
            let at = core::mem::offset_of!(Property, prop_get);
            let getter = self.field(known, at, Width::Ptr, Region::Functions)?;
            self.guard_same(getter, (*property).prop_get)?;
            self.enter_method(r, method, |n| n)
        }
    }

    /// The same for the call of an object with this many arguments, some of them named.
    pub(super) unsafe fn call_of_instance(
        &mut self,
        r: Regs,
        total: usize,
        names: *mut PyObject,
    ) -> Recorded<bool> {
        // SAFETY: object and arguments are on the stack.
        unsafe {
            let object = total as u16 + 1;
            let found = instances::find(r.peek(total + 1));
            let method =
                found.and_then(|found| self.method(Purpose::Instance, found, total + 1, names));
            let Some(method) = method else {
                return Ok(false);
            };
            self.guard_classes(r, &[object])?;
            for n in 1..object {
                self.slot(r, self.top(n))?;
            }
            self.enter_method(r, method, |n| n)
        }
    }

    /// A method that is called with this many arguments, some of them named; `None` if it cannot be inlined.
    unsafe fn method(
        &self,
        purpose: Purpose,
        callee: *mut PyFunctionObject,
        total: usize,
        names: *mut PyObject,
    ) -> Option<Method> {
        // SAFETY: a live function, and the recorded thread is the present one.
        unsafe {
            if !methods::run_here(self.ts) {
                return None;
            }
            let arguments = self.arguments(callee, total, names)?;
            let version = api::_PyFunction_GetVersionForCurrentState(callee);
            (version != 0).then_some(Method {
                purpose,
                callee,
                version,
                arguments,
            })
        }
    }

    /// Guards the classes of operands, which are so many from the top: they say which method is called.
    unsafe fn guard_classes(&mut self, r: Regs, operands: &[u16]) -> Recorded {
        for &operand in operands {
            // SAFETY: the operands are on the stack.
            unsafe {
                let value = self.peek(r, operand)?;
                self.guard_class(value, r.peek(operand.into()))?;
            }
        }
        Ok(())
    }

    /// Begins the frame of a method of the guarded classes. The operands stay on the stack; `at` says how many from the
    /// top an argument is.
    unsafe fn enter_method(
        &mut self,
        r: Regs,
        method: Method,
        at: impl Fn(u16) -> u16,
    ) -> Recorded<bool> {
        let Method {
            purpose,
            callee,
            version,
            arguments,
        } = method;
        // SAFETY: the classes keep the method.
        unsafe {
            let function = self.object_constant(callee.cast());
            self.guard_version_of(function, version)?;
            self.guard_recursion()?;
            let parameters =
                self.parameters(function, callee, true, arguments, &mut |this, n| {
                    this.peek_object(r, at(n))
                })?;
            self.enter_within(function, (*callee).func_code, purpose, parameters, at)?;
            Ok(true)
        }
    }

    /// The same for operations of other kinds.
    pub(super) unsafe fn protocol(&mut self, r: Regs, opcode: u8, oparg: usize) -> Recorded<bool> {
        // SAFETY: the operands are on the stack.
        unsafe {
            let found = protocols::find(opcode, oparg, r.sp);
            let Some((found, method)) = found.and_then(|found| {
                let total = found.operands.len();
                let method = self.method(found.purpose, found.function, total, null_mut())?;
                Some((found, method))
            }) else {
                return Ok(false);
            };
            self.guard_classes(r, &found.operands[..1])?;
            for operand in found.operands {
                self.slot(r, self.top(*operand))?;
            }
            // Arguments are given from the last one.
            let at = |n: u16| found.operands[found.operands.len() - usize::from(n)];
            self.enter_method(r, method, at)
        }
    }

    /// The same for `len`, which is called with an object.
    pub(super) unsafe fn length_method(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: function and argument are on the stack.
        unsafe {
            if methods::method(type_of(r.peek(1)), runtime::id___len__()).is_none() {
                return Ok(false);
            }
            let function = self.peek(r, 2)?;
            self.guard_same(function, r.peek(2))?;
            self.protocol(r, opcodes::CALL, 1)
        }
    }
}
