//! The kinds of findings, and the sentence of each in both languages.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal, $zh:literal, $en:literal;)*) => {
        /// What is wrong.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        #[schema(as = FindingKind)]
        pub enum Kind { $($(#[doc = $doc])+ $kind),* }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The word.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$kind => $name),* } }

            const fn texts(self) -> (&'static str, &'static str) { match self { $(Self::$kind => ($zh, $en)),* } }
        }
    };
}

kinds! {
    /// More of a lot left an account than was in it.
    NegativeBalance = "negative_balance", "{things}：在 {places} 用出或发出的比有的多 {amount}。", "{things}: {amount} more left {places} than was there.";
    /// More was received than was shipped.
    ReceivedMoreThanShipped = "received_more_than_shipped", "{things}：{places} 收到的比发出的多 {amount}。", "{things}: {places} received {amount} more than was shipped.";
    /// Received, and nobody recorded a shipment.
    ReceivedNotShipped = "received_not_shipped", "{things}：{places} 收货 {amount}，没有发货记录。", "{things}: {amount} received, {places}, and no shipment is recorded.";
    /// Shipped long ago, and not received.
    ShippedNotReceived = "shipped_not_received", "{things}：{amount} 已发出很久，{places}，没有收货记录。", "{things}: {amount} shipped long ago, {places}, and no receipt is recorded.";
    /// Missing in one place and left over in another.
    MovedUnrecorded = "moved_unrecorded", "{things}：{amount} 换了地方而没有记录：{places}。", "{things}: {amount} moved and nobody recorded it: {places}.";
    /// Seen at two places faster than anything travels.
    TooFast = "too_fast", "{things}：在 {places} 先后出现，快得不可能。", "{things}: seen at {places}, one after the other, faster than anything travels.";
    /// Seen after it was destroyed, ended or used up.
    SeenAfterEnd = "seen_after_end", "{things}：销毁、注销或用掉以后又出现。", "{things}: seen after it was destroyed, ended or used up.";
    /// Seen, sold or packed before it was made.
    SeenBeforeBeginning = "seen_before_beginning", "{things}：在生产或启用之前就出现。", "{things}: seen before it was made or commissioned.";
    /// Seen, and nothing says that it was ever made.
    NeverBegan = "never_began", "{things}：出现过，却没有生产、启用或收进的记录。", "{things}: seen, and no event says that it was made, commissioned or received.";
    /// Packed into a second container while in the first.
    PackedTwice = "packed_twice", "{things}：还在一个容器里，又装进另一个。", "{things}: packed into a second container while inside the first.";
    /// Seen by itself elsewhere while inside a container.
    SeenApart = "seen_apart", "{things}：在容器里，却单独出现在别处：{places}。", "{things}: seen by itself elsewhere while inside a container: {places}.";
    /// Taken out of a container that it was not in.
    UnpackedNotInside = "unpacked_not_inside", "{things}：从不在其中的容器里取出。", "{things}: taken out of a container that it was not in.";
    /// Seen inside a container that it was never packed into.
    NeverPacked = "never_packed", "{things}：在从未装进的容器里出现。", "{things}: seen inside a container that nobody packed it into.";
    /// A process that something came out of and nothing went into.
    ProcessWithoutInputs = "process_without_inputs", "{things}：只有产出、没有投入的过程。", "{things}: a process that something came out of and nothing went into.";
    /// A process that something went into and nothing came out of.
    ProcessWithoutOutputs = "process_without_outputs", "{things}：只有投入、没有产出的过程。", "{things}: a process that something went into and nothing came out of.";
    /// A code of a product whose codes are computed that was never issued.
    NeverIssued = "never_issued", "{things}：从未发放的码在使用。", "{things}: a code in use that was never issued.";
    /// Amounts of one lot in several units of measure.
    MixedUnits = "mixed_units", "{things}：数量用了不同的计量单位：{amount}。", "{things}: amounts in several units of measure: {amount}.";
    /// An amount with more digits than are kept.
    AmountTooFine = "amount_too_fine", "{things}：数量的小数位太多，未入账。", "{things}: an amount with more digits than are kept; it is not booked.";
    /// Recorded long after it happened.
    RecordedLate = "recorded_late", "事件发生很久以后才记录：{events}。", "recorded long after it happened: {events}.";
    /// Recorded before it happened.
    RecordedEarly = "recorded_early", "事件的时间晚于记录时间：{events}。", "happened, it says, after it was recorded: {events}.";
}

/// One sentence, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Sentence)]
pub struct Sentence {
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

/// What a sentence speaks of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) things: &'a [String],
    pub(super) count: u64,
    pub(super) places: &'a [String],
    pub(super) events: &'a [String],
    pub(super) amount: &'a str,
}

impl Kind {
    /// The sentence of a finding.
    pub(super) fn sentence(self, words: &Words<'_>) -> Sentence {
        let (zh, en) = self.texts();
        let first = words.things.first().map_or("–", String::as_str);
        let more = words.count.saturating_sub(1);
        let (zh_things, en_things) = match more {
            0 => (first.to_owned(), first.to_owned()),
            _ => (
                format!("{first} 等 {} 件", words.count),
                format!("{first} and {more} more"),
            ),
        };
        let units = words.amount.is_empty();
        let zh_amount = if units {
            format!("{} 件", words.count)
        } else {
            words.amount.to_owned()
        };
        let en_amount = match (units, words.count) {
            (false, _) => words.amount.to_owned(),
            (true, 1) => "1 unit".to_owned(),
            (true, count) => format!("{count} units"),
        };
        let places = if words.places.is_empty() {
            "–".to_owned()
        } else {
            words.places.join(" → ")
        };
        let fill = |text: &str, things: &str, amount: &str| {
            text.replace("{events}", &words.events.join(", "))
                .replace("{amount}", amount)
                .replace("{places}", &places)
                .replace("{things}", things)
        };
        Sentence {
            zh: fill(zh, &zh_things, &zh_amount),
            en: fill(en, &en_things, &en_amount),
        }
    }
}
