//! Pictures of small worlds made by hand, and what must hold of any.

mod collapses;
mod draws;
mod places;
mod tells;

use std::collections::BTreeSet;

use super::catalog::{Catalog, Goods, Name, Place};
use super::graph::{Edge, EdgeKind, Graph, Load, Node, NodeKind, Times, Tone};
use super::story::{Story, Things};
use crate::codes::{Address, Block, BlockKind, MemberSet};
use crate::epcis::Timestamp;
use crate::events::{Action, Entry, EventType, Part, Role, What};
use crate::trace::evaluate::Certainty;

fn block(kind: BlockKind, number: u8) -> Block {
    let mut id = [0; 16];
    id[0] = kind as u8;
    id[15] = number;
    Block(id)
}

fn place(number: u8) -> Block {
    block(BlockKind::Place, number)
}

fn items() -> Block {
    block(BlockKind::Computed, 1)
}

fn case(member: u16) -> Address {
    Address {
        block: block(BlockKind::Numbered, 1),
        member,
    }
}

/// Minutes after 2026-09-01T00:00:00+08:00.
fn at(minute: i64) -> Timestamp {
    let start: Timestamp = "2026-09-01T00:00:00+08:00".parse().unwrap();
    Timestamp::from_micros(start.micros() + minute * 60_000_000)
}

fn members(role: Role, block: Block, members: impl IntoIterator<Item = u16>) -> Part {
    Part {
        role,
        block,
        what: What::Members(members.into_iter().collect()),
    }
}

/// An event at a minute, which is its number too.
fn event(
    minute: i64,
    event_type: EventType,
    action: Option<Action>,
    step: &str,
    here: Block,
    parts: Vec<Part>,
) -> Entry {
    Entry {
        shard: 1,
        seq: minute,
        id: format!("urn:uuid:{minute}"),
        event_type,
        action,
        biz_step: Some(step.to_owned()),
        disposition: None,
        t_lo: at(minute),
        t_hi: at(minute),
        record_time: at(minute),
        read_point: Some(here),
        biz_location: Some(here),
        from_place: None,
        to_place: None,
        from_party: None,
        to_party: None,
        from_owner: None,
        to_owner: None,
        submitter: None,
        process: None,
        is_declaration: false,
        parts,
    }
}

fn seen(minute: i64, step: &str, here: Block, part: Part) -> Entry {
    event(
        minute,
        EventType::Object,
        Some(Action::Observe),
        step,
        here,
        vec![part],
    )
}

/// Six items made at place 1; four go in a case to place 2, are taken out, and one is sold; one goes towards
/// place 3 and does not arrive.
fn story() -> Story {
    let made = Entry {
        process: Some(block(BlockKind::Process, 1)),
        ..event(
            10,
            EventType::Transformation,
            None,
            "creating_class_instance",
            place(1),
            vec![members(Role::Output, items(), 0..6)],
        )
    };
    let pack = |minute, action, here| {
        let parts = vec![
            members(Role::Parent, case(0).block, [0]),
            members(Role::Child, items(), 0..4),
        ];
        event(
            minute,
            EventType::Aggregation,
            Some(action),
            "packing",
            here,
            parts,
        )
    };
    let shipped = |minute, part, to| Entry {
        to_place: Some(to),
        ..seen(minute, "shipping", place(1), part)
    };
    let outer = || members(Role::Object, case(0).block, [0]);
    let one = |member| members(Role::Object, items(), [member]);
    let tracked = Things {
        units: [(items(), (0..6).collect::<MemberSet>())].into(),
        lots: BTreeSet::new(),
    };
    Story {
        entries: vec![
            made,
            pack(20, Action::Add, place(1)),
            shipped(30, outer(), place(2)),
            shipped(31, one(5), place(3)),
            seen(40, "receiving", place(2), outer()),
            pack(50, Action::Delete, place(2)),
            seen(60, "retail_selling", place(2), one(2)),
        ],
        affected: tracked.clone(),
        tracked,
        subject: Things::default(),
        containers: [(case(0).block, MemberSet::one(0))].into(),
        goods: [(items(), vec![(MemberSet::all(), 1)])].into(),
        ..Story::default()
    }
}

fn name(zh: &str, en: &str) -> Name {
    Name {
        zh: zh.to_owned(),
        en: Some(en.to_owned()),
    }
}

/// Names for goods 1 and 2, and places of two organisations.
fn catalog() -> Catalog {
    let goods = |lot: &str| Goods {
        id: format!("https://id.gs1.org/01/09521234000037/10/{lot}"),
        product: "https://id.gs1.org/01/09521234000037".to_owned(),
        name: Some(name("鲜牛奶 1 升", "Fresh milk 1 L")),
        lot: Some(lot.to_owned()),
        is_logistic: false,
    };
    let places = (0..=40_u8).map(|number| {
        let (org, role) = if number < 2 {
            ("dairy", "producer")
        } else {
            ("shop", "retailer")
        };
        let of = Place {
            id: format!("https://id.gs1.org/414/{number}"),
            name: Some(name(&format!("地点 {number}"), &format!("Place {number}"))),
            org: Some(org.to_owned()),
            role: Some(role.to_owned()),
            region: Some("350102".to_owned()),
        };
        (place(number), of)
    });
    Catalog {
        goods: vec![Goods::default(), goods("A"), goods("B")],
        places: places.collect(),
        orgs: [
            ("dairy".to_owned(), name("乳业", "Dairy")),
            ("shop".to_owned(), name("商店", "Shop")),
        ]
        .into(),
        ..Catalog::default()
    }
}

fn stay(number: u8, goods: u32, units: u64, minute: i64) -> Node {
    let mut node = Node::new(NodeKind::Stay);
    node.places.insert(place(number));
    node.goods.insert(goods);
    node.load.units = units;
    node.now.units = units;
    node.times = Some(Times {
        first: at(minute),
        last: at(minute),
    });
    node
}

fn edge(from: usize, to: usize, units: u64) -> Edge {
    Edge {
        from,
        to,
        kinds: [EdgeKind::Moved].into(),
        certainty: Certainty::Asserted,
        is_dark: false,
        tone: Tone::Plain,
        times: None,
        load: Load {
            units,
            ..Load::default()
        },
        events: BTreeSet::new(),
        parts: 1,
    }
}

/// A dairy, four warehouses of it, and shops that each get from one of them.
fn star(shops: u8) -> Graph {
    let mut graph = Graph::default();
    graph.nodes.push(stay(0, 1, u64::from(shops) * 10, 0));
    for number in 0..4 {
        let of = (0..shops)
            .filter(|shop| shop % 4 == number)
            .map(|_| 10)
            .sum();
        graph.nodes.push(stay(1, 1, of, 10 + i64::from(number)));
        graph
            .nodes
            .last_mut()
            .unwrap()
            .containers
            .insert(case(number.into()));
        graph.edges.push(edge(0, usize::from(number) + 1, of));
    }
    for shop in 0..shops {
        graph.nodes.push(stay(
            2 + shop % 39,
            1 + u32::from(shop % 2),
            10,
            20 + i64::from(shop),
        ));
        let from = usize::from(shop % 4) + 1;
        graph.edges.push(edge(from, graph.nodes.len() - 1, 10));
    }
    graph
}
