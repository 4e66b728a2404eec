//! Lists in pages: `perPage`, an opaque `nextPageToken`, and a `Link` to the next page. Pages go by key,
//! so what is added meanwhile neither repeats nor hides a row.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::query::{Query, percent_encode, wrong};
use crate::app::Problem;

/// Rows of a page unless asked otherwise (EPCIS 2.0).
const PER_PAGE: usize = 30;

/// Rows of a page at most; who asks for more gets this many.
const PER_PAGE_MAX: usize = 1_000;

/// The parameters of a list.
pub(super) const PARAMETERS: &[&str] = &["perPage", "nextPageToken"];

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    list: &'static str,
    /// What else was asked, as the link to the next page asks it again.
    filters: String,
    /// Rows at most.
    pub(super) size: usize,
    /// The key of the last row of the page before.
    pub(super) after: Option<String>,
}

impl Page {
    /// Reads the page asked for of the list with this name.
    pub(super) fn of(list: &'static str, query: &Query) -> Result<Self, Problem> {
        let size = match query.get("perPage") {
            None => PER_PAGE,
            Some(text) => size(text)?,
        };
        let after = match query.get("nextPageToken") {
            None => None,
            Some(token) => Some(open(list, token).ok_or_else(|| {
                wrong(
                    "nextPageToken",
                    "this is no token of a page of this list".to_owned(),
                )
            })?),
        };
        let filters = query
            .pairs()
            .filter(|(name, _)| !PARAMETERS.contains(name))
            .map(|(name, value)| format!("&{name}={}", percent_encode(value)))
            .collect();
        Ok(Self {
            list,
            filters,
            size,
            after,
        })
    }

    /// How many rows to read: one more than the page has tells whether another follows.
    pub(super) fn rows(&self) -> i64 {
        i64::try_from(self.size + 1).unwrap_or(i64::MAX)
    }

    /// The token of the page after the row with this key.
    pub(super) fn token(&self, key: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{key}", self.list))
    }

    /// Cuts the rows to the page, and gives the `Link` to the next when there is one.
    pub(super) fn cut<T>(
        &self,
        rows: &mut Vec<T>,
        path: &str,
        key: impl Fn(&T) -> &str,
    ) -> Option<String> {
        if rows.len() <= self.size {
            return None;
        }
        rows.truncate(self.size);
        let last = rows.last()?;
        let token = self.token(key(last));
        Some(format!(
            "<{path}?perPage={}&nextPageToken={}{}>; rel=\"next\"",
            self.size,
            percent_encode(&token),
            self.filters
        ))
    }
}

fn size(text: &str) -> Result<usize, Problem> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return Err(wrong(
            "perPage",
            format!("perPage is a number, not {text:?}"),
        ));
    }
    match text.parse::<usize>().unwrap_or(usize::MAX) {
        0 => Err(wrong("perPage", "perPage is at least 1".to_owned())),
        size => Ok(size.min(PER_PAGE_MAX)),
    }
}

fn open(list: &str, token: &str) -> Option<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let key = text.strip_prefix(list)?.strip_prefix(':')?;
    Some(key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> Result<Page, Problem> {
        Page::of("jobs", &Query::read(query, PARAMETERS).unwrap())
    }

    #[test]
    fn a_link_leads_to_the_rows_after_the_last_one() {
        let first = page("perPage=2").unwrap();
        let mut rows = vec!["c", "b", "a"];

        let link = first.cut(&mut rows, "/list", |row| row).unwrap();

        assert_eq!(rows, ["c", "b"]);
        let query = link.split(['?', '>']).nth(1).unwrap();
        assert_eq!(page(query).unwrap().after.as_deref(), Some("b"));
    }

    #[test]
    fn the_last_page_has_no_link() {
        let mut rows = vec!["b", "a"];
        assert_eq!(
            page("perPage=2")
                .unwrap()
                .cut(&mut rows, "/list", |row| row),
            None
        );
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn sizes_are_bounded() {
        assert_eq!(page("").unwrap().size, PER_PAGE);
        assert_eq!(
            page("perPage=99999999999999999999999").unwrap().size,
            PER_PAGE_MAX
        );
        for wrong in [
            "perPage=0",
            "perPage=-1",
            "perPage=x",
            "perPage=",
            "perPage=%2B5",
        ] {
            assert!(page(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn tokens_of_other_lists_and_invented_ones_are_refused() {
        let other = URL_SAFE_NO_PAD.encode("keys:b");
        for token in [other.as_str(), "xyz", "***", ""] {
            assert!(page(&format!("nextPageToken={token}")).is_err(), "{token}");
        }
    }
}
