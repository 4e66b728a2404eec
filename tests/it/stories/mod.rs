//! Stories: the program from its first command to its last answer.

mod demo;
mod generate;
mod truth;
