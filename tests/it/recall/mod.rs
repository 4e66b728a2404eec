mod carries_out;
mod finds;
mod given;
mod refuses;
mod replays;
mod shows;
