//! Instances and tuples that nobody outside the trace gets to see are not made.
//!
//! An instance is *virtual* from where the trace makes it. Its attributes are values of the trace: what is stored there
//! is what a load gives, guards of its class hold, and counting its references is done here. When the last one goes,
//! those to its attributes are given up. Exits make it if their snapshot refers to it. A tuple is the same with items
//! for attributes. Boxes of numbers are treated the same way, so that a float which is only ever an attribute of such an instance stays in a register.
//!
//! An object *escapes* where something else is done with it: it is stored, passed to a helper, returned, or carried by
//! the header. It has to be made before, and there has to be a way to leave if there is no memory. So the walk goes back to
//! the last instruction with an exit, whose snapshot says what the frames are like there, makes the object before that,
//! and goes on from there with the object as any other. If the object was made after that, it is left as it is.
//!
//! Objects that are not made are counted as the collector counts, so that it runs when it would.
//!
//! One forward walk, in which each object goes back once on each path. Cost: linear, plus that, plus the
//! size of the snapshots that refer to virtual objects.

mod carried;
mod deaths;
mod making;
mod shells;
mod snapshots;
mod state;
mod tuples;

use crate::helpers::Helper;
use crate::ids::{ExitId, InsRef, SiteId, SnapshotId, TraceId};
use crate::kinds::Kinds;
use crate::ops::Op;
use crate::tree::{Args, End, Exit, Imm, Ins, TraceTree};
use crate::types::{ObjKind, Region, Type, Width};
use carried::{Carried, Form, Passed};
use pyrt_spec::ExitReason;
use rustc_hash::FxBuildHasher;
use state::{Instance, Name, Object, Seen, Shape, State, references};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

pub(super) fn run(tree: &mut TraceTree) {
    if !tree.ins.iter().any(makes) {
        return;
    }
    let mut forms = carried::forms(tree);
    while !forms.is_empty() {
        let mut copy = tree.clone();
        match Virtuals::new(&mut copy).run(&forms) {
            Ok(()) => {
                *tree = copy;
                return;
            }
            Err(param) => forms.retain(|(known, _)| *known != param),
        }
    }
    let done = Virtuals::new(tree).run(&[]);
    debug_assert!(done.is_ok(), "nothing was to be carried");
}

fn calls(ins: &Ins, helper: Helper) -> bool {
    ins.imm == Imm::Helper(helper)
}

/// Whether an instruction makes an object that may be virtual. A guard follows.
fn makes(ins: &Ins) -> bool {
    calls(ins, Helper::NewInstance) || calls(ins, Helper::NewTuple)
}

/// Why the walk goes back.
enum Need {
    /// This object has to be there.
    Object(InsRef),
    /// This object has to have a shell, see [`Instance`].
    Shell(InsRef),
    /// The header cannot carry this parameter's attributes.
    Misfit(usize),
}

/// Where the walk may go back to.
struct Checkpoint {
    /// The position in the body, and how much of the new one and of the side traces there was.
    at: usize,
    body: usize,
    sides: usize,
    state: State,
    /// The exit whose snapshot is true there.
    exit: Option<ExitId>,
}

struct Virtuals<'a> {
    tree: &'a mut TraceTree,
    kinds: Kinds,
    /// The instructions and exits as they were.
    recorded: Vec<Ins>,
    exits: Vec<Option<Exit>>,
    names: HashMap<InsRef, Name, FxBuildHasher>,
    /// Objects that are made where the recording has made them.
    made: HashSet<InsRef, FxBuildHasher>,
    /// The last snapshot that was rewritten, as it was and in which state, and what has become of it.
    last: Option<(SnapshotId, State, SnapshotId)>,
    /// Parameters whose attributes the header carries.
    carried: Vec<Carried>,
    /// What jumps pass, if that is all that this walk is for.
    passed: Option<Vec<Vec<Passed>>>,
}

/// A trace in the making.
struct Walk {
    body: Vec<InsRef>,
    state: State,
    /// Side traces, and what is known where they begin.
    sides: Vec<(TraceId, State)>,
    /// Where the instruction is at which the walk is.
    site: SiteId,
    /// What the trace passes to the header, if it goes around the loop.
    passes: Vec<InsRef>,
}

impl<'a> Virtuals<'a> {
    fn new(tree: &'a mut TraceTree) -> Virtuals<'a> {
        Virtuals {
            recorded: tree.ins.clone(),
            exits: tree.exits.clone(),
            kinds: Kinds::new(tree),
            tree,
            names: HashMap::default(),
            made: HashSet::default(),
            last: None,
            carried: Vec::new(),
            passed: None,
        }
    }
}

impl Virtuals<'_> {
    /// Walks all traces. The header carries what these parameters have as attributes; fails with one of which it cannot.
    fn run(&mut self, forms: &[(usize, Form)]) -> Result<(), usize> {
        let (start, state) = self.carry(forms);
        self.trace(TraceId::ROOT, state)?;
        self.tree.traces[0].body.splice(0..0, start);
        Ok(())
    }

    fn trace(&mut self, id: TraceId, state: State) -> Result<(), usize> {
        let old = std::mem::take(&mut self.tree.traces[id.index()].body);
        let mut walk = Walk {
            body: Vec::with_capacity(old.len()),
            state,
            sides: Vec::new(),
            site: SiteId::HEADER,
            passes: match &self.tree.traces[id.index()].end {
                End::Jump(values) => values.clone(),
                End::Exit(_) => Vec::new(),
            },
        };
        let mut checkpoint = Checkpoint {
            at: 0,
            body: 0,
            sides: 0,
            state: walk.state.clone(),
            exit: self.tree.traces[id.index()].parent,
        };
        let mut at = 0;
        loop {
            let exit = match old.get(at) {
                Some(ins) => self.recorded[ins.index()].exit,
                None => match self.tree.traces[id.index()].end {
                    End::Exit(exit) => Some(exit),
                    End::Jump(_) => None,
                },
            };
            if exit.is_some() {
                checkpoint = Checkpoint {
                    at,
                    body: walk.body.len(),
                    sides: walk.sides.len(),
                    state: walk.state.clone(),
                    exit,
                };
            }
            let done = match old.get(at) {
                Some(ins) => self.instruction(&mut walk, *ins),
                None => self.end(&mut walk, id),
            };
            match done {
                Ok(()) if at == old.len() => break,
                Ok(()) => at += 1,
                Err(Need::Misfit(param)) => return Err(param),
                Err(need) => {
                    self.check_escape(id, &walk.state, &need)?;
                    walk.body.truncate(checkpoint.body);
                    walk.sides.truncate(checkpoint.sides);
                    walk.state = checkpoint.state.clone();
                    at = checkpoint.at;
                    self.supply(&mut walk, &need, checkpoint.exit);
                    checkpoint.body = walk.body.len();
                    checkpoint.state = walk.state.clone();
                }
            }
        }
        self.tree.traces[id.index()].body = walk.body;
        for (side, state) in walk.sides {
            self.trace(side, state)?;
        }
        Ok(())
    }

    /// A value that has to be there.
    fn plain(&self, state: &State, value: InsRef) -> Result<InsRef, Need> {
        match self.see(state, value) {
            Seen::Plain(value) => Ok(value),
            Seen::Virtual(of) | Seen::Values(of) | Seen::Null(of) => Err(Need::Object(of)),
        }
    }

    fn instruction(&mut self, walk: &mut Walk, at: InsRef) -> Result<(), Need> {
        let ins = self.recorded[at.index()];
        if let Some(site) = self.tree.ins_sites.get(at.index()) {
            walk.site = *site;
        }
        self.names.remove(&at);
        let first = ins.args.first().map(|arg| self.see(&walk.state, *arg));
        match (ins.op, first) {
            // Made by the guard that follows, if at all.
            (Op::Call, _) if makes(&ins) => return Ok(()),
            (Op::GuardObj, Some(Seen::Plain(new))) if makes(self.tree.at(new)) => {
                return self.birth(walk, at, new);
            }
            (Op::GuardObj, Some(Seen::Plain(object)))
                if self.tree.at(object).ty == Some(Type::Obj) =>
            {
                self.names.insert(at, Name::Of(object));
                return Ok(());
            }
            (Op::GuardObj, Some(Seen::Values(of))) => {
                self.names.insert(at, Name::Values(of));
                return Ok(());
            }
            (Op::GuardNull, Some(Seen::Null(_))) => return Ok(()),
            (Op::BoxInt | Op::BoxFloat, _) if !self.made.contains(&at) => {
                let value = self.plain(&walk.state, ins.args[0])?;
                let number = Object::Number {
                    op: ins.op,
                    value,
                    references: 1,
                };
                Rc::make_mut(&mut walk.state).insert(at, number);
                self.stand_in(walk, at, value);
                return Ok(());
            }
            (Op::Load, Some(Seen::Values(of))) => {
                return self.load(walk, at, (of, attribute_index(&ins)));
            }
            (Op::Store, Some(Seen::Values(of))) => {
                return self.store(walk, (of, attribute_index(&ins)), ins.args[1]);
            }
            (Op::Call, Some(Seen::Values(_))) if calls(&ins, Helper::NoteValue) => return Ok(()),
            (Op::Same | Op::GuardNotSame | Op::GuardSame, _) if self.compare(walk, at, &ins)? => {
                return Ok(());
            }
            (Op::Store, Some(Seen::Plain(base)))
                if self.tree.at(base).op == Op::Frame && self.store_shell(walk, at, &ins)? =>
            {
                return Ok(());
            }
            (Op::Release | Op::ReleaseLeaf, Some(Seen::Virtual(object))) => {
                return self.release(walk, object, &ins);
            }
            (Op::Load | Op::LoadIndex | Op::Store, Some(Seen::Virtual(object)))
                if let Some(items) = Virtuals::items_of(&walk.state, object) =>
            {
                return self.access(walk, at, (object, items), &ins);
            }
            (Op::EqI64 | Op::GuardTrue, _) if self.decide(walk, at, &ins) => return Ok(()),
            (_, Some(Seen::Virtual(object))) => {
                if let Some(name) = self.passes_on(walk, object, &ins) {
                    self.names.insert(at, name);
                    return Ok(());
                }
            }
            _ => {}
        }
        self.keep(walk, at, ins)
    }

    /// Keeps an instruction, whose operands have to be there.
    fn keep(&mut self, walk: &mut Walk, at: InsRef, mut ins: Ins) -> Result<(), Need> {
        if matches!(ins.imm, Imm::Helper(helper) if helper.is_foreign()) {
            self.fill_shells(&walk.state)?;
        }
        for arg in ins.args.as_mut_slice() {
            *arg = self.plain(&walk.state, *arg)?;
        }
        if let Some(exit) = ins.exit {
            self.leave(walk, exit);
        }
        if ins.clobbers().contains(Region::Classes) {
            for object in Rc::make_mut(&mut walk.state).values_mut() {
                if let Object::Instance(Instance {
                    shape: Shape::Values { version, .. },
                    ..
                }) = object
                {
                    *version = None;
                }
            }
        }
        self.tree.ins[at.index()] = ins;
        walk.body.push(at);
        Ok(())
    }

    /// An exit that stays: what its snapshot refers to, and what is known where its side trace begins.
    fn leave(&mut self, walk: &mut Walk, exit: ExitId) {
        let Some(recorded) = self.exits.get(exit.index()).copied().flatten() else {
            return;
        };
        let snapshot = self.snapshot(&walk.state, recorded.snapshot);
        self.tree.exits[exit.index()] = Some(Exit {
            snapshot,
            ..recorded
        });
        if let Some(side) = self.tree.side_at(exit) {
            walk.sides.push((side, walk.state.clone()));
        }
    }

    /// The end of a trace.
    fn end(&mut self, walk: &mut Walk, id: TraceId) -> Result<(), Need> {
        match self.tree.traces[id.index()].end.clone() {
            End::Jump(values) if self.passed.is_some() => self.note_passed(walk, &values),
            End::Jump(values) => {
                let values = self.pass_attributes(walk, values)?;
                self.tree.traces[id.index()].end = End::Jump(values);
            }
            End::Exit(exit) => {
                let recorded = self.exits[exit.index()];
                if recorded.is_some_and(|exit| exit.reason.gives_result()) {
                    self.fill_shells(&walk.state)?;
                }
                if let Some(result) = recorded.and_then(|exit| self.tree.result(exit)) {
                    self.plain(&walk.state, result)?;
                }
                self.leave(walk, exit);
            }
        }
        Ok(())
    }

    /// A new instance or tuple, unless it has to be made here.
    fn birth(&mut self, walk: &mut Walk, at: InsRef, call: InsRef) -> Result<(), Need> {
        let (guard, mut new) = (self.recorded[at.index()], self.recorded[call.index()]);
        let facts = [new.args[2], new.args[3]].map(|arg| match self.tree.at(arg).imm {
            Imm::Int(value) => value,
            _ => 0,
        });
        if facts.contains(&0) || self.made.contains(&at) {
            for arg in new.args.as_mut_slice() {
                *arg = self.plain(&walk.state, *arg)?;
            }
            self.tree.ins[call.index()] = new;
            walk.body.push(call);
            return self.keep(walk, at, guard);
        }
        let class = self.plain(&walk.state, new.args[1])?;
        let [fact, offset] = [facts[0], facts[1]];
        let shape = match calls(&new, Helper::NewTuple) {
            true => Shape::Tuple {
                size: fact as u16,
                items_at: offset as i32,
            },
            false => Shape::Values {
                version: Some(fact),
                values_at: offset as i32,
            },
        };
        let counted = Ins {
            exit: guard.exit,
            ..ins_with(Op::CountNew, &[], Imm::Int(shape.counted_as()))
        };
        self.push(walk, counted);
        if let Some(exit) = guard.exit {
            self.leave(walk, exit);
        }
        self.stand_in(walk, at, class);
        let instance = Instance {
            class,
            shape,
            attributes: Vec::new(),
            references: 1,
            shell: None,
        };
        Rc::make_mut(&mut walk.state).insert(at, Object::Instance(instance));
        Ok(())
    }

    /// Puts what snapshots refer to in the place of an object.
    fn stand_in(&mut self, walk: &mut Walk, at: InsRef, of: InsRef) {
        self.tree.ins[at.index()] = Ins::plain(Op::Virtual, &[of], None);
        walk.body.push(at);
    }

    /// Reads an attribute or item; its index is not known of every instruction.
    fn load(
        &mut self,
        walk: &Walk,
        at: InsRef,
        (of, index): (InsRef, Option<u16>),
    ) -> Result<(), Need> {
        let index = index.ok_or(Need::Object(of))?;
        let Some(Object::Instance(instance)) = walk.state.get(&of) else {
            return Err(Need::Object(of));
        };
        let known = instance
            .attributes
            .iter()
            .find(|(known, _)| *known == index);
        let name = known.map_or(Name::Null(of), |(_, value)| Name::Of(*value));
        self.names.insert(at, name);
        Ok(())
    }

    /// Gives an object an attribute or item.
    fn store(
        &mut self,
        walk: &mut Walk,
        (of, index): (InsRef, Option<u16>),
        value: InsRef,
    ) -> Result<(), Need> {
        let index = index.ok_or(Need::Object(of))?;
        if self.tree.at(value).ty != Some(Type::Obj) {
            return Err(Need::Object(of));
        }
        let value = match self.see(&walk.state, value) {
            Seen::Plain(value) => value,
            // An object that refers to itself has to be made before its attribute is.
            Seen::Virtual(value) if self.reaches(&walk.state, value, of) => {
                return Err(Need::Object(value));
            }
            Seen::Virtual(value) => value,
            Seen::Values(other) | Seen::Null(other) => return Err(Need::Object(other)),
        };
        if let Some(Object::Instance(instance)) = Rc::make_mut(&mut walk.state).get_mut(&of) {
            let mut known = instance.attributes.iter_mut();
            match known.find(|(known, _)| *known == index) {
                Some(known) => known.1 = value,
                None => instance.attributes.push((index, value)),
            }
        }
        Ok(())
    }

    /// Whether an object is another one, or has it among its attributes or theirs.
    fn reaches(&self, state: &State, from: InsRef, to: InsRef) -> bool {
        let of = |value: &InsRef| match self.see(state, *value) {
            Seen::Virtual(value) => self.reaches(state, value, to),
            _ => false,
        };
        from == to
            || match state.get(&from) {
                Some(Object::Instance(instance)) => {
                    instance.attributes.iter().any(|(_, value)| of(value))
                }
                _ => false,
            }
    }

    /// Decides a comparison of identities with a virtual object; false if there is none. Small ints that are equal are the
    /// same object, however often they are boxed: of two ints the boxes are compared.
    fn compare(&mut self, walk: &mut Walk, at: InsRef, ins: &Ins) -> Result<bool, Need> {
        let seen = [ins.args[0], ins.args[1]].map(|arg| self.see(&walk.state, arg));
        let (one, other) = match seen {
            [Seen::Virtual(a), Seen::Virtual(b) | Seen::Plain(b)]
            | [Seen::Plain(b), Seen::Virtual(a)] => (a, b),
            _ => return Ok(false),
        };
        let same = one == other;
        if !same
            && [one, other]
                .iter()
                .all(|value| self.may_be_int(walk, *value))
        {
            return Err(Need::Object(one));
        }
        match ins.op {
            Op::Same => {
                self.tree.ins[at.index()] = Ins::truth(same);
                walk.body.push(at);
            }
            op if (op == Op::GuardSame) == same => {}
            _ => return Err(Need::Object(one)),
        }
        Ok(true)
    }

    fn may_be_int(&self, walk: &Walk, value: InsRef) -> bool {
        match (walk.state.get(&value), self.tree.at(value).imm) {
            (Some(Object::Number { op, .. }), _) => *op == Op::BoxInt,
            (Some(Object::Instance(_)), _) => false,
            (_, Imm::Const(constant)) => self.tree.consts[constant.index()].label == "int",
            _ => {
                let kind = self.kinds.of(self.tree, value);
                kind.is_none_or(|kind| kind == ObjKind::Int)
            }
        }
    }

    /// What the instruction makes of a virtual object, if that is known.
    fn passes_on(&self, walk: &mut Walk, object: InsRef, ins: &Ins) -> Option<Name> {
        let itself = Some(Name::Of(object));
        match (walk.state.get(&object)?, ins.op, ins.imm) {
            (_, Op::Own, _) => {
                *references(walk, object)? += 1;
                itself
            }
            (_, Op::GuardObj, _) => itself,
            (Object::Number { op, .. }, Op::GuardType, Imm::Kind(kind)) => {
                (kind == kind_of(*op)).then_some(Name::Of(object))
            }
            (Object::Number { op, value, .. }, Op::UnboxInt | Op::UnboxFloat, _) => {
                let fits = (*op == Op::BoxInt) == (ins.op == Op::UnboxInt);
                fits.then_some(Name::Of(*value))
            }
            (Object::Instance(instance), op, imm) => match (instance.shape, op, imm) {
                (Shape::Values { version, .. }, Op::GuardVersion, Imm::Int(wanted)) => {
                    (version == Some(wanted)).then_some(Name::Of(object))
                }
                (Shape::Values { values_at, .. }, Op::Load, Imm::Mem(mem)) => {
                    let is_there = mem.offset == values_at && mem.width == Width::Ptr;
                    is_there.then_some(Name::Values(object))
                }
                (Shape::Tuple { .. }, Op::GuardType, Imm::Kind(ObjKind::Tuple)) => itself,
                _ => None,
            },
            _ => None,
        }
    }

    fn push(&mut self, walk: &mut Walk, ins: Ins) -> InsRef {
        let at = self.tree.push_ins_at(ins, walk.site);
        walk.body.push(at);
        at
    }

    fn push_call(&mut self, walk: &mut Walk, helper: Helper, args: &[InsRef]) -> InsRef {
        self.push(walk, ins_with(Op::Call, args, Imm::Helper(helper)))
    }

    /// Adds an instruction that leaves, where an exit's snapshot is true, if there is no memory.
    fn push_leaving(&mut self, walk: &mut Walk, exit: &Exit, op: Op, args: &[InsRef]) -> InsRef {
        let snapshot = self.snapshot(&walk.state, exit.snapshot);
        let exit = self.tree.push_exit(Exit {
            snapshot,
            reason: ExitReason::Memory,
            hoisted_from: None,
            pinned: false,
            ..*exit
        });
        self.push(walk, Ins::plain(op, args, Some(exit)))
    }
}

/// The index of the attribute that a load or store of inline values is of.
fn attribute_index(ins: &Ins) -> Option<u16> {
    match ins.imm {
        Imm::Mem(mem) if mem.offset % 8 == 0 => u16::try_from(mem.offset / 8).ok(),
        _ => None,
    }
}

const fn kind_of(op: Op) -> ObjKind {
    match op {
        Op::BoxInt => ObjKind::Int,
        _ => ObjKind::Float,
    }
}

fn ins_with(op: Op, args: &[InsRef], imm: Imm) -> Ins {
    Ins {
        op,
        args: Args::new(args),
        imm,
        exit: None,
        ty: Ins::result(op, &imm),
    }
}
