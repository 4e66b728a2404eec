//! The program `suyuan`: see [`suyuan::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    suyuan::cli::main()
}
