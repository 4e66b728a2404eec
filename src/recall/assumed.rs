//! What a recall reaches only across a gap in the records, and what a person says becomes of it: it is recalled
//! like the rest, or left out. Pure.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Error;
use super::amounts::Amounts;
use super::store_versions::Removal;
use super::summary::{Due, Summary};
use crate::trace::Quantity;
use crate::trace::evaluate::Certainty;

/// What becomes of what is affected only across a gap in the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RecallRuling)]
pub enum Ruling {
    /// It is recalled like everything else.
    Include,
    /// Nobody gets a task for it, and nobody who scans it is warned. It stays listed.
    Leave,
}

impl Ruling {
    /// The word in the store and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Include => "include",
            Self::Leave => "leave",
        }
    }

    /// The ruling with this word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Include, Self::Leave]
            .into_iter()
            .find(|ruling| ruling.as_str() == name)
    }

    /// Whether what has this class is left out.
    pub fn leaves_out(ruling: Option<Self>, certainty: Certainty) -> bool {
        ruling == Some(Self::Leave) && certainty == Certainty::Assumed
    }
}

impl FromStr for Ruling {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = || Error::field("assumed", format!("is include or leave, not {text:?}"));
        Self::from_name(text).ok_or_else(refuse)
    }
}

/// What of a frozen scope is assumed, beside its sums.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AssumedPart {
    /// How much of lots.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantity: Vec<Quantity>,
    /// What of what each holder has to answer for is assumed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub due: Vec<Due>,
    /// When anybody has to answer for something assumed: what each holder has to answer for without that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rest: Vec<Due>,
}

impl AssumedPart {
    /// Whether there is nothing to keep.
    pub const fn is_empty(&self) -> bool {
        self.quantity.is_empty() && self.due.is_empty() && self.rest.is_empty()
    }
}

impl Summary {
    /// What each holder has to answer for under a ruling.
    pub(super) fn due_under(&self, ruling: Option<Ruling>) -> &[Due] {
        if ruling == Some(Ruling::Leave) && !self.assumed.due.is_empty() {
            &self.assumed.rest
        } else {
            &self.due
        }
    }
}

/// What of a scope in effect is affected only across a gap in the records.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
#[schema(as = RecallAssumed)]
pub struct AssumedView {
    /// Units, each counted once; a holder sees how many it has to answer for.
    pub unit_count: u64,
    /// Lots of which everything that is affected is assumed; not told to holders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_count: Option<u64>,
    /// Quantities of lots.
    pub quantity: Vec<Quantity>,
    /// What of what each holder has, is to get, has sent or may have is assumed.
    pub holders: Vec<Due>,
}

impl AssumedView {
    /// Of a version, and of what it keeps.
    pub(super) fn of(summary: &Summary, removals: &[Removal]) -> Self {
        let all = || std::iter::once(summary).chain(removals.iter().map(|kept| &kept.summary));
        let quantities = all().flat_map(|summary| &summary.assumed.quantity);
        let dues = all().flat_map(|summary| &summary.assumed.due);
        let holders = summed(dues).into_iter();
        Self {
            unit_count: all().map(|summary| summary.certainty.assumed).sum(),
            lot_count: Some(all().map(|summary| summary.lot_certainty.assumed).sum()),
            quantity: Amounts::of(quantities).quantities(),
            holders: holders
                .map(|(holder, (unit_count, amounts))| Due {
                    holder,
                    unit_count,
                    quantity: amounts.quantities(),
                })
                .collect(),
        }
    }

    /// Whether nothing is assumed.
    pub fn is_empty(&self) -> bool {
        let lots = self.lot_count.unwrap_or_default();
        self.unit_count + lots == 0 && self.quantity.is_empty() && self.holders.is_empty()
    }

    /// The same, or none when nothing is assumed.
    pub(super) fn told(self) -> Option<Self> {
        (!self.is_empty()).then_some(self)
    }

    /// Only what concerns one holder.
    pub(super) fn seen_by(mut self, holder: &str) -> Self {
        self.holders.retain(|due| due.holder == holder);
        self.unit_count = self.holders.iter().map(|due| due.unit_count).sum();
        self.quantity = self
            .holders
            .iter()
            .flat_map(|due| due.quantity.clone())
            .collect();
        self.lot_count = None;
        self
    }

    /// How much it is, in words: `2 units, 10 KGM of lots, with 1 holder`.
    pub fn words(&self) -> String {
        let mut words = Vec::new();
        if 0 < self.unit_count {
            words.push(counted(self.unit_count, "unit"));
        }
        let quantities: Vec<String> = self.quantity.iter().map(ToString::to_string).collect();
        let lots = self.lot_count.unwrap_or_default();
        if !quantities.is_empty() {
            words.push(format!("{} of lots", quantities.join(" and ")));
        } else if 0 < lots {
            words.push(counted(lots, "lot"));
        }
        let holders = counted(self.holders.len() as u64, "holder");
        words.push(format!("with {holders}"));
        words.join(", ")
    }

    /// Refuses that nobody has said what becomes of it.
    pub(super) fn check_said(&self, recall: &str, said: Option<Ruling>) -> Result<(), Error> {
        if self.is_empty() || said.is_some() {
            return Ok(());
        }
        let much = self.words();
        Err(Error::field(
            "assumed",
            format!(
                "recall {recall:?} reaches something only across a gap in the records ({much}), and nobody has said what becomes of it: `include` recalls it like everything else; `leave` gives nobody a task for it and warns nobody who scans it, and it stays listed as assumed"
            ),
        ))
    }
}

/// What each holder has to answer for, added up.
pub(super) fn summed<'d>(
    dues: impl IntoIterator<Item = &'d Due>,
) -> BTreeMap<String, (u64, Amounts)> {
    let mut all: BTreeMap<String, (u64, Vec<Quantity>)> = BTreeMap::new();
    for due in dues {
        let (units, quantities) = all.entry(due.holder.clone()).or_default();
        *units += due.unit_count;
        quantities.extend(due.quantity.iter().cloned());
    }
    let summed = all
        .into_iter()
        .map(|(holder, (units, quantities))| (holder, (units, Amounts::of(&quantities))));
    summed.collect()
}

/// A number of things, in words: `2 units`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kilos(much: &str) -> Quantity {
        Quantity {
            lo: Some(much.to_owned()),
            hi: Some(much.to_owned()),
            uom: Some("KGM".to_owned()),
        }
    }

    fn due(holder: &str, unit_count: u64, quantity: &[Quantity]) -> Due {
        Due {
            holder: holder.to_owned(),
            unit_count,
            quantity: quantity.to_vec(),
        }
    }

    /// A shop has three units, two of them assumed; a kiosk only something assumed.
    fn summary() -> Summary {
        let mut summary = Summary {
            due: vec![due("kiosk", 0, &[kilos("10")]), due("shop", 3, &[])],
            assumed: AssumedPart {
                quantity: vec![kilos("10")],
                due: vec![due("kiosk", 0, &[kilos("10")]), due("shop", 2, &[])],
                rest: vec![due("shop", 1, &[])],
            },
            ..Summary::default()
        };
        summary.certainty.assumed = 2;
        summary
    }

    #[test]
    fn a_ruling_reads_back_from_its_word() {
        for ruling in [Ruling::Include, Ruling::Leave] {
            assert_eq!(ruling.as_str().parse::<Ruling>().unwrap(), ruling);
            let json = serde_json::to_string(&ruling).unwrap();
            assert_eq!(json, format!("{:?}", ruling.as_str()));
        }
        let error = "yes".parse::<Ruling>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "assumed: is include or leave, not \"yes\""
        );
    }

    #[test]
    fn only_leave_leaves_out_and_only_what_is_assumed() {
        let leave = Some(Ruling::Leave);
        assert!(Ruling::leaves_out(leave, Certainty::Assumed));
        assert!(!Ruling::leaves_out(leave, Certainty::Policy));
        for ruling in [None, Some(Ruling::Include)] {
            assert!(!Ruling::leaves_out(ruling, Certainty::Assumed));
        }
    }

    #[test]
    fn what_holders_answer_for_is_without_what_is_left_out() {
        let summary = summary();
        for ruling in [None, Some(Ruling::Include)] {
            assert_eq!(summary.due_under(ruling), summary.due);
        }
        assert_eq!(
            summary.due_under(Some(Ruling::Leave)),
            [due("shop", 1, &[])]
        );
        let sure = Summary {
            assumed: AssumedPart::default(),
            ..summary
        };
        assert_eq!(sure.due_under(Some(Ruling::Leave)), sure.due);
    }

    #[test]
    fn what_is_kept_beside_a_version_counts_too() {
        let kept = Removal {
            version: 2,
            summary: summary(),
        };
        let view = AssumedView::of(&summary(), std::slice::from_ref(&kept));
        assert_eq!((view.unit_count, view.lot_count), (4, Some(0)));
        assert_eq!(view.quantity, [kilos("20")]);
        let holders = [due("kiosk", 0, &[kilos("20")]), due("shop", 4, &[])];
        assert_eq!(view.holders, holders);
        assert_eq!(view.words(), "4 units, 20 KGM of lots, with 2 holders");
        let seen = view.seen_by("shop");
        assert_eq!((seen.unit_count, seen.quantity.len()), (4, 0));
        assert_eq!(seen.holders, [due("shop", 4, &[])]);
    }

    #[test]
    fn somebody_has_to_say_what_becomes_of_it() {
        let view = AssumedView::of(&summary(), &[]);
        let error = view.check_said("R", None).unwrap_err().to_string();
        for hint in [
            "assumed: ",
            "\"R\"",
            "2 units, 10 KGM of lots, with 2 holders",
        ] {
            assert!(error.contains(hint), "{hint}: {error}");
        }
        assert!(
            error.contains("include") && error.contains("leave"),
            "{error}"
        );
        view.check_said("R", Some(Ruling::Leave)).unwrap();
        let nothing = AssumedView::of(&Summary::default(), &[]);
        assert!(nothing.is_empty());
        nothing.check_said("R", None).unwrap();
    }

    #[test]
    fn a_summary_without_anything_assumed_is_written_as_before() {
        let json = serde_json::to_string(&Summary::default()).unwrap();
        assert!(!json.contains("\"assumed\":{"), "{json}");
        let json = serde_json::to_string(&summary()).unwrap();
        assert_eq!(serde_json::from_str::<Summary>(&json).unwrap(), summary());
    }
}
