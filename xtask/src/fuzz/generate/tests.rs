use super::program;
use crate::fuzz::tree::print;
use std::process::Command;

#[test]
fn a_seed_is_a_program() {
    assert_eq!(print(&program(7)), print(&program(7)));
    assert_ne!(print(&program(7)), print(&program(8)));
}

/// Two seeds in a hundred may fail: a name can be both global and local, and so on.
#[test]
fn programs_compile() {
    let programs: Vec<_> = (0..100).map(|seed| print(&program(seed))).collect();
    let code = "import json, sys\nfor source in json.load(sys.stdin): compile(source, '', 'exec')";
    let mut python = Command::new("/usr/bin/python3.11")
        .args(["-c", code])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    serde_json::to_writer(python.stdin.take().unwrap(), &programs).unwrap();
    assert!(python.wait().unwrap().success());
}
