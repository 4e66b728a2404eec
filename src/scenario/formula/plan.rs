//! When what is filled: the two lines' trays, the blends they draw from, the hours of the broken sieve, and
//! where opened tins go back in. Pure arithmetic, known before anything runs.

use crate::epcis::Timestamp;
use crate::scenario::ScenarioError;
use crate::scenario::outbox::later;
use crate::scenario::truth::Window;

use super::places::Map;

/// Tins in a case.
pub(super) const CASE: u32 = 24;
/// Cases on a pallet.
pub(super) const PALLET: usize = 40;
/// Powder in a tin.
pub(super) const TIN_GRAMS: u32 = 800;
/// The least units with which every part of the story happens.
pub(super) const UNITS_MIN: u32 = 2_400;
/// Below this many units a tray is a single case, so that there are enough trays.
const SMALL_WORLD: u32 = 10_000;
/// Trays a line draws from one blend.
pub(super) const BLEND_TRAYS: u32 = 10;
/// From the start of the world, when the first milk is dried, to the first tin.
const LEAD_SECONDS: u64 = 4 * 24 * 3_600;
/// A tray every six minutes, or fewer so that a small campaign takes sixteen hours nevertheless.
const TRAY_SECONDS_MIN: u64 = 360;
const CAMPAIGN_SECONDS_MIN: u64 = 16 * 3_600;
/// How long the sieve is broken.
const WINDOW_SECONDS: u64 = 3 * 3_600;
/// Line 2 has filled this share of its trays, in percent, when the sieve breaks.
const WINDOW_AFTER_PERCENT: u32 = 35;

/// Which opened tins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rework {
    /// Dented tins of line 1, before anything was wrong.
    Clean = 0,
    /// From line 2 in the window, into the blend that is being drawn from: a lot that contains itself.
    Running = 1,
    /// From line 2 in the window, into the blend after it.
    Next = 2,
    /// From line 1, filled from the blend with rework, into a still later blend.
    Second = 3,
}

impl Rework {
    pub(super) const ALL: [Self; 4] = [Self::Clean, Self::Running, Self::Next, Self::Second];
}

/// The plan of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    units: u32,
    tray: u32,
    /// Trays of each line.
    pub(super) trays: u32,
    interval: u64,
    first: Timestamp,
    /// Trays of line 2 in the window: first, and first after it.
    pub(super) window_trays: (u32, u32),
}

impl Plan {
    pub(super) fn new(
        units: u32,
        tray: Option<u32>,
        start: Timestamp,
    ) -> Result<Self, ScenarioError> {
        if units < UNITS_MIN {
            return Err(ScenarioError::TooFew {
                units,
                least: UNITS_MIN,
            });
        }
        let tray = tray.unwrap_or(if units < SMALL_WORLD { CASE } else { 2 * CASE });
        if tray == 0 || !tray.is_multiple_of(CASE) {
            return Err(ScenarioError::UnevenTray {
                tins: tray,
                case: CASE,
            });
        }
        let least = UNITS_MIN.saturating_mul(tray / CASE);
        if units < least {
            return Err(ScenarioError::TooFew { units, least });
        }
        let units = units.next_multiple_of(CASE);
        let trays = units.div_ceil(tray).div_ceil(2);
        let interval = interval_of(trays);
        let from =
            u32::try_from(u64::from(trays) * u64::from(WINDOW_AFTER_PERCENT) / 100).unwrap_or(0);
        let long = u32::try_from(WINDOW_SECONDS / interval).unwrap_or(0);
        let first = later(start, LEAD_SECONDS);
        Ok(Self {
            units,
            tray,
            trays,
            interval,
            first,
            window_trays: (from, from + long),
        })
    }

    /// Tins to fill.
    pub(super) const fn units(&self) -> u32 {
        self.units
    }

    /// When line 0 or 1 closes this tray. Line 2 runs a third of an interval behind.
    pub(super) fn filled_at(&self, line: usize, tray: u32) -> Timestamp {
        let behind = if line == 0 { 0 } else { self.interval / 3 };
        later(self.first, u64::from(tray) * self.interval + behind)
    }

    /// Tins in this tray: the lines take turns, the last tray has what is left.
    pub(super) fn tins(&self, line: usize, tray: u32) -> u32 {
        let before = (u64::from(tray) * 2 + line as u64) * u64::from(self.tray);
        let left = u64::from(self.units).saturating_sub(before);
        u32::try_from(left).unwrap_or(u32::MAX).min(self.tray)
    }

    /// Half an interval before the first tray of line 2 that is hit. The fault ends three hours later; no tray
    /// of this line is closed within half an interval of either.
    pub(super) fn window_from(&self) -> Timestamp {
        let first_hit = self.filled_at(1, self.window_trays.0);
        Timestamp::from_micros(first_hit.micros() - micros(self.interval / 2))
    }

    /// The first instant after the fault.
    pub(super) fn window_until(&self) -> Timestamp {
        later(self.window_from(), WINDOW_SECONDS)
    }

    /// Line 2 while its sieve is broken.
    pub(super) fn window(&self) -> Window {
        Window {
            place: Map::draw().lines[1].to_string(),
            from: self.window_from(),
            until: self.window_until(),
            hazard: "金属碎屑 metal fragments".to_owned(),
        }
    }

    /// How many blends the campaign needs.
    pub(super) const fn blends(&self) -> u32 {
        self.trays.div_ceil(BLEND_TRAYS)
    }

    /// When a blend is ready: half an interval before its first tray.
    pub(super) fn blend_ready_at(&self, blend: u32) -> Timestamp {
        let first = self.filled_at(0, blend * BLEND_TRAYS);
        Timestamp::from_micros(first.micros() - micros(self.interval / 2))
    }

    /// Powder needed for a blend, with two percent more.
    pub(super) fn blend_grams(&self) -> u32 {
        let tins = self.tray.saturating_mul(2 * BLEND_TRAYS);
        tins.saturating_mul(TIN_GRAMS / 100).saturating_mul(102)
    }

    /// The blend that takes rework while it is drawn from: the first that begins after the window.
    fn running_blend(&self) -> u32 {
        self.window_trays.1.div_ceil(BLEND_TRAYS)
    }

    /// The blend that takes this rework, if the campaign is long enough to have it.
    pub(super) fn rework_blend(&self, rework: Rework) -> Option<u32> {
        let blend = match rework {
            Rework::Clean => 1,
            Rework::Running => self.running_blend(),
            Rework::Next => self.running_blend() + 1,
            Rework::Second => self.running_blend() + 3,
        };
        (blend < self.blends()).then_some(blend)
    }

    /// The tray that the rework is taken from, and how many of its tins.
    pub(super) fn rework_source(&self, rework: Rework) -> (usize, u32, u32) {
        let half = self.tray / 2;
        match rework {
            Rework::Clean => (0, 3, half / 2),
            Rework::Running => (1, self.window_trays.0 + 2, half),
            Rework::Next => (1, self.window_trays.0 + 4, half),
            Rework::Second => (0, (self.running_blend() + 1) * BLEND_TRAYS + 3, half / 2),
        }
    }

    /// When the running blend takes its rework: in the middle, between two trays of either line.
    pub(super) fn running_rework_at(&self) -> Timestamp {
        let tray = self.running_blend() * BLEND_TRAYS + BLEND_TRAYS / 2;
        later(self.filled_at(0, tray), self.interval * 2 / 3)
    }

    /// When the last tray is closed.
    pub(super) fn last_tray_at(&self) -> Timestamp {
        self.filled_at(1, self.trays.saturating_sub(1))
    }
}

/// Seconds between two trays of a line: the least that fits and divides the window.
fn interval_of(trays: u32) -> u64 {
    let wanted = TRAY_SECONDS_MIN.max(CAMPAIGN_SECONDS_MIN / u64::from(trays));
    (wanted..WINDOW_SECONDS)
        .find(|seconds| WINDOW_SECONDS.is_multiple_of(*seconds))
        .unwrap_or(WINDOW_SECONDS)
}

fn micros(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(0) * 1_000_000
}

/// The lot number of tins filled at this time: the local date and the shift (A 06–14, B 14–22, C 22–06; the
/// night belongs to the day on which it began).
pub(super) fn lot_number(at: Timestamp) -> String {
    const SHIFT_BEGINS: u64 = 6;
    let shifted = Timestamp::from_micros(at.micros() - micros(SHIFT_BEGINS * 3_600));
    let text = crate::scenario::report::local(shifted);
    let hour: u32 = text
        .get(11..13)
        .and_then(|hour| hour.parse().ok())
        .unwrap_or(0);
    let shift = ["A", "B", "C"][(hour / 8 % 3) as usize];
    format!("{}{}{}{shift}", &text[2..4], &text[5..7], &text[8..10])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(units: u32) -> Plan {
        Plan::new(units, None, "2026-03-02T00:00:00+08:00".parse().unwrap()).unwrap()
    }

    #[test]
    fn all_trays_together_hold_the_units() {
        for units in [2_400, 9_984, 20_000, 50_001] {
            let plan = plan(units);
            let sum: u32 = (0..plan.trays)
                .flat_map(|tray| [plan.tins(0, tray), plan.tins(1, tray)])
                .sum();
            assert!((units..units + CASE).contains(&sum), "{units} became {sum}");
        }
    }

    #[test]
    fn the_window_holds_the_trays_it_names_and_touches_no_other() {
        for units in [2_400, 5_000, 20_000, 100_000] {
            let plan = plan(units);
            let inside: Vec<u32> = (0..plan.trays)
                .filter(|tray| {
                    (plan.window_from()..plan.window_until()).contains(&plan.filled_at(1, *tray))
                })
                .collect();
            assert_eq!(
                inside,
                (plan.window_trays.0..plan.window_trays.1).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn an_infant_formula_line_closes_a_tray_every_six_minutes() {
        let plan = plan(20_000);
        assert_eq!(
            plan.filled_at(1, 8).micros() - plan.filled_at(1, 7).micros(),
            micros(360)
        );
        assert_eq!(plan.window_trays.1 - plan.window_trays.0, 30);
    }

    #[test]
    fn even_the_smallest_world_has_the_rework_that_makes_the_cycle() {
        let plan = plan(UNITS_MIN);
        assert!(plan.rework_blend(Rework::Running).is_some());
    }

    #[test]
    fn a_night_shift_belongs_to_the_day_it_began_on() {
        let lot = |text: &str| lot_number(text.parse().unwrap());
        assert_eq!(lot("2026-03-02T06:00:00+08:00"), "260302A");
        assert_eq!(lot("2026-03-02T21:59:59+08:00"), "260302B");
        assert_eq!(lot("2026-03-03T05:59:59+08:00"), "260302C");
    }
}
