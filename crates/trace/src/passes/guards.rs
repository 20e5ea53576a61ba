//! Forward flow of facts: removes guards that earlier ones imply, decides comparisons, and drops
//! overflow checks.
//!
//! One forward walk that keeps, per path: the truth of conditions, the possible orders of compared
//! pairs, and an interval per integer. Passing a guard adds facts, and so does failing it, in the
//! side trace at its exit. Kinds of objects come from [`Kinds`], solved beforehand. A decided comparison
//! becomes a constant, for `fold` to use. Facts are undone by a log. Cost: linear.
//!
//! What moves out of the loop, with the loads after it that it makes safe, must not go because of something that stays: what
//! changes seldom is decided by what is known of values that change as seldom.

mod facts;
mod levels;

use super::fold::{set_constant, set_op};
use super::interval::Interval;
use super::walk::{Action, Visitor, walk};
use crate::ids::InsRef;
use crate::kinds::Kinds;
use crate::ops::Op;
use crate::semantics::Scalar;
use crate::tree::{Imm, Ins, TraceTree};
use facts::Facts;
use levels::{Level, Levels};

pub(super) fn run(tree: &mut TraceTree) {
    let mut guards = Guards {
        kinds: Kinds::new(tree),
        levels: Levels::new(tree),
        facts: Default::default(),
        sides: 0,
    };
    walk(tree, &mut guards);
}

struct Guards {
    kinds: Kinds,
    levels: Levels,
    /// What is known of values up to each level.
    facts: [Facts; levels::COUNT],
    /// How many side traces are around the instruction.
    sides: u32,
}

impl Visitor for Guards {
    fn visit(&mut self, tree: &mut TraceTree, at: InsRef) -> Action {
        let ins = *tree.at(at);
        match ins.op {
            Op::GuardTrue => self.guard(tree, &ins, true),
            Op::GuardFalse => self.guard(tree, &ins, false),
            Op::GuardType => self.guard_type(tree, &ins),
            Op::AddOvf | Op::SubOvf | Op::MulOvf => self.drop_check(tree, at, &ins),
            Op::AbsOvf if self.facts_for(at).interval(tree, ins.args[0]).lo >= 0 => {
                Action::Replace(ins.args[0])
            }
            Op::I64ToF64Exact => self.drop_exactness(tree, at, &ins),
            _ => match self.facts_for(at).decide(tree, &ins) {
                Some(truth) => set_constant(tree, at, Scalar::Bool(truth)),
                None => Action::Keep,
            },
        }
    }

    fn passed(&mut self, tree: &TraceTree, at: InsRef) {
        let ins = tree.at(at);
        let assumed = match ins.op {
            Op::GuardTrue => Some((ins.args[0], true)),
            Op::GuardFalse => Some((ins.args[0], false)),
            _ => None,
        };
        let level = self.level(assumed.map_or(at, |(condition, _)| condition));
        for facts in &mut self.facts[level..] {
            match assumed {
                Some((condition, truth)) => facts.assume(tree, condition, truth),
                None => facts.define(tree, at),
            }
        }
    }

    fn enter_side(&mut self, tree: &TraceTree, from: Option<InsRef>) {
        self.sides += 1;
        let facts = &mut self.facts[levels::ALWAYS];
        facts.push();
        let Some(ins) = from.map(|at| tree.at(at)) else {
            return;
        };
        match ins.op {
            Op::GuardTrue => facts.assume(tree, ins.args[0], false),
            Op::GuardFalse => facts.assume(tree, ins.args[0], true),
            _ => {}
        }
    }

    fn leave_side(&mut self) {
        self.facts[levels::ALWAYS].pop();
        self.sides -= 1;
    }
}

impl Guards {
    /// How often a value changes. Loads of side traces do not move.
    fn level(&self, value: InsRef) -> Level {
        match self.sides {
            0 => self.levels.of(value),
            _ => levels::ALWAYS,
        }
    }

    /// What may decide something about a value.
    fn facts_for(&self, value: InsRef) -> &Facts {
        &self.facts[self.level(value)]
    }

    fn guard(&self, tree: &TraceTree, ins: &Ins, wanted: bool) -> Action {
        match self.facts_for(ins.args[0]).truth(tree, ins.args[0]) {
            Some(truth) if truth == wanted => Action::Remove,
            Some(_) => Action::Leave,
            None => Action::Keep,
        }
    }

    /// A value that has the kind by its definition needs no guard.
    fn guard_type(&self, tree: &TraceTree, ins: &Ins) -> Action {
        match (self.kinds.of(tree, ins.args[0]), ins.imm) {
            (Some(known), Imm::Kind(kind)) if known == kind => Action::Replace(ins.args[0]),
            (Some(_), Imm::Kind(_)) => Action::Leave,
            _ => Action::Keep,
        }
    }

    fn drop_check(&self, tree: &mut TraceTree, at: InsRef, ins: &Ins) -> Action {
        let facts = self.facts_for(at);
        let [a, b] = [0, 1].map(|index| facts.interval(tree, ins.args[index]));
        if !Interval::fits(ins.op, a, b) {
            return Action::Keep;
        }
        let unchecked = match ins.op {
            Op::AddOvf => Op::AddWrap,
            Op::SubOvf => Op::SubWrap,
            _ => Op::MulWrap,
        };
        set_op(tree, at, unchecked, &ins.args)
    }

    fn drop_exactness(&self, tree: &mut TraceTree, at: InsRef, ins: &Ins) -> Action {
        let operand = self.facts_for(at).interval(tree, ins.args[0]);
        if operand.lo < -(1 << 53) || operand.hi > 1 << 53 {
            return Action::Keep;
        }
        set_op(tree, at, Op::I64ToF64, &ins.args)
    }
}
