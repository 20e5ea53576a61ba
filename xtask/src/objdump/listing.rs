//! Reads the output of `objdump --disassemble --no-show-raw-insn`.

/// A function in a disassembly.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function<'a> {
    pub(super) name: &'a str,
    pub(super) instructions: Vec<Instruction<'a>>,
}

/// One instruction in AT&T syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instruction<'a> {
    pub(super) address: &'a str,
    pub(super) mnemonic: &'a str,
    pub(super) operands: &'a str,
}

impl<'a> Instruction<'a> {
    /// Source and destination, split at the last comma outside parentheses.
    pub(super) fn source_and_destination(&self) -> Option<(&'a str, &'a str)> {
        let mut depth = 0;
        for (at, c) in self.operands.char_indices().rev() {
            match c {
                ')' => depth += 1,
                '(' => depth -= 1,
                ',' if depth == 0 => {
                    return Some((&self.operands[..at], self.operands[at + 1..].trim()));
                }
                _ => {}
            }
        }
        None
    }

    /// The address in `jne    4b04ab <name+0xdb>`.
    pub(super) fn jump_target(&self) -> Option<&'a str> {
        let target = self.operands.split(' ').next()?;
        (self.mnemonic.starts_with('j') && !target.starts_with('*')).then_some(target)
    }
}

/// The functions of a disassembly.
pub(super) fn parse(text: &str) -> Vec<Function<'_>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_and_instructions() {
        let text =
            "\n0000000000401000 <a::b>:\n  401000:\tmov    (%r9,%rax,8),%rax\n  401004:\tret\n";
        let functions = parse(text);
        assert_eq!(functions.len(), 1);
        assert_eq!(functions[0].name, "a::b");
        let [load, ret] = functions[0].instructions[..] else {
            panic!("two instructions")
        };
        assert_eq!((load.address, load.mnemonic), ("401000", "mov"));
        assert_eq!(
            load.source_and_destination(),
            Some(("(%r9,%rax,8)", "%rax"))
        );
        assert_eq!((ret.mnemonic, ret.source_and_destination()), ("ret", None));
    }

    #[test]
    fn jump_targets() {
        let target = |line| instruction(line).unwrap().jump_target();
        assert_eq!(target("  401000:\tjne    4b04ab <f+0xdb>"), Some("4b04ab"));
        assert_eq!(target("  401000:\tjmp    *%rax"), None);
        assert_eq!(target("  401000:\tcall   4b04ab <f>"), None);
    }
}
