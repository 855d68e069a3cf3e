use serde_json::json;

use super::*;
use crate::display::Settings;

fn name(name: &str) -> StreamName {
    name.parse().unwrap()
}

/// A directory that is removed at the end of a test.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        let unique = rand::random::<u64>();
        Self(std::env::temp_dir().join(format!("streamview-test-{unique:016x}")))
    }

    fn file(&self) -> PathBuf {
        self.0.join("deep").join("display.json")
    }

    fn write(&self, text: &str) {
        std::fs::create_dir_all(self.file().parent().unwrap()).unwrap();
        std::fs::write(self.file(), text).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.file().parent().unwrap()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn hot() -> Settings {
    let json = json!({"colormap": "hot", "window": {"mode": "fixed", "min": -0.125, "max": 1e9}});
    Settings::default().with(&json).unwrap()
}

#[test]
fn what_was_set_is_there_again_and_what_was_undone_is_not() {
    let dir = Dir::new();
    let (memory, trouble) = Memory::<Settings>::open(Some(dir.file()));
    assert_eq!(trouble, None);
    memory.set(&name("a"), hot()).unwrap();
    memory.set(&name("b"), hot()).unwrap();
    memory.set(&name("b"), Settings::default()).unwrap();
    memory.write().unwrap();
    assert_eq!(dir.names(), ["display.json"]);
    let (memory, trouble) = Memory::<Settings>::open(Some(dir.file()));
    assert_eq!(trouble, None);
    assert_eq!(memory.of(&name("a")), hot());
    assert_eq!(memory.of(&name("b")), Settings::default());
    assert_eq!(memory.lock().len(), 1);
}

#[test]
fn a_file_that_cannot_be_read_is_kept_and_said() {
    for (text, reason) in [
        ("{", "EOF"),
        ("[]", "invalid length 0"),
        ("{\"version\":2,\"streams\":[]}", "version is 2: expected 1"),
        ("{\"version\":1}", "missing field `streams`"),
        ("{\"version\":1,\"streams\":{},\"more\":1}", "more: unknown field"),
        (
            "{\"version\":1,\"streams\":{\"a\":{\"gamma\":0}}}",
            "streams.a: gamma is 0: expected 0.05 to 20",
        ),
        ("{\"version\":1,\"streams\":{\"../a\":{}}}", "stream name"),
    ] {
        let dir = Dir::new();
        dir.write(text);
        let (memory, trouble) = Memory::<Settings>::open(Some(dir.file()));
        let trouble = trouble.unwrap();
        assert!(trouble.contains(reason), "{trouble}");
        assert_eq!(memory.of(&name("a")), Settings::default());
        memory.set(&name("a"), hot()).unwrap();
        memory.write().unwrap();
        assert_eq!(dir.names(), ["display.json", "display.json.unreadable"]);
        assert_eq!(
            std::fs::read_to_string(beside(&dir.file(), "unreadable")).unwrap(),
            text
        );
    }
}

#[test]
fn a_disk_that_refuses_is_said_and_nothing_else_fails() {
    let dir = Dir::new();
    std::fs::write(&dir.0, "a file where the directory should be").unwrap();
    let (memory, trouble) = Memory::<Settings>::open(Some(dir.file()));
    // Nothing can be there, so nothing was lost; but it is not usual either.
    assert!(trouble.is_some());
    memory.set(&name("a"), hot()).unwrap();
    let error = memory.write().unwrap_err();
    assert!(error.contains("display.json"), "{error}");
    assert_eq!(memory.of(&name("a")), hot());
    std::fs::remove_file(&dir.0).unwrap();
}

#[test]
fn a_flood_of_streams_is_bounded() {
    let (memory, _) = Memory::<Settings>::open(None);
    for stream in 0..MAX_STREAMS {
        memory.set(&name(&format!("s{stream}")), hot()).unwrap();
    }
    let error = memory.set(&name("more"), hot()).unwrap_err();
    assert!(
        error.contains("4096 streams") && error.contains("more"),
        "{error}"
    );
    memory.set(&name("s7"), Settings::default()).unwrap();
    memory.set(&name("more"), hot()).unwrap();
}

#[tokio::test]
async fn changes_are_written_soon_and_the_last_one_at_the_end() {
    let dir = Dir::new();
    let (memory, _) = Memory::<Settings>::open(Some(dir.file()));
    let memory = Arc::new(memory);
    let stop = CancellationToken::new();
    let keeping = tokio::spawn(memory.clone().keep(stop.clone(), |error| panic!("{error}")));
    let written =
        |colormap: &str| std::fs::read_to_string(dir.file()).is_ok_and(|text| text.contains(colormap));
    memory.set(&name("a"), hot()).unwrap();
    while !written("hot") {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let other = hot().with(&json!({"colormap": "turbo"})).unwrap();
    memory.set(&name("a"), other).unwrap();
    stop.cancel();
    keeping.await.unwrap();
    assert!(written("turbo"));
}
