//! Reads the output of `objdump --disassemble --no-show-raw-insn`.

/// A function in a disassembly.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function<'a> {
    pub(super) name: &'a str,
    pub(super) instructions: Vec<Instruction<'a>>,
}

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instruction<'a> {
    pub(super) address: &'a str,
    pub(super) mnemonic: &'a str,
    pub(super) operands: &'a str,
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
    // Comments, of x86-64 and of AArch64.
    let operands = operands.split("# ").next().unwrap_or("");
    let operands = operands.split("//").next().unwrap_or("").trim();
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
        assert_eq!(load.operands, "(%r9,%rax,8),%rax");
        assert_eq!((ret.mnemonic, ret.operands), ("ret", ""));
    }

    #[test]
    fn comments_are_no_operands() {
        let operands = |line| instruction(line).unwrap().operands;
        let x86 = "  401000:\tlea    0x3(%rip),%rax        # 4b04ab <f>";
        assert_eq!(operands(x86), "0x3(%rip),%rax");
        let arm = "  401000:\tmov\tw0, #0x10                  \t// #16";
        assert_eq!(operands(arm), "w0, #0x10");
    }
}
