//! Instances that the header carries as their attributes.
//!
//! A variable that has a new instance of the same class in each round, as in `position = position + step`, is a parameter whose
//! value every jump makes. If the attributes are numbers, the header carries these, unboxed, in parameters without a place, and
//! no instance is made. The parameter itself is the shell that the instance is in (see [`shells`](super::shells)). The
//! entry guards that the object with which the loop begins can be a shell: it is of that class, has those attributes, of those
//! types, and nobody else knows it.
//!
//! A first walk finds out what jumps pass. The second one carries what is the same in all of them. Where that turns out to be
//! wrong, because an instance escapes in the root, it is done again with less. Cost: a walk for each parameter, at most.

use super::state::{Instance, Object, Seen, Shape, State};
use super::{Need, Virtuals, Walk, ins_with, makes};
use crate::frames::origin;
use crate::helpers::Helper;
use crate::ids::{ExitId, InsRef};
use crate::kinds::Kinds;
use crate::ops::Op;
use crate::tree::{End, Exit, Imm, Ins, ObjConst, Param, TraceTree};
use crate::types::{Mem, ObjKind, Place, Region, Type, Width};
use crate::ids::{ConstObj, SnapshotId};
use pyrt_spec::ExitReason;
use std::rc::Rc;

/// How many attributes an instance has at most that the header carries.
const MOST_FIELDS: usize = 7;

/// What all instances have in common that a parameter carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// The class, its version, and where its instances have the pointer to their inline values.
    class: u64,
    version: i64,
    values_at: i32,
    /// The attributes, in the order in which they were set: the index, and what boxes the number.
    fields: Vec<(u16, Op)>,
}

/// What a jump passes for a parameter.
pub(super) enum Passed {
    /// An instance that could be carried.
    Instance(Form),
    /// What another parameter is.
    Param(usize),
    /// Anything else.
    Other,
}

/// A parameter whose attributes the header carries.
pub(super) struct Carried {
    /// The parameter, which is the shell.
    param: usize,
    form: Form,
}

/// The parameters of which the header might carry attributes, by index.
pub(super) fn forms(tree: &TraceTree) -> Vec<(usize, Form)> {
    let jumps = || {
        let ends = tree.traces.iter().map(|trace| &trace.end);
        ends.filter_map(|end| match end {
            End::Jump(values) => Some(values),
            End::Exit(_) => None,
        })
    };
    let is_new = |value: &InsRef| {
        let ins = tree.at(origin(tree, *value));
        ins.op == Op::GuardObj && makes(tree.at(ins.args[0]))
    };
    let goes_around = matches!(tree.traces[0].end, End::Jump(_));
    if !goes_around || tree.runs_loops || !jumps().flatten().any(is_new) {
        return Vec::new();
    }
    let mut copy = tree.clone();
    let mut walk = Virtuals::new(&mut copy);
    walk.passed = Some(Vec::new());
    if walk.run(&[]).is_err() {
        return Vec::new();
    }
    let passed = walk.passed.unwrap_or_default();
    let mut forms: Vec<Option<Form>> = vec![None; tree.params.len()];
    let form_of = |forms: &[Option<Form>], passed: &Passed| match passed {
        Passed::Instance(form) => Some(form.clone()),
        Passed::Param(other) => forms[*other].clone(),
        Passed::Other => None,
    };
    // What some jump passes is first taken for what all do, and then taken back where another one differs.
    for _ in 0..tree.params.len() {
        for param in 0..tree.params.len() {
            if forms[param].is_none() && may_carry(tree, param) {
                forms[param] = passed.iter().find_map(|jump| form_of(&forms, &jump[param]));
            }
        }
    }
    loop {
        let differs = |param: &usize| {
            let form = &forms[*param];
            form.is_some() && passed.iter().any(|jump| form_of(&forms, &jump[*param]) != *form)
        };
        match (0..forms.len()).find(differs) {
            Some(param) => forms[param] = None,
            None => break,
        }
    }
    let all = forms.into_iter().enumerate();
    all.filter_map(|(param, form)| Some((param, form?))).collect()
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
fn guard_of(tree: &TraceTree, param: usize) -> Option<ExitId> {
    let value = tree.params[param].value;
    let body = tree.traces[0].body.iter().map(|at| tree.at(*at));
    let mut guards = body.filter(|ins| ins.op == Op::GuardVersion && ins.args[0] == value);
    let exit = guards.next()?.exit?;
    (!tree.exit(exit).pinned && tree.side_at(exit).is_none()).then_some(exit)
}

const fn kind_of(op: Op) -> (ObjKind, Op, Type) {
    match op {
        Op::BoxInt => (ObjKind::Int, Op::UnboxInt, Type::I64),
        _ => (ObjKind::Float, Op::UnboxFloat, Type::F64),
    }
}

impl Form {
    /// The attributes for the runtime: how many, and their indices, a byte each, from the lowest.
    fn order(&self) -> i64 {
        let indices = self.fields.iter().rev();
        let order = indices.fold(0, |order, (index, _)| order << 8 | i64::from(*index));
        order << 8 | self.fields.len() as i64
    }
}

impl Virtuals<'_> {
    /// Has the header carry these; what the root begins with, and what is known then.
    pub(super) fn carry(&mut self, forms: &[(usize, Form)]) -> (Vec<InsRef>, State) {
        let (mut start, mut state) = (Vec::new(), State::default());
        for (param, form) in forms {
            let shell = self.tree.params[*param].value;
            let class = self.class_constant(form.class);
            self.unpack(*param, form);
            let mut attributes = Vec::new();
            for (index, op) in &form.fields {
                let ty = kind_of(*op).2;
                let value = self.tree.push_ins(Ins::param(ty));
                let place = None;
                self.tree.params.push(Param { place, value, ty });
                let number = self.tree.push_ins(Ins::plain(Op::Virtual, &[value], None));
                start.push(number);
                let object = Object::Number {
                    op: *op,
                    value,
                    references: 1,
                };
                Rc::make_mut(&mut state).insert(number, object);
                attributes.push((*index, number));
            }
            let object = self.tree.push_ins(Ins::plain(Op::Virtual, &[class], None));
            start.push(object);
            let instance = Instance {
                class,
                shape: Shape::Values {
                    version: Some(form.version),
                    values_at: form.values_at,
                },
                attributes,
                references: 1,
                shell: Some(shell),
            };
            Rc::make_mut(&mut state).insert(object, Object::Instance(instance));
            self.names.insert(shell, super::Name::Of(object));
            self.carried.push(Carried {
                param: *param,
                form: form.clone(),
            });
        }
        (start, state)
    }

    fn class_constant(&mut self, addr: u64) -> InsRef {
        let known = self.tree.consts.iter().position(|known| known.addr == addr);
        let id = known.unwrap_or_else(|| {
            let label = "type".to_owned();
            self.tree.consts.push(ObjConst { addr, label });
            self.tree.consts.len() - 1
        });
        self.at_entry(Ins::object(ConstObj::new(id)))
    }

    fn at_entry(&mut self, ins: Ins) -> InsRef {
        let value = self.tree.push_ins(ins);
        self.tree.entry.push(value);
        value
    }

    /// Guards in the entry that the object of a parameter can be a shell, and takes its attributes.
    fn unpack(&mut self, param: usize, form: &Form) {
        let Some(guard) = guard_of(self.tree, param) else {
            return;
        };
        let moved = self.tree.exit(guard).moved(guard, SnapshotId::ENTRY);
        let exit = |pass: &mut Self, reason| Some(pass.tree.push_exit(Exit { reason, ..moved }));
        let class_exit = exit(self, ExitReason::Class);
        let object = self.at_entry(Ins {
            exit: class_exit,
            ..ins_with(
                Op::GuardVersion,
                &[self.tree.initial[param]],
                Imm::Int(form.version),
            )
        });
        let order = self.at_entry(Ins::int(form.order()));
        let sole = Imm::Helper(Helper::IsSole);
        let sole = self.at_entry(ins_with(Op::Call, &[object, order], sole));
        let sole = self.at_entry(Ins::plain(Op::I64IsTrue, &[sole], None));
        let alias = exit(self, ExitReason::Alias);
        self.at_entry(Ins::plain(Op::GuardTrue, &[sole], alias));
        let load = |offset: i32, width| {
            Imm::Mem(Mem {
                offset,
                width,
                region: Region::Attrs,
            })
        };
        let values = load(form.values_at, Width::Ptr);
        let values = self.at_entry(ins_with(Op::Load, &[object], values));
        for (index, op) in &form.fields {
            let (kind, unbox, _) = kind_of(*op);
            let place = load(i32::from(*index) * 8, Width::Obj);
            let attribute = self.at_entry(ins_with(Op::Load, &[values], place));
            let type_exit = exit(self, ExitReason::Type);
            let attribute = self.at_entry(Ins {
                exit: type_exit,
                ..ins_with(Op::GuardType, &[attribute], Imm::Kind(kind))
            });
            let range = unbox
                .has_exit()
                .then(|| exit(self, ExitReason::IntRange))
                .flatten();
            let number = self.at_entry(Ins::plain(unbox, &[attribute], range));
            if unbox == Op::UnboxFloat {
                // NaN is found again by its identity alone, which a new box does not have.
                let number_is = self.at_entry(Ins::plain(Op::EqF64, &[number, number], None));
                let nan = exit(self, ExitReason::Type);
                self.at_entry(Ins::plain(Op::GuardTrue, &[number_is], nan));
            }
            self.tree.initial.push(number);
        }
    }

    /// Notes what a jump passes.
    pub(super) fn note_passed(&mut self, state: &State, values: &[InsRef]) {
        let passed = values.iter().map(|value| match self.see(state, *value) {
            Seen::Virtual(object) => match state.get(&object) {
                Some(Object::Instance(instance)) => match self.form_of(state, instance) {
                    Some(form) => Passed::Instance(form),
                    None => Passed::Other,
                },
                _ => Passed::Other,
            },
            Seen::Plain(value) => {
                let value = origin(self.tree, value);
                let mut params = self.tree.params.iter();
                let param = params.position(|param| param.value == value);
                param.map_or(Passed::Other, Passed::Param)
            }
            Seen::Values(_) | Seen::Null(_) => Passed::Other,
        });
        let passed = passed.collect();
        if let Some(all) = &mut self.passed {
            all.push(passed);
        }
    }

    /// What an instance has in common with others that are carried; `None` if it cannot be.
    fn form_of(&self, state: &State, instance: &Instance) -> Option<Form> {
        let Shape::Values {
            version: Some(version),
            values_at,
        } = instance.shape
        else {
            return None;
        };
        let kinds = Kinds::new(self.tree);
        let field = |(index, value): &(u16, InsRef)| {
            let op = match self.see(state, *value) {
                Seen::Virtual(number) => match state.get(&number)? {
                    Object::Number { op, .. } => *op,
                    _ => return None,
                },
                Seen::Plain(value) => match kinds.of(self.tree, value)? {
                    ObjKind::Int => Op::BoxInt,
                    ObjKind::Float => Op::BoxFloat,
                    _ => return None,
                },
                Seen::Values(_) | Seen::Null(_) => return None,
            };
            let is_byte = *index < 1 << 8;
            is_byte.then_some((*index, op))
        };
        let fields: Option<Vec<_>> = instance.attributes.iter().map(field).collect();
        let fields = fields.filter(|fields| fields.len() <= MOST_FIELDS)?;
        Some(Form {
            class: self.class_of(instance)?,
            version,
            values_at,
            fields,
        })
    }

    /// Whether an instance may be what the header carries.
    pub(super) fn may_be_carried(&self, instance: &Instance) -> bool {
        let class = self.class_of(instance);
        let mut carried = self.carried.iter();
        carried.any(|carried| Some(carried.form.class) == class)
    }

    /// What a jump passes: shells in the place of instances, and the attributes of these after all else.
    pub(super) fn pass_attributes(
        &mut self,
        walk: &mut Walk,
        mut values: Vec<InsRef>,
    ) -> Result<Vec<InsRef>, Need> {
        let mut attributes = Vec::new();
        for Carried { param, form } in &self.carried {
            let misfit = || Need::Misfit(*param);
            let Seen::Virtual(object) = self.see(&walk.state, values[*param]) else {
                return Err(misfit());
            };
            let Some(Object::Instance(instance)) = walk.state.get(&object) else {
                return Err(misfit());
            };
            let fits = self.form_of(&walk.state, instance).as_ref() == Some(form);
            if !fits || instance.references != 1 {
                return Err(misfit());
            }
            values[*param] = instance.shell.ok_or(Need::Shell(object))?;
            for (_, value) in &instance.attributes {
                match self.see(&walk.state, *value) {
                    Seen::Virtual(number) => match walk.state.get(&number) {
                        Some(Object::Number { value, .. }) => attributes.push(*value),
                        _ => return Err(misfit()),
                    },
                    _ => return Err(misfit()),
                }
            }
        }
        let is_carried = |param: usize| self.carried.iter().any(|carried| carried.param == param);
        for (param, value) in values.iter_mut().enumerate() {
            if !is_carried(param) {
                *value = self.plain(&walk.state, *value)?;
            }
        }
        values.append(&mut attributes);
        Ok(values)
    }

    /// Fails if what has to be there is what the header carries, and this is the root: it would be made in each round.
    pub(super) fn check_escape(
        &self,
        id: crate::ids::TraceId,
        state: &State,
        need: &Need,
    ) -> Result<(), usize> {
        let Need::Object(object) = need else {
            return Ok(());
        };
        let Some(Object::Instance(instance)) = state.get(object) else {
            return Ok(());
        };
        let is_shell = |carried: &&Carried| {
            Some(self.tree.params[carried.param].value) == instance.shell
        };
        match self.carried.iter().find(is_shell) {
            Some(carried) if id == crate::ids::TraceId::ROOT => Err(carried.param),
            _ => Ok(()),
        }
    }
}
