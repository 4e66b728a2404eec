//! The fixed words of answers for people: in English a word stands for itself, in Chinese it has its term.

use crate::cli::Lang;
use crate::recall;

/// How certain it is that something is affected.
pub(in crate::cli) fn certainty(word: &str, lang: Lang) -> &str {
    recall::class(word, lang.language())
}

macro_rules! terms {
    ($($(#[doc = $doc:literal])+ $name:ident { $($word:literal = $zh:literal;)+ })+) => {$(
        $(#[doc = $doc])+
        pub(in crate::cli) fn $name(word: &str, lang: Lang) -> &str {
            match (lang, word) {
                $((Lang::Zh, $word) => $zh,)+
                _ => word,
            }
        }
    )+};
}

terms! {
    /// What has become of something.
    fate {
        "held" = "持有";
        "in_transit" = "在途";
        "sold" = "已售出";
        "destroyed" = "已销毁";
        "stolen" = "被盗";
        "consumed" = "已投入加工";
        "ended" = "编码已终止";
        "unknown" = "不详";
    }
    /// A holder: an organisation is named by its id, whoever is none by a word.
    holder {
        "consumer" = "消费者";
        "destroyed" = "已销毁";
        "consumed" = "已投入加工";
        "ended" = "编码已终止";
        "unknown" = "不详";
    }
    /// The part of a holder where it is not the one that has it.
    role {
        "sender" = "发出方";
        "alternative" = "另一种可能";
    }
    /// The state of a recall.
    state {
        "assessing" = "评估中";
        "recall_decided" = "已决定召回";
        "executing" = "召回中";
        "closing" = "即将结案";
        "closed" = "已结案";
        "cancelled" = "已撤销";
    }
    /// The state of a holder's task.
    task {
        "created" = "待告知";
        "sent" = "已发送";
        "acknowledged" = "已答复";
        "written_off" = "已核销";
        "released" = "已解除";
    }
    /// How far a notice to a webhook is.
    delivery {
        "waiting" = "待发送";
        "delivered" = "已送达";
        "failed" = "发送失败";
    }
    /// A move of a recall.
    action {
        "open" = "立案";
        "decide" = "决定召回";
        "notify" = "通知";
        "ack" = "答复";
        "extend" = "扩展范围";
        "release" = "批准移除";
        "close" = "结案";
        "cancel" = "撤销";
    }
    /// What has become of something from one version of a scope to another.
    change {
        "added" = "新增";
        "proposed_removal" = "提议移除";
        "changed" = "变更";
        "restored" = "恢复";
        "released" = "已批准移除";
    }
    /// Why it changed.
    why {
        "late_evidence" = "迟到的证据";
        "new_event" = "新事件";
        "correction" = "更正";
        "release" = "批准移除";
    }
    /// Why something was left out of a scope.
    reason {
        "time_order" = "时间在先";
        "finished_before" = "此前已完成";
        "kill_step" = "危害已被该工序消除";
        "disjoint_interval" = "当时不在容器中";
        "outside_window" = "在时间窗之外";
        "cleaned" = "清洗之后";
        "beyond_band" = "超出混合段";
        "went_in" = "仅为投入物";
    }
    /// A rule of a scope.
    rule {
        "guard" = "保护时段";
        "starts" = "推算开始时间";
        "all_to_all" = "全部投入波及全部产出";
        "time_order" = "信任时间先后";
        "vessel" = "混合容器";
        "contact" = "接触";
        "kill_step" = "灭害工序";
    }
    /// A gap in the records.
    gap {
        "not_received" = "发出未收到";
        "not_shipped" = "收到未发出";
        "not_recorded" = "移动未记录";
        "outside" = "在登记之外";
        "no_origin" = "来源未记录";
        "no_inputs" = "投入未记录";
        "no_outputs" = "产出未记录";
        "no_contents" = "内装未记录";
    }
    /// The kind of a thing.
    kind {
        "unit" = "单件";
        "lot" = "批次";
        "process" = "加工过程";
        "place" = "地点";
    }
    /// Somebody's part in an event.
    part {
        "producer" = "生产方";
        "processor" = "加工方";
        "packer" = "包装方";
        "shipper" = "发货方";
        "receiver" = "收货方";
        "seller" = "销售方";
        "return_taker" = "退货接收方";
        "destroyer" = "销毁方";
        "recorder" = "记录方";
    }
    /// What a credential is, how it stood, and what a test found.
    credential {
        "licence" = "许可";
        "certificate" = "认证";
        "declared_standard" = "声明标准";
        "test_report" = "检测报告";
        "insurance" = "保险";
        "valid" = "有效";
        "not_yet_valid" = "尚未生效";
        "expired" = "已过期";
        "revoked" = "已吊销";
        "out_of_calibration" = "超出校准期";
        "pass" = "合格";
        "fail" = "不合格";
    }
    /// What a person is in an organisation.
    person {
        "legal_representative" = "法定代表人";
        "person_in_charge" = "负责人";
        "chief_quality_officer" = "首席质量官";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{Kind, Outcome, PersonRole, State as CredentialState};
    use crate::recall::State;
    use crate::trace::evaluate::Reason;
    use crate::trace::{DarkKind, Fate};

    fn check(term: fn(&str, Lang) -> &str, words: &[&'static str]) {
        for word in words {
            assert_eq!(term(word, Lang::En), *word);
            let zh = term(word, Lang::Zh);
            assert!(!zh.is_ascii(), "{word} has no Chinese term");
        }
    }

    #[test]
    fn every_word_has_its_term() {
        use Fate::{Consumed, Destroyed, Ended, Held, InTransit, Sold, Stolen, Unknown};
        let fates = [
            Held, InTransit, Sold, Destroyed, Stolen, Consumed, Ended, Unknown,
        ];
        check(fate, &fates.map(Fate::as_str));
        let gaps = [
            DarkKind::NotReceived,
            DarkKind::NotShipped,
            DarkKind::NotRecorded,
            DarkKind::Outside,
        ];
        check(gap, &gaps.map(DarkKind::as_str));
        let states: Vec<&str> = State::all().map(State::as_str).collect();
        check(state, &states);
        check(reason, &Reason::ALL.map(Reason::as_str));
        let kinds = [
            Kind::Licence,
            Kind::Certificate,
            Kind::DeclaredStandard,
            Kind::TestReport,
            Kind::Insurance,
        ];
        check(credential, &kinds.map(Kind::as_str));
        let standings = [
            CredentialState::Valid,
            CredentialState::NotYetValid,
            CredentialState::Expired,
            CredentialState::Revoked,
            CredentialState::OutOfCalibration,
        ];
        check(credential, &standings.map(CredentialState::as_str));
        check(
            credential,
            &[Outcome::Pass, Outcome::Fail].map(Outcome::as_str),
        );
        let people = [
            PersonRole::LegalRepresentative,
            PersonRole::PersonInCharge,
            PersonRole::ChiefQualityOfficer,
        ];
        check(person, &people.map(PersonRole::as_str));
    }

    #[test]
    fn what_is_no_fixed_word_stays_as_it_is() {
        assert_eq!(holder("maker", Lang::Zh), "maker");
        assert_eq!(holder("consumer", Lang::Zh), "消费者");
    }
}
