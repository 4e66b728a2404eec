//! What came from Kafka, and what became of it.

use crate::cli::Lang;
use crate::ingest::{HeldPartition, PartitionPosition, Report};

/// The sums, and how far each partition is.
pub(in crate::cli) fn report(report: &Report, lang: Lang) -> String {
    let counts = report.counts;
    let sums = either!(
        lang,
        "已记录 {} 个事件，重复 {}，冲突 {}，拒绝 {}，缺口 {}",
        "{} recorded, {} duplicates, {} conflicts, {} refused, {} gaps",
        counts.recorded,
        counts.duplicates,
        counts.conflicts,
        counts.refused,
        counts.gaps
    );
    let ends = report.positions.iter().map(|position| end(position, lang));
    let lines: Vec<String> = std::iter::once(sums).chain(ends).collect();
    lines.join("\n")
}

fn end(position: &PartitionPosition, lang: Lang) -> String {
    either!(
        lang,
        "{}/{}：下一偏移量 {}",
        "{}/{}: next offset {}",
        position.topic,
        position.partition,
        position.next_offset
    )
}

/// A partition that cannot go on.
pub(in crate::cli) fn held(held: &HeldPartition, lang: Lang) -> String {
    either!(
        lang,
        "suyuan: 分区 {}/{} 已停住：{}",
        "suyuan: {}/{} is held: {}",
        held.topic,
        held.partition,
        held.detail
    )
}

#[cfg(test)]
mod tests {
    use super::report;
    use crate::cli::Lang;
    use crate::ingest::{Counts, PartitionPosition, Report};

    #[test]
    fn sums_and_offsets_are_told_in_both_languages() {
        let counts = Counts {
            recorded: 9,
            refused: 1,
            ..Counts::default()
        };
        let position = PartitionPosition {
            topic: "suyuan.events".into(),
            partition: 3,
            next_offset: 10,
            epoch: 1,
        };
        let told = Report {
            counts,
            positions: vec![position],
            ..Report::default()
        };

        assert_eq!(
            report(&told, Lang::En),
            "9 recorded, 0 duplicates, 0 conflicts, 1 refused, 0 gaps\nsuyuan.events/3: next offset 10"
        );
        assert_eq!(
            report(&told, Lang::Zh),
            "已记录 9 个事件，重复 0，冲突 0，拒绝 1，缺口 0\nsuyuan.events/3：下一偏移量 10"
        );
    }
}
