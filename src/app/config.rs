//! Configuration: `suyuan.toml`, then the environment (`SUYUAN_SECTION_KEY`), then the command line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Error;
use crate::db::DatabaseUrl;
use crate::webhooks::{Networks, Rules};

/// What is in force.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `[http]`
    pub http: Http,
    /// `[database]`
    pub database: Database,
    /// `[kafka]`
    pub kafka: Kafka,
    /// `[ledger]`
    pub ledger: LedgerSection,
    /// `[keys]`
    pub keys: Keys,
    /// `[log]`
    pub log: Log,
    /// `[webhooks]`
    pub webhooks: Webhooks,
}

/// Where people and machines reach us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Address and port to listen on; port 0 takes a free one.
    pub listen: String,
    /// The address printed codes lead to.
    pub public_url: String,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            public_url: "http://127.0.0.1:8080".into(),
        }
    }
}

/// Which database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// Connections at most.
    pub pool: u32,
    /// `serve` and `ingest` compact the block logs as often, in minutes; 0: never.
    pub compact_minutes: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "sqlite:suyuan.db".into(),
            pool: 8,
            compact_minutes: 15,
        }
    }
}

/// Which Kafka.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Kafka {
    /// Bootstrap servers, comma-separated.
    pub brokers: String,
    /// The topic events come on.
    pub topic: String,
    /// The consumer group.
    pub group: String,
    /// The organisation that unsigned records are recorded for.
    pub submitter: String,
    /// What becomes of unsigned records.
    pub unsigned: Unsigned,
    /// The topic that notices of recalls go to; none go when it is empty, or `brokers` is.
    pub notices: String,
    /// `[kafka.client]`: more properties of librdkafka, such as `security.protocol`. In the environment
    /// lines (or, without line ends, items between semicolons) of `property=value`.
    pub client: ClientProperties,
}

/// What becomes of records of the topic that nobody signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsigned {
    /// They are recorded for `kafka.submitter`: who may write to the topic is trusted.
    #[default]
    Record,
    /// They are refused.
    Refuse,
}

impl std::str::FromStr for Unsigned {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "record" => Ok(Self::Record),
            "refuse" => Ok(Self::Refuse),
            other => Err(format!("{other:?} is neither record nor refuse")),
        }
    }
}

/// Properties of the Kafka client, by name.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientProperties(pub BTreeMap<String, String>);

/// Parts of the names of properties that can hold a secret.
const SECRETS: [&str; 9] = [
    "password",
    "passphrase",
    "secret",
    "key.pem",
    "jaas",
    "token",
    "sasl.username",
    "oauthbearer.config",
    "oauthbearer.extensions",
];

impl ClientProperties {
    /// Whether a property of this name can hold a secret.
    fn is_secret(name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        SECRETS.iter().any(|part| name.contains(part))
    }

    fn masked(&self) -> Self {
        let mask = |(name, value): (&String, &String)| {
            let shown = if Self::is_secret(name) { "***" } else { value };
            (name.clone(), shown.to_owned())
        };
        Self(self.0.iter().map(mask).collect())
    }
}

impl std::fmt::Debug for ClientProperties {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.masked().0).finish()
    }
}

impl std::str::FromStr for ClientProperties {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let separator = if text.contains('\n') { '\n' } else { ';' };
        text.split(separator)
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| {
                let (name, value) = item
                    .split_once('=')
                    .ok_or_else(|| "is not property=value".to_owned())?;
                Ok((name.trim().to_owned(), value.trim().to_owned()))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Default for Kafka {
    fn default() -> Self {
        Self {
            brokers: String::new(),
            topic: "suyuan.events".into(),
            group: "suyuan".into(),
            submitter: String::new(),
            unsigned: Unsigned::Record,
            notices: "suyuan.notices".into(),
            client: ClientProperties::default(),
        }
    }
}

/// What the ledger is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LedgerSection {
    /// A name that stays this ledger's for ever: it goes into every leaf.
    pub origin: String,
}

impl Default for LedgerSection {
    fn default() -> Self {
        Self {
            origin: "suyuan.local".into(),
        }
    }
}

/// Where the secrets lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// A folder of mode 0700.
    pub dir: PathBuf,
}

impl Default for Keys {
    fn default() -> Self {
        Self { dir: "keys".into() }
    }
}

/// What is logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// A level or filter: `info`, `suyuan=debug`.
    pub level: String,
    /// `text` or `json`.
    pub format: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info".into(),
            format: "text".into(),
        }
    }
}

/// How notices are sent to webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Whether `serve` and `ingest` send them.
    pub send: bool,
    /// Networks beside the public internet that notices may be sent to, comma-separated.
    pub allow: Networks,
    /// Whether they may also be sent to `http:` addresses: for tests and development.
    pub plain_http: bool,
    /// A file of certificates (PEM) that are trusted beside those of the machine; none when it is empty.
    pub ca_file: PathBuf,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            send: true,
            allow: Networks::default(),
            plain_http: false,
            ca_file: PathBuf::new(),
        }
    }
}

impl Webhooks {
    /// What addresses notices are sent to.
    pub fn rules(&self) -> Rules {
        Rules {
            plain_http: self.plain_http,
            allowed: self.allow.clone(),
        }
    }
}

/// A key that can be set: its variable and how.
pub struct Setting {
    /// `SUYUAN_SECTION_KEY`.
    pub variable: &'static str,
    set: fn(&mut Config, String) -> Result<(), String>,
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.variable)
    }
}

macro_rules! settings {
    ($($variable:literal => $($field:ident).+;)*) => {
        [$(Setting {
            variable: $variable,
            set: |config, value| {
                config.$($field).+ = value.parse().map_err(|error| format!("{error}"))?;
                Ok(())
            },
        }),*]
    };
}

/// Every key of the file has a variable.
const SETTINGS: [Setting; 20] = settings! {
    "SUYUAN_HTTP_LISTEN" => http.listen;
    "SUYUAN_HTTP_PUBLIC_URL" => http.public_url;
    "SUYUAN_DATABASE_URL" => database.url;
    "SUYUAN_DATABASE_POOL" => database.pool;
    "SUYUAN_DATABASE_COMPACT_MINUTES" => database.compact_minutes;
    "SUYUAN_KAFKA_BROKERS" => kafka.brokers;
    "SUYUAN_KAFKA_TOPIC" => kafka.topic;
    "SUYUAN_KAFKA_GROUP" => kafka.group;
    "SUYUAN_KAFKA_SUBMITTER" => kafka.submitter;
    "SUYUAN_KAFKA_UNSIGNED" => kafka.unsigned;
    "SUYUAN_KAFKA_NOTICES" => kafka.notices;
    "SUYUAN_KAFKA_CLIENT" => kafka.client;
    "SUYUAN_LEDGER_ORIGIN" => ledger.origin;
    "SUYUAN_KEYS_DIR" => keys.dir;
    "SUYUAN_LOG_LEVEL" => log.level;
    "SUYUAN_LOG_FORMAT" => log.format;
    "SUYUAN_WEBHOOKS_SEND" => webhooks.send;
    "SUYUAN_WEBHOOKS_ALLOW" => webhooks.allow;
    "SUYUAN_WEBHOOKS_PLAIN_HTTP" => webhooks.plain_http;
    "SUYUAN_WEBHOOKS_CA_FILE" => webhooks.ca_file;
};

impl Config {
    /// Reads `file`, or `suyuan.toml` in the working folder when it is there, then the environment.
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    pub fn load(file: Option<&Path>) -> Result<Self, Error> {
        let default = Path::new("suyuan.toml");
        let mut config = match file {
            Some(file) => Self::read(file)?,
            None if default.is_file() => Self::read(default)?,
            None => Self::default(),
        };
        for (variable, _) in std::env::vars_os() {
            check_variable(&variable.to_string_lossy())?;
        }
        for setting in &SETTINGS {
            match std::env::var(setting.variable) {
                Ok(value) => {
                    (setting.set)(&mut config, value).map_err(|detail| Error::Configuration {
                        key: setting.variable.into(),
                        detail,
                    })?;
                }
                Err(std::env::VarError::NotPresent) => {}
                Err(std::env::VarError::NotUnicode(_)) => {
                    return Err(Error::Configuration {
                        key: setting.variable.into(),
                        detail: "is not UTF-8".into(),
                    });
                }
            }
        }
        config.check()?;
        Ok(config)
    }

    fn read(file: &Path) -> Result<Self, Error> {
        let key = || file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| Error::Configuration {
            key: key(),
            detail: error.to_string(),
        })?;
        toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            Error::Configuration {
                key: key(),
                detail: format!("line {}: {}", line(&text, at), unquoted(error.message())),
            }
        })
    }

    /// Refuses what cannot work.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |key: &str, detail: &str| {
            Err(Error::Configuration {
                key: key.into(),
                detail: detail.into(),
            })
        };
        self.database_url()?;
        if self.ledger.origin.is_empty()
            || self
                .ledger
                .origin
                .contains(|c: char| c.is_whitespace() || c.is_control())
        {
            return refuse("ledger.origin", "must be a name without blanks");
        }
        if !["text", "json"].contains(&self.log.format.as_str()) {
            return refuse("log.format", "is text or json");
        }
        if self.database.pool == 0 {
            return refuse("database.pool", "must be at least 1");
        }
        Ok(())
    }

    /// The database's address.
    pub fn database_url(&self) -> Result<DatabaseUrl, Error> {
        self.database
            .url
            .parse()
            .map_err(|error: crate::db::BadUrl| Error::Configuration {
                key: "database.url".into(),
                detail: error.to_string(),
            })
    }
}

/// A message without the value that it quotes, which may be a secret.
fn unquoted(message: &str) -> String {
    match (message.find('"'), message.rfind('"')) {
        (Some(from), Some(to)) if from < to => {
            format!("{}…{}", &message[..from], &message[to + 1..])
        }
        _ => message.to_owned(),
    }
}

/// The number of the line that the byte `at` is on.
fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// Refuses a variable of one of our sections that is no setting: it is mistyped. Other variables are
/// somebody else's.
fn check_variable(variable: &str) -> Result<(), Error> {
    let is_ours = SETTINGS
        .iter()
        .any(|setting| variable.starts_with(section(setting.variable)));
    let is_known = SETTINGS.iter().any(|setting| setting.variable == variable);
    if is_ours && !is_known {
        return Err(Error::Configuration {
            key: variable.into(),
            detail: "is no setting (docs/CONFIGURATION.md lists them)".into(),
        });
    }
    Ok(())
}

/// `SUYUAN_SECTION_` of a setting's variable.
fn section(variable: &str) -> &str {
    let second = variable.match_indices('_').nth(1);
    second.map_or(variable, |(at, _)| &variable[..=at])
}

/// The configuration with secrets masked, as it may be printed.
pub fn masked(config: &Config) -> Result<Config, Error> {
    let mut shown = config.clone();
    shown.database.url = config.database_url()?.to_string();
    shown.kafka.client = config.kafka.client.masked();
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::{ClientProperties, Config, check_variable, masked};

    fn properties(text: &str) -> Vec<(String, String)> {
        let properties: ClientProperties = text.parse().unwrap();
        properties.0.into_iter().collect()
    }

    #[test]
    fn client_properties_come_from_lines_or_from_items_between_semicolons() {
        let expected = [
            ("a.b".to_owned(), "1".to_owned()),
            ("c".to_owned(), "x=y".to_owned()),
        ];
        assert_eq!(properties("a.b=1;c=x=y"), expected);
        assert_eq!(properties("a.b = 1\nc = x=y\n"), expected);
        assert!(properties("").is_empty());
        assert_eq!(properties("p=a;b\n"), [("p".to_owned(), "a;b".to_owned())]);
        assert!("nothing".parse::<ClientProperties>().is_err());
    }

    #[test]
    fn what_is_printed_holds_no_secret_of_the_kafka_client() {
        let mut config = Config::default();
        let names = [
            "sasl.password",
            "ssl.key.password",
            "ssl.key.pem",
            "sasl.jaas.config",
            "sasl.oauthbearer.config",
            "sasl.oauthbearer.client.secret",
            "sasl.oauthbearer.assertion.private.key.passphrase",
            "SASL.Password",
        ];
        let secrets = names.map(|name| format!("{name}=hunter2")).join(";");
        config.kafka.client = format!("{secrets};security.protocol=SASL_SSL")
            .parse()
            .unwrap();

        let shown = masked(&config).unwrap();

        let text = format!("{}{config:?}", serde_json::to_string(&shown).unwrap());
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("SASL_SSL"), "{text}");
    }

    #[test]
    fn a_mistyped_variable_of_a_section_is_refused_by_its_name() {
        for mistyped in ["SUYUAN_HTTP_LISTN", "SUYUAN_LOG_", "SUYUAN_KAFKA_CLIENT_X"] {
            let refused = check_variable(mistyped).unwrap_err();
            assert!(refused.to_string().contains(mistyped), "{refused}");
        }
        for passed in [
            "SUYUAN_HTTP_LISTEN",
            "SUYUAN_TEST_POSTGRES",
            "SUYUAN_LOGS",
            "SUYUAN_",
            "PATH",
        ] {
            assert!(check_variable(passed).is_ok(), "{passed}");
        }
    }
}
