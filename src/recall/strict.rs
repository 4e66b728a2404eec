//! Members of a request that are JSON objects. A struct can be read from an array, too, member after member: in a
//! request that is a mistake, and refused.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Something that is read from a JSON object and from nothing else.
#[derive(Debug)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// Reads a member that is an object.
pub fn object<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Object::deserialize(deserializer).map(|Object(member)| member)
}

/// Reads a member that is an object or `null`.
pub(super) fn optional<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let found = Option::<Object<T>>::deserialize(deserializer)?;
    Ok(found.map(|Object(member)| member))
}

/// Reads a member that is a list of objects.
pub fn objects<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let found = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(found.into_iter().map(|Object(member)| member).collect())
}

#[cfg(test)]
mod tests {
    use crate::recall::{Error, Request, RequestedPolicies};

    fn refused<T: std::fmt::Debug>(read: Result<T, Error>) -> (&'static str, String) {
        match read.unwrap_err() {
            Error::Unreadable { field, source, .. } => (field, source.to_string()),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn an_array_is_no_object_at_any_depth() {
        for json in [
            r#"[["(01)09521234543213(10)A"]]"#,
            r#"{"places":[["9521234000013","2026-09-20T08:00:00Z","2026-09-20T09:00:00Z"]]}"#,
            r#"{"ranges":[["a","b"]]}"#,
            r#"{"containers":[["a"]]}"#,
            r#"{"products":[["a"]]}"#,
            r#"{"attributes":[["a","b"]]}"#,
            r#"{"policies":["2m"]}"#,
            r#"{"policies":{"vessels":[["9521234000013","until_cleaned"]]}}"#,
            r#"{"policies":{"kill_steps":[["9521234000013",["x"]]]}}"#,
            r#"{"policies":{"contact":[true]}}"#,
        ] {
            let (field, said) = refused(Request::read(json.as_bytes()));
            assert_eq!(field, "scope");
            assert!(said.contains("expected an object"), "{json}: {said}");
        }
        assert_eq!(refused(RequestedPolicies::read(b"[]")).0, "policies");
    }

    #[test]
    fn objects_are_read_and_unknown_members_named() {
        let read =
            Request::read(br#"{"policies":{"contact":null},"ranges":[{"from":"a","to":"b"}]}"#);
        assert_eq!(read.unwrap().ranges.len(), 1);
        let (_, said) = refused(Request::read(br#"{"ranges":[{"from":"a","till":"b"}]}"#));
        assert!(
            said.contains("unknown field `till`") && said.contains("line 1"),
            "{said}"
        );
    }
}
