//! `cargo xtask objdump-check`: tier 1's handlers dispatch by jumps.
//!
//! A handler ends in a sibling call through the dispatch table. The compiler turns it into a jump
//! only if it sees no reason against that, and a change elsewhere can give it one; the C stack
//! would then grow with every bytecode. So the executable's code is read: within each handler, a
//! register that came out of the table may be jumped through but not called, and the handler has
//! at least one indirect jump.
//!
//! "Came out of the table" is decided by one pass over the instructions in order. That ignores
//! branches, which is enough for code whose table register is an argument that nobody reassigns.

use crate::report::Tally;
use crate::{Result, interpreters, workspace};
use std::collections::BTreeSet;
use std::process::Command;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    interpreters: interpreters::Args,
    /// A function is a handler if its name contains all of these.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "pyrt::interp::handlers::op_"
    )]
    symbols: Vec<String>,
    /// The register that holds the dispatch table when a handler is entered.
    #[arg(long, default_value = "r9")]
    table: String,
    /// Handlers that may end otherwise, because they leave the interpreter.
    #[arg(long, value_delimiter = ',')]
    exempt: Vec<String>,
}

/// A function in a disassembly.
#[derive(Debug, PartialEq, Eq)]
struct Function<'a> {
    name: &'a str,
    instructions: Vec<Instruction<'a>>,
}

/// One instruction in AT&T syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Instruction<'a> {
    address: &'a str,
    mnemonic: &'a str,
    operands: &'a str,
}

pub(crate) fn run(args: &Args) -> Result<Tally> {
    let pyrt = args.interpreters.find()?.pyrt;
    let mut objdump = Command::new("objdump");
    objdump
        .args(["--disassemble", "--no-show-raw-insn", "--demangle"])
        .arg(&pyrt);
    let text = workspace::output_of(&mut objdump)?;
    let functions = parse(&text);
    let handlers: Vec<_> = functions
        .iter()
        .filter(|function| args.symbols.iter().all(|part| function.name.contains(part)))
        .collect();
    if handlers.is_empty() {
        return Err(format!(
            "{}: no function is named like {:?}",
            pyrt.display(),
            args.symbols
        )
        .into());
    }
    let mut tally = Tally::default();
    for handler in handlers {
        let exempt = args.exempt.iter().any(|part| handler.name.contains(part));
        let complaint = complaint(handler, &args.table).filter(|_| !exempt);
        tally += Tally::of(complaint.is_none());
        if let Some(complaint) = complaint {
            println!("{}: {complaint}", handler.name);
        }
    }
    Ok(tally)
}

/// The functions of objdump's output.
fn parse(text: &str) -> Vec<Function<'_>> {
    let mut functions: Vec<Function<'_>> = Vec::new();
    for line in text.lines() {
        if let Some(name) = heading(line) {
            functions.push(Function {
                name,
                instructions: Vec::new(),
            });
        } else if let (Some(function), Some(instruction)) =
            (functions.last_mut(), instruction(line))
        {
            function.instructions.push(instruction);
        }
    }
    functions
}

/// The name in `0000000000401000 <name>:`.
fn heading(line: &str) -> Option<&str> {
    let (address, name) = line.strip_suffix(">:")?.split_once(" <")?;
    address
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then_some(name)
}

/// The parts of `  401000: mov    (%r9,%rax,8),%rax`, where a tab follows the colon.
fn instruction(line: &str) -> Option<Instruction<'_>> {
    let (address, code) = line.split_once(":\t")?;
    let code = code.trim().trim_start_matches("notrack ");
    let (mnemonic, operands) = code.split_once(char::is_whitespace).unwrap_or((code, ""));
    let operands = operands.split('#').next().unwrap_or("").trim();
    Some(Instruction {
        address: address.trim(),
        mnemonic,
        operands,
    })
}

/// What is wrong with a handler, if anything.
fn complaint(function: &Function<'_>, table: &str) -> Option<String> {
    let mut derived = BTreeSet::from([wide(table)]);
    let mut jumps = false;
    for instruction in &function.instructions {
        let target = instruction.operands.strip_prefix('*');
        match (instruction.mnemonic, target) {
            ("call", Some(target)) if mentions(target, &derived) => {
                return Some(format!(
                    "calls through the dispatch table at {}",
                    instruction.address
                ));
            }
            ("jmp", Some(_)) => jumps = true,
            _ => follow(instruction, &mut derived),
        }
    }
    (!jumps).then(|| "has no indirect jump".to_owned())
}

/// Updates which registers hold the table or something read from it.
fn follow(instruction: &Instruction<'_>, derived: &mut BTreeSet<String>) {
    let Some((source, destination)) = split_operands(instruction.operands) else {
        return;
    };
    let Some(register) = destination.strip_prefix('%') else {
        return;
    };
    let moves = instruction.mnemonic.starts_with("mov") || instruction.mnemonic.starts_with("lea");
    if moves && mentions(source, derived) {
        derived.insert(wide(register));
    } else if moves {
        derived.remove(&wide(register));
    }
}

/// Splits at the last comma outside parentheses: AT&T syntax has the destination last.
fn split_operands(operands: &str) -> Option<(&str, &str)> {
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

/// Whether an operand reads one of the registers.
fn mentions(operand: &str, registers: &BTreeSet<String>) -> bool {
    operand.split('%').skip(1).any(|part| {
        let end = part
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(part.len());
        registers.contains(&wide(&part[..end]))
    })
}

/// The 64-bit register that a name of any width belongs to, for those whose names are regular.
fn wide(register: &str) -> String {
    let register = register.trim_start_matches('%');
    match register.strip_prefix('e') {
        Some(rest) => format!("r{rest}"),
        None if register.starts_with('r') && register.as_bytes()[1].is_ascii_digit() => {
            register.trim_end_matches(['d', 'w', 'b']).to_owned()
        }
        None => register.to_owned(),
    }
}

#[cfg(test)]
mod tests;
