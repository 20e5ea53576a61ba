//! How often values change, as far as `licm` and `carry` move what depends on them.

use crate::ids::InsRef;
use crate::ops::Effect;
use crate::tree::{End, TraceTree};

/// How often a value changes; a smaller number is less often.
pub(super) type Level = usize;

/// Never while the tree runs.
const NEVER: Level = 0;
/// In rounds of loops around this one.
const OUTSIDE: Level = 1;
/// In each round, or nothing moves.
pub(super) const ALWAYS: Level = 2;
/// How many levels there are.
pub(super) const COUNT: usize = 3;

/// The levels of the values of a tree.
pub(super) struct Levels(Vec<Level>);

impl Levels {
    pub(super) fn new(tree: &TraceTree) -> Levels {
        let mut levels = vec![ALWAYS; tree.ins.len()];
        let mut ends = tree.traces.iter().map(|trace| &trace.end);
        if !ends.any(|end| matches!(end, End::Jump(_))) {
            return Levels(levels);
        }
        for value in &tree.entry {
            levels[value.index()] = NEVER;
        }
        if let End::Jump(rounds) = &tree.traces[0].end {
            for (param, after) in tree.params.iter().zip(rounds) {
                if param.value == *after {
                    levels[param.value.index()] = OUTSIDE;
                }
            }
        }
        for at in &tree.traces[0].body {
            let ins = tree.at(*at);
            let operands = ins.args.iter().map(|arg| levels[arg.index()]).max();
            levels[at.index()] = match ins.op.effect() {
                Effect::Call => ALWAYS,
                _ => operands.unwrap_or(NEVER),
            };
        }
        Levels(levels)
    }

    pub(super) fn of(&self, value: InsRef) -> Level {
        self.0.get(value.index()).copied().unwrap_or(ALWAYS)
    }
}
