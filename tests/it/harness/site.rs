//! The server itself, on a free port, with a dairy, a shop and everybody else who has a role; and clients of it.

use std::collections::BTreeMap;
use std::io::Read as _;

use suyuan::app::{App, Clock, Config, KeyFolder};
use suyuan::codes::{self, Batch, Dictionary, PublicUrl, Request};
use suyuan::gs1::Gtin;
use suyuan::ledger::Giver;
use suyuan::parties::{self, Role};
use ureq::http;

use super::database::TestDatabase;
use super::process::{Finished, Running, Workplace};

/// A product whose codes are computed.
pub(crate) const MILK: &str = "09521234543213";
/// A product that has one code a lot.
pub(crate) const CREAM: &str = "09521234543237";
/// A product whose serials come from elsewhere.
pub(crate) const HONEY: &str = "09521234543220";
/// The dairy's plant.
pub(crate) const PLANT: &str = "https://id.gs1.org/414/9520000000004";
/// The shop.
pub(crate) const SHOP: &str = "https://id.gs1.org/414/9520000000011";

const PARTIES: &str = "id,name,name_en,role,credit_code,region,phone\n\
    dairy,闽山乳业,Minshan Dairy,producer,,350102,0591-1234567\n\
    other,Other Dairy,,producer,,110101,\n\
    shop,Corner Shop,,retailer,,350200,\n\
    admin,Operator,,admin,,,\n\
    importer,Importer,,importer,,,\n\
    logistics,Logistics,,logistics,,,\n\
    platform,Platform,,platform,,,\n\
    lab,Lab,,lab,,,\n\
    insurer,Insurer,,insurer,,,\n\
    regulator,Regulator,,regulator,,350000,\n\
    auditor,Auditor,,auditor,,,\n";
const PLACES: &str = "gln,name,org,region\n\
    9520000000004,Plant No. 1,dairy,350102\n\
    9520000000011,Corner Shop,shop,350200\n";
const PRODUCTS: &str = "gtin,name,name_en,org,brand,mode\n\
    09521234543213,鲜牛奶,Fresh milk,dairy,闽山,computed\n\
    09521234543237,奶油,Cream,dairy,闽山,lot\n\
    09521234543220,蜂蜜,Honey,dairy,闽山,stored\n";

/// A running server.
#[derive(Debug)]
pub(crate) struct Site {
    running: Option<Running>,
    url: String,
    keys: BTreeMap<String, String>,
    app: App,
    agent: ureq::Agent,
    workplace: Workplace,
}

impl Site {
    /// A server on this database.
    pub(crate) fn on(database: &TestDatabase) -> Self {
        Self::at_address(&database.address())
    }

    /// A server on the migrated database at this address.
    pub(crate) fn at_address(address: &str) -> Self {
        Self::at_address_with(address, "")
    }

    /// A server on this database, with these lines of TOML in its configuration.
    pub(crate) fn with(database: &TestDatabase, settings: &str) -> Self {
        Self::at_address_with(&database.address(), settings)
    }

    fn at_address_with(address: &str, settings: &str) -> Self {
        let workplace = Workplace::at_address(address);
        workplace.configure(settings);
        KeyFolder::init(&workplace.path("keys")).unwrap();
        let mut config = Config::default();
        address.clone_into(&mut config.database.url);
        config.database.pool = 2;
        config.keys.dir = workplace.path("keys");
        "suyuan.test".clone_into(&mut config.ledger.origin);
        let app = App::open(config, Clock::System).unwrap();
        let keys = furnish(&app);
        let (running, url) = serve(&workplace);
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .into();
        Self {
            running: Some(running),
            url,
            keys,
            app,
            agent,
            workplace,
        }
    }

    /// The program, for what a test does behind the server's back.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// Runs `suyuan ARGS` beside the server, as the local operator.
    pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
    ) -> Finished {
        self.workplace.run(args)
    }

    /// Host and port.
    pub(crate) fn host(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// Somebody without a key.
    pub(crate) fn anyone(&self) -> Client<'_> {
        Client {
            site: self,
            url: &self.url,
            key: None,
        }
    }

    /// The bearer of the key of this organisation.
    pub(crate) fn org(&self, org: &str) -> Client<'_> {
        Client {
            site: self,
            url: &self.url,
            key: Some(self.keys[org].clone()),
        }
    }

    /// The bearer of any text.
    pub(crate) fn bearer(&self, key: &str) -> Client<'_> {
        Client {
            site: self,
            url: &self.url,
            key: Some(key.to_owned()),
        }
    }

    /// The key of an organisation, as text.
    pub(crate) fn key(&self, org: &str) -> &str {
        &self.keys[org]
    }

    /// Issues codes of the milk and gives their serials.
    pub(crate) fn issue(&self, lot: &str, count: u64) -> Vec<String> {
        let app = &self.app;
        let dictionary = Dictionary {
            master: &app.master,
            seal: &app.ledger.seal,
        };
        let request = Request {
            gtin: Gtin::parse(MILK).unwrap(),
            lot: lot.to_owned(),
            count,
            request_id: None,
        };
        let giver = giver(app);
        let batch: Batch = app
            .db
            .write(|conn| codes::issue(conn, &app.ledger, dictionary, &giver, &request))
            .unwrap();
        let url = PublicUrl::parse("https://trace.example").unwrap();
        let mut text = Vec::new();
        codes::write_csv(&batch, &app.master, &url, &mut text, &mut |_| {}).unwrap();
        csv::Reader::from_reader(text.as_slice())
            .records()
            .map(|row| row.unwrap()[0].to_owned())
            .collect()
    }

    /// Starts another server on the same database.
    pub(crate) fn replica(&self) -> Replica {
        let (running, url) = serve(&self.workplace);
        Replica {
            _running: running,
            url,
        }
    }

    /// Lets the server stand still, or go on.
    pub(crate) fn freeze(&self, is_still: bool) {
        self.running.as_ref().unwrap().freeze(is_still);
    }

    /// Ends the server at once, as a power cut would, whoever is talking to it.
    pub(crate) fn strike(&self) {
        self.running.as_ref().unwrap().strike();
    }

    /// Starts the server again after it ended.
    pub(crate) fn start_again(&mut self) {
        self.running.take().unwrap().wait();
        let (running, url) = serve(&self.workplace);
        (self.running, self.url) = (Some(running), url);
    }

    /// Asks the server to stop, and tells its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        self.running.take().unwrap().stop().code
    }
}

fn serve(workplace: &Workplace) -> (Running, String) {
    let running = workplace.start(["serve", "--json"]);
    let line = running.stdout_line("url");
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    (running, told["url"].as_str().unwrap().to_owned())
}

fn giver(app: &App) -> Giver {
    Giver {
        by: "cli:test".to_owned(),
        on_behalf_of: None,
        at: app.clock.now(),
    }
}

/// Makes everybody, and a key for each.
fn furnish(app: &App) -> BTreeMap<String, String> {
    let giver = giver(app);
    app.db
        .write(|conn| {
            let ledger = &app.ledger;
            parties::import_organisations(conn, ledger, &giver, PARTIES.as_bytes(), false)?;
            parties::import_places(conn, ledger, &giver, PLACES.as_bytes(), false)?;
            parties::import_products(conn, ledger, &giver, PRODUCTS.as_bytes(), false)?;
            let mut keys = BTreeMap::new();
            for line in PARTIES.lines().skip(1) {
                let fields: Vec<&str> = line.split(',').collect();
                let role: Role = fields[3].parse().unwrap();
                let key = parties::create_key(conn, ledger, &giver, fields[0], role, None)?;
                keys.insert(fields[0].to_owned(), key.key.reveal().to_owned());
            }
            Ok::<_, parties::Error>(keys)
        })
        .unwrap()
}

/// Another server of a site.
#[derive(Debug)]
pub(crate) struct Replica {
    _running: Running,
    url: String,
}

/// Somebody at the door.
#[derive(Debug)]
pub(crate) struct Client<'s> {
    site: &'s Site,
    url: &'s str,
    key: Option<String>,
}

impl<'s> Client<'s> {
    /// The same, at another server.
    pub(crate) fn at(self, replica: &'s Replica) -> Self {
        let url = &replica.url;
        Self { url, ..self }
    }

    /// `GET`
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "")
    }

    /// `GET` with headers.
    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("GET", path, headers, "")
    }

    /// `POST` of JSON.
    pub(crate) fn post(&self, path: &str, body: &str) -> Reply {
        self.send("POST", path, &[("Content-Type", "application/json")], body)
    }

    /// `POST` of a table.
    pub(crate) fn post_csv(&self, path: &str, body: &str) -> Reply {
        self.send("POST", path, &[("Content-Type", "text/csv")], body)
    }

    /// Any request.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let answered = self.try_send(method, path, headers, body);
        answered.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// `POST` of JSON; nothing when no whole answer comes.
    pub(crate) fn try_post(&self, path: &str, body: &str) -> Option<Reply> {
        let json = ("Content-Type", "application/json");
        self.try_send("POST", path, &[json], body).ok()
    }

    fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Reply, Box<dyn std::error::Error>> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url));
        if let Some(key) = &self.key {
            request = request.header("Authorization", format!("Bearer {key}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answered = if body.is_empty() && method != "POST" {
            self.site.agent.run(request.body(()).unwrap())?
        } else {
            self.site
                .agent
                .run(request.body(body.to_owned()).unwrap())?
        };
        let (head, body) = answered.into_parts();
        let mut text = String::new();
        body.into_reader().read_to_string(&mut text)?;
        Ok(Reply {
            asked: format!("{method} {path}"),
            status: head.status.as_u16(),
            headers: head.headers,
            text,
        })
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    asked: String,
    /// The status.
    pub(crate) status: u16,
    headers: http::HeaderMap,
    /// The body.
    pub(crate) text: String,
}

impl Reply {
    /// Fails unless it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// Fails unless it is a problem of this status; gives its detail.
    #[track_caller]
    pub(crate) fn problem(self, status: u16) -> serde_json::Value {
        let reply = self.expect(status);
        assert_eq!(
            reply.header("content-type"),
            Some("application/problem+json"),
            "{reply:#?}"
        );
        let problem = reply.json();
        assert_eq!(problem["status"], status, "{}", reply.asked);
        for member in ["type", "title", "detail"] {
            assert!(
                problem[member]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{problem}"
            );
        }
        problem
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}
