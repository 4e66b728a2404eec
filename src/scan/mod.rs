//! What a person who scans a code is told: what it is, who made it, what happened to it, whether it is
//! recalled — and whether the code is one at all.
//!
//! [`look_up`] reads; [`Verdict`] and [`Journey`] are pure. A code can be copied onto a fake, so no
//! verdict says that the thing in hand is genuine: it says what the producer issued and what was recorded.
//! Names of shops and warehouses stay inside; the public sees cities.

mod error;
mod held;
mod journey;
mod life;
mod region;
mod subject;
mod verdict;
mod view;

pub use error::Error;
pub use held::Held;
pub use journey::{Journey, Step};
pub use life::Life;
pub use region::{Region, region};
pub use subject::Subject;
pub use verdict::{Facts, SerialFact, Verdict};
pub use view::{Maker, ProductView, Scan, look_up};
