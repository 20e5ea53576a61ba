//! `cargo xtask objdump-check`: tier 1's handlers dispatch by jumps.
//!
//! A handler ends in a sibling call through the dispatch table. The compiler turns it into a jump
//! only if it sees no reason against that, and a change elsewhere can give it one; the C stack
//! would then grow with every bytecode. So the executable's code is read: what came out of the
//! table may be jumped to but not called, and enough functions have such a jump for the check to
//! have looked at the right ones.
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
    /// A function belongs to tier 1 if its name contains all of these.
    #[arg(long, value_delimiter = ',', default_value = "pyrt::interp::")]
    symbols: Vec<String>,
    /// The register that holds the dispatch table when a handler is entered.
    #[arg(long, default_value = "r9")]
    table: String,
    /// At least so many functions have to dispatch by a jump.
    #[arg(long, default_value_t = 100)]
    jumps: usize,
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
    let belongs = |name: &str| args.symbols.iter().all(|part| name.contains(part));
    let mut tally = Tally::default();
    let mut jumping = 0;
    for function in functions.iter().filter(|function| belongs(function.name)) {
        let dispatch = dispatch(function, &args.table);
        for address in &dispatch.calls {
            println!(
                "{}: calls through the dispatch table at {address}",
                function.name
            );
        }
        jumping += usize::from(dispatch.jumps > 0);
        tally += Tally::of(dispatch.calls.is_empty());
    }
    println!(
        "{jumping} of {} functions dispatch by a jump",
        tally.passed + tally.failed
    );
    tally += Tally::of(jumping >= args.jumps);
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

/// How a function uses what it reads from the table.
#[derive(Debug, Default, PartialEq, Eq)]
struct Dispatch<'a> {
    jumps: usize,
    /// Where it calls instead.
    calls: Vec<&'a str>,
}

fn dispatch<'a>(function: &Function<'a>, table: &str) -> Dispatch<'a> {
    let mut derived = BTreeSet::from([wide(table)]);
    let mut dispatch = Dispatch::default();
    for instruction in &function.instructions {
        let target = instruction.operands.strip_prefix('*');
        let through_table = target.is_some_and(|target| mentions(target, &derived));
        match instruction.mnemonic {
            "call" if through_table => dispatch.calls.push(instruction.address),
            "jmp" if through_table => dispatch.jumps += 1,
            _ => follow(instruction, &mut derived),
        }
    }
    dispatch
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
