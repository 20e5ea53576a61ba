use super::*;

const JUMPS: &str = "
0000000000401000 <pyrt::interp::handlers::op_nop>:
  401000:\tmovzbl 0x2(%rsi),%eax
  401004:\tmov    (%r9,%rax,8),%rax
  401008:\tcall   402000 <_Py_Dealloc>
  40100d:\tcall   *0x30(%rdi)
  401010:\tjmp    *%rax
";

const CALLS: &str = "
0000000000401000 <pyrt::interp::handlers::op_nop>:
  401000:\tmov    %r9,%rbx
  401004:\tmov    (%rbx,%rax,8),%rax
  401008:\tcall   *%rax
  40100a:\tret
";

fn verdict(text: &str) -> (usize, Vec<&str>) {
    let dispatch = dispatch(&parse(text)[0], "r9");
    (dispatch.jumps, dispatch.calls)
}

#[test]
fn functions_and_instructions() {
    let functions = parse(JUMPS);
    assert_eq!(functions.len(), 1);
    assert_eq!(functions[0].name, "pyrt::interp::handlers::op_nop");
    let load = functions[0].instructions[1];
    assert_eq!(
        (load.address, load.mnemonic, load.operands),
        ("401004", "mov", "(%r9,%rax,8),%rax")
    );
}

#[test]
fn a_jump_is_right_and_other_calls_are_too() {
    assert_eq!(verdict(JUMPS), (1, vec![]));
}

#[test]
fn a_call_of_what_was_read_from_the_table() {
    assert_eq!(verdict(CALLS), (0, vec!["401008"]));
}

#[test]
fn a_call_through_the_table_in_memory() {
    let text = "0000000000401000 <f>:\n  401000:\tcall   *0x18(%r9,%rcx,8)\n";
    assert_eq!(verdict(text), (0, vec!["401000"]));
}

#[test]
fn other_jumps_do_not_count() {
    let text = "0000000000401000 <f>:\n  401000:\tjmp    402000 <g>\n  401004:\tjmp    *%rax\n";
    assert_eq!(verdict(text), (0, vec![]));
}

#[test]
fn an_overwritten_register_is_the_tables_no_more() {
    let text = "0000000000401000 <f>:\n  401000:\tmov    (%r9,%rax,8),%rax\n  401004:\tmov    0x8(%rdi),%rax\n  \
                401008:\tcall   *%rax\n  40100a:\tjmp    *(%r9,%rcx,8)\n";
    assert_eq!(verdict(text), (1, vec![]));
}

#[test]
fn register_names_of_all_widths() {
    assert_eq!(
        ["r9", "%r9d", "eax", "rax", "r10b"].map(wide),
        ["r9", "r9", "rax", "rax", "r10"]
    );
}
