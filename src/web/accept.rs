//! What a client takes: media types and languages with their weights (RFC 9110 §12.5).

use actix_web::http::header::HeaderValue;

/// Ranges read from one header; more are nobody's preferences.
const RANGES_MAX: usize = 64;

/// The `Accept` header.
#[derive(Debug, Clone, Default)]
pub(super) struct Accept {
    /// Range and weight in thousandths.
    ranges: Vec<(String, u16)>,
}

impl Accept {
    /// Reads the header's lines; without any, everything is taken.
    pub(super) fn of<'h>(values: impl Iterator<Item = &'h HeaderValue>) -> Self {
        let ranges = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(','))
            .filter_map(weighted)
            .take(RANGES_MAX)
            .collect();
        Self { ranges }
    }

    /// Whether this media type is taken: the most particular range that names it decides.
    pub(super) fn takes(&self, form: &str) -> bool {
        self.ranges.is_empty() || 0 < self.weight(form)
    }

    /// The weight of a media type, ranges with stars counted.
    fn weight(&self, form: &str) -> u16 {
        let family = form.split_once('/').map_or("", |(family, _)| family);
        [form.to_owned(), format!("{family}/*"), "*/*".to_owned()]
            .iter()
            .find_map(|range| self.exactly(range))
            .unwrap_or(0)
    }

    /// The weight of a range that stands in the header word for word.
    fn exactly(&self, range: &str) -> Option<u16> {
        self.ranges
            .iter()
            .find(|(known, _)| known == range)
            .map(|(_, weight)| *weight)
    }

    /// The first of these forms that is asked for by name, and not less than a page is.
    pub(super) fn asks_for<'f>(&self, forms: &[&'f str]) -> Option<&'f str> {
        let page = self.exactly("text/html").unwrap_or(0);
        let named = |form: &&'f str| self.exactly(form).map(|weight| (*form, weight));
        let mut best: Option<(&str, u16)> = None;
        for (form, weight) in forms.iter().filter_map(named) {
            if page < weight && best.is_none_or(|(_, found)| found < weight) {
                best = Some((form, weight));
            }
        }
        best.map(|(form, _)| form)
    }
}

/// `text/html;level=1;q=0.8` as (`text/html`, 800).
fn weighted(range: &str) -> Option<(String, u16)> {
    let mut parts = range.split(';');
    let name = parts.next()?.trim().to_ascii_lowercase();
    if name.is_empty() {
        return None;
    }
    let weight = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .map_or(1000, |(_, value)| thousandths(value.trim()));
    Some((name, weight))
}

/// A weight between 0 and 1 in thousandths; what is none counts as 1.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match (whole, digits) {
        ("0", true) => format!("{fraction:0<3}").parse().unwrap_or(1000),
        _ => 1000,
    }
}

/// The language, of those we speak, that a client likes best.
pub(super) fn language<'h>(values: impl Iterator<Item = &'h HeaderValue>) -> Option<&'static str> {
    let mut best: Option<(&'static str, u16)> = None;
    for (range, weight) in values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(weighted)
        .take(RANGES_MAX)
    {
        let spoken = match range.split('-').next() {
            Some("zh") => "zh",
            Some("en") => "en",
            _ => continue,
        };
        if 0 < weight && best.is_none_or(|(_, found)| found < weight) {
            best = Some((spoken, weight));
        }
    }
    best.map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(text: &'static str) -> Accept {
        Accept::of([HeaderValue::from_static(text)].iter())
    }

    #[test]
    fn a_form_is_taken_when_its_most_particular_range_allows_it() {
        for (header, form, taken) in [
            ("application/json", "application/json", true),
            ("application/*", "application/json", true),
            ("*/*", "application/json", true),
            ("application/xml", "application/json", false),
            ("application/json;q=0, */*", "application/json", false),
            (
                "text/html, application/json;q=0.1",
                "application/json",
                true,
            ),
            ("APPLICATION/JSON", "application/json", true),
        ] {
            assert_eq!(accept(header).takes(form), taken, "{header}");
        }
        assert!(Accept::default().takes("application/json"));
    }

    #[test]
    fn data_is_given_only_to_who_asks_for_it_by_name() {
        let forms = ["application/linkset+json", "application/json"];
        for (header, given) in [
            ("*/*", None),
            ("application/*", None),
            (
                "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8",
                None,
            ),
            ("application/json", Some("application/json")),
            (
                "application/json, text/html;q=0.5",
                Some("application/json"),
            ),
            (
                "application/json;q=0.5, application/linkset+json",
                Some("application/linkset+json"),
            ),
            ("application/json;q=0", None),
        ] {
            assert_eq!(accept(header).asks_for(&forms), given, "{header}");
        }
        assert_eq!(Accept::default().asks_for(&forms), None);
    }

    #[test]
    fn the_language_with_the_greatest_weight_is_spoken() {
        for (header, spoken) in [
            ("zh-CN,zh;q=0.9", Some("zh")),
            ("en-GB,en;q=0.9,zh;q=0.8", Some("en")),
            ("fr, zh-TW;q=0.4, en;q=0.6", Some("en")),
            ("zh;q=0, en;q=0.1", Some("en")),
            ("de", None),
        ] {
            let value = HeaderValue::from_static(header);
            assert_eq!(language([value].iter()), spoken, "{header}");
        }
    }
}
