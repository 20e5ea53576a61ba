//! Leaving compiled code: the interpreter's frame gets what the trace kept in
//! registers.
//!
//! Compiled code writes no memory while it runs. At an exit it stores the values of
//! the snapshot's writes, unboxed, in order; here they are boxed and put into their
//! places, and what the places held is released. Those are exact ints, floats and
//! bools, as the entry has guarded, so nothing of the program runs meanwhile.

use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyObject, PyRangeIterObject};
use pyrt_spec::ExitReason;
use pyrt_trace::{ExitId, Place, SnapshotId, TraceTree, Type};

use crate::interp::Regs;

/// How to put one value into the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Store {
    slot: u16,
    /// Where the exit has stored the value.
    index: u16,
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
        let (mut indices, mut slots) = (Vec::new(), Vec::new());
        for (index, (place, value)) in frame.writes.iter().enumerate() {
            // A value that several places get is boxed once.
            let first = frame
                .writes
                .iter()
                .position(|(_, other)| other == value)
                .unwrap_or(index);
            let ty = value.map(|value| tree.at(value).ty.expect("snapshots write values"));
            match *place {
                Place::Slot(slot) => slots.push(Store {
                    slot,
                    index: first as u16,
                    ty,
                }),
                Place::RangeIndex(slot) => indices.push(Store {
                    slot,
                    index: index as u16,
                    ty,
                }),
            }
        }
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
    /// `r` are the registers with which the tree was entered, `values` what it stored.
    pub(crate) unsafe fn apply(&self, mut r: Regs, values: &mut [u64]) -> (Regs, bool) {
        // SAFETY: slots and types are those that the trace was verified with.
        unsafe {
            let slots = locals(r.frame);
            for store in &self.indices {
                let iterator: *mut PyRangeIterObject = (*slots.add(store.slot as usize)).cast();
                (*iterator).index = values[store.index as usize] as i64;
            }
            let mut complete = true;
            // Boxed values replace their raw ones, and those that several places get
            // are found there again: stores of one value follow each other's index.
            let mut boxed: u64 = 0;
            for store in &self.slots {
                let index = store.index as usize;
                let object = match store.ty {
                    None => null_mut(),
                    Some(_) if index < 64 && boxed & (1 << index) != 0 => {
                        new_ref(values[index] as *mut PyObject)
                    }
                    Some(ty) => {
                        let object = make_box(ty, values[index]);
                        if object.is_null() {
                            complete = false;
                            new_ref(none())
                        } else {
                            if index < 64 {
                                boxed |= 1 << index;
                                values[index] = object as u64;
                            }
                            object
                        }
                    }
                };
                let slot = slots.add(store.slot as usize);
                let old = *slot;
                *slot = object;
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
