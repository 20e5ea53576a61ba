//! What the header may carry in parts: found by a walk that carries nothing, and notes what jumps pass.
//!
//! A parameter has a *form* if every jump passes a new instance or tuple for it, or another parameter that has a form, and all
//! of them have the same class and attributes. An attribute is a number in the form if it is one of the same type in all of them.
//! That is solved from below, parameters by what they are passed, and then those are taken back that are passed something
//! else. Cost: a walk, and parameters times jumps, a few times.

use crate::frames::origin;
use crate::ids::{ExitId, InsRef};
use crate::ops::Op;
use crate::passes::virtuals::state::{Instance, Object, Seen, Shape};
use crate::passes::virtuals::{Virtuals, Walk, makes};
use crate::tree::{End, Ins, Param, TraceTree};
use crate::types::{ObjKind, Place, Type};

/// How many attributes an object has at most that the header carries.
const MOST_FIELDS: usize = 7;

/// The indices of such attributes are below this.
const MOST_INDEX: u16 = 63;

/// How the header carries an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// Unboxed; this boxes it.
    Number(Op),
    /// As it is, with the reference to it.
    Object,
}

impl Field {
    pub(super) const fn ty(self) -> Type {
        match self {
            Field::Number(Op::BoxInt) => Type::I64,
            Field::Number(_) => Type::F64,
            Field::Object => Type::Obj,
        }
    }
}

/// What all objects have in common that a parameter carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::passes::virtuals) struct Form {
    /// The class.
    pub(super) class: u64,
    pub(super) shape: Shape,
    /// The attributes by index, in the order in which they were set.
    pub(super) fields: Vec<(u16, Field)>,
}

impl Form {
    /// The attributes as the runtime takes them: how many, and their indices, a byte each, from the lowest.
    pub(super) fn order(&self) -> i64 {
        let indices = self.fields.iter().rev();
        let order = indices.fold(0, |order, (index, _)| order << 8 | i64::from(*index));
        order << 8 | self.fields.len() as i64
    }

    /// The attributes to which a shell has no references, by index.
    pub(super) fn borrows(&self) -> i64 {
        let objects = self
            .fields
            .iter()
            .filter(|(_, field)| *field == Field::Object);
        objects.fold(0, |all, (index, _)| all | 1 << index)
    }

    /// What this and another form have in common, if they are of the same class and attributes.
    fn meet(&self, other: &Form) -> Option<Form> {
        let indices = |form: &Form| {
            form.fields
                .iter()
                .map(|(index, _)| *index)
                .collect::<Vec<_>>()
        };
        if (self.class, self.shape, indices(self)) != (other.class, other.shape, indices(other)) {
            return None;
        }
        let mut common = self.clone();
        for ((_, field), (_, other)) in common.fields.iter_mut().zip(&other.fields) {
            if field != other {
                *field = Field::Object;
            }
        }
        Some(common)
    }
}

/// What a jump passes for a parameter.
pub(in crate::passes::virtuals) enum Passed {
    /// An object that could be carried.
    Object(Form),
    /// What another parameter is.
    Param(usize),
    /// Anything else.
    Other,
}

/// The parameters of which the header might carry attributes, by index.
pub(in crate::passes::virtuals) fn forms(tree: &TraceTree) -> Vec<(usize, Form)> {
    let jumps = tree.traces.iter().filter_map(|trace| match &trace.end {
        End::Jump(values) => Some(values),
        End::Exit(_) => None,
    });
    let is_new = |value: &InsRef| {
        let ins = tree.at(origin(tree, *value));
        ins.op == Op::GuardObj && makes(tree.at(ins.args[0]))
    };
    let goes_around = matches!(tree.traces[0].end, End::Jump(_));
    if !goes_around || tree.runs_loops || !jumps.flatten().any(is_new) {
        return Vec::new();
    }
    let mut copy = tree.clone();
    let mut walk = Virtuals::new(&mut copy);
    walk.passed = Some(Vec::new());
    match (walk.run(&[]), walk.passed) {
        (Ok(()), Some(passed)) => solve(tree, &passed),
        _ => Vec::new(),
    }
}

fn solve(tree: &TraceTree, passed: &[Vec<Passed>]) -> Vec<(usize, Form)> {
    let may_carry: Vec<_> = (0..tree.params.len())
        .map(|param| may_carry(tree, param))
        .collect();
    let mut forms: Vec<Option<Form>> = vec![None; tree.params.len()];
    let form_of = |forms: &[Option<Form>], passed: &Passed| match passed {
        Passed::Object(form) => Some(form.clone()),
        Passed::Param(other) => forms[*other].clone(),
        Passed::Other => None,
    };
    // Forms only lose numbers, so this ends.
    loop {
        let mut changed = false;
        for param in (0..forms.len()).filter(|param| may_carry[*param]) {
            let mut all = passed
                .iter()
                .filter_map(|jump| form_of(&forms, &jump[param]));
            let first = all.next();
            let form = all.fold(first, |form, other| {
                Some(form.as_ref()?.meet(&other).unwrap_or(form?))
            });
            changed |= form != forms[param];
            forms[param] = form;
        }
        if !changed {
            break;
        }
    }
    loop {
        let differs = |param: &usize| {
            let fits = |jump: &Vec<Passed>| {
                let (form, other) = (&forms[*param], form_of(&forms, &jump[*param]));
                form.as_ref()
                    .zip(other)
                    .is_some_and(|(form, other)| form.meet(&other).is_some())
            };
            forms[*param].is_some() && !passed.iter().all(fits)
        };
        match (0..forms.len()).find(differs) {
            Some(param) => forms[param] = None,
            None => break,
        }
    }
    let all = forms.into_iter().enumerate();
    all.filter_map(|(param, form)| Some((param, form?)))
        .collect()
}

/// Whether a parameter is an object that the header may carry otherwise.
fn may_carry(tree: &TraceTree, param: usize) -> bool {
    let Param { place, ty, .. } = tree.params[param];
    match place {
        Some(Place::Slot(slot)) => {
            ty == Type::Obj && !tree.in_memory.contains(&slot) && guard_of(tree, param).is_some()
        }
        _ => false,
    }
}

/// The exit of the guard with which the root begins to use a parameter. Where the entry finds that an object cannot be carried,
/// that guard counts as failed, and is pinned if it often does.
pub(super) fn guard_of(tree: &TraceTree, param: usize) -> Option<ExitId> {
    let value = tree.params[param].value;
    let mut body = tree.traces[0].body.iter().map(|at| tree.at(*at));
    let guards = |ins: &Ins| {
        let kind = matches!(ins.op, Op::GuardVersion | Op::GuardType);
        kind && ins.args[0] == value
    };
    let exit = body.find(|ins| guards(ins))?.exit?;
    (!tree.exit(exit).pinned && tree.side_at(exit).is_none()).then_some(exit)
}

/// The kind of what a box makes, and what takes the number out again.
pub(super) const fn unboxed_as(op: Op) -> (ObjKind, Op) {
    match op {
        Op::BoxInt => (ObjKind::Int, Op::UnboxInt),
        _ => (ObjKind::Float, Op::UnboxFloat),
    }
}

impl Virtuals<'_> {
    /// Notes what a jump passes.
    pub(in crate::passes::virtuals) fn note_passed(&mut self, walk: &Walk, values: &[InsRef]) {
        let passed = |value: &InsRef| match self.see(&walk.state, *value) {
            Seen::Virtual(object) => match walk.state.get(&object) {
                Some(Object::Instance(instance)) => self
                    .form_of(walk, instance)
                    .map_or(Passed::Other, Passed::Object),
                _ => Passed::Other,
            },
            Seen::Plain(value) => {
                let value = origin(self.tree, value);
                let mut params = self.tree.params.iter();
                let param = params.position(|param| param.value == value);
                param.map_or(Passed::Other, Passed::Param)
            }
            Seen::Values(_) | Seen::Null(_) => Passed::Other,
        };
        let passed = values.iter().map(passed).collect();
        if let Some(all) = &mut self.passed {
            all.push(passed);
        }
    }

    /// What an object has in common with others that are carried; `None` if it cannot be.
    fn form_of(&self, walk: &Walk, instance: &Instance) -> Option<Form> {
        let is_known = match instance.shape {
            Shape::Values { version, .. } => version.is_some(),
            Shape::Tuple { size, .. } => instance.attributes.len() == usize::from(size),
        };
        let in_range = |(index, _): &(u16, InsRef)| *index < MOST_INDEX;
        let count = instance.attributes.len();
        if !is_known || count > MOST_FIELDS || !instance.attributes.iter().all(in_range) {
            return None;
        }
        let field = |value: InsRef| match self.see(&walk.state, value) {
            Seen::Virtual(object) => match walk.state.get(&object) {
                Some(Object::Number { op, .. }) => Field::Number(*op),
                _ => Field::Object,
            },
            Seen::Plain(object) => match self.unboxed(walk, object) {
                Some((op, _)) => Field::Number(op),
                None => Field::Object,
            },
            Seen::Values(_) | Seen::Null(_) => Field::Object,
        };
        let attributes = instance.attributes.iter();
        Some(Form {
            class: self.class_of(instance)?,
            shape: instance.shape,
            fields: attributes
                .map(|(index, value)| (*index, field(*value)))
                .collect(),
        })
    }

    /// Whether an object is of a form, but for what its attributes are.
    pub(super) fn has_form(&self, instance: &Instance, form: &Form) -> bool {
        let indices = instance.attributes.iter().map(|(index, _)| *index);
        self.class_of(instance) == Some(form.class)
            && instance.shape == form.shape
            && indices.eq(form.fields.iter().map(|(index, _)| *index))
    }

    /// The number that the trace has taken out of an object, and what boxes it.
    pub(super) fn unboxed(&self, walk: &Walk, object: InsRef) -> Option<(Op, InsRef)> {
        let object = origin(self.tree, object);
        walk.body.iter().find_map(|at| {
            let ins = self.tree.at(*at);
            let is_it = matches!(ins.op, Op::UnboxInt | Op::UnboxFloat)
                && origin(self.tree, ins.args[0]) == object;
            let boxed = match ins.op {
                Op::UnboxInt => Op::BoxInt,
                _ => Op::BoxFloat,
            };
            is_it.then_some((boxed, *at))
        })
    }
}
