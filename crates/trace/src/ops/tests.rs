use super::*;

#[test]
fn names_are_unique_and_found_again() {
    for op in Op::ALL {
        assert_eq!(Op::from_name(op.name()), Some(*op));
        assert!(op.doc().ends_with('.') && op.args().len() <= crate::Args::MAX);
    }
    assert_eq!(Op::from_name("add"), None);
}

#[test]
fn effects_agree_with_results_and_exits() {
    for op in Op::ALL {
        match op.effect() {
            Effect::Guard => assert!(op.has_exit(), "{op}"),
            Effect::Pure => assert!(op.result().is_some(), "{op}"),
            Effect::Load => {
                let by_width = op.imm() == ImmKind::Mem;
                assert_eq!(op.result().is_some(), !by_width, "{op}");
            }
            Effect::Header | Effect::Control | Effect::Store | Effect::Call => {
                assert!(op.result().is_none(), "{op}");
            }
            Effect::Count => {}
        }
    }
}

#[test]
fn markdown_has_a_row_per_op() {
    let text = Op::markdown();
    assert_eq!(text.lines().count(), Op::ALL.len() + 2);
    assert!(text.contains("| `or_i64` | i64, i64 | i64 |  | a \\| b. |"));
}
