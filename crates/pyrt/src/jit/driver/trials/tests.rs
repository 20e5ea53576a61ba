use super::*;

/// Blocks of a tree that takes so many times what the interpreter does, by pair.
fn blocks(ratios: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let pair = |(pair, ratio): (usize, f64)| match Trial::is_interpreted(2 * pair) {
        true => [1.0, ratio],
        false => [ratio, 1.0],
    };
    ratios.into_iter().enumerate().flat_map(pair).collect()
}

/// So many pairs of blocks, in which other things take up to so many times what the loop does.
fn noisy(ratio: f64, noise: f64, pairs: usize) -> Vec<f64> {
    let mut seed = 1_u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as f64 / (1_u64 << 31) as f64
    };
    let blocks = blocks(std::iter::repeat_n(ratio, pairs)).into_iter();
    blocks.map(|time| time * (1.0 + noise * random())).collect()
}

#[test]
fn a_slow_tree_loses_but_not_at_once() {
    assert_eq!(verdict(&blocks([1.1; TO_LOSE]), 0), Verdict::Loses);
    assert_eq!(verdict(&blocks([1.1; TO_LOSE - 1]), 0), Verdict::Open);
    assert_eq!(verdict(&noisy(1.2, 0.5, MOST_PAIRS), 0), Verdict::Loses);
}

#[test]
fn one_pair_that_was_disturbed_retires_nothing() {
    for odd in 0..TO_LOSE {
        let mut ratios = [0.9; TO_LOSE];
        ratios[odd] = 100.0;
        assert_ne!(verdict(&blocks(ratios), 0), Verdict::Loses);
    }
}

#[test]
fn a_quick_tree_never_loses() {
    for pairs in 1..=MOST_PAIRS {
        for noise in [0.0, 0.5, 3.0] {
            assert_ne!(verdict(&noisy(0.8, noise, pairs), 0), Verdict::Loses);
        }
    }
    assert_eq!(verdict(&blocks([0.5; TO_STAY]), 0), Verdict::Stays);
}

#[test]
fn a_tree_that_is_as_quick_stays() {
    assert_eq!(verdict(&blocks([1.0; TO_STAY]), 0), Verdict::Stays);
    assert_eq!(verdict(&noisy(1.0, 1.0, MOST_PAIRS), 0), Verdict::Stays);
}

#[test]
fn a_trial_that_is_disturbed_tells_nothing() {
    assert_eq!(verdict(&[], MOST_SPOILED), Verdict::Open);
    assert_eq!(verdict(&[], MOST_SPOILED + 1), Verdict::Stays);
}
