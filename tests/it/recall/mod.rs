mod carries_out;
mod extends;
mod finds;
mod given;
mod refuses;
mod replays;
mod shows;
mod watches;
