//! The story of a run, sentence by sentence, in Chinese and English.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::pages::Pages;
use crate::cli::Lang;
use crate::cli::judge::Answer;
use crate::epcis::Timestamp;
use crate::ingest::Counts;
use crate::scenario::{Description, Party};

/// China's offset from UTC.
const OFFSET_MICROS: i64 = 8 * 3_600 * 1_000_000;

/// One of the two.
macro_rules! either {
    ($words:expr, $zh:literal, $en:literal $(, $argument:expr)* $(,)?) => {
        match $words.0 {
            Lang::Zh => format!($zh $(, $argument)*),
            Lang::En => format!($en $(, $argument)*),
        }
    };
}

mod verdict;

/// Sentences in one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub(super) Lang);

impl Words {
    pub(super) fn story(self, description: Description) -> String {
        match self.0 {
            Lang::Zh => description.zh,
            Lang::En => description.en,
        }
    }

    pub(super) fn folder(self, folder: &str, took: Duration) -> String {
        let s = took.as_secs_f64();
        either!(
            self,
            "一、在 {folder} 新建数据库和密钥（{s:.1} 秒）",
            "1. New database and keys in {folder} ({s:.1} s)"
        )
    }

    pub(super) fn master_data(
        self,
        parties: usize,
        places: usize,
        products: usize,
        took: Duration,
    ) -> String {
        let s = took.as_secs_f64();
        either!(
            self,
            "二、导入 {parties} 家单位、{places} 个地点、{products} 种产品（{s:.1} 秒）",
            "2. {parties} organisations, {places} places, {products} products imported ({s:.1} s)"
        )
    }

    pub(super) fn codes(self, codes: u64, batches: usize, took: Duration) -> String {
        let s = took.as_secs_f64();
        either!(
            self,
            "三、发码 {codes} 个，共 {batches} 批；码是算出来的，数据库里每批只占一行（{s:.1} 秒）",
            "3. {codes} codes issued in {batches} batches; codes are computed, a batch is one row ({s:.1} s)"
        )
    }

    pub(super) fn ingesting(self, broker: &str) -> String {
        either!(
            self,
            "四、进程内的 Kafka（{broker}）收发事件，账本逐条落库……",
            "4. Events go through a Kafka inside this process ({broker}) into the ledger ..."
        )
    }

    pub(super) fn ingested(self, messages: u64, counts: &Counts, took: Duration) -> String {
        let s = took.as_secs_f64();
        let Counts {
            recorded,
            duplicates,
            conflicts,
            refused,
            gaps,
        } = *counts;
        let rate = per_second(recorded + duplicates, took);
        either!(
            self,
            "   {messages} 条消息：记录 {recorded} 个事件，重复 {duplicates}，冲突 {conflicts}，拒收 {refused}，缺口 {gaps}（{s:.1} 秒，每秒 {rate} 个事件）",
            "   {messages} messages: {recorded} events recorded, {duplicates} duplicates, {conflicts} conflicts, {refused} refused, {gaps} gaps ({s:.1} s, {rate} events/s)"
        )
    }

    pub(super) fn verified(self, entries: i64, bad: usize, took: Duration) -> String {
        let s = took.as_secs_f64();
        match bad {
            0 => either!(
                self,
                "五、核验账本：{entries} 条，哈希链、默克尔树和每一行派生数据全部重算一致（{s:.1} 秒）",
                "5. Ledger verified: {entries} entries; chain, tree and every derived row made again and equal ({s:.1} s)"
            ),
            _ => either!(
                self,
                "五、核验账本：{bad} 行不一致！",
                "5. Ledger verified: {bad} rows DIFFER"
            ),
        }
    }

    pub(super) fn question(self, place: &str, from: Timestamp, until: Timestamp) -> String {
        let (from, until) = (local(from), local(until));
        either!(
            self,
            "六、召回提问：{from} 至 {until} 在 {place} 出过什么？",
            "6. The recall asks: what was at {place} from {from} until {until}, and what became of it?"
        )
    }

    pub(super) fn answered(self, answer: &Answer, took: Duration) -> String {
        let ms = took.as_millis();
        let units = answer.units.len();
        let places: BTreeSet<&str> = answer
            .units
            .values()
            .filter_map(|found| found.standing.place.as_deref())
            .collect();
        let places = places.len();
        let mut fates: BTreeMap<&str, usize> = BTreeMap::new();
        for found in answer.units.values() {
            *fates
                .entry(self.status(&found.standing.status))
                .or_default() += 1;
        }
        let fates: Vec<String> = fates
            .into_iter()
            .map(|(status, count)| format!("{status} {count}"))
            .collect();
        either!(
            self,
            "   受影响 {units} 件（{}），涉及 {places} 个地点；{ms} 毫秒得出并冻结。现在手中有货的：",
            "   {units} units affected ({}), at {places} places; found and frozen in {ms} ms. Who has them now:",
            fates.join(if self.0 == Lang::Zh { "，" } else { ", " })
        )
    }

    fn status(self, status: &str) -> &str {
        match (status, self.0) {
            ("held", Lang::Zh) => "在库在店",
            ("in_transit", Lang::Zh) => "在途",
            ("sold", Lang::Zh) => "已售",
            ("destroyed", Lang::Zh) => "已销毁",
            ("consumed", Lang::Zh) => "已回掺",
            ("in_transit", Lang::En) => "in transit",
            ("consumed", Lang::En) => "blended in again",
            _ => status,
        }
    }

    /// The name of a party.
    pub(super) fn party(self, party: &Party) -> String {
        match self.0 {
            Lang::Zh => party.name.clone(),
            Lang::En => party.name_en.clone(),
        }
    }

    /// Why there is a recall, as the order says it.
    pub(super) const fn reason(self) -> &'static str {
        match self.0 {
            Lang::Zh => "二号线筛网破裂，金属碎屑落入罐中",
            Lang::En => "A broken sieve on line 2: metal fragments in the tins",
        }
    }

    pub(super) fn holder_line(self, count: usize, name: &str) -> String {
        either!(self, "   {count:>8} 件  {name}", "   {count:>8}  {name}")
    }

    pub(super) fn others_line(self, count: usize) -> String {
        either!(self, "   另有 {count} 家", "   and {count} more")
    }

    pub(super) fn dropped(self, event: &str) -> String {
        either!(
            self,
            "   （未上报的装箱事件：{event}）",
            "   (a packing event that is never reported: {event})"
        )
    }

    pub(super) fn notified(self, recall: &str, holders: usize, took: Duration) -> String {
        let s = took.as_secs_f64();
        either!(
            self,
            "八、召回 {recall}：已决定，并通知 {holders} 家单位（{s:.1} 秒）",
            "8. Recall {recall}: decided, {holders} holders notified ({s:.1} s)"
        )
    }

    pub(super) fn code_of(self, link: &str) -> String {
        either!(
            self,
            "其中一罐的码：{link}",
            "The code of one of them: {link}"
        )
    }

    pub(super) fn page(self, page: Page) -> &'static str {
        match (page, self.0) {
            (Page::Affected, Lang::Zh) => "受影响的一罐",
            (Page::Affected, Lang::En) => "an affected tin",
            (Page::Unaffected, Lang::Zh) => "不受影响的一罐",
            (Page::Unaffected, Lang::En) => "a tin that is not",
            (Page::Forged, Lang::Zh) => "伪造的码",
            (Page::Forged, Lang::En) => "a forged code",
        }
    }

    /// Where to go from here: pages, commands.
    pub(super) fn ending(self, pages: &Pages, config: &str, took: Duration) -> String {
        let s = took.as_secs_f64();
        let mut lines: Vec<String> = pages
            .0
            .iter()
            .map(|(page, url)| format!("{}  {url}", self.page(*page)))
            .collect();
        lines.push(either!(
            self,
            "之后可以：suyuan --config {config} serve（网页）、verify（核验）、recall list（召回）",
            "From here: suyuan --config {config} serve (pages), verify, recall list"
        ));
        lines.push(either!(self, "全程 {s:.1} 秒", "{s:.1} s in all"));
        lines.join("\n")
    }

    pub(super) fn serving(self, url: &str) -> String {
        either!(
            self,
            "正在 {url} 提供网页，按 Ctrl-C 结束",
            "Serving {url}; Ctrl-C ends it"
        )
    }

    /// Bars.
    pub(super) fn bar(self, bar: Bar) -> &'static str {
        match (bar, self.0) {
            (Bar::Planning, Lang::Zh) => "推演",
            (Bar::Planning, Lang::En) => "planning",
            (Bar::Events, Lang::Zh) => "入账",
            (Bar::Events, Lang::En) => "recording",
            (Bar::Verifying, Lang::Zh) => "核验",
            (Bar::Verifying, Lang::En) => "verifying",
        }
    }
}

/// A page that is pointed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Affected,
    Unaffected,
    Forged,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bar {
    Planning,
    Events,
    Verifying,
}

fn per_second(count: u64, took: Duration) -> u128 {
    u128::from(count) * 1_000 / took.as_millis().max(1)
}

/// A time of China, to the minute.
fn local(at: Timestamp) -> String {
    let text = Timestamp::from_micros(at.micros() + OFFSET_MICROS).to_string();
    let minute = text.get(..16).unwrap_or(&text).replace('T', " ");
    format!("{minute} +08:00")
}

/// How many units each holder has, the most first.
pub(super) fn by_count(holders: &BTreeMap<String, usize>) -> Vec<(&str, usize)> {
    let mut sorted: Vec<(&str, usize)> = holders
        .iter()
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    sorted.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    sorted
}
