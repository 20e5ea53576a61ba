//! perf's dump of compiled code: a file of records, from which `perf inject --jit` makes an ELF file for each
//! region, with symbols, lines and unwind information.
//!
//! The format is `tools/perf/Documentation/jitdump-specification.txt` of Linux. Numbers are the machine's. A
//! record of code follows the records that describe it. perf learns where the file is because the process
//! maps a page of it executable.

use std::fs::File;
use std::io::{Result, Write};
use std::path::Path;

use memmap2::{Mmap, MmapOptions};

use super::Region;
use crate::clock;
use crate::files;
use crate::machine;

/// `JiTD`.
const MAGIC: u32 = 0x4A69_5444;
const VERSION: u32 = 1;
const HEADER_SIZE: u32 = 40;

const CODE_LOAD: u32 = 0;
const CODE_DEBUG_INFO: u32 = 2;
const CODE_UNWINDING_INFO: u32 = 4;

/// The size of a record's head: what it is, its size, and when.
const PREFIX_SIZE: usize = 16;

/// The dump of this process.
pub(super) struct Dump {
    file: File,
    /// Regions so far.
    count: u64,
    /// Told the kernel's profiler of the file; perf looks for it in the process's mappings.
    _marker: Mmap,
}

impl Dump {
    pub(super) fn create(path: &Path) -> Result<Dump> {
        let mut file = files::create(path, true)?;
        let mut header = Vec::new();
        let machine = u32::from(machine::ELF);
        for word in [MAGIC, VERSION, HEADER_SIZE, machine, 0, std::process::id()] {
            header.extend(word.to_ne_bytes());
        }
        header.extend(now().to_ne_bytes());
        header.extend(0_u64.to_ne_bytes());
        file.write_all(&header)?;
        // SAFETY: the file is ours, and never becomes shorter; nobody reads the mapping.
        let marker = unsafe {
            MmapOptions::new()
                .len(HEADER_SIZE as usize)
                .map_exec(&file)?
        };
        Ok(Dump {
            file,
            count: 0,
            _marker: marker,
        })
    }

    pub(super) fn add(&mut self, region: &Region<'_>) -> Result<()> {
        let mut records = lines(region);
        records.extend(unwinding(region));
        records.extend(load(region, self.count));
        self.count += 1;
        self.file.write_all(&records)
    }
}

/// The clock of `perf record -k 1`.
fn now() -> u64 {
    clock::read(libc::CLOCK_MONOTONIC).as_nanos() as u64
}

/// A record with its head.
fn record(kind: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(PREFIX_SIZE + body.len());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(((PREFIX_SIZE + body.len()) as u32).to_ne_bytes());
    bytes.extend(now().to_ne_bytes());
    bytes.extend(body);
    bytes
}

/// A text as C has it.
fn text(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|byte| byte.max(1)).chain([0])
}

fn load(region: &Region<'_>, index: u64) -> Vec<u8> {
    let mut body = Vec::new();
    // SAFETY: no conditions.
    let thread = unsafe { libc::gettid() } as u32;
    body.extend(std::process::id().to_ne_bytes());
    body.extend(thread.to_ne_bytes());
    for word in [
        region.address(),
        region.address(),
        region.code.len() as u64,
        index,
    ] {
        body.extend(word.to_ne_bytes());
    }
    body.extend(text(&region.name));
    body.extend(region.code);
    record(CODE_LOAD, &body)
}

fn lines(region: &Region<'_>) -> Vec<u8> {
    if region.lines.is_empty() {
        return Vec::new();
    }
    let mut body = Vec::new();
    body.extend(region.address().to_ne_bytes());
    body.extend((region.lines.len() as u64).to_ne_bytes());
    for line in &region.lines {
        body.extend((region.address() + u64::from(line.start)).to_ne_bytes());
        body.extend(line.line.to_ne_bytes());
        body.extend(0_u32.to_ne_bytes());
        body.extend(text(&line.file));
    }
    record(CODE_DEBUG_INFO, &body)
}

fn unwinding(region: &Region<'_>) -> Vec<u8> {
    if region.eh_frame.is_empty() {
        return Vec::new();
    }
    let header = eh_frame_header(region);
    let size = (region.eh_frame.len() + header.len()) as u64;
    let mut body = Vec::new();
    for word in [size, header.len() as u64, size] {
        body.extend(word.to_ne_bytes());
    }
    body.extend(region.eh_frame);
    body.extend(header);
    body.resize(body.len().next_multiple_of(8), 0);
    record(CODE_UNWINDING_INFO, &body)
}

/// An `.eh_frame_hdr` section that follows the other one: with a search table of one row.
fn eh_frame_header(region: &Region<'_>) -> Vec<u8> {
    /// Relative to the field, to the section, and a plain number; of four bytes each.
    const ENCODINGS: [u8; 3] = [0x1b, 0x03, 0x3b];
    let section = region.eh_frame;
    // The section begins with the common part; the description of the region is what follows.
    let common = u32::from_ne_bytes(section[..4].try_into().expect("four bytes")) as usize + 4;
    let before = section.len() as i32;
    let code = region.code.len().next_multiple_of(8) as i32;
    let mut header = vec![1];
    header.extend(ENCODINGS);
    header.extend((-before - 4).to_ne_bytes());
    header.extend(1_u32.to_ne_bytes());
    header.extend((-before - code).to_ne_bytes());
    header.extend((common as i32 - before).to_ne_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::super::RegionLine;
    use super::*;

    #[test]
    fn records_have_the_sizes_that_they_say() {
        let code = [0x90_u8, 0xc3];
        let region = Region {
            name: "py:f (a.py:1)".into(),
            code: &code,
            eh_frame: &[4, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0],
            lines: [(0, "a.py", 1), (1, "b.py", 7)]
                .map(|(start, file, line)| RegionLine {
                    start,
                    file: file.into(),
                    line,
                })
                .to_vec(),
        };
        let word = |bytes: &[u8]| u32::from_ne_bytes(bytes[..4].try_into().unwrap()) as usize;
        let all = [lines(&region), unwinding(&region), load(&region, 3)];
        for (bytes, kind) in all
            .iter()
            .zip([CODE_DEBUG_INFO, CODE_UNWINDING_INFO, CODE_LOAD])
        {
            assert_eq!(word(bytes), kind as usize);
            assert_eq!(word(&bytes[4..]), bytes.len());
        }
        assert_eq!(all[0].len(), 16 + 16 + 2 * (16 + 5));
        assert_eq!(all[1].len() % 8, 0);
        assert!(all[2].ends_with(&code));
        // The table's row: code that begins 8 bytes before the section, described 8 bytes into it.
        let header = eh_frame_header(&region);
        assert_eq!(header[12..16], (-20_i32).to_ne_bytes());
        assert_eq!(header[16..20], (-4_i32).to_ne_bytes());
    }
}
