//! Canonical numbering: the arena in textual order, without what no list mentions.
//!
//! Values and snapshots are renumbered, exits never are (unused ones become `None`). Linear in the
//! size of the tree. The printer prints this form, which makes `parse(print(t)) == t.compact()`.

use crate::ids::{ExitId, InsRef, SnapshotId};
use crate::tree::{End, TraceTree};

const UNMAPPED: u32 = u32::MAX;

impl TraceTree {
    /// The same tree in canonical numbering.
    pub fn compact(&self) -> TraceTree {
        let mut tree = self.clone();
        tree.drop_unused_exits();
        tree.renumber_snapshots();
        tree.renumber_values();
        tree
    }

    /// The exits that some instruction or trace refers to, indexed by exit.
    pub(crate) fn used_exits(&self) -> Vec<bool> {
        let mut used = vec![false; self.exits.len()];
        let mut mark = |exit: ExitId| {
            if let Some(used) = used.get_mut(exit.index()) {
                *used = true;
            }
        };
        let bodies = self.traces.iter().flat_map(|trace| &trace.body);
        for &ins in self.entry.iter().chain(bodies) {
            self.at(ins).exit.iter().for_each(|exit| mark(*exit));
        }
        for trace in &self.traces {
            trace.parent.iter().for_each(|exit| mark(*exit));
            if let End::Exit(exit) = trace.end {
                mark(exit);
            }
        }
        used
    }

    pub(crate) fn drop_unused_exits(&mut self) {
        let used = self.used_exits();
        for (exit, used) in self.exits.iter_mut().zip(used) {
            if !used {
                *exit = None;
            }
        }
    }

    fn renumber_snapshots(&mut self) {
        let mut used = vec![false; self.snapshots.len()];
        used[SnapshotId::ENTRY.index()] = true;
        self.exits
            .iter()
            .flatten()
            .for_each(|exit| used[exit.snapshot.index()] = true);
        let mut map = vec![UNMAPPED; used.len()];
        let mut next = 0;
        for (new, &used) in map.iter_mut().zip(&used) {
            if used {
                *new = next;
                next += 1;
            }
        }
        for exit in self.exits.iter_mut().flatten() {
            exit.snapshot = SnapshotId(map[exit.snapshot.index()]);
        }
        let mut keep = used.iter();
        self.snapshots
            .retain(|_| *keep.next().expect("one flag per snapshot"));
    }

    fn renumber_values(&mut self) {
        let mut map = vec![UNMAPPED; self.ins.len()];
        let mut order = Vec::with_capacity(self.ins.len());
        let params = self.params.iter().map(|param| param.value);
        let bodies = self
            .traces
            .iter()
            .flat_map(|trace| trace.body.iter().copied());
        let listed = params.chain(self.entry.iter().copied()).chain(bodies);
        // Broken trees also refer to values that no list mentions; those go last.
        let stray = self.snapshots.iter().flat_map(|snapshot| snapshot.values());
        for value in listed.chain(stray).collect::<Vec<_>>() {
            if map[value.index()] == UNMAPPED {
                map[value.index()] = InsRef::new(order.len()).0;
                order.push(self.ins[value.index()]);
            }
        }
        let mut at = 0;
        while at < order.len() {
            for &arg in order[at].args.clone().iter() {
                if map[arg.index()] == UNMAPPED {
                    map[arg.index()] = InsRef::new(order.len()).0;
                    order.push(self.ins[arg.index()]);
                }
            }
            at += 1;
        }
        self.ins = order;
        // The text does not have them.
        self.ins_sites.clear();
        self.for_each_use(|value| *value = InsRef(map[value.index()]));
        let listed = |value: &mut InsRef| *value = InsRef(map[value.index()]);
        self.params
            .iter_mut()
            .for_each(|param| listed(&mut param.value));
        self.entry.iter_mut().for_each(listed);
        self.traces
            .iter_mut()
            .flat_map(|trace| &mut trace.body)
            .for_each(listed);
    }

    /// Calls `f` on every use of a value: operands, initial values, jumps and snapshots.
    pub fn for_each_use(&mut self, mut f: impl FnMut(&mut InsRef)) {
        for ins in &mut self.ins {
            ins.args.as_mut_slice().iter_mut().for_each(&mut f);
        }
        self.initial.iter_mut().for_each(&mut f);
        for trace in &mut self.traces {
            if let End::Jump(values) = &mut trace.end {
                values.iter_mut().for_each(&mut f);
            }
        }
        for snapshot in &mut self.snapshots {
            snapshot.pending.iter_mut().for_each(&mut f);
            for made in &mut snapshot.virtuals {
                f(&mut made.value);
                f(&mut made.of);
                made.shell
                    .iter_mut()
                    .for_each(|memory| f(&mut memory.object));
                made.attributes.iter_mut().for_each(|(_, value)| f(value));
            }
            for frame in &mut snapshot.frames {
                frame.home.value_mut().into_iter().for_each(&mut f);
                frame
                    .writes
                    .iter_mut()
                    .filter_map(|write| write.value.as_mut())
                    .for_each(&mut f);
            }
        }
    }
}
