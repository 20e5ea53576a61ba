//! Trees with a budget: a spare local holds a number, ops count it down, and the tree leaves when it
//! reaches zero.
//!
//! Counting polls makes any tree end, without another thread that sets the eval breaker. Counting
//! all ops that have an exit is, in trace IR, what the code generator's stress mode does.

use super::generate::{DEPTH, LOCALS};
use pyrt_spec::ExitReason;
use pyrt_trace::eval::{Frame, Value};
use pyrt_trace::{
    Args, End, Exit, ExitId, Imm, Ins, InsRef, Op, Place, ReadAs, SnapshotId, TraceTree, Type,
};
use std::collections::HashMap;
use std::mem;

/// The spare local, after the generator's.
pub const SPARE: u16 = LOCALS;

/// Which ops count.
#[derive(Clone, Copy, PartialEq)]
pub enum Count {
    Polls,
    Exits,
}

/// Moves the value stack up by one slot, so that there is a spare local below it.
pub fn add_spare_local(tree: &mut TraceTree) {
    tree.locals += 1;
    let up = |slot: &mut u16| *slot += u16::from(*slot >= SPARE);
    let move_place = |place: &mut Place| match place {
        Place::Slot(slot) | Place::RangeIndex(slot) => up(slot),
    };
    tree.params
        .iter_mut()
        .filter_map(|param| param.place.as_mut())
        .for_each(move_place);
    for ins in &mut tree.ins {
        if let Imm::Slot(slot) = &mut ins.imm {
            up(slot);
        }
    }
    let frames = tree
        .snapshots
        .iter_mut()
        .flat_map(|snapshot| &mut snapshot.frames);
    for write in frames.flat_map(|frame| &mut frame.writes) {
        move_place(&mut write.place);
    }
}

/// The same for a frame, with the budget in the spare local.
pub fn with_budget(frame: &Frame, budget: u32) -> Frame {
    let mut frame = frame.clone();
    assert_eq!(frame.slots.len(), usize::from(LOCALS + DEPTH));
    frame
        .slots
        .insert(usize::from(SPARE), Value::Int(budget.into()));
    frame
}

/// Makes a tree with a spare local count. Returns, for the exits that this added, whose they stand for.
pub fn meter(tree: &mut TraceTree, count: Count) -> HashMap<ExitId, ExitId> {
    let before = tree.entry.len();
    let param = tree
        .widen(Place::Slot(SPARE), ReadAs::Int)
        .expect("the place exists");
    let rest = mem::take(&mut tree.entry);
    let step = tree.push_ins(Ins::int(-1));
    let mut meter = Meter {
        budget: tree.initial[param],
        list: rest[before..].to_vec(),
        at_exit: HashMap::new(),
        forced: HashMap::new(),
        tree,
        step,
        count,
    };
    meter.list.push(step);
    meter.list(&rest[..before]);
    meter.tree.entry = mem::take(&mut meter.list);
    meter.tree.initial[param] = meter.budget;
    for index in 0..meter.tree.traces.len() {
        meter.trace(index, param);
    }
    meter.forced
}

struct Meter<'a> {
    tree: &'a mut TraceTree,
    step: InsRef,
    count: Count,
    budget: InsRef,
    list: Vec<InsRef>,
    at_exit: HashMap<ExitId, InsRef>,
    forced: HashMap<ExitId, ExitId>,
}

impl Meter<'_> {
    fn trace(&mut self, index: usize, param: usize) {
        let parent = self.tree.traces[index].parent;
        self.budget = match parent {
            None => self.tree.params[param].value,
            Some(exit) => self.at_exit[&exit],
        };
        let body = mem::take(&mut self.tree.traces[index].body);
        self.list(&body);
        let budget = self.budget;
        let trace = &mut self.tree.traces[index];
        trace.body = mem::take(&mut self.list);
        match &mut trace.end {
            End::Jump(values) => values[param] = budget,
            End::Exit(exit) => {
                self.at_exit.insert(*exit, budget);
            }
        }
    }

    fn list(&mut self, list: &[InsRef]) {
        for &at in list {
            let ins = *self.tree.at(at);
            if let Some(exit) = ins.exit {
                if self.count == Count::Exits || ins.op == Op::Poll {
                    self.step(exit);
                }
                self.at_exit.insert(exit, self.budget);
            }
            self.list.push(at);
        }
    }

    fn step(&mut self, exit: ExitId) {
        let snapshot = self.tree.exit(exit).snapshot;
        assert!(snapshot != SnapshotId::ENTRY || self.count == Count::Exits);
        let forced = self.tree.push_exit(Exit::new(snapshot, ExitReason::Branch));
        self.forced.insert(forced, exit);
        let less = self.push(
            Op::AddWrap,
            &[self.budget, self.step],
            None,
            Some(Type::I64),
        );
        let left = self.push(Op::I64IsTrue, &[less], None, Some(Type::Bool));
        self.push(Op::GuardTrue, &[left], Some(forced), None);
        self.budget = less;
    }

    fn push(&mut self, op: Op, args: &[InsRef], exit: Option<ExitId>, ty: Option<Type>) -> InsRef {
        let args = Args::new(args);
        let imm = Imm::None;
        let value = self.tree.push_ins(Ins {
            op,
            args,
            imm,
            exit,
            ty,
        });
        self.list.push(value);
        value
    }
}
