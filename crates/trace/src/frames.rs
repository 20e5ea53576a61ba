//! The symbolic frames of a recording: what each slot holds, and who holds the reference.
//!
//! CPython's frames own what is in their slots. A trace does without most of these references: a
//! local that is pushed is *lent* to the stack by the local, a value read from an object is held by
//! that object. The rules here keep two promises: every value in a slot is alive, and an object dies
//! at the instruction at which it dies in CPython.
//!
//! - A slot gives up its value by [`Frames::take`]. If it owned the reference and another slot was lent
//!   the same value, that one owns it from then on, and nothing is counted.
//! - Before anything that may release references in objects, values held by objects alone get a
//!   reference of their own; [`Frames::held_by_heap`] lists them.

use crate::ids::InsRef;
use crate::ops::Op;
use crate::tree::{FrameHome, FrameState, Imm, TraceTree, Write};
use crate::types::{Place, Type};
use pyrt_spec::Purpose;
use std::collections::BTreeMap;

/// Who holds the reference to the value of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// The slot does.
    Owned,
    /// Another slot, or a constant of the code.
    Lent,
    /// An object that the value was read from.
    Heap,
}

/// What memory holds at a slot's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// The slot's value, which is a boxed object or NULL, with its reference.
    Current,
    /// A number of an earlier time, with a reference.
    Stale,
    /// Nothing of ours: NULL, or a pointer whose reference went elsewhere.
    Free,
}

/// A slot of a symbolic frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The value; `None` if the slot is NULL.
    pub value: Option<InsRef>,
    /// Who holds the reference, if the value is an object.
    pub held: Held,
    /// What memory holds.
    pub memory: Memory,
}

impl Slot {
    /// A value that memory does not know of.
    pub const fn new(value: InsRef, held: Held) -> Slot {
        Slot {
            value: Some(value),
            held,
            memory: Memory::Free,
        }
    }
}

/// A symbolic frame.
#[derive(Clone, Debug)]
pub struct SymFrame {
    /// Where the frame is.
    pub home: FrameHome,
    /// What its caller does with the result.
    pub purpose: Purpose,
    /// Slots before the value stack.
    pub locals: u16,
    /// For frames that have called another one: where they go on, and their depth then.
    pub resume: (u32, u16),
    /// What is known of its places. In an inlined frame, all others are NULL.
    pub slots: BTreeMap<Place, Slot>,
}

/// All frames, outermost first.
#[derive(Clone, Debug)]
pub struct Frames(Vec<SymFrame>);

/// The value that a chain of guards and counts has passed on.
pub fn origin(tree: &TraceTree, mut value: InsRef) -> InsRef {
    loop {
        let ins = tree.at(value);
        match ins.op {
            Op::GuardType | Op::GuardVersion | Op::Own => value = ins.args[0],
            _ => return value,
        }
    }
}

/// The type that the value of a number has unboxed, if the object is known to be one.
pub fn number_type(tree: &TraceTree, mut value: InsRef) -> Option<Type> {
    loop {
        let ins = tree.at(value);
        match (ins.op, ins.imm) {
            (Op::BoxInt, _) => return Some(Type::I64),
            (Op::BoxFloat, _) => return Some(Type::F64),
            (Op::BoxBool, _) => return Some(Type::Bool),
            (Op::GuardType, Imm::Kind(kind)) => return kind.unboxed(),
            (Op::GuardVersion | Op::Own, _) => value = ins.args[0],
            _ => return None,
        }
    }
}

impl Frames {
    /// The frame of the tree alone.
    pub fn new(locals: u16) -> Frames {
        Frames(vec![SymFrame {
            home: FrameHome::Root,
            purpose: Purpose::Call,
            locals,
            resume: (0, 0),
            slots: BTreeMap::new(),
        }])
    }

    /// The frames that a snapshot describes, with their code's slots before the stack.
    pub fn of_snapshot(tree: &TraceTree, frames: &[FrameState], locals: &[u16]) -> Frames {
        let frame = |(state, locals): (&FrameState, &u16)| {
            let slot = |write: &Write| {
                let unboxed = write
                    .value
                    .is_some_and(|value| tree.at(value).ty != Some(Type::Obj));
                let slot = Slot {
                    value: write.value,
                    held: match write.owned {
                        true => Held::Owned,
                        // It may have been the heap that held it.
                        false if unboxed => Held::Owned,
                        false => Held::Heap,
                    },
                    memory: match (write.current, write.stale) {
                        (true, _) => Memory::Current,
                        (false, true) => Memory::Stale,
                        (false, false) => Memory::Free,
                    },
                };
                (write.place, slot)
            };
            SymFrame {
                home: state.home,
                purpose: state.purpose,
                locals: *locals,
                resume: (state.ip, state.depth),
                slots: state.writes.iter().map(slot).collect(),
            }
        };
        Frames(frames.iter().zip(locals).map(frame).collect())
    }

    /// How many frames there are.
    pub fn depth(&self) -> usize {
        self.0.len()
    }

    /// The innermost frame.
    pub fn inner(&self) -> &SymFrame {
        self.0.last().expect("there is always the tree's own frame")
    }

    /// The innermost frame.
    pub fn inner_mut(&mut self) -> &mut SymFrame {
        self.0
            .last_mut()
            .expect("there is always the tree's own frame")
    }

    /// All frames, outermost first.
    pub fn all(&self) -> &[SymFrame] {
        &self.0
    }

    /// All frames, outermost first.
    pub fn all_mut(&mut self) -> &mut [SymFrame] {
        &mut self.0
    }

    /// A call: the frame that makes it goes on at `resume`.
    pub fn push(&mut self, home: FrameHome, purpose: Purpose, locals: u16, resume: (u32, u16)) {
        self.inner_mut().resume = resume;
        self.0.push(SymFrame {
            home,
            purpose,
            locals,
            resume: (0, 0),
            slots: BTreeMap::new(),
        });
    }

    /// A return: the innermost frame is gone. Its slots must have been taken.
    pub fn pop(&mut self) -> SymFrame {
        debug_assert!(self.0.len() > 1);
        self.0.pop().expect("there is always the tree's own frame")
    }

    /// Empties a slot of the innermost frame. The result is a reference that the caller has to release
    /// or pass on: the slot owned it and nobody was lent it. A number may as well stay in the memory of
    /// a local of the tree's own frame, or of a generator's: its death shows nowhere.
    pub fn take(&mut self, tree: &TraceTree, place: Place) -> Option<InsRef> {
        let outermost = self.0.len() == 1;
        let last = self.0.len() - 1;
        let frame = self.inner_mut();
        let slot = frame.slots.get(&place).copied()?;
        let memory = match slot.memory {
            Memory::Stale => Memory::Stale,
            Memory::Current | Memory::Free => Memory::Free,
        };
        frame.slots.insert(
            place,
            Slot {
                value: None,
                held: Held::Lent,
                memory,
            },
        );
        let value = slot.value?;
        if slot.held != Held::Owned || tree.at(value).ty != Some(Type::Obj) {
            return None;
        }
        let stays = (outermost || self.inner().home.is_in_memory())
            && slot.memory == Memory::Current
            && place.slot() < self.0[last].locals
            && number_type(tree, value).is_some();
        let dead = self.inherit(tree, value)?;
        if stays && let Some(slot) = self.0[last].slots.get_mut(&place) {
            slot.memory = Memory::Stale;
            return None;
        }
        Some(dead)
    }

    /// Gives a reference to a slot that was lent the value; the value itself if there is none.
    pub fn inherit(&mut self, tree: &TraceTree, value: InsRef) -> Option<InsRef> {
        let object = origin(tree, value);
        let mut slots = self.0.iter_mut().flat_map(|frame| frame.slots.values_mut());
        let heir = slots.find(|slot| {
            slot.held != Held::Owned
                && slot
                    .value
                    .is_some_and(|value| origin(tree, value) == object)
        });
        match heir {
            Some(heir) => {
                heir.held = Held::Owned;
                None
            }
            None => Some(value),
        }
    }

    /// Slots whose values only objects hold, as frame and place.
    pub fn held_by_heap(&self, tree: &TraceTree) -> Vec<(usize, Place, InsRef)> {
        let mut found = Vec::new();
        for (index, frame) in self.0.iter().enumerate() {
            for (place, slot) in &frame.slots {
                if let (Held::Heap, Some(value)) = (slot.held, slot.value)
                    && tree.at(value).ty == Some(Type::Obj)
                {
                    found.push((index, *place, value));
                }
            }
        }
        found
    }

    /// The states for a snapshot taken at `ip` and `depth` of the innermost frame.
    pub fn states(&self, ip: u32, depth: u16) -> Vec<FrameState> {
        let last = self.0.len() - 1;
        let state = |(index, frame): (usize, &SymFrame)| {
            let (ip, depth) = if index == last {
                (ip, depth)
            } else {
                frame.resume
            };
            let is_new = matches!(frame.home, FrameHome::New { .. });
            let write = |(place, slot): (&Place, &Slot)| {
                let popped = matches!(place, Place::Slot(slot) if *slot >= frame.locals + depth);
                // A new frame's locals are NULL to begin with, its stack is anything.
                let local = place.slot() < frame.locals;
                let known = is_new && local && slot.value.is_none();
                (!popped && !known).then_some(Write {
                    place: *place,
                    value: slot.value,
                    owned: slot.held == Held::Owned,
                    stale: slot.memory == Memory::Stale,
                    current: slot.memory == Memory::Current,
                })
            };
            FrameState {
                home: frame.home,
                purpose: frame.purpose,
                ip,
                depth,
                writes: frame.slots.iter().filter_map(write).collect(),
            }
        };
        self.0.iter().enumerate().map(state).collect()
    }
}
