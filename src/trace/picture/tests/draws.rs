use super::*;
use crate::trace::NamedPosition;
use crate::trace::picture::collapse::Collapse;
use crate::trace::picture::text::{escape, fit, grouped, lines, width};
use crate::trace::picture::words::Lang;
use crate::trace::picture::{Asked, Picture};

fn asked() -> Asked {
    Asked {
        direction: "both",
        id: "https://id.gs1.org/01/09521234000037/10/A".to_owned(),
        from: None,
        until: None,
        recall: None,
    }
}

fn picture(catalog: Catalog) -> Picture {
    Picture::new(
        asked(),
        NamedPosition::default(),
        &story(),
        catalog,
        Collapse::Auto,
    )
}

#[test]
fn the_picture_speaks_both_languages() {
    let picture = picture(catalog());
    let (zh, en) = (picture.svg(Lang::Zh), picture.svg(Lang::En));

    for text in [
        "鲜牛奶 1 升",
        "批次 A",
        "地点 2",
        "已售出",
        "拆箱 4",
        "? 未到 1",
        "途中，未到",
        "xml:lang=\"zh\"",
    ] {
        assert!(zh.contains(text), "{text}\n{zh}");
    }
    for text in [
        "Fresh milk 1 L",
        "lot A",
        "Place 2",
        ">Sold<",
        "unpacked 4",
        "? not arrived 1",
        "xml:lang=\"en\"",
    ] {
        assert!(en.contains(text), "{text}\n{en}");
    }
}

#[test]
fn the_picture_stands_alone_and_can_be_read_aloud() {
    let svg = picture(catalog()).svg(Lang::En);

    assert!(
        svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width="),
        "{svg}"
    );
    assert!(svg.contains("role=\"img\" aria-labelledby=\"t d\""));
    assert!(
        svg.contains("<title id=\"t\">Where does ")
            && svg.contains("<desc id=\"d\">7 nodes, 6 edges.")
    );
    for foreign in [
        "<script",
        "<style",
        "style=",
        "href",
        "url(http",
        "<image",
        "<foreignObject",
        "@import",
    ] {
        assert!(!svg.contains(foreign), "{foreign}");
    }
}

#[test]
fn hostile_names_stay_text() {
    let mut catalog = catalog();
    let evil = "</text><script>alert(1)</script>&\"'\u{0}\u{202e}]]>";
    for place in catalog.places.values_mut() {
        place.name = Some(name(evil, evil));
        place.id = evil.to_owned();
    }
    for goods in &mut catalog.goods {
        goods.name = Some(name(evil, evil));
        goods.lot = Some(evil.to_owned());
    }
    let svg = picture(catalog).svg(Lang::En);

    assert!(!svg.contains("<script") && !svg.contains('\u{0}') && !svg.contains('\u{202e}'));
    assert!(svg.contains("&lt;script&gt;"));
    assert_eq!(svg.matches('<').count(), svg.matches('>').count());
    assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
}

#[test]
fn the_same_story_gives_the_same_picture() {
    let (one, other) = (picture(catalog()), picture(catalog()));

    assert_eq!(one.svg(Lang::Zh), other.svg(Lang::Zh));
    let json = |picture: &Picture| serde_json::to_string(&picture.view(Lang::En)).unwrap();
    assert_eq!(json(&one), json(&other));
}

#[test]
fn the_view_has_every_node_in_a_layer() {
    let picture = picture(catalog());
    let view = picture.view(Lang::En);

    let mut layered: Vec<&String> = view.layers.iter().flat_map(|layer| &layer.nodes).collect();
    layered.sort();
    assert_eq!(layered.len(), view.nodes.len());
    layered.dedup();
    assert_eq!(layered.len(), 7);
    for edge in &view.edges {
        let layer = |id: &str| view.nodes.iter().find(|node| node.id == id).unwrap().layer;
        assert!(layer(&edge.from) < layer(&edge.to), "{edge:?}");
    }
    assert_eq!((view.whole_nodes, view.whole_edges), (7, 6));
}

#[test]
fn wide_characters_count_double_and_what_is_too_long_is_cut() {
    assert_eq!(width("牛奶", 10, false), 20);
    assert!(width("iiii", 10, false) < width("mmmm", 10, false));
    assert_eq!(fit("牛奶牛奶牛奶", 40, 10, false), "牛奶牛…");
    assert_eq!(
        lines("one two three", 45, 10, false, 3),
        ["one two", "three"]
    );
    assert_eq!(
        lines("牛奶牛奶牛奶", 40, 10, false, 2),
        ["牛奶牛奶", "牛奶"]
    );
    for line in lines(
        "a-very-long-identifier/with:parts,and.more and words",
        90,
        12,
        false,
        3,
    ) {
        assert!(width(&line, 12, false) <= 90, "{line}");
    }
    assert_eq!(lines("", 40, 10, false, 2), [""; 0]);
    assert_eq!(escape("a<b\u{1}\n"), "a&lt;b\u{fffd}&#10;");
    assert_eq!(grouped("1234567.5"), "1,234,567.5");
    assert_eq!(grouped("999"), "999");
}
