//! Shells: memory that virtual objects are in.
//!
//! What the header carries of an instance is its attributes, but the frame's memory has an object. Nobody else knows that
//! object, so while the trace runs it may be out of date: it is the *shell* of the instance. Exits, and whatever makes the
//! instance, put the attributes into the shell, which is the object then. Where the instance dies, and another one of its shape
//! has no memory yet, that one takes over the shell, as it might have taken over the memory that CPython frees there.
//!
//! A shell has references to the numbers in it, which nobody misses for a while. Those to other objects are the instance's: they
//! are given up when it dies.
//!
//! An object that is stored to the frame and is going to be carried gets a shell. Before anything may look at the frame, shells
//! are filled.

use super::state::{Instance, Object, Seen, Shape, Shell, State};
use super::{Need, Virtuals, Walk};
use crate::helpers::Helper;
use crate::ids::InsRef;
use crate::ops::Op;
use crate::tree::{Exit, Imm, Ins};
use std::rc::Rc;

/// The objects that are in shells, in no particular order.
pub(super) fn in_shells(state: &State) -> impl Iterator<Item = InsRef> + '_ {
    let has_shell =
        |object: &Object| matches!(object, Object::Instance(instance) if instance.shell.is_some());
    let objects = state.iter().filter(move |(_, object)| has_shell(object));
    objects.map(|(object, _)| *object)
}

fn give_shell(walk: &mut Walk, object: InsRef, shell: Shell) {
    if let Some(Object::Instance(instance)) = Rc::make_mut(&mut walk.state).get_mut(&object) {
        instance.shell = Some(shell);
    }
}

impl Virtuals<'_> {
    /// Asks for all that is in shells to be there.
    pub(super) fn fill_shells(&self, state: &State) -> Result<(), Need> {
        match in_shells(state).min() {
            Some(object) => Err(Need::Object(object)),
            None => Ok(()),
        }
    }

    /// The shell of an object that is dead goes to another one without; `None` if there is none.
    pub(super) fn pass_shell(&self, walk: &mut Walk, dead: &Instance) -> Option<()> {
        let wants = |object: &Object| match object {
            Object::Instance(heir) => heir.shell.is_none() && self.has_room_for(dead, heir),
            _ => false,
        };
        let objects = walk.state.iter().filter(|(_, object)| wants(object));
        let objects = objects.map(|(object, _)| *object);
        let heir = objects.max_by_key(|object| (self.will_be_carried(walk, *object), *object))?;
        give_shell(walk, heir, dead.shell?);
        Some(())
    }

    /// Whether the memory of an object would be that of another one, too.
    fn has_room_for(&self, one: &Instance, other: &Instance) -> bool {
        let size = |instance: &Instance| match instance.shape {
            Shape::Tuple { size, .. } => size,
            Shape::Values { .. } => 0,
        };
        let class = self.class_of(one);
        class.is_some() && class == self.class_of(other) && size(one) == size(other)
    }

    /// The class of an instance, if that is a constant.
    pub(super) fn class_of(&self, instance: &Instance) -> Option<u64> {
        match self.tree.at(instance.class).imm {
            Imm::Const(id) => Some(self.tree.consts[id.index()].addr),
            _ => None,
        }
    }

    /// Makes a shell for an object that has none, at a place where an exit's snapshot is true.
    pub(super) fn make_shell(&mut self, walk: &mut Walk, object: InsRef, exit: &Exit) {
        let Some(Object::Instance(instance)) = walk.state.get(&object).cloned() else {
            return;
        };
        let new = self.push_empty(walk, &instance);
        let shell = Shell {
            object: self.push_leaving(walk, exit, Op::GuardObj, &[new]),
            borrows: 0,
        };
        give_shell(walk, object, shell);
    }

    /// An object without attributes, in the memory of the shell if there is one; NULL when memory is out.
    pub(super) fn push_empty(&mut self, walk: &mut Walk, instance: &Instance) -> InsRef {
        if let Some(shell) = instance.shell {
            let borrows = self.push(walk, Ins::int(shell.borrows));
            return self.push_call(walk, Helper::Reuse, &[shell.object, borrows]);
        }
        let thread = self.push(walk, Ins::plain(Op::Thread, &[], None));
        match instance.shape {
            Shape::Values { .. } => {
                self.push_call(walk, Helper::MakeInstance, &[thread, instance.class])
            }
            Shape::Tuple { size, .. } => {
                let size = self.push(walk, Ins::int(size.into()));
                self.push_call(walk, Helper::MakeTuple, &[thread, size])
            }
        }
    }

    /// Stores the shell of an object that stays virtual to the frame; false if it is none.
    pub(super) fn store_shell(
        &mut self,
        walk: &mut Walk,
        at: InsRef,
        ins: &Ins,
    ) -> Result<bool, Need> {
        let Seen::Virtual(object) = self.see(&walk.state, ins.args[1]) else {
            return Ok(false);
        };
        let Some(Object::Instance(instance)) = walk.state.get(&object) else {
            return Ok(false);
        };
        match instance.shell {
            Some(shell) => {
                let mut ins = *ins;
                ins.args.as_mut_slice()[1] = shell.object;
                self.tree.ins[at.index()] = ins;
                walk.body.push(at);
                Ok(true)
            }
            // Where the walk only looks for what jumps pass, nothing is stored.
            None if self.passed.is_some() => Ok(!walk.passes.is_empty()),
            None if self.will_be_carried(walk, object) => Err(Need::Shell(object)),
            None => Ok(false),
        }
    }
}
