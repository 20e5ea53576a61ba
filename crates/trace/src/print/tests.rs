use crate::builder::tests::range_sum;
use crate::{TreeBuilder, parse, print};

#[test]
fn values_are_numbered_as_they_appear() {
    let text = print(&range_sum());
    assert!(text.starts_with("tree \"sum:1\" locals 2 {\nheader(v0: obj @2, v1: i64 @2.index"));
    assert!(text.contains("  s0: ip 10 depth 1 {}\n"));
    assert!(text.contains("guard_type v4, range_iter ! x1\n"));
}

#[test]
fn constants_are_exact() {
    let mut b = TreeBuilder::root("odd \"name\"\n\u{1F40D}", 0, 0, 0);
    let nan = f64::from_bits(0xfff8_0000_0000_0123);
    for value in [
        0.0,
        -0.0,
        0.1,
        1e300,
        5e-324,
        f64::MAX,
        f64::INFINITY,
        f64::NEG_INFINITY,
        nan,
    ] {
        b.const_f64(value);
    }
    b.const_i64(i64::MIN);
    b.const_bool(false);
    b.const_obj(u64::MAX, "<method 'x' of \"y\" \\ objects>");
    let tree = b.end_jump().unwrap();
    let text = print(&tree);
    assert!(text.contains("const_f64 -0.0\n") && text.contains("nan:0xfff8000000000123"));
    assert_eq!(parse(&text).unwrap(), tree.compact(), "{text}");
}
