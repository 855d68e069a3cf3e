use super::*;

/// The configuration of a command line.
pub(crate) fn config(arguments: &[&str]) -> Config {
    Config::try_parse_from(["frame-node"].iter().chain(arguments)).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    match Config::try_parse_from(["frame-node"].iter().chain(arguments)) {
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
fn shapes_are_height_by_width() {
    let shape = config(&["-", "--shape", "480x640x3"]).shape.unwrap();
    assert_eq!((shape.height(), shape.width(), shape.channels()), (480, 640, 3));
    for bad in [
        "480", "480x", "0x5", "5x16385", "5x5x2", "5X5", "1x2x3x4", "-1x5", "",
    ] {
        assert!(parse_shape(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn ranges_are_two_finite_numbers_in_order() {
    let check = |text: &str| text.parse::<Range>().map(|range| (range.min, range.max)).ok();
    assert_eq!(check("0,4095"), Some((0.0, 4095.0)));
    assert_eq!(check("-1.5, 2e3"), Some((-1.5, 2000.0)));
    for bad in ["5", "5,5", "6,5", "nan,1", "0,inf", "a,b", ""] {
        assert_eq!(check(bad), None, "{bad:?}");
    }
    assert_eq!(
        config(&["x.npy", "--range", "-5,5"]).range,
        Some(Range { min: -5.0, max: 5.0 })
    );
}

#[test]
fn pixels_are_squares_of_micrometres_unless_something_else_is_said() {
    let check = |arguments: &[&str], sides: [f64; 2], unit: &str| {
        let size = config(&[&["a.npy"], arguments].concat())
            .pixel_size()
            .unwrap()
            .unwrap();
        assert_eq!((size.sides(), size.unit()), (sides, unit), "{arguments:?}");
    };
    check(&["--pixel-size", "0.65"], [0.65, 0.65], "µm");
    check(
        &["--pixel-size", "0.65x0.5", "--pixel-unit", "um"],
        [0.65, 0.5],
        "µm",
    );
    check(
        &["--pixel-size", "1e-3x2", "--pixel-unit", "mm"],
        [0.001, 2.0],
        "mm",
    );
    assert_eq!(config(&["a.npy"]).pixel_size(), Ok(None));
}

#[test]
fn a_seed_is_for_whatever_is_random() {
    for arguments in [&["a.npy", "--drop", "0.05"][..], &["a.npy", "--jitter", "12.5"]] {
        let config = config(&[arguments, &["--seed", "1"]].concat());
        assert!(config.check().is_ok(), "{arguments:?}");
    }
    assert_eq!(
        config(&["barcode", "--jitter", "12.5"]).jitter,
        Some(Duration::from_micros(12_500))
    );
}

#[test]
fn flags_that_do_not_fit_the_source_are_refused_by_name() {
    for (arguments, flag) in [
        (&["-", "--dtype", "uint8"][..], "--shape"),
        (&["-", "--shape", "4x4"], "--dtype"),
        (&["-", "--shape", "4x4", "--dtype", "uint8", "--loop"], "--loop"),
        (&["a.tif", "--shape", "4x4"], "--shape"),
        (&["a.mp4", "--dtype", "uint8"], "--dtype"),
        (&["a.npy", "--seed", "1"], "--seed"),
        (&["synthetic", "--live"], "--live"),
        (&["a.tif", "--input-format", "v4l2"], "--input-format"),
        (&["synthetic", "--stream", "a/b"], "--stream"),
        (&["synthetic", "--fps", "0"], "--fps"),
        (&["synthetic", "--pixel-size", "0"], "--pixel-size"),
        (&["synthetic", "--pixel-size", "1x-1"], "--pixel-size"),
        (&["synthetic", "--pixel-size", "1x1x1"], "--pixel-size"),
        (&["synthetic", "--pixel-size", "nan"], "--pixel-size"),
        (&["synthetic", "--pixel-size", "0.5um"], "--pixel-size"),
        (&["synthetic", "--pixel-unit", "mm"], "--pixel-size"),
        (
            &["synthetic", "--pixel-size", "1", "--pixel-unit", ""],
            "--pixel-unit",
        ),
        (&["synthetic", "--drop", "1"], "--drop"),
        (&["synthetic", "--drop", "-0.1"], "--drop"),
        (&["synthetic", "--drop", "nan"], "--drop"),
        (&["synthetic", "--drop", "5%"], "--drop"),
        (&["synthetic", "--jitter", "-1"], "--jitter"),
        (&["synthetic", "--jitter", "inf"], "--jitter"),
        (&["synthetic", "--jitter", "5ms"], "--jitter"),
        (&["synthetic", "--connect", "udp://x:1"], "--connect"),
    ] {
        let error = refused(arguments);
        assert!(error.contains(flag), "{arguments:?}: {error}");
    }
    assert!(refused(&[]).contains("SOURCE"));
}
