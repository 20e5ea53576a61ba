use crate::parse;

#[test]
fn what_takes_a_box_is_found_behind_guards() {
    let tree = parse(
        r#"tree "f:1" locals 2 {
header(v0: i64 @1)
consts:
  c0 = 0x10 "dict"
entry:
  v1: obj = load_slot @1 ! x0
  v2: obj = guard_type v1, int ! x1
  v3: i64 = unbox_int v2 ! x2
  v4: obj = const_obj c0
  v5: f64 = const_f64 1.0
  enter(v3)
trace 0:
  v6: obj = box_int v0 ! x3
  v7: obj = guard_type v6, int ! x4
  v8: obj = own v7
  v9: ptr = call v8, v4, v7, dict_set
  v10: obj = box_float v5 ! x5
  release_leaf v10
  release_leaf v6
  jump(v0)
snapshots:
  s0: ip 1 depth 0 {}
  s1: ip 1 depth 0 {@1 = own v0 stale}
exits:
  x0: s0 unbound
  x1: s0 type
  x2: s0 int-range
  x3: s1 memory
  x4: s1 type
  x5: s1 memory
}
"#,
    )
    .expect("it parses");
    let found: Vec<_> = tree
        .boxed()
        .iter()
        .map(|boxed| {
            let takers: Vec<_> = boxed.takers.iter().map(|taker| taker.name()).collect();
            format!("{} for {}", boxed.what, takers.join(", "))
        })
        .collect();
    assert_eq!(found, ["int for dict_set", "float for "]);
}
