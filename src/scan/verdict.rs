//! What can honestly be said of a code. Pure.

use super::subject::Subject;

/// What is known of a code's digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SerialFact {
    /// The producer issued it.
    Issued,
    /// It has the shape of the producer's codes and is none of them.
    NotIssued,
    /// It has another shape than the codes the producer computes.
    Foreign,
    /// The product's codes are not computed: the digits say nothing.
    Silent,
}

/// What was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Whether the product, unit or place is registered.
    pub is_registered: bool,
    /// What the digits of the code say.
    pub serial: SerialFact,
    /// Whether an event names it, or something it was inside.
    pub is_seen: bool,
    /// Whether the link names another lot than is recorded.
    pub is_of_other_lot: bool,
}

/// What can be said of a code, strictest doubt first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// No such product here.
    UnknownProduct,
    /// The producer did not issue this code.
    NotIssued,
    /// The code is known, and the link around it names another lot than is recorded of it.
    OtherLot,
    /// Nothing is recorded of this code, and its digits do not tell whose it is.
    Unrecorded,
    /// The producer issued it, and nothing that happened to it is recorded.
    IssuedUnseen,
    /// It is the producer's, and what happened to it is recorded.
    Known,
    /// It names a product, and no item or lot that could be checked.
    ProductOnly,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 7] = [
        Self::UnknownProduct,
        Self::NotIssued,
        Self::OtherLot,
        Self::Unrecorded,
        Self::IssuedUnseen,
        Self::Known,
        Self::ProductOnly,
    ];

    /// The name in answers and measurements.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownProduct => "unknown-product",
            Self::NotIssued => "not-issued",
            Self::OtherLot => "other-lot",
            Self::Unrecorded => "unrecorded",
            Self::IssuedUnseen => "issued-unseen",
            Self::Known => "known",
            Self::ProductOnly => "product-only",
        }
    }

    /// The verdict these facts allow.
    pub fn of(subject: &Subject, facts: Facts) -> Self {
        match subject {
            Subject::Item { .. } | Subject::Lot { .. } | Subject::Product(_)
                if !facts.is_registered =>
            {
                Self::UnknownProduct
            }
            Subject::Product(_) => Self::ProductOnly,
            Subject::Place(_) | Subject::Other => {
                if facts.is_registered {
                    Self::Known
                } else {
                    Self::Unrecorded
                }
            }
            Subject::Item { .. } | Subject::Lot { .. } | Subject::Unit(_) => {
                match (facts.serial, facts.is_seen) {
                    (SerialFact::NotIssued, _) | (SerialFact::Foreign, false) => Self::NotIssued,
                    _ if facts.is_of_other_lot => Self::OtherLot,
                    (SerialFact::Issued | SerialFact::Foreign | SerialFact::Silent, true) => {
                        Self::Known
                    }
                    (SerialFact::Issued, false) => Self::IssuedUnseen,
                    (SerialFact::Silent, false) => Self::Unrecorded,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gs1::Gtin;

    fn verdict(is_registered: bool, serial: SerialFact, is_seen: bool) -> Verdict {
        let subject = Subject::Item {
            gtin: Gtin::parse("09521234543213").unwrap(),
            serial: "S".into(),
        };
        let facts = Facts {
            is_registered,
            serial,
            is_seen,
            is_of_other_lot: false,
        };
        Verdict::of(&subject, facts)
    }

    #[test]
    fn each_combination_of_facts_has_its_verdict() {
        use SerialFact::{Foreign, Issued, NotIssued, Silent};
        for (is_registered, serial, is_seen, expected) in [
            (true, Issued, true, Verdict::Known),
            (true, Issued, false, Verdict::IssuedUnseen),
            (true, NotIssued, false, Verdict::NotIssued),
            (true, NotIssued, true, Verdict::NotIssued),
            (true, Foreign, true, Verdict::Known),
            (true, Foreign, false, Verdict::NotIssued),
            (true, Silent, true, Verdict::Known),
            (true, Silent, false, Verdict::Unrecorded),
            (false, Issued, true, Verdict::UnknownProduct),
            (false, NotIssued, false, Verdict::UnknownProduct),
            (false, Silent, true, Verdict::UnknownProduct),
        ] {
            assert_eq!(
                verdict(is_registered, serial, is_seen),
                expected,
                "{is_registered} {serial:?} {is_seen}"
            );
        }
    }

    #[test]
    fn a_code_without_item_or_lot_names_a_product_only() {
        let product = Subject::Product(Gtin::parse("09521234543213").unwrap());
        let facts = Facts {
            is_registered: true,
            serial: SerialFact::Silent,
            is_seen: false,
            is_of_other_lot: false,
        };
        assert_eq!(Verdict::of(&product, facts), Verdict::ProductOnly);
    }
}
