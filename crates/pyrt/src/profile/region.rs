//! What there is to tell of a tree: name, machine code, and the line of each part of it.

use std::collections::HashMap;

use pyrt_trace::SiteId;

use crate::jit::codes;
use crate::jit::tree::Tree;

/// A tree as profilers see it.
pub(crate) struct Region<'a> {
    /// `py:function (file:line)`.
    pub(crate) name: String,
    /// The machine code.
    pub(crate) code: &'a [u8],
    /// Unwind information, see [`pyrt_codegen::CompiledTree::eh_frame`]; may be empty.
    pub(crate) eh_frame: &'a [u8],
    /// From which offset on which file and line it is, ordered.
    pub(crate) lines: Vec<(u32, String, u32)>,
}

impl Region<'_> {
    /// Finds out about a tree.
    ///
    /// # Safety
    /// The GIL is held.
    pub(crate) unsafe fn new(tree: &Tree) -> Region<'_> {
        let recorded = &tree.recorded;
        // SAFETY: by the caller's promise.
        let line = |site| unsafe { codes::line(recorded, site) };
        let name = match line(SiteId::HEADER) {
            Some(line) => format!("py:{} ({}:{})", line.name, line.file, line.line),
            None => format!("py:{}", recorded.name),
        };
        let mut known: HashMap<SiteId, Option<(String, u32)>> = HashMap::new();
        let mut lines: Vec<(u32, String, u32)> = Vec::new();
        for range in tree.code.lines() {
            let found = known
                .entry(range.site)
                .or_insert_with(|| line(range.site).map(|line| (line.file, line.line)));
            if let Some((file, line)) = found
                && lines
                    .last()
                    .is_none_or(|last| (&last.1, last.2) != (file, *line))
            {
                lines.push((range.start, file.clone(), *line));
            }
        }
        Region {
            name,
            code: tree.code.code(),
            eh_frame: tree.code.eh_frame(),
            lines,
        }
    }

    /// Where the code is.
    pub(crate) fn address(&self) -> u64 {
        self.code.as_ptr().addr() as u64
    }
}
