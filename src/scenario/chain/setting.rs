//! How large a world is and when its runs of production are. Pure arithmetic.

use crate::epcis::Timestamp;
use crate::scenario::ScenarioError;
use crate::scenario::outbox::later;

/// What all worlds of one kind have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) struct Frame {
    /// The least units with which the whole story happens.
    pub(in crate::scenario) least: u32,
    /// The least runs with which it does; they come before runs grow.
    pub(in crate::scenario) runs_min: u32,
    /// The most units of a run: a larger world has more runs.
    pub(in crate::scenario) run_max: u32,
    /// From one run to the next.
    pub(in crate::scenario) run_seconds: u64,
}

/// From the start of the world to the first run: its materials are made before.
const LEAD_SECONDS: u64 = 3 * 24 * 3_600;

/// The size of a world, its seed and its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub(in crate::scenario) units: u32,
    pub(in crate::scenario) seed: u64,
    pub(in crate::scenario) start: Timestamp,
    pub(in crate::scenario) runs: u32,
    run_seconds: u64,
}

impl Setting {
    pub(in crate::scenario) fn new(
        units: u32,
        seed: u64,
        start: Timestamp,
        frame: Frame,
    ) -> Result<Self, ScenarioError> {
        if units < frame.least {
            return Err(ScenarioError::TooFew {
                units,
                least: frame.least,
            });
        }
        Ok(Self {
            units,
            seed,
            start,
            runs: units.div_ceil(frame.run_max).max(frame.runs_min),
            run_seconds: frame.run_seconds,
        })
    }

    /// Units of a run: all runs together make all units, and differ by one at most.
    pub(in crate::scenario) fn count(&self, run: u32) -> u32 {
        let before = |run: u32| u64::from(run) * u64::from(self.units) / u64::from(self.runs);
        u32::try_from(before(run + 1) - before(run)).unwrap_or(u32::MAX)
    }

    /// When a run begins.
    pub(in crate::scenario) fn at(&self, run: u32) -> Timestamp {
        later(self.start, LEAD_SECONDS + u64::from(run) * self.run_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame {
        least: 20,
        runs_min: 10,
        run_max: 100,
        run_seconds: 3_600,
    };

    #[test]
    fn all_runs_together_make_all_units() {
        for units in [20, 21, 29, 1_000, 1_001, 123_456] {
            let setting = Setting::new(units, 1, Timestamp::default(), FRAME).unwrap();
            let counts: Vec<u32> = (0..setting.runs).map(|run| setting.count(run)).collect();
            assert_eq!(counts.iter().sum::<u32>(), units);
            assert!(counts.iter().all(|count| (2..=100).contains(count)));
        }
    }

    #[test]
    fn too_few_units_for_the_story_are_refused() {
        assert_eq!(
            Setting::new(19, 1, Timestamp::default(), FRAME),
            Err(ScenarioError::TooFew {
                units: 19,
                least: 20
            })
        );
    }
}
