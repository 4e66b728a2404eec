//! Single items back and forward, as `suyuan trace` answers: everything upstream and downstream, the events
//! that tell of it, where it is and who has it.

use std::time::Duration;

use super::report::timed;
use super::world::Draw;
use crate::app::{self, App, Problem};
use crate::cli::Context;
use crate::scenario::load::Load;
use crate::trace::evaluate::{Direction, Window};

use super::serials::Serials;

/// Items that are traced each way, at most.
const ITEMS: u32 = 250;
/// One in so many items of a small world is traced.
const ONE_IN: u32 = 200;

/// How many items of a world are traced each way.
pub(super) fn count(load: &Load) -> u32 {
    ITEMS.min(load.item_count() / ONE_IN).max(1)
}

/// Times of many traces, in order.
#[derive(Debug)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    /// The time that so many in a hundred stay within.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let index = (self.0.len() * percent).div_ceil(100).max(1) - 1;
        self.0.get(index).copied().unwrap_or_default()
    }
}

/// Traces items drawn at random; the connection stands already, nothing else is prepared.
pub(super) fn trace(
    app: &App,
    load: &Load,
    serials: &Serials,
    direction: Direction,
    seed: u64,
) -> Result<Times, Problem> {
    let caller = Context::operator(None);
    let serial = |item: u32| serials.of(item);
    let mut draw = Draw::new(seed);
    let mut times = Vec::new();
    app.db.read(|_| Ok::<_, Problem>(()))?;
    for _ in 0..count(load) {
        let id = load.identifier(draw.below(load.item_count()), &serial);
        let (traced, time) =
            timed(|| app::trace(app, &caller, direction, &id, Window::default(), None))?;
        if traced.events.is_empty() {
            return Err(super::fill::broken(format!("{id} has no event")));
        }
        times.push(time);
    }
    times.sort_unstable();
    Ok(Times(times))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_time_that_so_many_stay_within() {
        let times = Times((1..=250).map(Duration::from_millis).collect());
        assert_eq!(times.percentile(50), Duration::from_millis(125));
        assert_eq!(times.percentile(99), Duration::from_millis(248));
        assert_eq!(Times(Vec::new()).percentile(99), Duration::ZERO);
    }
}
