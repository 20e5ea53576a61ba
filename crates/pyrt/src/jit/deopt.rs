//! Leaving compiled code: the interpreter's frames get what the trace kept in registers.
//!
//! At an exit compiled code stores the values of the snapshot, unboxed, as
//! [`pyrt_trace::handover`] says. Here numbers are boxed, frames of inlined
//! calls are made, everything is put into its place, and then the references are released that the
//! trace has given up. Only the last step may run code of the program; all frames are true then.

use core::cell::OnceCell;
use core::ptr::null_mut;

use pyrt_cpython::api;
use pyrt_cpython::code::PyFunctionObject;
use pyrt_cpython::frame::{PyGenObject, PyInterpreterFrame};
use pyrt_cpython::inline::*;
use pyrt_cpython::object::{PyFloatObject, PyObject, PyRangeIterObject};
use pyrt_cpython::state::PyThreadState;
use pyrt_spec::{ExitReason, Purpose};
use pyrt_trace::handover::FIRST_VALUE;
use pyrt_trace::{
    Exit, ExitId, FrameHome, FrameState, Handed, Handover, InsRef, PackedList, Place, SiteId,
    Snapshot, SnapshotId, Source, TraceTree, Type, VirtualObject, Write,
};
use serde::{Deserialize, Serialize};

use super::runtime;
use crate::interp::Regs;
use crate::interp::handlers::generator;

/// The number of the value that is NULL.
const NULL: u16 = 0;

/// Stands for the exit of a recorded tree where there is none.
const NOT_RECORDED: ExitId = ExitId(u32::MAX);

/// How to put one value into a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Store {
    slot: u16,
    /// The value, by its number among those of the plan, or [`NULL`].
    value: u16,
    /// What memory holds there is released.
    stale: bool,
}

/// Where a frame comes from.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Home {
    /// The tree was entered with it.
    Root,
    /// It is in memory; its address, by where it is found.
    Memory(Source),
    /// It is that of a suspended generator.
    Suspended(Source),
    /// It is made, for this function, by number.
    New(u16),
}

/// How to restore one frame.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct FramePlan {
    home: Home,
    /// What it is made for, if it is made.
    purpose: Purpose,
    /// Where the frame goes on, in code units.
    ip: u32,
    /// Depth of its value stack.
    depth: u16,
    /// How many of the plan's stores are the frame's, how many floats, and how many indices.
    stores: u16,
    floats: u16,
    indices: u16,
}

/// A value that an exit hands over.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Value {
    number: u16,
    source: Source,
    ty: Type,
    /// How many places get it with a reference of their own.
    references: u16,
}

/// An object that the trace has not made.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct VirtualPlan {
    /// The word of the buffer that gets it.
    word: u16,
    /// Its class, or the number that it is the box of, and the type of that.
    of: Source,
    ty: Type,
    /// The object in whose memory it is made, if it is one that is there, and what that borrows.
    shell: Option<(Source, i64)>,
    /// How many references the trace has to it, and other objects that it has not made.
    references: u16,
    /// Indices and values of an instance's attributes; the references are the instance's.
    attributes: Box<[(u16, Source)]>,
}

impl VirtualPlan {
    /// The object, an instance or a tuple, with what it has; null with an exception when memory is out.
    unsafe fn make(&self, ts: *mut PyThreadState, bits: impl Fn(Source) -> u64) -> *mut PyObject {
        // SAFETY: the class and indices are those that the trace was verified with.
        unsafe {
            let is_tuple = bits(self.of) == (&raw const api::PyTuple_Type).addr() as u64;
            let object = match (self.shell, is_tuple) {
                (Some((shell, borrows)), _) => runtime::reuse(bits(shell) as *mut _, borrows),
                (None, true) => runtime::counted_tuple(ts, self.attributes.len()),
                (None, false) => runtime::counted_instance(ts, bits(self.of) as *mut _),
            };
            if object.is_null() {
                return object;
            }
            let values = (!is_tuple).then(|| *values_pointer(object));
            let items: *mut u64 = match values {
                Some(values) => (&raw mut (*values).values).cast(),
                None => tuple_items(object).cast(),
            };
            for &(index, value) in &self.attributes {
                if let Some(values) = values {
                    runtime::note_value(values, index.into());
                }
                *items.add(usize::from(index)) = bits(value);
            }
            object
        }
    }
}

/// What one frame gets, or all from one on.
#[derive(Debug, Clone, Copy)]
struct OfFrame<'a> {
    stores: &'a [Store],
    floats: &'a [(u16, Source)],
    indices: &'a [(u16, Source)],
}

impl<'a> OfFrame<'a> {
    /// Splits off what the next frame gets, which has this plan.
    #[inline(always)]
    fn next(&mut self, plan: &FramePlan) -> OfFrame<'a> {
        let (stores, floats, indices);
        (stores, self.stores) = self.stores.split_at(plan.stores.into());
        (floats, self.floats) = self.floats.split_at(plan.floats.into());
        (indices, self.indices) = self.indices.split_at(plan.indices.into());
        OfFrame {
            stores,
            floats,
            indices,
        }
    }
}

/// What an exit does to the frames.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ExitPlan {
    pub(crate) reason: ExitReason,
    /// The exit in the recorded tree that this one stands for, or [`NOT_RECORDED`].
    pub(crate) recorded: ExitId,
    /// Where in the program.
    pub(crate) site: SiteId,
    /// The guard was moved from that exit to where the loop is entered.
    pub(crate) hoisted: bool,
    /// See [`Exit::work`](pyrt_trace::Exit::work).
    pub(crate) work: u16,
    /// Taken before the loop was reached.
    pub(crate) in_entry: bool,
    frames: Box<[FramePlan]>,
    /// What all frames get, one after the other.
    stores: Box<[Store]>,
    /// Floats that only one slot gets, likewise: slot and value. What memory holds there is released.
    floats: Box<[(u16, Source)]>,
    /// Indices of range iterators, likewise: slot and value.
    indices: Box<[(u16, Source)]>,
    /// Objects that are made first, in this order.
    virtuals: Box<[VirtualPlan]>,
    /// The distinct values: objects, and numbers.
    objects: Box<[Value]>,
    numbers: Box<[Value]>,
    /// Values whose references are given up at the end, by number.
    pending: Box<[u16]>,
    /// The instruction that gives them up, for whoever looks at the frame meanwhile; `None` if it is of a frame that is gone.
    dropped_at: Option<u32>,
}

/// Numbers the values of a snapshot, each once.
struct Numbering<'a> {
    tree: &'a TraceTree,
    handover: &'a Handover,
    /// What the exit has stored.
    stored: Vec<InsRef>,
    snapshot: &'a Snapshot,
    virtuals: Vec<VirtualPlan>,
    values: Vec<Value>,
    known: Vec<InsRef>,
    stores: Vec<Store>,
    indices: Vec<(u16, Source)>,
}

impl Numbering<'_> {
    fn number(&mut self, value: InsRef) -> u16 {
        // Snapshots have few values, so that looking through them is quicker than a table.
        let known = self.known.iter().position(|known| *known == value);
        let number = known.unwrap_or_else(|| {
            let ty = self.tree.at(value).ty.expect("snapshots hold values");
            let source = self.source(value);
            self.values.push(Value {
                number: self.values.len() as u16 + 1,
                source,
                ty,
                references: 0,
            });
            self.known.push(value);
            self.known.len() - 1
        });
        number as u16 + 1
    }

    fn counts(&mut self, number: u16) -> &mut Value {
        &mut self.values[usize::from(number) - 1]
    }

    /// Counts a place that gets a value: it needs a reference of its own, unless it takes over the trace's.
    fn count(&mut self, number: u16, owned: bool) {
        let value = self.counts(number);
        if value.ty != Type::Obj || !owned {
            value.references += 1;
        } else {
            self.own(self.known[usize::from(number) - 1]);
        }
    }

    /// Counts a reference of the trace to an object that it may not have made.
    fn own(&mut self, value: InsRef) {
        if let Some(at) = self.snapshot.virtual_at(value) {
            let plan = &mut self.virtuals[at];
            // Those to an object that is there are known.
            plan.references += u16::from(plan.shell.is_none());
        }
    }

    fn source(&self, value: InsRef) -> Source {
        match self.snapshot.virtual_at(value) {
            Some(at) => Source::Word(self.word(at)),
            None => self.handover.source(self.tree, &self.stored, value),
        }
    }

    /// Where an object goes that the trace has not made.
    fn word(&self, at: usize) -> u16 {
        (FIRST_VALUE + self.stored.len() + at) as u16
    }

    fn plan_virtuals(&mut self) {
        let plan = |(at, made): (usize, &VirtualObject)| VirtualPlan {
            word: self.word(at),
            of: self.source(made.of),
            ty: self.tree.at(made.of).ty.unwrap_or(Type::Obj),
            shell: made
                .shell
                .map(|memory| (self.source(memory.object), memory.borrows)),
            references: made.shell.map_or(0, |memory| memory.references as u16),
            attributes: made
                .attributes
                .iter()
                .map(|(index, value)| (*index, self.source(*value)))
                .collect(),
        };
        let made = &self.snapshot.virtuals;
        self.virtuals = made.iter().enumerate().map(plan).collect();
        for (_, value) in made.iter().flat_map(|made| &made.attributes) {
            self.own(*value);
        }
    }

    fn frame(&mut self, frame: &FrameState) -> FramePlan {
        let home = match frame.home {
            FrameHome::Root | FrameHome::Settled => Home::Root,
            FrameHome::New { function, owned } => {
                let number = self.number(function);
                self.count(number, owned);
                Home::New(number)
            }
            FrameHome::Memory(value) | FrameHome::Resumed(value) => {
                Home::Memory(self.source(value))
            }
            FrameHome::Suspended { generator, .. } => Home::Suspended(self.source(generator)),
        };
        let (stores, indices) = (self.stores.len(), self.indices.len());
        for &Write {
            place,
            value,
            owned,
            stale,
            current: _,
        } in &frame.writes
        {
            let value = value.map(|value| self.number(value));
            match (place, value) {
                (Place::RangeIndex(slot), Some(value)) => {
                    let source = self.counts(value).source;
                    self.indices.push((slot, source));
                }
                (Place::RangeIndex(_), None) => {}
                (Place::Slot(slot), value) => {
                    if let Some(value) = value {
                        self.count(value, owned);
                    }
                    self.stores.push(Store {
                        slot,
                        value: value.unwrap_or(NULL),
                        stale,
                    });
                }
            }
        }
        FramePlan {
            home,
            purpose: frame.purpose,
            ip: frame.ip,
            depth: frame.depth,
            stores: (self.stores.len() - stores) as u16,
            floats: 0,
            indices: (self.indices.len() - indices) as u16,
        }
    }

    /// Takes the floats that only one slot gets out of the stores of these frames, and of the values.
    fn take_floats(&mut self, frames: &mut [FramePlan], pending: &[u16]) -> Vec<(u16, Source)> {
        let is_alone = |value: &Value| {
            value.ty == Type::F64 && value.references == 1 && !pending.contains(&value.number)
        };
        let alone = |store: &Store| {
            let value = self.values.get(usize::from(store.value.checked_sub(1)?))?;
            (store.stale && is_alone(value)).then_some((store.slot, value.source))
        };
        let (mut floats, mut others, mut rest) = (Vec::new(), Vec::new(), &*self.stores);
        let mut taken = Vec::new();
        for plan in frames {
            let own;
            (own, rest) = rest.split_at(plan.stores.into());
            let before = floats.len();
            for store in own {
                match alone(store) {
                    Some(float) => {
                        floats.push(float);
                        taken.push(store.value);
                    }
                    None => others.push(*store),
                }
            }
            plan.floats = (floats.len() - before) as u16;
            plan.stores -= plan.floats;
        }
        self.stores = others;
        self.values.retain(|value| !taken.contains(&value.number));
        floats
    }
}

impl ExitPlan {
    /// The plan of one exit of an optimised tree, which stands for that one of the recorded tree unless its guard
    /// was moved.
    fn new(tree: &TraceTree, handover: &Handover, id: ExitId, recorded: ExitId) -> ExitPlan {
        let exit = tree.exit(id);
        let snapshot = tree.exit_snapshot(id);
        let mut numbering = Numbering {
            tree,
            handover,
            stored: handover.stored(tree, snapshot),
            snapshot,
            virtuals: Vec::new(),
            values: Vec::new(),
            known: Vec::new(),
            stores: Vec::new(),
            indices: Vec::new(),
        };
        numbering.plan_virtuals();
        let frames = snapshot.frames.iter().map(|frame| numbering.frame(frame));
        let mut frames: Box<[FramePlan]> = frames.collect();
        let pending = snapshot.pending.iter().map(|value| {
            numbering.own(*value);
            numbering.number(*value)
        });
        let pending: Box<[u16]> = pending.collect();
        let floats = numbering.take_floats(&mut frames, &pending);
        let drops = !pending.is_empty();
        let Numbering {
            virtuals,
            values,
            stores,
            indices,
            ..
        } = numbering;
        let is_object = |value: &Value| value.ty == Type::Obj;
        let (objects, numbers): (Vec<_>, Vec<_>) = values.into_iter().partition(is_object);
        ExitPlan {
            reason: exit.reason,
            work: exit.work,
            recorded: exit.hoisted_from.unwrap_or(recorded),
            site: exit.site,
            hoisted: exit.hoisted_from.is_some(),
            in_entry: exit.snapshot == SnapshotId::ENTRY,
            frames,
            stores: stores.into(),
            floats: floats.into(),
            indices: indices.into(),
            virtuals: virtuals.into(),
            objects: objects.into(),
            numbers: numbers.into(),
            pending,
            dropped_at: drops.then(|| tree.instruction_at(id)).flatten(),
        }
    }

    /// How many frames the exit leaves.
    pub(crate) fn frames(&self) -> usize {
        self.frames.len()
    }

    /// Where the exit leaves a value of its snapshot, and of which type; `None` if it leaves nothing there.
    pub(super) fn source(&self, at: Handed) -> Option<(Source, Type)> {
        let number = match at {
            Handed::Home(frame) => match self.frames.get(frame)?.home {
                Home::Root => return None,
                Home::Memory(source) => return Some((source, Type::Ptr)),
                Home::Suspended(source) => return Some((source, Type::Obj)),
                Home::New(number) => number,
            },
            Handed::Write(frame, Place::Slot(slot)) => {
                let OfFrame { stores, floats, .. } = self.of_frame(frame)?;
                if let Some((_, source)) = floats.iter().find(|(known, _)| *known == slot) {
                    return Some((*source, Type::F64));
                }
                stores.iter().find(|store| store.slot == slot)?.value
            }
            Handed::Write(frame, Place::RangeIndex(slot)) => {
                let indices = self.of_frame(frame)?.indices;
                let (_, source) = indices.iter().find(|(known, _)| *known == slot)?;
                return Some((*source, Type::I64));
            }
            Handed::Pending(index) => *self.pending.get(index)?,
        };
        let mut values = self.objects.iter().chain(&self.numbers);
        let value = values.find(|value| value.number == number)?;
        Some((value.source, value.ty))
    }

    /// What a frame gets.
    fn of_frame(&self, frame: usize) -> Option<OfFrame<'_>> {
        let mut all = self.all_of_frames();
        self.frames
            .get(..=frame)?
            .iter()
            .map(|plan| all.next(plan))
            .last()
    }

    /// What all frames get.
    #[inline(always)]
    fn all_of_frames(&self) -> OfFrame<'_> {
        OfFrame {
            stores: &self.stores,
            floats: &self.floats,
            indices: &self.indices,
        }
    }

    /// How many objects the exit needs room for.
    fn room(&self) -> usize {
        let words = self.virtuals.last().map_or(0, |made| made.word + 1);
        let values = self.objects.iter().chain(&self.numbers);
        let highest = values.map(|value| value.number).max().unwrap_or(NULL);
        usize::from(words.max(highest + 1))
    }

    /// Makes the objects that the trace has not made, with the references that it has to them. False if memory was out.
    ///
    /// # Safety
    /// `raw` is what the exit has stored, with room for the plan; `ts` is the current thread's state.
    pub(super) unsafe fn make_virtuals(&self, ts: *mut PyThreadState, raw: *mut u64) -> bool {
        let mut complete = true;
        // SAFETY: by the caller's promise; words and types are those that the trace was verified with.
        unsafe {
            let bits = |source: Source| match source {
                Source::Word(at) => *raw.add(usize::from(at)),
                Source::Constant(bits) => bits,
            };
            for plan in &self.virtuals {
                let object = match plan.ty {
                    Type::Obj => {
                        let object = plan.make(ts, bits);
                        if !object.is_null() {
                            add_refs(object, plan.references as isize - 1);
                        }
                        (!object.is_null()).then_some(object)
                    }
                    ty => make_number(ty, bits(plan.of), plan.references),
                };
                complete &= object.is_some();
                let object = object.unwrap_or_else(|| without_memory(plan.references));
                *raw.add(usize::from(plan.word)) = object.addr() as u64;
            }
        }
        complete
    }

    /// Restores the frames from `raw` and returns the registers of the innermost one; the flag is
    /// false when memory was out, with nothing set.
    ///
    /// # Safety
    /// `r` are the registers with which the tree was entered. The first half of `raw` is what it
    /// stored, the second as long and free.
    pub(crate) unsafe fn apply(&self, r: Regs, raw: &mut [u64]) -> (Regs, bool) {
        // SAFETY: slots and types are those that the trace was verified with; the tree has no more values than fit.
        unsafe {
            let (raw, objects) = raw.split_at_mut(raw.len() / 2);
            if self.reason.is_where_memory_says() {
                let frame = (*(*r.ts).cframe).current_frame;
                return (Regs::resume(frame, r.ts, r.table), true);
            }
            let mut complete = self.make_virtuals(r.ts, raw.as_mut_ptr());
            let (raw, objects) = (raw.as_ptr(), objects.as_mut_ptr().cast::<*mut PyObject>());
            let bits = |source: Source| match source {
                Source::Word(at) => *raw.add(usize::from(at)),
                Source::Constant(bits) => bits,
            };
            // All objects are there, and have the references that they need, before any slot changes:
            // a value may be what another slot holds, and die with it.
            *objects.add(usize::from(NULL)) = null_mut();
            for value in &self.objects {
                let object = bits(value.source) as *mut PyObject;
                add_refs(object, value.references as isize);
                *objects.add(usize::from(value.number)) = object;
            }
            for value in &self.numbers {
                let made = make_number(value.ty, bits(value.source), value.references);
                complete &= made.is_some();
                let object = made.unwrap_or_else(|| without_memory(value.references));
                *objects.add(usize::from(value.number)) = object;
            }
            let mut frame = r.frame;
            let mut all = self.all_of_frames();
            for plan in &self.frames {
                match plan.home {
                    Home::Root => {}
                    Home::Memory(at) => frame = bits(at) as *mut PyInterpreterFrame,
                    Home::Suspended(at) => {
                        frame = generator::link(r.ts, bits(at) as *mut PyGenObject);
                    }
                    Home::New(function) => {
                        let function = *objects.add(usize::from(function));
                        match new_frame(r.ts, function.cast(), plan.purpose) {
                            Some(new) => frame = new,
                            None => {
                                decref(function);
                                complete = false;
                                break;
                            }
                        }
                    }
                }
                let own = all.next(plan);
                fill(frame, own.stores, objects);
                for &(slot, value) in own.floats {
                    let slot = locals(frame).add(usize::from(slot));
                    complete &= replace_by_float(slot, f64::from_bits(bits(value)));
                }
                // The iterators may have come into their slots just now.
                for &(slot, value) in own.indices {
                    let iterator: *mut PyRangeIterObject =
                        (*locals(r.frame).add(usize::from(slot))).cast();
                    (*iterator).index = bits(value) as i64;
                }
                suspend(frame, plan);
            }
            let resumed = Regs::resume(frame, r.ts, r.table);
            if !self.pending.is_empty() {
                // What runs now may use the buffer itself.
                let object = |value: &u16| *objects.add(usize::from(*value));
                let dying: Vec<_> = self.pending.iter().map(object).collect();
                if let Some(at) = self.dropped_at {
                    let code = (*resumed.frame).f_code;
                    (*resumed.frame).prev_instr = first_instr(code).add(at as usize);
                }
                dying.into_iter().for_each(|object| decref(object));
                resumed.save_ip();
            }
            (resumed, complete)
        }
    }
}

/// The plans of all exits of a tree. They are kept packed until they are needed: most exits are never taken.
pub(crate) struct Plans {
    /// By exit id of the optimised tree.
    packed: PackedList<ExitPlan>,
    unpacked: Box<[OnceCell<Box<ExitPlan>>]>,
    /// The most words that an exit needs.
    room: usize,
}

impl Plans {
    /// The plans of an optimised tree, which had so many exits when it was recorded.
    pub(crate) fn new(tree: &TraceTree, recorded: usize) -> Plans {
        let known = |id: ExitId| match id.index() < recorded {
            true => id,
            false => NOT_RECORDED,
        };
        Plans::with(tree, known)
    }

    /// The plans of an optimised bridge, with the exits that those stand for which it had when it was cut.
    pub(crate) fn of_bridge(tree: &TraceTree, exits: &[Option<ExitId>]) -> Plans {
        let known = |id: ExitId| exits.get(id.index()).copied().flatten();
        Plans::with(tree, |id| known(id).unwrap_or(NOT_RECORDED))
    }

    fn with(tree: &TraceTree, recorded: impl Fn(ExitId) -> ExitId) -> Plans {
        let handover = Handover::new(tree);
        let mut room = 0;
        let plan = |(index, exit): (usize, &Option<Exit>)| {
            exit.as_ref().map(|_| {
                let id = ExitId::new(index);
                let plan = ExitPlan::new(tree, &handover, id, recorded(id));
                room = room.max(plan.room());
                plan
            })
        };
        let packed = PackedList::new(tree.exits.iter().enumerate().map(plan));
        let unpacked = (0..packed.len()).map(|_| OnceCell::new()).collect();
        Plans {
            packed,
            unpacked,
            room,
        }
    }

    /// How many objects the exits need room for, at most.
    pub(crate) fn room(&self) -> usize {
        self.room
    }

    /// Bytes on the heap, before any exit is taken.
    pub(crate) fn bytes(&self) -> usize {
        self.packed.size() + size_of_val(&*self.unpacked)
    }

    /// How many exits were ever numbered.
    pub(crate) fn len(&self) -> usize {
        self.packed.len()
    }

    /// How to leave by an exit.
    #[inline(always)]
    pub(crate) fn get(&self, exit: ExitId) -> &ExitPlan {
        self.unpacked[exit.index()].get_or_init(|| self.unpack(exit))
    }

    #[cold]
    fn unpack(&self, exit: ExitId) -> Box<ExitPlan> {
        let plan = self.packed.unpack(exit.index());
        Box::new(plan.expect("only exits in use are taken"))
    }
}

/// Fills slots of a frame with objects, by number.
#[inline(always)]
unsafe fn fill(frame: *mut PyInterpreterFrame, stores: &[Store], objects: *const *mut PyObject) {
    // SAFETY: by the caller's promise.
    unsafe {
        let slots = locals(frame);
        for store in stores {
            let slot = slots.add(usize::from(store.slot));
            let old = *slot;
            *slot = *objects.add(usize::from(store.value));
            if store.stale {
                xdecref(old);
            }
        }
    }
}

/// Replaces what a slot holds by a float: in the memory of that, if it is one that nobody else has. False if memory was out.
#[inline(always)]
unsafe fn replace_by_float(slot: *mut *mut PyObject, value: f64) -> bool {
    // SAFETY: the slot holds a live object, or null.
    unsafe {
        let old = *slot;
        if !old.is_null() && is_float(old) && (*old).ob_refcnt == 1 && !traces_memory() {
            (*old.cast::<PyFloatObject>()).ob_fval = value;
            return true;
        }
        let made = make_number(Type::F64, value.to_bits(), 1);
        *slot = made.unwrap_or_else(|| without_memory(1));
        xdecref(old);
        made.is_some()
    }
}

/// Makes the frame of an inlined call the innermost one; takes the reference to the function.
pub(super) unsafe fn new_frame(
    ts: *mut PyThreadState,
    function: *mut PyFunctionObject,
    purpose: Purpose,
) -> Option<*mut PyInterpreterFrame> {
    // SAFETY: the current thread's state, and a live function.
    unsafe {
        let code = (*function).func_code;
        let frame = bump_frame_pointer(ts, frame_size(code));
        if frame.is_null() {
            return None;
        }
        initialize_specials(frame, function, null_mut());
        let slots = locals(frame);
        for index in 0..(*code).co_nlocalsplus as usize {
            *slots.add(index) = null_mut();
        }
        (*frame).stacktop = -1;
        (*frame).previous = (*(*ts).cframe).current_frame;
        (*(*ts).cframe).current_frame = frame;
        (*frame).is_entry = purpose as u8;
        (*ts).recursion_remaining -= i32::from(purpose.levels());
        Some(frame)
    }
}

/// Stores where a frame is, as a call would.
unsafe fn suspend(frame: *mut PyInterpreterFrame, plan: &FramePlan) {
    // SAFETY: the position is one of the code's.
    unsafe {
        let code = (*frame).f_code;
        (*frame).prev_instr = first_instr(code).offset(plan.ip as isize - 1);
        (*frame).stacktop = (*code).co_nlocalsplus + i32::from(plan.depth);
    }
}

/// The object of a number, with this many references; null if it needs none. `None` when memory is out.
#[inline(always)]
unsafe fn make_number(ty: Type, raw: u64, references: u16) -> Option<*mut PyObject> {
    if references == 0 {
        return Some(null_mut());
    }
    // SAFETY: the trace says what the value is.
    unsafe {
        let (object, made) = match ty {
            Type::I64 => (api::PyLong_FromLongLong(raw as i64), 1),
            Type::F64 => (api::PyFloat_FromDouble(f64::from_bits(raw)), 1),
            Type::Bool => (bool_(raw & 1 != 0), 0),
            Type::Obj | Type::Ptr => unreachable!("neither is a number"),
        };
        if object.is_null() {
            return None;
        }
        add_refs(object, references as isize - made);
        Some(object)
    }
}

/// What stands for a number for which there is no memory.
#[cold]
unsafe fn without_memory(references: u16) -> *mut PyObject {
    // SAFETY: the object is always there.
    unsafe {
        add_refs(none(), references as isize);
        none()
    }
}
