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
