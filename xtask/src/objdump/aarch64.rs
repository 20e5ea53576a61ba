//! AArch64.

use super::flow::{Facts, Holds, Machine, held, set};
use super::listing::Instruction;
use gimli::{AArch64, Register};
use std::collections::BTreeSet;

pub(super) struct Arm;

impl Machine for Arm {
    fn table(&self) -> &'static str {
        "x5"
    }

    fn return_address(&self) -> Register {
        AArch64::X30
    }

    fn is_call(&self, instruction: &Instruction<'_>) -> bool {
        matches!(instruction.mnemonic, "bl" | "blr")
    }

    fn indirect<'a>(&self, instruction: &Instruction<'a>) -> Option<&'a str> {
        matches!(instruction.mnemonic, "br" | "blr").then_some(instruction.operands)
    }

    /// The address in `tbz    w8, #3, 4b04ab <name+0xdb>`.
    fn jump_target<'a>(&self, instruction: &Instruction<'a>) -> Option<&'a str> {
        let mnemonic = instruction.mnemonic;
        let jumps = matches!(mnemonic, "b" | "cbz" | "cbnz" | "tbz" | "tbnz");
        let target = instruction.operands.split(" <").next()?;
        let target = target.rsplit(", ").next();
        target.filter(|_| jumps || mnemonic.starts_with("b."))
    }

    fn ends(&self, instruction: &Instruction<'_>) -> bool {
        matches!(instruction.mnemonic, "b" | "br" | "ret" | "brk" | "udf")
    }

    fn value(&self, operand: &str, facts: &Facts) -> BTreeSet<Holds> {
        let in_table = operand.starts_with('[') && {
            let mut registers = operand.split(['[', ',', ']', ' ']).map(wide);
            registers.any(|register| facts.contains(&(register, Holds::Table)))
        };
        held(&wide(operand), facts)
            .chain(in_table.then_some(Holds::Entry))
            .collect()
    }

    fn step(&self, instruction: &Instruction<'_>, before: &Facts) -> Facts {
        let mut after = before.clone();
        let operands = operands(instruction.operands);
        let value = |operand: &str| self.value(operand, before);
        match (instruction.mnemonic, &operands[..]) {
            ("bl" | "blr", _) => after.retain(|(place, _)| !is_caller_saved(place)),
            ("cmp" | "cmn" | "tst" | "ccmp" | "fcmp" | "nop", _) => {}
            ("stp", &[first, second, slot]) => {
                set(slot, value(first), &mut after);
                set(&next_slot(slot), value(second), &mut after);
            }
            ("ldp", &[first, second, slot, ..]) => {
                set(&wide(first), value(slot), &mut after);
                set(&wide(second), value(&next_slot(slot)), &mut after);
            }
            ("str" | "stur", &[source, slot, ..]) => set(slot, value(source), &mut after),
            (mnemonic, _) if mnemonic.starts_with("st") => {}
            ("mov" | "add" | "csel" | "ldr" | "ldur", [destination, sources @ ..]) => {
                let new: Vec<_> = sources.iter().copied().flat_map(value).collect();
                set(&wide(destination), new, &mut after);
            }
            (_, [destination, ..]) => set(&wide(destination), [], &mut after),
            (_, []) => {}
        }
        after
    }
}

/// A call may change the registers below `x19`, and has changed the link register.
fn is_caller_saved(place: &str) -> bool {
    let number = place
        .strip_prefix('x')
        .and_then(|number| number.parse().ok());
    number.is_some_and(|number: u8| number < 19 || number == 30)
}

/// The operands, split at commas outside of brackets.
fn operands(text: &str) -> Vec<&str> {
    let mut inside = false;
    let parts = text.split(|c| {
        inside = (inside || c == '[') && c != ']';
        c == ',' && !inside
    });
    parts
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

/// The eight bytes after `[sp, #16]`.
fn next_slot(slot: &str) -> String {
    let inside = slot.trim_start_matches('[').trim_end_matches([']', '!']);
    let (base, offset) = inside.split_once(", #").unwrap_or((inside, "0"));
    let offset: i64 = offset.parse().unwrap_or_default();
    format!("[{base}, #{}]", offset + 8)
}

/// The 64-bit register that a name of any width belongs to, and other places as they are.
fn wide(place: &str) -> String {
    match place.strip_prefix('w') {
        Some(number) => format!("x{number}"),
        None => place.to_owned(),
    }
}
