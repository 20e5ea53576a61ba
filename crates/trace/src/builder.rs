//! Building trees while a trace is recorded.
//!
//! The builder keeps a symbolic frame: for each place that the trace has read or written so far, its
//! current value. The first read of a place makes it a header parameter (see [`widen`](mod@crate::widen)),
//! so the entry grows while the body is recorded; later reads give what was written last. Snapshots
//! and the jump's values are taken from the symbolic frame, so the recorder never lists them.
//!
//! A builder is used up by ending its trace. On any error the recording is over: drop the builder;
//! a side trace's builder works on a tree of its own, so the caller's tree is as it was.

use crate::frames::{Frames, Held, Memory, Slot};
use crate::ids::{ExitId, InsRef, SiteId, SnapshotId};
use crate::ops::{ImmKind, Op};
use crate::tree::{
    Args, End, Exit, FrameHome, Imm, Ins, ObjConst, Site, Snapshot, Trace, TraceTree,
};
use crate::types::{ObjKind, Place, RangeField, ReadAs, Type};
use pyrt_spec::{AbortReason, ExitReason};
use std::collections::HashMap;
use std::fmt;

/// Why a trace cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// The place holds NULL where a value is needed.
    Unbound(Place),
    /// The place is not part of the frame at the loop header and was not written before.
    NoSuchPlace(Place),
    /// The place's value at the jump has another type than the header carries.
    TypeUnstable {
        /// The place.
        place: Place,
        /// The type that the header carries.
        carried: Type,
        /// The type found.
        found: Type,
    },
    /// The instruction contradicts the table of ops: a bug of the caller.
    BadInstruction(String),
    /// The exit cannot get a side trace: it is unused, in the entry, a poll's (the interpreter has to
    /// handle what the poll saw), or has one already.
    BadParent(ExitId),
}

impl BuildError {
    /// The reason to report for the aborted recording.
    pub const fn abort_reason(&self) -> AbortReason {
        match self {
            BuildError::Unbound(_) => AbortReason::SlotUnbound,
            BuildError::TypeUnstable { .. } => AbortReason::TypeUnstable,
            BuildError::NoSuchPlace(_)
            | BuildError::BadInstruction(_)
            | BuildError::BadParent(_) => AbortReason::CompilerBug,
        }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::Unbound(place) => write!(f, "{place} is unbound"),
            BuildError::NoSuchPlace(place) => write!(f, "{place} is not in the frame"),
            BuildError::TypeUnstable {
                place,
                carried,
                found,
            } => {
                write!(
                    f,
                    "{place} is {found} at the jump, but the header carries {carried}"
                )
            }
            BuildError::BadInstruction(why) => f.write_str(why),
            BuildError::BadParent(exit) => write!(f, "{exit} cannot get a side trace"),
        }
    }
}

impl std::error::Error for BuildError {}

/// Checks an instruction against the table: operand types, immediate, exit and result type.
pub(crate) fn check_ins(tree: &TraceTree, ins: &Ins) -> Result<(), String> {
    let op = ins.op;
    let operands = match ins.imm {
        Imm::Helper(helper) => helper.args(),
        _ => op.args(),
    };
    if ins.args.len() != operands.len() {
        return Err(format!(
            "{op} takes {} operands, not {}",
            operands.len(),
            ins.args.len()
        ));
    }
    for (arg, want) in ins.args.iter().zip(operands) {
        let have = tree.ins.get(arg.index()).and_then(|ins| ins.ty);
        if !have.is_some_and(|have| want.accepts(have)) {
            let have = have.map_or("nothing", Type::name);
            return Err(format!("{op} takes {} where {arg} is {have}", want.name()));
        }
    }
    if imm_kind(&ins.imm) != op.imm() {
        return Err(format!("{op} cannot have the immediate {:?}", ins.imm));
    }
    if ins.exit.is_some() != op.has_exit() {
        let must = if op.has_exit() { "needs an" } else { "has no" };
        return Err(format!("{op} {must} exit"));
    }
    if op != Op::Param && ins.ty != Ins::result(op, &ins.imm) {
        return Err(format!("{op} has the wrong result type"));
    }
    Ok(())
}

const fn imm_kind(imm: &Imm) -> ImmKind {
    match imm {
        Imm::None => ImmKind::NoImm,
        Imm::Int(_) => ImmKind::Int,
        Imm::Float(_) => ImmKind::Float,
        Imm::Truth(_) => ImmKind::Truth,
        Imm::Const(_) => ImmKind::Const,
        Imm::Slot(_) => ImmKind::Slot,
        Imm::Kind(_) => ImmKind::Kind,
        Imm::Field(_) => ImmKind::Field,
        Imm::Mem(_) => ImmKind::Mem,
        Imm::Helper(_) => ImmKind::Helper,
    }
}

/// Builds one trace: the root of a new tree, or a side trace of an existing one.
#[derive(Debug)]
pub struct TreeBuilder {
    tree: TraceTree,
    parent: Option<ExitId>,
    body: Vec<InsRef>,
    frames: Frames,
    consts: HashMap<Imm, InsRef>,
    site: SiteId,
    work: u16,
}

impl TreeBuilder {
    /// Starts the root of a new tree: a loop whose header is at `ip`, where the value stack is
    /// `depth` deep, in a frame with `locals` slots before its value stack.
    pub fn root(name: impl Into<String>, locals: u16, ip: u32, depth: u16) -> TreeBuilder {
        TreeBuilder::over(
            TraceTree::new(name, locals, ip, depth),
            None,
            Frames::new(locals),
        )
    }

    /// Starts a side trace at an exit of `tree`, which must not be an optimised one.
    ///
    /// The recorder continues at the exit's snapshot: its `ip`, `depth`, and current values.
    ///
    /// # Errors
    ///
    /// [`BuildError::BadParent`].
    ///
    /// `locals` says for each frame of the snapshot how many slots its code has before the stack.
    pub fn side(
        mut tree: TraceTree,
        exit: ExitId,
        locals: &[u16],
    ) -> Result<TreeBuilder, BuildError> {
        let used = tree.exits.get(exit.index()).copied().flatten();
        let free =
            used.filter(|exit| exit.snapshot != SnapshotId::ENTRY && exit.reason.continues());
        if free.is_none() || tree.side_at(exit).is_some() {
            return Err(BuildError::BadParent(exit));
        }
        tree.pin(exit);
        let frames = Frames::of_snapshot(&tree, &tree.exit_snapshot(exit).frames, locals);
        let work = tree.exit(exit).work;
        let builder = TreeBuilder::over(tree, Some(exit), frames);
        Ok(TreeBuilder { work, ..builder })
    }

    fn over(tree: TraceTree, parent: Option<ExitId>, frames: Frames) -> TreeBuilder {
        let is_const = |value: &&InsRef| tree.at(**value).op.is_const();
        let consts = tree
            .entry
            .iter()
            .filter(is_const)
            .map(|value| (tree.at(*value).imm, *value));
        let site = parent.map_or(SiteId::HEADER, |exit| tree.exit(exit).site);
        TreeBuilder {
            consts: consts.collect(),
            tree,
            parent,
            body: Vec::new(),
            frames,
            site,
            work: 0,
        }
    }

    /// Counts an instruction of the program, which exits from now on come after.
    pub fn count_work(&mut self) {
        self.work = self.work.saturating_add(1);
    }

    /// How many instructions of the program the trace and those before it have executed.
    pub fn work(&self) -> u16 {
        self.work
    }

    /// Says where in the program exits are from now on: an instruction of the last code, each of the
    /// others being at the call of the next one.
    pub fn set_site(&mut self, chain: impl IntoIterator<Item = (u64, u32)>) {
        let mut caller = None;
        for (code, ip) in chain {
            caller = Some(self.tree.site(Site { code, ip, caller }));
        }
        self.site = caller.unwrap_or(SiteId::HEADER);
    }

    /// Where in the program exits are now.
    pub fn site(&self) -> SiteId {
        self.site
    }

    /// Says which code the tree begins in.
    pub fn set_code(&mut self, code: u64) {
        self.tree.sites[SiteId::HEADER.index()].code = code;
    }

    /// The tree so far, without the trace being built.
    pub fn tree(&self) -> &TraceTree {
        &self.tree
    }

    /// How many instructions the trace being built has.
    pub fn body_len(&self) -> usize {
        self.body.len()
    }

    /// The type of a value.
    ///
    /// # Panics
    ///
    /// When the instruction defines no value.
    pub fn ty(&self, value: InsRef) -> Type {
        self.tree
            .at(value)
            .ty
            .expect("only instructions with a value are handed out as values")
    }

    // The symbolic frame.

    /// Says that the trace makes the frame's memory true; see [`TraceTree::looked_at`].
    pub fn look_at_memory(&mut self) {
        self.tree.looked_at = true;
    }

    /// Says that an inner loop runs on the memory of the tree's own frame, which has all that the trace knew:
    /// it has to be read again.
    pub fn settle_frame(&mut self) {
        self.settle_below(u16::MAX);
    }

    /// Says that memory has all of the tree's own frame below a slot, and what the trace knew of it.
    pub fn settle_below(&mut self, top: u16) {
        self.tree.runs_loops = true;
        let frame = &mut self.frames.all_mut()[0];
        frame.home = FrameHome::Settled;
        frame
            .slots
            .retain(|place, _| matches!(place, Place::Slot(slot) if *slot >= top));
    }

    /// Whether a place of which the innermost frame says nothing is to be read from its memory.
    pub fn is_in_memory(&self, place: Place) -> bool {
        let own = self.frames.depth() == 1;
        self.frames.inner().home.is_in_memory()
            || own && self.tree.runs_loops && self.tree.param_of(place).is_none()
    }

    /// Says that the trace reads a slot from memory; see [`TraceTree::in_memory`].
    pub fn keep_in_memory(&mut self, slot: u16) {
        if !self.tree.in_memory.contains(&slot) {
            self.tree.in_memory.push(slot);
        }
    }

    /// The symbolic frames.
    pub fn frames(&self) -> &Frames {
        &self.frames
    }

    /// The symbolic frames, to be changed.
    pub fn frames_mut(&mut self) -> &mut Frames {
        &mut self.frames
    }

    /// The tree and the symbolic frames.
    pub fn split(&mut self) -> (&TraceTree, &mut Frames) {
        (&self.tree, &mut self.frames)
    }

    /// Goes back to an earlier state of the frames, when the body had this many instructions.
    /// The header may carry more than it did then; all of that is as the header has it.
    pub fn rewind(&mut self, frames: Frames, body: usize, params: usize) {
        self.frames = frames;
        self.body.truncate(body);
        for index in params..self.tree.params.len() {
            self.note_carried(index);
        }
    }

    /// The slot at a place of the innermost frame: `None` if the trace has neither read nor written it.
    pub fn current(&self, place: Place) -> Option<Slot> {
        self.frames.inner().slots.get(&place).copied()
    }

    /// The current value of a place. The first read of a place of the tree's frame that was not written
    /// makes it a header parameter, with entry code as `read` says; otherwise `read` is ignored and
    /// the value has whatever type it was written with.
    ///
    /// # Errors
    ///
    /// [`BuildError::Unbound`] if the place holds NULL, and the errors of [`TraceTree::widen`].
    pub fn read(&mut self, place: Place, read: ReadAs) -> Result<InsRef, BuildError> {
        match self.current(place) {
            Some(slot) => slot.value.ok_or(BuildError::Unbound(place)),
            None if self.frames.depth() == 1 && !self.is_in_memory(place) => {
                self.carry(place, read)
            }
            None => Err(BuildError::Unbound(place)),
        }
    }

    /// The value of a place, without who holds it: `Some(None)` is NULL.
    pub fn value_at(&self, place: Place) -> Option<Option<InsRef>> {
        self.current(place).map(|slot| slot.value)
    }

    /// Sets a place of the innermost frame to a value that needs no reference, or NULL.
    pub fn set(&mut self, place: Place, value: Option<InsRef>) {
        let frame = self.frames.inner();
        let in_memory = place.slot() < self.tree.locals + self.tree.header().depth;
        let memory = match frame.slots.get(&place) {
            Some(slot) if slot.memory != Memory::Current => slot.memory,
            _ if in_memory && self.frames.depth() == 1 => Memory::Stale,
            _ => Memory::Free,
        };
        let held = Held::Lent;
        self.write(
            place,
            Slot {
                value,
                held,
                memory,
            },
        );
    }

    /// Sets a place of the innermost frame. Values of popped stack slots need no clearing: snapshots
    /// leave out what lies above their depth.
    pub fn write(&mut self, place: Place, slot: Slot) {
        self.frames.inner_mut().slots.insert(place, slot);
    }

    fn carry(&mut self, place: Place, read: ReadAs) -> Result<InsRef, BuildError> {
        let index = self.tree.widen(place, read)?;
        self.note_carried(index);
        Ok(self.tree.params[index].value)
    }

    /// Makes the tree's own frame know what the header carries at a place, unless it knows better.
    pub fn know_carried(&mut self, place: Place) {
        if let Some(index) = self.tree.param_of(place) {
            self.note_carried(index);
        }
    }

    /// Makes the frame know what the header carries, unless it knows better.
    fn note_carried(&mut self, index: usize) {
        if self.frames.all()[0].home.is_in_memory() {
            return;
        }
        let param = self.tree.params[index];
        let Some(place) = param.place else { return };
        let memory = match (place, param.ty) {
            (Place::Slot(_), Type::Obj) => Memory::Current,
            _ => Memory::Stale,
        };
        self.frames.all_mut()[0].slots.entry(place).or_insert(Slot {
            value: Some(param.value),
            held: Held::Owned,
            memory,
        });
    }

    // Exits.

    /// The snapshot of the symbolic frames before the instruction at `ip` of the innermost one, where
    /// the value stack is `depth` deep. Equal snapshots in a row are the same snapshot.
    pub fn snapshot(&mut self, ip: u32, depth: u16, pending: Vec<InsRef>) -> SnapshotId {
        let last = SnapshotId::new(self.tree.snapshots.len() - 1);
        let snapshot = Snapshot {
            frames: self.frames.states(ip, depth),
            pending,
            virtuals: Vec::new(),
        };
        if last != SnapshotId::ENTRY && self.tree.snapshots[last.index()] == snapshot {
            return last;
        }
        self.tree.push_snapshot(snapshot)
    }

    /// A new exit with a snapshot taken now. Every guard needs one of its own.
    pub fn exit(&mut self, reason: ExitReason, ip: u32, depth: u16) -> ExitId {
        self.exit_pending(reason, ip, depth, Vec::new())
    }

    /// A new exit that also gives up these references.
    pub fn exit_pending(
        &mut self,
        reason: ExitReason,
        ip: u32,
        depth: u16,
        pending: Vec<InsRef>,
    ) -> ExitId {
        let snapshot = self.snapshot(ip, depth, pending);
        let (site, work) = (self.site, self.work);
        self.tree.push_exit(Exit {
            site,
            work,
            ..Exit::new(snapshot, reason)
        })
    }

    // Instructions.

    /// A constant integer. Constants stand in the entry and are shared.
    pub fn const_i64(&mut self, value: i64) -> InsRef {
        self.constant(Ins::int(value))
    }

    /// A constant float; shared only with one of the same bits.
    pub fn const_f64(&mut self, value: f64) -> InsRef {
        self.constant(Ins::float(value))
    }

    /// A constant truth value.
    pub fn const_bool(&mut self, value: bool) -> InsRef {
        self.constant(Ins::truth(value))
    }

    /// An object constant. The tree's owner has to keep the object alive as long as the tree.
    pub fn const_obj(&mut self, addr: u64, label: impl Into<String>) -> InsRef {
        let known = self
            .tree
            .consts
            .iter()
            .position(|object| object.addr == addr);
        let index = known.unwrap_or_else(|| {
            self.tree.consts.push(ObjConst {
                addr,
                label: label.into(),
            });
            self.tree.consts.len() - 1
        });
        self.constant(Ins::object(crate::ids::ConstObj::new(index)))
    }

    fn constant(&mut self, ins: Ins) -> InsRef {
        let TreeBuilder { tree, consts, .. } = self;
        *consts.entry(ins.imm).or_insert_with(|| {
            let value = tree.push_ins(ins);
            tree.entry.push(value);
            value
        })
    }

    /// Appends an op that has neither exit nor immediate.
    ///
    /// # Errors
    ///
    /// [`BuildError::BadInstruction`] if the table says otherwise.
    pub fn op(&mut self, op: Op, args: &[InsRef]) -> Result<InsRef, BuildError> {
        self.push(op, args, Imm::None, None)
    }

    /// Appends an op that has an exit and no immediate: checked arithmetic, `guard_true`,
    /// `guard_false`, `guard_not_same`, `unbox_int`, `poll`. The result names a value only if the
    /// op has one.
    ///
    /// # Errors
    ///
    /// [`BuildError::BadInstruction`].
    pub fn op_exit(&mut self, op: Op, args: &[InsRef], exit: ExitId) -> Result<InsRef, BuildError> {
        self.push(op, args, Imm::None, Some(exit))
    }

    /// Appends `guard_type`.
    ///
    /// # Errors
    ///
    /// [`BuildError::BadInstruction`].
    pub fn guard_type(
        &mut self,
        object: InsRef,
        kind: ObjKind,
        exit: ExitId,
    ) -> Result<InsRef, BuildError> {
        self.push(Op::GuardType, &[object], Imm::Kind(kind), Some(exit))
    }

    /// Appends `load_range_field` for one of the fields that never change; the index is read
    /// through [`Place::RangeIndex`]. The object must be a parameter or value known to be a range
    /// iterator, as [`ReadAs::Kind`] gives.
    ///
    /// # Errors
    ///
    /// [`BuildError::BadInstruction`].
    pub fn load_range_field(
        &mut self,
        object: InsRef,
        field: RangeField,
    ) -> Result<InsRef, BuildError> {
        if field == RangeField::Index {
            let why = "the index of a range iterator is read as a place";
            return Err(BuildError::BadInstruction(why.into()));
        }
        self.push(Op::LoadRangeField, &[object], Imm::Field(field), None)
    }

    /// Appends any instruction to the body, after checking it against the table.
    ///
    /// # Errors
    ///
    /// [`BuildError::BadInstruction`].
    pub fn push(
        &mut self,
        op: Op,
        args: &[InsRef],
        imm: Imm,
        exit: Option<ExitId>,
    ) -> Result<InsRef, BuildError> {
        let ins = Ins {
            op,
            args: Args::new(args),
            imm,
            exit,
            ty: Ins::result(op, &imm),
        };
        check_ins(&self.tree, &ins).map_err(BuildError::BadInstruction)?;
        let value = self.tree.push_ins_at(ins, self.site);
        self.body.push(value);
        Ok(value)
    }

    // Ends.

    /// Ends the trace with a jump to the loop header, carrying all places that any trace reads or
    /// writes. The value stack must be as deep as at the header, no inlined frame be left, and
    /// objects be in memory.
    ///
    /// # Errors
    ///
    /// [`BuildError::TypeUnstable`] and [`BuildError::Unbound`], naming the place that does not fit.
    pub fn end_jump(mut self) -> Result<TraceTree, BuildError> {
        self.carry_written()?;
        let mut values = Vec::with_capacity(self.tree.params.len());
        for param in &self.tree.params {
            let Some(place) = param.place else {
                values.push(param.value);
                continue;
            };
            let value = match self.current(place) {
                Some(slot) => slot.value,
                None if self.is_in_memory(place) => None,
                None => Some(param.value),
            };
            let value = value.ok_or(BuildError::Unbound(place))?;
            let found = self.ty(value);
            if found != param.ty {
                return Err(BuildError::TypeUnstable {
                    place,
                    carried: param.ty,
                    found,
                });
            }
            values.push(value);
        }
        Ok(self.finish(End::Jump(values)))
    }

    /// Ends the trace by leaving to the interpreter.
    pub fn end_exit(self, exit: ExitId) -> TraceTree {
        self.finish(End::Exit(exit))
    }

    /// Makes parameters of places that were written with unboxed values before they were ever read.
    fn carry_written(&mut self) -> Result<(), BuildError> {
        let top = self.tree.locals + self.tree.header().depth;
        let slots = self.frames.inner().slots.clone();
        for (place, slot) in slots {
            let inside = matches!(place, Place::Slot(slot) if slot < top);
            let Some(value) = slot.value else {
                if inside && slot.memory != Memory::Current {
                    return Err(BuildError::Unbound(place));
                }
                continue;
            };
            let unboxed = self.ty(value) != Type::Obj;
            if unboxed && place.slot() < top && self.tree.param_of(place).is_none() {
                if self.tree.runs_loops {
                    return Err(BuildError::NoSuchPlace(place));
                }
                self.carry(place, ReadAs::from_type(self.ty(value)))?;
            }
        }
        Ok(())
    }

    fn finish(mut self, end: End) -> TraceTree {
        self.tree.traces.push(Trace {
            parent: self.parent,
            body: self.body,
            end,
        });
        self.tree
    }
}

#[cfg(test)]
pub(crate) mod tests;
