//! The arithmetic of measurements.

/// The middle value, or the mean of the two in the middle. Panics if there is none.
pub(super) fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

pub(super) fn geometric_mean(values: &[f64]) -> f64 {
    (values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64).exp()
}

pub(super) fn minimum(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Two of the values, between which the median of all that could have been measured lies, with a
/// probability of at least 95 %. Nothing if there are fewer than six.
///
/// It lies outside of the k-th smallest and k-th largest of n values if fewer than k of n throws
/// of a coin show the one side or the other, whatever the values are distributed like.
pub(super) fn median_interval(values: &[f64]) -> Option<(f64, f64)> {
    let sorted = sorted(values);
    let count = sorted.len();
    let mut outside = 0.0;
    let mut ways = 1.0;
    let mut bounds = None;
    for k in 0..count / 2 {
        outside += 2.0 * ways * 0.5_f64.powi(count as i32);
        if outside > 0.05 {
            break;
        }
        bounds = Some((sorted[k], sorted[count - 1 - k]));
        ways *= (count - k) as f64 / (k + 1) as f64;
    }
    bounds
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0]), 2.5);
    }

    #[test]
    fn geometric_means() {
        assert!((geometric_mean(&[2.0, 8.0]) - 4.0).abs() < 1e-12);
    }

    #[test]
    fn intervals_are_those_of_the_sign_test() {
        let first = |count: u32| (1..=count).map(f64::from).collect::<Vec<_>>();
        assert_eq!(median_interval(&first(5)), None);
        assert_eq!(median_interval(&first(6)), Some((1.0, 6.0)));
        assert_eq!(median_interval(&first(10)), Some((2.0, 9.0)));
        assert_eq!(median_interval(&first(20)), Some((6.0, 15.0)));
    }
}
