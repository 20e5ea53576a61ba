//! Deaths of virtual objects: what they hold is given up where they would have been.

use super::state::{Instance, Object, Seen, Shape, State, references};
use super::{Need, Virtuals, Walk, ins_with};
use crate::ids::{InsRef, SnapshotId};
use crate::kinds::Kinds;
use crate::ops::Op;
use crate::tree::{Exit, Imm, Ins};
use crate::types::ObjKind;
use std::rc::Rc;

/// What goes with a virtual object.
#[derive(Default)]
struct Death {
    /// References that it had, to objects that are there.
    lost: Vec<InsRef>,
    /// The objects that are gone, with itself.
    gone: Vec<Shape>,
    /// Those of them that had a shell.
    shells: Vec<Instance>,
}

impl Virtuals<'_> {
    /// Gives up a reference to a virtual object.
    pub(super) fn release(
        &mut self,
        walk: &mut Walk,
        object: InsRef,
        ins: &Ins,
    ) -> Result<(), Need> {
        let before = walk.state.clone();
        let mut death = Death::default();
        self.lose(walk, object, &mut death);
        for instance in &death.shells {
            self.pass_shell(walk, instance)
                .ok_or(Need::Object(object))?;
        }
        if death.lost.is_empty() {
            self.count_gone(walk, &death.gone);
            return Ok(());
        }
        let kinds = Kinds::new(self.tree);
        let is_leaf = |value: &InsRef| {
            let kind = kinds.of(self.tree, *value);
            matches!(kind, Some(ObjKind::Int | ObjKind::Float | ObjKind::Str))
        };
        let (leaves, others): (Vec<_>, Vec<_>) = death.lost.into_iter().partition(is_leaf);
        let exit = ins.exit.and_then(|exit| self.exits[exit.index()]);
        match (&others[..], exit) {
            ([], _) => self.count_gone(walk, &death.gone),
            (lost, Some(exit)) if self.gives_up(&before, &exit, object) => {
                self.count_gone(walk, &death.gone);
                self.release_after(walk, object, (&before, lost), &exit);
            }
            // Whoever leaves gives up the object.
            ([only], Some(exit)) => {
                let snapshot = self.snapshot(&before, exit.snapshot);
                self.push_release(walk, *only, exit, snapshot);
                self.count_gone(walk, &death.gone);
            }
            _ => return Err(Need::Object(object)),
        }
        for leaf in leaves {
            self.push(walk, Ins::plain(Op::ReleaseLeaf, &[leaf], None));
        }
        Ok(())
    }

    /// Whether an exit gives up a virtual object when all frames are as its snapshot says.
    fn gives_up(&self, state: &State, exit: &Exit, object: InsRef) -> bool {
        let mut pending = self.tree.snapshots[exit.snapshot.index()].pending.iter();
        pending.any(|value| self.is_object(state, *value, object))
    }

    /// Whether a value is this virtual object.
    fn is_object(&self, state: &State, value: InsRef, object: InsRef) -> bool {
        matches!(self.see(state, value), Seen::Virtual(seen) if seen == object)
    }

    /// Gives up what an object had that is dead; whoever leaves at one of them gives up those after it, too.
    fn release_after(
        &mut self,
        walk: &mut Walk,
        object: InsRef,
        (before, lost): (&State, &[InsRef]),
        exit: &Exit,
    ) {
        for (at, value) in lost.iter().enumerate() {
            let mut snapshot = self.tree.snapshots[exit.snapshot.index()].clone();
            let is_other = |value: &InsRef| !self.is_object(before, *value, object);
            snapshot.pending.retain(is_other);
            snapshot.pending.splice(0..0, lost[at..].iter().copied());
            let snapshot = self.rewritten(&walk.state, snapshot);
            let snapshot = self.tree.push_snapshot(snapshot);
            self.push_release(walk, *value, *exit, snapshot);
        }
    }

    fn push_release(&mut self, walk: &mut Walk, value: InsRef, exit: Exit, snapshot: SnapshotId) {
        let exit = self.tree.push_exit(Exit {
            snapshot,
            pinned: false,
            ..exit
        });
        self.push(walk, Ins::plain(Op::Release, &[value], Some(exit)));
    }

    fn count_gone(&mut self, walk: &mut Walk, gone: &[Shape]) {
        for shape in gone {
            let imm = Imm::Int(shape.counted_as());
            self.push(walk, ins_with(Op::CountGone, &[], imm));
        }
    }

    /// Gives up a reference to a virtual object. Adds what goes with it, in the order of the interpreter.
    fn lose(&self, walk: &mut Walk, object: InsRef, death: &mut Death) {
        if let Some(count) = references(walk, object) {
            *count -= 1;
            if *count > 0 {
                return;
            }
        }
        let Some(Object::Instance(instance)) = Rc::make_mut(&mut walk.state).remove(&object) else {
            return;
        };
        death.gone.push(instance.shape);
        if instance.shell.is_some() {
            death.shells.push(instance.clone());
        }
        let mut attributes = instance.attributes;
        attributes.sort_unstable_by_key(|(index, _)| *index);
        if matches!(instance.shape, Shape::Tuple { .. }) {
            attributes.reverse();
        }
        for (_, value) in attributes {
            match self.see(&walk.state, value) {
                Seen::Virtual(object) => self.lose(walk, object, death),
                Seen::Plain(value) => death.lost.push(value),
                Seen::Values(_) | Seen::Null(_) => {}
            }
        }
    }
}
