//! What there is to tell of a function's trees, as JSON: for the Python package.

use std::collections::BTreeMap;

use pyrt_cpython::code::PyCodeObject;
use pyrt_spec::ExitReason;
use pyrt_spec::options::DumpStage;
use pyrt_trace::{Boxed, ExitId, SiteId, TraceTree};

use super::anchors::{Anchor, Kind, NEVER, meta_of};
use super::codes::{self, Line};
use super::compile;
use super::tree::{Tree, Types};
use crate::json;

/// All places of a function where a trace may begin.
///
/// # Safety
/// Live code, the GIL held.
pub(crate) unsafe fn traces(code: *mut PyCodeObject) -> String {
    // SAFETY: by the caller's promise; nothing here runs code of the program.
    unsafe {
        let mut all = Vec::new();
        if let Some(meta) = meta_of(code).as_mut() {
            meta.for_each_anchor(|anchor| all.push(of_anchor(code, anchor)));
        }
        json::array(all)
    }
}

unsafe fn of_anchor(code: *mut PyCodeObject, anchor: &Anchor) -> String {
    // SAFETY: live code.
    let line = unsafe { Line::new(code, anchor.offset) };
    let state = match anchor {
        Anchor { tree: Some(_), .. } => "compiled",
        Anchor {
            pending: Some(_), ..
        } => "compiling",
        // It counts down from there.
        Anchor { heat, .. } if *heat > NEVER / 2 => "given up",
        _ => "counting",
    };
    let kind = match anchor.kind {
        Kind::Entry => "entry",
        Kind::Loop => "loop",
    };
    let abort = |(reason, place, count): &(pyrt_spec::AbortReason, String, u32)| {
        json::object(&[
            ("reason", json::string(reason.name())),
            ("meaning", json::string(reason.doc())),
            ("place", json::string(place)),
            ("count", count.to_string()),
        ])
    };
    let mut members = place_members(Some(&line));
    members.extend([
        ("kind", json::string(kind)),
        ("state", json::string(state)),
        ("aborts", json::array(anchor.aborts.iter().map(abort))),
        (
            "tree",
            anchor
                .tree
                .as_ref()
                .map_or("null".into(), |tree| of_tree(tree)),
        ),
    ]);
    json::object(&members)
}

/// Where something is, or nothing if its code is dead.
fn place_members(line: Option<&Line>) -> Vec<(&'static str, String)> {
    let Some(line) = line else {
        return Vec::new();
    };
    vec![
        ("function", json::string(&line.name)),
        ("file", json::string(&line.file)),
        ("line", line.line.to_string()),
    ]
}

fn of_tree(tree: &Tree) -> String {
    let recorded = &tree.recorded;
    let code = &tree.compiled.code;
    let sides = recorded.side_traces;
    json::object(&[
        ("name", json::string(&recorded.name)),
        ("address", (code.code().as_ptr().addr()).to_string()),
        ("code_bytes", code.code().len().to_string()),
        ("bytes", tree.bytes().to_string()),
        ("instructions", recorded.len.to_string()),
        ("side_traces", sides.to_string()),
        ("entries", tree.entries.get().to_string()),
        ("compile_ns", tree.compile_ns.to_string()),
        ("lines", json::array(lines(tree))),
        ("exits", json::array(exits(tree))),
    ])
}

/// Each line of the program with the bytes of machine code that belong to it.
fn lines(tree: &Tree) -> Vec<String> {
    let mut found: Vec<(Line, u32)> = Vec::new();
    for range in tree.compiled.code.lines() {
        // SAFETY: the GIL is held.
        let Some(line) = (unsafe { codes::line(&tree.recorded.sites, range.site) }) else {
            continue;
        };
        let bytes = range.end - range.start;
        let same = |(known, _): &&mut (Line, u32)| {
            (known.line, &known.name, &known.file) == (line.line, &line.name, &line.file)
        };
        match found.iter_mut().find(same) {
            Some((_, sum)) => *sum += bytes,
            None => found.push((line, bytes)),
        }
    }
    let row = |(line, bytes): &(Line, u32)| {
        let mut members = place_members(Some(line));
        members.push(("code_bytes", bytes.to_string()));
        json::object(&members)
    };
    found.iter().map(row).collect()
}

/// Exits that were taken, or have a side trace.
fn exits(tree: &Tree) -> Vec<String> {
    let recorded = tree.recorded.unpack();
    let mut rows = Vec::new();
    for (index, exit) in recorded.exits.iter().enumerate() {
        let id = ExitId::new(index);
        let (taken, given_up) = tree.exit_counts(id);
        let side = recorded.side_at(id).is_some();
        let Some(exit) = exit else { continue };
        if taken == 0 && !side {
            continue;
        }
        // SAFETY: the GIL is held.
        let line = unsafe { codes::line(&recorded.sites, exit.site) };
        let mut members = place_members(line.as_ref());
        let instruction = line.as_ref().map_or("", |line| line.instruction);
        let types = tree.types_at(id);
        let variable = recorded.guarded_slot(id).and_then(|slot| {
            // SAFETY: the GIL is held.
            unsafe { codes::local_name(&recorded.sites, exit.site, slot) }
        });
        members.extend([
            ("id", index.to_string()),
            ("reason", json::string(exit.reason.name())),
            ("meaning", json::string(exit.reason.doc())),
            ("instruction", json::string(instruction)),
            ("count", taken.to_string()),
            ("side_trace", side.to_string()),
            ("given_up", given_up.to_string()),
            ("types", types_json(&types)),
            (
                "variable",
                variable.map_or("null".into(), |name| json::string(&name)),
            ),
        ]);
        rows.push(json::object(&members));
    }
    rows
}

fn types_json(types: &Types) -> String {
    let members: Vec<_> = types
        .iter()
        .map(|(name, count)| (name.as_str(), count.to_string()))
        .collect();
    json::object(&members)
}

/// What a function's trees still box, and what they check, line by line: found out by optimising again, for people.
///
/// # Safety
/// Live code, the GIL held.
pub(crate) unsafe fn details(code: *mut PyCodeObject) -> String {
    // SAFETY: by the caller's promise; nothing here runs code of the program.
    unsafe {
        let mut all = Vec::new();
        for_each_tree(code, |recorded| {
            let Ok(tree) = compile::optimized(recorded) else {
                return;
            };
            all.push(json::object(&[
                ("name", json::string(&tree.name)),
                ("boxed", json::array(boxed(&tree))),
                ("guards", json::array(guards(&tree))),
            ]));
        });
        json::array(all)
    }
}

/// Calls a function with each tree of the code, as it was recorded.
unsafe fn for_each_tree(code: *mut PyCodeObject, mut then: impl FnMut(&TraceTree)) {
    // SAFETY: live code, the GIL held.
    unsafe {
        if let Some(meta) = meta_of(code).as_mut() {
            meta.for_each_anchor(|anchor| {
                if let Some(tree) = &anchor.tree {
                    then(&tree.recorded.unpack());
                }
            });
        }
    }
}

/// The numbers that are made objects.
fn boxed(tree: &TraceTree) -> Vec<String> {
    let row = |boxed: Boxed| {
        // SAFETY: the GIL is held.
        let line = unsafe { codes::line(&tree.sites, boxed.site) };
        let takers = boxed.takers.iter().map(|taker| json::string(taker.name()));
        let mut members = place_members(line.as_ref());
        members.push(("what", json::string(boxed.what)));
        members.push(("takers", json::array(takers)));
        json::object(&members)
    };
    tree.boxed().into_iter().map(row).collect()
}

/// Lines with the reasons for which they may be left, and for how many instructions.
fn guards(tree: &TraceTree) -> Vec<String> {
    let mut found: BTreeMap<(String, u32, String, ExitReason), u32> = BTreeMap::new();
    let bodies = tree.traces.iter().flat_map(|trace| &trace.body);
    for exit in bodies.filter_map(|at| tree.at(*at).exit) {
        let exit = tree.exit(exit);
        // SAFETY: the GIL is held.
        if let Some(line) = unsafe { codes::line(&tree.sites, exit.site) } {
            *found
                .entry((line.file, line.line, line.name, exit.reason))
                .or_default() += 1;
        }
    }
    let row =
        |((file, line, function, reason), count): (&(String, u32, String, ExitReason), &u32)| {
            json::object(&[
                ("function", json::string(function)),
                ("file", json::string(file)),
                ("line", line.to_string()),
                ("reason", json::string(reason.name())),
                ("count", count.to_string()),
            ])
        };
    found.iter().map(row).collect()
}

/// The texts of a function's trees at a stage of compilation: made again, for people.
///
/// # Safety
/// Live code, the GIL held.
pub(crate) unsafe fn listing(code: *mut PyCodeObject, stage: DumpStage) -> String {
    // SAFETY: by the caller's promise; nothing here runs code of the program.
    unsafe {
        let mut all = Vec::new();
        for_each_tree(code, |recorded| {
            let text = match stage {
                DumpStage::Bytecode => codes::listing(recorded),
                DumpStage::Clif => with_lines(&compile::text_at(recorded, stage), recorded),
                _ => compile::text_at(recorded, stage),
            };
            all.push(format!("; {}\n{text}", recorded.name));
        });
        all.join("\n")
    }
}

/// Cranelift's marks of places, `@0012`, as lines of the program.
unsafe fn with_lines(text: &str, tree: &TraceTree) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let mark = line.strip_prefix('@').and_then(|rest| rest.get(..4));
        let site = mark.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        // SAFETY: the GIL is held.
        let place = site.and_then(|site| unsafe { codes::line(&tree.sites, SiteId(site)) });
        match place {
            Some(place) => {
                let place = format!("{}:{}", place.name, place.line);
                out.push_str(&format!("{place:<36}{}\n", line[5..].trim_start()));
            }
            None => out.push_str(&format!("{:<36}{}\n", "", line.trim_start())),
        }
    }
    out
}
