//! The memory that the reference evaluator runs trees on: objects, and words in them and around them.
//!
//! It is stricter than a machine. A word has one region and one width, which loads and stores must name; it may be there only
//! while the class of its object has some version. So a load that an optimiser moved to before what made it safe is an error.
//!
//! A call of a helper writes as much as its row says: what stands in a place of the regions that it may write moves
//! to the same place of the next object. What helpers compute is not modelled, nor who holds references.

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
    /// How many helpers have been called.
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

    /// Calls a helper: its result, if it has one.
    pub(super) fn call(&mut self, helper: Helper, args: &[Datum]) -> Option<Datum> {
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
