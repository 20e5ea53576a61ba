use crate::parse;

const GOOD: &str = "tree \"f\" locals 1 {
header(v0: i64 @0)
entry:
  v1: obj = load_slot @0 ! x0 ; a comment
  v3: obj = guard_type v1, int ! x0
  v2: i64 = unbox_int v3 ! x0
  enter(v2)
trace 0:
  jump(v0)
snapshots:
  s0: ip 0 depth 0 {}
exits:
  x0: s0 type
}";

#[test]
fn good_text_is_read() {
    let tree = parse(GOOD).unwrap();
    assert_eq!(
        (tree.entry.len(), tree.params.len(), tree.traces.len()),
        (3, 1, 1)
    );
}

#[test]
fn errors_have_a_line_a_column_and_a_reason() {
    let cases = [
        (
            "header(",
            "heather(",
            "2:1: expected `header`, found `heather`",
        ),
        (
            "unbox_int",
            "unbox_long",
            "6:13: expected a op, found `unbox_long`",
        ),
        (
            "unbox_int v3",
            "unbox_int v9",
            "6:23: v9 is not defined above",
        ),
        (
            "v2: i64",
            "v2: f64",
            "6:3: unbox_int has the wrong result type",
        ),
        (
            "unbox_int v3 ! x0",
            "unbox_int v3",
            "6:3: unbox_int needs an exit",
        ),
        (
            "unbox_int v3",
            "unbox_int v0",
            "6:3: unbox_int takes obj where v0 is i64",
        ),
        (
            "jump(v0)",
            "jump(v0",
            "10:1: expected `,`, found `snapshots`",
        ),
        (
            "x0: s0 type",
            "x0: s7 type",
            "13:7: there is no snapshot s7",
        ),
        ("x0: s0 type", "x1: s0 type", "13:3: expected x0"),
        ("locals 1", "locals 70000", "1:17: 70000 is too large"),
        ("\"f\"", "\"f", "1:6: the string has no end"),
        ("trace 0:", "trace 1:", "8:7: expected trace 0"),
    ];
    for (from, to, message) in cases {
        let text = GOOD.replacen(from, to, 1);
        assert_eq!(parse(&text).unwrap_err().to_string(), message);
    }
}

#[test]
fn no_prefix_of_a_tree_is_a_tree_or_a_panic() {
    for end in 0..GOOD.len() {
        assert!(parse(&GOOD[..end]).is_err());
    }
}
