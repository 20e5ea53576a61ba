//! Which objects are known to be of which kind, and where.
//!
//! A value has a kind where a `guard_type` of it has been passed. A header parameter has one if its
//! initial value and the values of all jumps do. For parameters that is assumed first and taken
//! back until nothing changes: at most one round per parameter, each linear in jumps and guards.

use crate::ids::{InsRef, TraceId};
use crate::ops::Op;
use crate::scope::{Scope, Site};
use crate::tree::{End, Imm, TraceTree};
use crate::types::{ObjKind, Type};
use std::collections::HashMap;

/// The kinds that are known in a tree.
pub struct Kinds {
    guards: HashMap<InsRef, Vec<(ObjKind, InsRef)>>,
    params: HashMap<InsRef, ObjKind>,
}

impl Kinds {
    /// Collects guards and solves for the parameters.
    pub fn new(tree: &TraceTree, scope: &Scope) -> Kinds {
        let mut kinds = Kinds {
            guards: collect_guards(tree),
            params: HashMap::new(),
        };
        let end = Site::Entry(tree.entry.len());
        for (param, &initial) in tree.params.iter().zip(&tree.initial) {
            let known = |kind: &&ObjKind| kinds.has(scope, initial, **kind, end);
            if let (Type::Obj, Some(kind)) = (param.ty, ObjKind::ALL.iter().find(known)) {
                kinds.params.insert(param.value, *kind);
            }
        }
        while kinds.take_back(tree, scope) {}
        kinds
    }

    /// Whether the value is known to be of the kind at the site.
    pub fn has(&self, scope: &Scope, value: InsRef, kind: ObjKind, site: Site) -> bool {
        let guards = self.guards.get(&value).map_or(&[][..], Vec::as_slice);
        self.params.get(&value) == Some(&kind)
            || guards
                .iter()
                .any(|(k, guard)| *k == kind && scope.visible(*guard, site))
    }

    /// The kind of a parameter on every iteration.
    pub fn of_param(&self, param: InsRef) -> Option<ObjKind> {
        self.params.get(&param).copied()
    }

    /// Removes one parameter whose kind a jump does not keep up; false if there is none.
    fn take_back(&mut self, tree: &TraceTree, scope: &Scope) -> bool {
        let broken = |(index, param): (usize, &crate::tree::Param)| {
            let kind = self.of_param(param.value)?;
            let kept = tree
                .traces
                .iter()
                .enumerate()
                .all(|(trace, body)| match &body.end {
                    End::Jump(values) => values.get(index).is_some_and(|value| {
                        self.has(scope, *value, kind, Site::End(TraceId::new(trace)))
                    }),
                    End::Exit(_) => true,
                });
            (!kept).then_some(param.value)
        };
        let broken = tree.params.iter().enumerate().find_map(broken);
        broken.is_some_and(|param| self.params.remove(&param).is_some())
    }
}

fn collect_guards(tree: &TraceTree) -> HashMap<InsRef, Vec<(ObjKind, InsRef)>> {
    let mut guards: HashMap<_, Vec<_>> = HashMap::new();
    let bodies = tree.traces.iter().flat_map(|trace| &trace.body);
    for &at in tree.entry.iter().chain(bodies) {
        let ins = tree.at(at);
        if let (Op::GuardType, Imm::Kind(kind), [object]) = (ins.op, ins.imm, &*ins.args) {
            guards.entry(*object).or_default().push((kind, at));
        }
    }
    guards
}
