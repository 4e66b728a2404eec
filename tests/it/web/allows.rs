//! Who may call what: every route, every role, against the one table.

use suyuan::parties::{self, Role};
use suyuan::web::{Policy, ROUTES, Route};

use crate::harness::site::Site;

/// A path of the route with something in the place of every parameter.
fn path(route: &Route) -> String {
    let template = route.template();
    let mut path = String::new();
    for part in template.split_inclusive(['{', '}']) {
        match part.strip_suffix('}') {
            Some(_) => path.push('x'),
            None => path.push_str(part.trim_end_matches('{')),
        }
    }
    path
}

fn org_of(role: Role) -> &'static str {
    match role {
        Role::Producer => "dairy",
        Role::Retailer => "shop",
        Role::Admin => "admin",
        Role::Importer => "importer",
        Role::Logistics => "logistics",
        Role::Platform => "platform",
        Role::Lab => "lab",
        Role::Insurer => "insurer",
        Role::Regulator => "regulator",
        Role::Auditor => "auditor",
    }
}

both! {
    fn each_role_gets_what_the_table_gives_it_and_no_more(db) {
        let site = Site::on(db);
        for route in ROUTES {
            let path = path(route);
            let Policy::May(action) = route.policy else { continue };
            let allowed = parties::policy()
                .iter()
                .find(|(known, _)| *known == action)
                .map_or(&[][..], |(_, roles)| *roles);

            site.anyone().send(route.method, &path, &[], "").problem(401);
            for role in Role::all() {
                let reply = site.org(org_of(role)).send(route.method, &path, &[], "");
                if allowed.contains(&role) {
                    assert!(![401, 403].contains(&reply.status), "{role}: {reply:?}");
                } else {
                    reply.problem(403);
                }
            }
        }
    }

    fn open_routes_ask_for_no_key(db) {
        let site = Site::on(db);
        for route in ROUTES.iter().filter(|route| route.policy == Policy::Open) {
            let reply = site.anyone().send(route.method, &path(route), &[], "");
            assert!(![401, 403, 405].contains(&reply.status), "{reply:?}");
        }
    }
}

#[test]
fn only_scans_health_and_discovery_are_open() {
    let open: Vec<String> = ROUTES
        .iter()
        .filter(|route| route.policy == Policy::Open)
        .map(|route| format!("{} {}", route.method, route.template()))
        .collect();
    assert_eq!(
        open,
        [
            "GET /healthz",
            "GET /readyz",
            "GET /api/v1/openapi.json",
            "GET /01/{key}",
            "GET /00/{key}",
            "GET /414/{key}",
            "GET /.well-known/gs1resolver",
            "GET /epcis",
        ]
    );
}

#[test]
fn no_route_stands_twice() {
    let mut seen: Vec<(&str, String)> = Vec::new();
    for route in ROUTES {
        let key = (route.method, route.template());
        assert!(!seen.contains(&key), "{key:?}");
        seen.push(key);
    }
    let ids: std::collections::BTreeSet<String> = ROUTES.iter().map(Route::operation_id).collect();
    assert_eq!(ids.len(), ROUTES.len(), "operation ids");
}
