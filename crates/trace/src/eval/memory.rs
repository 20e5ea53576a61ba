//! The memory that the reference evaluator runs trees on: objects, and words in them and around them.
//!
//! It is stricter than a machine. A word has one region and one width, which loads and stores must name; it may be there only
//! while the class of its object has some version. So a load that an optimiser moved to before what made it safe is an error.
//!
//! A call of a helper writes as much as its row says: what stands in a place of the regions that it may write moves
//! to the same place of the next object. What helpers compute is not modelled, but for new tuples, nor who holds references.

use super::{Datum, Stuck, Value};
use crate::helpers::Helper;
use crate::semantics::Scalar;
use crate::types::{Mem, ObjKind, Region, Regions, Type, Width};
use std::collections::BTreeMap;

/// All objects and words, by their addresses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// The objects. Each is at a multiple of [`Memory::STRIDE`], and its words are between it and the next one.
    pub objects: BTreeMap<u64, Object>,
    /// The words.
    pub words: BTreeMap<u64, Word>,
    /// How many helpers have been called, but for new tuples, which need not be made.
    pub calls: u64,
}

/// An object, which a [`Value::Other`] with its address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its kind, if it is of one.
    pub kind: Option<ObjKind>,
    /// The version tag of its class.
    pub version: i64,
}

/// What stands at an address.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Word {
    /// What it changes with.
    pub region: Region,
    /// What it is.
    pub width: Width,
    /// Its value.
    pub datum: Datum,
    /// The version that the class of its object must have for it to be there; `None` if it always is.
    pub version: Option<i64>,
}

impl Memory {
    /// How far objects are from each other at least.
    pub const STRIDE: u64 = 0x1000;
    /// Where the length of a tuple is.
    pub const TUPLE_LENGTH: Mem = Mem {
        offset: 16,
        width: Width::I64,
        region: Region::Fixed,
    };
    /// Where the first item of a tuple is.
    pub const TUPLE_ITEM: Mem = Mem {
        offset: 24,
        width: Width::Obj,
        region: Region::Fixed,
    };

    /// Whether a value is an object of a kind.
    pub fn is(&self, value: Value, kind: ObjKind) -> bool {
        let object = self.object(value);
        value.is(kind) || object.is_some_and(|object| object.kind == Some(kind))
    }

    /// The version tag of the class of an object; `None` for objects that are not in memory.
    pub fn version(&self, value: Value) -> Option<i64> {
        self.object(value).map(|object| object.version)
    }

    fn object(&self, value: Value) -> Option<&Object> {
        match value {
            Value::Other(address) => self.objects.get(&address),
            _ => None,
        }
    }

    /// What stands so many bytes from a base.
    pub(super) fn load(&self, base: Value, index: i64, mem: Mem) -> Result<Datum, Stuck> {
        let address = self.find(base, index, mem)?;
        let datum = self.words[&address].datum;
        match (mem.width, datum) {
            (Width::Obj, Datum::Object(Value::Null)) => {
                Err(Stuck(format!("{address:#x} has NULL")))
            }
            _ => Ok(datum),
        }
    }

    pub(super) fn store(
        &mut self,
        base: Value,
        index: i64,
        mem: Mem,
        datum: Datum,
    ) -> Result<(), Stuck> {
        let address = self.find(base, index, mem)?;
        let datum = fit(mem.width, datum)?;
        self.words
            .entry(address)
            .and_modify(|word| word.datum = datum);
        Ok(())
    }

    /// The address of a word, which is there and is what `mem` says.
    fn find(&self, base: Value, index: i64, mem: Mem) -> Result<u64, Stuck> {
        let Value::Other(base) = base else {
            return Err(Stuck(format!("{base:?} is no base")));
        };
        let offset = index.wrapping_mul(8).wrapping_add(mem.offset.into());
        let address = base.wrapping_add_signed(offset);
        let object = self.objects.get(&(address - address % Memory::STRIDE));
        let is_there = |word: &&Word| {
            let version = object.map(|object| object.version);
            word.version.is_none() || word.version == version
        };
        match self.words.get(&address).filter(is_there) {
            Some(word) if (word.region, word.width) == (mem.region, mem.width) => Ok(address),
            Some(word) => Err(Stuck(format!("{mem:?} of {word:?}"))),
            None => Err(Stuck(format!("there is nothing at {address:#x}"))),
        }
    }

    /// A new tuple of so many NULLs.
    pub(super) fn new_tuple(&mut self, size: u64) -> Value {
        let last = self.objects.keys().next_back().copied().unwrap_or(0);
        let address = last + Memory::STRIDE;
        let kind = Some(ObjKind::Tuple);
        self.objects.insert(address, Object { kind, version: 0 });
        let mut put = |mem: Mem, index: u64, datum: Datum| {
            let word = Word {
                region: mem.region,
                width: mem.width,
                datum,
                version: None,
            };
            let offset = mem.offset as u64 + 8 * index;
            self.words.insert(address + offset, word);
        };
        put(Memory::TUPLE_LENGTH, 0, int(size as i64));
        for index in 0..size {
            put(Memory::TUPLE_ITEM, index, Datum::Object(Value::Null));
        }
        Value::Other(address)
    }

    /// Whether an object is a tuple of this size to which nothing in memory refers, and one of so many references besides.
    pub(super) fn is_sole(
        &self,
        object: Value,
        references: usize,
        size: i64,
    ) -> Result<bool, Stuck> {
        if !self.is(object, ObjKind::Tuple) {
            return Ok(false);
        }
        let known = Datum::Object(object);
        let is_known = self.words.values().any(|word| word.datum == known);
        let length = self.load(object, 0, Memory::TUPLE_LENGTH)?;
        Ok(references == 1 && !is_known && length == int(size))
    }

    /// Takes all items out of a tuple.
    pub(super) fn empty(&mut self, tuple: Value) -> Result<(), Stuck> {
        let length = match self.load(tuple, 0, Memory::TUPLE_LENGTH)? {
            Datum::Scalar(Scalar::I64(length)) => length,
            Datum::Scalar(_) | Datum::Object(_) => 0,
        };
        for index in 0..length {
            let address = self.find(tuple, index, Memory::TUPLE_ITEM)?;
            let empty = Datum::Object(Value::Null);
            self.words
                .entry(address)
                .and_modify(|word| word.datum = empty);
        }
        Ok(())
    }

    /// Gives tuples new addresses, in the order in which these values and other objects lead to them, and forgets the rest:
    /// runs that end in the same way need not have made the same ones.
    pub(super) fn sort_tuples(&mut self, roots: &mut [Value]) {
        let is_tuple = |object: &Object| object.kind == Some(ObjKind::Tuple);
        let (tuples, others) = std::mem::take(&mut self.objects)
            .into_iter()
            .partition(|(_, object)| is_tuple(object));
        self.objects = others;
        let (mut inside, outside): (BTreeMap<_, _>, _) = std::mem::take(&mut self.words)
            .into_iter()
            .partition(|(at, _)| tuples.contains_key(&(at - at % Memory::STRIDE)));
        self.words = outside;
        let last = self.objects.keys().next_back().copied().unwrap_or(0);
        let mut found = Found {
            tuples,
            old: Vec::new(),
            base: last + Memory::STRIDE,
        };
        roots.iter_mut().for_each(|value| found.see(value));
        self.words
            .values_mut()
            .for_each(|word| found.see_datum(&mut word.datum));
        let mut number = 0;
        while let Some(old) = found.old.get(number).copied() {
            let new = found.base + number as u64 * Memory::STRIDE;
            self.objects.insert(new, found.tuples[&old]);
            for (at, word) in inside.range_mut(old..old + Memory::STRIDE) {
                found.see_datum(&mut word.datum);
                self.words.insert(new + (at - old), *word);
            }
            number += 1;
        }
    }

    /// Calls a helper: its result, if it has one.
    pub(super) fn call(&mut self, helper: Helper, args: &[Datum]) -> Option<Datum> {
        let size = match helper {
            Helper::NewTuple => args.get(2),
            Helper::MakeTuple => args.get(1),
            _ => None,
        };
        if let Some(Datum::Scalar(Scalar::I64(size))) = size {
            return Some(Datum::Object(self.new_tuple(*size as u64)));
        }
        self.calls += 1;
        self.write(helper.clobbers());
        let objects = args.iter().rev().find(|arg| match arg {
            Datum::Object(value) => *value != Value::Null,
            Datum::Scalar(_) => false,
        });
        let number = self.calls % 4;
        helper.result().map(|ty| match ty {
            Type::I64 => Datum::Scalar(Scalar::I64(number as i64)),
            Type::F64 => Datum::Scalar(Scalar::F64(number as f64)),
            Type::Bool => Datum::Scalar(Scalar::Bool(number == 0)),
            Type::Ptr if number == 0 => Datum::Object(Value::Null),
            Type::Obj | Type::Ptr => objects.copied().unwrap_or(Datum::Object(Value::None)),
        })
    }

    fn write(&mut self, regions: Regions) {
        let mut places: BTreeMap<(Region, u64), Vec<u64>> = BTreeMap::new();
        for (address, word) in &self.words {
            if regions.contains(word.region) {
                let place = (word.region, address % Memory::STRIDE);
                places.entry(place).or_default().push(*address);
            }
        }
        for addresses in places.values() {
            let data: Vec<_> = addresses.iter().map(|at| self.words[at].datum).collect();
            for (at, datum) in addresses.iter().cycle().skip(1).zip(data) {
                self.words.entry(*at).and_modify(|word| word.datum = datum);
            }
        }
        if regions.contains(Region::Classes) {
            // Objects of a kind keep their classes.
            let instances = self.objects.values_mut();
            let mut instances: Vec<_> = instances.filter(|object| object.kind.is_none()).collect();
            let last = instances.last().map(|object| object.version);
            instances.iter_mut().fold(last, |version, object| {
                version.map(|version| std::mem::replace(&mut object.version, version))
            });
        }
    }
}

/// Tuples that have been found, by their old addresses, in order; their new ones follow from that.
struct Found {
    tuples: BTreeMap<u64, Object>,
    old: Vec<u64>,
    base: u64,
}

impl Found {
    fn see(&mut self, value: &mut Value) {
        if let Value::Other(address) = value
            && self.tuples.contains_key(address)
        {
            let known = self.old.iter().position(|old| old == address);
            let number = known.unwrap_or_else(|| {
                self.old.push(*address);
                self.old.len() - 1
            });
            *address = self.base + number as u64 * Memory::STRIDE;
        }
    }

    fn see_datum(&mut self, datum: &mut Datum) {
        if let Datum::Object(value) = datum {
            self.see(value);
        }
    }
}

/// A value as a word of some width gives it back.
fn fit(width: Width, datum: Datum) -> Result<Datum, Stuck> {
    let fitting = match (width, datum) {
        (Width::I64, Datum::Scalar(Scalar::I64(_)))
        | (Width::F64, Datum::Scalar(Scalar::F64(_)))
        | (Width::Ptr, Datum::Object(_)) => datum,
        (Width::I32, Datum::Scalar(Scalar::I64(value))) => int((value as i32).into()),
        (Width::U32, Datum::Scalar(Scalar::I64(value))) => int((value as u32).into()),
        (Width::U8, Datum::Scalar(Scalar::I64(value))) => int((value as u8).into()),
        (Width::Obj, Datum::Object(value)) if value != Value::Null => datum,
        _ => return Err(Stuck(format!("{datum:?} as {width}"))),
    };
    Ok(fitting)
}

const fn int(value: i64) -> Datum {
    Datum::Scalar(Scalar::I64(value))
}

#[cfg(test)]
mod tests;
