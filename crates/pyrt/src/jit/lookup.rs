//! Finding attributes: what an instance or a class has under a name, as long as nothing changes.

use core::ffi::CStr;
use core::mem::size_of;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{
    PyDictObject, PyDictUnicodeEntry, PyMemberDef, PyObject, PyTypeObject, flags, member,
};
use pyrt_cpython::state::runtime;
use pyrt_trace::ObjKind;

use crate::interp::attributes::{has_class_of_its_own, looks_as};

/// Where the attributes of an instance are, which do not have a certain name among them.
pub(super) enum Attributes {
    /// It cannot have any.
    None,
    /// Inline.
    Inline,
    /// It has none so far, and no place for them.
    NotMade,
    /// It has no dict so far, which is to be at this offset.
    NoDict(i32),
    /// In this dict, which is at this offset.
    Dict(*mut PyDictObject, i32),
}

/// Where the pointer to the dict of an object is that may keep its attributes inline.
pub(super) const MANAGED_DICT: i32 = -3 * 8;

/// An attribute of instances, as the class says.
pub(super) enum Attribute {
    /// In the inline values, at this index.
    Value(usize),
    /// In the dict of the instance, which is at an offset.
    Entry(Entry, i32),
    /// A `__slots__` member at this offset.
    Member(usize),
    /// The item of a tuple at this index: a field of a named one.
    Item(usize),
}

/// Where a dict has a str key, and its value.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) dict: *mut PyDictObject,
    /// Among the entries of its keys.
    pub(super) index: usize,
}

impl Entry {
    /// Where a dict has a key, with a value.
    unsafe fn find(dict: *mut PyDictObject, name: *mut PyObject) -> Option<Entry> {
        // SAFETY: a live dict and str.
        unsafe {
            let keys = (*dict).ma_keys;
            if (*keys).dk_kind == 0 {
                return None;
            }
            let index = usize::try_from(api::_PyDictKeys_StringLookup(keys, name)).ok()?;
            let entry = Entry { dict, index };
            (!(*entry.place()).is_null()).then_some(entry)
        }
    }

    /// Whether the keys belong to a class, whose instances share them.
    pub(super) unsafe fn is_shared(self) -> bool {
        // SAFETY: the dict is alive.
        unsafe { !(*self.dict).ma_values.is_null() }
    }

    /// The key as it is stored.
    pub(super) unsafe fn key(self) -> *mut PyObject {
        // SAFETY: the entry is one of the keys'.
        unsafe { (*self.unicode()).me_key }
    }

    /// Where the value is, which may be null.
    pub(super) unsafe fn place(self) -> *mut *mut PyObject {
        // SAFETY: the entry is one of the keys'.
        unsafe {
            match self.is_shared() {
                true => (&raw mut (*(*self.dict).ma_values).values)
                    .cast::<*mut PyObject>()
                    .add(self.index),
                false => &raw mut (*self.unicode()).me_value,
            }
        }
    }

    /// Puts a reference in the place of the one that is there, and returns that.
    pub(super) unsafe fn replace(self, value: *mut PyObject) -> *mut PyObject {
        // SAFETY: live objects.
        unsafe {
            note_change(self.dict, value);
            self.place().replace(value)
        }
    }

    /// The entry in keys that are strs.
    pub(super) unsafe fn unicode(self) -> *mut PyDictUnicodeEntry {
        // SAFETY: the entry is one of the keys'.
        unsafe { dict_entries::<PyDictUnicodeEntry>((*self.dict).ma_keys).add(self.index) }
    }
}

/// `PyMemberDescrObject` (`Include/descrobject.h`).
#[repr(C)]
struct MemberDescr {
    base: [usize; 5],
    member: *const PyMemberDef,
}

/// `_tuplegetterobject` (`Modules/_collectionsmodule.c`); its size is checked before it is relied on.
#[repr(C)]
struct TupleGetter {
    base: PyObject,
    index: isize,
    doc: *mut PyObject,
}

/// The index of the item that a field of a named tuple is, which an object has as a tuple.
unsafe fn field_of_tuple(owner: *mut PyObject, found: *mut PyObject) -> Option<Attribute> {
    // SAFETY: live objects; the size says that the struct is the one that is believed.
    unsafe {
        let class = type_of(found);
        let is_field = (*class).tp_flags & flags::HEAPTYPE == 0
            && (*class).tp_basicsize == size_of::<TupleGetter>() as isize
            && CStr::from_ptr((*class).tp_name) == c"_collections._tuplegetter";
        if !is_field || !has_flag(owner, flags::TUPLE_SUBCLASS) {
            return None;
        }
        let index = (*found.cast::<TupleGetter>()).index;
        let inside = (0..pyrt_cpython::inline::size_of(owner)).contains(&index);
        inside.then_some(Attribute::Item(index as usize))
    }
}

/// The builtin type whose method of this name the class of an object has; its memory can be looked into.
pub(super) unsafe fn acts_as(object: *mut PyObject, name: &CStr) -> Option<ObjKind> {
    // SAFETY: live objects.
    unsafe {
        let class = type_of(object);
        let known: [(*mut PyTypeObject, ObjKind); 5] = [
            (&raw mut api::PyList_Type, ObjKind::List),
            (&raw mut api::PyTuple_Type, ObjKind::Tuple),
            (&raw mut api::PyDict_Type, ObjKind::Dict),
            (&raw mut api::PySet_Type, ObjKind::Set),
            (&raw mut api::PyUnicode_Type, ObjKind::Str),
        ];
        let (base, kind) = known
            .into_iter()
            .find(|(base, _)| api::PyType_IsSubtype(class, *base) != 0)?;
        if class == base {
            return Some(kind);
        }
        let name = api::PyUnicode_InternFromString(name.as_ptr());
        if name.is_null() {
            api::PyErr_Clear();
            return None;
        }
        let inherits = api::_PyType_Lookup(class, name) == api::_PyType_Lookup(base, name);
        decref(name);
        (inherits && (*class).tp_version_tag != 0).then_some(kind)
    }
}

/// How an attribute of an object is found, which may not have it, and the version of its class that says so; `None`
/// if it takes more than reading memory.
pub(super) unsafe fn find(owner: *mut PyObject, name: *mut PyObject) -> Option<(Attribute, u32)> {
    // SAFETY: live objects.
    unsafe {
        let class = type_of(owner);
        if !looks_as(class, &raw mut api::PyBaseObject_Type) {
            return None;
        }
        let found = api::_PyType_Lookup(class, name);
        let version = (*class).tp_version_tag;
        if version == 0 {
            return None;
        }
        let attribute = if !found.is_null() && (*type_of(found)).tp_descr_get.is_some() {
            match member(class, found) {
                Some(member) => member,
                None => field_of_tuple(owner, found)?,
            }
        } else if has_values(owner) {
            let index = api::_PyDictKeys_StringLookup(cached_keys(class), name);
            Attribute::Value(usize::try_from(index).ok()?)
        } else {
            let at = dict_offset(class)?;
            let dict = dict_at(owner, at);
            if dict.is_null() || !is_dict(dict.cast()) {
                return None;
            }
            let entry = Entry::find(dict, name)?;
            // What a class shares among its instances lives as long as it does.
            let own =
                (*class).tp_flags & flags::HEAPTYPE != 0 && (*dict).ma_keys == cached_keys(class);
            if entry.key() != name || entry.is_shared() && !own {
                return None;
            }
            Attribute::Entry(entry, at)
        };
        Some((attribute, version))
    }
}

/// Where the instances of a class, which may have attributes of their own, have the pointer to their dict; `None` if that
/// differs.
unsafe fn dict_offset(class: *mut PyTypeObject) -> Option<i32> {
    // SAFETY: a live class.
    unsafe {
        if (*class).tp_flags & flags::MANAGED_DICT != 0 {
            return Some(MANAGED_DICT);
        }
        // Below 0 it is behind items, whose number differs.
        ((*class).tp_dictoffset > 0).then_some((*class).tp_dictoffset as i32)
    }
}

/// The dict of an instance, or null.
unsafe fn dict_at(owner: *mut PyObject, at: i32) -> *mut PyDictObject {
    // SAFETY: the class has the dict of its instances there.
    unsafe { *owner.byte_offset(at as isize).cast() }
}

/// Whether an instance keeps its attributes inline.
unsafe fn has_values(owner: *mut PyObject) -> bool {
    // SAFETY: a live object; the pointer is there if the flag is.
    unsafe {
        (*type_of(owner)).tp_flags & flags::MANAGED_DICT != 0 && !(*values_pointer(owner)).is_null()
    }
}

/// What the class of an object has as `owner.name`, which may be nothing, the version of the class that says so, and
/// where the instance could hide it; `None` if the instance, or something else, has a say.
pub(super) unsafe fn find_in_class(
    owner: *mut PyObject,
    name: *mut PyObject,
) -> Option<(Option<*mut PyObject>, u32, Attributes)> {
    // SAFETY: live objects.
    unsafe {
        let class = type_of(owner);
        let base = &raw mut api::PyBaseObject_Type;
        if !looks_as(class, base) {
            return None;
        }
        let found = api::_PyType_Lookup(class, name);
        let found = (!found.is_null()).then_some(found);
        if found.is_none() && (*class).tp_getattro != (*base).tp_getattro {
            return None;
        }
        let version = (*class).tp_version_tag;
        if version == 0 || found.is_some_and(|found| is_data_descriptor(found)) {
            return None;
        }
        Some((found, version, attributes_without(owner, name)?))
    }
}

/// Where an instance keeps its attributes, if this name is not among them.
unsafe fn attributes_without(owner: *mut PyObject, name: *mut PyObject) -> Option<Attributes> {
    // SAFETY: live objects.
    unsafe {
        let class = type_of(owner);
        if (*class).tp_dictoffset == 0 {
            return Some(Attributes::None);
        }
        let at = dict_offset(class)?;
        let dict = dict_at(owner, at);
        if !dict.is_null() {
            let plain = is_dict(dict.cast()) && !has_key(dict, name);
            return plain.then_some(Attributes::Dict(dict, at));
        }
        if at != MANAGED_DICT {
            return Some(Attributes::NoDict(at));
        }
        if !has_values(owner) {
            return Some(Attributes::NotMade);
        }
        let keys = cached_keys(class);
        let index = api::_PyDictKeys_StringLookup(keys, name);
        let absent = match usize::try_from(index) {
            Ok(index) => value_now(owner, &Attribute::Value(index)).is_null(),
            Err(_) => true,
        };
        absent.then_some(Attributes::Inline)
    }
}

/// What a class, or one of its bases, has as `owner.name`, which may be nothing, and the versions of the class and of its own class that
/// say so; `None` if the owner is no class, or its own class has a say (`type_getattro`, `Objects/typeobject.c`).
pub(super) unsafe fn find_in_type(
    owner: *mut PyObject,
    name: *mut PyObject,
) -> Option<(Option<*mut PyObject>, u32, u32)> {
    // SAFETY: live objects.
    unsafe {
        let meta = type_of(owner);
        let plain = &raw mut api::PyType_Type;
        if !has_flag(owner.cast(), flags::TYPE_SUBCLASS) || !looks_as(meta, plain) {
            return None;
        }
        let of_meta = api::_PyType_Lookup(meta, name);
        let class: *mut PyTypeObject = owner.cast();
        let found = api::_PyType_Lookup(class, name);
        let versions = ((*class).tp_version_tag, (*meta).tp_version_tag);
        let hidden = !of_meta.is_null() && is_data_descriptor(of_meta);
        if hidden || versions.0 == 0 || versions.1 == 0 {
            return None;
        }
        // What its own class has comes after, and may be computed.
        let found = match found.is_null() {
            true if of_meta.is_null() && (*meta).tp_getattro == (*plain).tp_getattro => None,
            true => return None,
            false => Some(found),
        };
        Some((found, versions.0, versions.1))
    }
}

/// The version of a class, which it gets if it has none and there are any left.
pub(super) unsafe fn version_of(class: *mut PyTypeObject) -> Option<u32> {
    // SAFETY: a live class.
    unsafe {
        if (*class).tp_version_tag == 0 {
            // Whoever is asked for something gets a version.
            api::_PyType_Lookup(class, runtime::id___class__());
        }
        Some((*class).tp_version_tag).filter(|version| *version != 0)
    }
}

/// Whether objects of a class are equal to themselves alone: it defines neither `==` nor `!=`.
pub(super) unsafe fn compares_identity(class: *mut PyTypeObject) -> bool {
    // SAFETY: live classes.
    unsafe { compare_alike(class, &raw const api::PyBaseObject_Type) }
}

/// Whether an attribute of a class goes before those of its instances.
unsafe fn is_data_descriptor(found: *mut PyObject) -> bool {
    // SAFETY: a live object.
    unsafe { !(*type_of(found)).tp_descr_set.is_null() }
}

/// What an object that a class has as an attribute is to somebody who asks.
pub(super) enum Given {
    /// Itself, as long as its own class has this version; 0 if that never changes.
    Itself(u32),
    /// What it holds, being a `staticmethod`.
    Held,
    /// Bound to whoever is asked.
    Bound,
    /// What its `__get__` returns.
    Computed,
}

/// What an attribute of a class is given as: to whoever asks the class, or else an instance.
pub(super) unsafe fn given(found: *mut PyObject, asks_class: bool) -> Given {
    // SAFETY: a live object.
    unsafe {
        let class = type_of(found);
        if class == &raw mut api::PyStaticMethod_Type {
            return Given::Held;
        }
        if (*class).tp_descr_get.is_some() {
            let method = is_function(found) || is_method_descr(found);
            let unbound: [*const PyTypeObject; 3] = [
                &raw const api::PyWrapperDescr_Type,
                &raw const api::PyMemberDescr_Type,
                &raw const api::PyGetSetDescr_Type,
            ];
            return match asks_class {
                true if method || unbound.contains(&class.cast_const()) => Given::Itself(0),
                false if method => Given::Bound,
                _ => Given::Computed,
            };
        }
        if (*class).tp_flags & flags::HEAPTYPE == 0 {
            return Given::Itself(0);
        }
        version_of(class).map_or(Given::Computed, Given::Itself)
    }
}

/// The function or method of C that the class of an object has as its method, the version of the class that says so,
/// and where the instance could hide it.
pub(super) unsafe fn find_method(
    owner: *mut PyObject,
    name: *mut PyObject,
) -> Option<(*mut PyObject, u32, Attributes)> {
    // SAFETY: live objects.
    unsafe {
        let (found, version, attributes) = find_in_class(owner, name)?;
        let found = found.filter(|found| is_function(*found) || is_method_descr(*found))?;
        Some((found, version, attributes))
    }
}

/// Whether an object is an instance of a class, or of one in a tuple; `None` if others may be asked.
pub(super) unsafe fn is_instance(object: *mut PyObject, wanted: *mut PyObject) -> Option<bool> {
    // SAFETY: live objects.
    unsafe {
        let classes = classes_in(&wanted)?;
        let class = type_of(object);
        let is = |wanted: &*mut PyObject| api::PyType_IsSubtype(class, (*wanted).cast()) != 0;
        // A class that says no asks the object for its `__class__`.
        let found = classes.iter().position(is);
        if found != Some(0) && !has_class_of_its_own(class) {
            return None;
        }
        Some(found.is_some())
    }
}

/// A class, or the classes in a tuple, if none of them has a say in who is an instance.
pub(super) unsafe fn classes_in(wanted: &*mut PyObject) -> Option<&[*mut PyObject]> {
    const MOST: usize = 8;
    // SAFETY: live objects.
    unsafe {
        let classes = match is_tuple(*wanted) {
            true => {
                let length = pyrt_cpython::inline::size_of(*wanted) as usize;
                core::slice::from_raw_parts(tuple_items(*wanted), length)
            }
            false => core::slice::from_ref(wanted),
        };
        let plain = |class: &*mut PyObject| {
            type_of(*class) == &raw mut api::PyType_Type && version_of((*class).cast()).is_some()
        };
        (classes.len() <= MOST && classes.iter().all(plain)).then_some(classes)
    }
}

/// What an object has as `owner.name`, if that is found by reading memory; borrowed, else null.
pub(super) unsafe fn read(owner: *mut PyObject, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: live objects.
    unsafe {
        if let Some((attribute, _)) = find(owner, name) {
            let value = value_now(owner, &attribute);
            if !value.is_null() {
                return value;
            }
        }
        match find_in_class(owner, name) {
            Some((Some(found), ..)) if matches!(given(found, false), Given::Itself(_)) => found,
            _ => core::ptr::null_mut(),
        }
    }
}

/// Where an object keeps its attribute with this name, if storing it there is all that `owner.name = …` does.
pub(super) unsafe fn find_to_store(owner: *mut PyObject, name: *mut PyObject) -> Option<Attribute> {
    // SAFETY: live objects.
    unsafe {
        let plain = (*type_of(owner)).tp_setattro == api::PyObject_GenericSetAttr as *mut _;
        let (attribute, _) = find(owner, name).filter(|_| plain)?;
        let stores = match attribute {
            Attribute::Member(_) => true,
            Attribute::Value(_) | Attribute::Entry(..) => !value_now(owner, &attribute).is_null(),
            Attribute::Item(_) => false,
        };
        stores.then_some(attribute)
    }
}

/// Where an object has the pointer to its dict, if all that `owner.name = …` does is to make a new entry of that, and
/// the version of the class that says so.
pub(super) unsafe fn find_to_add(owner: *mut PyObject, name: *mut PyObject) -> Option<(i32, u32)> {
    // SAFETY: live objects.
    unsafe {
        let class = type_of(owner);
        let plain = (*class).tp_setattro == api::PyObject_GenericSetAttr as *mut _;
        if !plain || (*class).tp_flags & flags::MANAGED_DICT != 0 {
            return None;
        }
        let found = api::_PyType_Lookup(class, name);
        let version = (*class).tp_version_tag;
        let hides = !found.is_null() && !(*type_of(found)).tp_descr_set.is_null();
        let at = dict_offset(class)?;
        let adds = version != 0 && !hides && takes_new(dict_at(owner, at).cast(), name);
        adds.then_some((at, version))
    }
}

/// Whether an object that has this dict, or null, can get an attribute there, which it has not had, without more ado.
pub(super) unsafe fn takes_new(dict: *mut PyObject, name: *mut PyObject) -> bool {
    // SAFETY: live objects.
    unsafe { dict.is_null() || is_dict(dict) && !has_key(dict.cast(), name) }
}

/// Puts a reference where [`find_to_store`] has found the attribute of an object, and returns the one that was there, or
/// null.
pub(super) unsafe fn put(
    owner: *mut PyObject,
    attribute: &Attribute,
    value: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: the attribute has just been found.
    unsafe {
        match *attribute {
            Attribute::Entry(entry, _) => entry.replace(value),
            _ => place_in(owner, attribute).replace(value),
        }
    }
}

/// Where an attribute is, which may be null.
unsafe fn place_in(owner: *mut PyObject, attribute: &Attribute) -> *mut *mut PyObject {
    // SAFETY: `find` has looked at the owner.
    unsafe {
        match *attribute {
            Attribute::Member(offset) => owner.byte_add(offset).cast(),
            Attribute::Item(index) => tuple_items(owner).add(index),
            Attribute::Value(index) => (&raw mut (**values_pointer(owner)).values)
                .cast::<*mut PyObject>()
                .add(index),
            Attribute::Entry(entry, _) => entry.place(),
        }
    }
}

/// What an attribute holds now, or null.
pub(super) unsafe fn value_now(owner: *mut PyObject, attribute: &Attribute) -> *mut PyObject {
    // SAFETY: `find` has looked at the owner.
    unsafe { *place_in(owner, attribute) }
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

/// The entry of a str key in a combined dict of str keys.
pub(super) unsafe fn entry_in(dict: *mut PyDictObject, name: *mut PyObject) -> Option<Entry> {
    // SAFETY: a live dict.
    unsafe {
        if !(*dict).ma_values.is_null() {
            return None;
        }
        Entry::find(dict, name)
    }
}

/// Whether a dict has a key, or may get it without other keys, or cannot be asked cheaply.
pub(super) unsafe fn has_key(dict: *mut PyDictObject, name: *mut PyObject) -> bool {
    // SAFETY: a live dict.
    unsafe {
        (*(*dict).ma_keys).dk_kind == 0 || api::_PyDictKeys_StringLookup((*dict).ma_keys, name) >= 0
    }
}

/// Whether a class was made by the program, and may die.
pub(super) unsafe fn is_heap_type(class: *mut PyTypeObject) -> bool {
    const HEAP_TYPE: core::ffi::c_ulong = 1 << 9;
    // SAFETY: a live class.
    unsafe { (*class).tp_flags & HEAP_TYPE != 0 }
}
