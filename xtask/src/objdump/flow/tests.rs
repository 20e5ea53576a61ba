use super::super::listing::parse;
use super::super::{aarch64::Arm, x86_64::X86};
use super::*;

/// The number of jumps through the table, and the addresses of calls, in code that starts at 10.
fn uses(code: &[&str]) -> (usize, Vec<String>) {
    uses_on(&X86, code)
}

fn uses_on(machine: &dyn Machine, code: &[&str]) -> (usize, Vec<String>) {
    let lines = code
        .iter()
        .enumerate()
        .map(|(i, line)| format!("  {}:\t{line}\n", 10 + i));
    let text = format!("0000000000000010 <f>:\n{}", lines.collect::<String>());
    let functions = parse(&text);
    let dispatch = dispatch(&functions[0], machine);
    (
        dispatch.jumps,
        dispatch
            .calls
            .iter()
            .map(|address| (*address).to_owned())
            .collect(),
    )
}

fn calls(addresses: &[&str]) -> (usize, Vec<String>) {
    (
        0,
        addresses
            .iter()
            .map(|address| (*address).to_owned())
            .collect(),
    )
}

#[test]
fn a_jump_is_right_and_other_calls_are_too() {
    let code = [
        "call   99 <g>",
        "call   *0x30(%rdi)",
        "mov    (%rbx,%rax,8),%rax",
        "jmp    *%rax",
    ];
    assert_eq!(
        uses(&code),
        (0, vec![]),
        "the call has clobbered r9, and rbx is not the table"
    );
    let code = [
        "movzbl 0x2(%rsi),%eax",
        "mov    (%r9,%rax,8),%rax",
        "jmp    *%rax",
    ];
    assert_eq!(uses(&code), (1, vec![]));
    assert_eq!(uses(&["jmp    *(%r9,%rax,8)"]), (1, vec![]));
}

#[test]
fn calls_through_the_table() {
    assert_eq!(uses(&["call   *0x18(%r9,%rcx,8)", "ret"]), calls(&["10"]));
    let code = [
        "mov    %r9,%rbx",
        "mov    (%rbx,%rax,8),%rax",
        "call   *%rax",
        "ret",
    ];
    assert_eq!(uses(&code), calls(&["12"]));
}

#[test]
fn the_table_survives_a_call_in_a_saved_register_or_on_the_stack() {
    let code = [
        "mov    %r9,%rbx",
        "call   99 <g>",
        "mov    %rbx,%r9",
        "jmp    *(%r9,%rax,8)",
    ];
    assert_eq!(uses(&code), (1, vec![]));
    let code = [
        "mov    %r9,0x8(%rsp)",
        "call   99 <g>",
        "mov    0x8(%rsp),%rcx",
        "mov    (%rcx,%rax,8),%rax",
        "jmp    *%rax",
    ];
    assert_eq!(uses(&code), (1, vec![]));
}

#[test]
fn what_an_object_points_to_is_no_entry() {
    let code = [
        "mov    (%r9,%rax,8),%rax",
        "mov    0x8(%rax),%rcx",
        "call   *0x30(%rcx)",
        "ret",
    ];
    assert_eq!(uses(&code), (0, vec![]));
}

#[test]
fn facts_follow_branches_not_lines() {
    let code = [
        "jne    13 <f+3>",
        "mov    (%r9,%rax,8),%rax",
        "jmp    *%rax",
        "call   *%rax",
        "ret",
    ];
    assert_eq!(
        uses(&code),
        (1, vec![]),
        "at 13, rax is what it was at the start"
    );
    let code = [
        "mov    (%r9,%rax,8),%rax",
        "jne    13 <f+3>",
        "jmp    *%rax",
        "call   *%rax",
        "ret",
    ];
    assert_eq!(uses(&code), (1, vec!["13".to_owned()]));
}

#[test]
fn loops_end() {
    let code = [
        "mov    %r9,%rbx",
        "add    %rbx,%rax",
        "jne    11 <f+1>",
        "jmp    *(%rax)",
    ];
    assert_eq!(uses(&code), (1, vec![]));
}

#[test]
fn jumps_and_calls_of_aarch64() {
    let uses = |code: &[&str]| uses_on(&Arm, code);
    let code = ["and\tx8, x8, #0xff", "ldr\tx6, [x5, x8, lsl #3]", "br\tx6"];
    assert_eq!(uses(&code), (1, vec![]));
    let code = [
        "mov\tx19, x5",
        "bl\t99 <g>",
        "add\tx8, x19, w0, uxtb #3",
        "ldr\tx8, [x8]",
        "blr\tx8",
        "ret",
    ];
    assert_eq!(uses(&code), calls(&["14"]));
    let code = ["bl\t99 <g>", "ldr\tx8, [x5, x8, lsl #3]", "br\tx8"];
    assert_eq!(uses(&code), (0, vec![]), "the call has clobbered x5");
}

#[test]
fn slots_and_branches_of_aarch64() {
    let uses = |code: &[&str]| uses_on(&Arm, code);
    let code = [
        "stp\tx4, x5, [sp, #16]",
        "bl\t99 <g>",
        "ldr\tx9, [sp, #24]",
        "ldr\tx8, [x9, w0, uxtw #3]",
        "br\tx8",
    ];
    assert_eq!(uses(&code), (1, vec![]));
    let code = [
        "tbz\tw0, #3, 13 <f+3>",
        "ldr\tx8, [x5, x8, lsl #3]",
        "br\tx8",
        "blr\tx8",
        "ret",
    ];
    assert_eq!(
        uses(&code),
        (1, vec![]),
        "at 13, x8 is what it was at the start"
    );
}
