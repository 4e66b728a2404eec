//! What `trace` and `recall` say in Chinese, over the examples.

use crate::harness::database::TestDatabase;
use crate::harness::process::Workplace;

const MILK: &str = "(01)09521234000013(10)RM0901";
const BOTTLE: &str = "(01)09521234000037(21)A001";

fn example(name: &str) -> String {
    format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A farm, a dairy and a shop, with everything that they recorded.
fn tour(db: &TestDatabase) -> Workplace {
    let workplace = Workplace::on(db);
    let run = |args: &[&str]| workplace.run(args).expect_code(0);
    run(&["migrate", "--init-keys"]);
    for (what, table) in [
        ("party", "parties.csv"),
        ("place", "places.csv"),
        ("product", "products.csv"),
        ("credential", "credentials.csv"),
        ("person", "people.csv"),
    ] {
        run(&[what, "import", &example(table)]);
    }
    for org in ["farm", "dairy", "shop"] {
        run(&[
            "capture",
            &example(&format!("{org}-events.json")),
            "--as",
            org,
        ]);
    }
    workplace
}

/// What a command says in Chinese.
fn said(workplace: &Workplace, args: &[&str]) -> String {
    let args: Vec<&str> = args.iter().copied().chain(["--lang", "zh"]).collect();
    workplace.run(args).expect_code(0).stdout
}

both! {
    fn a_trace_is_told_in_chinese(db) {
        let workplace = tour(db);
        let back = said(&workplace, &["trace", "back", BOTTLE]);
        let head = "溯源 https://id.gs1.org/01/09521234000037/21/A001：4 个对象，9 个事件\n\
            批次  断言  https://id.gs1.org/01/09521234000013/10/RM0901\n";
        assert!(back.starts_with(head), "{back}");
        let forward = said(&workplace, &["trace", "forward", MILK]);
        assert!(forward.starts_with("追踪 https://id.gs1.org/01/09521234000013/10/RM0901："), "{forward}");
        assert!(forward.contains("\n加工过程  断言  urn:uuid:"), "{forward}");
        assert_eq!(
            said(&workplace, &["trace", "where", BOTTLE]),
            "https://id.gs1.org/01/09521234000037/21/A001\n\
             已售出，在 https://id.gs1.org/414/9521234000044，持有方 消费者（断言）\n"
        );
        let milk = said(&workplace, &["trace", "where", MILK]);
        assert!(milk.ends_with("\n6 LTR：已投入加工，在 –，持有方 已投入加工\n"), "{milk}");
        let who = said(&workplace, &["trace", "who", BOTTLE]);
        for line in [
            "\n保管 消费者\n",
            "\n加工方  dairy  urn:uuid:95200000-0000-4000-8000-000000000004  由 dairy 记录\n",
            "\n    首席质量官  林示例  dairy",
            "\n    有效  检测报告 (合格)  QA-M0901  出厂检验\n",
            "\n    已过期  许可  JY13501040021398",
        ] {
            assert!(who.contains(line), "{line:?} in {who}");
        }
        let other = "(01)09521234000037(21)A005";
        let common = said(&workplace, &["trace", "common", BOTTLE, other]);
        assert!(common.contains("个共同的对象或地点\n"), "{common}");
        assert!(common.contains("\n   2/2  地点  https://id.gs1.org/414/"), "{common}");
    }

    fn a_recall_is_told_in_chinese(db) {
        let workplace = tour(db);
        let open = ["--json", "recall", "open", "--lot", MILK, "--reason", "r", "--as", "bureau"];
        let opened = workplace.run(open).expect_code(0).json();
        let recall = opened["recall"].as_str().unwrap();
        let act = |verb: &str| {
            let done = workplace.run(["recall", verb, recall, "--reason", "r", "--as", "bureau"]);
            done.expect_code(0);
        };
        act("decide");
        act("notify");

        let shown = said(&workplace, &["recall", "show", recall]);
        let head = format!(
            "{recall}  第1版，召回中\n\
             受影响 6 件（断言 6，推断 0，规则 0，推定 0），1 个批次（断言 1，推断 0，规则 0，推定 0）  1000 LTR\n\
             摘要 {}\n依据账本位置 ",
            opened["digest"].as_str().unwrap()
        );
        assert!(shown.starts_with(&head), "{shown}");
        let asked = "\n查询 批次或产品  https://id.gs1.org/01/09521234000013/10/RM0901\n查询 规则  推算开始时间  previous\n        0  已投入加工  已投入加工  –  6 LTR\n        1  消费者  已售出  ";
        assert!(shown.contains(asked), "{shown}");
        assert!(shown.contains("\n任务  shop  已发送\n"), "{shown}");
        assert!(shown.contains("决定召回：r\n"), "{shown}");
        let preview = said(&workplace, &["recall", "preview", "--lot", MILK]);
        assert!(preview.starts_with("未记录（试算）\n受影响 6 件"), "{preview}");
        let cost = "\n规则 全部投入波及全部产出：+0 件，+0 个批次，+0 个持有方\n";
        assert!(preview.ends_with(cost), "{preview}");
        let units = said(&workplace, &["recall", "units", recall]);
        assert!(units.contains("  已售出  消费者  "), "{units}");

        let late = example("late-events.json");
        workplace.run(["capture", &late, "--as", "shop"]).expect_code(0);
        act("extend");
        let diff = said(&workplace, &["recall", "diff", recall]);
        let head = format!(
            "{recall}  第1版至第2版\n单件：新增 0，提议移除 0，变更 2\n缺口：新增 1，消除 0\n原因：迟到的证据 2，新事件 0，更正 0\n"
        );
        assert!(diff.starts_with(&head), "{diff}");
        assert!(diff.contains("  变更  迟到的证据  持有 dairy "), "{diff}");
        let versions = said(&workplace, &["recall", "versions", recall]);
        assert!(versions.ends_with("（单件：新增 0，提议移除 0，变更 2；缺口：新增 1，消除 0）\n"), "{versions}");
        let json = workplace.run(["--json", "recall", "show", recall, "--lang", "zh"]);
        assert_eq!(json.expect_code(0).json()["state"], "executing", "JSON is no language");
    }
}
