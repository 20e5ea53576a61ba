//! Leaving compiled code: the interpreter's frame gets what the trace kept in
//! registers.
//!
//! Compiled code writes no memory while it runs. At an exit it stores the values of
//! the snapshot's writes, unboxed, in order; here they are boxed and put into their
//! places, and what the places held is released. Those are exact ints, floats and
//! bools, as the entry has guarded, so nothing of the program runs meanwhile.

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyObject, PyRangeIterObject};
use pyrt_spec::ExitReason;
use pyrt_trace::{ExitId, InsRef, Place, SnapshotId, TraceTree, Type};

use crate::interp::Regs;

/// How to put one value into the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Store {
    slot: u16,
    /// Where the exit has stored the value.
    index: u16,
    /// The earlier one of the plan's slots that gets the same object.
    boxed_by: Option<u16>,
    /// `None` for a slot that becomes NULL.
    ty: Option<Type>,
}

/// What an exit does to the frame.
#[derive(Debug, Clone)]
pub(crate) struct ExitPlan {
    pub(crate) reason: ExitReason,
    /// The exit in the recorded tree that this one stands for.
    pub(crate) recorded: ExitId,
    /// Taken before the loop was reached.
    pub(crate) in_entry: bool,
    ip: u32,
    /// Slots in use at the exit, locals included.
    top: u16,
    /// Slots in use when the tree was entered.
    entry_top: u16,
    indices: Box<[Store]>,
    slots: Box<[Store]>,
}

impl ExitPlan {
    /// The plan of one exit of an optimised tree.
    pub(crate) fn new(tree: &TraceTree, id: ExitId) -> ExitPlan {
        let exit = tree.exit(id);
        let frame = tree.exit_snapshot(id).frame();
        let (mut indices, mut slots) = (Vec::new(), Vec::<(Store, Option<InsRef>)>::new());
        for (index, (place, value)) in frame.writes.iter().enumerate() {
            let ty = value.map(|value| tree.at(value).ty.expect("snapshots write values"));
            let mut store = Store {
                slot: place.slot(),
                index: index as u16,
                boxed_by: None,
                ty,
            };
            match place {
                Place::RangeIndex(_) => indices.push(store),
                Place::Slot(_) => {
                    // A value that several places get is boxed once.
                    let earlier = slots
                        .iter()
                        .position(|&(_, other)| value.is_some() && other == *value);
                    store.boxed_by = earlier.map(|number| number as u16);
                    slots.push((store, *value));
                }
            }
        }
        let slots: Vec<Store> = slots.into_iter().map(|(store, _)| store).collect();
        ExitPlan {
            reason: exit.reason,
            recorded: exit.hoisted_from.unwrap_or(id),
            in_entry: exit.snapshot == SnapshotId::ENTRY,
            ip: frame.ip,
            top: tree.locals + frame.depth,
            entry_top: tree.locals + tree.header().depth,
            indices: indices.into(),
            slots: slots.into(),
        }
    }

    /// Restores the frame from `values` and returns its registers; the flag is false
    /// when memory was out, with `MemoryError` set.
    ///
    /// # Safety
    /// `r` are the registers with which the tree was entered. The first half of `values`
    /// is what it stored, the second as long and free.
    pub(crate) unsafe fn apply(&self, mut r: Regs, values: &mut [u64]) -> (Regs, bool) {
        // SAFETY: slots and types are those that the trace was verified with.
        unsafe {
            let slots = locals(r.frame);
            for store in &self.indices {
                let iterator: *mut PyRangeIterObject = (*slots.add(store.slot as usize)).cast();
                (*iterator).index = values[store.index as usize] as i64;
            }
            // All objects are there before any slot changes: a value may be what another
            // slot holds, and die with it.
            let (raw, objects) = values.split_at_mut(values.len() / 2);
            let mut complete = true;
            for (number, store) in self.slots.iter().enumerate() {
                objects[number] = match (store.ty, store.boxed_by) {
                    (None, _) => 0,
                    (Some(_), Some(earlier)) => {
                        new_ref(objects[earlier as usize] as *mut PyObject) as u64
                    }
                    (Some(ty), None) => {
                        let object = make_box(ty, raw[store.index as usize]);
                        complete &= !object.is_null();
                        (if object.is_null() {
                            new_ref(none())
                        } else {
                            object
                        }) as u64
                    }
                };
            }
            for (store, object) in self.slots.iter().zip(objects) {
                let slot = slots.add(store.slot as usize);
                let old = *slot;
                *slot = *object as *mut PyObject;
                if store.slot < self.entry_top {
                    xdecref(old);
                }
            }
            // Popped since the tree was entered.
            for index in self.top..self.entry_top {
                xdecref(*slots.add(index as usize));
            }
            r.sp = slots.add(self.top as usize);
            r.ip = first_instr(r.code()).add(self.ip as usize);
            (r, complete)
        }
    }
}

/// The object of a raw value: new reference, null when memory is out.
unsafe fn make_box(ty: Type, value: u64) -> *mut PyObject {
    // SAFETY: the trace says what the value is.
    unsafe {
        match ty {
            Type::I64 => api::PyLong_FromLongLong(value as i64),
            Type::F64 => api::PyFloat_FromDouble(f64::from_bits(value)),
            Type::Bool => new_ref(bool_(value & 1 != 0)),
            Type::Obj => new_ref(value as *mut PyObject),
        }
    }
}
