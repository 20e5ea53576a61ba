//! Recording calls: Python functions are followed, some of C are known.

use pyrt_cpython::api;
use pyrt_cpython::code::cache::binary_subscr;
use pyrt_cpython::code::{PyCodeObject, PyFunctionObject, co};
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyObject, PyTypeObject};
use pyrt_cpython::state::PyInterpreterState;
use pyrt_spec::opcodes;
use pyrt_spec::{AbortReason, ExitReason, Purpose};
use pyrt_trace::frames::{Held, Slot, origin};
use pyrt_trace::{FrameHome, Helper, InsRef, Mem, ObjKind, Op, Place, Region, Width};

use super::attr::VALUES;
use super::callee::{Argument, Parameter, bind, is_made_often, made_for};
use super::container::{MOST_INLINE, TUPLE_ITEM, nth};
use super::stack::Popped;
use super::{Flow, MOST_CALLEES, Recorded, Recorder, built};
use crate::config::options;
use crate::interp::handlers::call::CALL_NESTED;
use crate::interp::instances::CALL_INSTANCE;
use crate::interp::protocols::protocol_method;
use crate::interp::{Regs, args, constructor, methods};
use crate::jit::lookup::acts_as;
use crate::jit::{anchors, deaths, driver, nested, policy};

/// How many frames of the same code a trace has at once, and how many if the code is as short as [`SHORT`]: their paths
/// multiply with each.
const INLINE_RECURSION: usize = 2;
const SHORT_RECURSION: usize = 3;
/// Code of a few operations, in code units.
const SHORT: isize = 64;
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
            let (function, this) = self.unbind(method)?;
            for value in [function, this] {
                self.op(Op::Own, &[value])?;
            }
            let dead = self.drop_place(self.top(at));
            self.put(self.top(at + 1), Some(function), Held::Owned);
            self.put(self.top(at), Some(this), Held::Owned);
            self.release(dead)
        }
    }

    /// The function of a value that is guarded to be a bound method, and what it is bound to.
    pub(super) fn unbind(&mut self, method: InsRef) -> Recorded<(InsRef, InsRef)> {
        let method = self.guard_kind(method, ObjKind::Method)?;
        let [function, this] = [
            layout::PyMethodObject::im_func,
            layout::PyMethodObject::im_self,
        ]
        .map(|offset| self.field(method, offset, Width::Obj, Region::Fixed));
        Ok((function?, this?))
    }

    pub(super) unsafe fn call(&mut self, r: Regs, oparg: usize) -> Recorded<Flow> {
        self.keywords = None;
        // SAFETY: a call of `oparg` arguments is on the stack.
        unsafe {
            let names = *r.kwnames();
            let is_method = !r.peek(oparg + 2).is_null();
            let total = oparg + usize::from(is_method);
            let callee = r.peek(total + 1);
            let varies = self.meets_callees(MOST_CALLEES);
            if is_function(callee) {
                if !varies
                    && let Some(arguments) = self.arguments(callee.cast(), total, names)
                    && self.python_call(r, callee.cast(), arguments, (total, oparg))?
                {
                    return Ok(Flow::Continue);
                }
                if nested::stack_room() == 0 {
                    return Err(AbortReason::Call);
                }
                self.guard_stack()?;
                let direct = self.direct_callee(r, callee.cast(), total, names)?;
                self.foreign_call(r, total, oparg, names, direct)?;
                return Ok(Flow::Nested(CALL_NESTED));
            }
            if varies {
                // Python functions are called in another way.
                let value = self.peek_object(r, total as u16 + 1)?;
                self.guard_class(value, callee)?;
                self.foreign_call(r, total, oparg, names, None)?;
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
            if !is_method
                && total <= constructor::MOST_ARGUMENTS
                && self.call_of_instance(r, total, names)?
            {
                return Ok(Flow::Nested(CALL_INSTANCE));
            }
            let interp = (*r.ts).interp;
            if !is_method
                && names.is_null()
                && total == 1
                && callee == *PyInterpreterState::callable_len(interp)
                && self.length_method(r)?
            {
                return Ok(Flow::Nested(protocol_method));
            }
            if names.is_null()
                && callee == *PyInterpreterState::callable_len(interp)
                && total == 1
                && has_length(r.peek(1))
            {
                self.len(r, callee)?;
            } else if !names.is_null() || !self.builtin_call(r, callee, total, oparg)? {
                self.foreign_call(r, total, oparg, names, None)?;
            }
            Ok(Flow::Continue)
        }
    }

    /// Where the parameters of a Python function come from whose call can be inlined.
    pub(super) unsafe fn arguments(
        &self,
        callee: *mut PyFunctionObject,
        total: usize,
        names: *mut PyObject,
    ) -> Option<Vec<Argument>> {
        // SAFETY: a live function.
        unsafe {
            let code = (*callee).func_code;
            let kind = (*code).co_flags & (co::OPTIMIZED | co::SUSPENDS);
            let same = self.chain.iter().filter(|frame| (***frame).f_code == code);
            let most = match size_of(code.cast()) <= SHORT {
                true => SHORT_RECURSION,
                false => INLINE_RECURSION,
            };
            if kind != co::OPTIMIZED
                || self.chain.len() > options().inline_depth as usize
                || same.count() >= most
                || size_of(code.cast()) > INLINE_LENGTH
                || anchors::is_called(code)
                || !methods::run_here(self.ts)
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
            for n in 1..=total as u16 {
                self.slot(r, self.top(n))?;
            }
            let makes_exceptions = constructor::makes_exceptions(callee.cast());
            let mut items = Vec::new();
            if makes_exceptions {
                let first = total as u16;
                for n in 0..positional as u16 {
                    items.push(self.peek_object(r, first - n)?);
                }
            }
            let parameters = self.parameters(function, init, true, arguments, &mut |this, n| {
                this.peek_object(r, n)
            })?;
            let made = made_for(&parameters);
            let object = if makes_exceptions {
                let tuple = self.new_tuple(&items, made.clone())?;
                let tuple = self.pass_on(tuple)?;
                self.allocate_beside(Helper::NewException, &[class, tuple], made)?
            } else {
                let values_at = match deaths::ends_plainly(callee.cast()) {
                    true => i64::from(VALUES),
                    false => 0,
                };
                let facts =
                    [i64::from(version), values_at].map(|fact| self.builder.const_i64(fact));
                let operands = [class, facts[0], facts[1]];
                self.allocate_beside(Helper::NewInstance, &operands, made)?
            };
            self.put(self.top(class_at + 1), Some(object), Held::Owned);
            // The object is where the NULL of the call was.
            let object = class_at + 1;
            let at = |n| if n > total as u16 { object } else { n };
            let code = (*init).func_code;
            self.enter_within(function, code, Purpose::Init, parameters, at)
        }
    }

    /// Begins the frame of a call that an operation makes. Its arguments stay on the caller's stack: `at` says how many
    /// from the top.
    pub(super) unsafe fn enter_within(
        &mut self,
        function: InsRef,
        code: *mut PyCodeObject,
        purpose: Purpose,
        parameters: Vec<Parameter>,
        at: impl Fn(u16) -> u16,
    ) -> Recorded {
        let mut arguments = Vec::with_capacity(parameters.len());
        for parameter in parameters {
            arguments.push(match parameter {
                Parameter::Given(n) => {
                    let slot = self.builder.current(Place::Slot(self.top(at(n))));
                    let value = slot.and_then(|slot| slot.value);
                    Slot::new(value.ok_or(AbortReason::SlotUnbound)?, Held::Lent)
                }
                Parameter::Other(Popped { value, held }) => Slot::new(value, held),
            });
        }
        let home = FrameHome::New {
            function,
            owned: false,
        };
        let resume = (self.at.op + 1, self.at.depth);
        // SAFETY: live code.
        unsafe { self.enter_frame(home, purpose, resume, code, arguments) };
        Ok(())
    }

    /// Begins an inlined frame, whose first slots are these.
    pub(super) unsafe fn enter_frame(
        &mut self,
        home: FrameHome,
        purpose: Purpose,
        resume: (u32, u16),
        code: *mut PyCodeObject,
        arguments: Vec<Slot>,
    ) {
        // SAFETY: live code.
        self.locals = unsafe { (*code).co_nlocalsplus as u16 };
        let frames = self.builder.frames_mut();
        frames.push(home, purpose, self.locals, resume);
        for (number, slot) in (0..).zip(arguments) {
            self.builder.write(Place::Slot(number), slot);
        }
        self.entering = code;
    }

    /// An object that the collector tracks, made by a helper.
    pub(super) fn allocate(&mut self, helper: Helper, operands: &[InsRef]) -> Recorded<InsRef> {
        self.allocate_beside(helper, operands, Vec::new())
    }

    /// The same while other objects have just been made that nothing but the trace knows yet.
    pub(super) fn allocate_beside(
        &mut self,
        helper: Helper,
        operands: &[InsRef],
        others: Vec<InsRef>,
    ) -> Recorded<InsRef> {
        let thread = self.op(Op::Thread, &[])?;
        let operands: Vec<_> = core::iter::once(thread)
            .chain(operands.iter().copied())
            .collect();
        let object = self.call_helper(helper, &operands)?;
        let (ip, depth) = (self.at.ip, self.at.depth);
        let exit = self
            .builder
            .exit_pending(ExitReason::Memory, ip, depth, others);
        built(self.builder.op_exit(Op::GuardObj, &[object], exit))
    }

    /// A tuple of these items, while others have just been made.
    pub(super) fn new_tuple(&mut self, items: &[InsRef], others: Vec<InsRef>) -> Recorded<Popped> {
        if items.is_empty() {
            // SAFETY: it lives forever.
            let value = unsafe { self.object_constant(empty_tuple()) };
            let held = Held::Lent;
            return Ok(Popped { value, held });
        }
        let tuple = self.allocate_tuple(items.len(), others)?;
        let mut owned = Vec::with_capacity(items.len());
        for item in items {
            owned.push(self.op(Op::Own, &[*item])?);
        }
        self.fill_tuple(tuple, &owned)?;
        Ok(Popped {
            value: tuple,
            held: Held::Owned,
        })
    }

    /// Gives a tuple its items, with their references.
    pub(super) fn fill_tuple(&mut self, tuple: InsRef, items: &[InsRef]) -> Recorded {
        for (index, item) in items.iter().enumerate() {
            self.store(tuple, *item, nth(TUPLE_ITEM, index as u16))?;
        }
        Ok(())
    }

    /// A tuple of so many NULLs, while others have just been made. It has to be filled before the trace may leave.
    pub(super) fn allocate_tuple(&mut self, count: usize, others: Vec<InsRef>) -> Recorded<InsRef> {
        // SAFETY: the type lives forever.
        let class = unsafe { self.object_constant((&raw mut api::PyTuple_Type).cast()) };
        let facts = [count, layout::PyTupleObject::ob_item];
        let [count, items_at] = facts.map(|fact| self.builder.const_i64(fact as i64));
        self.allocate_beside(Helper::NewTuple, &[class, count, items_at], others)
    }

    /// Guards that a function has the version that it has now.
    pub(super) fn guard_version_of(&mut self, function: InsRef, version: u32) -> Recorded {
        let at = layout::PyFunctionObject::func_version;
        let found = self.field(function, at, Width::U32, Region::Functions)?;
        self.guard_is(found, i64::from(version), ExitReason::Callee)
    }

    /// Guards that the function below `total` arguments is this one, or one of its code; also tells which. `None` if it
    /// cannot be guarded.
    unsafe fn guard_callee(
        &mut self,
        r: Regs,
        callee: *mut PyFunctionObject,
        total: usize,
    ) -> Recorded<Option<(InsRef, bool)>> {
        // SAFETY: a live function, its arguments on the stack.
        unsafe {
            let slot = self.slot(r, self.top(total as u16 + 1))?;
            let function = slot.value.ok_or(AbortReason::SlotUnbound)?;
            self.guard_called(function, callee)
        }
    }

    /// The same of any value.
    pub(super) unsafe fn guard_called(
        &mut self,
        function: InsRef,
        callee: *mut PyFunctionObject,
    ) -> Recorded<Option<(InsRef, bool)>> {
        // SAFETY: a live function.
        unsafe {
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
                return Ok(None);
            }
            let function = self.guard_kind(function, ObjKind::Function)?;
            if by_version {
                self.guard_version_of(function, version)?;
            } else {
                self.guard_code_of(function, callee)?;
            }
            Ok(Some((function, by_version)))
        }
    }

    /// Whether the present instruction has called something else before, so many times or more, for each of which there is a
    /// trace.
    pub(super) fn meets_callees(&self, most: usize) -> bool {
        self.has_met(self.elsewhere, most)
    }

    /// Whether what was met so many times, with where that was, is that many or more at the present instruction.
    pub(super) fn has_met(&self, met: Option<(u32, usize)>, most: usize) -> bool {
        met.is_some_and(|(at, count)| at == self.at.ip && count >= most)
    }

    /// Guards what a call of a Python function that is not inlined has to know to make the frame; returns what is
    /// attached to the code. `None` if such a call has more to do, or the site has called another function.
    unsafe fn direct_callee(
        &mut self,
        r: Regs,
        callee: *mut PyFunctionObject,
        total: usize,
        names: *mut PyObject,
    ) -> Recorded<Option<InsRef>> {
        // SAFETY: a live function, its arguments on the stack.
        unsafe {
            let meta = anchors::make_meta((*callee).func_code, driver::entry_heat());
            let fits = !meta.is_null() && names.is_null() && (*meta).takes_plainly(total);
            if !fits || self.meets_callees(1) || self.guard_callee(r, callee, total)?.is_none() {
                return Ok(None);
            }
            Ok(Some(self.builder.const_i64(meta as i64)))
        }
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
            let Some((function, by_version)) = self.guard_callee(r, callee, total)? else {
                return Ok(false);
            };
            self.guard_recursion()?;
            for n in 1..=total as u16 {
                self.slot(r, self.top(n))?;
            }
            let parameters =
                self.parameters(function, callee, by_version, arguments, &mut |this, n| {
                    this.peek_object(r, n)
                })?;
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

    /// Begins the frame of an inlined call, whose arguments were taken off the stack, the last one first. Those that are
    /// no parameters themselves are items of one.
    unsafe fn enter_inlined(
        &mut self,
        home: FrameHome,
        code: *mut PyCodeObject,
        parameters: Vec<Parameter>,
        given: &[Popped],
    ) -> Recorded {
        for (n, item) in (1..).zip(given) {
            let takes =
                |parameter: &Parameter| matches!(parameter, Parameter::Given(at) if *at == n);
            if !parameters.iter().any(takes) {
                self.drop_held(*item)?;
            }
        }
        let arguments = parameters.into_iter().map(|parameter| {
            let Popped { value, held } = match parameter {
                Parameter::Given(n) => given[usize::from(n) - 1],
                Parameter::Other(popped) => popped,
            };
            Slot::new(value, held)
        });
        let arguments = arguments.collect();
        let resume = (self.at.next, self.at.depth);
        // SAFETY: live code.
        unsafe { self.enter_frame(home, Purpose::Call, resume, code, arguments) };
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
            self.slot(r, self.top(1))?;
            let parameters =
                self.parameters(callee, function, true, arguments, &mut |this, n| {
                    this.peek_object(r, n)
                })?;
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

    /// Guards that the frames inlined so far, and one more, are well within the recursion limit.
    pub(super) fn guard_recursion(&mut self) -> Recorded {
        let thread = self.op(Op::Thread, &[])?;
        let remaining = self.field(
            thread,
            layout::PyThreadState::recursion_remaining,
            Width::I32,
            Region::Other,
        )?;
        // Of the frames inlined so far some may be in memory, and counted already.
        let frames = self.builder.frames().all().iter();
        let levels: i64 = frames.map(|frame| i64::from(frame.purpose.levels())).sum();
        let depth = self
            .builder
            .const_i64(levels + i64::from(nested::SPARE_LEVELS));
        let enough = self.op(Op::GtI64, &[remaining, depth])?;
        let depth = self.at.depth;
        self.checked(Op::GuardTrue, &[enough], ExitReason::Callee, depth)?;
        Ok(())
    }

    /// `len` of a container whose length is a field.
    unsafe fn len(&mut self, r: Regs, callee: *mut PyObject) -> Recorded {
        // SAFETY: function and argument are on the stack.
        unsafe {
            let (offset, region) = match acts_as(r.peek(1), c"__len__") {
                Some(ObjKind::List) => (layout::PyVarObject::ob_size, Region::Lists),
                Some(ObjKind::Tuple | ObjKind::Str) => {
                    (layout::PyVarObject::ob_size, Region::Fixed)
                }
                Some(ObjKind::Dict) => (layout::PyDictObject::ma_used, Region::Dicts),
                _ => return Err(AbortReason::Call),
            };
            let function = self.peek(r, 2)?;
            self.guard_same(function, callee)?;
            let value = self.guarded(r, 1)?;
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
}

/// Whether a trace can make an instance of a class that is called with this many positional arguments.
unsafe fn can_make(class: *mut PyTypeObject, positional: usize) -> bool {
    // SAFETY: a live class.
    unsafe { positional <= MOST_INLINE.into() || !constructor::makes_exceptions(class) }
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
    let kind = unsafe { acts_as(object, c"__len__") };
    kind.is_some_and(|kind| kind != ObjKind::Set)
}
