use crate::builder::tests::range_sum;
use crate::{FrameHome, TreeBuilder, parse, print};
use pyrt_spec::{ExitReason, Purpose};

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

#[test]
fn frames_say_what_they_are_for() {
    let mut b = TreeBuilder::root("calls", 1, 3, 2);
    let function = b.const_obj(64, "function");
    let home = FrameHome::New {
        function,
        owned: false,
    };
    for purpose in Purpose::ALL {
        b.frames_mut().push(home, *purpose, 1, (7, 2));
    }
    let exit = b.exit(ExitReason::Leave, 9, 0);
    let tree = b.end_exit(exit);
    let text = print(&tree);
    assert!(
        text.contains("/ new v0 ip 7 depth 2 {} / new v0 for init ip 7"),
        "{text}"
    );
    assert_eq!(parse(&text).unwrap(), tree.compact(), "{text}");
}
