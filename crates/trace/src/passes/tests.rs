use super::*;
use crate::builder::tests::range_sum;
use crate::{SnapshotId, print};

#[test]
fn the_observer_sees_each_pass_in_order() {
    let mut names = Vec::new();
    optimize(&mut range_sum(), &PassConfig::all(), &mut |name, _| {
        names.push(name);
    })
    .unwrap();
    assert_eq!(
        names,
        [
            "params", "fold", "cse", "guards", "settle", "fold", "virtuals", "params", "licm",
            "carry", "cse", "rebox", "dce"
        ]
    );
    names.clear();
    optimize(&mut range_sum(), &PassConfig::minimal(), &mut |name, _| {
        names.push(name);
    })
    .unwrap();
    assert_eq!(names, ["params", "dce"]);
}

#[test]
fn passes_are_switched_by_name() {
    let mut config = PassConfig::all();
    assert!(config.set("licm", false));
    assert!(!config.licm && config.cse);
    assert!(!config.set("inline", false));
    assert_eq!(PassConfig::only("nothing"), None);
}

#[test]
fn a_broken_input_is_reported_as_such() {
    let mut tree = range_sum();
    tree.initial.pop();
    let error = optimize(&mut tree, &PassConfig::all(), &mut |_, _| {}).unwrap_err();
    assert_eq!(error.pass, "input");
    assert!(error.to_string().contains("of 4 values"), "{error}");
}

#[test]
fn exits_keep_their_numbers() {
    let before = range_sum();
    let mut after = before.clone();
    optimize(&mut after, &PassConfig::all(), &mut |_, _| {}).unwrap();
    for (old, new) in before.exits.iter().zip(&after.exits) {
        let kept = |new: &crate::Exit| Some(new.reason) == old.as_ref().map(|old| old.reason);
        assert!(new.as_ref().is_none_or(kept), "{}", print(&after));
    }
    let hoisted = |exit: &&crate::Exit| exit.hoisted_from.is_some();
    let entry = after.exits.iter().flatten().filter(hoisted);
    assert!(
        entry
            .into_iter()
            .all(|exit| exit.snapshot == SnapshotId::ENTRY)
    );
}
