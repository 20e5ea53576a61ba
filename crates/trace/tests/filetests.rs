//! Text in, text out: each `filetests/*.trace` is a tree, a line `===`, and the tree that the pass
//! named in its first line (`; pass: name`, or `all`) makes of it; or the bridge at an exit, whose tree was compiled so that
//! the exit hands over these slots of the tree's frame alone (`; bridge: x1 @0 @2`). `PYRT_BLESS=1` writes the second
//! part anew, to be read before it is committed.

use pyrt_trace::{
    ExitId, Handed, Packed, PassConfig, Place, Source, TraceTree, bridge, optimize, parse, print,
    verify,
};
use std::fs;
use std::path::{Path, PathBuf};

const SEPARATOR: &str = "===\n";

#[test]
fn filetests() {
    let files = files();
    assert!(!files.is_empty());
    let failures: Vec<_> = files.iter().filter_map(|path| check(path).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("filetests");
    let entries = fs::read_dir(folder).expect("the folder exists");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|ext| ext == "trace"));
    files.sort();
    files
}

fn check(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let (input, expected) = text.split_once(SEPARATOR).unwrap_or((&text, ""));
    let actual = run(input).map_err(|error| format!("{}: {error}", path.display()))?;
    if actual == expected {
        return Ok(());
    }
    if std::env::var_os("PYRT_BLESS").is_some() {
        let blessed = format!("{input}{SEPARATOR}{actual}");
        return fs::write(path, blessed).map_err(|error| error.to_string());
    }
    Err(format!(
        "{}: PYRT_BLESS=1 would change it to\n{actual}",
        path.display()
    ))
}

fn run(input: &str) -> Result<String, String> {
    if let Some(what) = input
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("; bridge: "))
    {
        return cut(input, what);
    }
    let name = input
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("; pass: "));
    let config = match name.ok_or("the first line names no pass")? {
        "all" => PassConfig::all(),
        name => PassConfig::only(name).ok_or("there is no such pass")?,
    };
    let mut tree = parse(input).map_err(|error| error.to_string())?;
    verify(&tree).map_err(|errors| format!("the input is invalid: {errors:?}"))?;
    optimize(&mut tree, &config, &mut |_, _| {}).map_err(|error| error.to_string())?;
    verify(&tree).map_err(|errors| format!("the output is invalid: {errors:?}"))?;
    if Packed::new(&tree).unpack() != tree {
        return Err("packing changes the output".into());
    }
    Ok(print(&tree))
}

/// The bridge at the exit that `what` names.
fn cut(input: &str, what: &str) -> Result<String, String> {
    let tree = parse(input).map_err(|error| error.to_string())?;
    verify(&tree).map_err(|errors| format!("the input is invalid: {errors:?}"))?;
    let mut words = what.split_whitespace();
    let exit = words
        .next()
        .and_then(|word| word.strip_prefix('x')?.parse().ok());
    let exit = ExitId(exit.ok_or("the first line names no exit")?);
    let slots: Vec<u16> = words
        .filter_map(|word| word.strip_prefix('@')?.parse().ok())
        .collect();
    let source = |at: Handed| match at {
        Handed::Write(0, Place::Slot(slot)) => {
            let word = slots.iter().position(|known| *known == slot)? as u16 + 1;
            Some((Source::Word(word), type_at(&tree, exit, slot)?))
        }
        _ => None,
    };
    let bridge = bridge::cut(&tree, exit, 72, source).ok_or("it cannot be cut out")?;
    verify(&bridge.tree).map_err(|errors| format!("the bridge is invalid: {errors:?}"))?;
    Ok(format!(
        "{}; exits: {:?}\n",
        print(&bridge.tree),
        bridge.exits
    ))
}

fn type_at(tree: &TraceTree, exit: ExitId, slot: u16) -> Option<pyrt_trace::Type> {
    let write = tree.exit_snapshot(exit).root().write(Place::Slot(slot))?;
    tree.at(write.value?).ty
}
