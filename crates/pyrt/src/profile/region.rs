//! What there is to tell of a tree: name, machine code, and the line of each part of it.

use std::collections::HashMap;

use pyrt_trace::SiteId;

use crate::jit::codes;
use crate::jit::compile::Compiled;
use crate::jit::tree::{Recorded, Tree};

/// From an offset of the code on, it is of this line, until the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RegionLine {
    pub(crate) start: u32,
    pub(crate) file: String,
    pub(crate) line: u32,
}

/// Machine code as profilers see it.
pub(crate) struct Region<'a> {
    /// `py:function (file:line)`.
    pub(crate) name: String,
    /// The machine code.
    pub(crate) code: &'a [u8],
    /// Unwind information, see [`pyrt_codegen::CompiledTree::eh_frame`]; may be empty.
    pub(crate) eh_frame: &'a [u8],
    /// Ordered by offset.
    pub(crate) lines: Vec<RegionLine>,
}

impl Region<'_> {
    /// Finds out about a tree and its bridges, in the order of [`Tree::codes`].
    ///
    /// # Safety
    /// The GIL is held.
    pub(crate) unsafe fn all(tree: &Tree) -> Vec<Region<'_>> {
        let codes: Vec<_> = tree.codes().collect();
        // SAFETY: by the caller's promise.
        let region = |recorded: &Recorded, compiled| unsafe { Region::new(recorded, compiled) };
        tree.latest(|recorded| {
            codes
                .into_iter()
                .map(|code| region(recorded, code))
                .collect()
        })
    }

    /// Finds out about machine code of a tree.
    unsafe fn new<'a>(recorded: &Recorded, compiled: &'a Compiled) -> Region<'a> {
        // SAFETY: by the caller's promise.
        let line = |site| unsafe { codes::line(&recorded.sites, site) };
        let name = match line(SiteId::HEADER) {
            Some(line) => format!("py:{} ({}:{})", line.name, line.file, line.line),
            None => format!("py:{}", recorded.name),
        };
        let mut known: HashMap<SiteId, Option<(String, u32)>> = HashMap::new();
        let mut lines: Vec<RegionLine> = Vec::new();
        for range in compiled.code.lines() {
            let found = known
                .entry(range.site)
                .or_insert_with(|| line(range.site).map(|line| (line.file, line.line)));
            let Some((file, line)) = found else { continue };
            let same = |last: &RegionLine| (&last.file, last.line) == (file, *line);
            if !lines.last().is_some_and(same) {
                lines.push(RegionLine {
                    start: range.start,
                    file: file.clone(),
                    line: *line,
                });
            }
        }
        // What comes before the first line, a prologue, counts to it.
        if let Some(first) = lines.first_mut() {
            first.start = 0;
        }
        Region {
            name,
            code: compiled.code.code(),
            eh_frame: compiled.code.eh_frame(),
            lines,
        }
    }

    /// Where the code is.
    pub(crate) fn address(&self) -> u64 {
        self.code.as_ptr().addr() as u64
    }
}
