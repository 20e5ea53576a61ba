//! A generator of well-typed trees and of frames to run them on, driven by a list of numbers.
//!
//! The numbers are choices; when they run out every choice is the first. Shortening the list or
//! making its numbers smaller makes the tree simpler, which is how failing cases shrink.

#![expect(
    unreachable_pub,
    reason = "shared by test binaries, as a module of each"
)]

pub mod memory;

use memory::Places;
use pyrt_spec::ExitReason;
use pyrt_trace::eval::{Frame, Memory, RangeState, Value};
use pyrt_trace::scope::{Scope, Site, exit_sites};
use pyrt_trace::{
    BuildError, Effect, ExitId, ImmKind, InsRef, ObjKind, Op, Operand, Place, RangeField, ReadAs,
    SnapshotId, TraceTree, TreeBuilder, Type,
};

pub const LOCALS: u16 = 5;
pub const DEPTH: u16 = 2;

/// What the generated programs keep in each slot: five locals and two iterators on the stack.
const SLOTS: [ReadAs; 7] = [
    ReadAs::Int,
    ReadAs::Int,
    ReadAs::Float,
    ReadAs::Bool,
    ReadAs::Object,
    ReadAs::Kind(ObjKind::RangeIter),
    ReadAs::Kind(ObjKind::RangeIter),
];

/// The slot that holds any object.
const OBJECT: u16 = 4;

/// What the header may know about a slot that later gets any object.
const OBJECTS: [ReadAs; 3] = [
    ReadAs::Object,
    ReadAs::Kind(ObjKind::Float),
    ReadAs::Kind(ObjKind::None),
];

/// Small numbers more often than not, so that runs go round the loop; and all the edges.
const INTS: [i64; 20] = [
    0,
    1,
    2,
    1,
    3,
    7,
    2,
    3,
    5,
    4,
    1,
    -1,
    -5,
    62,
    63,
    64,
    i64::MAX,
    i64::MIN,
    1 << 53,
    (1 << 53) + 1,
];

const FLOATS: [f64; 12] = [
    0.0,
    1.0,
    -0.0,
    -1.5,
    2.0,
    0.1,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    1e308,
    5e-324,
    9.3e18,
];

/// A list of choices.
pub struct Choices<'a> {
    numbers: std::slice::Iter<'a, u32>,
}

impl<'a> Choices<'a> {
    pub fn new(numbers: &'a [u32]) -> Choices<'a> {
        Choices {
            numbers: numbers.iter(),
        }
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.numbers
            .next()
            .map_or(0, |number| *number as usize % limit)
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    fn is_empty(&self) -> bool {
        self.numbers.as_slice().is_empty()
    }
}

/// A frame that mostly holds what the programs expect.
pub fn frame(c: &mut Choices<'_>) -> Frame {
    let ranges = (0..2).map(|_| range(c)).collect();
    let mut slots: Vec<_> = SLOTS.iter().map(|read| expected(c, *read)).collect();
    slots[6] = Value::Range(1);
    if c.below(12) == 11 {
        let slot = c.below(slots.len());
        slots[slot] = surprise(c);
    }
    Frame {
        slots,
        ranges,
        ..Frame::default()
    }
}

/// A frame for a tree that uses memory.
pub fn frame_with_memory(c: &mut Choices<'_>) -> Frame {
    let mut frame = frame(c);
    let object = &mut frame.slots[usize::from(OBJECT)];
    match c.below(8) {
        0 => {}
        1..=4 => *object = memory::object(c),
        _ => *object = memory::pair(c, &mut frame.memory),
    }
    let Memory { objects, words, .. } = memory::memory(c);
    frame.memory.objects.extend(objects);
    frame.memory.words.extend(words);
    frame
}

fn range(c: &mut Choices<'_>) -> RangeState {
    let len = c.pick(&[3, 0, 1, 20, i64::MAX]);
    RangeState {
        start: c.pick(&INTS),
        step: c.pick(&INTS),
        len,
        index: i64::try_from(c.below(4)).unwrap_or(0).min(len),
    }
}

fn expected(c: &mut Choices<'_>, read: ReadAs) -> Value {
    match read {
        ReadAs::Int => Value::Int(c.pick(&INTS).into()),
        ReadAs::Float => Value::Float(c.pick(&FLOATS)),
        ReadAs::Bool => Value::Bool(c.below(2) == 1),
        ReadAs::Kind(_) => Value::Range(0),
        ReadAs::Object => match c.below(4) {
            0 => Value::Int(c.pick(&INTS).into()),
            1 => Value::Float(c.pick(&FLOATS)),
            2 => Value::None,
            _ => Value::Other(7),
        },
    }
}

fn surprise(c: &mut Choices<'_>) -> Value {
    c.pick(&[
        Value::Null,
        Value::Int(1 << 70),
        Value::Float(2.5),
        Value::None,
        Value::Range(0),
        Value::Bool(true),
    ])
}

/// A tree with up to three side traces, which uses registers alone.
pub fn tree(c: &mut Choices<'_>) -> TraceTree {
    grow(c, None)
}

/// The same of a tree that also uses memory.
pub fn tree_with_memory(c: &mut Choices<'_>) -> TraceTree {
    let places = Places::new(c);
    grow(c, Some(places))
}

fn grow(c: &mut Choices<'_>, memory: Option<Places>) -> TraceTree {
    let root = TreeBuilder::root("generated:1", LOCALS, 10, DEPTH);
    let mut tree = record(c, root, Vec::new(), memory);
    for _ in 0..c.below(4) {
        let free = free_exits(&tree);
        if free.is_empty() {
            break;
        }
        let mut ends = free.clone();
        ends.retain(|exit| tree.exit(*exit).reason == ExitReason::LoopEnd);
        let is_outer_loop = memory.is_some() && !ends.is_empty() && c.below(4) > 0;
        let exit = c.pick(if is_outer_loop { &ends } else { &free });
        let visible = visible_at(&tree, exit);
        let side = TreeBuilder::side(tree, exit, &[LOCALS]).expect("the exit is free");
        tree = record(c, side, visible, memory);
    }
    tree
}

fn free_exits(tree: &TraceTree) -> Vec<ExitId> {
    let ids = (0..tree.exits.len()).map(ExitId::new);
    let sites = exit_sites(tree);
    ids.filter(|id| {
        tree.exits[id.index()]
            .is_some_and(|exit| exit.snapshot != SnapshotId::ENTRY && exit.reason.continues())
            && tree.side_at(*id).is_none()
            && !sites[id.index()].is_empty()
    })
    .collect()
}

fn visible_at(tree: &TraceTree, exit: ExitId) -> Vec<InsRef> {
    let scope = Scope::new(tree);
    let site: Site = exit_sites(tree)[exit.index()][0];
    let values = (0..tree.ins.len()).map(InsRef::new);
    let visible = values.filter(|v| memory::is_for_all(tree.at(*v)) && scope.visible(*v, site));
    visible.filter(|v| !memory::may_be_gone(tree, *v)).collect()
}

/// Records one trace: random steps and then a jump, or a leave.
fn record(
    c: &mut Choices<'_>,
    builder: TreeBuilder,
    visible: Vec<InsRef>,
    memory: Option<Places>,
) -> TraceTree {
    let mut r = Recorder {
        b: builder,
        values: visible,
        ip: 10,
        places: memory,
    };
    r.push_iterators();
    if memory.is_some() && c.below(4) > 0 {
        r.range_step(c).expect("the header has iterators");
    }
    // What goes wrong with memory shows in runs that go round, not in long ones.
    let steps = 2 + c.below(if memory.is_some() { 8 } else { 18 });
    for _ in 0..steps {
        if c.is_empty() {
            break;
        }
        r.step(c).expect("generated steps are well-typed");
    }
    let exit = r.exit(c, ExitReason::Poll);
    r.b.op_exit(Op::Poll, &[], exit)
        .expect("a poll is always possible");
    if c.below(8) == 7 {
        let exit = r.exit(c, ExitReason::Leave);
        return r.b.end_exit(exit);
    }
    r.refill(c);
    r.b.end_jump().expect("all places have their types")
}

struct Recorder {
    b: TreeBuilder,
    values: Vec<InsRef>,
    ip: u32,
    places: Option<Places>,
}

type Result = std::result::Result<(), BuildError>;

impl Recorder {
    fn step(&mut self, c: &mut Choices<'_>) -> Result {
        self.ip += 2;
        if let Some(places) = self.places {
            // Few guards, so that runs go round.
            return match c.below(12) {
                0 => self.read(c),
                1 | 2 => self.write(c),
                3 => self.guard(c),
                4 => self.range_step(c),
                _ => self.memory_step(c, &places),
            };
        }
        match c.below(10) {
            0 => self.read(c),
            1 | 8 | 9 => self.write(c),
            2 => self.look_into_object(c),
            3 => self.guard(c),
            4 => self.range_step(c),
            5 => self.pair(c),
            _ => self.compute(c),
        }
    }

    fn read(&mut self, c: &mut Choices<'_>) -> Result {
        let slot = c.below(SLOTS.len());
        let place = Place::Slot(slot as u16);
        if self.b.value_at(place) != Some(None) {
            let read = match SLOTS[slot] {
                ReadAs::Object => c.pick(&OBJECTS),
                read => read,
            };
            let value = self.b.read(place, read)?;
            self.values.push(value);
        }
        Ok(())
    }

    /// Locals get a value of their type, or become NULL; iterators stay where they are.
    fn write(&mut self, c: &mut Choices<'_>) -> Result {
        let slot = c.below(usize::from(LOCALS));
        if SLOTS[slot].ty() == Type::Obj {
            // The header wants objects in memory, which this generator does not write.
            return Ok(());
        }
        let null = c.below(10) == 9;
        let value = if null {
            None
        } else {
            Some(self.value(c, SLOTS[slot].ty())?)
        };
        self.b.set(Place::Slot(slot as u16), value);
        Ok(())
    }

    fn look_into_object(&mut self, c: &mut Choices<'_>) -> Result {
        let object = self.value(c, Type::Obj)?;
        let (kind, op) = c.pick(&[
            (ObjKind::Int, Some(Op::UnboxInt)),
            (ObjKind::Float, Some(Op::UnboxFloat)),
            (ObjKind::None, None),
            (ObjKind::RangeIter, None),
        ]);
        let exit = self.exit(c, ExitReason::Type);
        let object = self.b.guard_type(object, kind, exit)?;
        let value = match op {
            Some(op) if op.has_exit() => {
                let exit = self.exit(c, ExitReason::IntRange);
                self.b.op_exit(op, &[object], exit)?
            }
            Some(op) => self.b.op(op, &[object])?,
            None if kind == ObjKind::RangeIter => {
                let field = c.pick(&[RangeField::Len, RangeField::Start, RangeField::Step]);
                self.b.load_range_field(object, field)?
            }
            None => return Ok(()),
        };
        self.values.push(value);
        Ok(())
    }

    fn guard(&mut self, c: &mut Choices<'_>) -> Result {
        let condition = self.value(c, Type::Bool)?;
        let op = c.pick(&[Op::GuardTrue, Op::GuardFalse]);
        let reason = c.pick(&[ExitReason::Branch, ExitReason::Missing]);
        let exit = self.exit(c, reason);
        self.b.op_exit(op, &[condition], exit)?;
        Ok(())
    }

    /// One round of a `for` over one of the iterators.
    fn range_step(&mut self, c: &mut Choices<'_>) -> Result {
        let slot = LOCALS + c.below(2) as u16;
        let iterator = self.b.read(Place::Slot(slot), SLOTS[usize::from(slot)])?;
        let index = self.b.read(Place::RangeIndex(slot), ReadAs::Int)?;
        let len = self.b.load_range_field(iterator, RangeField::Len)?;
        let more = self.b.op(Op::LtI64, &[index, len])?;
        let end = self.exit(c, ExitReason::LoopEnd);
        self.b.op_exit(Op::GuardTrue, &[more], end)?;
        let one = self.b.const_i64(1);
        let exit = self.exit(c, ExitReason::Overflow);
        let next = self.b.op_exit(Op::AddOvf, &[index, one], exit)?;
        self.b.set(Place::RangeIndex(slot), Some(next));
        self.values.extend([index, next, len, more]);
        Ok(())
    }

    /// Several ops, comparisons and guards on the same two values, either way round.
    fn pair(&mut self, c: &mut Choices<'_>) -> Result {
        let ty = c.pick(&[Type::I64, Type::F64]);
        let pair = [self.value(c, ty)?, self.value(c, ty)?];
        let fit = |op: &Op| {
            op.args().len() == 2
                && op.args().iter().all(|arg| arg.accepts(ty))
                && !matches!(op, Op::PowF64 | Op::ShlOvf)
        };
        let ops: Vec<_> = Op::ALL.iter().copied().filter(fit).collect();
        let compares = |op: &&Op| op.result() == Some(Type::Bool);
        let comparisons: Vec<_> = ops.iter().filter(compares).copied().collect();
        for _ in 0..2 + c.below(5) {
            let (x, y) = c.pick(&[(pair[0], pair[1]), (pair[1], pair[0])]);
            match c.below(4) {
                0 => self.binary(c, &ops, x, y)?,
                1 if ty == Type::I64 => {
                    let small = self.b.const_i64(c.pick(&[1, -1, 2]));
                    self.binary(c, &[Op::AddOvf, Op::SubOvf, Op::ModI64], x, small)?
                }
                _ => {
                    let mut truth = self.binary(c, &comparisons, x, y)?;
                    if c.below(3) == 2 {
                        truth = self.b.op(Op::NotBool, &[truth])?;
                        self.values.push(truth);
                    }
                    if c.below(3) > 0 {
                        let op = c.pick(&[Op::GuardTrue, Op::GuardFalse]);
                        let reason = c.pick(&[ExitReason::Branch, ExitReason::Missing]);
                        let exit = self.exit(c, reason);
                        self.b.op_exit(op, &[truth], exit)?;
                    }
                    truth
                }
            };
        }
        Ok(())
    }

    fn binary(
        &mut self,
        c: &mut Choices<'_>,
        ops: &[Op],
        a: InsRef,
        b: InsRef,
    ) -> std::result::Result<InsRef, BuildError> {
        let op = c.pick(ops);
        let value = if op.has_exit() {
            let exit = self.exit(c, ExitReason::Overflow);
            self.b.op_exit(op, &[a, b], exit)?
        } else {
            self.b.op(op, &[a, b])?
        };
        self.values.push(value);
        Ok(value)
    }

    fn compute(&mut self, c: &mut Choices<'_>) -> Result {
        let plain = |op: &Op| {
            let scalar = |arg: &Operand| scalar_type(*arg).is_some();
            op.effect() == Effect::Pure
                && op.imm() == ImmKind::NoImm
                && !op.args().is_empty()
                && op.args().iter().all(scalar)
                && op.result() != Some(Type::Obj)
        };
        let ops: Vec<_> = Op::ALL.iter().copied().filter(plain).collect();
        let op = c.pick(&ops);
        let mut args = Vec::new();
        for ty in op.args().iter().filter_map(|arg| scalar_type(*arg)) {
            args.push(self.value(c, ty)?);
        }
        let value = if op.has_exit() {
            let exit = self.exit(c, ExitReason::Overflow);
            self.b.op_exit(op, &args, exit)?
        } else {
            self.b.op(op, &args)?
        };
        self.values.push(value);
        Ok(())
    }

    /// A value of the type: one of the latest, a fresh read, or a constant.
    fn value(&mut self, c: &mut Choices<'_>, ty: Type) -> std::result::Result<InsRef, BuildError> {
        let fit = |value: &&InsRef| self.b.ty(**value) == ty;
        let fitting: Vec<_> = self.values.iter().filter(fit).copied().collect();
        let choice = c.below(6);
        if choice < 3 && !fitting.is_empty() {
            return Ok(fitting[fitting.len() - 1 - c.below(fitting.len())]);
        }
        if (3..5).contains(&choice) {
            let slot = SLOTS
                .iter()
                .position(|read| read.ty() == ty)
                .expect("each type has a slot");
            let place = Place::Slot(slot as u16);
            if self.b.value_at(place) != Some(None) {
                return self.b.read(place, SLOTS[slot]);
            }
        }
        Ok(self.constant(c, ty))
    }

    fn constant(&mut self, c: &mut Choices<'_>, ty: Type) -> InsRef {
        match ty {
            Type::I64 => self.b.const_i64(c.pick(&INTS)),
            Type::F64 => self.b.const_f64(c.pick(&FLOATS)),
            Type::Bool => self.b.const_bool(c.below(2) == 1),
            Type::Obj | Type::Ptr => self.b.const_obj(1 + c.below(2) as u64, "object"),
        }
    }

    /// An exit with the header's stack, with two values more on it, or with the iterators popped.
    fn exit(&mut self, c: &mut Choices<'_>, reason: ExitReason) -> ExitId {
        let depth = c.pick(&[DEPTH, DEPTH + 2, DEPTH, 0]);
        for slot in LOCALS + DEPTH..LOCALS + depth.max(DEPTH) {
            let top = self.values.last().copied();
            let value = top.unwrap_or_else(|| self.b.const_i64(0));
            self.b.set(Place::Slot(slot), Some(value));
        }
        self.b.exit(reason, self.ip, depth)
    }

    /// Before a jump: no local may be NULL or of another type, and popped iterators are back.
    fn refill(&mut self, c: &mut Choices<'_>) {
        for (slot, read) in SLOTS.iter().enumerate() {
            let place = Place::Slot(slot as u16);
            if self.b.value_at(place) == Some(None) {
                let value = self.constant(c, read.ty());
                self.b.set(place, Some(value));
            }
        }
    }

    /// A side trace may start where the iterators were popped; they are pushed again at once.
    fn push_iterators(&mut self) {
        if self.b.tree().traces.is_empty() {
            return;
        }
        for slot in LOCALS..LOCALS + DEPTH {
            let place = Place::Slot(slot);
            if self.b.value_at(place).is_none() {
                let read = self.b.read(place, SLOTS[usize::from(slot)]);
                let value = read.expect("the header has the slot");
                self.b.set(place, Some(value));
            }
        }
    }
}

/// The type of an unboxed operand.
const fn scalar_type(operand: Operand) -> Option<Type> {
    match operand {
        Operand::I64 => Some(Type::I64),
        Operand::F64 => Some(Type::F64),
        Operand::Bool => Some(Type::Bool),
        Operand::Obj | Operand::Ptr | Operand::Any => None,
    }
}
