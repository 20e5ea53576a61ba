//! Values in few bytes, for what is kept long and seldom looked at.
//!
//! A tree takes some sixty bytes per instruction, and half as much again per write of a snapshot; packed it takes a
//! fifth of that. A program keeps all its trees, but extends few of them.

use crate::ids::InsRef;
use crate::tree::{Args, TraceTree};
use serde::de::{DeserializeOwned, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// A value, packed.
#[derive(Clone, Debug)]
pub struct Packed<T> {
    bytes: Box<[u8]>,
    of: PhantomData<T>,
}

/// A packed trace tree.
pub type PackedTree = Packed<TraceTree>;

impl<T: Serialize + DeserializeOwned> Packed<T> {
    /// Packs a value, in time linear in its size.
    pub fn new(value: &T) -> Packed<T> {
        let bytes = postcard::to_allocvec(value).expect("memory is all that packing needs");
        Packed {
            bytes: bytes.into_boxed_slice(),
            of: PhantomData,
        }
    }

    /// The value, equal to the one that was packed.
    pub fn unpack(&self) -> T {
        postcard::from_bytes(&self.bytes).expect("the bytes are those of a value")
    }

    /// How many bytes of heap it takes.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
}

/// Values in one piece of memory, packed, each of which can be looked at by itself. Some may be missing.
#[derive(Clone, Debug)]
pub struct PackedList<T> {
    bytes: Box<[u8]>,
    /// Where each ends; one that is missing ends where it begins.
    ends: Box<[u32]>,
    of: PhantomData<T>,
}

impl<T: Serialize + DeserializeOwned> PackedList<T> {
    /// Packs values that take at least a byte each, in time linear in their size.
    pub fn new(values: impl Iterator<Item = Option<T>>) -> PackedList<T> {
        let mut bytes = Vec::new();
        let ends = values.map(|value| {
            if let Some(value) = value {
                let start = bytes.len();
                let packed = postcard::to_extend(&value, std::mem::take(&mut bytes));
                bytes = packed.expect("memory is all that packing needs");
                debug_assert!(bytes.len() > start, "a value of no bytes would be missing");
            }
            u32::try_from(bytes.len()).expect("trees are not that large")
        });
        let ends = ends.collect();
        PackedList {
            bytes: bytes.into_boxed_slice(),
            ends,
            of: PhantomData,
        }
    }

    /// How many values there are, missing ones too.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none, not even missing ones.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// One of the values, if it is not missing.
    pub fn unpack(&self, index: usize) -> Option<T> {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        let bytes = &self.bytes[start as usize..self.ends[index] as usize];
        let unpack = || postcard::from_bytes(bytes).expect("the bytes are those of a value");
        (!bytes.is_empty()).then(unpack)
    }

    /// How many bytes of heap it takes.
    pub fn size(&self) -> usize {
        self.bytes.len() + size_of_val(&*self.ends)
    }
}

/// As a sequence: most instructions have fewer operands than there is room for.
impl Serialize for Args {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Args {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Args, D::Error> {
        struct Operands;

        impl<'de> Visitor<'de> for Operands {
            type Value = Args;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "at most {} operands", Args::MAX)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Args, A::Error> {
                let (mut values, mut len) = ([InsRef(0); Args::MAX], 0);
                while let Some(value) = seq.next_element()? {
                    let slot = values.get_mut(len);
                    *slot.ok_or_else(|| serde::de::Error::invalid_length(len + 1, &self))? = value;
                    len += 1;
                }
                Ok(Args::new(&values[..len]))
            }
        }

        deserializer.deserialize_seq(Operands)
    }
}

#[cfg(test)]
mod tests {
    use super::PackedList;

    #[test]
    fn listed_values_are_found_by_their_index() {
        let values = [
            None,
            Some(vec![1_u32, 70_000]),
            None,
            Some(vec![]),
            Some(vec![7]),
            None,
        ];
        let list = PackedList::new(values.iter().cloned());
        let found: Vec<_> = (0..list.len()).map(|index| list.unpack(index)).collect();
        assert_eq!(found, values);
    }

    #[test]
    fn a_list_may_be_empty() {
        assert!(PackedList::<u32>::new(std::iter::empty()).is_empty());
    }
}
