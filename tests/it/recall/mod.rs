mod asks;
mod carries_out;
mod finds;
mod given;
mod reasons;
mod refuses;
mod replays;
mod shows;
