//! Recording attributes that an instance keeps in a dict: one that somebody has asked for, or of an instance that has too
//! many of them to share its keys with the others of its class.
//!
//! Instances of a class get their attributes in the same order as a rule, so that a key is at the same place in the keys of
//! each. Where that has failed, keys are looked up.

use pyrt_cpython::api;
use pyrt_cpython::layout;
use pyrt_cpython::object::{PyDictKeysObject, PyDictObject, PyObject};
use pyrt_spec::{AbortReason, ExitReason};
use pyrt_trace::{Helper, InsRef, Mem, Op, Region, Width};

use super::attr::pointer;
use super::{Recorded, Recorder};
use crate::interp::Regs;
use crate::jit::lookup::Entry;

impl Recorder {
    /// The dict of an instance, which is at this offset.
    fn dict_of(&mut self, owner: InsRef, at: i32) -> Recorded<InsRef> {
        let dict = self.load(owner, pointer(at))?;
        let depth = self.at.depth;
        self.checked(Op::GuardObj, &[dict], ExitReason::Missing, depth)
    }

    /// The keys of a dict.
    fn keys_of(&mut self, dict: InsRef) -> Recorded<InsRef> {
        let at = layout::PyDictObject::ma_keys;
        self.field(dict, at, Width::Ptr, Region::Dicts)
    }

    /// Base and place of the value of an entry, guarded to be where it is now. The key lives as long as the code.
    pub(super) unsafe fn place_in_dict(
        &mut self,
        dict: InsRef,
        now: Entry,
    ) -> Recorded<(InsRef, Mem)> {
        let mem = |offset: usize| Mem {
            offset: offset as i32,
            width: Width::Ptr,
            region: Region::Dicts,
        };
        let depth = self.at.depth;
        // SAFETY: the dict is alive, and has the entry.
        unsafe {
            let keys_now = (*now.dict).ma_keys;
            if now.is_shared() {
                self.guard_shared(dict, keys_now)?;
                let at = layout::PyDictObject::ma_values;
                let values = self.field(dict, at, Width::Ptr, Region::Dicts)?;
                return Ok((values, mem(layout::PyDictValues::values + now.index * 8)));
            }
            let keys = self.keys_of(dict)?;
            // The size says how many entries there is memory for, and where it is.
            for (at, now) in [
                (
                    layout::PyDictKeysObject::dk_log2_size,
                    (*keys_now).dk_log2_size,
                ),
                (layout::PyDictKeysObject::dk_kind, (*keys_now).dk_kind),
            ] {
                let field = self.field(keys, at, Width::U8, Region::Dicts)?;
                self.guard_is(field, i64::from(now), ExitReason::Missing)?;
            }
            let entry = now.unicode();
            let offset = entry.byte_offset_from(keys_now) as usize;
            let key = offset + layout::PyDictUnicodeEntry::me_key;
            let key = self.field(keys, key, Width::Ptr, Region::Dicts)?;
            let name = self.object_constant(now.key());
            self.checked(Op::GuardSame, &[key, name], ExitReason::Missing, depth)?;
            Ok((keys, mem(offset + layout::PyDictUnicodeEntry::me_value)))
        }
    }

    /// Base and place of an attribute that an instance has in its dict, which is at this offset.
    pub(super) unsafe fn place_of_entry(
        &mut self,
        owner: InsRef,
        entry: Entry,
        at: i32,
    ) -> Recorded<(InsRef, Mem)> {
        let dict = self.dict_of(owner, at)?;
        // SAFETY: the dict is alive, and has the entry.
        unsafe { self.place_in_dict(dict, entry) }
    }

    /// Stores an attribute that an instance, which is on top of the stack, has in its dict, which is at this offset.
    pub(super) unsafe fn store_entry(
        &mut self,
        r: Regs,
        version: u32,
        entry: Entry,
        at: i32,
    ) -> Recorded {
        // SAFETY: the owner and the value are on the stack.
        unsafe {
            let owner = self.peek_object(r, 1)?;
            let owner = self.guard_version(owner, version)?;
            let value = self.peek_object(r, 2)?;
            let dict = self.dict_of(owner, at)?;
            self.place_in_dict(dict, entry)?;
            self.secure_heap()?;
            let index = self.builder.const_i64(entry.index as i64);
            let old = self.call_helper(Helper::DictReplace, &[value, dict, index])?;
            self.finish_store(2, old)
        }
    }

    /// Guards that an instance does not have a name in its dict, which is at this offset.
    pub(super) unsafe fn guard_not_in_dict(
        &mut self,
        owner: InsRef,
        now: *mut PyDictObject,
        at: i32,
        name: *mut PyObject,
    ) -> Recorded {
        let dict = self.dict_of(owner, at)?;
        // SAFETY: a live dict.
        unsafe {
            // Keys that nobody has asked for a version are those of one instance among many.
            let keys = (*now).ma_keys;
            if self.is_refused() || (*now).ma_values.is_null() && (*keys).dk_version == 0 {
                let name = self.object_constant(name);
                let has = self.call_helper(Helper::DictHas, &[dict, name])?;
                return self.guard_is(has, 0, ExitReason::Missing);
            }
            if (*now).ma_values.is_null() {
                self.guard_keys(dict, now)?;
                return Ok(());
            }
            let shared = self.guard_shared(dict, keys)?;
            self.guard_no_more_keys(shared, keys, ExitReason::Missing)
        }
    }

    /// Guards that a dict has these keys, which it shares with others: they never move a key, and live as long as the class.
    fn guard_shared(&mut self, dict: InsRef, now: *mut PyDictKeysObject) -> Recorded<InsRef> {
        let keys = self.keys_of(dict)?;
        let shared = self.builder.const_obj(now as u64, "shared keys");
        let depth = self.at.depth;
        self.checked(Op::GuardSame, &[keys, shared], ExitReason::Missing, depth)?;
        Ok(shared)
    }

    /// Guards that keys which instances of a class share are those that there are now. None of them ever goes, so it takes
    /// looking at how many there are; their version also changes when an instance gets keys of its own.
    pub(super) unsafe fn guard_no_more_keys(
        &mut self,
        shared: InsRef,
        now: *mut PyDictKeysObject,
        reason: ExitReason,
    ) -> Recorded {
        let at = layout::PyDictKeysObject::dk_nentries;
        let found = self.field(shared, at, Width::I64, Region::Dicts)?;
        // SAFETY: live keys.
        let count = unsafe { (*now).dk_nentries };
        self.guard_is(found, count as i64, reason)
    }

    /// The value of an entry of a dict, guarded to have the keys that it has now.
    pub(super) unsafe fn dict_value(&mut self, dict: InsRef, now: Entry) -> Recorded<InsRef> {
        // SAFETY: a live dict.
        unsafe {
            let keys = self.guard_keys(dict, now.dict)?;
            let value = &raw const (*now.unicode()).me_value;
            let offset = value.byte_offset_from((*now.dict).ma_keys);
            let value = self.field(keys, offset as usize, Width::Ptr, Region::Dicts)?;
            let depth = self.at.depth;
            self.checked(Op::GuardObj, &[value], ExitReason::Missing, depth)
        }
    }

    /// Guards that a dict has the keys that it has now, in their order.
    pub(super) unsafe fn guard_keys(
        &mut self,
        dict: InsRef,
        now: *mut PyDictObject,
    ) -> Recorded<InsRef> {
        // SAFETY: a live dict.
        let version = unsafe { api::_PyDictKeys_GetVersionForCurrentState((*now).ma_keys) };
        if version == 0 {
            return Err(AbortReason::GenericOperation);
        }
        let keys = self.keys_of(dict)?;
        let at = layout::PyDictKeysObject::dk_version;
        let found = self.field(keys, at, Width::U32, Region::Dicts)?;
        self.guard_is(found, i64::from(version), ExitReason::Missing)?;
        Ok(keys)
    }
}
