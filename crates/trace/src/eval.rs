//! The reference evaluator: runs a tree on an abstract frame and returns the frame that it leaves.
//!
//! This is what the IR means. It is slow, complete and strict: a tree that looks into an object
//! whose kind was not guarded, or uses a value that was not computed, is an error, not a result.
//! References are not counted: objects without identity, numbers among them, are the same if their values are.

mod memory;

pub use memory::{Memory, Object, Word};

use crate::helpers::Helper;
use crate::ids::{ConstObj, ExitId, InsRef, TraceId};
use crate::ops::Op;
use crate::semantics::{Computed, Scalar, compute, same_float};
use crate::tree::{End, Imm, Ins, TraceTree, VirtualObject};
use crate::types::{Mem, ObjKind, Place, RangeField};
use std::fmt;

/// What a slot of the abstract frame holds.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// Nothing.
    Null,
    /// An int of any size that tests need.
    Int(i128),
    /// A float.
    Float(f64),
    /// A bool.
    Bool(bool),
    /// `None`.
    None,
    /// A range iterator, by its index into [`Frame::ranges`]; the same index is the same object.
    Range(u32),
    /// Some other object, by identity.
    Other(u64),
}

impl PartialEq for Value {
    /// The same object as far as the evaluator distinguishes objects; NaNs are all equal.
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) | (Value::None, Value::None) => true,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => same_float(*a, *b),
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Range(a), Value::Range(b)) => a == b,
            (Value::Other(a), Value::Other(b)) => a == b,
            _ => false,
        }
    }
}

impl Value {
    /// Whether `guard_type` for this kind passes.
    pub const fn is(self, kind: ObjKind) -> bool {
        matches!(
            (self, kind),
            (Value::Int(_), ObjKind::Int)
                | (Value::Float(_), ObjKind::Float)
                | (Value::Bool(_), ObjKind::Bool)
                | (Value::None, ObjKind::None)
                | (Value::Range(_), ObjKind::RangeIter)
        )
    }
}

/// The fields of a range iterator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeState {
    /// The first number.
    pub start: i64,
    /// The distance between numbers.
    pub step: i64,
    /// How many numbers there are in all.
    pub len: i64,
    /// How many have been taken.
    pub index: i64,
}

/// The abstract frame, and what it can reach.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Locals and value stack.
    pub slots: Vec<Value>,
    /// Range iterators.
    pub ranges: Vec<RangeState>,
    /// Other objects.
    pub memory: Memory,
}

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct EvalConfig {
    /// How many instructions to run at most.
    pub steps: u64,
    /// The eval breaker is set from the poll of this number on, counted from 0.
    pub poll_fires: Option<u64>,
}

impl Default for EvalConfig {
    fn default() -> EvalConfig {
        EvalConfig {
            steps: 100_000,
            poll_fires: None,
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// At an exit.
    Left(Box<Left>),
    /// The steps ran out.
    OutOfSteps,
}

/// The state after leaving.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// The exit.
    pub exit: ExitId,
    /// Whether it was one of the entry.
    pub in_entry: bool,
    /// How often the root jumped back to the header before any other trace did.
    pub root_rounds: u64,
    /// How often the loop header was reached.
    pub rounds: u64,
    /// How many polls were passed.
    pub polls: u64,
    /// Where the interpreter resumes.
    pub ip: u32,
    /// The depth of the value stack there.
    pub depth: u16,
    /// The frame, with its slots cut off at that depth.
    pub frame: Frame,
}

/// The tree did something that is not defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck(pub String);

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Stuck {}

/// Runs a tree on a frame.
///
/// # Errors
///
/// [`Stuck`] if the tree violates an invariant in a way that matters on this run.
pub fn eval(tree: &TraceTree, frame: &Frame, config: &EvalConfig) -> Result<Outcome, Stuck> {
    let values = vec![None; tree.ins.len()];
    Run {
        tree,
        frame,
        slots: frame.slots.clone(),
        memory: frame.memory.clone(),
        config,
        values,
        steps: 0,
        polls: 0,
        rounds: 0,
        root_rounds: 0,
    }
    .run()
}

/// A computed value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Datum {
    /// An object, or another pointer: NULL, or an address within an object, which is [`Value::Other`].
    Object(Value),
    /// An unboxed value.
    Scalar(Scalar),
}

enum Step {
    Next,
    Exit,
    OutOfSteps,
}

struct Run<'a> {
    tree: &'a TraceTree,
    frame: &'a Frame,
    /// What the frame has in memory: at the header, the objects that this carries.
    slots: Vec<Value>,
    memory: Memory,
    config: &'a EvalConfig,
    values: Vec<Option<Datum>>,
    steps: u64,
    polls: u64,
    rounds: u64,
    root_rounds: u64,
}

impl Run<'_> {
    fn run(mut self) -> Result<Outcome, Stuck> {
        let tree = self.tree;
        if let Some(outcome) = self.list(&tree.entry, true)? {
            return match outcome {
                Some(exit) => self.leave(exit, true),
                None => Ok(Outcome::OutOfSteps),
            };
        }
        self.transfer(&tree.initial)?;
        let mut current = TraceId::ROOT;
        loop {
            let trace = &tree.traces[current.index()];
            let exit = match self.list(&trace.body, false)? {
                Some(Some(exit)) => exit,
                Some(None) => return Ok(Outcome::OutOfSteps),
                None => match &trace.end {
                    End::Exit(exit) => *exit,
                    End::Jump(values) => {
                        self.steps += 1;
                        let only_root = self.rounds == self.root_rounds + 1;
                        self.root_rounds += u64::from(current == TraceId::ROOT && only_root);
                        self.transfer(values)?;
                        current = TraceId::ROOT;
                        continue;
                    }
                },
            };
            match tree.side_at(exit) {
                Some(side) => current = side,
                None => return self.leave(exit, false),
            }
        }
    }

    /// Runs a list: `None` if it came to its end, else the exit, or no exit if out of steps.
    fn list(&mut self, list: &[InsRef], entry: bool) -> Result<Option<Option<ExitId>>, Stuck> {
        for &at in list {
            let ins = *self.tree.at(at);
            match self.step(at, &ins)? {
                Step::Next => {}
                Step::Exit => {
                    let exit = ins.exit.ok_or_else(|| Stuck(format!("{at} has no exit")))?;
                    return Ok(Some(Some(exit)));
                }
                Step::OutOfSteps if entry => return Err(Stuck("endless entry".into())),
                Step::OutOfSteps => return Ok(Some(None)),
            }
        }
        Ok(None)
    }

    fn step(&mut self, at: InsRef, ins: &Ins) -> Result<Step, Stuck> {
        self.steps += 1;
        if self.steps > self.config.steps {
            return Ok(Step::OutOfSteps);
        }
        let datum = match ins.op {
            Op::Param => return Err(Stuck(format!("{at}: a parameter in a list"))),
            Op::ConstI64 | Op::ConstF64 | Op::ConstBool | Op::ConstObj => self.constant(ins.imm)?,
            Op::LoadSlot => match self.slot(ins.imm)? {
                Value::Null => return Ok(Step::Exit),
                value => Datum::Object(value),
            },
            Op::LoadRangeField => Datum::Scalar(Scalar::I64(self.range_field(ins)?)),
            Op::GuardType => match self.guard_type(ins)? {
                Step::Next => Datum::Object(self.object(ins.args[0])?),
                step => return Ok(step),
            },
            Op::GuardVersion => match self.guard_version(ins)? {
                Step::Next => Datum::Object(self.object(ins.args[0])?),
                step => return Ok(step),
            },
            Op::GuardObj => match self.object(ins.args[0])? {
                Value::Null => return Ok(Step::Exit),
                value => Datum::Object(value),
            },
            Op::GuardNull => return Ok(pass(self.object(ins.args[0])? == Value::Null)),
            Op::GuardSame => return Ok(pass(self.same(ins)?)),
            Op::GuardNotSame => return Ok(pass(!self.same(ins)?)),
            Op::Same => Datum::Scalar(Scalar::Bool(self.same(ins)?)),
            Op::Own => Datum::Object(self.object(ins.args[0])?),
            Op::Release | Op::ReleaseAny | Op::ReleaseLeaf | Op::CountNew | Op::CountGone => {
                return Ok(Step::Next);
            }
            Op::BoxInt | Op::BoxFloat | Op::BoxBool | Op::ReboxInt | Op::ReboxFloat => {
                Datum::Object(boxed(self.scalar(ins.args[0])?))
            }
            Op::BoxChar => match self.scalar(ins.args[0])? {
                Scalar::I64(code) => Datum::Object(character(code)),
                _ => return Err(Stuck(format!("{at}: no code"))),
            },
            // Tuples are made when a snapshot says what is in them.
            Op::Virtual => Datum::Object(match self.datum(ins.args[0])? {
                Datum::Scalar(scalar) => boxed(scalar),
                Datum::Object(_) => Value::Null,
            }),
            Op::Thread => Datum::Object(Value::None),
            Op::Load | Op::LoadIndex => {
                let (base, index, mem) = self.address(ins)?;
                self.memory.load(base, index, mem)?
            }
            Op::Store | Op::StoreIndex => {
                let (base, index, mem) = self.address(ins)?;
                let value = self.datum(ins.args[ins.args.len() - 1])?;
                self.memory.store(base, index, mem, value)?;
                return Ok(Step::Next);
            }
            Op::Call => match self.call(ins)? {
                Some(result) => result,
                None => return Ok(Step::Next),
            },
            Op::UnboxInt | Op::UnboxFloat | Op::UnboxBool => match self.unbox(ins)? {
                Some(scalar) => Datum::Scalar(scalar),
                None => return Ok(Step::Exit),
            },
            Op::GuardTrue => return Ok(pass(self.truth(ins.args[0])?)),
            Op::GuardFalse => return Ok(pass(!self.truth(ins.args[0])?)),
            Op::Poll => {
                let now = self.polls;
                self.polls += 1;
                return Ok(pass(self.config.poll_fires.is_none_or(|first| now < first)));
            }
            _ => match self.compute(ins)? {
                Some(scalar) => Datum::Scalar(scalar),
                None => return Ok(Step::Exit),
            },
        };
        self.values[at.index()] = Some(datum);
        Ok(Step::Next)
    }

    fn compute(&self, ins: &Ins) -> Result<Option<Scalar>, Stuck> {
        let args: Result<Vec<_>, _> = ins.args.iter().map(|arg| self.scalar(*arg)).collect();
        match compute(ins.op, &args?) {
            Computed::Value(scalar) => Ok(Some(scalar)),
            Computed::Exit => Ok(None),
            Computed::Not => Err(Stuck(format!("{} does not compute", ins.op))),
        }
    }

    fn constant(&self, imm: Imm) -> Result<Datum, Stuck> {
        Ok(match imm {
            Imm::Int(value) => Datum::Scalar(Scalar::I64(value)),
            Imm::Float(bits) => Datum::Scalar(Scalar::F64(f64::from_bits(bits))),
            Imm::Truth(value) => Datum::Scalar(Scalar::Bool(value)),
            Imm::Const(ConstObj(id)) => {
                let object = self.tree.consts.get(id as usize);
                let object = object.ok_or_else(|| Stuck(format!("no constant c{id}")))?;
                Datum::Object(Value::Other(object.addr))
            }
            _ => return Err(Stuck("not a constant".into())),
        })
    }

    fn slot(&self, imm: Imm) -> Result<Value, Stuck> {
        match imm {
            Imm::Slot(slot) => Ok(self
                .frame
                .slots
                .get(usize::from(slot))
                .copied()
                .unwrap_or(Value::Null)),
            _ => Err(Stuck("not a slot".into())),
        }
    }

    fn guard_type(&self, ins: &Ins) -> Result<Step, Stuck> {
        match ins.imm {
            Imm::Kind(kind) => Ok(pass(self.memory.is(self.object(ins.args[0])?, kind))),
            _ => Err(Stuck("not a kind".into())),
        }
    }

    fn guard_version(&self, ins: &Ins) -> Result<Step, Stuck> {
        let version = self.memory.version(self.object(ins.args[0])?);
        match ins.imm {
            Imm::Int(wanted) => Ok(pass(version == Some(wanted))),
            _ => Err(Stuck("not a version".into())),
        }
    }

    fn same(&self, ins: &Ins) -> Result<bool, Stuck> {
        Ok(self.object(ins.args[0])? == self.object(ins.args[1])?)
    }

    /// Base, index and place of a load or store.
    fn address(&self, ins: &Ins) -> Result<(Value, i64, Mem), Stuck> {
        let Imm::Mem(mem) = ins.imm else {
            return Err(Stuck("not a place in memory".into()));
        };
        let index = match ins.op {
            Op::LoadIndex | Op::StoreIndex => match self.scalar(ins.args[1])? {
                Scalar::I64(index) => index,
                _ => return Err(Stuck("not an index".into())),
            },
            _ => 0,
        };
        Ok((self.object(ins.args[0])?, index, mem))
    }

    fn call(&mut self, ins: &Ins) -> Result<Option<Datum>, Stuck> {
        let Imm::Helper(helper) = ins.imm else {
            return Err(Stuck("not a helper".into()));
        };
        let args: Result<Vec<_>, _> = ins.args.iter().map(|arg| self.datum(*arg)).collect();
        let args = args?;
        Ok(match (helper, &args[..]) {
            (Helper::IsSole, [Datum::Object(tuple), Datum::Scalar(Scalar::I64(size))]) => {
                let references = self.slots.iter().filter(|slot| *slot == tuple);
                let is_sole = self
                    .memory
                    .is_sole(*tuple, references.count(), *size & 0xff)?;
                Some(Datum::Scalar(Scalar::I64(is_sole.into())))
            }
            (Helper::Reuse, [Datum::Object(tuple), _]) => {
                self.memory.empty(*tuple)?;
                Some(args[0])
            }
            _ => self.memory.call(helper, &args),
        })
    }

    fn unbox(&self, ins: &Ins) -> Result<Option<Scalar>, Stuck> {
        match (ins.op, self.object(ins.args[0])?) {
            (Op::UnboxInt, Value::Int(value)) => Ok(i64::try_from(value).ok().map(Scalar::I64)),
            (Op::UnboxFloat, Value::Float(value)) => Ok(Some(Scalar::F64(value))),
            (Op::UnboxBool, Value::Bool(value)) => Ok(Some(Scalar::Bool(value))),
            (op, value) => Err(Stuck(format!("{op} of {value:?}"))),
        }
    }

    fn range_field(&self, ins: &Ins) -> Result<i64, Stuck> {
        let range = self.range(self.object(ins.args[0])?)?;
        match ins.imm {
            Imm::Field(RangeField::Start) => Ok(range.start),
            Imm::Field(RangeField::Step) => Ok(range.step),
            Imm::Field(RangeField::Len) => Ok(range.len),
            Imm::Field(RangeField::Index) => Ok(range.index),
            _ => Err(Stuck("not a field".into())),
        }
    }

    fn range(&self, value: Value) -> Result<RangeState, Stuck> {
        let state = match value {
            Value::Range(id) => self.frame.ranges.get(id as usize).copied(),
            _ => None,
        };
        state.ok_or_else(|| Stuck(format!("{value:?} is no range iterator")))
    }

    fn datum(&self, value: InsRef) -> Result<Datum, Stuck> {
        let datum = self.values.get(value.index()).copied().flatten();
        datum.ok_or_else(|| Stuck(format!("{value} was not computed")))
    }

    fn object(&self, value: InsRef) -> Result<Value, Stuck> {
        match self.datum(value)? {
            Datum::Object(object) => Ok(object),
            Datum::Scalar(_) => Err(Stuck(format!("{value} is no object"))),
        }
    }

    fn scalar(&self, value: InsRef) -> Result<Scalar, Stuck> {
        match self.datum(value)? {
            Datum::Scalar(scalar) => Ok(scalar),
            Datum::Object(_) => Err(Stuck(format!("{value} is not unboxed"))),
        }
    }

    fn truth(&self, value: InsRef) -> Result<bool, Stuck> {
        match self.scalar(value)? {
            Scalar::Bool(truth) => Ok(truth),
            _ => Err(Stuck(format!("{value} is no truth value"))),
        }
    }

    /// Gives the header's parameters their values, all at once, and forgets the loop's values.
    fn transfer(&mut self, from: &[InsRef]) -> Result<(), Stuck> {
        self.rounds += 1;
        let data: Result<Vec<_>, _> = from.iter().map(|value| self.datum(*value)).collect();
        for &value in self.tree.traces.iter().flat_map(|trace| &trace.body) {
            self.values[value.index()] = None;
        }
        for (param, datum) in self.tree.params.iter().zip(data?) {
            self.values[param.value.index()] = Some(datum);
            if let (Some(Place::Slot(slot)), Datum::Object(object)) = (param.place, datum) {
                self.slots[usize::from(slot)] = object;
            }
        }
        Ok(())
    }

    fn leave(&mut self, exit: ExitId, in_entry: bool) -> Result<Outcome, Stuck> {
        let tree = self.tree;
        let snapshot = tree.exit_snapshot(exit);
        for object in &snapshot.virtuals {
            self.make(object)?;
        }
        let state = snapshot.frame();
        let mut frame = Frame {
            slots: self.slots.clone(),
            memory: self.memory.clone(),
            ..self.frame.clone()
        };
        for &crate::tree::Write { place, value, .. } in &state.writes {
            let datum = value.map(|value| self.datum(value)).transpose()?;
            match place {
                Place::Slot(slot) => self.write_slot(&mut frame, slot, datum),
                Place::RangeIndex(slot) => self.write_index(&mut frame, slot, datum)?,
            }
        }
        frame
            .slots
            .resize(usize::from(self.tree.locals + state.depth), Value::Null);
        frame.memory.sort_tuples(&mut frame.slots);
        Ok(Outcome::Left(Box::new(Left {
            exit,
            in_entry,
            polls: self.polls,
            root_rounds: self.root_rounds,
            rounds: self.rounds,
            ip: state.ip,
            depth: state.depth,
            frame,
        })))
    }

    /// Makes a tuple that a trace has not made; numbers are what they are.
    fn make(&mut self, object: &VirtualObject) -> Result<(), Stuck> {
        if let Datum::Object(_) = self.datum(object.of)? {
            let tuple = match object.shell {
                Some(shell) => self.object(shell.object)?,
                None => self.memory.new_tuple(object.attributes.len() as u64),
            };
            for (index, value) in &object.attributes {
                let value = self.datum(*value)?;
                let index = i64::from(*index);
                self.memory.store(tuple, index, Memory::TUPLE_ITEM, value)?;
            }
            self.values[object.value.index()] = Some(Datum::Object(tuple));
        }
        Ok(())
    }

    fn write_slot(&self, frame: &mut Frame, slot: u16, datum: Option<Datum>) {
        let slot = usize::from(slot);
        if frame.slots.len() <= slot {
            frame.slots.resize(slot + 1, Value::Null);
        }
        frame.slots[slot] = match datum {
            None => Value::Null,
            Some(Datum::Object(value)) => value,
            Some(Datum::Scalar(scalar)) => boxed(scalar),
        };
    }

    /// The iterator is the one that the slot held at entry, whatever the slot holds now.
    fn write_index(&self, frame: &mut Frame, slot: u16, datum: Option<Datum>) -> Result<(), Stuck> {
        let held = self.frame.slots.get(usize::from(slot)).copied();
        match (held, datum) {
            (Some(Value::Range(id)), Some(Datum::Scalar(Scalar::I64(index)))) => {
                frame.ranges[id as usize].index = index;
                Ok(())
            }
            _ => Err(Stuck(format!("the index of {held:?} cannot be {datum:?}"))),
        }
    }
}

/// The object whose value is this one.
fn boxed(scalar: Scalar) -> Value {
    match scalar {
        Scalar::I64(value) => Value::Int(value.into()),
        Scalar::F64(value) => Value::Float(value),
        Scalar::Bool(value) => Value::Bool(value),
    }
}

/// The str of an ASCII character: an object by identity, apart from those that tests name.
fn character(code: i64) -> Value {
    const CHARACTERS: u64 = 1 << 40;
    Value::Other(CHARACTERS + code as u64)
}

const fn pass(holds: bool) -> Step {
    if holds { Step::Next } else { Step::Exit }
}

#[cfg(test)]
mod tests;
