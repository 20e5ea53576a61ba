//! Snapshots that refer to virtual objects say what is in them.

use super::Virtuals;
use super::shells::in_shells;
use super::state::{Object, Seen, State};
use crate::ids::{InsRef, SnapshotId};
use crate::tree::{Memory, Snapshot, VirtualObject};
use std::rc::Rc;

impl Virtuals<'_> {
    /// A snapshot as it is in some state.
    pub(super) fn snapshot(&mut self, state: &State, id: SnapshotId) -> SnapshotId {
        if let Some((known, then, new)) = &self.last
            && *known == id
            && Rc::ptr_eq(then, state)
        {
            return *new;
        }
        let is_same =
            |value: InsRef| matches!(self.see(state, value), Seen::Plain(seen) if seen == value);
        let old = &self.tree.snapshots[id.index()];
        let unchanged = old.values().all(is_same) && in_shells(state).next().is_none();
        let new = match unchanged {
            true => id,
            false => {
                let new = self.rewritten(state, old.clone());
                self.tree.push_snapshot(new)
            }
        };
        self.last = Some((id, state.clone(), new));
        new
    }

    pub(super) fn rewritten(&self, state: &State, mut snapshot: Snapshot) -> Snapshot {
        let mut virtuals = Vec::new();
        let values = snapshot.frames.iter_mut().flat_map(|frame| {
            let writes = frame.writes.iter_mut();
            let home = frame.home.value_mut().into_iter();
            home.chain(writes.filter_map(|write| write.value.as_mut()))
        });
        for value in values.chain(&mut snapshot.pending) {
            *value = self.in_snapshot(state, *value, &mut virtuals);
        }
        // Memory refers to shells even where the snapshot does not say so.
        let mut others: Vec<_> = in_shells(state).collect();
        others.sort_unstable();
        for object in others {
            self.in_snapshot(state, object, &mut virtuals);
        }
        snapshot.virtuals = virtuals;
        snapshot
    }

    /// What a snapshot has for a value; adds what has to be made for it.
    fn in_snapshot(
        &self,
        state: &State,
        value: InsRef,
        virtuals: &mut Vec<VirtualObject>,
    ) -> InsRef {
        let object = match self.see(state, value) {
            Seen::Plain(value) => return value,
            Seen::Virtual(object) => object,
            Seen::Values(_) | Seen::Null(_) => return value,
        };
        if virtuals.iter().any(|made| made.value == object) {
            return object;
        }
        let (of, mut attributes, shell) = match state.get(&object) {
            Some(Object::Number { value, .. }) => (*value, Vec::new(), None),
            Some(Object::Instance(instance)) => {
                let shell = instance.shell.map(|shell| Memory {
                    object: shell.object,
                    borrows: shell.borrows,
                    references: instance.references,
                });
                (instance.class, instance.attributes.clone(), shell)
            }
            Some(Object::Made { .. }) | None => return value,
        };
        for (_, value) in &mut attributes {
            *value = self.in_snapshot(state, *value, virtuals);
        }
        virtuals.push(VirtualObject {
            value: object,
            of,
            shell,
            attributes,
        });
        object
    }
}
