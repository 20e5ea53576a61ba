//! A sampler: where one thread spends its processor time, by line, in compiled code and in the interpreter.
//!
//! A timer of the thread's own processor time sends it SIGPROF. The handler looks where the thread is:
//! in compiled code, by the address; in what compiled code calls, by the return address, on the stack or in a
//! register; otherwise by the frame that runs. It counts that in a table. It allocates nothing and takes no lock,
//! and reads only what its own thread, which holds the GIL then, writes.

use core::ffi::{c_int, c_void};
use core::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed};

use pyrt_cpython::api;
use pyrt_cpython::code::PyCodeObject;
use pyrt_cpython::frame::PyCFrame;
use pyrt_cpython::inline::{ascii_text, first_instr, size_of as length_of};
use pyrt_cpython::object::PyObject;
use pyrt_cpython::state::PyThreadState;

use super::{Region, RegionLine};
use crate::jit;
use crate::json;
use crate::machine::Interrupted;

/// How many places are counted.
const PLACES: usize = 1 << 13;
/// How many regions can be told apart.
const REGIONS: usize = 1 << 12;
/// Bytes of names that are kept.
const NAME: usize = 192;
/// How many words of the stack are searched for a return address.
const WORDS: usize = 256;

/// The text of a name, cut off if it is long.
#[derive(Clone, Copy)]
struct Name([u8; NAME], usize);

impl Name {
    const NONE: Name = Name([0; NAME], 0);

    /// The text of a str, if it is ASCII: others would have to be encoded first.
    unsafe fn of(object: *mut PyObject) -> Name {
        // SAFETY: a live str.
        let (text, length) = unsafe { ascii_text(object) };
        let mut name = Name::NONE;
        if !text.is_null() {
            name.1 = length.min(NAME);
            // SAFETY: as long as the str says.
            unsafe { core::ptr::copy_nonoverlapping(text, name.0.as_mut_ptr(), name.1) };
        }
        name
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0[..self.1]).into_owned()
    }
}

/// A place and how often the thread was there.
#[derive(Clone, Copy)]
struct Place {
    /// 1 + the number of a region, or the address of code; 0 if the place is free.
    key: usize,
    /// The offset in the region, or the line.
    at: u32,
    count: u32,
    /// Of code: the file, and the qualified name.
    names: [Name; 2],
}

/// Where a region is; empty if it is gone.
#[derive(Clone, Copy)]
struct Range {
    start: usize,
    end: usize,
}

/// All that the handler uses.
struct Sampler {
    places: Box<[Place]>,
    lost: u32,
    samples: u32,
    ranges: Box<[Range]>,
    /// What is known of the regions, by number; the handler does not use it.
    regions: Vec<(String, Vec<RegionLine>)>,
    /// The first of a process is 0.
    timer: Option<libc::timer_t>,
    ts: *mut PyThreadState,
    /// What was there before.
    old: libc::sigaction,
}

/// Null unless a sampler runs.
static SAMPLER: AtomicPtr<Sampler> = AtomicPtr::new(null_mut());

/// The C frame with which compiled code was entered that has not come back yet, or 0.
static INSIDE: AtomicUsize = AtomicUsize::new(0);

/// Runs compiled code, so that the sampler knows.
#[inline(always)]
pub(super) unsafe fn inside<R>(ts: *mut PyThreadState, run: impl FnOnce() -> R) -> R {
    if SAMPLER.load(Relaxed).is_null() {
        return run();
    }
    // SAFETY: a live thread.
    let frame = unsafe { (*ts).cframe }.addr();
    let before = INSIDE.swap(frame, Relaxed);
    let result = run();
    INSIDE.store(before, Relaxed);
    result
}

/// Samples the present thread from now on; false if that is not possible.
///
/// # Safety
/// The GIL is held.
pub(crate) unsafe fn start(nanoseconds: i64) -> bool {
    if !SAMPLER.load(Relaxed).is_null() {
        return false;
    }
    // SAFETY: the handler is installed before there is a timer, and finds the sampler.
    unsafe {
        let free = Place {
            key: 0,
            at: 0,
            count: 0,
            names: [Name::NONE; 2],
        };
        let sampler = Box::into_raw(Box::new(Sampler {
            places: vec![free; PLACES].into_boxed_slice(),
            lost: 0,
            samples: 0,
            ranges: vec![Range { start: 0, end: 0 }; REGIONS].into_boxed_slice(),
            regions: Vec::new(),
            timer: None,
            ts: api::PyThreadState_Get(),
            old: core::mem::zeroed(),
        }));
        SAMPLER.store(sampler, Relaxed);
        super::watch();
        for tree in jit::trees() {
            Region::all(&tree).iter().for_each(|region| add(region));
        }
        let mut action: libc::sigaction = core::mem::zeroed();
        action.sa_sigaction = handle as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_ONSTACK;
        libc::sigaction(libc::SIGPROF, &raw const action, &raw mut (*sampler).old);
        let mut event: libc::sigevent = core::mem::zeroed();
        event.sigev_notify = libc::SIGEV_THREAD_ID;
        event.sigev_signo = libc::SIGPROF;
        event.sigev_notify_thread_id = libc::gettid();
        let clock = libc::CLOCK_THREAD_CPUTIME_ID;
        let mut timer = null_mut();
        if libc::timer_create(clock, &raw mut event, &raw mut timer) != 0 {
            stop();
            return false;
        }
        (*sampler).timer = Some(timer);
        let interval = libc::timespec {
            tv_sec: 0,
            tv_nsec: nanoseconds,
        };
        let times = libc::itimerspec {
            it_interval: interval,
            it_value: interval,
        };
        libc::timer_settime(timer, 0, &raw const times, null_mut());
        true
    }
}

/// Whether trees are to be told of.
pub(super) fn runs() -> bool {
    !SAMPLER.load(Relaxed).is_null()
}

/// A tree has been installed.
///
/// # Safety
/// The GIL is held.
pub(super) unsafe fn add(region: &Region<'_>) {
    // SAFETY: the handler reads the range only, and its end, which makes it one, is written last.
    unsafe {
        let Some(sampler) = SAMPLER.load(Relaxed).as_mut() else {
            return;
        };
        let number = sampler.regions.len();
        if number == REGIONS {
            return;
        }
        sampler
            .regions
            .push((region.name.clone(), region.lines.clone()));
        let start = region.code.as_ptr().addr();
        let range = &raw mut sampler.ranges[number];
        (&raw mut (*range).start).write_volatile(start);
        (&raw mut (*range).end).write_volatile(start + region.code.len());
    }
}

/// The code at an address is gone.
pub(crate) fn remove(start: usize) {
    // SAFETY: as for `add`.
    unsafe {
        let Some(sampler) = SAMPLER.load(Relaxed).as_mut() else {
            return;
        };
        for range in &mut *sampler.ranges {
            if range.start == start {
                (&raw mut range.end).write_volatile(0);
            }
        }
    }
}

/// Ends sampling; the samples as JSON, null if there was no sampler.
///
/// # Safety
/// The GIL is held, by the thread that was sampled.
pub(crate) unsafe fn stop() -> String {
    // SAFETY: no signal comes after the timer is gone, and ignoring them does away with one that waits.
    unsafe {
        let sampler = SAMPLER.load(Relaxed);
        if sampler.is_null() {
            return "null".into();
        }
        if let Some(timer) = (*sampler).timer {
            libc::timer_delete(timer);
        }
        libc::signal(libc::SIGPROF, libc::SIG_IGN);
        libc::sigaction(libc::SIGPROF, &raw const (*sampler).old, null_mut());
        SAMPLER.store(null_mut(), Relaxed);
        report(&Box::from_raw(sampler))
    }
}

fn report(sampler: &Sampler) -> String {
    let row = |place: &&Place| {
        let (file, line, function, compiled) = match sampler.regions.get(place.key.wrapping_sub(1))
        {
            Some((name, lines)) => {
                let after = lines.partition_point(|line| line.start <= place.at);
                let (file, line) = match lines.get(after.saturating_sub(1)) {
                    Some(found) => (found.file.clone(), found.line),
                    None => (String::new(), 0),
                };
                (file, line, name.clone(), true)
            }
            None => {
                let [file, function] = place.names.map(|name| name.text());
                (file, place.at, function, false)
            }
        };
        json::object(&[
            ("file", json::string(&file)),
            ("line", line.to_string()),
            ("function", json::string(&function)),
            ("compiled", compiled.to_string()),
            ("count", place.count.to_string()),
        ])
    };
    let places = sampler.places.iter().filter(|place| place.key != 0);
    json::object(&[
        ("samples", sampler.samples.to_string()),
        ("lost", sampler.lost.to_string()),
        (
            "places",
            json::array(places.collect::<Vec<_>>().iter().map(row)),
        ),
    ])
}

/// The signal handler.
unsafe extern "C" fn handle(_: c_int, _: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel gives the context of the thread that was interrupted, which is the sampled one.
    unsafe {
        let Some(sampler) = SAMPLER.load(Relaxed).as_mut() else {
            return;
        };
        sampler.samples += 1;
        let Interrupted { ip, sp, link } = Interrupted::of(&*context.cast());
        let cframe = (*sampler.ts).cframe;
        if let Some(found) = sampler.region(ip) {
            return sampler.count(found.0, found.1, || [Name::NONE; 2]);
        }
        if INSIDE.load(Relaxed) == cframe.addr() {
            // The stack goes on further than this: the frames of `main` are on it.
            let stored = (0..WORDS).map(|word| sp.add(word).read());
            let mut returns = link.into_iter().chain(stored);
            if let Some(found) = returns.find_map(|address| sampler.region(address.wrapping_sub(1)))
            {
                return sampler.count(found.0, found.1, || [Name::NONE; 2]);
            }
        }
        let Some((code, line)) = running(cframe) else {
            sampler.lost += 1;
            return;
        };
        let names = || [Name::of((*code).co_filename), Name::of((*code).co_qualname)];
        sampler.count(code.addr(), line, names);
    }
}

/// The code and line of the frame that runs.
unsafe fn running(cframe: *mut PyCFrame) -> Option<(*mut PyCodeObject, u32)> {
    // SAFETY: of the thread that was interrupted.
    unsafe {
        let frame = (*cframe).current_frame;
        if frame.is_null() || (*frame).f_code.is_null() {
            return None;
        }
        let code = (*frame).f_code;
        let at = (*frame).prev_instr.offset_from(first_instr(code));
        let known = (-1..length_of(code.cast())).contains(&at);
        known.then(|| (code, jit::codes::line_of(code, at.max(0) as u32)))
    }
}

impl Sampler {
    /// The key of the region at an address, and the offset in it.
    fn region(&self, address: usize) -> Option<(usize, u32)> {
        let ranges = &self.ranges[..self.regions.len().min(REGIONS)];
        let number = ranges
            .iter()
            .position(|range| (range.start..range.end).contains(&address))?;
        Some((number + 1, (address - ranges[number].start) as u32))
    }

    /// Counts a place.
    fn count(&mut self, key: usize, at: u32, names: impl FnOnce() -> [Name; 2]) {
        let hash = (key ^ (at as usize) << 7).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        for step in 0..64 {
            let place = &mut self.places[(hash + step) % PLACES];
            if place.key == 0 {
                *place = Place {
                    key,
                    at,
                    count: 1,
                    names: names(),
                };
                return;
            }
            if (place.key, place.at) == (key, at) {
                place.count += 1;
                return;
            }
        }
        self.lost += 1;
    }
}
