//! Thin entry point: parse, log, run.

use std::process::ExitCode;

use clap::Parser;

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments = runner::config::Arguments::parse();
    service::log::init();
    let result = match runner::Config::load(arguments) {
        Ok(config) => runner::run(config).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
