//! `suyuan.example.toml` and `docs/CONFIGURATION.md` against the settings there are.

use std::path::PathBuf;

use suyuan::app::Config;

const PAGE: &str = include_str!("../../../docs/CONFIGURATION.md");

fn example() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("suyuan.example.toml")
}

/// Every setting as `section.key`, from the defaults.
fn keys() -> Vec<String> {
    let toml::Value::Table(sections) = toml::Value::try_from(Config::default()).unwrap() else {
        panic!("a configuration is a table");
    };
    let mut keys = Vec::new();
    for (section, settings) in sections {
        let names = settings.as_table().unwrap().keys();
        keys.extend(names.map(|name| format!("{section}.{name}")));
    }
    keys
}

#[test]
fn the_example_has_every_setting_with_its_default() {
    let text = std::fs::read_to_string(example()).unwrap();
    let loaded: Config = toml::from_str(&text).unwrap();
    let written: toml::Table = text.parse().unwrap();

    assert_eq!(loaded, Config::default());
    loaded.check().unwrap();
    for key in keys() {
        let (section, name) = key.split_once('.').unwrap();
        let has = written
            .get(section)
            .and_then(|section| section.get(name))
            .is_some();
        assert!(has, "suyuan.example.toml lacks {key}");
    }
}

#[test]
fn the_page_lists_every_setting_with_its_variable_and_nothing_else() {
    let listed: Vec<&str> = PAGE
        .lines()
        .filter(|line| line.contains("| `SUYUAN_"))
        .collect();

    assert_eq!(listed.len(), keys().len());
    for key in keys() {
        let variable = format!("SUYUAN_{}", key.replace('.', "_").to_uppercase());
        let row = format!("| `{key}` | `{variable}` |");
        assert!(
            listed.iter().any(|line| line.starts_with(&row)),
            "no row {row}"
        );
    }
}
