mod carries_out;
mod finds;
mod given;
mod pictures;
mod refuses;
mod replays;
mod shows;
