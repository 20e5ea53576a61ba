//! Instances and tuples that the header carries as their attributes and items.
//!
//! A variable that has a new instance of the same class in each round, as in `position = position + step`, is a parameter whose
//! value every jump makes. The header carries the attributes instead, in parameters without a place, numbers unboxed, and no
//! instance is made. The parameter itself is the shell that the instance is in (see [`shells`](super::shells)). The entry
//! guards that the object with which the loop begins can be a shell: it is of that class, has those attributes, numbers of
//! those types, and nobody else knows it.
//!
//! Which parameters that are is known from what jumps pass, see [`forms`]. Where it turns out to be wrong, because an
//! instance escapes in the root, the walk is done again with less. Cost: a walk for each parameter, at most.

mod forms;

pub(super) use forms::{Form, Passed, forms};

use super::shells::in_shells;
use super::state::{Instance, Name, Object, Seen, Shape, Shell, State};
use super::{Need, Virtuals, Walk, ins_with};
use crate::helpers::Helper;
use crate::ids::{ConstObj, InsRef, SnapshotId, TraceId};
use crate::ops::Op;
use crate::tree::{Exit, Imm, Ins, ObjConst, Param};
use crate::types::{Mem, ObjKind, Region, Width};
use forms::{Field, guard_of, unboxed_as};
use pyrt_spec::ExitReason;
use std::rc::Rc;

/// A parameter whose attributes the header carries.
pub(super) struct Carried {
    /// The parameter, which is the shell.
    param: usize,
    form: Form,
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
            for (index, field) in &form.fields {
                let (ty, place) = (field.ty(), None);
                let value = self.tree.push_ins(Ins::param(ty));
                self.tree.params.push(Param { place, value, ty });
                let Field::Number(op) = *field else {
                    attributes.push((*index, value));
                    continue;
                };
                let number = self.tree.push_ins(Ins::plain(Op::Virtual, &[value], None));
                start.push(number);
                attributes.push((*index, number));
                let object = Object::Number {
                    op,
                    value,
                    references: 1,
                };
                Rc::make_mut(&mut state).insert(number, object);
            }
            let object = self.tree.push_ins(Ins::plain(Op::Virtual, &[class], None));
            start.push(object);
            let instance = Instance {
                class,
                shape: form.shape,
                attributes,
                references: 1,
                shell: Some(Shell {
                    object: shell,
                    borrows: form.borrows(),
                }),
            };
            Rc::make_mut(&mut state).insert(object, Object::Instance(instance));
            self.names.insert(shell, Name::Of(object));
            self.carried.push(Carried {
                param: *param,
                form: form.clone(),
            });
        }
        (start, state)
    }

    fn class_constant(&mut self, addr: u64) -> InsRef {
        let mut known = self.tree.consts.iter();
        let id = known.position(|known| known.addr == addr);
        let id = id.unwrap_or_else(|| {
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
        let guard = guard_of(self.tree, param).expect("only such parameters are carried");
        let moved = self.tree.exit(guard).moved(guard, SnapshotId::ENTRY);
        let initial = self.tree.initial[param];
        let guarded = |pass: &mut Self, reason, ins: Ins| {
            let exit = Some(pass.tree.push_exit(Exit { reason, ..moved }));
            pass.at_entry(Ins { exit, ..ins })
        };
        let (object, reason) = match form.shape {
            Shape::Values { version, .. } => {
                let version = Imm::Int(version.unwrap_or_default());
                let ins = ins_with(Op::GuardVersion, &[initial], version);
                (ins, ExitReason::Class)
            }
            Shape::Tuple { .. } => {
                let tuple = Imm::Kind(ObjKind::Tuple);
                let ins = ins_with(Op::GuardType, &[initial], tuple);
                (ins, ExitReason::Type)
            }
        };
        let object = guarded(self, reason, object);
        let order = self.at_entry(Ins::int(form.order()));
        let is_sole = Imm::Helper(Helper::IsSole);
        let is_sole = self.at_entry(ins_with(Op::Call, &[object, order], is_sole));
        let is_sole = self.at_entry(Ins::plain(Op::I64IsTrue, &[is_sole], None));
        let alone = Ins::plain(Op::GuardTrue, &[is_sole], None);
        guarded(self, ExitReason::Alias, alone);
        let load = |offset: i32, width, region| {
            Imm::Mem(Mem {
                offset,
                width,
                region,
            })
        };
        let (base, first, region) = match form.shape {
            Shape::Values { values_at, .. } => {
                let values = load(values_at, Width::Ptr, Region::Attrs);
                let values = self.at_entry(ins_with(Op::Load, &[object], values));
                (values, 0, Region::Attrs)
            }
            Shape::Tuple { items_at, .. } => (object, items_at, Region::Fixed),
        };
        for (index, field) in &form.fields {
            let place = load(first + i32::from(*index) * 8, Width::Obj, region);
            let attribute = self.at_entry(ins_with(Op::Load, &[base], place));
            let Field::Number(op) = *field else {
                self.tree.initial.push(attribute);
                continue;
            };
            let (kind, unbox) = unboxed_as(op);
            let kind = ins_with(Op::GuardType, &[attribute], Imm::Kind(kind));
            let attribute = guarded(self, ExitReason::Type, kind);
            let number = Ins::plain(unbox, &[attribute], None);
            let number = match unbox.has_exit() {
                true => guarded(self, ExitReason::IntRange, number),
                false => self.at_entry(number),
            };
            if unbox == Op::UnboxFloat {
                // NaN is found again by its identity alone, which a new box does not have.
                let is_number = Ins::plain(Op::EqF64, &[number, number], None);
                let is_number = self.at_entry(is_number);
                let is_number = Ins::plain(Op::GuardTrue, &[is_number], None);
                guarded(self, ExitReason::Type, is_number);
            }
            self.tree.initial.push(number);
        }
    }

    /// Whether an object is what the trace passes to the header for it to carry.
    pub(super) fn will_be_carried(&self, walk: &Walk, object: InsRef) -> bool {
        let is_it = |carried: &Carried| {
            let value = walk.passes.get(carried.param);
            let seen = value.map(|value| self.see(&walk.state, *value));
            matches!(seen, Some(Seen::Virtual(seen)) if seen == object)
        };
        self.carried.iter().any(is_it)
    }

    /// What a jump passes: shells in the place of objects, and the attributes of these after all else.
    pub(super) fn pass_attributes(
        &mut self,
        walk: &mut Walk,
        mut values: Vec<InsRef>,
    ) -> Result<Vec<InsRef>, Need> {
        let mut attributes = Vec::new();
        for at in 0..self.carried.len() {
            let param = self.carried[at].param;
            let misfit = Need::Misfit(param);
            let object = match self.see(&walk.state, values[param]) {
                Seen::Virtual(object) => object,
                _ => return Err(misfit),
            };
            let instance = match walk.state.get(&object) {
                Some(Object::Instance(instance)) if instance.references == 1 => instance.clone(),
                _ => return Err(misfit),
            };
            if !self.has_form(&instance, &self.carried[at].form) {
                return Err(misfit);
            }
            let shell = instance.shell.ok_or(Need::Shell(object))?;
            values[param] = shell.object;
            for (nth, (_, value)) in instance.attributes.iter().enumerate() {
                let value = match self.carried[at].form.fields[nth].1 {
                    Field::Number(op) => self.number(walk, *value, op).ok_or(Need::Misfit(param)),
                    Field::Object => self.plain(&walk.state, *value),
                };
                attributes.push(value?);
            }
        }
        // What else is in a shell would stay out of date.
        let others = in_shells(&walk.state);
        let other = others.filter(|object| !self.will_be_carried(walk, *object));
        if let Some(other) = other.min() {
            return Err(Need::Object(other));
        }
        for (param, value) in values.iter_mut().enumerate() {
            if !self.carried.iter().any(|carried| carried.param == param) {
                *value = self.plain(&walk.state, *value)?;
            }
        }
        values.append(&mut attributes);
        Ok(values)
    }

    /// The number of which an attribute is a box, and no longer has to be.
    fn number(&mut self, walk: &mut Walk, attribute: InsRef, op: Op) -> Option<InsRef> {
        match self.see(&walk.state, attribute) {
            Seen::Virtual(number) => match walk.state.get(&number)? {
                Object::Number {
                    op: known, value, ..
                } => (*known == op).then_some(*value),
                _ => None,
            },
            Seen::Plain(object) => {
                let (known, value) = self.unboxed(walk, object)?;
                let fits = known == op;
                if fits {
                    self.push(walk, Ins::plain(Op::ReleaseLeaf, &[object], None));
                }
                fits.then_some(value)
            }
            Seen::Values(_) | Seen::Null(_) => None,
        }
    }

    /// Fails if what has to be there is what the header carries, and this is the root: it would be made in each round.
    pub(super) fn check_escape(
        &self,
        id: TraceId,
        state: &State,
        need: &Need,
    ) -> Result<(), usize> {
        let (Need::Object(object), TraceId::ROOT) = (need, id) else {
            return Ok(());
        };
        let Some(Object::Instance(instance)) = state.get(object) else {
            return Ok(());
        };
        let shell = instance.shell.map(|shell| shell.object);
        let is_in = |carried: &&Carried| Some(self.tree.params[carried.param].value) == shell;
        match self.carried.iter().find(is_in) {
            Some(carried) => Err(carried.param),
            None => Ok(()),
        }
    }
}
