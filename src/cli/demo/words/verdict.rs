//! How the answer compared, in words.

use super::Words;
use crate::cli::Lang;
use crate::cli::judge::{Judgement, Reason};

/// Units that are named one by one, at most.
const NAMED_MAX: usize = 10;

impl Words {
    pub(in crate::cli::demo) fn judged(self, judgement: &Judgement) -> String {
        let (expected, found) = (judgement.expected, judgement.found);
        let (missing, misplaced) = (judgement.missing.len(), judgement.misplaced.len());
        let extra = judgement.extra_count();
        let verdict = match (judgement.is_right(), self.0) {
            (true, Lang::Zh) => "相符",
            (true, Lang::En) => "right",
            (false, Lang::Zh) => "不符",
            (false, Lang::En) => "WRONG",
        };
        let mut text = either!(
            self,
            "七、与隐藏的真相逐件比对：真正受影响 {expected} 件，答案 {found} 件，漏掉 {missing}，位置不对 {misplaced}，多出 {extra}：{verdict}",
            "7. Held against the hidden truth, unit by unit: {expected} truly affected, {found} in the answer, {missing} missing, {misplaced} misplaced, {extra} extra: {verdict}"
        );
        for (reason, count) in &judgement.extra {
            text.push_str("\n   ");
            text.push_str(&self.extra(*reason, *count));
        }
        let unexplained = judgement.unexplained.len();
        if 0 < unexplained {
            text.push_str("\n   ");
            text.push_str(&either!(
                self,
                "多出 {unexplained} 件没有理由",
                "{unexplained} extra without a reason"
            ));
        }
        text
    }

    fn extra(self, reason: Reason, count: usize) -> String {
        match reason {
            Reason::AtPlace => either!(
                self,
                "多出 {count} 件：窗口内在现场",
                "{count} extra: they were there in the window"
            ),
            Reason::Guard => either!(
                self,
                "多出 {count} 件：在时间窗口前后的保护时段内经过现场",
                "{count} extra: they were there within the guard around the window"
            ),
            Reason::Inside => either!(
                self,
                "多出 {count} 件：曾与受影响的在同一容器内",
                "{count} extra: they were in a container with what is affected"
            ),
            Reason::Blended => either!(
                self,
                "多出 {count} 件：出自混入过受影响产品的批；记录分不清先后，所以全部算上",
                "{count} extra: they came out of a lot that affected powder went into; records do not tell before from after, so all of it counts"
            ),
            Reason::Gap => either!(
                self,
                "多出 {count} 件：记录有缺，不能排除",
                "{count} extra: records are missing, they cannot be ruled out"
            ),
        }
    }

    /// What is wrong, some of it named.
    pub(in crate::cli::demo) fn faults(self, judgement: &Judgement) -> Vec<String> {
        let mut lines = Vec::new();
        for id in judgement.missing.iter().take(NAMED_MAX) {
            lines.push(either!(self, "漏掉：{id}", "missing: {id}"));
        }
        for id in &judgement.missing_lots {
            lines.push(either!(self, "漏掉的批：{id}", "missing lot: {id}"));
        }
        for unit in judgement.misplaced.iter().take(NAMED_MAX) {
            let (id, truth, answer) = (&unit.id, &unit.truth, &unit.answer);
            lines.push(either!(
                self,
                "位置不对：{id}：真相 {truth}；答案 {answer}",
                "misplaced: {id}: truly {truth}; the answer says {answer}"
            ));
        }
        for id in judgement.unexplained.iter().take(NAMED_MAX) {
            lines.push(either!(
                self,
                "多出而无理由：{id}",
                "extra without a reason: {id}"
            ));
        }
        let all = judgement.missing.len()
            + judgement.missing_lots.len()
            + judgement.misplaced.len()
            + judgement.unexplained.len();
        let left = all - lines.len();
        if 0 < left {
            lines.push(either!(self, "另有 {left} 件", "and {left} more"));
        }
        lines
    }
}
