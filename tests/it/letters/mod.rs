//! Dead letters: what was refused, listed, shown and submitted again.

mod commands;
mod over_http;
mod replays;
