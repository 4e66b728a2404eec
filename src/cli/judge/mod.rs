//! What the product says, held against what truly happened: asked as anybody would ask, compared unit by
//! unit and lot by lot. The demonstration and `bench truth` judge by it.

mod answer;
mod judgement;
mod lots;

pub(super) use answer::{list, notify, open};
pub(super) use judgement::{Answer, Found, Judgement, Reason};
