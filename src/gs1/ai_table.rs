//! The application identifiers of the GS1 General Specifications, in the order of their numbers.

use super::ai::Ai;
use super::ai_part::{Part, n, n_to, x, x_to, y_to, z_to};
use super::ai_rule::Rule;

const fn ai(code: &'static str, name: &'static str, parts: &'static [Part]) -> Ai {
    Ai::row(code, name, parts)
}

const GTIN: &[Part] = &[n(14).with(Rule::CheckDigit)];
const GLN: &[Part] = &[n(13).with(Rule::CheckDigit)];
const KEY_18: &[Part] = &[n(18).with(Rule::CheckDigit)];
const ITIP: &[Part] = &[n(14).with(Rule::CheckDigit), n(4).with(Rule::PieceOfTotal)];
const OWNED: &[Part] = &[x_to(30).with(Rule::CompanyPrefix)];
const MODEL: &[Part] = &[x_to(25).with(Rule::CheckPair)];
const MONTH: &[Part] = &[n(6).with(Rule::Month)];
const MOMENT: &[Part] = &[n(6).with(Rule::Month), n(4).with(Rule::Clock)];
const N_6: &[Part] = &[n(6)];
const N_15: &[Part] = &[n(15)];
const COUNTRY: &[Part] = &[n(3)];
const COUNTRIES: &[Part] = &[
    n(3),
    n(3).optional(),
    n(3).optional(),
    n(3).optional(),
    n(3).optional(),
];
const YES_NO: &[Part] = &[n(1).with(Rule::YesNo)];
const TEMPERATURE: &[Part] = &[n(6), x(1).optional()];
const X_20: &[Part] = &[x_to(20)];
const X_25: &[Part] = &[x_to(25)];
const X_30: &[Part] = &[x_to(30)];
const X_35: &[Part] = &[x_to(35)];
const X_40: &[Part] = &[x_to(40)];
const X_70: &[Part] = &[x_to(70)];
const X_90: &[Part] = &[x_to(90)];

const ALONE: &[&[&str]] = &[&[]];

/// Every row, by number.
pub(super) static TABLE: &[Ai] = &[
    ai("00", "SSCC", KEY_18).fixed().attribute().key(ALONE),
    ai("01", "GTIN", GTIN)
        .fixed()
        .attribute()
        .key(&[&["22", "10", "21"], &["235"]]),
    ai("02", "GTIN of contents", GTIN).fixed().attribute(),
    ai("03", "GTIN of a made-to-order item", GTIN).fixed(),
    ai("10", "lot", X_20).attribute(),
    ai("11", "production date", MONTH).fixed().attribute(),
    ai("12", "due date", MONTH).fixed().attribute(),
    ai("13", "packaging date", MONTH).fixed().attribute(),
    ai("15", "best-before date", MONTH).fixed().attribute(),
    ai("16", "sell-by date", MONTH).fixed().attribute(),
    ai("17", "expiration date", MONTH).fixed().attribute(),
    ai("20", "internal variant", &[n(2)]).fixed().attribute(),
    ai("21", "serial number", X_20),
    ai("22", "consumer product variant", X_20),
    ai("235", "third-party serial number", &[x_to(28)]),
    ai("240", "additional identification", X_30)
        .attribute()
        .to("241"),
    ai("242", "made-to-order variation", &[n_to(6)]).attribute(),
    ai("243", "packaging component number", X_20).attribute(),
    ai("250", "secondary serial number", X_30)
        .attribute()
        .to("251"),
    ai(
        "253",
        "GDTI",
        &[n(13).with(Rule::CheckDigit), x_to(17).optional()],
    )
    .attribute()
    .key(ALONE),
    ai("254", "GLN extension", X_20),
    ai(
        "255",
        "GCN",
        &[n(13).with(Rule::CheckDigit), n_to(12).optional()],
    )
    .attribute()
    .key(ALONE),
    ai("30", "variable count", &[n_to(8)]).attribute(),
    ai("3100", "trade measure", N_6)
        .fixed()
        .attribute()
        .to("3165")
        .decimals_to(b'5'),
    ai("3200", "trade measure", N_6)
        .fixed()
        .attribute()
        .to("3295")
        .decimals_to(b'5'),
    ai("3300", "logistic measure", N_6)
        .fixed()
        .attribute()
        .to("3375")
        .decimals_to(b'5'),
    ai("3400", "logistic measure", N_6)
        .fixed()
        .attribute()
        .to("3495")
        .decimals_to(b'5'),
    ai("3500", "trade or logistic measure", N_6)
        .fixed()
        .attribute()
        .to("3575")
        .decimals_to(b'5'),
    ai("3600", "trade or logistic measure", N_6)
        .fixed()
        .attribute()
        .to("3695")
        .decimals_to(b'5'),
    ai("37", "count of contents", &[n_to(8)]).attribute(),
    ai("3900", "amount payable", &[n_to(15)])
        .attribute()
        .to("3909"),
    ai("3910", "amount payable in a currency", &[n(3), n_to(15)])
        .attribute()
        .to("3919"),
    ai("3920", "price", &[n_to(15)]).attribute().to("3929"),
    ai("3930", "price in a currency", &[n(3), n_to(15)])
        .attribute()
        .to("3939"),
    ai("3940", "percentage discount", &[n(4)])
        .attribute()
        .to("3943"),
    ai("3950", "price a unit of measure", N_6)
        .attribute()
        .to("3955"),
    ai("400", "purchase order number", X_30).attribute(),
    ai("401", "GINC", OWNED).attribute().key(ALONE),
    ai("402", "GSIN", &[n(17).with(Rule::CheckDigit)])
        .attribute()
        .key(ALONE),
    ai("403", "routing code", X_30).attribute(),
    ai("410", "GLN of an addressee", GLN)
        .fixed()
        .attribute()
        .to("413"),
    ai("414", "GLN of a place", GLN)
        .fixed()
        .attribute()
        .key(&[&["254"], &["7040"]]),
    ai("415", "GLN of the payee", GLN)
        .fixed()
        .attribute()
        .key(&[&["8020"]]),
    ai("416", "GLN of production", GLN).fixed().attribute(),
    ai("417", "GLN of a party", GLN)
        .fixed()
        .attribute()
        .key(&[&["7040"]]),
    ai("420", "postal code", X_20).attribute(),
    ai("421", "postal code in a country", &[n(3), x_to(9)]).attribute(),
    ai("422", "country of origin", COUNTRY).attribute(),
    ai("423", "countries of first processing", COUNTRIES).attribute(),
    ai("424", "country of processing", COUNTRY).attribute(),
    ai("425", "countries of disassembly", COUNTRIES).attribute(),
    ai("426", "country of all processing", COUNTRY).attribute(),
    ai("427", "subdivision of origin", &[x_to(3)]).attribute(),
    ai("4300", "name at the destination", X_35)
        .attribute()
        .to("4301"),
    ai("4302", "address at the destination", X_70)
        .attribute()
        .to("4306"),
    ai("4307", "country of destination", &[x(2)]).attribute(),
    ai("4308", "telephone at the destination", X_30).attribute(),
    ai("4309", "position of the destination", &[n(10), n(10)]).attribute(),
    ai("4310", "name for returns", X_35).attribute().to("4311"),
    ai("4312", "address for returns", X_70)
        .attribute()
        .to("4316"),
    ai("4317", "country for returns", &[x(2)]).attribute(),
    ai("4318", "postal code for returns", X_20).attribute(),
    ai("4319", "telephone for returns", X_30).attribute(),
    ai("4320", "service", X_35).attribute(),
    ai("4321", "delivery flag", YES_NO).attribute().to("4323"),
    ai("4324", "bound of delivery time", MOMENT)
        .attribute()
        .to("4325"),
    ai("4326", "release date", &[n(6).with(Rule::Day)]).attribute(),
    ai("4330", "temperature bound", TEMPERATURE)
        .attribute()
        .to("4333"),
    ai("7001", "NATO stock number", &[n(13)]).attribute(),
    ai("7002", "meat cut", X_30).attribute(),
    ai(
        "7003",
        "expiration time",
        &[n(6).with(Rule::Day), n(4).with(Rule::Clock)],
    )
    .attribute(),
    ai("7004", "active potency", &[n_to(4)]).attribute(),
    ai("7005", "catch area", &[x_to(12)]).attribute(),
    ai("7006", "first freeze date", &[n(6).with(Rule::Day)]).attribute(),
    ai(
        "7007",
        "harvest date",
        &[n(6).with(Rule::Day), n(6).with(Rule::Day).optional()],
    )
    .attribute(),
    ai("7008", "aquatic species", &[x_to(3)]).attribute(),
    ai("7009", "fishing gear", &[x_to(10)]).attribute(),
    ai("7010", "production method", &[x_to(2)]).attribute(),
    ai(
        "7011",
        "test-by date",
        &[n(6).with(Rule::Day), n(4).with(Rule::Clock).optional()],
    )
    .attribute(),
    ai("7020", "refurbishment lot", X_20).attribute(),
    ai("7021", "functional status", X_20).attribute(),
    ai("7022", "revision status", X_20).attribute(),
    ai("7023", "GIAI of an assembly", OWNED).attribute(),
    ai("7030", "processor", &[n(3), x_to(27)])
        .attribute()
        .to("7039"),
    ai(
        "7040",
        "unique identification code",
        &[n(1), x(1), x(1), x(1)],
    ),
    ai("7041", "freight unit type", &[x_to(4)]),
    ai("710", "national reimbursement number", X_20)
        .attribute()
        .to("717"),
    ai("7230", "certification reference", &[x(2), x_to(28)])
        .attribute()
        .to("7239"),
    ai("7240", "protocol", X_20).attribute(),
    ai("7241", "kind of data carrier", &[n(2)]).attribute(),
    ai("7242", "version control number", X_25).attribute(),
    ai("7250", "date of birth", &[n(8).with(Rule::LongDay)]).attribute(),
    ai(
        "7251",
        "time of birth",
        &[n(8).with(Rule::LongDay), n(4).with(Rule::Clock)],
    )
    .attribute(),
    ai("7252", "biological sex", &[n(1)]).attribute(),
    ai("7253", "name of a person", X_40).attribute().to("7254"),
    ai("7255", "suffix of a name", &[x_to(10)]).attribute(),
    ai("7256", "full name", X_90).attribute(),
    ai("7257", "address of a person", X_70).attribute(),
    ai("7258", "birth sequence", &[x(3)]).attribute(),
    ai("7259", "name of a newborn", X_40).attribute(),
    ai(
        "8001",
        "dimensions of a roll",
        &[
            n(4).with(Rule::NonZero),
            n(5).with(Rule::NonZero),
            n(3).with(Rule::NonZero),
            n(1),
            n(1),
        ],
    )
    .attribute(),
    ai("8002", "mobile telephone identifier", X_20).attribute(),
    ai(
        "8003",
        "GRAI",
        &[
            n(1).with(Rule::Zero),
            n(13).with(Rule::CheckDigit),
            x_to(16).optional(),
        ],
    )
    .attribute()
    .key(ALONE),
    ai("8004", "GIAI", OWNED).attribute().key(&[&["7040"]]),
    ai("8005", "price a unit", N_6).attribute(),
    ai("8006", "ITIP", ITIP)
        .attribute()
        .key(&[&["22", "10", "21"]]),
    ai("8007", "IBAN", &[x_to(34)]).attribute(),
    ai(
        "8008",
        "production time",
        &[
            n(6).with(Rule::Day),
            n(2).with(Rule::Clock),
            n(2).with(Rule::Sixty).optional(),
            n(2).with(Rule::Sixty).optional(),
        ],
    )
    .attribute(),
    ai("8009", "optical sensor", &[x_to(50)]).attribute(),
    ai("8010", "CPID", &[y_to(30).with(Rule::CompanyPrefix)])
        .attribute()
        .key(&[&["8011"]]),
    ai(
        "8011",
        "CPID serial number",
        &[n_to(12).with(Rule::NoLeadingZero)],
    ),
    ai("8012", "software version", X_20).attribute(),
    ai("8013", "GMN", MODEL).attribute().key(ALONE),
    ai("8014", "highly individualised device", MODEL),
    ai("8017", "GSRN of a provider", KEY_18)
        .attribute()
        .key(&[&["8019"]]),
    ai("8018", "GSRN of a recipient", KEY_18)
        .attribute()
        .key(&[&["8019"]]),
    ai("8019", "service relation instance", &[n_to(10)]),
    ai("8020", "payment reference", X_25),
    ai("8026", "ITIP of contents", ITIP).attribute(),
    ai("8030", "digital signature", &[z_to(90)]).attribute(),
    ai("8040", "IMEI", N_15).to("8041"),
    ai("8042", "eSIM", &[n(32)]),
    ai("8043", "SIM card", &[n(18), n_to(2).optional()]),
    ai("8110", "coupon code", X_70).attribute(),
    ai("8111", "loyalty points", &[n(4)]).attribute(),
    ai("8112", "coupon offer", X_70).attribute(),
    ai("8200", "product address", X_70),
    ai("90", "agreed between partners", X_30).attribute(),
    ai("91", "internal to a company", X_90).attribute().to("99"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_order_and_do_not_overlap() {
        for pair in TABLE.windows(2) {
            let (before, after) = (pair[0].range(), pair[1].range());
            assert!(
                before.0 <= before.1 && before.1 < after.0,
                "{before:?} {after:?}"
            );
            assert_eq!(before.0.len(), before.1.len());
        }
    }

    #[test]
    fn sixteen_keys_begin_a_digital_link() {
        let keys: Vec<&str> = TABLE
            .iter()
            .filter(|ai| ai.is_primary())
            .map(Ai::code)
            .collect();

        assert_eq!(
            keys,
            [
                "00", "01", "253", "255", "401", "402", "414", "415", "417", "8003", "8004",
                "8006", "8010", "8013", "8017", "8018"
            ]
        );
    }

    #[test]
    fn every_qualifier_of_a_key_is_in_the_table() {
        for code in TABLE
            .iter()
            .flat_map(|ai| ai.chains().iter().copied().flatten())
        {
            assert!(Ai::find(code).is_some(), "{code}");
        }
    }

    #[test]
    fn what_identifies_may_not_be_an_attribute() {
        for code in [
            "03", "21", "22", "235", "254", "7040", "8011", "8014", "8019", "8020", "8200",
        ] {
            assert!(!Ai::find(code).unwrap().is_attribute(), "{code}");
        }
        for code in ["10", "17", "3103", "414", "91"] {
            assert!(Ai::find(code).unwrap().is_attribute(), "{code}");
        }
    }

    #[test]
    fn numbers_that_are_not_assigned_are_not_found() {
        for code in [
            "", "0", "1", "04", "18", "3106", "3950a", "8040x", "8044", "10 ", "100", "９９",
        ] {
            assert!(Ai::find(code).is_none(), "{code}");
        }
    }
}
