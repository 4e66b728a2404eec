//! What ISO/IEC 18004 §7.8.3.1 charges a mask for: long runs, blocks, patterns that look like a finder,
//! and an unequal share of dark and light. Lines are words of bits, so that all modules of a line are
//! looked at together.

use super::grid::Grid;

/// Charge for a run of five modules; one more for each further module.
const RUN: u32 = 3;

/// Charge for each 2 × 2 block of one colour, overlapping ones too.
const BLOCK: u32 = 3;

/// Charge for each dark 1 : 1 : 3 : 1 : 1 with four light modules before or after it.
const FINDER: u32 = 40;

/// Charge for each full 5 % that the dark share is away from one half.
const SHARE: u32 = 10;

/// The penalty of a symbol.
pub(super) fn penalty(grid: &Grid) -> u32 {
    lines(grid.rows()) + lines(grid.columns()) + blocks(grid.rows()) + share(grid.rows())
}

/// Runs and finder-like patterns along the lines.
fn lines(lines: &[u64]) -> u32 {
    let pairs = all(lines.len() - 1);
    lines
        .iter()
        .map(|line| runs(equal_to_next(*line) & pairs) + finders(*line))
        .sum()
}

/// Modules equal to their next; the last module's bit means nothing.
const fn equal_to_next(line: u64) -> u64 {
    !(line ^ (line >> 1))
}

/// A run of n modules is one of n − 1 equal pairs, and of n − 4 places where four pairs follow each
/// other: the charge, n − 2, is those places and two more for their first.
const fn runs(equal: u64) -> u32 {
    let fives = equal & equal >> 1 & equal >> 2 & equal >> 3;
    let starts = fives & !(fives << 1);
    fives.count_ones() + (RUN - 1) * starts.count_ones()
}

/// Beyond the line everything is light.
const fn finders(line: u64) -> u32 {
    let pattern =
        line & !(line >> 1) & line >> 2 & line >> 3 & line >> 4 & !(line >> 5) & line >> 6;
    let dark_before = line << 1 | line << 2 | line << 3 | line << 4;
    let dark_after = line >> 7 | line >> 8 | line >> 9 | line >> 10;
    FINDER * (pattern & !(dark_before & dark_after)).count_ones()
}

fn blocks(rows: &[u64]) -> u32 {
    let pairs = all(rows.len() - 1);
    let charged = rows.windows(2).map(|two| {
        let same = equal_to_next(two[0]) & equal_to_next(two[1]) & !(two[0] ^ two[1]) & pairs;
        same.count_ones()
    });
    BLOCK * charged.sum::<u32>()
}

fn share(rows: &[u64]) -> u32 {
    let dark: u32 = rows.iter().map(|row| row.count_ones()).sum();
    let modules = u32::try_from(rows.len() * rows.len()).unwrap_or(u32::MAX);
    SHARE * ((20 * dark).abs_diff(10 * modules) / modules)
}

/// The lowest `count` bits.
const fn all(count: usize) -> u64 {
    (1 << count) - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Line = Vec<bool>;

    fn line(text: &str) -> Line {
        text.chars().map(|module| module == '#').collect()
    }

    fn word(line: &[bool]) -> u64 {
        line.iter()
            .rev()
            .fold(0, |word, dark| word << 1 | u64::from(*dark))
    }

    fn words(rows: &[Line]) -> Vec<u64> {
        rows.iter().map(|row| word(row)).collect()
    }

    fn charge_for_runs(text: &str) -> u32 {
        let line = line(text);
        runs(equal_to_next(word(&line)) & all(line.len() - 1))
    }

    #[test]
    fn a_run_costs_three_from_five_modules_on_and_one_more_for_each() {
        for (text, charge) in [
            ("####.#.#.", 0),
            ("#####.#.#", 3),
            (".#.#.....", 3),
            ("######.#.", 4),
            ("#####.....", 6),
            ("##########", 8),
        ] {
            assert_eq!(charge_for_runs(text), charge, "{text}");
        }
    }

    #[test]
    fn a_finder_like_pattern_costs_forty_with_light_beside_it() {
        for (text, charge) in [
            ("#.###.#....######", 40),
            ("######....#.###.#", 40),
            ("##....#.###.#....", 40),
            ("##...#.###.#...##", 0),
            ("#.###.#...#######", 40),
            ("####.#.###.#.####", 0),
        ] {
            assert_eq!(finders(word(&line(text))), charge, "{text}");
        }
    }

    #[test]
    fn the_dark_share_costs_ten_for_each_full_five_percent() {
        for (dark_rows, charge) in [(10, 0), (9, 10), (11, 10), (8, 20), (20, 100), (0, 100)] {
            let mut rows = vec![0; 20];
            rows[..dark_rows].fill(all(20));
            assert_eq!(share(&rows), charge, "{dark_rows} of 20 rows");
        }
        let mut one_less = vec![0; 20];
        one_less[..10].fill(all(20));
        one_less[9] >>= 1;
        assert_eq!(share(&one_less), 0, "less than five percent is free");
    }

    /// Runs and blocks counted module by module.
    fn counted(rows: &[Line]) -> (u32, u32) {
        let width = rows.len();
        let run_charge = rows
            .iter()
            .flat_map(|row| row.chunk_by(|a, b| a == b))
            .map(|run| u32::try_from(run.len()).unwrap())
            .filter(|length| *length >= 5)
            .map(|length| RUN + length - 5)
            .sum();
        let mut block_charge = 0;
        for y in 1..width {
            for x in 1..width {
                let four = [
                    rows[y][x],
                    rows[y - 1][x],
                    rows[y][x - 1],
                    rows[y - 1][x - 1],
                ];
                if four.iter().all(|module| *module == four[0]) {
                    block_charge += BLOCK;
                }
            }
        }
        (run_charge, block_charge)
    }

    proptest! {
        #[test]
        fn bits_charge_what_counting_module_by_module_charges(
            modules in prop::collection::vec(prop::bool::weighted(0.7), 61 * 61), version in 1..=11_usize,
        ) {
            let width = 17 + 4 * version;
            let rows: Vec<Line> = modules.chunks(61).take(width).map(|row| row[..width].to_vec()).collect();
            let words = words(&rows);
            let (run_charge, block_charge) = counted(&rows);

            let found: u32 = words.iter().map(|word| runs(equal_to_next(*word) & all(width - 1))).sum();
            prop_assert_eq!(found, run_charge);
            prop_assert_eq!(blocks(&words), block_charge);
        }
    }
}
