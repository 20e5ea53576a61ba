use super::*;

#[test]
fn iteration_pairs_each_value_with_its_row() {
    let counters = Counters {
        trace_entries: 7,
        handovers: 2,
        ..Counters::default()
    };
    let value = |name| {
        counters
            .iter()
            .find(|(info, _)| info.name == name)
            .map(|(_, v)| v)
    };
    assert_eq!(value("trace_entries"), Some(7));
    assert_eq!(value("handovers"), Some(2));
    assert_eq!(value("compile_ns"), Some(0));
    assert_eq!(counters.iter().count(), Counters::INFO.len());
}

#[test]
fn text_is_aligned_and_json_is_an_object() {
    let counters = Counters {
        trees_freed: 3,
        ..Counters::default()
    };
    let text = counters.text();
    assert!(text.contains("trees_freed"));
    assert!(text.lines().all(|line| line.contains("  ")));
    let json = counters.json();
    assert!(json.starts_with('{') && json.ends_with('}'));
    assert!(json.contains("\"trees_freed\": 3"));
}

#[test]
fn docs_are_sentences() {
    assert!(Counters::INFO.iter().all(|info| info.doc.ends_with('.')));
    assert_eq!(
        Counters::markdown().lines().count(),
        Counters::INFO.len() + 2
    );
}
