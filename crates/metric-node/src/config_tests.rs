use super::*;

/// The configuration of a command line.
pub(crate) fn config(arguments: &[&str]) -> Config {
    Config::try_parse_from(["metric-node"].iter().chain(arguments)).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    match Config::try_parse_from(["metric-node"].iter().chain(arguments)) {
        Ok(config) => config.check().unwrap_err().to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_command_line_is_well_formed() {
    Config::command().debug_assert();
}

#[test]
fn every_flag_has_an_environment_variable() {
    for argument in Config::command().get_arguments() {
        let env = argument
            .get_env()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        assert!(env.starts_with("STREAMVIEW_"), "{}", argument.get_id());
    }
}

#[test]
fn the_examples_of_the_manual_make_sense() {
    let examples = EXAMPLES
        .lines()
        .filter_map(|line| line.split_once("metric-node ").map(|(_, rest)| rest));
    let mut count = 0;
    for example in examples {
        let arguments: Vec<&str> = example.split_whitespace().collect();
        assert!(config(&arguments).check().is_ok(), "{example}");
        count += 1;
    }
    assert_eq!(count, 6);
}

#[test]
fn flags_that_do_not_fit_the_source_are_refused_by_name() {
    for (arguments, flag) in [
        (&["a.npy"][..], "--rate"),
        (&["host", "--rate", "50"], "--rate"),
        (&["synthetic", "--rate", "40000"], "--rate"),
        (&["synthetic", "--rate", "0"], "--rate"),
        (&["synthetic", "--rate", "nan"], "--rate"),
        (&["synthetic", "--series", "0"], "--series"),
        (&["synthetic", "--series", "1001"], "--series"),
        (&["synthetic", "--unit", "V"], "--unit"),
        (&["synthetic", "--loop"], "--loop"),
        (&["-", "--loop"], "--loop"),
        (&["-", "--follow"], "--follow"),
        (&["a.csv", "--follow", "--loop"], "--follow"),
        (&["a.csv", "--follow", "--rate", "5"], "--rate"),
        (&["a.csv", "--scale", "2"], "--scale"),
        (&["a.csv", "--names", "x"], "--names"),
        (&["a.csv", "--seed", "1"], "--seed"),
        (&["a.csv", "--delimiter", ";;"], "--delimiter"),
        (&["a.npy", "--rate", "1", "--format", "csv"], "--format"),
        (&["a.npy", "--rate", "1", "--names", "x,x"], "--names"),
        (&["a.npy", "--rate", "1", "--names", "x,"], "--names"),
        (&["a.npy", "--rate", "1", "--scale", "inf"], "--scale"),
        (&["host", "--stream", "a/b"], "--stream"),
        (&["host", "--connect", "udp://x:1"], "--connect"),
    ] {
        let error = refused(arguments);
        assert!(error.contains(flag), "{arguments:?}: {error}");
    }
    assert!(refused(&[]).contains("SOURCE"));
}

#[test]
fn names_scale_and_delimiter_are_read_as_written() {
    let config = config(&[
        "a.npy", "--rate", "40e3", "--names", "a,ΔF/F", "--scale", "-0.05", "--unit", "uV",
    ]);
    let trace = config.trace().unwrap();
    assert_eq!((trace.rate_hz, trace.scale), (40_000.0, -0.05));
    assert_eq!(trace.names.unwrap()[1].as_str(), "ΔF/F");
    assert_eq!(parse_delimiter("tab"), Ok(b'\t'));
    assert_eq!(parse_delimiter(";"), Ok(b';'));
}
