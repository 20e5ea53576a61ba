//! The live view: a file that this process shares with whoever wants to look, `python -m pyrt top` say.
//!
//! The file begins with a page of JSON that says what follows. Then come words: the row of the region that runs, the
//! number of rows, and the counters; and on from the next page the rows, one for each region: bytes, entries,
//! whether it is in service, and its name. Words are written one by one while others read them.

use std::fs::File;
use std::io::{Result, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed, Ordering::Release};

use memmap2::MmapRaw;
use pyrt_spec::Counters;

use super::Region;
use crate::jit::tree::Tree;
use crate::stats;
use crate::{files, json};

/// Rows; regions beyond are not shown.
const ROWS: usize = 1024;
const ROW: usize = 128;
const NAME: usize = ROW - 3 * 8;
/// Where the words and the rows begin.
const WORDS: usize = 4096;
const TABLE: usize = 2 * WORDS;
const SIZE: usize = TABLE + ROWS * ROW;

/// The words before the counters.
const RUNNING: usize = 0;
const USED: usize = 1;
const COUNTERS: usize = 2;

/// The file of this process.
pub(super) struct Live {
    pages: MmapRaw,
    path: PathBuf,
}

impl Live {
    pub(super) fn create(path: &Path) -> Result<Live> {
        let mut file: File = files::create(path, true)?;
        let names = Counters::INFO.iter().map(|info| json::string(info.name));
        let head = json::object(&[
            ("version", "1".into()),
            ("pid", std::process::id().to_string()),
            ("counters", json::array(names)),
            ("words", WORDS.to_string()),
            ("table", TABLE.to_string()),
            ("row", ROW.to_string()),
        ]);
        file.write_all(head.as_bytes())?;
        // Where the disk is full, this fails, and not the first access.
        // SAFETY: an open file.
        match unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, SIZE as i64) } {
            0 => {}
            error => {
                let _ = std::fs::remove_file(path);
                return Err(std::io::Error::from_raw_os_error(error));
            }
        }
        Ok(Live {
            pages: MmapRaw::map_raw(&file)?,
            path: path.to_owned(),
        })
    }

    /// A word at an offset.
    fn word(&self, offset: usize) -> &AtomicU64 {
        // SAFETY: aligned, and within the file, which never becomes shorter.
        unsafe { AtomicU64::from_ptr(self.pages.as_mut_ptr().add(offset).cast()) }
    }

    /// Gives a tree a row, if there is one left.
    pub(super) fn add(&self, tree: &Tree, region: &Region<'_>) {
        let used = self.word(WORDS + USED * 8).load(Relaxed) as usize;
        let of = |row: usize| TABLE + row * ROW;
        let free = (0..used).find(|row| self.word(of(*row) + 16).load(Relaxed) == 0);
        let Some(row) = free.or((used < ROWS).then_some(used)) else {
            return;
        };
        let name = &region.name.as_bytes()[..region.name.len().min(NAME - 1)];
        // SAFETY: a row has room for the name and a zero.
        unsafe {
            let at = self.pages.as_mut_ptr().add(of(row) + 24);
            at.copy_from_nonoverlapping(name.as_ptr(), name.len());
            at.add(name.len()).write(0);
        }
        self.word(of(row)).store(tree.bytes() as u64, Relaxed);
        self.word(of(row) + 8).store(0, Relaxed);
        // Whoever sees this sees the rest, too.
        self.word(of(row) + 16).store(1, Release);
        self.word(WORDS + USED * 8)
            .store(used.max(row + 1) as u64, Release);
        tree.row.set(row as u32 + 1);
    }

    /// A tree's row is free.
    pub(super) fn remove(&self, row: u32) {
        if let Some(row) = row.checked_sub(1) {
            self.word(TABLE + row as usize * ROW + 16).store(0, Relaxed);
        }
    }

    /// A tree is entered; returns what ran before.
    pub(super) fn enter(&self, row: u32) -> u64 {
        if let Some(row) = row.checked_sub(1) {
            let entries = self.word(TABLE + row as usize * ROW + 8);
            entries.store(entries.load(Relaxed) + 1, Relaxed);
        }
        self.word(WORDS + RUNNING * 8).swap(u64::from(row), Relaxed)
    }

    /// A tree has been left, and what ran before goes on.
    pub(super) fn leave(&self, before: u64) {
        self.word(WORDS + RUNNING * 8).store(before, Relaxed);
        for (number, (_, value)) in stats::counters().iter().enumerate() {
            let at = WORDS + (COUNTERS + number) * 8;
            self.word(at).store(value, Relaxed);
        }
    }

    /// The process ends.
    pub(super) fn finish(&self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
