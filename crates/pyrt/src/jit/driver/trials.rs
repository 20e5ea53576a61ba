//! Trials: whether a loop is quicker as a tree or in the interpreter, by time.
//!
//! A tree that is left very often may cost more than it saves: it is entered and left, and what it calls may take the
//! longer way. Nothing that can be counted tells, so both ways are timed, if a loop's tree is left suspiciously often.
//! The tree is compiled once more, so that its exits say how often the loop header was reached. Then the loop
//! runs in blocks of as many rounds each way, in the order tree, interpreter, interpreter, tree, and so on; a
//! block's time is that of the thread, from round to round, with all that happens in between. Neighbours are a pair:
//!
//! ```text
//!   in service ──left often──► counts rounds ──left often──► on trial ──loses nearly all pairs──► retired
//!       ▲                                                        │
//!       └───────────────────────── otherwise ────────────────────┘
//! ```
//!
//! Whatever else takes time, by chance or because the program does something else now, is as likely to be found in
//! either block of a pair.

use super::*;

/// Exits after which it is looked at how quickly they came, and how many times as many as pay for compiling the tree: by
/// then each exit that matters has had its chance of a side trace.
const EXITS_BETWEEN_LOOKS: u32 = 4096;
const CHANCES: u32 = 2;
/// They came often if there was less than this between two.
const OFTEN: Duration = Duration::from_micros(60);
/// How many times as many are waited for after a trial that did not retire the tree.
const REST_AFTER_TRIAL: u32 = 64;
/// Rounds in a block.
const ROUNDS: u32 = 1024;
/// How many pairs of blocks a trial takes at least until the tree stays, and until it loses, and at most.
const TO_STAY: usize = 4;
const TO_LOSE: usize = 8;
const MOST_PAIRS: usize = 64;
/// How much longer than the interpreter a tree has to take to lose, and how much less not to be in doubt at all.
const LOST_BY: f64 = 1.02;
const CLEARLY_WON: f64 = 0.85;
/// How many standard errors there have to be in between: a quick tree is never to lose, a slow one may stay.
const CERTAIN: f64 = 4.0;
const LIKELY: f64 = 2.0;
/// How many blocks may come to nothing.
const MOST_SPOILED: u32 = 8;
/// Passes of a place that rests for the sake of another one's trial, unless that ends before.
const RESTING: i32 = 1 << 20;

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tried {
    /// The loop's tree.
    #[default]
    Tree,
    /// All trees of the function, which may be slow together although none is by itself: they lead to each other.
    Function,
}

/// A trial in progress.
pub(crate) struct Trial {
    thread: *mut PyThreadState,
    /// When the present block began, in the time of the thread.
    started: Duration,
    /// How often the tree has reached its loop header in it.
    rounds: u32,
    /// How often the tree had been entered then.
    entries: u32,
    /// Seconds per round of the blocks so far.
    blocks: Vec<f64>,
    tried: Tried,
    /// Of the anchor's code.
    meta: *mut CodeMeta,
    spoiled: u32,
}

/// Whether trees are tried all the time, for testing.
fn is_stressed() -> bool {
    options().stress.contains(&StressMode::Trials)
}

/// Rounds in a block.
fn rounds() -> u32 {
    if is_stressed() { 3 } else { ROUNDS }
}

/// What has been found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Open,
    Stays,
    Loses,
}

impl Trial {
    /// Whether the loop is interpreted in the block with this number.
    fn is_interpreted(block: usize) -> bool {
        matches!(block % 4, 1 | 2)
    }

    fn verdict(&self) -> Verdict {
        match (is_stressed(), self.tried) {
            (true, _) if self.blocks.len() < 2 * TO_STAY => Verdict::Open,
            (true, Tried::Tree) => Verdict::Stays,
            (true, Tried::Function) => Verdict::Loses,
            (false, _) => verdict(&self.blocks, self.spoiled),
        }
    }
}

/// By how much the tree took longer, by pair: logarithms, for which twice and half are as far from nothing.
fn ratios(blocks: &[f64]) -> Vec<f64> {
    let pairs = blocks.chunks_exact(2).enumerate();
    let ratio = |(pair, times): (usize, &[f64])| match Trial::is_interpreted(2 * pair) {
        true => (times[1] / times[0]).ln(),
        false => (times[0] / times[1]).ln(),
    };
    pairs.map(ratio).collect()
}

/// What blocks tell of a tree, of which each is the time of a round.
fn verdict(blocks: &[f64], spoiled: u32) -> Verdict {
    let ratios = ratios(blocks);
    let count = ratios.len() as f64;
    let mean = ratios.iter().sum::<f64>() / count;
    let square = |ratio: &f64| (ratio - mean) * (ratio - mean);
    let error = (ratios.iter().map(square).sum::<f64>() / (count - 1.0) / count).sqrt();
    let limit = LOST_BY.ln();
    if ratios.len() >= TO_LOSE && mean - CERTAIN * error > limit {
        return Verdict::Loses;
    }
    let stays = ratios.len() >= TO_STAY && mean + LIKELY * error < limit;
    match stays || ratios.len() >= MOST_PAIRS || spoiled > MOST_SPOILED {
        true => Verdict::Stays,
        false => Verdict::Open,
    }
}

/// Counts that a tree of a loop of this code has been left, after so many rounds if it is on trial.
#[inline(always)]
pub(super) unsafe fn note_exit(
    r: Regs,
    code: *mut PyCodeObject,
    anchor: *mut Anchor,
    tree: &Rc<Tree>,
    plan: &ExitPlan,
    rounds: u32,
) {
    let left = tree.until_look.get();
    // SAFETY: `r` is where the exit has led, and the anchor the tree's.
    unsafe {
        if (*anchor).trial.is_some() {
            end_visit(r, anchor, tree, rounds);
        } else if left > 0 {
            tree.until_look.set(left - 1);
        } else {
            look(r, code, anchor, tree, plan);
        }
    }
}

/// After how many exits it is looked at how quickly they came, of a tree whose exits get side traces after so many.
pub(in crate::jit) fn exits_until_look(exit_limit: u32) -> u32 {
    match is_stressed() {
        true => 0,
        false => exit_limit.saturating_mul(CHANCES).max(EXITS_BETWEEN_LOOKS),
    }
}

/// Looks at how often a tree is left.
#[cold]
unsafe fn look(
    r: Regs,
    code: *mut PyCodeObject,
    anchor: *mut Anchor,
    tree: &Rc<Tree>,
    plan: &ExitPlan,
) {
    let exits = exits_until_look(tree.exit_limit);
    let before = tree.look_after(exits);
    let often = before.is_some_and(|before| before.elapsed() < OFTEN * exits);
    // SAFETY: as for `note_exit`.
    unsafe {
        let pending = (*anchor).pending.is_some_and(is_pending);
        let meta = meta_of(code);
        let certain = options().exit_cost == 0 || (*meta).policy == Policy::Always;
        let doubtful = often && !certain && !tree.grows() || is_stressed();
        if !doubtful || pending || state().recorder.is_some() {
            return;
        }
        let mut others = false;
        (*meta).for_each_anchor(|anchor| others |= anchor.trial.is_some());
        if others {
            return;
        }
        if tree.recorded.counts_rounds {
            tree.on_trial.set(true);
            (*anchor).trial = Some(Box::new(Trial {
                thread: r.ts,
                started: thread_time(),
                rounds: 0,
                entries: tree.entries.get(),
                blocks: Vec::new(),
                tried: (*anchor).tries_next,
                meta,
                spoiled: 0,
            }));
        } else if !is_over_budget() {
            let mut recorded = tree.recorded.unpack();
            recorded.counts_rounds = true;
            let origin = Origin {
                reshapes: true,
                ..again(code, anchor, tree, plan.recorded)
            };
            complete(origin, Job::Tree(Box::new(recorded)));
        }
    }
}

/// A tree that is on trial was left. In a block in which it is not to run it does so only within other trees.
#[cold]
unsafe fn end_visit(r: Regs, anchor: *mut Anchor, tree: &Rc<Tree>, rounds: u32) {
    // SAFETY: as for `note_exit`.
    unsafe {
        let Some(trial) = (*anchor).trial.as_mut().filter(|_| !(*anchor).rests) else {
            return;
        };
        // A round of the interpreter follows where the tree refuses the frame.
        let rounds = rounds.max(1).saturating_add(tree.returned_rounds.take());
        trial.rounds = trial.rounds.saturating_add(rounds);
        if trial.rounds >= self::rounds() {
            let rounds = trial.rounds;
            end_block(r.ts, anchor, tree, rounds);
        }
    }
}

/// The interpreter has executed the rounds of its block.
pub(super) unsafe fn end_interpreted(ts: *mut PyThreadState, anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe {
        match ((*anchor).tree.clone(), &(*anchor).trial) {
            (Some(tree), Some(_)) => end_block(ts, anchor, &tree, rounds()),
            _ => let_rest(anchor, false),
        }
    }
}

/// The loop of an anchor is reached that is interpreted for a while, by the end of another tree: that is a round, too.
pub(super) unsafe fn count_round(anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe { (*anchor).heat = ((*anchor).heat - 1).max(0) };
}

unsafe fn end_block(ts: *mut PyThreadState, anchor: *mut Anchor, tree: &Rc<Tree>, rounds: u32) {
    // SAFETY: a live anchor.
    unsafe {
        let Some(trial) = (*anchor).trial.as_mut() else {
            return;
        };
        let now = thread_time();
        let entries = tree.entries.get();
        let intruded = (*anchor).rests && entries != trial.entries;
        if ts != trial.thread || intruded {
            trial.spoiled += 1;
        } else {
            let spent = now.saturating_sub(trial.started);
            trial.blocks.push(spent.as_secs_f64() / f64::from(rounds));
        }
        let (verdict, tried) = (trial.verdict(), trial.tried);
        let rests = verdict == Verdict::Open && Trial::is_interpreted(trial.blocks.len());
        (trial.thread, trial.rounds, trial.entries) = (ts, 0, entries);
        let meta = trial.meta;
        match (verdict, tried) {
            (Verdict::Open, Tried::Tree) => let_rest(anchor, rests),
            (Verdict::Open, Tried::Function) => {
                (*meta).for_each_anchor(|anchor| let_rest(anchor, rests));
            }
            (Verdict::Loses, Tried::Tree) => {
                retire(anchor, Retired::LosesTrials);
                // Trees that would run it have to do without.
                (*meta).for_each_anchor(|anchor| {
                    if anchor
                        .tree
                        .as_ref()
                        .is_some_and(|tree| tree.recorded.runs_loops)
                    {
                        start_over(anchor);
                    }
                });
            }
            (Verdict::Loses, Tried::Function) => {
                end(anchor);
                (*meta).for_each_anchor(|anchor| {
                    if anchor.tree.is_some() {
                        retire(anchor, Retired::LosesTrials);
                    }
                });
            }
            (Verdict::Stays, _) => {
                let ratios = ratios(&trial.blocks);
                let won = ratios
                    .iter()
                    .filter(|ratio| **ratio < CLEARLY_WON.ln())
                    .count();
                end(anchor);
                let won = won >= ratios.len() / 2 && !is_stressed();
                let doubtful = tried == Tried::Tree && !won;
                (*anchor).tries_next = match doubtful {
                    true => Tried::Function,
                    false => Tried::Tree,
                };
                if !doubtful {
                    tree.look_after(REST_AFTER_TRIAL * EXITS_BETWEEN_LOOKS);
                }
            }
        }
    }
}

/// Has a loop or function interpreted, or run as its tree again.
unsafe fn let_rest(anchor: *mut Anchor, rests: bool) {
    // SAFETY: a live anchor.
    unsafe {
        let changes = rests != (*anchor).rests && (*anchor).tree.is_some();
        if !changes && (*anchor).trial.is_none() {
            return;
        }
        (*anchor).rests = rests;
        (*anchor).heat = match (rests, &(*anchor).trial) {
            (false, _) => 0,
            (true, Some(_)) => rounds() as i32 - 1,
            (true, None) => RESTING,
        };
        if let Some(trial) = &mut (*anchor).trial {
            trial.started = thread_time();
        }
    }
}

/// The trial of an anchor's tree ends, if there is one.
pub(super) unsafe fn end(anchor: *mut Anchor) {
    // SAFETY: a live anchor.
    unsafe {
        let trial = (*anchor).trial.take();
        if let Some(tree) = (*anchor).tree.as_ref().filter(|_| trial.is_some()) {
            tree.on_trial.set(false);
        }
        let_rest(anchor, false);
        if let Some(trial) = trial.filter(|trial| trial.tried == Tried::Function) {
            (*trial.meta).for_each_anchor(|anchor| let_rest(anchor, false));
        }
    }
}

/// The time that the thread has spent.
fn thread_time() -> Duration {
    clock::read(libc::CLOCK_THREAD_CPUTIME_ID)
}

#[cfg(test)]
mod tests;
