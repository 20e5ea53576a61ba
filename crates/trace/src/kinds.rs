//! Which values are known to be objects of which kind.
//!
//! A value has the kind that its definition gives it: `guard_type` passes on its operand with a kind, and
//! what passes an object on keeps it. A header parameter has a kind if its initial value and the
//! values of all jumps do. For parameters that is assumed first and taken back until nothing changes:
//! at most one round per parameter, each linear in the jumps.

use crate::ids::InsRef;
use crate::ops::Op;
use crate::tree::{End, Imm, TraceTree};
use crate::types::{ObjKind, Type};
use std::collections::HashMap;

/// The kinds that are known in a tree.
pub struct Kinds {
    params: HashMap<InsRef, ObjKind>,
}

impl Kinds {
    /// Solves for the parameters.
    pub fn new(tree: &TraceTree) -> Kinds {
        let mut kinds = Kinds {
            params: HashMap::new(),
        };
        for (param, &initial) in tree.params.iter().zip(&tree.initial) {
            if let (Type::Obj, Some(kind)) = (param.ty, kinds.of(tree, initial)) {
                kinds.params.insert(param.value, kind);
            }
        }
        while kinds.take_back(tree) {}
        kinds
    }

    /// The kind of a value, wherever it is visible.
    pub fn of(&self, tree: &TraceTree, mut value: InsRef) -> Option<ObjKind> {
        loop {
            let ins = tree.at(value);
            match (ins.op, ins.imm) {
                (Op::GuardType, Imm::Kind(kind)) => return Some(kind),
                (Op::BoxInt | Op::ReboxInt, _) => return Some(ObjKind::Int),
                (Op::BoxFloat | Op::ReboxFloat, _) => return Some(ObjKind::Float),
                (Op::BoxBool, _) => return Some(ObjKind::Bool),
                (Op::BoxChar, _) => return Some(ObjKind::Str),
                (Op::GuardObj, _) => match tree.at(*ins.args.first()?).imm {
                    Imm::Helper(helper) => return helper.makes(),
                    _ => return None,
                },
                (Op::Param, _) => return self.params.get(&value).copied(),
                (Op::Own | Op::GuardVersion, _) => value = *ins.args.first()?,
                _ => return None,
            }
        }
    }

    /// Removes one parameter whose kind a jump does not keep up; false if there is none.
    fn take_back(&mut self, tree: &TraceTree) -> bool {
        let broken = |(index, param): (usize, &crate::tree::Param)| {
            let kind = *self.params.get(&param.value)?;
            let kept = tree.traces.iter().all(|trace| match &trace.end {
                End::Jump(values) => values
                    .get(index)
                    .is_some_and(|value| self.of(tree, *value) == Some(kind)),
                End::Exit(_) => true,
            });
            (!kept).then_some(param.value)
        };
        let broken = tree.params.iter().enumerate().find_map(broken);
        broken.is_some_and(|param| self.params.remove(&param).is_some())
    }
}
