//! Parse, log, run.

use std::process::ExitCode;

use clap::Parser;
use frame_node::{Config, node};

fn main() -> ExitCode {
    let config = Config::parse();
    if let Err(error) = config.check() {
        error.exit();
    }
    service::log::init();
    service::exit::code(node::run(&config))
}
