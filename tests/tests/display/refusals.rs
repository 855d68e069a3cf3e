//! What strangers send.

use serde_json::json;
use tests::{Lab, Runner, http};

use super::{DISPLAY, NO_ENCODER, fixed, ok, published, refused};

#[test]
fn nonsense_is_refused_by_name_and_changes_nothing() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let _peer = published(&runner, 0);
    let before = ok(&runner.send("PUT", DISPLAY, &fixed(10.0, 20.0)));
    let http = runner.addresses.http;
    let send = |method: &str, headers: &[(&str, &str)], body: &[u8]| {
        http::send(http, method, DISPLAY, headers, body).expect("an answer")
    };
    let json = [("content-type", "application/json")];
    let long = [b"{\"gamma\":".as_slice(), &[b' '; 5_000], b"1}"].concat();
    let deep = "[".repeat(2_000);
    for (body, status, words) in [
        (
            "{\"window\":{\"mode\":\"fixed\",\"min\":9,\"max\":3}}",
            422,
            &["window.min is 9", "max is 3", "below"][..],
        ),
        (
            "{\"window\":{\"mode\":\"fixed\",\"min\":7,\"max\":7}}",
            422,
            &["window.min is 7, max is 7", "below"],
        ),
        ("{\"window\":{\"min\":NaN}}", 400, &["JSON", "min"]),
        ("{\"window\":{\"max\":Infinity}}", 400, &["JSON", "max"]),
        (
            "{\"window\":{\"max\":1e999}}",
            400,
            &["JSON", "out of range", "max"],
        ),
        (
            "{\"window\":{\"min\":\"NaN\"}}",
            422,
            &["window.min is \"NaN\"", "finite"],
        ),
        (
            "{\"window\":{\"min\":-1e308,\"max\":1e308}}",
            422,
            &["window.max - min", "finite"],
        ),
        (
            "{\"window\":{\"mode\":\"log\"}}",
            422,
            &["window.mode is \"log\"", "auto"],
        ),
        (
            "{\"window\":{\"percentiles\":[-1,101]}}",
            422,
            &["window.percentiles", "0 to 100"],
        ),
        (
            "{\"window\":{\"percentiles\":[50,50]}}",
            422,
            &["window.percentiles are 50 and 50"],
        ),
        ("{\"window\":[0,1]}", 422, &["window is [0,1]", "object"]),
        (
            "{\"colormap\":\"jet\"}",
            422,
            &["colormap is \"jet\"", "viridis", "hot"],
        ),
        ("{\"colormap\":7}", 422, &["colormap is 7", "viridis"]),
        ("{\"gamma\":0}", 422, &["gamma is 0", "0.05 to 20"]),
        ("{\"gamma\":\"1\"}", 422, &["gamma is \"1\"", "finite"]),
        (
            "{\"invert\":\"yes\"}",
            422,
            &["invert is \"yes\"", "true or false"],
        ),
        (
            "{\"highlight\":null}",
            422,
            &["highlight is null", "true or false"],
        ),
        ("{\"contrast\":1}", 422, &["\"contrast\" is not known", "gamma"]),
        ("[]", 422, &["body is []", "object"]),
        ("", 400, &["JSON"]),
        ("\u{0}", 400, &["JSON"]),
        (&deep, 400, &["JSON", "recursion"]),
        (std::str::from_utf8(&long).expect("text"), 413, &["4096 bytes"]),
    ] {
        for method in ["PUT", "PATCH"] {
            let response = send(method, &json, body.as_bytes());
            refused(&response, status, words);
        }
    }
    // Beside what is already so, and then the good half of it is not taken either.
    refused(
        &send("PATCH", &json, b"{\"gamma\":2,\"window\":{\"min\":30}}"),
        422,
        &["window.min is 30, max is 20", "below"],
    );
    refused(&send("PUT", &json, b"{\"gamma\":\xff}"), 400, &["JSON"]);
    refused(&send("PUT", &[], b"{}"), 415, &["application/json"]);
    refused(
        &send("PUT", &[("content-type", "text/plain")], b"{}"),
        415,
        &["text/plain", "application/json"],
    );

    // Pages of other sites, whatever they send.
    for origin in ["http://elsewhere.example", "null", "https://"] {
        let headers = [json[0], ("origin", origin)];
        refused(&send("PUT", &headers, b"{\"gamma\":2}"), 403, &["another site"]);
        let auto = format!("{DISPLAY}/auto");
        let response = http::send(http, "POST", &auto, &headers, b"{}").expect("an answer");
        refused(&response, 403, &["another site"]);
    }
    let own = format!("http://{http}");
    assert_eq!(send("PATCH", &[json[0], ("origin", &own)], b"{}").status, 200);

    for method in ["POST", "DELETE"] {
        assert_eq!(send(method, &json, b"{}").status, 405, "{method}");
    }
    for (query, words) in [
        ("bins=0", &["bins is \"0\"", "1 to 4096"][..]),
        ("bins=1e3", &["bins is \"1e3\""]),
        ("bins=-1", &["bins is \"-1\""]),
        ("bins=", &["bins is \"\""]),
        ("bins=1&bins=2", &["bins"]),
        ("max=1", &["min is missing"]),
        ("min=3&max=3", &["min is 3, max is 3", "below"]),
        ("min=1&max=inf", &["max is \"inf\"", "finite"]),
        ("min=-1e308&max=1e308", &["max - min", "finite"]),
        ("bins=99999999999999999999", &["bins", "4096"]),
        ("min=1", &["max is missing"]),
        ("min=NaN&max=1", &["min is \"NaN\"", "finite"]),
        ("min=2&max=1", &["min is 2", "below"]),
        ("bin=1", &["bin"]),
    ] {
        let response = runner.get(&format!("/api/v1/streams/camera/histogram?{query}"));
        refused(&response, 400, words);
    }
    refused(
        &runner.get("/api/v1/streams/other/histogram"),
        404,
        &["no frame stream", "other"],
    );
    for path in ["/api/v1/streams/other/display", "/api/v1/streams/.hidden/display"] {
        refused(&runner.get(path), 404, &["no frame stream"]);
        refused(&runner.send("PUT", path, &json!({})), 404, &["no frame stream"]);
        refused(
            &runner.send("POST", &format!("{path}/auto"), &json!({})),
            404,
            &["no frame stream"],
        );
    }
    assert_eq!(ok(&runner.get(DISPLAY)), before);
}
