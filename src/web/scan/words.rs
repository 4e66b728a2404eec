//! What the pages say, in the two languages they speak.

use crate::credentials::{Kind, Outcome};
use crate::events::EventType;
use crate::scan::{Scan, Subject, Verdict};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl Lang {
    /// The language with this code.
    pub(super) fn from_code(code: &str) -> Option<Self> {
        match code {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// Its code in `lang=` and `Content-Language`.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The one of two texts that is in this language.
    pub(super) const fn of<T: Copy>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

macro_rules! words {
    ($($name:ident: $zh:literal, $en:literal;)*) => {
        /// The fixed texts of a page.
        #[derive(Debug)]
        pub(super) struct Words { $(pub(super) $name: &'static str),* }

        impl Words {
            const ZH: Self = Self { $($name: $zh),* };
            const EN: Self = Self { $($name: $en),* };

            /// The texts in a language.
            pub(super) const fn of(lang: Lang) -> &'static Self {
                match lang {
                    Lang::Zh => &Self::ZH,
                    Lang::En => &Self::EN,
                }
            }
        }
    };
}

words! {
    title: "产品溯源", "Product record";
    product: "产品", "Product";
    claimed: "此码所称的产品", "The product this code claims to be";
    claimed_maker: "该产品的生产者", "The producer of that product";
    brand: "品牌", "Brand";
    category: "类别", "Category";
    standard: "执行标准", "Standard";
    gtin: "商品条码", "GTIN";
    serial: "追溯码", "Code";
    lot: "批次", "Lot";
    produced: "生产日期", "Produced";
    best_before: "保质期至", "Best before";
    expires: "有效期至", "Use by";
    maker: "生产者", "Producer";
    name: "名称", "Name";
    credit_code: "统一社会信用代码", "Credit code";
    region: "所在地", "City";
    phone: "电话", "Phone";
    held: "生产时的资质与检测", "Held when it was made";
    journey: "流通记录", "Journey";
    left_out: "另有记录未列出：", "Further records not listed: ";
    unit: "物流单元", "Logistic unit";
    place: "地点", "Place";
    code: "编码", "Code";
    recalled: "此产品正在召回", "This product is recalled";
    recall_advice: "请立即停止食用或使用，保留实物，并联系生产者或购买的商店退回。", "Stop using it at once. Keep it, and bring it back to the shop or call the producer.";
    partly_recalled: "本批次部分产品正在召回", "Part of this lot is recalled";
    partly_recalled_advice: "请扫描单件产品上的二维码，确认您手中的是否在召回之列；确认之前请勿食用或使用。", "Scan the code on the item itself to learn whether yours is among them. Do not use it before you know.";
    was_recalled: "此产品曾被召回", "This product was recalled";
    was_recalled_advice: "召回工作已结束。若您仍持有，请勿食用或使用，并联系生产者。", "That recall is closed. If you still have it, do not use it, and call the producer.";
    hazard: "危害：", "Danger: ";
    since: "召回日期：", "Recalled on ";
    copied: "二维码可以被复制。请核对实物包装与以下信息是否一致。", "A code can be copied. Check that the pack in your hand agrees with what is written here.";
    privacy: "本页不使用 Cookie，不收集位置与手机号。", "This page sets no cookies and asks for neither location nor phone number.";
    hotline: "发现问题可拨打生产者电话，或拨打 12315。", "Something wrong? Call the producer, or 12315 in China.";
    failed: "无法显示", "This cannot be shown";
    bad_code: "无法识别此编码", "This code cannot be read";
    bad_code_more: "链接中的编码有误，可能输错或印刷不清。请核对后重新扫码。", "The code in this link is wrong: mistyped perhaps, or badly printed. Check it and scan again.";
    later: "服务暂时不可用，请稍后再试。", "The service is not available just now. Please try again later.";
}

/// How a verdict looks and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    /// `good`, `doubt`, `bad` or `plain`: its colour and sign.
    pub(super) tone: &'static str,
    /// The verdict.
    pub(super) headline: &'static str,
    /// What it means, and what to do.
    pub(super) sentence: &'static str,
}

/// The verdict on what was scanned, in a language.
pub(super) fn told_of(scan: &Scan, lang: Lang) -> Told {
    let told = told(scan.verdict, lang);
    let sentence = match (&scan.subject, scan.verdict) {
        (Subject::Place(_), Verdict::Known) => {
            lang.of("该地点已登记。", "This place is registered.")
        }
        (Subject::Unit(_), Verdict::Known) => lang.of(
            "该物流单元有记录，流通记录如下。",
            "This logistic unit is on record; what happened to it stands below.",
        ),
        (Subject::Lot { .. }, Verdict::Known) if scan.steps.is_empty() => lang.of(
            "此批次由该生产者登记。流通记录按单件登记，请扫描单件产品上的二维码。",
            "This lot is the producer's. What happened is recorded item by item: scan the code on the item itself.",
        ),
        _ => told.sentence,
    };
    Told { sentence, ..told }
}

/// A verdict in a language.
const fn told(verdict: Verdict, lang: Lang) -> Told {
    let (tone, headline, sentence) = match verdict {
        Verdict::Known => (
            "good",
            lang.of("编码有效，记录可查", "Valid code, on record"),
            lang.of(
                "此码由该生产者登记，流通记录如下。",
                "This code is the producer's, and what happened to it is recorded below.",
            ),
        ),
        Verdict::IssuedUnseen => (
            "doubt",
            lang.of("编码有效，尚无流通记录", "Valid code, never seen"),
            lang.of(
                "此码由该生产者签发，但没有任何流通记录。若从商店购得，请与生产者核实。",
                "The producer issued this code, but nothing is recorded of it. If you bought it in a shop, ask the producer.",
            ),
        ),
        Verdict::NotIssued => (
            "bad",
            lang.of("此码不是该生产者签发的", "Not issued by this producer"),
            lang.of(
                "该生产者从未签发此码，谨防假冒。请勿食用或使用，并与生产者核实。",
                "The producer never issued this code: beware of a counterfeit. Do not use the product, and ask the producer.",
            ),
        ),
        Verdict::OtherLot => (
            "doubt",
            lang.of("批次与登记不符", "Another lot is recorded"),
            lang.of(
                "链接中的批次与此码登记的批次不同，谨防假冒。请核对实物包装，并与生产者核实。",
                "The lot in the link is not the one recorded of this code: beware of a counterfeit. Check the pack, and ask the producer.",
            ),
        ),
        Verdict::Unrecorded => (
            "doubt",
            lang.of("没有此码的记录", "No record of this code"),
            lang.of(
                "系统中没有此码的任何记录，无法判断其来源。",
                "Nothing is recorded of this code, so where it comes from cannot be told.",
            ),
        ),
        Verdict::UnknownProduct => (
            "doubt",
            lang.of("未登记的产品", "Unknown product"),
            lang.of(
                "此商品条码未在本系统登记，无法核对。",
                "No product is registered here under this number, so nothing can be checked.",
            ),
        ),
        Verdict::ProductOnly => (
            "plain",
            lang.of("已登记的产品", "Registered product"),
            lang.of(
                "此码只说明产品种类，不能核对单件或批次。",
                "This code names a kind of product; it does not tell one item or lot from another.",
            ),
        ),
    };
    Told {
        tone,
        headline,
        sentence,
    }
}

/// What a credential is, with what a test found.
pub(super) const fn credential(kind: Kind, outcome: Option<Outcome>, lang: Lang) -> &'static str {
    match (kind, outcome) {
        (Kind::Licence, _) => lang.of("许可", "Licence"),
        (Kind::Certificate, _) => lang.of("认证", "Certificate"),
        (Kind::DeclaredStandard, _) => lang.of("声明标准", "Declared standard"),
        (Kind::TestReport, Some(Outcome::Pass)) => lang.of("检测合格", "Test passed"),
        (Kind::TestReport, Some(Outcome::Fail)) => lang.of("检测不合格", "Test failed"),
        (Kind::TestReport, None) => lang.of("检测报告", "Test report"),
        (Kind::Insurance, _) => lang.of("保险", "Insurance"),
    }
}

/// Business steps of the CBV.
const STEPS: [(&str, &str, &str); 41] = [
    ("accepting", "验收", "Accepted"),
    ("arriving", "到达", "Arrived"),
    ("assembling", "组装", "Assembled"),
    ("collecting", "收集", "Collected"),
    ("commissioning", "赋码生产", "Made and coded"),
    ("consigning", "托运", "Consigned"),
    ("creating_class_instance", "批次生产", "Lot made"),
    ("cycle_counting", "盘点", "Counted"),
    ("decommissioning", "注销编码", "Code retired"),
    ("departing", "出发", "Departed"),
    ("destroying", "销毁", "Destroyed"),
    ("disassembling", "拆解", "Taken apart"),
    ("dispensing", "发放", "Dispensed"),
    ("encoding", "写码", "Encoded"),
    ("entering_exiting", "出入", "Passed a gate"),
    ("holding", "暂存", "Held"),
    ("inspecting", "检验", "Inspected"),
    ("installing", "安装", "Installed"),
    ("killing", "停用标签", "Tag disabled"),
    ("loading", "装车", "Loaded"),
    ("other", "其他", "Other"),
    ("packing", "包装", "Packed"),
    ("picking", "拣货", "Picked"),
    ("receiving", "收货", "Received"),
    ("removing", "取出", "Removed"),
    ("repackaging", "重新包装", "Packed anew"),
    ("repairing", "维修", "Repaired"),
    ("replacing", "更换", "Replaced"),
    ("reserving", "预留", "Reserved"),
    ("retail_selling", "零售售出", "Sold at retail"),
    ("sampling", "抽样", "Sampled"),
    ("sensor_reporting", "传感记录", "Sensor reading"),
    ("shipping", "发货", "Shipped"),
    ("staging_outbound", "待发", "Staged"),
    ("stock_taking", "盘库", "Stock taken"),
    ("stocking", "上架", "Stocked"),
    ("storing", "入库", "Stored"),
    ("transporting", "运输", "Transported"),
    ("unloading", "卸货", "Unloaded"),
    ("unpacking", "拆箱", "Unpacked"),
    ("void_shipping", "取消发货", "Shipment voided"),
];

/// A business step, or what an event without one did. Steps of somebody's own are not told to the public.
pub(super) fn step(biz_step: Option<&str>, event_type: EventType, lang: Lang) -> &'static str {
    let known = STEPS
        .iter()
        .find(|(word, ..)| Some(*word) == biz_step)
        .map(|(_, zh, en)| lang.of(*zh, *en));
    known.unwrap_or(match event_type {
        EventType::Transformation => lang.of("加工", "Processed"),
        EventType::Aggregation => lang.of("包装变动", "Packing changed"),
        EventType::Object | EventType::Association | EventType::Transaction | EventType::Custom => {
            lang.of("记录", "Recorded")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::epcis::vocabulary::BIZ_STEP;

    #[test]
    fn every_business_step_has_its_words() {
        let ours: Vec<&str> = STEPS.iter().map(|(word, ..)| *word).collect();
        assert_eq!(ours, BIZ_STEP.words);
    }

    #[test]
    fn no_verdict_says_that_the_thing_itself_is_genuine() {
        for verdict in Verdict::ALL {
            for lang in [Lang::Zh, Lang::En] {
                let told = told(verdict, lang);
                for word in ["正品", "真品", "genuine", "authentic"] {
                    assert!(!told.headline.to_lowercase().contains(word), "{told:?}");
                    assert!(!told.sentence.to_lowercase().contains(word), "{told:?}");
                }
            }
        }
    }
}
