//! Cutting a side trace out of its tree, to be compiled alone: a *bridge*.
//!
//! A tree is compiled whole, which takes too long when it has grown large and all that is new is one side trace. The side
//! trace is a function of its own then, which is called where its exit would go to the interpreter. It begins with what
//! the exit has handed over, and ends by exits. One that comes back to the loop's header leaves there, and the tree is entered anew:
//! what holds in the tree's loop may not hold after a round through the bridge.
//!
//! What the bridge uses is found where the exit's snapshot has it: handed over, or in the memory of a frame. Facts that
//! the tree has guarded are guarded again where an operation relies on them. Linear in the trace and its snapshots.

use crate::frames::origin;
use crate::handover::Source;
use crate::ids::{ConstObj, ExitId, InsRef, SnapshotId};
use crate::kinds::Kinds;
use crate::ops::{Effect, Op};
use crate::tree::{
    Args, End, Exit, FrameHome, FrameState, Imm, Ins, Snapshot, Trace, TraceTree, Write,
};
use crate::types::{Mem, ObjKind, Place, Region, Type, Width};
use pyrt_spec::{ExitReason, Purpose};
use rustc_hash::FxBuildHasher;
use std::collections::HashMap;

/// Where a snapshot mentions a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handed {
    /// As what says where the frame of this number is.
    Home(usize),
    /// As what the frame of this number gets at a place.
    Write(usize, Place),
    /// As the one of this number among the references that are given up.
    Pending(usize),
}

/// A side trace by itself.
#[derive(Clone, Debug)]
pub struct Bridge {
    /// A tree without a loop, to be optimised and compiled like others. Its `handed` instructions read what the
    /// exit has stored.
    pub tree: TraceTree,
    /// For each of its exits the one of the whole tree, if there is one.
    pub exits: Vec<Option<ExitId>>,
}

/// Cuts out the side trace at an exit of a tree as it was recorded. `slots` is the offset of the slots of a frame, and
/// `source` says where the exit of the compiled tree has put a value of its snapshot, and of which type; `None` where it
/// has put nothing. The result is `None` if there is no such trace, or it needs what cannot be found.
pub fn cut(
    whole: &TraceTree,
    exit: ExitId,
    slots: i32,
    source: impl Fn(Handed) -> Option<(Source, Type)>,
) -> Option<Bridge> {
    let trace = &whole.traces[whole.side_at(exit)?.index()];
    let mut cutter = Cutter::new(whole, exit, slots);
    cutter.take_over(source)?;
    cutter.trace(trace)
}

/// A place of a frame, which its home tells from those of other frames.
type Known = (Option<InsRef>, Place);

struct Cutter<'a> {
    whole: &'a TraceTree,
    /// What the exit leaves behind.
    state: &'a Snapshot,
    exit: &'a Exit,
    slots: i32,
    kinds: Kinds,
    bridge: Bridge,
    /// What guards and loads the bridge needs before all else.
    start: Vec<InsRef>,
    /// What values of the whole tree are in the bridge, and what they are once their kind is guarded.
    values: HashMap<InsRef, InsRef, FxBuildHasher>,
    guarded: HashMap<InsRef, InsRef, FxBuildHasher>,
    snapshots: HashMap<SnapshotId, SnapshotId, FxBuildHasher>,
    /// Numbers that the compiled tree leaves alone where the program has them: writing one there would put another
    /// object in its place.
    in_place: Vec<(Known, InsRef)>,
}

impl<'a> Cutter<'a> {
    fn new(whole: &'a TraceTree, exit: ExitId, slots: i32) -> Cutter<'a> {
        let header = whole.header();
        let mut tree = TraceTree::new(whole.name.clone(), whole.locals, header.ip, header.depth);
        tree.consts.clone_from(&whole.consts);
        tree.sites.clone_from(&whole.sites);
        Cutter {
            whole,
            state: whole.exit_snapshot(exit),
            exit: whole.exit(exit),
            slots,
            kinds: Kinds::new(whole),
            bridge: Bridge {
                tree,
                exits: Vec::new(),
            },
            start: Vec::new(),
            values: HashMap::default(),
            guarded: HashMap::default(),
            snapshots: HashMap::default(),
            in_place: Vec::new(),
        }
    }

    /// Begins with what the exit hands over.
    fn take_over(&mut self, source: impl Fn(Handed) -> Option<(Source, Type)>) -> Option<()> {
        let state = self.state;
        let mut found = Vec::new();
        for (index, frame) in state.frames.iter().enumerate() {
            let home = frame.home.value().map(|value| (value, Handed::Home(index)));
            let write = |write: &Write| Some((write.value?, Handed::Write(index, write.place)));
            found.extend(home);
            found.extend(
                frame
                    .writes
                    .iter()
                    .filter(|write| !write.current)
                    .filter_map(write),
            );
        }
        let pending = state.pending.iter().enumerate();
        found.extend(pending.map(|(index, value)| (*value, Handed::Pending(index))));
        for (value, at) in found {
            let Some((source, ty)) = source(at) else {
                if let Handed::Write(frame, place) = at {
                    let home = state.frames[frame].home.value();
                    self.in_place.push(((home, place), value));
                }
                continue;
            };
            if !self.values.contains_key(&value) {
                if self.whole.at(value).ty != Some(ty) {
                    return None;
                }
                let handed = self.handed(source, ty)?;
                self.values.insert(value, handed);
            }
        }
        Some(())
    }

    fn handed(&mut self, source: Source, ty: Type) -> Option<InsRef> {
        let ins = match source {
            Source::Word(word) => {
                let width = match ty {
                    Type::I64 => Width::I64,
                    Type::F64 => Width::F64,
                    Type::Bool => Width::U8,
                    Type::Obj => Width::Obj,
                    Type::Ptr => Width::Ptr,
                };
                let mem = Mem {
                    offset: i32::from(word) * 8,
                    width,
                    region: Region::Fixed,
                };
                ins(Op::Handed, &[], Imm::Mem(mem), None)
            }
            Source::Constant(bits) => match ty {
                Type::I64 => Ins::int(bits.cast_signed()),
                Type::F64 => Ins::float(f64::from_bits(bits)),
                Type::Bool => Ins::truth(bits & 1 != 0),
                Type::Obj => {
                    let mut consts = self.whole.consts.iter();
                    Ins::object(ConstObj::new(
                        consts.position(|object| object.addr == bits)?,
                    ))
                }
                Type::Ptr => return None,
            },
        };
        let value = self.at_entry(ins);
        let is_byte = matches!((source, ty), (Source::Word(_), Type::Bool));
        Some(match is_byte {
            true => self.at_entry(ins_of(Op::I64IsTrue, value)),
            false => value,
        })
    }

    fn at_entry(&mut self, ins: Ins) -> InsRef {
        let value = self.bridge.tree.push_ins(ins);
        self.bridge.tree.entry.push(value);
        value
    }

    /// Puts an instruction before all that the trace does.
    fn at_start(&mut self, ins: Ins) -> InsRef {
        let value = self.bridge.tree.push_ins_at(ins, self.exit.site);
        self.start.push(value);
        value
    }

    fn trace(mut self, trace: &Trace) -> Option<Bridge> {
        let mut body = Vec::with_capacity(trace.body.len());
        for &at in &trace.body {
            let mut ins = *self.whole.at(at);
            for arg in ins.args.as_mut_slice() {
                *arg = self.operand(*arg)?;
            }
            if let Some(exit) = ins.exit {
                ins.exit = Some(self.exit(exit)?);
            }
            let site = self.whole.ins_sites.get(at.index()).copied();
            let value = self
                .bridge
                .tree
                .push_ins_at(ins, site.unwrap_or(self.exit.site));
            self.values.insert(at, value);
            body.push(value);
        }
        let end = match &trace.end {
            End::Exit(exit) => self.exit(*exit)?,
            End::Jump(values) => self.back(values)?,
        };
        let Cutter {
            mut bridge,
            mut start,
            ..
        } = self;
        start.append(&mut body);
        bridge.tree.traces.push(Trace {
            parent: None,
            body: start,
            end: End::Exit(end),
        });
        Some(bridge)
    }

    /// A value of the whole tree.
    fn value(&mut self, value: InsRef) -> Option<InsRef> {
        if let Some(known) = self.values.get(&value) {
            return Some(*known);
        }
        let found = self.find(value)?;
        self.values.insert(value, found);
        Some(found)
    }

    /// A value that an instruction works on: operations on objects go by their kind.
    fn operand(&mut self, value: InsRef) -> Option<InsRef> {
        if let Some(known) = self.guarded.get(&value) {
            return Some(*known);
        }
        let mut found = self.value(value)?;
        let kind = self.kinds.of(self.whole, value);
        let is_known =
            kind.is_none() || Kinds::new(&self.bridge.tree).of(&self.bridge.tree, found) == kind;
        if let (Some(kind), false) = (kind, is_known) {
            found = self.guard_kind(found, kind)?;
        }
        self.guarded.insert(value, found);
        Some(found)
    }

    /// Looks for a value that the trace has from those before it.
    fn find(&mut self, value: InsRef) -> Option<InsRef> {
        let ins = *self.whole.at(value);
        if ins.op.is_const() || matches!(ins.op, Op::Frame | Op::Thread) {
            return Some(self.at_entry(ins));
        }
        if let Some(same) = self.same_object(value) {
            return Some(same);
        }
        if let Some(loaded) = self.load(value) {
            return Some(loaded);
        }
        // What depends on such values alone can be computed again.
        let again = ins.exit.is_none()
            && ins.reads().is_none()
            && matches!(ins.op.effect(), Effect::Pure | Effect::Load);
        if !again {
            return None;
        }
        let mut copy = ins;
        for arg in copy.args.as_mut_slice() {
            *arg = self.operand(*arg)?;
        }
        Some(self.at_start(copy))
    }

    /// Another value that is the same object, with other things known of it.
    fn same_object(&self, value: InsRef) -> Option<InsRef> {
        let object = origin(self.whole, value);
        let same = |known: &&InsRef| origin(self.whole, **known) == object;
        let known = self.values.keys().filter(same).min()?;
        Some(self.values[known])
    }

    /// Reads a value from the frame that has it in memory.
    fn load(&mut self, value: InsRef) -> Option<InsRef> {
        let object = origin(self.whole, value);
        let is_it = |known: InsRef| origin(self.whole, known) == object;
        for frame in &self.state.frames {
            let found = frame
                .writes
                .iter()
                .find(|write| write.value.is_some_and(is_it));
            if let Some(write) = found {
                return self.load_from(frame, write.place, value);
            }
        }
        let root = self.state.root();
        let carries = |value: InsRef| self.whole.params.iter().find(|param| param.value == value);
        let place = carries(object)?.place?;
        let is_unchanged = root.home == FrameHome::Root && root.write(place).is_none();
        match is_unchanged {
            true => self.load_from(root, place, value),
            false => None,
        }
    }

    fn load_from(&mut self, frame: &FrameState, place: Place, value: InsRef) -> Option<InsRef> {
        let Place::Slot(slot) = place else {
            return None;
        };
        let base = match frame.home {
            FrameHome::Root | FrameHome::Settled => {
                self.at_start(ins(Op::Frame, &[], Imm::None, None))
            }
            FrameHome::Memory(frame) | FrameHome::Resumed(frame) => self.value(frame)?,
            FrameHome::New { .. } | FrameHome::Suspended { .. } => return None,
        };
        let mem = Mem {
            offset: self.slots + i32::from(slot) * 8,
            width: Width::Obj,
            region: Region::Frames,
        };
        let object = self.at_start(ins(Op::Load, &[base], Imm::Mem(mem), None));
        let (kind, unbox) = match self.whole.at(value).ty? {
            Type::Obj => return Some(object),
            Type::I64 => (ObjKind::Int, Op::UnboxInt),
            Type::F64 => (ObjKind::Float, Op::UnboxFloat),
            Type::Bool => (ObjKind::Bool, Op::UnboxBool),
            Type::Ptr => return None,
        };
        let object = self.guard_kind(object, kind)?;
        let exit = match unbox.has_exit() {
            true => Some(self.exit_at_start(ExitReason::IntRange)?),
            false => None,
        };
        Some(self.at_start(ins(unbox, &[object], Imm::None, exit)))
    }

    fn guard_kind(&mut self, object: InsRef, kind: ObjKind) -> Option<InsRef> {
        let exit = self.exit_at_start(ExitReason::Type)?;
        Some(self.at_start(ins(Op::GuardType, &[object], Imm::Kind(kind), Some(exit))))
    }

    /// An exit before the trace has done anything: to where the whole tree's exit leaves. It is never taken, because
    /// the tree has found the same.
    fn exit_at_start(&mut self, reason: ExitReason) -> Option<ExitId> {
        let snapshot = self.snapshot(self.exit.snapshot)?;
        Some(self.new_exit(
            Exit {
                snapshot,
                reason,
                ..*self.exit
            },
            None,
        ))
    }

    fn exit(&mut self, id: ExitId) -> Option<ExitId> {
        let exit = *self.whole.exit(id);
        let snapshot = self.snapshot(exit.snapshot)?;
        Some(self.new_exit(Exit { snapshot, ..exit }, Some(id)))
    }

    fn new_exit(&mut self, exit: Exit, of: Option<ExitId>) -> ExitId {
        self.bridge.exits.push(of);
        self.bridge.tree.push_exit(exit)
    }

    fn snapshot(&mut self, id: SnapshotId) -> Option<SnapshotId> {
        if let Some(known) = self.snapshots.get(&id) {
            return Some(*known);
        }
        let whole = self.whole;
        let mut snapshot = whole.snapshots[id.index()].clone();
        for frame in &mut snapshot.frames {
            self.frame(frame)?;
        }
        for value in &mut snapshot.pending {
            *value = self.value(*value)?;
        }
        let new = self.bridge.tree.push_snapshot(snapshot);
        self.snapshots.insert(id, new);
        Some(new)
    }

    fn frame(&mut self, frame: &mut FrameState) -> Option<()> {
        let home = frame.home.value();
        if let Some(value) = frame.home.value_mut() {
            *value = self.value(*value)?;
        }
        // Memory has what the exit has not stored.
        frame.writes.retain(|write| !write.current);
        let mut kept = Vec::with_capacity(frame.writes.len());
        for mut write in std::mem::take(&mut frame.writes) {
            if let Some(value) = write.value {
                if self.in_place.contains(&((home, write.place), value)) {
                    continue;
                }
                write.value = Some(self.value(value)?);
            }
            kept.push(write);
        }
        frame.writes = kept;
        Some(())
    }

    /// The exit at the loop's header, with what the header carries.
    fn back(&mut self, values: &[InsRef]) -> Option<ExitId> {
        let whole = self.whole;
        let mut header = FrameState {
            purpose: Purpose::Call,
            ..whole.header().clone()
        };
        for (param, value) in whole.params.iter().zip(values) {
            if let (Some(place), true) = (param.place, param.ty != Type::Obj) {
                header.set(Write::carried(place, *value));
            }
        }
        self.frame(&mut header)?;
        let snapshot = self.bridge.tree.push_snapshot(Snapshot {
            virtuals: Vec::new(),
            frames: vec![header],
            pending: Vec::new(),
        });
        Some(self.new_exit(Exit::new(snapshot, ExitReason::Again), None))
    }
}

fn ins(op: Op, args: &[InsRef], imm: Imm, exit: Option<ExitId>) -> Ins {
    Ins {
        op,
        args: Args::new(args),
        imm,
        exit,
        ty: Ins::result(op, &imm),
    }
}

fn ins_of(op: Op, arg: InsRef) -> Ins {
    ins(op, &[arg], Imm::None, None)
}
