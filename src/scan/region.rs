//! Names of provinces and cities by their codes (GB/T 2260): as fine as the public is told where
//! something was. Counties are told as their cities.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// One a line: two digits for a province or four for a city, the name, the name in English.
const TABLE: &str = include_str!("regions.txt");

/// A province or city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its six-digit code.
    pub code: String,
    /// Its name, a city's with the province before it.
    pub zh: String,
    /// Its name in English, a city's with the province after it.
    pub en: String,
}

/// The city that this six-digit code lies in, or its province where the city has no name here.
pub fn region(code: &str) -> Option<Region> {
    let is_code = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    let (province, city) = (code.get(..2)?, code.get(..4)?);
    let (zh, en) = names().get(province).filter(|_| is_code)?;
    Some(match names().get(city) {
        Some((city_zh, city_en)) => Region {
            code: format!("{city}00"),
            zh: format!("{zh}{city_zh}"),
            en: format!("{city_en}, {en}"),
        },
        None => Region {
            code: format!("{province}0000"),
            zh: (*zh).to_owned(),
            en: (*en).to_owned(),
        },
    })
}

type Names = BTreeMap<&'static str, (&'static str, &'static str)>;

fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| {
        TABLE
            .lines()
            .filter_map(|line| {
                let (code, rest) = line.split_once(' ')?;
                Some((code, rest.split_once(' ')?))
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_county_is_told_as_its_city() {
        let county = region("350102").unwrap();

        assert_eq!(county.code, "350100");
        assert_eq!(county.zh, "福建福州");
        assert_eq!(county.en, "Fuzhou, Fujian");
    }

    #[test]
    fn a_municipality_is_told_by_its_own_name() {
        assert_eq!(region("310115").unwrap().zh, "上海");
        assert_eq!(region("350000").unwrap().en, "Fujian");
    }

    #[test]
    fn what_is_no_code_has_no_name() {
        for code in ["", "35", "3501020", "99ab00", "990000", "福建"] {
            assert_eq!(region(code), None, "{code}");
        }
    }

    #[test]
    fn every_line_of_the_table_is_a_code_with_two_names_in_order() {
        let codes: Vec<&str> = TABLE
            .lines()
            .map(|line| {
                let mut parts = line.splitn(3, ' ');
                let code = parts.next().unwrap();
                assert!([2, 4].contains(&code.len()), "{line}");
                assert!(names().contains_key(&code[..2]), "{line}");
                assert!(parts.next().is_some_and(|name| !name.is_empty()), "{line}");
                assert!(
                    parts
                        .next()
                        .and_then(|name| name.chars().next())
                        .is_some_and(char::is_uppercase),
                    "{line}"
                );
                code
            })
            .collect();
        assert!(codes.is_sorted());
        assert_eq!(codes.len(), names().len());
    }
}
