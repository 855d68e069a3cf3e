//! JSON objects that strangers wrote, field by field.

use serde_json::{Map, Value};

/// The fields of one object.
pub struct Fields<'a> {
    /// What its fields are called before their own names: empty, or `window.`.
    path: &'static str,
    map: &'a Map<String, Value>,
}

/// A value as a message shows it: short, whatever came.
fn excerpt(value: &Value) -> String {
    const MAX_CHARS: usize = 40;
    let text = value.to_string();
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Each answers `None` where the field is absent, and names it where it is not what was expected.
impl<'a> Fields<'a> {
    /// The fields of `json`, all of them among `known`.
    pub fn of(path: &'static str, json: &'a Value, known: &[&str]) -> Result<Self, String> {
        let Value::Object(map) = json else {
            let what = match path.trim_end_matches('.') {
                "" => "body",
                field => field,
            };
            return Err(format!("{what} is {}: expected an object", excerpt(json)));
        };
        match map.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(format!(
                "{path}{} is not known: expected one of {}",
                excerpt(&Value::from(key.as_str())),
                known.join(", ")
            )),
            None => Ok(Self { path, map }),
        }
    }

    /// The sentence about a field that is not what was `expected`.
    pub fn wrong(&self, field: &str, expected: &str) -> String {
        let got = excerpt(self.map.get(field).unwrap_or(&Value::Null));
        format!("{}{field} is {got}: expected {expected}", self.path)
    }

    /// A field as it came.
    pub fn get(&self, field: &str) -> Option<&'a Value> {
        self.map.get(field)
    }

    /// A finite number.
    pub fn number(&self, field: &str) -> Result<Option<f64>, String> {
        match self.get(field) {
            None => Ok(None),
            Some(value) => match value.as_f64().filter(|number| number.is_finite()) {
                Some(number) => Ok(Some(number)),
                None => Err(self.wrong(field, "a finite number")),
            },
        }
    }

    /// A finite number, or `null` for none.
    pub fn limit(&self, field: &str, limit: &mut Option<f64>) -> Result<(), String> {
        match self.get(field) {
            Some(Value::Null) => *limit = None,
            _ => *limit = self.number(field)?.or(*limit),
        }
        Ok(())
    }

    /// Two finite numbers.
    pub fn pair(&self, field: &str) -> Result<Option<[f64; 2]>, String> {
        let Some(value) = self.get(field) else {
            return Ok(None);
        };
        let number = |value: &Value| value.as_f64().filter(|number| number.is_finite());
        match value.as_array().map(Vec::as_slice) {
            Some([low, high]) if let (Some(low), Some(high)) = (number(low), number(high)) => {
                Ok(Some([low, high]))
            }
            _ => Err(self.wrong(field, "a list of two finite numbers")),
        }
    }

    /// A text, one of `expected`.
    pub fn text(&self, field: &str, expected: impl Fn() -> String) -> Result<Option<&'a str>, String> {
        match self.get(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(field, &format!("one of {}", expected()))),
        }
    }

    /// `true` or `false`.
    pub fn flag(&self, field: &str, flag: &mut bool) -> Result<(), String> {
        match self.get(field) {
            None => {}
            Some(Value::Bool(value)) => *flag = *value,
            Some(_) => return Err(self.wrong(field, "true or false")),
        }
        Ok(())
    }
}
