//! Follows the dispatch table through a function.
//!
//! A forward analysis over the instructions: before each one, a set of facts "this place may hold
//! the table" or "… an entry read from it", places being registers and stack slots. Facts of all
//! predecessors are joined, until nothing changes. Functions are short, so neither blocks nor an
//! order matter; the cost is the number of instructions times the few facts there are.

use super::listing::{Function, Instruction};
use gimli::Register;
use std::collections::{BTreeMap, BTreeSet};

/// What a place may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    Table,
    Entry,
}

/// The facts before an instruction: registers by their 64-bit names, stack slots as written.
pub(super) type Facts = BTreeSet<(String, Holds)>;

/// What a processor's instructions mean, as far as the analysis asks.
pub(super) trait Machine {
    /// The register that holds the dispatch table when a handler is entered: the sixth argument.
    fn table(&self) -> &'static str;
    /// The register that unwind information has the return address in.
    fn return_address(&self) -> Register;
    /// Whether it is a call.
    fn is_call(&self, instruction: &Instruction<'_>) -> bool;
    /// Where a call or jump finds the address to which it goes.
    fn indirect<'a>(&self, instruction: &Instruction<'a>) -> Option<&'a str>;
    /// To which address it may jump.
    fn jump_target<'a>(&self, instruction: &Instruction<'a>) -> Option<&'a str>;
    /// Whether execution never goes on with the next instruction.
    fn ends(&self, instruction: &Instruction<'_>) -> bool;
    /// What an operand's value may be: that of its place, or an entry if it is read from the table.
    fn value(&self, operand: &str, facts: &Facts) -> BTreeSet<Holds>;
    /// The facts after an instruction.
    fn step(&self, instruction: &Instruction<'_>, before: &Facts) -> Facts;
}

/// How a function uses the table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dispatch<'a> {
    /// How many jumps go to an entry.
    pub(super) jumps: usize,
    /// Where entries are called instead.
    pub(super) calls: Vec<&'a str>,
}

/// Finds the uses of the table that a function is given.
pub(super) fn dispatch<'a>(function: &Function<'a>, machine: &dyn Machine) -> Dispatch<'a> {
    let mut dispatch = Dispatch::default();
    for (instruction, facts) in function.instructions.iter().zip(facts(function, machine)) {
        let target = machine.indirect(instruction);
        if target.is_some_and(|target| machine.value(target, &facts).contains(&Holds::Entry)) {
            match machine.is_call(instruction) {
                true => dispatch.calls.push(instruction.address),
                false => dispatch.jumps += 1,
            }
        }
    }
    dispatch
}

/// The facts before each instruction.
fn facts(function: &Function<'_>, machine: &dyn Machine) -> Vec<Facts> {
    let instructions = &function.instructions;
    let index: BTreeMap<_, _> = instructions.iter().map(|i| i.address).zip(0..).collect();
    let mut before = vec![Facts::new(); instructions.len()];
    let mut pending = vec![(0, Facts::from([(machine.table().to_owned(), Holds::Table)]))];
    let mut reached = vec![false; instructions.len()];
    while let Some((at, facts)) = pending.pop() {
        let known = before[at].len();
        before[at].extend(facts);
        if reached[at] && before[at].len() == known {
            continue;
        }
        reached[at] = true;
        let instruction = &instructions[at];
        let after = machine.step(instruction, &before[at]);
        let goes_on = !machine.ends(instruction) && at + 1 < instructions.len();
        let target = machine.jump_target(instruction);
        let target = target.and_then(|target| index.get(target).copied());
        let next = goes_on.then_some(at + 1).into_iter().chain(target);
        pending.extend(next.map(|successor| (successor, after.clone())));
    }
    before
}

/// Makes a place hold something else.
pub(super) fn set(place: &str, new: impl IntoIterator<Item = Holds>, facts: &mut Facts) {
    facts.retain(|(known, _)| known != place);
    facts.extend(new.into_iter().map(|holds| (place.to_owned(), holds)));
}

/// What a place may hold.
pub(super) fn held(place: &str, facts: &Facts) -> impl Iterator<Item = Holds> {
    let of_place = facts.iter().filter(move |(known, _)| known == place);
    of_place.map(|(_, holds)| *holds)
}

#[cfg(test)]
mod tests;
