//! Parse, log, run.

use std::process::ExitCode;

use clap::Parser;
use metric_node::{Config, node};

fn main() -> ExitCode {
    let config = Config::parse();
    if let Err(error) = config.check() {
        error.exit();
    }
    service::log::init();
    match node::run(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[allow(clippy::print_stderr, reason = "the last word of a command-line program")]
            {
                eprintln!("error: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}
