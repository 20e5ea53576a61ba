//! Which function is called, and where its parameters come from.
//!
//! A function of a module or class is made once, and known by CPython's version of it. Functions within
//! functions are made again and again, from the same code: they are known by that, and what they were
//! made with is read.

use pyrt_cpython::code::{PyFunctionObject, co};
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyDictObject, PyObject};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::Held;
use pyrt_trace::{Helper, InsRef, Mem, ObjKind, Op, Region, Width};

use super::container::MOST_INLINE;
use super::stack::Popped;
use super::{Recorded, Recorder};
use crate::interp::Regs;
use crate::interp::args::count_of;
use crate::jit::anchors;
use crate::jit::lookup::entry_in;

/// Where the argument for a parameter comes from.
pub(super) enum Argument {
    /// The stack, this many from the top.
    Given(u16),
    /// The defaults, at this index.
    Default(usize),
    /// The defaults of keyword-only parameters: the number of the parameter.
    Keyword(usize),
    /// A tuple of what is this many from the top: `*args`.
    Rest(Vec<u16>),
    /// A dict of nothing: `**kwargs`.
    NoNames,
}

/// The argument for a parameter.
pub(super) enum Parameter {
    /// On the stack, this many from the top.
    Given(u16),
    /// A default, or an object that is made for the call.
    Other(Popped),
}

/// The objects that were made for a call.
pub(super) fn made_for(parameters: &[Parameter]) -> Vec<InsRef> {
    let made = parameters.iter().filter_map(|parameter| match parameter {
        Parameter::Other(Popped { value, held }) if *held == Held::Owned => Some(*value),
        _ => None,
    });
    made.collect()
}

/// Whether there may be many functions like this one.
pub(super) unsafe fn is_made_often(callee: *mut PyFunctionObject) -> bool {
    // SAFETY: a live function.
    unsafe { (*(*callee).func_code).co_flags & co::NESTED != 0 }
}

impl Recorder {
    /// `MAKE_FUNCTION`; false if that needs more than the function's own memory.
    pub(super) unsafe fn make_function(&mut self, r: Regs, oparg: usize) -> Recorded<bool> {
        const PARTS: [(usize, usize); 4] = [
            (8, layout::PyFunctionObject::func_closure),
            (4, layout::PyFunctionObject::func_annotations),
            (2, layout::PyFunctionObject::func_kwdefaults),
            (1, layout::PyFunctionObject::func_defaults),
        ];
        // SAFETY: the code and these parts are on the stack, the topmost first.
        unsafe {
            let globals = (*r.frame).f_globals;
            if !is_dict(globals) {
                return Ok(false);
            }
            let parts = PARTS.iter().filter(|(flag, _)| oparg & flag != 0);
            for at in 0..=parts.clone().count() as u16 {
                self.peek_object(r, at + 1)?;
            }
            let code = self.peek(r, 1)?;
            let globals = self.namespace(globals, layout::PyInterpreterFrame::f_globals)?;
            let function = self.allocate(Helper::NewFunction, &[code, globals])?;
            let dead = self.drop_place(self.top(1));
            self.at.depth -= 1;
            for (_, at) in parts {
                let value = self.pop()?;
                let value = self.pass_on(value)?;
                let mem = Mem {
                    offset: *at as i32,
                    width: Width::Ptr,
                    region: Region::Functions,
                };
                self.store(function, value, mem)?;
            }
            self.push(function, Held::Owned);
            self.release(dead)?;
            Ok(true)
        }
    }

    /// Guards that a function has the code, and the globals, of `callee`.
    pub(super) unsafe fn guard_code_of(
        &mut self,
        function: InsRef,
        callee: *mut PyFunctionObject,
    ) -> Recorded {
        // SAFETY: a live function.
        unsafe {
            let code = (*callee).func_code;
            let life = anchors::life_of(code).ok_or(AbortReason::Call)?;
            self.guard_field_is(
                function,
                layout::PyFunctionObject::func_code,
                code.cast(),
                Region::Functions,
            )?;
            // Another code may be at that address one day.
            let life = self.builder.const_obj(life, "life of code");
            let alive = self.field(life, 0, Width::U8, Region::Functions)?;
            self.guard_is(alive, 1, ExitReason::Callee)?;
            if size_of((*code).co_names) > 0 {
                let (globals, builtins) = ((*callee).func_globals, (*callee).func_builtins);
                for (offset, now) in [
                    (layout::PyFunctionObject::func_globals, globals),
                    (layout::PyFunctionObject::func_builtins, builtins),
                ] {
                    self.guard_field_is(function, offset, now, Region::Fixed)?;
                }
            }
            Ok(())
        }
    }

    /// Guards that a field of a function is what it is now.
    unsafe fn guard_field_is(
        &mut self,
        function: InsRef,
        offset: usize,
        now: *mut PyObject,
        region: Region,
    ) -> Recorded {
        let found = self.field(function, offset, Width::Ptr, region)?;
        // SAFETY: a live object.
        unsafe { self.guard_same(found, now) }
    }

    /// The arguments for the parameters of a function, which has been guarded by its version or by its code. `object` is
    /// for arguments that become items: the one that is so many from the top.
    pub(super) unsafe fn parameters(
        &mut self,
        function: InsRef,
        callee: *mut PyFunctionObject,
        by_version: bool,
        arguments: Vec<Argument>,
        object: &mut dyn FnMut(&mut Recorder, u16) -> Recorded<InsRef>,
    ) -> Recorded<Vec<Parameter>> {
        let mut parameters = Vec::with_capacity(arguments.len());
        for argument in arguments {
            parameters.push(match argument {
                Argument::Given(n) => Parameter::Given(n),
                Argument::Default(index) => {
                    // SAFETY: a live function, which has this default.
                    Parameter::Other(unsafe { self.default(function, callee, by_version, index)? })
                }
                Argument::Keyword(number) => {
                    // SAFETY: a live function with this parameter.
                    Parameter::Other(unsafe { self.keyword_default(function, callee, number)? })
                }
                Argument::Rest(given) => {
                    let mut items = Vec::with_capacity(given.len());
                    for n in given {
                        items.push(object(self, n)?);
                    }
                    Parameter::Other(self.new_tuple(&items, Vec::new())?)
                }
                Argument::NoNames => {
                    let made = made_for(&parameters);
                    let value = self.allocate_beside(Helper::NewDict, &[], made)?;
                    let held = Held::Owned;
                    Parameter::Other(Popped { value, held })
                }
            });
        }
        Ok(parameters)
    }

    /// The default at an index.
    unsafe fn default(
        &mut self,
        function: InsRef,
        callee: *mut PyFunctionObject,
        by_version: bool,
        index: usize,
    ) -> Recorded<Popped> {
        // SAFETY: a live function, which has this default.
        unsafe {
            let defaults = (*callee).func_defaults;
            if by_version {
                let value = self.constant(tuple_item(defaults, index))?;
                let held = Held::Lent;
                return Ok(Popped { value, held });
            }
            let depth = self.at.depth;
            let found = self.field(
                function,
                layout::PyFunctionObject::func_defaults,
                Width::Ptr,
                Region::Functions,
            )?;
            let found = self.checked(Op::GuardObj, &[found], ExitReason::Callee, depth)?;
            let size = self.field(
                found,
                layout::PyVarObject::ob_size,
                Width::I64,
                Region::Functions,
            )?;
            self.guard_is(size, size_of(defaults) as i64, ExitReason::Callee)?;
            let mem = Mem {
                offset: layout::PyTupleObject::ob_item as i32 + index as i32 * 8,
                width: Width::Obj,
                region: Region::Functions,
            };
            let value = self.load(found, mem)?;
            let held = Held::Heap;
            Ok(Popped { value, held })
        }
    }

    /// The default of a keyword-only parameter, which is at the same place in every dict that was made for
    /// it.
    unsafe fn keyword_default(
        &mut self,
        function: InsRef,
        callee: *mut PyFunctionObject,
        number: usize,
    ) -> Recorded<Popped> {
        // SAFETY: a live function with this parameter, which has a dict of defaults.
        unsafe {
            let dict: *mut PyDictObject = (*callee).func_kwdefaults.cast();
            let name = tuple_item((*(*callee).func_code).co_localsplusnames, number);
            let entry = entry_in(dict, name).filter(|entry| entry.key() == name);
            let entry = entry.ok_or(AbortReason::Call)?;
            let depth = self.at.depth;
            let found = self.field(
                function,
                layout::PyFunctionObject::func_kwdefaults,
                Width::Ptr,
                Region::Functions,
            )?;
            let found = self.checked(Op::GuardObj, &[found], ExitReason::Callee, depth)?;
            let found = self.guard_kind(found, ObjKind::Dict)?;
            let (keys, mem) = self.place_in_dict(found, entry)?;
            let value = self.load(keys, mem)?;
            let value = self.checked(Op::GuardObj, &[value], ExitReason::Missing, depth)?;
            let held = Held::Heap;
            Ok(Popped { value, held })
        }
    }
}

/// Where the argument for each parameter comes from; `None` if the call is wrong, or has more for `*args` and `**kwargs`
/// than a trace puts there.
pub(super) unsafe fn bind(
    callee: *mut PyFunctionObject,
    total: usize,
    names: *mut PyObject,
) -> Option<Vec<Argument>> {
    // SAFETY: a live function and the names of a call.
    unsafe {
        let code = (*callee).func_code;
        let positional = (*code).co_argcount as usize;
        let all = positional + (*code).co_kwonlyargcount as usize;
        let keywords = count_of(names);
        let given = total - keywords;
        let takes = |flag| (*code).co_flags & flag != 0;
        let rest = given.saturating_sub(positional);
        if rest > 0 && !takes(co::VARARGS) || rest > MOST_INLINE.into() {
            return None;
        }
        let mut arguments: Vec<Option<Argument>> = (0..all).map(|_| None).collect();
        for (at, argument) in arguments.iter_mut().enumerate().take(given.min(positional)) {
            *argument = Some(Argument::Given((total - at) as u16));
        }
        for keyword in 0..keywords {
            let name = tuple_item(names, keyword);
            let first = (*code).co_posonlyargcount as usize;
            let at = (first..all).find(|at| tuple_item((*code).co_localsplusnames, *at) == name)?;
            let argument = Argument::Given((keywords - keyword) as u16);
            if arguments[at].replace(argument).is_some() {
                return None;
            }
        }
        let first = positional.checked_sub(count_of((*callee).func_defaults))?;
        let dict = (*callee).func_kwdefaults;
        for (at, argument) in arguments.iter_mut().enumerate() {
            if argument.is_some() {
                continue;
            }
            let name = tuple_item((*code).co_localsplusnames, at);
            *argument = if at < positional {
                (at >= first).then(|| Argument::Default(at - first))
            } else {
                let known =
                    !dict.is_null() && is_dict(dict) && entry_in(dict.cast(), name).is_some();
                known.then_some(Argument::Keyword(at))
            };
        }
        let mut arguments: Vec<_> = arguments.into_iter().collect::<Option<_>>()?;
        if takes(co::VARARGS) {
            let rest = (given - rest..given).map(|at| (total - at) as u16);
            arguments.push(Argument::Rest(rest.collect()));
        }
        if takes(co::VARKEYWORDS) {
            arguments.push(Argument::NoNames);
        }
        Some(arguments)
    }
}
