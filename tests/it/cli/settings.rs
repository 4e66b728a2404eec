use crate::harness::process::Workplace;

#[test]
fn a_mistyped_variable_of_a_section_is_refused() {
    let workplace = Workplace::bare();

    let refused = workplace
        .run_with(&[("SUYUAN_HTTP_LISTN", "1")], ["--json", "config"])
        .expect_code(2);

    let problem = refused.json();
    assert_eq!(problem["type"], "urn:suyuan:problem:configuration");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("SUYUAN_HTTP_LISTN"),
        "{problem}"
    );
    workplace
        .run_with(
            &[("SUYUAN_TEST_ANYTHING", "1"), ("SUYUAN_LOG_LEVEL", "warn")],
            ["config"],
        )
        .expect_code(0);
}

#[test]
fn what_is_no_database_address_is_not_told() {
    let workplace = Workplace::bare();

    for url in ["host=h password=hunter2", "postgress://ann:hunter2@h/db"] {
        let by_variable = workplace.run_with(&[("SUYUAN_DATABASE_URL", url)], ["--json", "config"]);
        let by_argument = workplace.run(["--json", "--database", url, "config"]);
        for refused in [by_variable, by_argument] {
            let refused = refused.expect_code(2);
            let told = format!("{}{}", refused.stdout, refused.stderr);
            assert!(told.contains("database.url"), "{told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_by_line_without_its_secrets() {
    let workplace = Workplace::bare();

    for text in [
        "\n[database]\nurl = \"postgres://ann:hunter2@h/db\" x\n",
        "\n\ndatabase = \"postgres://ann:hunter2@h/db\"\n",
        "\n[kafka.client]\n\"sasl.password\" = hunter2\n",
    ] {
        std::fs::write(workplace.path("suyuan.toml"), text).unwrap();

        let refused = workplace.run(["config"]).expect_code(2);

        assert!(
            refused.stderr.contains("suyuan.toml: line 3: "),
            "{refused:#?}"
        );
        assert!(!refused.stderr.contains("hunter2"), "{refused:#?}");
    }
}
