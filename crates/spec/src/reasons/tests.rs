use super::*;
use std::collections::HashSet;

#[test]
fn names_are_unique_and_found_again() {
    let names: HashSet<_> = AbortReason::ALL.iter().map(|r| r.name()).collect();
    assert_eq!(names.len(), AbortReason::ALL.len());
    for &reason in AbortReason::ALL {
        assert_eq!(AbortReason::from_name(reason.name()), Some(reason));
    }
    for &reason in ExitReason::ALL {
        assert_eq!(ExitReason::from_name(reason.name()), Some(reason));
    }
    assert_eq!(HandoverReason::from_name("nothing"), None);
}

#[test]
fn names_are_words_and_docs_are_sentences() {
    for &reason in ExitReason::ALL {
        assert!(
            reason
                .name()
                .chars()
                .all(|c| c.is_ascii_lowercase() || c == '-')
        );
        assert!(reason.doc().ends_with('.'));
    }
}

#[test]
fn markdown_has_a_row_per_reason() {
    let text = HandoverReason::markdown();
    assert_eq!(text.lines().count(), 2 + HandoverReason::ALL.len());
    assert!(text.contains("| `profiling` | A profile function is set. |"));
}
