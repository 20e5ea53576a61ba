//! Follows the dispatch table through a function.
//!
//! A forward analysis over the instructions: before each one, a set of facts "this place may hold
//! the table" or "… an entry read from it", places being registers and stack slots. Facts of all
//! predecessors are joined, until nothing changes. Functions are short, so neither blocks nor an
//! order matter; the cost is the number of instructions times the few facts there are.

use super::listing::{Function, Instruction};
use std::collections::{BTreeMap, BTreeSet};

/// What a place may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    Table,
    Entry,
}

/// The facts before an instruction: registers by their 64-bit names, stack slots as written.
type Facts = BTreeSet<(String, Holds)>;

/// How a function uses the table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dispatch<'a> {
    /// How many jumps go to an entry.
    pub(super) jumps: usize,
    /// Where entries are called instead.
    pub(super) calls: Vec<&'a str>,
}

/// A call may change these.
const CALLER_SAVED: [&str; 9] = ["rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11"];

/// Finds the uses of the table that is in register `table` when the function is entered.
pub(super) fn dispatch<'a>(function: &Function<'a>, table: &str) -> Dispatch<'a> {
    let mut dispatch = Dispatch::default();
    for (instruction, facts) in function.instructions.iter().zip(facts(function, table)) {
        let target = instruction.operands.strip_prefix('*');
        if target.is_some_and(|target| value(target, &facts).contains(&Holds::Entry)) {
            match instruction.mnemonic {
                "call" => dispatch.calls.push(instruction.address),
                _ => dispatch.jumps += 1,
            }
        }
    }
    dispatch
}

/// The facts before each instruction.
fn facts(function: &Function<'_>, table: &str) -> Vec<Facts> {
    let instructions = &function.instructions;
    let index: BTreeMap<_, _> = instructions.iter().map(|i| i.address).zip(0..).collect();
    let mut before = vec![Facts::new(); instructions.len()];
    let mut pending = vec![(0, Facts::from([(wide(table), Holds::Table)]))];
    let mut reached = vec![false; instructions.len()];
    while let Some((at, facts)) = pending.pop() {
        let known = before[at].len();
        before[at].extend(facts);
        if reached[at] && before[at].len() == known {
            continue;
        }
        reached[at] = true;
        let after = step(&instructions[at], &before[at]);
        let next = successors(instructions, at, &index);
        pending.extend(next.map(|successor| (successor, after.clone())));
    }
    before
}

/// Where execution may continue within the function.
fn successors<'a>(
    instructions: &'a [Instruction<'a>],
    at: usize,
    index: &'a BTreeMap<&str, usize>,
) -> impl Iterator<Item = usize> {
    let instruction = &instructions[at];
    let ends = matches!(instruction.mnemonic, "jmp" | "ret" | "ud2" | "int3" | "hlt");
    let next = (!ends && at + 1 < instructions.len()).then_some(at + 1);
    let target = instruction
        .jump_target()
        .and_then(|target| index.get(target).copied());
    next.into_iter().chain(target)
}

/// The facts after an instruction.
fn step(instruction: &Instruction<'_>, before: &Facts) -> Facts {
    let mut after = before.clone();
    let mnemonic = instruction.mnemonic;
    if mnemonic == "call" {
        after.retain(|(place, _)| !CALLER_SAVED.contains(&place.as_str()));
    } else if mnemonic == "pop" {
        forget(&place(instruction.operands), &mut after);
    } else if let Some((source, destination)) = instruction.source_and_destination()
        && !mnemonic.starts_with("cmp")
        && !mnemonic.starts_with("test")
    {
        let destination = place(destination);
        let new: BTreeSet<_> = match mnemonic {
            "lea" => address(source, before),
            "add" => [value(source, before), value(&destination, before)]
                .into_iter()
                .flatten()
                .collect(),
            _ if mnemonic.starts_with("mov") => value(source, before),
            _ => BTreeSet::new(),
        };
        forget(&destination, &mut after);
        after.extend(new.into_iter().map(|holds| (destination.clone(), holds)));
    }
    after
}

fn forget(place: &str, facts: &mut Facts) {
    facts.retain(|(known, _)| known != place);
}

/// What an operand's value may be: that of its place, or an entry if it is read from the table.
fn value(operand: &str, facts: &Facts) -> BTreeSet<Holds> {
    let place = place(operand);
    let of_place = facts
        .iter()
        .filter(|(known, _)| *known == place)
        .map(|(_, holds)| *holds);
    let in_table = operand.contains('(') && address(operand, facts).contains(&Holds::Table);
    of_place.chain(in_table.then_some(Holds::Entry)).collect()
}

/// What the registers in a memory operand may hold, when they hold the table.
fn address(operand: &str, facts: &Facts) -> BTreeSet<Holds> {
    let registers = operand
        .split_once('(')
        .map_or("", |(_, inside)| inside)
        .split([',', ')']);
    let mut tables = registers.filter(|name| name.starts_with('%')).map(wide);
    let table = tables.any(|register| facts.contains(&(register, Holds::Table)));
    table.then_some(Holds::Table).into_iter().collect()
}

/// The name of a place in facts.
fn place(operand: &str) -> String {
    if operand.contains('(') {
        operand.to_owned()
    } else {
        wide(operand)
    }
}

/// The 64-bit register that a name of any width belongs to, for those whose names are regular.
fn wide(register: &str) -> String {
    let register = register.trim_start_matches('%');
    match register.strip_prefix('e') {
        Some(rest) => format!("r{rest}"),
        None if register.starts_with('r')
            && register[1..].starts_with(|c: char| c.is_ascii_digit()) =>
        {
            register.trim_end_matches(['d', 'w', 'b']).to_owned()
        }
        None => register.to_owned(),
    }
}

#[cfg(test)]
mod tests;
