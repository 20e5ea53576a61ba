//! Making virtual objects that have escaped.

use super::state::{Instance, Object, Seen, Shape};
use super::{Need, Virtuals, Walk, ins_with};
use crate::helpers::Helper;
use crate::ids::{ExitId, InsRef};
use crate::ops::Op;
use crate::tree::{Exit, Imm, Ins};
use crate::types::{Mem, Region, Width};
use std::rc::Rc;

impl Virtuals<'_> {
    /// Makes an object that has escaped, or gives it a shell, at a place where an exit's snapshot is true.
    pub(super) fn supply(&mut self, walk: &mut Walk, need: &Need, exit: Option<ExitId>) {
        let exit = exit.and_then(|exit| self.exits[exit.index()]);
        let (Need::Object(object) | Need::Shell(object)) = *need else {
            return;
        };
        match (need, exit, walk.state.get(&object)) {
            (Need::Object(_), Some(exit), Some(_)) => self.make(walk, object, &exit),
            (Need::Shell(_), Some(exit), Some(_)) => self.make_shell(walk, object, &exit),
            // It was made after that place.
            _ => {
                self.made.insert(object);
            }
        }
    }

    fn make(&mut self, walk: &mut Walk, object: InsRef, exit: &Exit) {
        let (made, values, references) = match walk.state.get(&object).cloned() {
            Some(Object::Number {
                op,
                value,
                references,
            }) => {
                let made = self.push_leaving(walk, exit, op, &[value]);
                (made, None, references)
            }
            Some(Object::Instance(instance)) => {
                let (made, values) = self.make_instance(walk, &instance, exit);
                (made, values, instance.references)
            }
            Some(Object::Made { .. }) | None => return,
        };
        for _ in 1..references {
            self.push(walk, Ins::plain(Op::Own, &[made], None));
        }
        let object_made = Object::Made {
            object: made,
            values,
        };
        Rc::make_mut(&mut walk.state).insert(object, object_made);
    }

    fn make_instance(
        &mut self,
        walk: &mut Walk,
        instance: &Instance,
        exit: &Exit,
    ) -> (InsRef, Option<InsRef>) {
        for (_, value) in &instance.attributes {
            if let Seen::Virtual(object) = self.see(&walk.state, *value) {
                self.make(walk, object, exit);
            }
        }
        let new = self.push_empty(walk, instance);
        let made = self.push_leaving(walk, exit, Op::GuardObj, &[new]);
        let (values, first) = match instance.shape {
            Shape::Values { values_at, .. } => {
                let load = Imm::Mem(pointer(values_at, Width::Ptr, Region::Attrs));
                let values = self.push(walk, ins_with(Op::Load, &[made], load));
                (Some(values), pointer(0, Width::Ptr, Region::Attrs))
            }
            Shape::Tuple { items_at, .. } => (None, pointer(items_at, Width::Obj, Region::Fixed)),
        };
        for (index, value) in &instance.attributes {
            let value = match self.see(&walk.state, *value) {
                Seen::Plain(value) => value,
                _ => *value,
            };
            if let Some(values) = values {
                let number = self.push(walk, Ins::int((*index).into()));
                self.push_call(walk, Helper::NoteValue, &[values, number]);
            }
            let place = Imm::Mem(Mem {
                offset: first.offset + i32::from(*index) * 8,
                ..first
            });
            let base = values.unwrap_or(made);
            self.push(walk, ins_with(Op::Store, &[base, value], place));
        }
        (made, values)
    }
}

const fn pointer(offset: i32, width: Width, region: Region) -> Mem {
    Mem {
        offset,
        width,
        region,
    }
}
