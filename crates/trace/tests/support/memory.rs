//! Steps that read and write memory, and the memory that they find.
//!
//! There are a few instances and a few cells. What an instance has is there while its class has one of two versions, so each
//! access comes after a guard of that. It has words in most regions, and a list's length and items. Traces make tuples, too.

use super::{Choices, FLOATS, INTS, LOCALS, OBJECT, Recorder, Result};
use pyrt_spec::ExitReason;
use pyrt_trace::eval::{Datum, Memory, Object, Value, Word};
use pyrt_trace::frames::origin;
use pyrt_trace::semantics::Scalar;
use pyrt_trace::{
    BuildError, Helper, Imm, Ins, InsRef, Mem, ObjKind, Op, Place, ReadAs, Region, TraceTree, Type,
    Width,
};

const INSTANCES: [u64; 3] = [Memory::STRIDE, 2 * Memory::STRIDE, 3 * Memory::STRIDE];
const CELLS: [u64; 2] = [4 * Memory::STRIDE, 5 * Memory::STRIDE];

/// The version of a class whose instances have all fields.
const VERSION: i64 = 1;

const CELL_FIELDS: [Mem; 2] = [
    field(16, Width::I64, Region::Cells),
    field(24, Width::Ptr, Region::Cells),
];

const LENGTH: Mem = field(16, Width::I64, Region::Lists);
const ITEMS: Mem = field(24, Width::Ptr, Region::Lists);
const ITEM: Mem = field(0, Width::Ptr, Region::Items);

const FIELDS: [Mem; 9] = [
    field(32, Width::I64, Region::Attrs),
    field(40, Width::Ptr, Region::Attrs),
    field(48, Width::F64, Region::Attrs),
    field(56, Width::Ptr, Region::Dicts),
    field(64, Width::I64, Region::Iters),
    field(72, Width::I32, Region::Other),
    field(80, Width::U8, Region::Functions),
    field(88, Width::Obj, Region::Fixed),
    field(96, Width::I64, Region::Fixed),
];

/// Where items are, from their object.
const ITEMS_AT: u64 = 0x100;

/// A tuple.
const PAIR: u64 = 7 * Memory::STRIDE;

/// An object of which nothing is read: what the trees have loaded goes there, for runs to be compared.
const LOG: u64 = 6 * Memory::STRIDE;

/// How many places the log has for each type.
const LOG_SIZE: usize = 4;

const fn log_field(number: usize, ty: Type) -> Mem {
    let (at, width) = match ty {
        Type::I64 | Type::Bool => (0, Width::I64),
        Type::F64 => (1, Width::F64),
        Type::Obj | Type::Ptr => (2, Width::Ptr),
    };
    field(16 + 8 * (3 * number as i32 + at), width, Region::Frames)
}

/// Helpers that write different regions, all with two objects as operands.
const HELPERS: [Helper; 6] = [
    Helper::Contains,
    Helper::ListAppend,
    Helper::DictMerge,
    Helper::SetAdd,
    Helper::GetAttr,
    Helper::ExceptionMatches,
];

/// The class of tuples, in which nobody looks.
const TUPLES: u64 = 3;

const fn tuple_item(index: usize) -> Mem {
    Mem {
        offset: Memory::TUPLE_ITEM.offset + 8 * index as i32,
        ..Memory::TUPLE_ITEM
    }
}

const fn field(offset: i32, width: Width, region: Region) -> Mem {
    Mem {
        offset,
        width,
        region,
    }
}

/// Objects that mostly have what the programs expect.
pub fn memory(c: &mut Choices<'_>) -> Memory {
    let mut memory = Memory::default();
    for address in INSTANCES {
        let version = VERSION + i64::from(c.below(12) == 11);
        let kind = None;
        memory.objects.insert(address, Object { kind, version });
        let needs = Some(VERSION);
        for field in FIELDS {
            let datum = datum(c, field.width);
            memory
                .words
                .insert(at(address, field), word(field, datum, needs));
        }
        let length = c.pick(&[3, 2, 4, 3, 0]);
        let number = Datum::Scalar(Scalar::I64(length));
        memory
            .words
            .insert(at(address, LENGTH), word(LENGTH, number, needs));
        let items = address + ITEMS_AT;
        let pointer = Datum::Object(Value::Other(items));
        memory
            .words
            .insert(at(address, ITEMS), word(ITEMS, pointer, needs));
        for index in 0..length as u64 {
            let datum = datum(c, ITEM.width);
            memory
                .words
                .insert(items + 8 * index, word(ITEM, datum, None));
        }
    }
    for address in CELLS {
        let kind = Some(ObjKind::Cell);
        memory.objects.insert(address, Object { kind, version: 0 });
        for field in CELL_FIELDS {
            let datum = datum(c, field.width);
            memory
                .words
                .insert(at(address, field), word(field, datum, None));
        }
    }
    let kind = Some(ObjKind::Module);
    memory.objects.insert(LOG, Object { kind, version: 0 });
    for number in 0..LOG_SIZE {
        for ty in [Type::I64, Type::F64, Type::Ptr] {
            let field = log_field(number, ty);
            let datum = datum(c, field.width);
            memory
                .words
                .insert(at(LOG, field), word(field, datum, None));
        }
    }
    memory
}

const fn at(address: u64, field: Mem) -> u64 {
    address + field.offset as u64
}

const fn word(Mem { width, region, .. }: Mem, datum: Datum, version: Option<i64>) -> Word {
    Word {
        region,
        width,
        datum,
        version,
    }
}

fn datum(c: &mut Choices<'_>, width: Width) -> Datum {
    match width {
        Width::I64 | Width::I32 | Width::U32 | Width::U8 => {
            Datum::Scalar(Scalar::I64(c.below(100) as i64))
        }
        Width::F64 => Datum::Scalar(Scalar::F64(c.pick(&FLOATS))),
        Width::Ptr if c.below(6) == 5 => Datum::Object(Value::Null),
        Width::Obj | Width::Ptr => Datum::Object(object(c)),
    }
}

/// A tuple of a number and something else, to which nothing refers.
pub fn pair(c: &mut Choices<'_>, memory: &mut Memory) -> Value {
    let kind = Some(ObjKind::Tuple);
    memory.objects.insert(PAIR, Object { kind, version: 0 });
    let length = Datum::Scalar(Scalar::I64(2));
    let (at_length, first) = (Memory::TUPLE_LENGTH, Memory::TUPLE_ITEM);
    let words = &mut memory.words;
    words.insert(at(PAIR, at_length), word(at_length, length, None));
    let number = match c.below(4) {
        0 => Value::Float(c.pick(&FLOATS)),
        _ => Value::Int(c.pick(&INTS).into()),
    };
    for (index, item) in [number, object(c)].into_iter().enumerate() {
        let item = word(first, Datum::Object(item), None);
        words.insert(at(PAIR, tuple_item(index)), item);
    }
    Value::Other(PAIR)
}

/// What a place for objects may hold.
pub fn object(c: &mut Choices<'_>) -> Value {
    match c.below(10) {
        0 => Value::Int(c.pick(&INTS).into()),
        1 => Value::Other(c.pick(&CELLS)),
        _ => Value::Other(c.pick(&INSTANCES)),
    }
}

/// The few places that a tree uses, so that its traces meet in them.
#[derive(Clone, Copy)]
pub struct Places {
    cell: u64,
    cell_field: Mem,
    instance: u64,
    fields: [Mem; 2],
}

impl Places {
    pub fn new(c: &mut Choices<'_>) -> Places {
        Places {
            cell: c.pick(&CELLS),
            cell_field: c.pick(&CELL_FIELDS),
            instance: c.pick(&INSTANCES),
            fields: [c.pick(&FIELDS), c.pick(&FIELDS)],
        }
    }
}

/// Whether an instruction has a value for any use: what makes a tuple is for the guard that follows.
pub fn is_for_all(ins: &Ins) -> bool {
    let makes = ins.imm == Imm::Helper(Helper::NewTuple) || ins.op == Op::Thread;
    ins.ty.is_some() && !makes
}

/// Whether a value is an object to which some trace gives up its reference, or was read from one.
pub fn may_be_gone(tree: &TraceTree, value: InsRef) -> bool {
    let object = origin(tree, value);
    let Ins {
        op, args, imm, ty, ..
    } = tree.at(object);
    if *op == Op::Load && *ty == Some(Type::Obj) {
        return may_be_gone(tree, args[0]);
    }
    let is_carried = *op == Op::Param && *ty == Some(Type::Obj);
    // What the loop begins with is the first to be replaced.
    let is_first = *imm == Imm::Slot(OBJECT);
    let mut all = tree.traces.iter().flat_map(|trace| &trace.body);
    let gives_up = |ins: &Ins| ins.op == Op::Release && origin(tree, ins.args[0]) == object;
    is_carried || is_first || all.any(|at| gives_up(tree.at(*at)))
}

type Built = std::result::Result<InsRef, BuildError>;

impl Recorder {
    pub(super) fn memory_step(&mut self, c: &mut Choices<'_>, places: &Places) -> Result {
        match c.below(21) {
            0..=5 => {
                let cell = self.cell(c, places.cell)?;
                self.access(c, cell, places.cell_field)
            }
            6..=10 => {
                let instance = self.instance(c, places.instance)?;
                let field = c.pick(&places.fields);
                self.access(c, instance, field)
            }
            11 | 12 => self.item(c, places.instance),
            13 => self.make_box(c),
            14 => self.restart(c),
            15 => self.make_tuple(c),
            16 | 17 => self.unpack(c),
            18 | 19 => self.replace_pair(c),
            _ => self.call_helper(c),
        }
    }

    /// A cell that is known without a guard, or any object that is guarded to be one.
    fn cell(&mut self, c: &mut Choices<'_>, known: u64) -> Built {
        if c.below(8) > 0 {
            return Ok(self.b.const_obj(known, "cell"));
        }
        let object = self.value(c, Type::Obj)?;
        let exit = self.exit(c, ExitReason::Type);
        self.b.guard_type(object, ObjKind::Cell, exit)
    }

    /// An object whose class has the version that it takes to have fields.
    fn instance(&mut self, c: &mut Choices<'_>, known: u64) -> Built {
        let object = match c.below(8) {
            0 => self.value(c, Type::Obj)?,
            1 | 2 => self.b.read(Place::Slot(OBJECT), ReadAs::Object)?,
            _ => self.b.const_obj(known, "instance"),
        };
        let exit = self.exit(c, ExitReason::Class);
        let version = Imm::Int(VERSION);
        self.b
            .push(Op::GuardVersion, &[object], version, Some(exit))
    }

    /// Reads or writes a field.
    fn access(&mut self, c: &mut Choices<'_>, base: InsRef, field: Mem) -> Result {
        if c.below(3) > 0 || field.region == Region::Fixed {
            let value = self.b.push(Op::Load, &[base], Imm::Mem(field), None)?;
            return self.loaded(c, value);
        }
        let value = self.stored_value(c, field)?;
        self.b
            .push(Op::Store, &[base, value], Imm::Mem(field), None)?;
        Ok(())
    }

    /// Reads or writes an item, if the list is long enough.
    fn item(&mut self, c: &mut Choices<'_>, list: u64) -> Result {
        let list = self.instance(c, list)?;
        let length = self.b.push(Op::Load, &[list], Imm::Mem(LENGTH), None)?;
        let index = match c.below(4) {
            3 => self.value(c, Type::I64)?,
            index => self.b.const_i64(index as i64),
        };
        let zero = self.b.const_i64(0);
        for (op, limit) in [(Op::GeI64, zero), (Op::LtI64, length)] {
            let inside = self.b.op(op, &[index, limit])?;
            let exit = self.exit(c, ExitReason::Missing);
            self.b.op_exit(Op::GuardTrue, &[inside], exit)?;
        }
        let items = self.b.push(Op::Load, &[list], Imm::Mem(ITEMS), None)?;
        if c.below(3) > 0 {
            let item = Imm::Mem(ITEM);
            let value = self.b.push(Op::LoadIndex, &[items, index], item, None)?;
            return self.loaded(c, value);
        }
        let value = self.stored_value(c, ITEM)?;
        let args = [items, index, value];
        self.b.push(Op::StoreIndex, &args, Imm::Mem(ITEM), None)?;
        Ok(())
    }

    /// What was loaded is kept for all to see; a pointer is sometimes looked into.
    fn loaded(&mut self, c: &mut Choices<'_>, value: InsRef) -> Result {
        self.values.push(value);
        let ty = self.b.ty(value);
        if ty == Type::I64 && c.below(2) == 0 {
            let local = Place::Slot(c.below(2) as u16);
            self.b.set(local, Some(value));
        } else {
            let field = log_field(c.below(LOG_SIZE), ty);
            let log = self.b.const_obj(LOG, "log");
            self.b
                .push(Op::Store, &[log, value], Imm::Mem(field), None)?;
        }
        if ty != Type::Ptr || c.below(4) < 3 {
            return Ok(());
        }
        let exit = self.exit(c, ExitReason::Unbound);
        if c.below(6) == 5 {
            self.b.op_exit(Op::GuardNull, &[value], exit)?;
            return Ok(());
        }
        let object = self.b.op_exit(Op::GuardObj, &[value], exit)?;
        self.values.push(object);
        if c.below(2) == 0 {
            let exit = self.exit(c, ExitReason::Type);
            let number = self.b.guard_type(object, ObjKind::Int, exit)?;
            let exit = self.exit(c, ExitReason::IntRange);
            let number = self.b.op_exit(Op::UnboxInt, &[number], exit)?;
            self.values.push(number);
        }
        Ok(())
    }

    fn stored_value(&mut self, c: &mut Choices<'_>, field: Mem) -> Built {
        match field.width.ty() {
            Type::Ptr => {
                let pointers = self.values.iter().rev();
                let mut pointers = pointers.filter(|value| self.b.ty(**value) == Type::Ptr);
                match pointers.next() {
                    Some(pointer) if c.below(2) == 0 => Ok(*pointer),
                    _ => self.value(c, Type::Obj),
                }
            }
            ty => self.value(c, ty),
        }
    }

    fn make_box(&mut self, c: &mut Choices<'_>) -> Result {
        let (ty, op) = c.pick(&[(Type::I64, Op::BoxInt), (Type::F64, Op::BoxFloat)]);
        let number = self.value(c, ty)?;
        let exit = self.exit(c, ExitReason::Memory);
        let made = self.b.op_exit(op, &[number], exit)?;
        self.values.push(made);
        Ok(())
    }

    fn make_tuple(&mut self, c: &mut Choices<'_>) -> Result {
        let size = 1 + c.below(3);
        let items: std::result::Result<Vec<_>, _> =
            (0..size).map(|_| self.value(c, Type::Obj)).collect();
        let tuple = self.tuple_of(c, &items?)?;
        self.values.push(tuple);
        Ok(())
    }

    /// A variable's tuple of two is replaced by a new one, with a number that comes of the old one, and the other item or
    /// something else.
    fn replace_pair(&mut self, c: &mut Choices<'_>) -> Result {
        let place = Place::Slot(OBJECT);
        let old = self.b.read(place, ReadAs::Object)?;
        let tree = self.b.tree();
        let is_old = |value: &InsRef| origin(tree, *value) == origin(tree, old);
        if self.values.iter().any(is_old) {
            // It may be used later.
            return Ok(());
        }
        let exit = self.exit(c, ExitReason::Type);
        let pair = self.b.guard_type(old, ObjKind::Tuple, exit)?;
        let length = Imm::Mem(Memory::TUPLE_LENGTH);
        let length = self.b.push(Op::Load, &[pair], length, None)?;
        let two = self.b.const_i64(2);
        let fits = self.b.op(Op::EqI64, &[length, two])?;
        let exit = self.exit(c, ExitReason::Missing);
        self.b.op_exit(Op::GuardTrue, &[fits], exit)?;
        let mut items = [pair; 2];
        for (index, item) in items.iter_mut().enumerate() {
            let place = Imm::Mem(tuple_item(index));
            *item = self.b.push(Op::Load, &[pair], place, None)?;
        }
        let exit = self.exit(c, ExitReason::Type);
        let number = self.b.guard_type(items[0], ObjKind::Int, exit)?;
        let exit = self.exit(c, ExitReason::IntRange);
        let number = self.b.op_exit(Op::UnboxInt, &[number], exit)?;
        let number = self.b.op(Op::AddWrap, &[number, two])?;
        let exit = self.exit(c, ExitReason::Memory);
        let number = self.b.op_exit(Op::BoxInt, &[number], exit)?;
        let other = match c.below(4) {
            0 => self.value(c, Type::Obj)?,
            1 => number,
            _ => items[1],
        };
        let new = self.tuple_of(c, &[number, other])?;
        self.b.set(place, Some(new));
        let exit = self.exit(c, ExitReason::Death);
        self.b.op_exit(Op::Release, &[old], exit)?;
        Ok(())
    }

    fn tuple_of(&mut self, c: &mut Choices<'_>, items: &[InsRef]) -> Built {
        let size = items.len();
        let thread = self.b.op(Op::Thread, &[])?;
        let class = self.b.const_obj(TUPLES, "tuples");
        let size = self.b.const_i64(size as i64);
        let from = self.b.const_i64(Memory::TUPLE_ITEM.offset.into());
        let exit = self.exit(c, ExitReason::Memory);
        let args = [thread, class, size, from];
        let helper = Imm::Helper(Helper::NewTuple);
        let new = self.b.push(Op::Call, &args, helper, None)?;
        let tuple = self.b.op_exit(Op::GuardObj, &[new], exit)?;
        for (index, item) in items.iter().enumerate() {
            let item = self.b.op(Op::Own, &[*item])?;
            let place = Imm::Mem(tuple_item(index));
            self.b.push(Op::Store, &[tuple, item], place, None)?;
        }
        Ok(tuple)
    }

    /// Takes an item out of a tuple of this trace, mostly.
    fn unpack(&mut self, c: &mut Choices<'_>) -> Result {
        let tree = self.b.tree();
        let size = |value: &InsRef| {
            let call = tree.at(*tree.at(*value).args.first()?);
            let is_new = call.imm == Imm::Helper(Helper::NewTuple);
            is_new.then(|| call.args[2])
        };
        let mut tuples = self.values.iter().rev();
        let known = tuples.find_map(|value| Some((*value, size(value)?)));
        let (tuple, size) = match known {
            Some(known) if c.below(8) > 0 => known,
            _ => (self.value(c, Type::Obj)?, self.b.const_i64(2)),
        };
        let exit = self.exit(c, ExitReason::Type);
        let tuple = self.b.guard_type(tuple, ObjKind::Tuple, exit)?;
        let length = Imm::Mem(Memory::TUPLE_LENGTH);
        let length = self.b.push(Op::Load, &[tuple], length, None)?;
        let fits = self.b.op(Op::EqI64, &[length, size])?;
        let exit = self.exit(c, ExitReason::Missing);
        self.b.op_exit(Op::GuardTrue, &[fits], exit)?;
        let Imm::Int(size) = self.b.tree().at(size).imm else {
            return Ok(());
        };
        let index = c.below(size as usize);
        let item = match c.below(2) {
            0 => {
                let item = Imm::Mem(tuple_item(index));
                self.b.push(Op::Load, &[tuple], item, None)?
            }
            _ => {
                let index = self.b.const_i64(index as i64);
                let item = Imm::Mem(Memory::TUPLE_ITEM);
                self.b.push(Op::LoadIndex, &[tuple, index], item, None)?
            }
        };
        self.loaded(c, item)
    }

    /// An iterator begins anew, as that of an inner loop does in each round of the outer one.
    fn restart(&mut self, c: &mut Choices<'_>) -> Result {
        let index = Place::RangeIndex(LOCALS + c.below(2) as u16);
        self.b.read(index, ReadAs::Int)?;
        let zero = self.b.const_i64(0);
        self.b.set(index, Some(zero));
        Ok(())
    }

    fn call_helper(&mut self, c: &mut Choices<'_>) -> Result {
        let helper = c.pick(&HELPERS);
        let args = [self.value(c, Type::Obj)?, self.value(c, Type::Obj)?];
        let result = self.b.push(Op::Call, &args, Imm::Helper(helper), None)?;
        self.loaded(c, result)
    }
}
