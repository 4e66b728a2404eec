//! Counts of a scope: by certainty, by holder, by place, and what each holder will have to answer for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::assumed::AssumedPart;
use super::attributes::UntoldAttribute;
use super::ranges::UnnamedCodes;
use super::scope::Group;
use crate::trace::evaluate::{Amount, Certainty, Reason};
use crate::trace::{DarkEdge, Fate, Holding, NOBODY, Quantity, Reached, Share};

/// What a scope comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Affected units, each counted once.
    pub unit_count: u64,
    /// Affected lots.
    pub lot_count: u64,
    /// Units by certainty.
    pub certainty: CertaintyCounts,
    /// Lots by the best certainty of what is affected of each.
    #[serde(default)]
    pub lot_certainty: CertaintyCounts,
    /// Quantities of lots, one for each unit of measure.
    pub quantity: Vec<Quantity>,
    /// By holder and place.
    pub holders: Vec<HolderRow>,
    /// By place.
    pub places: Vec<PlaceRow>,
    /// By owner, as far as events name owners.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<OwnerRow>,
    /// What each named holder will have to answer for.
    pub due: Vec<Due>,
    /// What of that, and of the quantities, is assumed.
    #[serde(default, skip_serializing_if = "AssumedPart::is_empty")]
    pub assumed: AssumedPart,
    /// How many things were looked at and left out, by reason.
    #[serde(default)]
    pub excluded: BTreeMap<String, u64>,
    /// Gaps in the records, with whom to ask.
    #[serde(default)]
    pub dark_edges: Vec<DarkEdge>,
    /// Issued codes of the ranges that no event names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unnamed: Vec<UnnamedCodes>,
    /// Attributes that were asked for and that no event tells of their products.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<UntoldAttribute>,
}

/// Units, or lots, by how certain it is that they are affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CertaintyCounts {
    /// Events say so.
    pub asserted: u64,
    /// By being inside something.
    pub inferred: u64,
    /// By a policy, such as a guard.
    pub policy: u64,
    /// Across a gap in the records.
    pub assumed: u64,
}

impl CertaintyCounts {
    fn add(&mut self, certainty: Certainty, count: u64) {
        *match certainty {
            Certainty::Asserted => &mut self.asserted,
            Certainty::Inferred => &mut self.inferred,
            Certainty::Policy => &mut self.policy,
            Certainty::Assumed => &mut self.assumed,
        } += count;
    }
}

/// What one holder has at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HolderRow {
    /// The organisation or party; `consumer`, `destroyed`, `consumed`, `ended`, `unknown`.
    pub holder: String,
    /// Where.
    pub place: Option<String>,
    /// How many units.
    pub count: u64,
    /// How much of lots.
    pub quantity: Vec<Quantity>,
    /// What has become of them.
    pub status: Fate,
    /// `holder`; `sender` of what is in transit to somebody else; `alternative` where records
    /// contradict each other. Units are counted once under `holder`.
    pub role: String,
}

/// What is at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlaceRow {
    /// The place.
    pub place: String,
    /// How many units.
    pub count: u64,
    /// How much of lots.
    pub quantity: Vec<Quantity>,
}

/// What one party owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnerRow {
    /// The party.
    pub owner: String,
    /// How many units.
    pub count: u64,
    /// How much of lots.
    pub quantity: Vec<Quantity>,
}

/// What a holder will have to answer for: what it has, is to get, has sent or may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RecallDue)]
pub struct Due {
    /// The organisation or party.
    pub holder: String,
    /// How many units.
    pub unit_count: u64,
    /// How much of lots.
    pub quantity: Vec<Quantity>,
}

/// Units and sums of one line.
#[derive(Debug, Default)]
struct Sum {
    units: u64,
    amounts: BTreeMap<Option<String>, (Option<Amount>, Option<Amount>)>,
}

impl Sum {
    fn add(&mut self, what: What<'_>) {
        match what {
            What::Units(count) => self.units += count,
            What::Part(share) => self.amount(share.uom.as_deref(), (share.lo, share.hi)),
        }
    }

    fn amount(&mut self, uom: Option<&str>, more: (Option<Amount>, Option<Amount>)) {
        let zero = (Some(Amount::ZERO), Some(Amount::ZERO));
        let (lo, hi) = self.amounts.entry(uom.map(str::to_owned)).or_insert(zero);
        *lo = lo.zip(more.0).map(|(sum, more)| sum.plus(more));
        *hi = hi.zip(more.1).map(|(sum, more)| sum.plus(more));
    }

    fn quantity(self) -> Vec<Quantity> {
        self.amounts
            .into_iter()
            .map(|(uom, (lo, hi))| Quantity {
                lo: lo.map(|amount| amount.to_string()),
                hi: hi.map(|amount| amount.to_string()),
                uom,
            })
            .collect()
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy)]
enum What<'a> {
    Units(u64),
    Part(&'a Share),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Holder,
    Sender,
    Alternative,
}

/// A part of a lot as it is counted.
#[derive(Debug, Clone)]
pub(super) struct CountedPart {
    pub(super) group: Group,
    pub(super) certainty: Certainty,
    pub(super) share: Share,
}

/// Sums by line.
#[derive(Debug, Default)]
struct Lines {
    holders: BTreeMap<(String, Option<String>, Fate, Role), Sum>,
    places: BTreeMap<String, Sum>,
    owners: BTreeMap<String, Sum>,
    due: BTreeMap<String, Sum>,
    /// What of `due` is assumed.
    assumed_due: BTreeMap<String, Sum>,
    /// What of `due` is not.
    rest: BTreeMap<String, Sum>,
}

impl Lines {
    fn add(&mut self, group: &Group, certainty: Certainty, what: What<'_>) {
        let mut answers: Vec<&str> = Vec::new();
        self.row(&group.holding, Role::Holder, what);
        if let Some(place) = &group.holding.place {
            self.places.entry(place.clone()).or_default().add(what);
        }
        if let Some(owner) = &group.holding.owner {
            self.owners.entry(owner.clone()).or_default().add(what);
        }
        for other in &group.others {
            self.row(other, Role::Alternative, what);
        }
        for held in std::iter::once(&group.holding).chain(&group.others) {
            if held.status.is_with_somebody() {
                answers.push(&held.holder);
                answers.extend(held.sender.as_deref());
            }
        }
        answers.sort_unstable();
        answers.dedup();
        for holder in answers.into_iter().filter(|holder| *holder != NOBODY) {
            let of_class = if certainty == Certainty::Assumed {
                &mut self.assumed_due
            } else {
                &mut self.rest
            };
            for sums in [&mut self.due, of_class] {
                sums.entry(holder.to_owned()).or_default().add(what);
            }
        }
    }

    fn row(&mut self, held: &Holding, role: Role, what: What<'_>) {
        let key = (held.holder.clone(), held.place.clone(), held.status, role);
        self.holders.entry(key).or_default().add(what);
        if let Some(sender) = &held.sender {
            let role = role.max(Role::Sender);
            let key = (sender.clone(), held.from.clone(), held.status, role);
            self.holders.entry(key).or_default().add(what);
        }
    }

    /// Adds the lines of one lot, none of which can have more than there is of it.
    fn add_lot(&mut self, of_lot: Self, most: &BTreeMap<Option<&str>, Option<Amount>>) {
        fn put<K: Ord>(
            sums: &mut BTreeMap<K, Sum>,
            of_lot: BTreeMap<K, Sum>,
            most: &BTreeMap<Option<&str>, Option<Amount>>,
        ) {
            for (key, sum) in of_lot {
                let known = sums.entry(key).or_default();
                for (uom, (lo, hi)) in &sum.amounts {
                    let most = most.get(&uom.as_deref()).copied().flatten();
                    let hi = hi.map(|hi| most.map_or(hi, |most| most.min(hi)));
                    known.amount(uom.as_deref(), (*lo, hi));
                }
            }
        }
        put(&mut self.holders, of_lot.holders, most);
        put(&mut self.places, of_lot.places, most);
        put(&mut self.owners, of_lot.owners, most);
        put(&mut self.due, of_lot.due, most);
        put(&mut self.assumed_due, of_lot.assumed_due, most);
        put(&mut self.rest, of_lot.rest, most);
    }
}

/// Adds up a scope.
#[derive(Debug, Default)]
pub(super) struct Tally {
    summary: Summary,
    total: Sum,
    lines: Lines,
    /// Quantities that are assumed.
    assumed: Sum,
}

impl Tally {
    /// Units of one group.
    pub(super) fn units(&mut self, group: &Group, certainty: Certainty, count: u32) {
        let count = u64::from(count);
        self.summary.unit_count += count;
        self.summary.certainty.add(certainty, count);
        self.lines.add(group, certainty, What::Units(count));
    }

    /// A lot, with how much of it is affected, and its parts.
    pub(super) fn lot(&mut self, certainty: Certainty, reached: &[Reached], parts: &[CountedPart]) {
        for (uom, more) in assumed_of(reached, parts) {
            self.assumed.amount(uom, more);
        }
        self.summary.lot_count += 1;
        self.summary.lot_certainty.add(certainty, 1);
        let mut most: BTreeMap<Option<&str>, Option<Amount>> = BTreeMap::new();
        for reached in reached {
            let uom = reached.uom.as_deref();
            let bounds = reached.bounds;
            let more = (bounds.map(|b| b.lo), bounds.map(|b| b.hi));
            self.total.amount(uom, more);
            let most = most.entry(uom).or_insert(Some(Amount::ZERO));
            *most = most.zip(more.1).map(|(sum, more)| sum.plus(more));
        }
        let mut lines = Lines::default();
        for part in parts {
            lines.add(&part.group, part.certainty, What::Part(&part.share));
        }
        self.lines.add_lot(lines, &most);
    }

    /// Things that were looked at and left out.
    pub(super) fn excluded(&mut self, reason: Reason, count: u32) {
        let counts = &mut self.summary.excluded;
        *counts.entry(reason.as_str().to_owned()).or_default() += u64::from(count);
    }

    /// The counts, sorted.
    pub(super) fn finish(self) -> Summary {
        let (mut summary, lines) = (self.summary, self.lines);
        summary.quantity = self.total.quantity();
        summary.holders = lines
            .holders
            .into_iter()
            .map(|((holder, place, status, role), sum)| HolderRow {
                holder,
                place,
                count: sum.units,
                quantity: sum.quantity(),
                status,
                role: match role {
                    Role::Holder => "holder",
                    Role::Sender => "sender",
                    Role::Alternative => "alternative",
                }
                .to_owned(),
            })
            .collect();
        summary.places = lines
            .places
            .into_iter()
            .map(|(place, sum)| PlaceRow {
                place,
                count: sum.units,
                quantity: sum.quantity(),
            })
            .collect();
        summary.owners = lines
            .owners
            .into_iter()
            .map(|(owner, sum)| OwnerRow {
                owner,
                count: sum.units,
                quantity: sum.quantity(),
            })
            .collect();
        summary.due = dues(lines.due);
        if !lines.assumed_due.is_empty() {
            summary.assumed.due = dues(lines.assumed_due);
            summary.assumed.rest = dues(lines.rest);
        }
        summary.assumed.quantity = self.assumed.quantity();
        summary
    }
}

/// At least and at most how much, when that is known.
type Much = (Option<Amount>, Option<Amount>);

/// How much of a lot is assumed: what its assumed parts can have, and no more than the rest leaves of what is
/// affected.
fn assumed_of<'l>(
    reached: &'l [Reached],
    parts: &'l [CountedPart],
) -> BTreeMap<Option<&'l str>, Much> {
    let zero = (Some(Amount::ZERO), Some(Amount::ZERO));
    let plus = |sum: Much, more: Much| {
        let add = |a: Option<Amount>, b: Option<Amount>| a.zip(b).map(|(a, b)| a.plus(b));
        (add(sum.0, more.0), add(sum.1, more.1))
    };
    let mut assumed: BTreeMap<Option<&str>, Much> = BTreeMap::new();
    let mut sure: BTreeMap<Option<&str>, Much> = BTreeMap::new();
    for CountedPart {
        certainty, share, ..
    } in parts
    {
        let sums = match certainty {
            Certainty::Assumed => &mut assumed,
            _ => &mut sure,
        };
        let sum = sums.entry(share.uom.as_deref()).or_insert(zero);
        *sum = plus(*sum, (share.lo, share.hi));
    }
    let mut all: BTreeMap<Option<&str>, Much> = BTreeMap::new();
    for reached in reached {
        let bounds = reached.bounds;
        let more = (bounds.map(|b| b.lo), bounds.map(|b| b.hi));
        let sum = all.entry(reached.uom.as_deref()).or_insert(zero);
        *sum = plus(*sum, more);
    }
    for (uom, (lo, hi)) in &mut assumed {
        let all = all.get(uom).copied().unwrap_or_default();
        let sure = sure.get(uom).copied().unwrap_or(zero);
        let left = |all: Option<Amount>, sure: Option<Amount>| {
            all.zip(sure).map(|(all, sure)| all.minus(sure))
        };
        let (least, most) = (left(all.0, sure.1), left(all.1, sure.0));
        *lo = lo.map(|lo| least.map_or(lo, |least| least.max(lo)));
        *hi = hi.map(|hi| most.map_or(hi, |most| most.min(hi)));
    }
    assumed
}

fn dues(sums: BTreeMap<String, Sum>) -> Vec<Due> {
    let dues = sums.into_iter().map(|(holder, sum)| Due {
        holder,
        unit_count: sum.units,
        quantity: sum.quantity(),
    });
    dues.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::evaluate::{Account, Bounds};

    fn at(holder: &str, status: Fate) -> Group {
        Group::at(Holding {
            status,
            place: Some("P".to_owned()),
            holder: holder.to_owned(),
            sender: None,
            from: None,
            owner: None,
        })
    }

    fn pieces(most: i64) -> Share {
        Share {
            account: Account::Unrecorded(None),
            uom: None,
            lo: Some(Amount::ZERO),
            hi: Amount::new(most, 0),
        }
    }

    fn part(group: &Group, certainty: Certainty, most: i64) -> CountedPart {
        CountedPart {
            group: group.clone(),
            certainty,
            share: pieces(most),
        }
    }

    #[test]
    fn nobody_has_more_of_a_lot_than_is_affected_of_it() {
        let shop = at("shop", Fate::Held);
        let class = Certainty::Asserted;
        let mut tally = Tally::default();
        for _lot in 0..2 {
            let parts = [part(&shop, class, 1), part(&shop, class, 1)];
            tally.lot(class, &[reached(1, 1)], &parts);
        }
        let summary = tally.finish();
        assert_eq!(told(&summary.due), [("shop", 0, vec!["2"])]);
        let [row] = summary.holders.as_slice() else {
            panic!("{:?}", summary.holders);
        };
        assert_eq!(row.quantity, summary.due[0].quantity);
        assert_eq!(summary.places[0].quantity, row.quantity);
    }

    fn told(dues: &[Due]) -> Vec<(&str, u64, Vec<&str>)> {
        let dues = dues.iter();
        dues.map(|due| {
            let most = due.quantity.iter().filter_map(|q| q.hi.as_deref());
            (due.holder.as_str(), due.unit_count, most.collect())
        })
        .collect()
    }

    #[test]
    fn what_is_assumed_is_added_up_beside_the_rest() {
        let (shop, kiosk) = (at("shop", Fate::Held), at("kiosk", Fate::Held));
        let mut tally = Tally::default();
        tally.units(&shop, Certainty::Asserted, 1);
        tally.units(&shop, Certainty::Assumed, 2);
        let parts = [
            part(&shop, Certainty::Policy, 5),
            part(&kiosk, Certainty::Assumed, 7),
        ];
        tally.lot(Certainty::Policy, &[reached(0, 12)], &parts);
        tally.units(&at("consumer", Fate::Sold), Certainty::Assumed, 1);

        let summary = tally.finish();

        assert_eq!(
            told(&summary.due),
            [("kiosk", 0, vec!["7"]), ("shop", 3, vec!["5"])]
        );
        let assumed = &summary.assumed;
        assert_eq!(
            told(&assumed.due),
            [("kiosk", 0, vec!["7"]), ("shop", 2, vec![])]
        );
        assert_eq!(told(&assumed.rest), [("shop", 1, vec!["5"])]);
        assert_eq!(assumed.quantity[0].hi.as_deref(), Some("7"));
        assert_eq!(summary.certainty.assumed, 3);
    }

    fn reached(least: i64, most: i64) -> Reached {
        let amount = |amount| Amount::new(amount, 0).unwrap();
        Reached {
            uom: None,
            bounds: Some(Bounds {
                lo: amount(least),
                hi: amount(most),
            }),
        }
    }

    #[test]
    fn no_more_of_a_lot_is_assumed_than_the_rest_leaves_of_it() {
        let (assumed, sure) = (Certainty::Assumed, Certainty::Policy);
        let cases = [
            (vec![(assumed, 70), (assumed, 40)], ("10", "100")),
            (vec![(assumed, 70), (sure, 40)], ("0", "70")),
            (vec![(assumed, 90), (sure, 5), (assumed, 20)], ("5", "100")),
        ];
        for (parts, (least, most)) in cases {
            let parts: Vec<_> = parts
                .into_iter()
                .map(|(class, most)| part(&at("shop", Fate::Held), class, most))
                .collect();
            let mut tally = Tally::default();
            tally.lot(assumed, &[reached(10, 100)], &parts);
            let summary = tally.finish();
            let [much] = summary.assumed.quantity.as_slice() else {
                panic!("{:?}", summary.assumed);
            };
            assert_eq!(
                (much.lo.as_deref(), much.hi.as_deref()),
                (Some(least), Some(most))
            );
        }
    }

    #[test]
    fn without_anything_assumed_nothing_is_kept_of_it() {
        let mut tally = Tally::default();
        tally.units(&at("shop", Fate::Held), Certainty::Policy, 1);
        let parts = [part(&at("shop", Fate::Held), Certainty::Inferred, 1)];
        tally.lot(Certainty::Inferred, &[reached(0, 1)], &parts);
        let summary = tally.finish();
        assert!(summary.assumed.is_empty(), "{summary:?}");
        let json = serde_json::to_value(&summary).unwrap();
        assert_eq!(json.get("assumed"), None);
    }
}
