//! The data of a trace tree.
//!
//! All instructions live in one arena and are named by their index. Three kinds of lists give them
//! an order: the entry, which runs once when the tree is entered, and the body of each trace.
//!
//! ```text
//!   entry ──enter──► header(params) ──► root body ──jump──► header
//!                                          │ guard fails, exit x
//!                                          ├── side trace at x? ──► its body ──jump──► header
//!                                          └── else: write the snapshot of x to the frame, leave
//! ```
//!
//! A tree runs on the values of the frame, which it keeps in registers as long as it can; an exit puts
//! them back. See decision 0004 for who holds references meanwhile.

use crate::helpers::Helper;
use crate::ids::{ConstObj, ExitId, InsRef, SiteId, SnapshotId, TraceId};
use crate::ops::Op;
use crate::types::{Mem, ObjKind, Place, RangeField, Region, Regions, Type};
use pyrt_spec::{ExitReason, Purpose};
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// The operands of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Args {
    len: u8,
    values: [InsRef; Args::MAX],
}

impl Args {
    /// How many operands an instruction has at most.
    pub const MAX: usize = 6;

    /// No operands.
    pub const NONE: Args = Args {
        len: 0,
        values: [InsRef(0); Args::MAX],
    };

    /// The operands in this slice.
    ///
    /// # Panics
    ///
    /// When there are more than [`Args::MAX`].
    pub fn new(args: &[InsRef]) -> Args {
        let mut values = [InsRef(0); Args::MAX];
        values[..args.len()].copy_from_slice(args);
        Args {
            len: args.len() as u8,
            values,
        }
    }

    /// The operands, to be changed in place.
    pub fn as_mut_slice(&mut self) -> &mut [InsRef] {
        &mut self.values[..usize::from(self.len)]
    }
}

impl Default for Args {
    fn default() -> Args {
        Args::NONE
    }
}

impl Deref for Args {
    type Target = [InsRef];

    fn deref(&self) -> &[InsRef] {
        &self.values[..usize::from(self.len)]
    }
}

/// The immediate of an instruction; its variant follows from the op's [`ImmKind`](crate::ImmKind).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Imm {
    /// No immediate.
    #[default]
    None,
    /// The value of `const_i64`.
    Int(i64),
    /// The bits of `const_f64`.
    Float(u64),
    /// The value of `const_bool`.
    Truth(bool),
    /// The constant of `const_obj`.
    Const(ConstObj),
    /// The slot of `load_slot`.
    Slot(u16),
    /// The kind of `guard_type`.
    Kind(ObjKind),
    /// The field of `load_range_field`.
    Field(RangeField),
    /// The place of a load or store.
    Mem(Mem),
    /// What `call` calls.
    Helper(Helper),
}

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ins {
    /// The operation.
    pub op: Op,
    /// The operands.
    pub args: Args,
    /// The immediate.
    pub imm: Imm,
    /// Where the instruction leaves to; present exactly if [`Op::has_exit`].
    pub exit: Option<ExitId>,
    /// The type of the value; `None` if there is none.
    pub ty: Option<Type>,
}

impl Ins {
    /// The type of the result that an instruction with this op and immediate has; `None` if none, and
    /// for parameters.
    pub const fn result(op: Op, imm: &Imm) -> Option<Type> {
        match (op, imm) {
            (Op::Load | Op::LoadIndex | Op::Handed, Imm::Mem(mem)) => Some(mem.width.ty()),
            (Op::Call, Imm::Helper(helper)) => helper.result(),
            _ => op.result(),
        }
    }

    /// The region that the instruction reads, if it reads memory that can change.
    pub fn reads(&self) -> Option<Region> {
        match (self.op, self.imm) {
            (Op::Load | Op::LoadIndex, Imm::Mem(mem)) if mem.region != Region::Fixed => {
                Some(mem.region)
            }
            (Op::GuardVersion, _) => Some(Region::Classes),
            _ => None,
        }
    }

    /// The regions that the instruction may write.
    pub fn clobbers(&self) -> Regions {
        match (self.op, self.imm) {
            (Op::Store | Op::StoreIndex, Imm::Mem(mem)) => Regions::one(mem.region),
            (Op::Call, Imm::Helper(helper)) => helper.clobbers().and(Regions::one(Region::Counts)),
            (
                Op::Own
                | Op::Release
                | Op::ReleaseAny
                | Op::ReleaseLeaf
                | Op::ReboxInt
                | Op::ReboxFloat,
                _,
            ) => Regions::one(Region::Counts),
            (Op::CountNew | Op::CountGone, _) => Regions::one(Region::Allocator),
            _ => Regions::NONE,
        }
    }

    /// A constant integer.
    pub const fn int(value: i64) -> Ins {
        Ins::constant(Op::ConstI64, Imm::Int(value), Type::I64)
    }

    /// A constant float.
    pub const fn float(value: f64) -> Ins {
        Ins::constant(Op::ConstF64, Imm::Float(value.to_bits()), Type::F64)
    }

    /// A constant truth value.
    pub const fn truth(value: bool) -> Ins {
        Ins::constant(Op::ConstBool, Imm::Truth(value), Type::Bool)
    }

    /// An instruction without immediate, with an exit if the op has one.
    pub fn plain(op: Op, args: &[InsRef], exit: Option<ExitId>) -> Ins {
        Ins {
            op,
            args: Args::new(args),
            imm: Imm::None,
            exit,
            ty: op.result(),
        }
    }

    /// A parameter of the header.
    pub const fn param(ty: Type) -> Ins {
        Ins {
            op: Op::Param,
            args: Args::NONE,
            imm: Imm::None,
            exit: None,
            ty: Some(ty),
        }
    }

    /// An object constant.
    pub const fn object(value: ConstObj) -> Ins {
        Ins::constant(Op::ConstObj, Imm::Const(value), Type::Obj)
    }

    const fn constant(op: Op, imm: Imm, ty: Type) -> Ins {
        Ins {
            op,
            args: Args::NONE,
            imm,
            exit: None,
            ty: Some(ty),
        }
    }
}

/// An object that the tree refers to. The owner of the tree keeps the object alive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjConst {
    /// The object's address; opaque here.
    pub addr: u64,
    /// The name of its type, which dumps show.
    pub label: String,
}

/// One write of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// The place.
    pub place: Place,
    /// The value; `None` if the slot becomes NULL.
    pub value: Option<InsRef>,
    /// The trace holds a reference to the value, which goes to the place. Otherwise the place gets a
    /// reference of its own. Meaningless for unboxed values.
    pub owned: bool,
    /// What memory holds at the place is a reference, to be released: a number whose value is stale.
    /// Otherwise memory holds NULL or something that must not be touched.
    pub stale: bool,
    /// Memory holds the value already, with its reference: nothing is written. Only recorded trees have
    /// such writes; a side trace learns from them what the place holds.
    pub current: bool,
}

impl Write {
    /// An unboxed value that the header carries for a place, where memory holds a number of an earlier time.
    pub const fn carried(place: Place, value: InsRef) -> Write {
        Write {
            place,
            value: Some(value),
            owned: true,
            stale: true,
            current: false,
        }
    }
}

/// Where a frame is, besides what a snapshot says of its places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrameHome {
    /// The frame with which the tree was entered.
    #[default]
    Root,
    /// The same, after an inner loop has run on its memory: that has the places of which the state says nothing,
    /// whatever the header carries.
    Settled,
    /// The frame of an inlined call that is in memory already, at this pointer.
    Memory(InsRef),
    /// The frame of an inlined call that does not exist yet: the exit makes it.
    New {
        /// The function that was called.
        function: InsRef,
        /// The trace holds a reference to the function, which goes to the frame.
        owned: bool,
    },
    /// The frame of a generator that only the trace runs. In memory it is suspended: the exit resumes it.
    Suspended {
        /// The generator.
        generator: InsRef,
        /// The offset of the instruction at which memory has it.
        at: u32,
    },
    /// The frame of a generator that runs in memory, too, at this pointer.
    Resumed(InsRef),
}

impl FrameHome {
    /// The value that says where the frame is, or of what it is made.
    pub fn value(mut self) -> Option<InsRef> {
        self.value_mut().copied()
    }

    /// The same, to be changed.
    pub const fn value_mut(&mut self) -> Option<&mut InsRef> {
        match self {
            FrameHome::Root | FrameHome::Settled => None,
            FrameHome::Memory(value)
            | FrameHome::Resumed(value)
            | FrameHome::Suspended {
                generator: value, ..
            }
            | FrameHome::New {
                function: value, ..
            } => Some(value),
        }
    }

    /// Whether memory has what is not known of the frame's places.
    pub const fn is_in_memory(self) -> bool {
        matches!(self, FrameHome::Settled) || self.is_generator()
    }

    /// Whether the frame is a generator's that the trace has resumed.
    pub const fn is_generator(self) -> bool {
        matches!(self, FrameHome::Suspended { .. } | FrameHome::Resumed(_))
    }
}

/// The state of one frame at an exit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameState {
    /// Where the frame is.
    pub home: FrameHome,
    /// What its caller does with the result.
    pub purpose: Purpose,
    /// Where the interpreter resumes, in code units: in the innermost frame it executes the
    /// instruction there, in the others it goes on there after the call.
    pub ip: u32,
    /// The depth of the value stack before that instruction.
    pub depth: u16,
    /// Places that differ from memory, ordered by place; of a new frame, all that are not NULL.
    ///
    /// Range indices are written first, then slots. A value that is written to several places is
    /// boxed once.
    pub writes: Vec<Write>,
}

impl FrameState {
    /// What the state writes to a place: `None` if it leaves the place alone.
    pub fn write(&self, place: Place) -> Option<&Write> {
        self.writes.iter().find(|write| write.place == place)
    }

    /// Sets what is written to a place, keeping the order.
    pub fn set(&mut self, write: Write) {
        match self.writes.binary_search_by_key(&write.place, |w| w.place) {
            Ok(at) => self.writes[at] = write,
            Err(at) => self.writes.insert(at, write),
        }
    }
}

/// An object in whose memory another one is made. It has one reference, and loses what it has: numbers, or what it only borrows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The object.
    pub object: InsRef,
    /// Which attributes or items, by index, it has without references to them.
    pub borrows: i64,
    /// How many references there are then, those in memory included, but for new ones that the snapshot says.
    pub references: u32,
}

/// An object that the trace has not made, and which an exit makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualObject {
    /// Its [`Op::Virtual`], for which other parts of the snapshot stand.
    pub value: InsRef,
    /// Its class, which may be that of tuples, or the number that it is the box of.
    pub of: InsRef,
    /// The memory in which it is made, if there is some.
    pub shell: Option<Memory>,
    /// An instance's attributes in the order in which it got them: the index among those of its class, and the value, to which
    /// it has a reference. All items of a tuple, likewise.
    pub attributes: Vec<(u16, InsRef)>,
}

impl VirtualObject {
    /// All values that it refers to.
    fn values(&self) -> impl Iterator<Item = InsRef> + '_ {
        let attributes = self.attributes.iter().map(|(_, value)| *value);
        let shell = self.shell.map(|memory| memory.object);
        [self.value, self.of]
            .into_iter()
            .chain(shell)
            .chain(attributes)
    }
}

/// The state of all frames that an exit leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The frames, outermost first: the tree's own, then those of inlined calls.
    pub frames: Vec<FrameState>,
    /// References that are given up, in order, when all frames are as the snapshot says.
    pub pending: Vec<InsRef>,
    /// Objects that are made first. Those that are attributes of others come before them.
    pub virtuals: Vec<VirtualObject>,
}

impl Snapshot {
    /// A snapshot of one frame.
    pub fn single(ip: u32, depth: u16, writes: Vec<Write>) -> Snapshot {
        Snapshot {
            frames: vec![FrameState {
                home: FrameHome::Root,
                purpose: Purpose::Call,
                ip,
                depth,
                writes,
            }],
            pending: Vec::new(),
            virtuals: Vec::new(),
        }
    }

    /// The innermost frame: the one in which the interpreter resumes.
    ///
    /// # Panics
    ///
    /// When there is no frame, which the verifier excludes.
    pub fn frame(&self) -> &FrameState {
        self.frames
            .last()
            .expect("a snapshot has at least one frame")
    }

    /// The frame with which the tree was entered.
    pub fn root(&self) -> &FrameState {
        &self.frames[0]
    }

    /// All values that the snapshot refers to.
    pub fn values(&self) -> impl Iterator<Item = InsRef> + '_ {
        let of_frame = |frame: &'_ FrameState| {
            let home = frame.home.value();
            let writes: Vec<_> = frame
                .writes
                .iter()
                .filter_map(|write| write.value)
                .collect();
            home.into_iter().chain(writes)
        };
        self.frames
            .iter()
            .flat_map(of_frame)
            .chain(self.pending.iter().copied())
            .chain(self.virtuals.iter().flat_map(VirtualObject::values))
    }

    /// What is to be made for a value, if that is an object that the trace has not made.
    pub fn virtual_at(&self, value: InsRef) -> Option<usize> {
        self.virtuals.iter().position(|made| made.value == value)
    }
}

/// A way out of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// The state to write when leaving. [`SnapshotId::ENTRY`] exactly for exits of the entry.
    pub snapshot: SnapshotId,
    /// Why.
    pub reason: ExitReason,
    /// Set for the exit of a guard that was moved to where the loop is entered: the exit it had in the loop.
    pub hoisted_from: Option<ExitId>,
    /// The guard stays where it is: it has been seen failing in the loop, or a side trace will
    /// hang off it.
    pub pinned: bool,
    /// How many instructions of the program have been executed by then, not counting rounds of the loop.
    pub work: u16,
    /// Where in the program.
    pub site: SiteId,
}

impl Exit {
    /// An exit as it is recorded.
    pub const fn new(snapshot: SnapshotId, reason: ExitReason) -> Exit {
        Exit {
            snapshot,
            reason,
            hoisted_from: None,
            pinned: false,
            work: 0,
            site: SiteId::HEADER,
        }
    }

    /// The exit of the same guard, `from` there moved to where the loop is entered.
    pub const fn moved(&self, from: ExitId, snapshot: SnapshotId) -> Exit {
        Exit {
            hoisted_from: Some(from),
            site: self.site,
            work: self.work,
            ..Exit::new(snapshot, self.reason)
        }
    }
}

/// A place in the program: an instruction, of code that may have been called by another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Site {
    /// The code, by a number of the recorder's.
    pub code: u64,
    /// The instruction, in code units.
    pub ip: u32,
    /// The call for which the code is inlined, if it is.
    pub caller: Option<SiteId>,
}

/// A parameter of the loop header: a value that the loop carries in a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Param {
    /// The place whose value it is. The initial value is what the place holds at entry. `None` for what only the
    /// optimiser carries.
    pub place: Option<Place>,
    /// The [`Op::Param`] that defines the value in the loop.
    pub value: InsRef,
    /// The type of the value.
    pub ty: Type,
}

/// How a trace ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// To the loop header, with one value per parameter.
    Jump(Vec<InsRef>),
    /// To the interpreter.
    Exit(ExitId),
}

/// One trace of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The exit that the trace continues; `None` for the root only. This, not the trace's index,
    /// identifies a side trace across passes.
    pub parent: Option<ExitId>,
    /// The instructions, in order.
    pub body: Vec<InsRef>,
    /// What comes after the last instruction.
    pub end: End,
}

/// A loop with all its traces. See the module's documentation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceTree {
    /// Qualified name and line, for dumps.
    pub name: String,
    /// How many slots come before the value stack in the frame's localsplus array.
    pub locals: u16,
    /// Object constants.
    pub consts: Vec<ObjConst>,
    /// Places in the program, each once. The first one is [`SiteId::HEADER`].
    pub sites: Vec<Site>,
    /// All instructions, in no particular order, also unused ones.
    pub ins: Vec<Ins>,
    /// Where in the program each of them is; it may lack the last ones, which are where those before them are.
    pub ins_sites: Vec<SiteId>,
    /// Snapshots. The first one is [`SnapshotId::ENTRY`].
    pub snapshots: Vec<Snapshot>,
    /// Exits. `None` for one whose guard was removed; exits are never renumbered.
    pub exits: Vec<Option<Exit>>,
    /// The loop header's parameters.
    pub params: Vec<Param>,
    /// Slots that some trace has read from memory: the header never carries their values unboxed.
    pub in_memory: Vec<u16>,
    /// Some trace makes the frame's memory true for others to see. What the header does not carry
    /// unboxed by then must be in memory whenever it is reached.
    pub looked_at: bool,
    /// Some trace lets an inner loop run on the frame's memory, which may change any slot: the header carries no
    /// more than it did then, and all else is in memory whenever it is reached.
    pub runs_loops: bool,
    /// Exits say how often the loop header was reached, which takes a register.
    pub counts_rounds: bool,
    /// Instructions that run once, before the loop.
    pub entry: Vec<InsRef>,
    /// The values with which the entry enters the header, one per parameter.
    pub initial: Vec<InsRef>,
    /// The root and then the side traces; parents come before their children.
    pub traces: Vec<Trace>,
}

impl TraceTree {
    /// A tree with a header at `ip`, where the stack is `depth` deep, and no trace yet.
    pub fn new(name: impl Into<String>, locals: u16, ip: u32, depth: u16) -> TraceTree {
        TraceTree {
            name: name.into(),
            locals,
            consts: Vec::new(),
            sites: vec![Site {
                code: 0,
                ip,
                caller: None,
            }],
            ins: Vec::new(),
            ins_sites: Vec::new(),
            snapshots: vec![Snapshot::single(ip, depth, Vec::new())],
            exits: Vec::new(),
            params: Vec::new(),
            in_memory: Vec::new(),
            looked_at: false,
            runs_loops: false,
            counts_rounds: false,
            entry: Vec::new(),
            initial: Vec::new(),
            traces: Vec::new(),
        }
    }

    /// The instruction that defines a value.
    pub fn at(&self, value: InsRef) -> &Ins {
        &self.ins[value.index()]
    }

    /// Adds an instruction to the arena, but to no list.
    pub fn push_ins(&mut self, ins: Ins) -> InsRef {
        self.ins.push(ins);
        InsRef::new(self.ins.len() - 1)
    }

    /// Adds an instruction that is at a place in the program.
    pub fn push_ins_at(&mut self, ins: Ins, site: SiteId) -> InsRef {
        let value = self.push_ins(ins);
        self.ins_sites.resize(value.index(), SiteId::HEADER);
        self.ins_sites.push(site);
        value
    }

    /// Adds an exit.
    pub fn push_exit(&mut self, exit: Exit) -> ExitId {
        self.exits.push(Some(exit));
        ExitId::new(self.exits.len() - 1)
    }

    /// Adds a snapshot.
    pub fn push_snapshot(&mut self, snapshot: Snapshot) -> SnapshotId {
        self.snapshots.push(snapshot);
        SnapshotId::new(self.snapshots.len() - 1)
    }

    /// The number of a place, which is added if it is new.
    pub fn site(&mut self, site: Site) -> SiteId {
        let known = self.sites.iter().rposition(|known| *known == site);
        SiteId::new(known.unwrap_or_else(|| {
            self.sites.push(site);
            self.sites.len() - 1
        }))
    }

    /// The exit with this id.
    ///
    /// # Panics
    ///
    /// When there is none, or its guard was removed.
    pub fn exit(&self, id: ExitId) -> &Exit {
        self.exits[id.index()].as_ref().expect("the exit is in use")
    }

    /// The snapshot of an exit.
    pub fn exit_snapshot(&self, id: ExitId) -> &Snapshot {
        &self.snapshots[self.exit(id).snapshot.index()]
    }

    /// The instruction that an exit leaves in the middle of, if that is of the frame in which the interpreter resumes.
    pub fn instruction_at(&self, id: ExitId) -> Option<u32> {
        let site_of = |id: SiteId| self.sites.get(id.index());
        let site = site_of(self.exit(id).site)?;
        let callers = std::iter::successors(site.caller, |caller| site_of(*caller)?.caller);
        let is_innermost = callers.count() + 1 == self.exit_snapshot(id).frames.len();
        is_innermost.then_some(site.ip)
    }

    /// The state at the loop header as the tree is entered.
    pub fn header(&self) -> &FrameState {
        self.snapshots[SnapshotId::ENTRY.index()].frame()
    }

    /// The index of the header parameter that carries a place.
    pub fn param_of(&self, place: Place) -> Option<usize> {
        self.params
            .iter()
            .position(|param| param.place == Some(place))
    }

    /// The side trace that continues an exit.
    pub fn side_at(&self, exit: ExitId) -> Option<TraceId> {
        self.traces
            .iter()
            .position(|trace| trace.parent == Some(exit))
            .map(TraceId::new)
    }

    /// How many guards in a row have failed when an exit is taken, for the same reason and at the same place: each
    /// side trace has tried another one.
    pub fn alternatives(&self, exit: ExitId) -> usize {
        let same = |id: &ExitId| {
            let (a, b) = (self.exit(*id), self.exit(exit));
            (a.site, a.reason) == (b.site, b.reason)
        };
        let parent = |id: &ExitId| self.traces[self.left_by(*id)?].parent;
        std::iter::successors(Some(exit), parent)
            .take_while(same)
            .count()
    }

    /// The slot of the function in which an exit is that has the value which the exit's guard is about; locals come
    /// before the stack.
    pub fn guarded_slot(&self, exit: ExitId) -> Option<u16> {
        self.instruction_at(exit)?;
        let body = &self.traces[self.left_by(exit)?].body;
        let guard = body.iter().find(|at| self.at(**at).exit == Some(exit))?;
        let value = self.at(*guard).args.first();
        let frame = self.exit_snapshot(exit).frame();
        let writes = frame
            .writes
            .iter()
            .filter(|write| write.value.as_ref() == value);
        writes
            .filter_map(|write| match write.place {
                Place::Slot(slot) if value.is_some() => Some(slot),
                _ => None,
            })
            .min()
    }

    /// The index of the trace that is left by an exit, not in the entry.
    pub fn left_by(&self, exit: ExitId) -> Option<usize> {
        self.traces.iter().position(|trace| {
            let leaves = |at: &InsRef| self.at(*at).exit == Some(exit);
            trace.end == End::Exit(exit) || trace.body.iter().any(leaves)
        })
    }

    /// Says that the guard of this exit fails in the loop, so that no pass moves it to the entry.
    pub fn pin(&mut self, exit: ExitId) {
        if let Some(exit) = &mut self.exits[exit.index()] {
            exit.pinned = true;
        }
    }

    /// The result of the function, if an exit leaves nothing to do but to remove or suspend its frame: what is on top of
    /// the stack, with a reference that is the exit's.
    pub fn result(&self, exit: Exit) -> Option<InsRef> {
        let root = self.snapshots[exit.snapshot.index()].root();
        let top = (self.locals + root.depth).checked_sub(1)?;
        let write = root.write(Place::Slot(top))?;
        let gives_result = exit.reason.gives_result();
        write.value.filter(|_| gives_result && write.owned)
    }

    /// How many instructions the entry and all traces have.
    pub fn len(&self) -> usize {
        self.entry.len()
            + self
                .traces
                .iter()
                .map(|trace| trace.body.len())
                .sum::<usize>()
    }

    /// Whether there is no instruction in the entry or any trace.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
