//! x86-64, in AT&T syntax.

use super::flow::{Facts, Holds, Machine, held, set};
use super::listing::Instruction;
use gimli::{Register, X86_64};
use std::collections::BTreeSet;

pub(super) struct X86;

/// A call may change these.
const CALLER_SAVED: [&str; 9] = ["rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11"];

impl Machine for X86 {
    fn table(&self) -> &'static str {
        "r9"
    }

    fn return_address(&self) -> Register {
        X86_64::RA
    }

    fn is_call(&self, instruction: &Instruction<'_>) -> bool {
        instruction.mnemonic == "call"
    }

    fn indirect<'a>(&self, instruction: &Instruction<'a>) -> Option<&'a str> {
        instruction.operands.strip_prefix('*')
    }

    /// The address in `jne    4b04ab <name+0xdb>`.
    fn jump_target<'a>(&self, instruction: &Instruction<'a>) -> Option<&'a str> {
        let target = instruction.operands.split(' ').next()?;
        let direct = instruction.mnemonic.starts_with('j') && !target.starts_with('*');
        direct.then_some(target)
    }

    fn ends(&self, instruction: &Instruction<'_>) -> bool {
        matches!(instruction.mnemonic, "jmp" | "ret" | "ud2" | "int3" | "hlt")
    }

    fn value(&self, operand: &str, facts: &Facts) -> BTreeSet<Holds> {
        let place = place(operand);
        let in_table = operand.contains('(') && address(operand, facts).contains(&Holds::Table);
        held(&place, facts)
            .chain(in_table.then_some(Holds::Entry))
            .collect()
    }

    fn step(&self, instruction: &Instruction<'_>, before: &Facts) -> Facts {
        let mut after = before.clone();
        let mnemonic = instruction.mnemonic;
        if mnemonic == "call" {
            after.retain(|(place, _)| !CALLER_SAVED.contains(&place.as_str()));
        } else if mnemonic == "pop" {
            set(&place(instruction.operands), [], &mut after);
        } else if let Some((source, destination)) = source_and_destination(instruction.operands)
            && !mnemonic.starts_with("cmp")
            && !mnemonic.starts_with("test")
        {
            let destination = place(destination);
            let new: BTreeSet<_> = match mnemonic {
                "lea" => address(source, before),
                "add" => [self.value(source, before), self.value(&destination, before)]
                    .into_iter()
                    .flatten()
                    .collect(),
                _ if mnemonic.starts_with("mov") => self.value(source, before),
                _ => BTreeSet::new(),
            };
            set(&destination, new, &mut after);
        }
        after
    }
}

/// Source and destination, split at the last comma outside parentheses.
fn source_and_destination(operands: &str) -> Option<(&str, &str)> {
    let mut depth = 0;
    for (at, c) in operands.char_indices().rev() {
        match c {
            ')' => depth += 1,
            '(' => depth -= 1,
            ',' if depth == 0 => return Some((&operands[..at], operands[at + 1..].trim())),
            _ => {}
        }
    }
    None
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
mod tests {
    use super::super::listing::parse;
    use super::*;

    #[test]
    fn operands_are_split_outside_of_parentheses() {
        assert_eq!(
            source_and_destination("(%r9,%rax,8),%rax"),
            Some(("(%r9,%rax,8)", "%rax"))
        );
        assert_eq!(source_and_destination(""), None);
    }

    #[test]
    fn jump_targets() {
        let target = |line: &str| {
            let text = format!("0000000000401000 <f>:\n{line}\n");
            let instruction = parse(&text)[0].instructions[0];
            X86.jump_target(&instruction).map(str::to_owned)
        };
        let jump = target("  401000:\tjne    4b04ab <f+0xdb>");
        assert_eq!(jump.as_deref(), Some("4b04ab"));
        assert_eq!(target("  401000:\tjmp    *%rax"), None);
        assert_eq!(target("  401000:\tcall   4b04ab <f>"), None);
    }

    #[test]
    fn register_names_of_all_widths() {
        assert_eq!(
            ["r9", "%r9d", "eax", "rax", "r10b"].map(wide),
            ["r9", "r9", "rax", "rax", "r10"]
        );
    }
}
