//! Shells: memory that virtual instances are in.
//!
//! What the header carries of an instance is its attributes, but the frame's memory has an object. Nobody else knows that
//! object, so while the trace runs it may be out of date: it is the *shell* of the instance. Exits, and whatever makes the
//! instance, put the attributes into the shell, which is the object then. Where the instance dies, and another one of its class
//! has no memory yet, that one takes over the shell, as it might have taken over the memory that CPython frees there.
//!
//! An instance that is stored to the frame gets a shell if it is going to be carried. Before anything may look at the frame,
//! shells are filled.

use super::state::{Instance, Object, Seen, State};
use super::{Need, Virtuals, Walk};
use crate::ids::InsRef;
use crate::tree::{Imm, Ins};
use std::rc::Rc;

/// The instances that are in shells, in no particular order.
pub(super) fn in_shells(state: &State) -> impl Iterator<Item = InsRef> + '_ {
    let has_shell = |object: &Object| matches!(object, Object::Instance(instance) if instance.shell.is_some());
    let objects = state.iter().filter(move |(_, object)| has_shell(object));
    objects.map(|(object, _)| *object)
}

pub(super) fn give_shell(walk: &mut Walk, object: InsRef, shell: InsRef) {
    if let Some(Object::Instance(instance)) = Rc::make_mut(&mut walk.state).get_mut(&object) {
        instance.shell = Some(shell);
    }
}

impl Virtuals<'_> {
    /// Asks for all that is in shells to be there.
    pub(super) fn empty_shells(&self, state: &State) -> Result<(), Need> {
        match in_shells(state).min() {
            Some(object) => Err(Need::Object(object)),
            None => Ok(()),
        }
    }

    /// The shell of an instance that is dead goes to another one without; `None` if there is none.
    pub(super) fn pass_shell(&self, walk: &mut Walk, dead: &Instance) -> Option<()> {
        let wants = |object: &Object| match object {
            Object::Instance(heir) => {
                heir.shell.is_none() && self.class_of(heir) == self.class_of(dead)
            }
            _ => false,
        };
        let objects = walk.state.iter().filter(|(_, object)| wants(object));
        let heir = objects.map(|(object, _)| *object).max()?;
        give_shell(walk, heir, dead.shell?);
        Some(())
    }

    /// The class of an instance, if that is a constant.
    pub(super) fn class_of(&self, instance: &Instance) -> Option<u64> {
        match self.tree.at(instance.class).imm {
            Imm::Const(id) => Some(self.tree.consts[id.index()].addr),
            _ => None,
        }
    }

    /// Stores the shell of an instance that stays virtual to the frame; false if it is none.
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
                ins.args.as_mut_slice()[1] = shell;
                self.tree.ins[at.index()] = ins;
                walk.body.push(at);
                Ok(true)
            }
            // Where the walk only looks for what jumps pass, nothing is stored.
            None if self.passed.is_some() && walk.comes_back => Ok(true),
            None if walk.comes_back && self.may_be_carried(instance) => Err(Need::Shell(object)),
            None => Ok(false),
        }
    }
}
