//! Recording calls: Python functions are followed, some of C are known.

use pyrt_cpython::api;
use pyrt_cpython::code::cache::{binary_subscr, call};
use pyrt_cpython::code::{PyCodeObject, PyFunctionObject, co};
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyMethodDescrObject, PyObject, PyTypeObject};
use pyrt_cpython::state::PyInterpreterState;
use pyrt_spec::opcodes;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::{Held, Slot, SymFrame, origin};
use pyrt_trace::{FrameHome, Helper, Imm, InsRef, Mem, ObjKind, Op, Place, Region, Type, Width};

use super::callee::{Argument, Parameter, bind, is_made_often};
use super::stack::Popped;
use super::{Flow, Recorded, Recorder, built};
use crate::config::options;
use crate::interp::handlers::call::CALL_NESTED;
use crate::interp::{Regs, args, constructor};
use crate::jit::{anchors, nested, policy};

/// How many frames of the same code a trace has at once.
const INLINE_RECURSION: usize = 2;
/// Longest code that is inlined, in code units.
const INLINE_LENGTH: isize = 400;

impl Recorder {
    /// Unpacks a bound method that was not loaded by `LOAD_METHOD`.
    pub(super) unsafe fn precall(&mut self, r: Regs, oparg: usize) -> Recorded {
        let at = oparg as u16 + 1;
        // SAFETY: a call of `oparg` arguments is on the stack.
        unsafe {
            if !r.peek(oparg + 2).is_null() || !is_method(r.peek(oparg + 1)) {
                return Ok(());
            }
            let method = self.peek(r, at)?;
            let method = self.guard_kind(method, ObjKind::Method)?;
            let [function, this] = [
                layout::PyMethodObject::im_func,
                layout::PyMethodObject::im_self,
            ]
            .map(|offset| self.field(method, offset, Width::Obj, Region::Fixed));
            for value in [function?, this?] {
                self.op(Op::Own, &[value])?;
            }
            let dead = self.drop_place(self.top(at));
            self.put(self.top(at + 1), Some(function?), Held::Owned);
            self.put(self.top(at), Some(this?), Held::Owned);
            self.release(dead)
        }
    }

    pub(super) unsafe fn call(&mut self, r: Regs, oparg: usize) -> Recorded<Flow> {
        self.keywords = None;
        // SAFETY: a call of `oparg` arguments is on the stack.
        unsafe {
            let names = *r.kwnames();
            let is_method = !r.peek(oparg + 2).is_null();
            let total = oparg + usize::from(is_method);
            let callee = r.peek(total + 1);
            if is_function(callee) {
                if let Some(arguments) = self.arguments(callee.cast(), total, names)
                    && self.python_call(r, callee.cast(), arguments, (total, oparg))?
                {
                    return Ok(Flow::Continue);
                }
                if nested::stack_room() == 0 {
                    return Err(AbortReason::Call);
                }
                self.guard_stack()?;
                self.foreign_call(r, total, oparg, names)?;
                return Ok(Flow::Nested(CALL_NESTED));
            }
            if !is_method
                && total <= constructor::MOST_ARGUMENTS
                && let Some(init) = constructor::init_of(callee)
                && can_make(callee.cast(), total - args::count_of(names))
                && let Some(arguments) = self.arguments(init, total + 1, names)
                && api::_PyFunction_GetVersionForCurrentState(init) != 0
            {
                let positional = total - args::count_of(names);
                self.construct(r, callee, init, arguments, (total, positional))?;
                return Ok(Flow::Continue);
            }
            let interp = (*r.ts).interp;
            if names.is_null()
                && callee == *PyInterpreterState::callable_len(interp)
                && total == 1
                && has_length(r.peek(1))
            {
                self.len(r, callee)?;
            } else if names.is_null()
                && callee == *PyInterpreterState::callable_list_append(interp)
                && total == 2
                && is_list(r.peek(2))
            {
                self.list_append(r)?;
            } else if !names.is_null() || !self.builtin_call(r, callee, total, oparg)? {
                self.foreign_call(r, total, oparg, names)?;
            }
            Ok(Flow::Continue)
        }
    }

    /// Where the parameters of a Python function come from whose call can be inlined.
    unsafe fn arguments(
        &self,
        callee: *mut PyFunctionObject,
        total: usize,
        names: *mut PyObject,
    ) -> Option<Vec<Argument>> {
        // SAFETY: a live function.
        unsafe {
            let code = (*callee).func_code;
            let special = co::VARARGS | co::VARKEYWORDS | co::SUSPENDS;
            let plain = (*code).co_flags & co::OPTIMIZED != 0 && (*code).co_flags & special == 0;
            let same = self.chain.iter().filter(|frame| (***frame).f_code == code);
            if !plain
                || self.chain.len() > options().inline_depth as usize
                || same.count() >= INLINE_RECURSION
                || size_of(code.cast()) > INLINE_LENGTH
                || anchors::has_long_loops(code)
                || !policy::may_inline(callee)
            {
                return None;
            }
            bind(callee, total, names)
        }
    }

    /// Follows the call of a class: a new object, and its `__init__`.
    unsafe fn construct(
        &mut self,
        r: Regs,
        callee: *mut PyObject,
        init: *mut PyFunctionObject,
        arguments: Vec<Argument>,
        (total, positional): (usize, usize),
    ) -> Recorded {
        let class_at = total as u16 + 1;
        // SAFETY: a class with this `__init__`, and its arguments, are on the stack.
        unsafe {
            let class = self.peek(r, class_at)?;
            self.guard_same(class, callee)?;
            let class = self.object_constant(callee);
            let tag = layout::PyTypeObject::tp_version_tag;
            let found = self.field(class, tag, Width::U32, Region::Classes)?;
            let version = (*callee.cast::<PyTypeObject>()).tp_version_tag;
            if version == 0 {
                return Err(AbortReason::Call);
            }
            self.guard_is(found, i64::from(version), ExitReason::Class)?;
            let function = self.object_constant(init.cast());
            self.guard_version_of(function, (*init).func_version)?;
            self.guard_recursion()?;
            let parameters = self.parameters(function, init, true, arguments)?;
            for n in 1..=total as u16 {
                self.slot(r, self.top(n))?;
            }
            let object = if constructor::makes_exceptions(callee.cast()) {
                let first = total as u16;
                let mut arguments = Vec::with_capacity(positional);
                for n in 0..positional as u16 {
                    arguments.push(self.peek_object(r, first - n)?);
                }
                let tuple = match NEW_TUPLE.get(positional.wrapping_sub(1)) {
                    Some(helper) => self.allocate(*helper, &arguments)?,
                    None => {
                        let empty = self.object_constant(empty_tuple());
                        self.op(Op::Own, &[empty])?
                    }
                };
                self.allocate(Helper::NewException, &[class, tuple])?
            } else {
                self.allocate(Helper::NewInstance, &[class])?
            };
            self.put(self.top(class_at + 1), Some(object), Held::Owned);
            let mut arguments = Vec::with_capacity(parameters.len());
            for parameter in parameters {
                arguments.push(match parameter {
                    // The caller's stack keeps them.
                    Parameter::Given(n) if usize::from(n) > total => Slot::new(object, Held::Lent),
                    Parameter::Given(n) => {
                        let slot = self.builder.current(Place::Slot(self.top(n)));
                        let value = slot.and_then(|slot| slot.value);
                        Slot::new(value.ok_or(AbortReason::SlotUnbound)?, Held::Lent)
                    }
                    Parameter::Default(Popped { value, held }) => Slot::new(value, held),
                });
            }
            let home = FrameHome::New {
                function,
                owned: false,
            };
            let resume = (self.at.op + 1, self.at.depth);
            let code = (*init).func_code;
            self.locals = (*code).co_nlocalsplus as u16;
            let frames = self.builder.frames_mut();
            frames.push(home, self.locals, resume);
            frames.inner_mut().constructor = true;
            for (number, slot) in (0..).zip(arguments) {
                self.builder.write(Place::Slot(number), slot);
            }
            self.entering = code;
            Ok(())
        }
    }

    /// The caller of an `__init__` that has returned goes on with the new object.
    pub(super) unsafe fn constructed(&mut self) -> Recorded {
        // SAFETY: the caller's frame is alive, and suspended at its call.
        let total = unsafe {
            let caller = first_instr((*self.frame()).f_code);
            constructor::arguments_of(caller.add(self.at.next as usize))
        };
        self.at.next += call::LEN as u32;
        let mut dead = Vec::new();
        for at in (1..=total as u16 + 1).rev() {
            dead.extend(self.drop_place(self.top(at)));
        }
        self.at.depth -= total as u16 + 1;
        self.release(dead)
    }

    /// An object that the collector tracks, made by a helper.
    pub(super) fn allocate(&mut self, helper: Helper, operands: &[InsRef]) -> Recorded<InsRef> {
        let thread = self.op(Op::Thread, &[])?;
        let operands: Vec<_> = core::iter::once(thread)
            .chain(operands.iter().copied())
            .collect();
        let object = self.call_helper(helper, &operands)?;
        let depth = self.at.depth;
        self.checked(Op::GuardObj, &[object], ExitReason::Memory, depth)
    }

    /// Guards that a function has the version that it has now.
    fn guard_version_of(&mut self, function: InsRef, version: u32) -> Recorded {
        let at = layout::PyFunctionObject::func_version;
        let found = self.field(function, at, Width::U32, Region::Functions)?;
        self.guard_is(found, i64::from(version), ExitReason::Callee)
    }

    /// Follows the call of a Python function; false if it cannot be guarded.
    unsafe fn python_call(
        &mut self,
        r: Regs,
        callee: *mut PyFunctionObject,
        arguments: Vec<Argument>,
        (total, oparg): (usize, usize),
    ) -> Recorded<bool> {
        // SAFETY: a live function, its arguments on the stack.
        unsafe {
            let code = (*callee).func_code;
            let at = total as u16 + 1;
            let slot = self.slot(r, self.top(at))?;
            let function = slot.value.ok_or(AbortReason::SlotUnbound)?;
            let known = self
                .builder
                .tree()
                .at(origin(self.builder.tree(), function))
                .op
                .is_const();
            let by_version = known || !is_made_often(callee);
            let version = match by_version {
                true => api::_PyFunction_GetVersionForCurrentState(callee),
                false => 0,
            };
            if by_version && version == 0 {
                return Ok(false);
            }
            let function = self.guard_kind(function, ObjKind::Function)?;
            if by_version {
                self.guard_version_of(function, version)?;
            } else {
                self.guard_code_of(function, callee)?;
            }
            self.guard_recursion()?;
            let parameters = self.parameters(function, callee, by_version, arguments)?;
            for n in 1..=total as u16 {
                self.slot(r, self.top(n))?;
            }
            let mut given = Vec::with_capacity(total);
            for _ in 0..total {
                given.push(self.pop()?);
            }
            let callee_slot = self.pop()?;
            if total == oparg {
                // The NULL below the function.
                self.at.depth -= 1;
            }
            let home = FrameHome::New {
                function,
                owned: callee_slot.held == Held::Owned,
            };
            self.enter_inlined(home, code, parameters, &given)?;
            Ok(true)
        }
    }

    /// Begins the frame of an inlined call, whose arguments were taken off the stack, the last one first.
    unsafe fn enter_inlined(
        &mut self,
        home: FrameHome,
        code: *mut PyCodeObject,
        parameters: Vec<Parameter>,
        given: &[Popped],
    ) -> Recorded {
        let mut arguments = Vec::with_capacity(parameters.len());
        for parameter in parameters {
            arguments.push(match parameter {
                Parameter::Given(n) => given[usize::from(n) - 1],
                Parameter::Default(popped) => popped,
            });
        }
        let resume = (self.at.next, self.at.depth);
        // SAFETY: live code.
        self.locals = unsafe { (*code).co_nlocalsplus as u16 };
        self.builder.frames_mut().push(home, self.locals, resume);
        for (number, argument) in (0..).zip(arguments) {
            let slot = Slot::new(argument.value, argument.held);
            self.builder.write(Place::Slot(number), slot);
        }
        self.entering = code;
        Ok(())
    }

    /// `a[b]` by a `__getitem__` in Python, where CPython has specialised the instruction for that; false if
    /// it has not, or the function cannot be inlined.
    pub(super) unsafe fn getitem_call(&mut self, r: Regs) -> Recorded<bool> {
        // SAFETY: the operands are on the stack; a specialised instruction has its caches.
        unsafe {
            let class = type_of(r.peek(2));
            let version = (*class).tp_version_tag;
            if *r.ip.sub(1) as u8 != opcodes::BINARY_SUBSCR_GETITEM
                || version == 0
                || version != r.cache32(binary_subscr::TYPE_VERSION)
            {
                return Ok(false);
            }
            let cached = class.byte_add(layout::PyHeapTypeObject::spec_cache_getitem);
            let function: *mut PyFunctionObject = *cached.cast();
            let func_version = (*function).func_version;
            let current = func_version == u32::from(r.cache16(binary_subscr::FUNC_VERSION));
            let Some(arguments) = self
                .arguments(function, 2, core::ptr::null_mut())
                .filter(|_| current)
            else {
                return Ok(false);
            };
            let container = self.peek_object(r, 2)?;
            self.guard_version(container, version)?;
            let callee = self.object_constant(function.cast());
            self.guard_version_of(callee, func_version)?;
            self.guard_recursion()?;
            let parameters = self.parameters(callee, function, true, arguments)?;
            self.slot(r, self.top(1))?;
            let given = [self.pop()?, self.pop()?];
            let home = FrameHome::New {
                function: callee,
                owned: false,
            };
            self.enter_inlined(home, (*function).func_code, parameters, &given)?;
            Ok(true)
        }
    }

    /// Cells of the closure become locals of an inlined function.
    pub(super) unsafe fn copy_free_vars(&mut self, count: u16) -> Recorded {
        let FrameHome::New { function, .. } = self.builder.frames().inner().home else {
            return Err(AbortReason::UnsupportedOpcode);
        };
        let at = layout::PyFunctionObject::func_closure;
        // Only what guarded the function says that it has a closure, and how long that is.
        let closure = self.field(function, at, Width::Ptr, Region::Functions)?;
        let depth = self.at.depth;
        let closure = self.checked(Op::GuardObj, &[closure], ExitReason::Callee, depth)?;
        for number in 0..count {
            let mem = Mem {
                offset: layout::PyTupleObject::ob_item as i32 + i32::from(number) * 8,
                width: Width::Obj,
                region: Region::Functions,
            };
            let cell = self.load(closure, mem)?;
            self.put(self.locals - count + number, Some(cell), Held::Heap);
        }
        Ok(())
    }

    /// Guards that the frames inlined so far, and one more, are within the recursion limit.
    pub(super) fn guard_recursion(&mut self) -> Recorded {
        let thread = self.op(Op::Thread, &[])?;
        let remaining = self.field(
            thread,
            layout::PyThreadState::recursion_remaining,
            Width::I32,
            Region::Other,
        )?;
        // Of the frames inlined so far some may be in memory, and counted already.
        let inits = self.builder.frames().all().iter();
        let inits = inits.filter(|frame| frame.constructor).count() + 1;
        let depth = self.builder.const_i64((self.chain.len() + inits) as i64);
        let enough = self.op(Op::GtI64, &[remaining, depth])?;
        let depth = self.at.depth;
        self.checked(Op::GuardTrue, &[enough], ExitReason::Callee, depth)?;
        Ok(())
    }

    /// Gives up what `__init__` has returned: None, of which a local may have left a reference to it.
    fn drop_none(&mut self, none: Popped) -> Recorded {
        let (tree, frames) = self.builder.split();
        if none.held == Held::Owned
            && let Some(value) = frames.inherit(tree, none.value)
        {
            // It never is the last one.
            self.op(Op::ReleaseLeaf, &[value])?;
        }
        Ok(())
    }

    /// The return of an inlined function: its frame is cleared, in the order of CPython's.
    pub(super) unsafe fn return_value(&mut self, r: Regs) -> Recorded {
        // SAFETY: the result is on the stack.
        unsafe {
            self.slot(r, self.top(1))?;
            if self.builder.frames().inner().constructor {
                if r.peek(1) != none() {
                    return Err(AbortReason::Return);
                }
                let value = self.peek_object(r, 1)?;
                self.guard_same(value, none())?;
            }
        }
        if let FrameHome::Memory(frame) = self.builder.frames().inner().home {
            // SAFETY: the frame returns now.
            if unsafe { !(*r.frame).frame_obj.is_null() } {
                // SAFETY: the result is on the stack.
                return unsafe { self.return_watched(r) };
            }
            // A frame object that outlives the call would take the frame over.
            let offset = layout::PyInterpreterFrame::frame_obj;
            let object = self.field(frame, offset, Width::Ptr, Region::Frames)?;
            let depth = self.at.depth;
            self.checked(Op::GuardNull, &[object], ExitReason::Callee, depth)?;
        }
        // Whatever dies does so while the instruction is at work.
        self.at.next = self.at.ip;
        for local in 0..self.locals {
            let dead = self.drop_place(local);
            self.release(dead)?;
        }
        let result = self.pop()?;
        let frame = self.pop_frame();
        if frame.constructor {
            self.drop_none(result)?;
            self.leave_frame(&frame)?;
            // SAFETY: the caller's frame is alive.
            return unsafe { self.constructed() };
        }
        self.push(result.value, result.held);
        self.leave_frame(&frame)
    }

    /// The innermost frame is gone, with all that it held: whoever called or resumed it goes on.
    pub(super) fn pop_frame(&mut self) -> SymFrame {
        let frame = self.builder.frames_mut().pop();
        self.chain.pop();
        self.forget_inner_loops();
        let caller = self.builder.frames().inner();
        self.locals = caller.locals;
        (self.at.next, self.at.depth) = caller.resume;
        frame
    }

    /// What remains to be done of an inlined frame whose locals are gone.
    fn leave_frame(&mut self, frame: &SymFrame) -> Recorded {
        match frame.home {
            FrameHome::New {
                function,
                owned: true,
            } => {
                let (tree, frames) = self.builder.split();
                let dead = frames.inherit(tree, function);
                self.release(dead.into_iter().collect())
            }
            FrameHome::Memory(frame) => {
                let thread = self.op(Op::Thread, &[])?;
                let helper = Imm::Helper(Helper::PopFrame);
                built(self.builder.push(Op::Call, &[thread, frame], helper, None))?;
                Ok(())
            }
            FrameHome::Suspended { .. } | FrameHome::Resumed(_) => Err(AbortReason::CompilerBug),
            FrameHome::Root | FrameHome::New { .. } => Ok(()),
        }
    }

    /// `len` of a container whose length is a field.
    unsafe fn len(&mut self, r: Regs, callee: *mut PyObject) -> Recorded {
        // SAFETY: function and argument are on the stack.
        unsafe {
            let object = r.peek(1);
            let (kind, offset, region) = if is_list(object) {
                (ObjKind::List, layout::PyVarObject::ob_size, Region::Lists)
            } else if is_tuple(object) {
                (ObjKind::Tuple, layout::PyVarObject::ob_size, Region::Fixed)
            } else if is_str(object) {
                (ObjKind::Str, layout::PyVarObject::ob_size, Region::Fixed)
            } else if is_dict(object) {
                (ObjKind::Dict, layout::PyDictObject::ma_used, Region::Dicts)
            } else {
                return Err(AbortReason::Call);
            };
            let function = self.peek(r, 2)?;
            self.guard_same(function, callee)?;
            let value = self.peek(r, 1)?;
            let value = self.guard_kind(value, kind)?;
            let length = self.field(value, offset, Width::I64, region)?;
            self.replace_by(3, length)
        }
    }

    /// Guards that a value is this very object.
    pub(super) unsafe fn guard_same(&mut self, value: InsRef, object: *mut PyObject) -> Recorded {
        // SAFETY: a live object.
        let known = unsafe { self.object_constant(object) };
        if self.same_object(value, known) {
            return Ok(());
        }
        let depth = self.at.depth;
        self.checked(Op::GuardSame, &[value, known], ExitReason::Callee, depth)?;
        Ok(())
    }

    /// `list.append`, found by `LOAD_METHOD`.
    unsafe fn list_append(&mut self, r: Regs) -> Recorded {
        // SAFETY: method, list and argument are on the stack.
        unsafe {
            let method = self.peek(r, 3)?;
            let descr: *mut PyMethodDescrObject = r.peek(3).cast();
            self.guard_same(method, descr.cast())?;
            let list = self.peek(r, 2)?;
            let list = self.guard_kind(list, ObjKind::List)?;
            let item = self.peek_object(r, 1)?;
            let status = built(self.builder.push(
                Op::Call,
                &[list, item],
                Imm::Helper(Helper::ListAppend),
                None,
            ))?;
            self.guard_is(status, 0, ExitReason::Memory)?;
            let value = self.object_constant(none());
            debug_assert_eq!(self.ty(value), Type::Obj);
            let held = Held::Lent;
            self.replace(3, &[Popped { value, held }])
        }
    }
}

/// Helpers that make tuples of one object, and of more.
pub(super) const NEW_TUPLE: [Helper; 4] = [
    Helper::NewTuple1,
    Helper::NewTuple2,
    Helper::NewTuple3,
    Helper::NewTuple4,
];

/// Whether a trace can make an instance of a class that is called with this many positional arguments.
unsafe fn can_make(class: *mut PyTypeObject, positional: usize) -> bool {
    // SAFETY: a live class.
    unsafe { positional <= NEW_TUPLE.len() || !constructor::makes_exceptions(class) }
}

/// The tuple of nothing, which lives forever.
unsafe fn empty_tuple() -> *mut PyObject {
    // SAFETY: nothing is read from there.
    let tuple = unsafe { api::_PyTuple_FromArray(core::ptr::null(), 0) };
    // SAFETY: CPython keeps it.
    unsafe { decref(tuple) };
    tuple
}

/// Whether [`Recorder::len`] knows an object.
unsafe fn has_length(object: *mut PyObject) -> bool {
    // SAFETY: a live object.
    unsafe { is_list(object) || is_tuple(object) || is_str(object) || is_dict(object) }
}
