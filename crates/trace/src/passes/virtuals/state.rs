//! What the walk knows of virtual objects at some point.

use super::{Virtuals, Walk};
use crate::ids::InsRef;
use crate::ops::Op;
use rustc_hash::FxBuildHasher;
use std::collections::HashMap;
use std::rc::Rc;

/// What a value turns out to be, wherever it is used.
#[derive(Clone, Copy)]
pub(super) enum Name {
    /// Another value.
    Of(InsRef),
    /// The inline values of an object.
    Values(InsRef),
    /// What an attribute of an object is before it is set.
    Null(InsRef),
}

/// What a value is at some point of the walk.
#[derive(Clone, Copy)]
pub(super) enum Seen {
    /// A value that is there.
    Plain(InsRef),
    /// A virtual object, by the value that it was made as.
    Virtual(InsRef),
    /// The inline values of one.
    Values(InsRef),
    /// What an attribute of one is before it is set.
    Null(InsRef),
}

/// An object that is, or was, virtual.
#[derive(Clone)]
pub(super) enum Object {
    Number {
        op: Op,
        value: InsRef,
        references: u32,
    },
    Instance(Instance),
    /// It has been made: the object, and the pointer to its inline values.
    Made {
        object: InsRef,
        values: Option<InsRef>,
    },
}

/// Where an object keeps its attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// In inline values, to which there is a pointer at this offset.
    Values {
        /// The class's version; `None` once that may have changed.
        version: Option<i64>,
        values_at: i32,
    },
    /// In itself: it is a tuple of this size, whose items begin at this offset.
    Tuple { size: u16, items_at: i32 },
}

impl Shape {
    /// What an object of this shape is for [`Op::CountNew`] and [`Op::CountGone`].
    pub(super) fn counted_as(self) -> i64 {
        match self {
            Shape::Values { .. } => 0,
            Shape::Tuple { size, .. } => size.into(),
        }
    }
}

/// An object that is there, in whose memory an instance or tuple is. Nobody but the trace knows it, and what it has is of some
/// time before.
#[derive(Clone, Copy)]
pub(super) struct Shell {
    pub(super) object: InsRef,
    /// Which attributes, by index, it has no references to.
    pub(super) borrows: i64,
}

/// An instance of a class, or a tuple.
#[derive(Clone)]
pub(super) struct Instance {
    pub(super) class: InsRef,
    pub(super) shape: Shape,
    /// Its attributes or items, by index, in the order in which they were set.
    pub(super) attributes: Vec<(u16, InsRef)>,
    pub(super) references: u32,
    pub(super) shell: Option<Shell>,
}

/// What is known at some point of the walk.
pub(super) type State = Rc<HashMap<InsRef, Object, FxBuildHasher>>;

impl Virtuals<'_> {
    /// What a value is.
    pub(super) fn see(&self, state: &State, mut value: InsRef) -> Seen {
        loop {
            match self.names.get(&value) {
                Some(Name::Of(other)) => value = *other,
                Some(Name::Values(of)) => {
                    return match state.get(of) {
                        Some(Object::Made {
                            values: Some(values),
                            ..
                        }) => Seen::Plain(*values),
                        Some(_) => Seen::Values(*of),
                        None => Seen::Plain(value),
                    };
                }
                Some(Name::Null(of)) if state.contains_key(of) => return Seen::Null(*of),
                Some(Name::Null(_)) => return Seen::Plain(value),
                None => match state.get(&value) {
                    Some(Object::Made { object, .. }) => return Seen::Plain(*object),
                    Some(_) => return Seen::Virtual(value),
                    None => return Seen::Plain(value),
                },
            }
        }
    }
}

/// How many references there are to a virtual object.
pub(super) fn references(walk: &mut Walk, object: InsRef) -> Option<&mut u32> {
    match Rc::make_mut(&mut walk.state).get_mut(&object)? {
        Object::Number { references, .. } => Some(references),
        Object::Instance(instance) => Some(&mut instance.references),
        Object::Made { .. } => None,
    }
}
