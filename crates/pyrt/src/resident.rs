//! Which pages of the executable's file are resident.
//!
//! The kernel maps code and constants in windows of 64 KiB around each page that is touched. When Python has
//! started, half of what is mapped has served for that alone. Pages that are let go stay in the page cache: a window that is
//! touched again is mapped again, in a microsecond or two.

use core::ffi::c_char;
use core::ops::Range;
use std::fs::File;
use std::io::Result;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock;

unsafe extern "C" {
    /// Where the executable begins in memory, by the linker: constants, then code, then data.
    static __executable_start: c_char;
    /// Where its code ends.
    static etext: c_char;
}

/// How often room is made at most: that, and mapping again what is used, takes a four-hundredth of it.
const PERIOD_MS: u64 = 100;

/// [`release`], before something that needs memory; not if that was done a moment ago.
///
/// A file is opened for it, for a moment. Programs that expect a certain descriptor of what they open next do not
/// notice if whoever calls this has the GIL.
pub(crate) fn make_room() {
    static LAST_MS: AtomicU64 = AtomicU64::new(0);
    let now = clock::read(libc::CLOCK_MONOTONIC_COARSE).as_millis() as u64;
    if now >= LAST_MS.load(Ordering::Relaxed) + PERIOD_MS {
        LAST_MS.store(now, Ordering::Relaxed);
        release();
    }
}

/// Lets go of the executable's constants and code; what is used is mapped again.
pub(crate) fn release() {
    let start = (&raw const __executable_start).addr();
    let end = (&raw const etext).addr();
    // An address space whose pages cannot be told apart is left as it is.
    // SAFETY: whatever is there is the file's, and nobody writes to it but a debugger.
    let _ = unsafe { release_range(start..end) };
}

/// Lets go of all pages within a range that are as they are in their file.
///
/// One that is not is a debugger's, or the kernel's for a probe: it has a breakpoint.
///
/// # Safety
/// No thread writes to the range.
unsafe fn release_range(range: Range<usize>) -> Result<()> {
    // SAFETY: asks for a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
    let first = range.start.div_ceil(page);
    let mut entries = vec![0; (range.end / page).saturating_sub(first) * size_of::<u64>()];
    let pages = File::open("/proc/self/pagemap")?;
    pages.read_exact_at(&mut entries, (first * size_of::<u64>()) as u64)?;
    let (entries, _) = entries.as_chunks();
    let mut at = first;
    for run in entries.chunk_by(|a, b| is_unchanged(*a) == is_unchanged(*b)) {
        if is_unchanged(run[0]) {
            let start = (at * page) as *mut libc::c_void;
            // SAFETY: by the caller's promise, the pages stay what they were seen to be: copies of their file's.
            unsafe { libc::madvise(start, run.len() * page, libc::MADV_DONTNEED) };
        }
        at += run.len();
    }
    Ok(())
}

/// Whether a page of a file is what the file has, by its entry in the page map.
fn is_unchanged(entry: [u8; 8]) -> bool {
    const PRESENT: u64 = 1 << 63;
    const SWAPPED: u64 = 1 << 62;
    const OF_FILE: u64 = 1 << 61;
    let entry = u64::from_ne_bytes(entry);
    entry & SWAPPED == 0 && (entry & PRESENT == 0 || entry & OF_FILE != 0)
}

#[cfg(test)]
mod tests {
    use super::release_range;
    use std::fs::File;

    #[test]
    fn pages_that_differ_from_their_file_are_kept() {
        let file = File::open("/proc/self/exe").expect("a file of some pages");
        // SAFETY: a private mapping of a file that does not change.
        let mut map = unsafe { memmap2::MmapOptions::new().len(5 << 16).map_copy(&file) };
        let map = map.as_mut().expect("it can be mapped");
        let before = map.to_vec();
        map[1 << 16] ^= 1;
        let changed = map.to_vec();
        let start = map.as_ptr().addr();
        // SAFETY: nobody else has the mapping.
        unsafe { release_range(start..start + map.len()) }.expect("the page map can be read");
        assert_eq!(map.to_vec(), changed);
        // SAFETY: as above; pages that are let go regardless are the file's again.
        unsafe { libc::madvise(map.as_mut_ptr().cast(), map.len(), libc::MADV_DONTNEED) };
        assert_eq!(map.to_vec(), before);
    }

    #[test]
    fn the_executable_runs_on() {
        super::release();
        assert_eq!(format!("{:.1}", 0.5_f64.sqrt()), "0.7");
    }
}
