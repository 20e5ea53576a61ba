//! What traces do with virtual tuples: recorders fill them before anything else, and then items and lengths are read.

use super::state::{Object, Shape, State};
use super::{Need, Virtuals, Walk};
use crate::ids::InsRef;
use crate::ops::Op;
use crate::tree::{Imm, Ins};
use crate::types::{Mem, Width};

/// How many items a virtual tuple has, and where they begin.
type Items = (u16, i32);

impl Virtuals<'_> {
    /// The items of a virtual tuple; `None` for other objects.
    pub(super) fn items_of(state: &State, object: InsRef) -> Option<Items> {
        match state.get(&object)? {
            Object::Instance(instance) => match instance.shape {
                Shape::Tuple { size, items_at } => Some((size, items_at)),
                Shape::Values { .. } => None,
            },
            Object::Number { .. } | Object::Made { .. } => None,
        }
    }

    /// Reads an item or the length of a virtual tuple, or gives it an item.
    pub(super) fn access(
        &mut self,
        walk: &mut Walk,
        at: InsRef,
        (tuple, items): (InsRef, Items),
        ins: &Ins,
    ) -> Result<(), Need> {
        let Imm::Mem(mem) = ins.imm else {
            return Err(Need::Object(tuple));
        };
        if ins.op == Op::Load && mem.width == Width::I64 {
            self.tree.ins[at.index()] = Ins::int(items.0.into());
            walk.body.push(at);
            return Ok(());
        }
        let index = self.item_index(ins, mem, items);
        match ins.op {
            Op::Store => self.store(walk, (tuple, index), ins.args[1]),
            _ => self.load(walk, at, (tuple, index)),
        }
    }

    /// Which item an instruction is about, if that is known.
    fn item_index(&self, ins: &Ins, mem: Mem, (size, items_at): Items) -> Option<u16> {
        let from = match ins.op {
            Op::LoadIndex => match self.tree.at(ins.args[1]).imm {
                Imm::Int(index) => index,
                _ => return None,
            },
            _ => 0,
        };
        let offset = i64::from(mem.offset - items_at);
        let index = u16::try_from(offset / 8 + from).ok()?;
        (offset % 8 == 0 && index < size).then_some(index)
    }

    /// Decides what only says how long a virtual tuple is; false if the instruction does not.
    pub(super) fn decide(&mut self, walk: &mut Walk, at: InsRef, ins: &Ins) -> bool {
        let known = |arg: usize| self.tree.at(ins.args[arg]).imm;
        match ins.op {
            Op::EqI64 => match (known(0), known(1)) {
                (Imm::Int(a), Imm::Int(b)) => {
                    self.tree.ins[at.index()] = Ins::truth(a == b);
                    walk.body.push(at);
                    true
                }
                _ => false,
            },
            Op::GuardTrue => known(0) == Imm::Truth(true),
            _ => false,
        }
    }
}
