//! The compiler's thread: trees are optimised and turned into code while the program runs on.
//!
//! The thread gets recorded trees and gives back artifacts. It knows nothing of Python objects but
//! addresses, needs no GIL, and takes no signals. Whoever serves a hot place installs what is ready.
//!
//! After a fork the child has no such thread, and the queue's lock may be held by it for ever: the child
//! gets a queue and a thread of its own, and what its parent had not yet compiled is recorded again.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use pyrt_spec::AbortReason;

use super::compile::{self, Artifact, Job};
use crate::resident;

/// Names what is being compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JobId(u64);

/// What has been compiled.
pub(crate) struct Done {
    pub(crate) id: JobId,
    pub(crate) result: Result<Artifact, AbortReason>,
}

/// Most jobs that wait: with more, the program runs ahead of the compiler.
const LONGEST_QUEUE: usize = 16;

/// For how long the thread waits for a tree before it gives back what memory it has.
const PATIENCE: Duration = Duration::from_millis(200);

/// What the program and the compiler's thread share.
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<(JobId, Job)>,
    done: Vec<Done>,
    started: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Null until the first tree; never freed, because the thread uses it until the process ends.
static SHARED: AtomicPtr<Shared> = AtomicPtr::new(core::ptr::null_mut());

/// Something is done, and has not been taken.
static READY: AtomicBool = AtomicBool::new(false);

/// The next name; a child of a fork goes on where its parent was.
static NEXT: AtomicU64 = AtomicU64::new(0);

fn new_shared() -> &'static Shared {
    let shared = Box::leak(Box::new(Shared {
        state: Mutex::default(),
        wake: Condvar::new(),
    }));
    SHARED.store(shared, Ordering::Release);
    shared
}

fn shared() -> Option<&'static Shared> {
    // SAFETY: null, or leaked by `new_shared`.
    unsafe { SHARED.load(Ordering::Acquire).as_ref() }
}

/// In the child of a fork.
unsafe extern "C" fn after_fork() {
    SHARED.store(core::ptr::null_mut(), Ordering::Release);
    READY.store(false, Ordering::Relaxed);
}

/// Whether compiling beside the program can gain anything.
pub(crate) fn is_possible() -> bool {
    std::thread::available_parallelism().is_ok_and(|processors| processors.get() > 1)
}

/// Gives the compiler's thread something to do; gives it back if there is no room, or no thread. Whoever does has the GIL.
pub(crate) fn submit(job: Job) -> Result<JobId, Job> {
    static HOOKED: Once = Once::new();
    // SAFETY: the handler touches an atomic alone.
    HOOKED.call_once(|| unsafe {
        libc::pthread_atfork(None, None, Some(after_fork));
    });
    resident::make_room();
    let shared = shared().unwrap_or_else(new_shared);
    let mut state = shared.lock();
    if state.queue.len() >= LONGEST_QUEUE || !(state.started || start(shared)) {
        return Err(job);
    }
    state.started = true;
    let id = JobId(NEXT.fetch_add(1, Ordering::Relaxed));
    state.queue.push_back((id, job));
    drop(state);
    shared.wake.notify_one();
    Ok(id)
}

/// Whether there is something to take.
#[inline]
pub(crate) fn is_ready() -> bool {
    READY.load(Ordering::Relaxed)
}

/// Whether this process has a compiler's thread.
pub(crate) fn is_running() -> bool {
    shared().is_some()
}

/// What has been compiled since the last time.
pub(crate) fn take() -> Vec<Done> {
    let Some(shared) = shared() else {
        return Vec::new();
    };
    let mut state = shared.lock();
    READY.store(false, Ordering::Relaxed);
    std::mem::take(&mut state.done)
}

/// Starts the thread. All signals are for the program's threads.
fn start(shared: &'static Shared) -> bool {
    let builder = std::thread::Builder::new().name("pyrt-jit".into());
    // SAFETY: the sets are initialised before they are used, and the mask is put back.
    unsafe {
        let (mut all, mut before) = (core::mem::zeroed(), core::mem::zeroed());
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        let started = builder.spawn(move || run(shared)).is_ok();
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, core::ptr::null_mut());
        started
    }
}

fn run(shared: &'static Shared) {
    loop {
        let (id, job) = next(shared);
        let result = compile::build(job);
        let mut state = shared.lock();
        state.done.push(Done { id, result });
        READY.store(true, Ordering::Relaxed);
    }
}

/// The next job. If there is none for a while, what compiling took goes back to the system.
fn next(shared: &Shared) -> (JobId, Job) {
    let is_idle = |state: &mut State| state.queue.is_empty();
    let wake = &shared.wake;
    let waited = wake.wait_timeout_while(shared.lock(), PATIENCE, is_idle);
    let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
    if is_idle(&mut state) {
        drop(state);
        compile::rest();
        let waited = wake.wait_while(shared.lock(), is_idle);
        state = waited.unwrap_or_else(PoisonError::into_inner);
    }
    state.queue.pop_front().expect("the thread waits for one")
}
