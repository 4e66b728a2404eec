//! Both databases behave as one.

mod refuses;
mod sorts;
mod survives;
