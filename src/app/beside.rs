//! A job on a thread of its own beside the work of a process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often a job that rests looks whether it shall end.
const LOOK: Duration = Duration::from_millis(50);

/// Does the work, and the job beside it; when the work is over, the job is told by the flag, and its end is
/// waited for.
pub fn beside<T>(job: impl FnOnce(&AtomicBool) + Send, work: impl FnOnce() -> T) -> T {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Set even when the work panics: nobody would end the job otherwise.
        let over = Over(&is_over);
        scope.spawn(|| job(&is_over));
        let done = work();
        drop(over);
        done
    })
}

/// Rests for this long, or until the job shall end.
pub fn rest(stop: &AtomicBool, time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time && !stop.load(Ordering::SeqCst) {
        std::thread::sleep(LOOK.min(time));
    }
}

/// Says that it is over when it goes out of scope.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
