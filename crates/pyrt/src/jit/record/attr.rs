//! Recording attributes, methods and globals.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::layout;
use pyrt_cpython::object::{
    PyDictKeysObject, PyDictObject, PyDictUnicodeEntry, PyMemberDef, PyModuleObject, PyObject,
    PyTypeObject, flags, member,
};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::frames::Held;
use pyrt_trace::{Helper, Imm, InsRef, Mem, ObjKind, Op, Region, Width};

use super::stack::Popped;
use super::{Flow, Recorded, Recorder, built};
use crate::interp::Regs;
use crate::interp::handlers::attr::LOAD_METHOD_BOUND;

/// Where the pointer to inline values is, from the object.
const VALUES: i32 = -4 * 8;

/// Where the pointer to the dict of such an object is.
const DICT: i32 = -3 * 8;

/// Where the attributes of an instance are, which do not have a certain name among them.
enum Attributes {
    /// It cannot have any.
    None,
    /// Inline.
    Inline,
    /// It has none so far, and no place for them.
    NotMade,
    /// In a dict.
    Dict(*mut PyDictObject),
}

/// One of the pointers before an object.
const fn managed(offset: i32) -> Mem {
    Mem {
        offset,
        width: Width::Ptr,
        region: Region::Attrs,
    }
}

/// An attribute of instances, as the class says.
enum Attribute {
    /// In the inline values, at this index.
    Value(usize),
    /// A `__slots__` member at this offset.
    Member(usize),
}

/// `PyMemberDescrObject` (`Include/descrobject.h`).
#[repr(C)]
struct MemberDescr {
    base: [usize; 5],
    member: *const PyMemberDef,
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
            let (owner, name) = (r.peek(1), r.name(oparg));
            if is_module(owner) {
                let module = self.peek(r, 1)?;
                let (value, held) = self.module_attribute(module, owner, name)?;
                return self.replace(1, &[Popped { value, held }]);
            }
            let found = find(owner, name);
            let found = found.filter(|(attribute, _)| !value_now(owner, attribute).is_null());
            let Some((attribute, version)) = found else {
                let name = self.object_constant(name);
                return self.foreign(r, Helper::GetAttr, 1, Some(name));
            };
            let value = self.peek_object(r, 1)?;
            let value = self.guard_version(value, version)?;
            let (base, mem) = self.place_of(value, &attribute)?;
            let value = self.load(base, mem)?;
            let depth = self.at.depth;
            let value = self.checked(Op::GuardObj, &[value], ExitReason::Missing, depth)?;
            self.replace_by_loaded(1, value)
        }
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
            Attribute::Value(index) => {
                let depth = self.at.depth;
                let values = self.load(value, mem(VALUES))?;
                let values = self.checked(Op::GuardObj, &[values], ExitReason::Missing, depth)?;
                let offset = layout::PyDictValues::values + index * 8;
                Ok((values, mem(offset as i32)))
            }
        }
    }

    pub(super) unsafe fn store_attr(&mut self, r: Regs, oparg: usize) -> Recorded {
        // SAFETY: the owner and the value are on the stack.
        unsafe {
            let (owner, name) = (r.peek(1), r.name(oparg));
            let plain = (*type_of(owner)).tp_setattro == api::PyObject_GenericSetAttr as *mut _;
            let Some((attribute, version)) = find(owner, name).filter(|_| plain) else {
                let name = self.object_constant(name);
                return self.foreign_status(r, Helper::SetAttr, 2, Some(name));
            };
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
    ) -> Recorded<(InsRef, Held)> {
        // SAFETY: a live module.
        unsafe {
            let dict_now = (*now.cast::<PyModuleObject>()).md_dict;
            let index = index_in(dict_now.cast(), name).ok_or(AbortReason::GenericOperation)?;
            let module = self.guard_kind(module, ObjKind::Module)?;
            let dict = self.field(
                module,
                layout::PyModuleObject::md_dict,
                Width::Obj,
                Region::Fixed,
            )?;
            self.dict_value(dict, dict_now.cast(), index)
        }
    }

    /// The value at an index of a dict of str keys, guarded to have the keys that it has now.
    unsafe fn dict_value(
        &mut self,
        dict: InsRef,
        now: *mut PyDictObject,
        index: usize,
    ) -> Recorded<(InsRef, Held)> {
        // SAFETY: a live dict.
        unsafe {
            let depth = self.at.depth;
            let keys = self.guard_keys(dict, now)?;
            let entries = dict_entries::<PyDictUnicodeEntry>((*now).ma_keys);
            let entry = &raw const (*entries.add(index)).me_value;
            let offset = entry.byte_offset_from((*now).ma_keys);
            let value = self.field(keys, offset as usize, Width::Ptr, Region::Dicts)?;
            let value = self.checked(Op::GuardObj, &[value], ExitReason::Missing, depth)?;
            Ok((value, Held::Heap))
        }
    }

    /// Guards that a dict has the keys that it has now, in their order.
    unsafe fn guard_keys(&mut self, dict: InsRef, now: *mut PyDictObject) -> Recorded<InsRef> {
        // SAFETY: a live dict.
        unsafe {
            let version = api::_PyDictKeys_GetVersionForCurrentState((*now).ma_keys);
            if version == 0 {
                return Err(AbortReason::GenericOperation);
            }
            let keys = self.field(
                dict,
                layout::PyDictObject::ma_keys,
                Width::Ptr,
                Region::Dicts,
            )?;
            let found = self.field(
                keys,
                layout::PyDictKeysObject::dk_version,
                Width::U32,
                Region::Dicts,
            )?;
            self.guard_is(found, i64::from(version), ExitReason::Missing)?;
            Ok(keys)
        }
    }

    /// The globals or builtins of the innermost frame. Other functions may share the code of the
    /// tree's own frame; an inlined function has been guarded.
    unsafe fn namespace(&mut self, now: *mut PyObject, field: usize) -> Recorded<InsRef> {
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
            let (value, held) = match index_in(globals.cast(), name) {
                Some(index) => self.dict_value(globals_const, globals.cast(), index)?,
                None => {
                    if has_key(globals.cast(), name) {
                        return Err(AbortReason::GenericOperation);
                    }
                    let index =
                        index_in(builtins.cast(), name).ok_or(AbortReason::GenericOperation)?;
                    self.guard_keys(globals_const, globals.cast())?;
                    let builtins_const =
                        self.namespace(builtins, layout::PyInterpreterFrame::f_builtins)?;
                    self.dict_value(builtins_const, builtins.cast(), index)?
                }
            };
            if oparg & 1 != 0 {
                self.push_null();
            }
            self.push(value, held);
            Ok(())
        }
    }

    /// `LOAD_METHOD` of a Python function of the class; the instance must not have the name.
    pub(super) unsafe fn load_method(&mut self, r: Regs, oparg: usize) -> Recorded<Flow> {
        // SAFETY: the owner is on the stack.
        unsafe {
            let (owner, name) = (r.peek(1), r.name(oparg));
            if is_module(owner) {
                let module = self.peek(r, 1)?;
                let (value, held) = self.module_attribute(module, owner, name)?;
                self.replace(1, &[])?;
                self.push_null();
                self.push(value, held);
                return Ok(Flow::Continue);
            }
            let Some((found, version, attributes)) = find_method(owner, name) else {
                let name = self.object_constant(name);
                self.foreign_method(r, name)?;
                return Ok(Flow::Nested(LOAD_METHOD_BOUND));
            };
            let value = self.peek_object(r, 1)?;
            let value = self.guard_version(value, version)?;
            match attributes {
                Attributes::None => {}
                Attributes::Inline => self.guard_not_in_instance(value, owner, name)?,
                Attributes::NotMade => self.guard_no_attributes(value)?,
                Attributes::Dict(dict) => {
                    let mem = managed(DICT);
                    let found = self.load(value, mem)?;
                    let depth = self.at.depth;
                    let found = self.checked(Op::GuardObj, &[found], ExitReason::Missing, depth)?;
                    self.guard_keys(found, dict)?;
                }
            }
            let function = self.object_constant(found);
            let top = self.top(1);
            let this = self.slot(r, top)?;
            // The function goes below its `self`.
            self.at.depth -= 1;
            self.put(top, None, Held::Lent);
            self.push(function, Held::Heap);
            self.push(this.value.ok_or(AbortReason::SlotUnbound)?, this.held);
            Ok(Flow::Continue)
        }
    }

    /// Guards that an instance has got neither inline values nor a dict so far.
    fn guard_no_attributes(&mut self, value: InsRef) -> Recorded {
        for offset in [VALUES, DICT] {
            let found = self.load(value, managed(offset))?;
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
            let class = type_of(object);
            let defines = |name: &core::ffi::CStr| {
                let name = api::PyUnicode_InternFromString(name.as_ptr());
                let found = !name.is_null() && !api::_PyType_Lookup(class, name).is_null();
                xdecref(name);
                found
            };
            let asks = defines(c"__bool__") || defines(c"__len__");
            if (*class).tp_version_tag == 0 || asks && !has_truth_of_its_own(class) {
                return Err(AbortReason::UnsupportedType);
            }
            let value = self.guard_version(value, (*class).tp_version_tag)?;
            if !asks {
                return Ok((self.builder.const_bool(true), true));
            }
            let truth = self.call_helper(Helper::Truth, &[value])?;
            let truth = self.op(Op::I64IsTrue, &[truth])?;
            Ok((truth, api::PyObject_IsTrue(object) > 0))
        }
    }

    /// Guards that an instance does not hide an attribute of its class.
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
            let values = self.load(
                value,
                Mem {
                    offset: VALUES,
                    width: Width::Ptr,
                    region: Region::Attrs,
                },
            )?;
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
            let version = api::_PyDictKeys_GetVersionForCurrentState(keys);
            // The keys of a class live as long as it does, in this state.
            let keys = self.builder.const_obj(keys as u64, "shared keys");
            let found = self.field(
                keys,
                layout::PyDictKeysObject::dk_version,
                Width::U32,
                Region::Dicts,
            )?;
            self.guard_is(found, i64::from(version), ExitReason::Class)
        }
    }
}

/// How an attribute of an object is found, which may not have it, and the version of its class that says so; `None`
/// if it takes more than reading memory.
unsafe fn find(owner: *mut PyObject, name: *mut PyObject) -> Option<(Attribute, u32)> {
    // SAFETY: live objects.
    unsafe {
        let class = type_of(owner);
        if (*class).tp_getattro != api::PyObject_GenericGetAttr as *mut _ {
            return None;
        }
        let found = api::_PyType_Lookup(class, name);
        let version = (*class).tp_version_tag;
        if version == 0 {
            return None;
        }
        let attribute = if !found.is_null() && (*type_of(found)).tp_descr_get.is_some() {
            member(class, found)?
        } else {
            if !has_values(owner) {
                return None;
            }
            let index = api::_PyDictKeys_StringLookup(cached_keys(class), name);
            Attribute::Value(usize::try_from(index).ok()?)
        };
        Some((attribute, version))
    }
}

/// Whether an instance keeps its attributes inline.
unsafe fn has_values(owner: *mut PyObject) -> bool {
    // SAFETY: a live object; the pointer is there if the flag is.
    unsafe {
        (*type_of(owner)).tp_flags & flags::MANAGED_DICT != 0 && !(*values_pointer(owner)).is_null()
    }
}

/// The method of the class that `owner.name` calls, and the version of the class that says so; `None`
/// if the instance, or something else, may have a say.
unsafe fn find_method(
    owner: *mut PyObject,
    name: *mut PyObject,
) -> Option<(*mut PyObject, u32, Attributes)> {
    // SAFETY: live objects.
    unsafe {
        let class = type_of(owner);
        if (*class).tp_getattro != api::PyObject_GenericGetAttr as *mut _ {
            return None;
        }
        let found = api::_PyType_Lookup(class, name);
        let version = (*class).tp_version_tag;
        if found.is_null() || version == 0 || !(is_function(found) || is_method_descr(found)) {
            return None;
        }
        if (*class).tp_dictoffset != 0 {
            if (*class).tp_flags & flags::MANAGED_DICT == 0 {
                return None;
            }
            let dict = *managed_dict_pointer(owner);
            if !dict.is_null() {
                let plain = is_dict(dict.cast()) && !has_key(dict, name);
                return plain.then_some((found, version, Attributes::Dict(dict)));
            }
            if !has_values(owner) {
                return Some((found, version, Attributes::NotMade));
            }
            let keys = cached_keys(class);
            let index = api::_PyDictKeys_StringLookup(keys, name);
            if index >= 0 {
                let now = value_now(owner, &Attribute::Value(index as usize));
                return now
                    .is_null()
                    .then_some((found, version, Attributes::Inline));
            }
            if api::_PyDictKeys_GetVersionForCurrentState(keys) == 0 {
                return None;
            }
            return Some((found, version, Attributes::Inline));
        }
        Some((found, version, Attributes::None))
    }
}

/// What an attribute holds now, or null.
unsafe fn value_now(owner: *mut PyObject, attribute: &Attribute) -> *mut PyObject {
    // SAFETY: `find` has looked at the owner.
    unsafe {
        match *attribute {
            Attribute::Member(offset) => *owner.cast::<u8>().add(offset).cast(),
            Attribute::Value(index) => *(&raw mut (**values_pointer(owner)).values)
                .cast::<*mut PyObject>()
                .add(index),
        }
    }
}

/// A `__slots__` member of this class.
unsafe fn member(class: *mut PyTypeObject, found: *mut PyObject) -> Option<Attribute> {
    // SAFETY: a live descriptor.
    unsafe {
        if type_of(found).cast_const() != &raw const api::PyMemberDescr_Type {
            return None;
        }
        let owner = (*found.cast::<MemberDescr>()).base[2] as *mut PyTypeObject;
        let found: *const PyMemberDef = (*found.cast::<MemberDescr>()).member;
        let plain = (*found).kind == member::OBJECT_EX && (*found).flags & member::READ_ONLY == 0;
        if !plain || api::PyType_IsSubtype(class, owner) == 0 {
            return None;
        }
        Some(Attribute::Member((*found).offset as usize))
    }
}

/// The keys that the instances of a heap type share.
unsafe fn cached_keys(class: *mut PyTypeObject) -> *mut PyDictKeysObject {
    // SAFETY: a heap type, whose instances have inline values.
    unsafe {
        *class
            .cast::<u8>()
            .add(layout::PyHeapTypeObject::ht_cached_keys)
            .cast()
    }
}

/// The entry of a str key in a combined dict of str keys.
pub(super) unsafe fn index_in(dict: *mut PyDictObject, name: *mut PyObject) -> Option<usize> {
    // SAFETY: a live dict.
    unsafe {
        if !(*dict).ma_values.is_null() || (*(*dict).ma_keys).dk_kind == 0 {
            return None;
        }
        let index = api::_PyDictKeys_StringLookup((*dict).ma_keys, name);
        let entries = dict_entries::<PyDictUnicodeEntry>((*dict).ma_keys);
        (index >= 0 && !(*entries.add(index as usize)).me_value.is_null()).then_some(index as usize)
    }
}

/// Whether a dict has a key, or cannot be asked cheaply.
unsafe fn has_key(dict: *mut PyDictObject, name: *mut PyObject) -> bool {
    // SAFETY: a live dict.
    unsafe {
        !(*dict).ma_values.is_null()
            || (*(*dict).ma_keys).dk_kind == 0
            || api::_PyDictKeys_StringLookup((*dict).ma_keys, name) >= 0
    }
}

/// Whether the truth of the objects of a type of CPython's own is known without asking other objects.
unsafe fn has_truth_of_its_own(class: *mut PyTypeObject) -> bool {
    let types: [*const PyTypeObject; 6] = [
        &raw const api::PyByteArray_Type,
        &raw const api::PySet_Type,
        &raw const api::PyFrozenSet_Type,
        &raw const api::PyRange_Type,
        &raw const api::PyDictKeys_Type,
        &raw const api::PyDictValues_Type,
    ];
    types.contains(&class.cast_const())
}
