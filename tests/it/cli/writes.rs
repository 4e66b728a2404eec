use std::os::unix::fs::PermissionsExt as _;

use crate::harness::process::Workplace;

fn mode(workplace: &Workplace, file: &str) -> u32 {
    let metadata = std::fs::metadata(workplace.path(file)).unwrap();
    metadata.permissions().mode() & 0o777
}

#[test]
fn a_new_database_is_its_owners_alone_and_an_old_one_keeps_its_mode() {
    let workplace = Workplace::bare();

    workplace.run(["migrate", "--init-keys"]).expect_code(0);
    assert_eq!(mode(&workplace, "suyuan.db"), 0o600);

    let shared = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(workplace.path("suyuan.db"), shared).unwrap();
    workplace.run(["migrate"]).expect_code(0);
    assert_eq!(mode(&workplace, "suyuan.db"), 0o640);
}
