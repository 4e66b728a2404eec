//! The keys of an invented world: GS1 keys under prefix 952 (kept free for examples) and unified social
//! credit codes. Check digits are computed here and not by `gs1`, so that a world can accuse the reader.

/// The host of canonical Digital Links.
const HOST: &str = "https://id.gs1.org";

/// Digits of every company prefix of these worlds.
pub(super) const PREFIX_DIGITS: u32 = 7;

/// The company prefix with this number: 952 and four digits.
pub(super) fn company_prefix(number: u32) -> u64 {
    9_520_000 + u64::from(number % 10_000)
}

/// A GLN of a company: its five-digit location reference and the check digit.
pub(super) fn gln(company: u64, reference: u32) -> String {
    with_check_digit(format!("{company}{:05}", reference % 100_000))
}

/// A GTIN-14 of a company's consumer unit (indicator 0).
pub(super) fn gtin(company: u64, item: u32) -> String {
    with_check_digit(format!("0{company}{:05}", item % 100_000))
}

/// A serial shipping container code: extension digit, company and nine-digit serial.
pub(super) fn sscc(extension: u32, company: u64, serial: u64) -> String {
    with_check_digit(format!(
        "{}{company}{:09}",
        extension % 10,
        serial % 1_000_000_000
    ))
}

/// The digits and the check digit behind them.
fn with_check_digit(mut digits: String) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 3 } else { 1 })
        .sum();
    digits.push_str(&((10 - sum % 10) % 10).to_string());
    digits
}

/// A place, or a part of it.
pub(super) fn place_link(gln: &str, extension: &str) -> String {
    if extension.is_empty() {
        format!("{HOST}/414/{gln}")
    } else {
        format!("{HOST}/414/{gln}/254/{extension}")
    }
}

/// A party by its GLN.
pub(super) fn party_link(gln: &str) -> String {
    format!("{HOST}/417/{gln}")
}

/// One item.
pub(super) fn item_link(gtin: &str, serial: &str) -> String {
    format!("{HOST}/01/{gtin}/21/{serial}")
}

/// A lot.
pub(super) fn lot_link(gtin: &str, lot: &str) -> String {
    format!("{HOST}/01/{gtin}/10/{lot}")
}

/// A returnable asset: the GRAI with its serial.
pub(super) fn asset_link(company: u64, kind: u32, serial: u32) -> String {
    let grai = with_check_digit(format!("0{company}{:05}", kind % 100_000));
    format!("{HOST}/8003/{grai}{serial}")
}

/// A logistic unit.
pub(super) fn sscc_link(sscc: &str) -> String {
    format!("{HOST}/00/{sscc}")
}

/// A logistic unit as an EPC URN, as older warehouse systems write it.
pub(super) fn sscc_urn(sscc: &str) -> String {
    let prefix_end = 1 + PREFIX_DIGITS as usize;
    format!(
        "urn:epc:id:sscc:{}.{}{}",
        &sscc[1..prefix_end],
        &sscc[..1],
        &sscc[prefix_end..17]
    )
}

/// The characters of GB 32100-2015 in the order of their values: no I, O, S, V, Z.
const CREDIT_CHARACTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A unified social credit code (GB 32100-2015): who registered it and what it is (`91` an enterprise with
/// the market regulator), the region, and an organisation code of this number.
pub(super) fn credit_code(register: &str, region: &str, number: u32) -> String {
    let organisation = format!("0952{:04}", number % 10_000);
    let mut code = format!(
        "{register}{region}{organisation}{}",
        organisation_check(&organisation)
    );
    code.push(credit_check(&code));
    code
}

/// The check character of an organisation code of eight digits (GB 11714).
fn organisation_check(digits: &str) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    match (11 - sum % 11) % 11 {
        10 => 'X',
        check => char::from_digit(check, 10).unwrap_or('0'),
    }
}

/// The check character of the first seventeen: weights are the powers of 3 modulo 31.
fn credit_check(first: &str) -> char {
    let mut weight = 1;
    let mut sum = 0;
    for character in first.bytes() {
        let value = CREDIT_CHARACTERS
            .iter()
            .position(|known| *known == character)
            .unwrap_or(0);
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    char::from(CREDIT_CHARACTERS[(31 - sum % 31) % 31])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_published_examples() {
        assert_eq!(with_check_digit("690123456789".into()), "6901234567892");
        assert_eq!(with_check_digit("695000000000".into()), "6950000000002");
        assert_eq!(
            with_check_digit("10690123456789765".into()),
            "106901234567897653"
        );
    }

    #[test]
    fn a_logistic_unit_is_written_as_urn_without_its_check_digit() {
        assert_eq!(
            sscc_urn(&sscc(3, company_prefix(1), 42)),
            "urn:epc:id:sscc:9520001.3000000042"
        );
    }

    #[test]
    fn the_check_characters_of_a_credit_code_follow_the_two_standards() {
        // The worked example printed in GB 32100-2015 and the one of GB 11714.
        assert_eq!(credit_check("91350100M000100Y4"), '3');
        assert_eq!(organisation_check("00000000"), '0');
        let code = credit_code("91", "350200", 1);
        assert_eq!((code.len(), &code[..8]), (18, "91350200"));
    }
}
