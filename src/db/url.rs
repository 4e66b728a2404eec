//! Which database: `sqlite:PATH` or `postgres://…`, nothing else.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// How long a host may take to answer: less than whoever asks for readiness waits.
const CONNECT_SECONDS: u32 = 4;

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A connection string as libpq takes it; it may hold a password and is never printed whole.
    Postgres(String),
}

/// A text that is no database address. It is not told: in another form than ours it may still hold a
/// password.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadUrl {
    /// It begins as no address does.
    #[error("is not a database address (sqlite:PATH or postgres://…)")]
    Scheme,
    /// A SQLite database that is no file.
    #[error("sqlite: needs the path of a file")]
    NoFile,
}

impl FromStr for DatabaseUrl {
    type Err = BadUrl;

    fn from_str(text: &str) -> Result<Self, BadUrl> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path == ":memory:" {
                return Err(BadUrl::NoFile);
            }
            return Ok(Self::Sqlite(Path::new(path).to_owned()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(BadUrl::Scheme)
    }
}

impl DatabaseUrl {
    /// Whether the address itself holds a password.
    pub fn has_password(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(url) => {
                user_info(url).is_some_and(|info| info.contains(':')) || url.contains("password=")
            }
        }
    }
}

/// The address with a limit to how long each host is waited for, unless it has one: a host that is gone answers
/// nothing at all.
pub(super) fn with_patience(url: &str) -> Cow<'_, str> {
    if url.contains("connect_timeout=") {
        return Cow::Borrowed(url);
    }
    let mark = if url.contains('?') { '&' } else { '?' };
    Cow::Owned(format!("{url}{mark}connect_timeout={CONNECT_SECONDS}"))
}

/// Between `://` and `@`, when there is an `@` before the path.
fn user_info(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?']).next()?;
    authority.rsplit_once('@').map(|(info, _)| info)
}

impl fmt::Display for DatabaseUrl {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let url = url.split('?').next().unwrap_or_default();
                match user_info(url) {
                    Some(info) => {
                        let user = info.split(':').next().unwrap_or_default();
                        write!(
                            f,
                            "{}",
                            url.replacen(&format!("{info}@"), &format!("{user}@"), 1)
                        )
                    }
                    None => f.write_str(url),
                }
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::{DatabaseUrl, with_patience};

    #[test]
    fn a_host_that_does_not_answer_is_not_waited_for_longer_than_is_said() {
        for (said, tried) in [
            ("postgres://h/d", "postgres://h/d?connect_timeout=4"),
            ("postgres://h/d?a=b", "postgres://h/d?a=b&connect_timeout=4"),
            (
                "postgres://h/d?connect_timeout=9",
                "postgres://h/d?connect_timeout=9",
            ),
        ] {
            assert_eq!(with_patience(said), tried);
        }
    }

    #[test]
    fn an_address_is_never_printed_with_its_password() {
        let url: DatabaseUrl = "postgres://ann:secret@db.example:5432/suyuan?sslmode=require"
            .parse()
            .unwrap();

        assert_eq!(url.to_string(), "postgres://ann@db.example:5432/suyuan");
        assert!(url.has_password());
    }

    #[test]
    fn an_unknown_scheme_is_refused_and_never_a_file() {
        for text in [
            "mysql://x",
            "suyuan.db",
            "postgress://x",
            "",
            "sqlite:",
            "sqlite::memory:",
        ] {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_not_told() {
        for text in [
            "host=h password=hunter2",
            "postgress://ann:hunter2@h/db",
            "hunter2",
        ] {
            let refused = text.parse::<DatabaseUrl>().unwrap_err();
            assert!(!refused.to_string().contains("hunter2"), "{refused}");
        }
    }
}
