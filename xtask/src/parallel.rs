//! A queue of independent jobs over a few threads.

use std::sync::Mutex;
use std::thread;

/// As many jobs at a time as there are cores.
pub(crate) fn default_jobs() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Applies `work` to every item, begun in order and `jobs` at a time; the results keep the order.
pub(crate) fn map<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let queue = Mutex::new(items.iter().enumerate());
    let take = || queue.lock().expect("no job holds the queue").next();
    let worker = || -> Vec<(usize, R)> {
        std::iter::from_fn(take)
            .map(|(index, item)| (index, work(item)))
            .collect()
    };
    let mut results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("a job panicked"))
            .collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_items() {
        let items: Vec<u64> = (0..20).collect();
        let doubled = map(&items, 3, |&item| {
            thread::sleep(std::time::Duration::from_millis(20 - item));
            item * 2
        });
        assert_eq!(
            doubled,
            items.iter().map(|item| item * 2).collect::<Vec<_>>()
        );
    }

    #[test]
    fn no_items() {
        assert!(map(&[0; 0], 2, |_| 1).is_empty());
    }
}
