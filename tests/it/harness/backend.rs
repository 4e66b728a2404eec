//! One body, two databases.

/// Makes of every function a module with the tests `sqlite` and `postgres`: the body is run on a fresh, migrated
/// [`TestDatabase`](super::database::TestDatabase) of each kind.
///
/// ```ignore
/// both! {
///     fn a_repeated_event_is_recorded_once(db) {
///         db.write(|conn| …).unwrap();
///     }
/// }
/// ```
macro_rules! both {
    ($($(#[$meta:meta])* fn $name:ident($db:ident) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "a short body may need nothing of its file")]
            use super::*;

            fn body($db: &$crate::harness::database::TestDatabase) $body

            #[test]
            fn sqlite() {
                body(&$crate::harness::database::TestDatabase::sqlite());
            }

            #[test]
            fn postgres() {
                body(&$crate::harness::database::TestDatabase::postgres());
            }
        }
    )+};
}
