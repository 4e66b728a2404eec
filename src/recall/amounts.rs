//! Sums over quantities as they are frozen: bounds for each unit of measure, as exact decimals. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::costs::QuantityCost;
use crate::trace::Quantity;
use crate::trace::evaluate::Amount;

/// At least and at most how much; none where amounts are not known.
type Bounds = (Option<Amount>, Option<Amount>);

/// Quantities by unit of measure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Amounts(BTreeMap<Option<String>, Bounds>);

impl Amounts {
    /// The sum of some quantities.
    pub(super) fn of<'q>(quantities: impl IntoIterator<Item = &'q Quantity>) -> Self {
        let mut sum = Self::default();
        for quantity in quantities {
            let (lo, hi) = (read(quantity.lo.as_deref()), read(quantity.hi.as_deref()));
            let zero = (Some(Amount::ZERO), Some(Amount::ZERO));
            let of_uom = sum.0.entry(quantity.uom.clone()).or_insert(zero);
            of_uom.0 = of_uom.0.zip(lo).map(|(sum, more)| sum.plus(more));
            of_uom.1 = of_uom.1.zip(hi).map(|(sum, more)| sum.plus(more));
        }
        sum
    }

    /// The larger of both, bound by bound.
    #[must_use]
    pub(super) fn raised(mut self, other: Self) -> Self {
        for (uom, (lo, hi)) in other.0 {
            let known = self.0.entry(uom).or_insert((lo, hi));
            known.0 = known.0.zip(lo).map(|(a, b)| a.max(b));
            known.1 = known.1.zip(hi).map(|(a, b)| a.max(b));
        }
        self
    }

    /// What is left when some is taken away; a unit of measure of which nothing is left is left out.
    #[must_use]
    pub(super) fn less(mut self, other: &Self) -> Self {
        for (uom, (lo, hi)) in &other.0 {
            let Some(known) = self.0.get_mut(uom) else {
                continue;
            };
            let rest = |a: Option<Amount>, b: &Option<Amount>| {
                a.zip(*b).map(|(a, b)| a.minus(b).max(Amount::ZERO))
            };
            *known = (rest(known.0, lo), rest(known.1, hi));
            if known.1.is_none_or(|hi| !hi.is_positive()) {
                self.0.remove(uom);
            }
        }
        self
    }

    /// By how much each unit of measure is more or less than in the other; one that is the same is left out.
    pub(super) fn beyond(&self, other: &Self) -> Vec<QuantityCost> {
        let nothing = (Some(Amount::ZERO), Some(Amount::ZERO));
        let uoms: BTreeSet<&Option<String>> = self.0.keys().chain(other.0.keys()).collect();
        let costs = uoms.into_iter().filter_map(|uom| {
            let ours = self.0.get(uom).copied().unwrap_or(nothing);
            let theirs = other.0.get(uom).copied().unwrap_or(nothing);
            let more = |a: Option<Amount>, b: Option<Amount>| a.zip(b).map(|(a, b)| a.minus(b));
            let text = |amount: Option<Amount>| amount.map(|amount| amount.to_string());
            (ours != theirs).then(|| QuantityCost {
                lo: text(more(ours.0, theirs.0)),
                hi: text(more(ours.1, theirs.1)),
                uom: uom.clone(),
            })
        });
        costs.collect()
    }

    /// Whether there can be more of something than there can be in the other, or nobody knows.
    pub(super) fn exceeds(&self, other: &Self) -> bool {
        self.0.iter().any(|(uom, (_, hi))| {
            let before = other.0.get(uom).map(|(_, hi)| *hi);
            match (hi, before) {
                (_, None) => true,
                (Some(hi), Some(Some(before))) => before < *hi,
                (None, Some(before)) => before.is_some(),
                (Some(_), Some(None)) => false,
            }
        })
    }

    /// Whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The quantities, one for each unit of measure.
    pub(super) fn quantities(self) -> Vec<Quantity> {
        let quantities = self.0.into_iter().map(|(uom, (lo, hi))| Quantity {
            lo: lo.map(|amount| amount.to_string()),
            hi: hi.map(|amount| amount.to_string()),
            uom,
        });
        quantities.collect()
    }
}

/// A plain decimal; none when it is not known, or more than an amount can be.
pub(super) fn read(text: Option<&str>) -> Option<Amount> {
    let (whole, fraction) = text?.split_once('.').unwrap_or((text?, ""));
    let whole = Amount::new(whole.parse().ok()?, 0)?;
    if fraction.is_empty() {
        return Some(whole);
    }
    let scale = u8::try_from(fraction.len()).ok()?;
    Some(whole.plus(Amount::new(fraction.parse().ok()?, scale)?))
}

#[cfg(test)]
mod tests {
    use super::{Amounts, read};
    use crate::trace::Quantity;

    fn kilos(lo: &str, hi: &str) -> Quantity {
        Quantity {
            lo: Some(lo.to_owned()),
            hi: Some(hi.to_owned()),
            uom: Some("KGM".to_owned()),
        }
    }

    #[test]
    fn a_decimal_reads_back_as_it_is_written() {
        for text in ["0", "994", "0.000000000000000001", "12.5"] {
            assert_eq!(read(Some(text)).unwrap().to_string(), text);
        }
        assert_eq!(read(Some("x")), None);
        assert_eq!(read(None), None);
    }

    #[test]
    fn bounds_are_added_raised_and_taken_away_one_by_one() {
        let sum = Amounts::of(&[kilos("1", "2.5"), kilos("0", "0.5")]);
        assert_eq!(sum.clone().quantities(), [kilos("1", "3")]);
        let more = Amounts::of(&[kilos("0.5", "4")]);
        assert!(more.exceeds(&sum) && !sum.exceeds(&more));
        assert_eq!(sum.clone().raised(more).quantities(), [kilos("1", "4")]);
        assert_eq!(sum.clone().less(&sum), Amounts::default());
        let part = Amounts::of(&[kilos("2", "1")]);
        assert_eq!(sum.less(&part).quantities(), [kilos("0", "2")]);
    }

    #[test]
    fn what_a_rule_adds_is_told_bound_by_bound_and_with_its_sign() {
        let (with, without) = (kilos("0", "100"), kilos("0", "50"));
        let (with, without) = (Amounts::of(&[with]), Amounts::of(&[without]));
        let texts = |costs: Vec<super::QuantityCost>| {
            let all = costs.into_iter();
            all.map(|cost| (cost.lo.unwrap(), cost.hi.unwrap()))
                .collect::<Vec<_>>()
        };
        let pair = |hi: &str| vec![("0".to_owned(), hi.to_owned())];
        assert_eq!(texts(with.beyond(&without)), pair("50"));
        assert_eq!(texts(without.beyond(&with)), pair("-50"));
        assert_eq!(texts(with.beyond(&with)), []);
        assert_eq!(texts(with.beyond(&Amounts::default())), pair("100"));
    }

    #[test]
    fn what_nobody_knows_exceeds_what_is_known() {
        let unknown = Amounts::of(&[Quantity {
            lo: None,
            hi: None,
            uom: None,
        }]);
        assert!(unknown.exceeds(&Amounts::default()));
        assert!(!unknown.exceeds(&unknown));
        assert!(unknown.clone().less(&unknown).is_empty());
    }
}
