//! Recording attributes and globals.

use std::mem::offset_of;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyModuleObject, PyObject, PyStaticMethodObject};
use pyrt_cpython::state::PyInterpreterState;
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::Held;
use pyrt_trace::{Helper, Imm, InsRef, Mem, ObjKind, Op, Region, Width};

use super::stack::Popped;
use super::{MOST_CLASSES, MOST_CLASSES_ASKED, Recorded, Recorder, built};
use crate::interp::Regs;
use crate::interp::attributes::TEMPORARY;
use crate::jit::lookup::{
    self, Attribute, Attributes, Given, MANAGED_DICT, entry_in, find, find_in_class, find_in_type,
    find_to_add, find_to_store, given, has_key, value_now,
};
use crate::jit::truth;

/// Where the pointer to inline values is, from the object.
pub(super) const VALUES: i32 = -4 * 8;

/// A pointer to what keeps the attributes of an object.
pub(super) const fn pointer(offset: i32) -> Mem {
    Mem {
        offset,
        width: Width::Ptr,
        region: Region::Attrs,
    }
}

/// What looking for an attribute has found; what that relies on is guarded.
pub(super) enum Found {
    /// It is there.
    Here(Popped),
    /// A function or method of the class, to be bound to the object.
    Bound(InsRef, InsRef),
    /// It is not there.
    Absent,
    /// That takes more than reading memory.
    Unsure,
}

impl Found {
    /// A value that an object holds.
    const fn loaded(value: InsRef) -> Found {
        let held = Held::Heap;
        Found::Here(Popped { value, held })
    }
}

impl Recorder {
    /// Guards the class of an object, and its state.
    pub(super) fn guard_version(&mut self, value: InsRef, version: u32) -> Recorded<InsRef> {
        let exit = self.exit(ExitReason::Class, self.at.depth);
        built(self.builder.push(
            Op::GuardVersion,
            &[value],
            Imm::Int(i64::from(version)),
            Some(exit),
        ))
    }

    pub(super) unsafe fn load_attr(&mut self, r: Regs, oparg: usize) -> Recorded {
        // SAFETY: the owner is on the stack.
        unsafe {
            let name = r.name(oparg);
            let looks_up = self.meets_classes(MOST_CLASSES) || self.is_refused();
            if looks_up && !lookup::read(r.peek(1), name).is_null() {
                return self.read_attribute(r, name);
            }
            match self.attribute(r, 1, name)? {
                Found::Here(value) => self.replace(1, &[value]),
                Found::Bound(function, owner) => {
                    let value = self.bind(function, owner)?;
                    self.replace(1, &[value])
                }
                Found::Absent | Found::Unsure => {
                    let name = self.object_constant(name);
                    self.foreign(r, Helper::GetAttr, 1, Some(name))
                }
            }
        }
    }

    /// Whether the present instruction has met objects of other classes, as many as this or more, which have traces.
    pub(super) fn meets_classes(&self, most: usize) -> bool {
        self.has_met(self.classes, most)
    }

    /// An attribute of an object whose class may be any.
    unsafe fn read_attribute(&mut self, r: Regs, name: *mut PyObject) -> Recorded {
        // SAFETY: the owner is on the stack.
        unsafe {
            let owner = self.peek_object(r, 1)?;
            let name = self.object_constant(name);
            let value = self.call_helper(Helper::ReadAttr, &[owner, name])?;
            let depth = self.at.depth;
            let value = self.checked(Op::GuardObj, &[value], ExitReason::Missing, depth)?;
            let held = Held::Owned;
            self.replace(1, &[Popped { value, held }])
        }
    }

    /// Stores an attribute of an object whose class may be any.
    unsafe fn write_attribute(&mut self, r: Regs, name: *mut PyObject) -> Recorded {
        // SAFETY: the owner and the value are on the stack.
        unsafe {
            let owner = self.peek_object(r, 1)?;
            let value = self.peek_object(r, 2)?;
            let name = self.object_constant(name);
            self.secure_heap()?;
            let old = self.call_helper(Helper::WriteAttr, &[value, owner, name])?;
            self.finish_store(2, old)
        }
    }

    /// Gives an object an attribute in its dict, where it does not have it yet.
    unsafe fn add_attribute(
        &mut self,
        r: Regs,
        name: *mut PyObject,
        at: i32,
        version: u32,
    ) -> Recorded {
        // SAFETY: the owner and the value are on the stack.
        unsafe {
            let owner = self.peek_object(r, 1)?;
            let owner = self.guard_version(owner, version)?;
            let value = self.peek_object(r, 2)?;
            let name = self.object_constant(name);
            let thread = self.op(Op::Thread, &[])?;
            let at = self.builder.const_i64(i64::from(at));
            let added = self.call_helper(Helper::AddAttr, &[thread, value, owner, name, at])?;
            self.guard_is(added, 0, ExitReason::Refused)?;
            self.replace(2, &[])
        }
    }

    /// An attribute of the object `n` from the top of the stack.
    pub(super) unsafe fn attribute(
        &mut self,
        r: Regs,
        n: u16,
        name: *mut PyObject,
    ) -> Recorded<Found> {
        // SAFETY: the owner is on the stack.
        unsafe {
            let owner = r.peek(usize::from(n));
            if is_module(owner) {
                let module = self.peek(r, n)?;
                let value = self.module_attribute(module, owner, name)?;
                return Ok(Found::loaded(value));
            }
            if let Some((attribute, version)) = find(owner, name)
                && !value_now(owner, &attribute).is_null()
            {
                let value = self.peek_object(r, n)?;
                let value = self.guard_version(value, version)?;
                let (base, mem) = self.place_of(value, &attribute)?;
                let value = self.load(base, mem)?;
                let depth = self.at.depth;
                let value = self.checked(Op::GuardObj, &[value], ExitReason::Missing, depth)?;
                return Ok(Found::loaded(value));
            }
            if let Some((found, version, attributes)) = find_in_class(owner, name) {
                return self.class_attribute(r, n, name, found, (version, attributes));
            }
            let Some((found, version, of_meta)) = find_in_type(owner, name) else {
                return Ok(Found::Unsure);
            };
            let given = found.map(|found| given(found, true));
            if matches!(given, Some(Given::Computed)) {
                return Ok(Found::Unsure);
            }
            self.guard_type(r, n, (version, of_meta))?;
            self.given_by_class(found, given)
        }
    }

    /// Guards that the collector would not run for so many containers, which the trace does without.
    unsafe fn guard_collector(&mut self, r: Regs, containers: i64) -> Recorded {
        let thread = self.op(Op::Thread, &[])?;
        let interp = layout::PyThreadState::interp;
        let interp = self.field(thread, interp, Width::Ptr, Region::Fixed)?;
        let mut number = |at| self.field(interp, at, Width::I32, Region::Allocator);
        // SAFETY: the thread's interpreter.
        let (enabled, threshold) = unsafe {
            let interp = (*r.ts).interp;
            (
                *PyInterpreterState::gc_enabled(interp) != 0,
                *PyInterpreterState::gc_threshold(interp) != 0,
            )
        };
        if !enabled || !threshold {
            let off = match enabled {
                false => number(layout::Interp::gc_enabled)?,
                true => number(layout::Interp::gc_threshold)?,
            };
            return self.guard_is(off, 0, ExitReason::Memory);
        }
        let threshold = number(layout::Interp::gc_threshold)?;
        let count = number(layout::Interp::gc_count)?;
        let left = self.op(Op::SubWrap, &[threshold, count])?;
        let needed = self.builder.const_i64(containers - 1);
        let fits = self.op(Op::GtI64, &[left, needed])?;
        let depth = self.at.depth;
        self.checked(Op::GuardTrue, &[fits], ExitReason::Memory, depth)?;
        Ok(())
    }

    /// Guards that the object `n` from the top is the class that it is now, with these versions of it and of its own
    /// class, which look for attributes as they do now.
    pub(super) unsafe fn guard_type(
        &mut self,
        r: Regs,
        n: u16,
        (version, of_meta): (u32, u32),
    ) -> Recorded {
        // SAFETY: the class is on the stack.
        unsafe {
            let value = self.peek_object(r, n)?;
            let class = self.object_constant(r.peek(usize::from(n)));
            let depth = self.at.depth;
            self.checked(Op::GuardSame, &[value, class], ExitReason::Class, depth)?;
            self.guard_version(class, of_meta)?;
            let tag = layout::PyTypeObject::tp_version_tag;
            let tag = self.field(class, tag, Width::U32, Region::Classes)?;
            self.guard_is(tag, i64::from(version), ExitReason::Class)?;
            match (*type_of(r.peek(usize::from(n)))).tp_getattro == api::PyType_Type.tp_getattro {
                true => Ok(()),
                false => self.guard_collector(r, TEMPORARY),
            }
        }
    }

    /// What the class of the object `n` from the top gives as an attribute that it has not got itself.
    unsafe fn class_attribute(
        &mut self,
        r: Regs,
        n: u16,
        name: *mut PyObject,
        found: Option<*mut PyObject>,
        (version, attributes): (u32, Attributes),
    ) -> Recorded<Found> {
        // SAFETY: the owner is on the stack.
        unsafe {
            let owner = r.peek(usize::from(n));
            let given = found.map(|found| given(found, false));
            if matches!(given, Some(Given::Computed)) {
                return Ok(Found::Unsure);
            }
            let value = self.peek_object(r, n)?;
            let value = self.guard_version(value, version)?;
            self.guard_not_hidden(value, owner, name, &attributes)?;
            if let (Some(found), Some(Given::Bound)) = (found, &given) {
                let found = self.object_constant(found);
                return Ok(Found::Bound(found, value));
            }
            self.given_by_class(found, given)
        }
    }

    /// An attribute that has been looked for in a class.
    unsafe fn given_by_class(
        &mut self,
        found: Option<*mut PyObject>,
        given: Option<Given>,
    ) -> Recorded<Found> {
        let (Some(found), Some(given)) = (found, given) else {
            return Ok(Found::Absent);
        };
        // SAFETY: a live object.
        let value = unsafe { self.object_constant(found) };
        let value = match given {
            Given::Itself(0) | Given::Bound | Given::Computed => value,
            Given::Itself(version) => {
                self.guard_version(value, version)?;
                value
            }
            Given::Held => self.held_by(value)?,
        };
        Ok(Found::loaded(value))
    }

    /// Base and place of an attribute.
    fn place_of(&mut self, value: InsRef, attribute: &Attribute) -> Recorded<(InsRef, Mem)> {
        let mem = |offset| Mem {
            offset,
            width: Width::Ptr,
            region: Region::Attrs,
        };
        match *attribute {
            Attribute::Member(offset) => Ok((value, mem(offset as i32))),
            Attribute::Item(number) => {
                let length = layout::PyVarObject::ob_size;
                let length = self.field(value, length, Width::I64, Region::Fixed)?;
                let index = self.builder.const_i64(number as i64);
                let inside = self.op(Op::GtI64, &[length, index])?;
                let depth = self.at.depth;
                self.checked(Op::GuardTrue, &[inside], ExitReason::Missing, depth)?;
                let offset = layout::PyTupleObject::ob_item + number * 8;
                Ok((
                    value,
                    Mem {
                        offset: offset as i32,
                        width: Width::Ptr,
                        region: Region::Fixed,
                    },
                ))
            }
            Attribute::Value(index) => {
                let depth = self.at.depth;
                let values = self.load(value, mem(VALUES))?;
                let values = self.checked(Op::GuardObj, &[values], ExitReason::Missing, depth)?;
                let offset = layout::PyDictValues::values + index * 8;
                Ok((values, mem(offset as i32)))
            }
            // SAFETY: the attribute has just been found.
            Attribute::Entry(entry, at) => unsafe { self.place_of_entry(value, entry, at) },
        }
    }

    pub(super) unsafe fn store_attr(&mut self, r: Regs, oparg: usize) -> Recorded {
        // SAFETY: the owner and the value are on the stack.
        unsafe {
            let (owner, name) = (r.peek(1), r.name(oparg));
            let looks_up = self.meets_classes(MOST_CLASSES) || self.is_refused();
            if looks_up && find_to_store(owner, name).is_some() {
                return self.write_attribute(r, name);
            }
            let plain = (*type_of(owner)).tp_setattro == api::PyObject_GenericSetAttr as *mut _;
            let found = find(owner, name)
                .filter(|(attribute, _)| plain && !matches!(attribute, Attribute::Item(_)));
            let Some((attribute, version)) = found else {
                if let Some((at, version)) = find_to_add(owner, name).filter(|_| !self.is_refused())
                {
                    return self.add_attribute(r, name, at, version);
                }
                let name = self.object_constant(name);
                return self.foreign_status(r, Helper::SetAttr, 2, Some(name));
            };
            if let Attribute::Entry(entry, at) = attribute {
                return self.store_entry(r, version, entry, at);
            }
            if value_now(owner, &attribute).is_null() {
                return self.store_new_attr(r, &attribute, version);
            }
            let value = self.peek_object(r, 1)?;
            let value = self.guard_version(value, version)?;
            let (base, mem) = self.place_of(value, &attribute)?;
            let old = self.load(base, mem)?;
            let depth = self.at.depth;
            let old = self.checked(Op::GuardObj, &[old], ExitReason::Missing, depth)?;
            let old = self.leaf_guarded(old, value_now(owner, &attribute))?;
            self.peek_object(r, 2)?;
            let owner = self.drop_place(self.top(1));
            self.secure_read_from(mem.region)?;
            self.at.depth -= 1;
            let new = self.pop()?;
            let new = self.pass_on(new)?;
            self.store(base, new, mem)?;
            let mut dead = vec![old];
            dead.extend(owner);
            self.release(dead)
        }
    }

    /// An attribute that the object has not had.
    unsafe fn store_new_attr(&mut self, r: Regs, attribute: &Attribute, version: u32) -> Recorded {
        // SAFETY: as for `store_attr`.
        unsafe {
            let owner = self.peek_object(r, 1)?;
            let owner = self.guard_version(owner, version)?;
            let (base, mem) = self.place_of(owner, attribute)?;
            let old = self.load(base, mem)?;
            let depth = self.at.depth;
            self.checked(Op::GuardNull, &[old], ExitReason::Missing, depth)?;
            self.peek_object(r, 2)?;
            let dead = self.drop_place(self.top(1));
            self.at.depth -= 1;
            let new = self.pop()?;
            let new = self.pass_on(new)?;
            if let Attribute::Value(index) = *attribute {
                let index = self.builder.const_i64(index as i64);
                self.call_helper(Helper::NoteValue, &[base, index])?;
            }
            self.store(base, new, mem)?;
            self.release(dead)
        }
    }

    /// The value of a module's attribute.
    unsafe fn module_attribute(
        &mut self,
        module: InsRef,
        now: *mut PyObject,
        name: *mut PyObject,
    ) -> Recorded<InsRef> {
        // SAFETY: a live module.
        unsafe {
            let dict_now = (*now.cast::<PyModuleObject>()).md_dict;
            let entry = entry_in(dict_now.cast(), name).ok_or(AbortReason::GenericOperation)?;
            let module = self.guard_kind(module, ObjKind::Module)?;
            let dict = self.field(
                module,
                layout::PyModuleObject::md_dict,
                Width::Obj,
                Region::Fixed,
            )?;
            self.dict_value(dict, entry)
        }
    }

    /// The globals or builtins of the innermost frame. Other functions may share the code of the
    /// tree's own frame; an inlined function has been guarded.
    pub(super) unsafe fn namespace(
        &mut self,
        now: *mut PyObject,
        field: usize,
    ) -> Recorded<InsRef> {
        // SAFETY: a live dict.
        let namespace = unsafe { self.object_constant(now) };
        if self.chain.len() == 1 {
            let frame = self.op(Op::Frame, &[])?;
            let found = self.field(frame, field, Width::Ptr, Region::Fixed)?;
            let depth = self.at.depth;
            self.checked(
                Op::GuardSame,
                &[found, namespace],
                ExitReason::Callee,
                depth,
            )?;
        }
        Ok(namespace)
    }

    pub(super) unsafe fn load_global(&mut self, r: Regs, oparg: usize) -> Recorded {
        // SAFETY: the dicts of a live frame.
        unsafe {
            let name = r.name(oparg >> 1);
            let (globals, builtins) = ((*r.frame).f_globals, (*r.frame).f_builtins);
            if !is_dict(globals) || !is_dict(builtins) {
                return Err(AbortReason::GenericOperation);
            }
            let globals_const = self.namespace(globals, layout::PyInterpreterFrame::f_globals)?;
            let value = match entry_in(globals.cast(), name) {
                Some(entry) => self.dict_value(globals_const, entry)?,
                None => {
                    if has_key(globals.cast(), name) {
                        return Err(AbortReason::GenericOperation);
                    }
                    let entry =
                        entry_in(builtins.cast(), name).ok_or(AbortReason::GenericOperation)?;
                    self.guard_keys(globals_const, globals.cast())?;
                    let builtins_const =
                        self.namespace(builtins, layout::PyInterpreterFrame::f_builtins)?;
                    self.dict_value(builtins_const, entry)?
                }
            };
            if oparg & 1 != 0 {
                self.push_null();
            }
            self.push(value, Held::Heap);
            Ok(())
        }
    }

    /// What a static method holds, or a class method, which is laid out alike.
    pub(super) fn held_by(&mut self, method: InsRef) -> Recorded<InsRef> {
        let at = offset_of!(PyStaticMethodObject, sm_callable);
        let held = self.field(method, at, Width::Ptr, Region::Other)?;
        let depth = self.at.depth;
        self.checked(Op::GuardObj, &[held], ExitReason::Missing, depth)
    }

    /// Guards that an instance does not hide an attribute of its class.
    pub(super) unsafe fn guard_not_hidden(
        &mut self,
        value: InsRef,
        owner: *mut PyObject,
        name: *mut PyObject,
        attributes: &Attributes,
    ) -> Recorded {
        match *attributes {
            Attributes::None => Ok(()),
            // SAFETY: the owner is such an instance.
            Attributes::Inline => unsafe { self.guard_not_in_instance(value, owner, name) },
            Attributes::NotMade => self.guard_no_attributes(value, &[VALUES, MANAGED_DICT]),
            Attributes::NoDict(at) => self.guard_no_attributes(value, &[at]),
            // SAFETY: the owner's dict.
            Attributes::Dict(dict, at) => unsafe { self.guard_not_in_dict(value, dict, at, name) },
        }
    }

    /// Guards that an instance has got nothing so far that may keep attributes: inline values, a dict.
    fn guard_no_attributes(&mut self, value: InsRef, pointers: &[i32]) -> Recorded {
        for offset in pointers {
            let found = self.load(value, pointer(*offset))?;
            let depth = self.at.depth;
            self.checked(Op::GuardNull, &[found], ExitReason::Missing, depth)?;
        }
        Ok(())
    }

    /// An instance of a class that defines neither `__bool__` nor `__len__` is true.
    pub(super) unsafe fn truth_of_instance(
        &mut self,
        value: InsRef,
        object: *mut PyObject,
    ) -> Recorded<(InsRef, bool)> {
        // SAFETY: a live object.
        unsafe {
            let now = truth::truth(object).ok_or(AbortReason::UnsupportedType)?;
            if self.meets_classes(MOST_CLASSES_ASKED) {
                let truth = self.call_helper(Helper::Truth, &[value])?;
                return Ok((self.answer(truth)?, now));
            }
            let class = type_of(object);
            if (*class).tp_version_tag == 0 {
                return Err(AbortReason::UnsupportedType);
            }
            let value = self.guard_version(value, (*class).tp_version_tag)?;
            if !truth::has_a_say(class) {
                return Ok((self.builder.const_bool(true), true));
            }
            let truth = self.call_helper(Helper::Truth, &[value])?;
            let truth = self.op(Op::I64IsTrue, &[truth])?;
            Ok((truth, now))
        }
    }

    /// The same where that has inline values.
    unsafe fn guard_not_in_instance(
        &mut self,
        value: InsRef,
        owner: *mut PyObject,
        name: *mut PyObject,
    ) -> Recorded {
        // SAFETY: a live object of a class with a version.
        unsafe {
            let class = type_of(owner);
            if (*class).tp_dictoffset == 0 {
                return Ok(());
            }
            let depth = self.at.depth;
            let values = self.load(value, pointer(VALUES))?;
            let values = self.checked(Op::GuardObj, &[values], ExitReason::Missing, depth)?;
            let keys = cached_keys(class);
            let index = api::_PyDictKeys_StringLookup(keys, name);
            if index >= 0 {
                let offset = layout::PyDictValues::values as i32 + index as i32 * 8;
                let mem = Mem {
                    offset,
                    width: Width::Ptr,
                    region: Region::Attrs,
                };
                let slot = self.load(values, mem)?;
                self.checked(Op::GuardNull, &[slot], ExitReason::Missing, depth)?;
                return Ok(());
            }
            // The keys of a class live as long as it does, in this state.
            let shared = self.builder.const_obj(keys as u64, "shared keys");
            self.guard_no_more_keys(shared, keys, ExitReason::Class)
        }
    }
}
