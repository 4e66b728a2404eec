//! The command line: what it refuses, with which code, and what it leaves behind.

mod refuses;
mod settings;
mod speaks;
mod writes;
