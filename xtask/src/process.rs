//! Child processes: a clean environment, a deadline for the whole process group, resource usage.
//!
//! CPython's tests look at signal handlers and at the environment, and leave children behind, so
//! each run gets default handlers, a minimal environment and a group that ends with it.

use crate::Result;
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a group that is being ended has to print its tracebacks.
const GRACE: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(5);

/// How a process ended, and what it used.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    pub(crate) end: End,
    pub(crate) wall: Duration,
    pub(crate) user: Duration,
    pub(crate) system: Duration,
    pub(crate) peak_rss_kib: i64,
}

/// The three ways to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Exit(i32),
    Signal(i32),
    TimedOut,
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            End::Exit(code) => write!(f, "exit {code}"),
            End::Signal(signal) => write!(f, "signal {signal}"),
            End::TimedOut => f.write_str("timed out"),
        }
    }
}

/// Resets the signals that a shell's background job ignores; children inherit that.
pub(crate) fn default_signals() {
    for signal in [libc::SIGINT, libc::SIGQUIT, libc::SIGHUP, libc::SIGXFSZ] {
        // SAFETY: SIG_DFL runs no code of ours, and no other thread exists yet.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// `program` with the clean environment: `home` and `tmp` are folders in `scratch`, and of our own
/// environment only the `PYRT_*` variables pass.
pub(crate) fn clean_command(program: &Path, scratch: &Path) -> Result<Command> {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "C.UTF-8");
    for (variable, folder) in [("HOME", "home"), ("TMPDIR", "tmp")] {
        let folder = scratch.join(folder);
        std::fs::create_dir_all(&folder)?;
        command.env(variable, folder);
    }
    command
        .envs(pyrt_variables())
        .stdin(Stdio::null())
        .current_dir(scratch);
    Ok(command)
}

fn pyrt_variables() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PYRT_"))
}

/// Starts the command in its own process group, with its output going to files, not to pipes: a
/// grandchild that outlives it would keep a pipe open.
pub(crate) fn start(command: &mut Command, stdout: &Path, stderr: &Path) -> Result<Child> {
    command
        .process_group(0)
        .stdout(File::create(stdout)?)
        .stderr(File::create(stderr)?);
    command
        .spawn()
        .map_err(|error| format!("{command:?}: {error}").into())
}

/// Waits for a child; past the deadline, its whole group is asked for tracebacks and then killed.
pub(crate) fn wait(child: &Child, limit: Duration) -> Finished {
    let started = Instant::now();
    loop {
        if let Some(finished) = try_wait(child, started) {
            return finished;
        }
        if started.elapsed() > limit {
            return end_group(child, started);
        }
        std::thread::sleep(POLL);
    }
}

/// Runs a command to its end with inherited output and no deadline, which costs no polling.
pub(crate) fn measure(command: &mut Command) -> Result<Finished> {
    let started = Instant::now();
    let child = command
        .spawn()
        .map_err(|error| format!("{command:?}: {error}"))?;
    wait4(&child, 0, started).ok_or_else(|| "the child was reaped elsewhere".into())
}

fn try_wait(child: &Child, started: Instant) -> Option<Finished> {
    wait4(child, libc::WNOHANG, started)
}

fn end_group(child: &Child, started: Instant) -> Finished {
    // regrtest registers faulthandler for SIGUSR1; anything else dies of it, as it is about to.
    signal_group(child, libc::SIGUSR1);
    std::thread::sleep(GRACE);
    signal_group(child, libc::SIGKILL);
    let finished = wait4(child, 0, started).expect("a killed child can be waited for");
    Finished {
        end: End::TimedOut,
        ..finished
    }
}

fn signal_group(child: &Child, signal: i32) {
    // SAFETY: the group is the child's own, and the child has not been waited for yet, so its
    // number cannot belong to anybody else.
    unsafe { libc::kill(-(child.id() as i32), signal) };
}

/// `wait4`, because only it tells one child's usage from another's.
fn wait4(child: &Child, options: i32, started: Instant) -> Option<Finished> {
    let mut status = 0;
    // SAFETY: `rusage` is plain numbers, for which zero is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to locals of the right types.
    let reaped = unsafe { libc::wait4(child.id() as i32, &mut status, options, &mut usage) };
    (reaped == child.id() as i32).then(|| Finished {
        end: end_of(status),
        wall: started.elapsed(),
        user: duration(usage.ru_utime),
        system: duration(usage.ru_stime),
        peak_rss_kib: usage.ru_maxrss,
    })
}

fn end_of(status: i32) -> End {
    if libc::WIFSIGNALED(status) {
        End::Signal(libc::WTERMSIG(status))
    } else {
        End::Exit(libc::WEXITSTATUS(status))
    }
}

fn duration(time: libc::timeval) -> Duration {
    Duration::from_micros(time.tv_sec as u64 * 1_000_000 + time.tv_usec as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).process_group(0);
        command
    }

    fn end(script: &str, limit: Duration) -> End {
        wait(&shell(script).spawn().unwrap(), limit).end
    }

    #[test]
    fn exits_and_signals_are_told_apart() {
        assert_eq!(end("exit 3", Duration::from_secs(10)), End::Exit(3));
        assert_eq!(end("kill -9 $$", Duration::from_secs(10)), End::Signal(9));
    }

    #[test]
    fn a_deadline_ends_the_group() {
        assert_eq!(
            end("sleep 60 & wait", Duration::from_millis(50)),
            End::TimedOut
        );
    }

    #[test]
    fn usage_is_the_childs_own() {
        let finished = measure(&mut shell(
            "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done",
        ))
        .unwrap();
        assert!(finished.user + finished.system > Duration::ZERO);
        assert!(finished.peak_rss_kib > 0);
    }
}
