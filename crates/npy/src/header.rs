//! The header: magic, version, length, and a Python dict literal.

use protocol::Dtype;
use py_literal::Value;

use crate::Reason;

/// What the header says, and where the elements begin.
pub(crate) struct Header {
    pub(crate) shape: Vec<usize>,
    pub(crate) dtype: Dtype,
    pub(crate) data_offset: usize,
}

/// Longest dict literal that is read, as in NumPy (`max_header_size`).
const MAX_DICT_BYTES: usize = 10_000;

pub(crate) fn parse(file: &[u8]) -> Result<Header, Reason> {
    let [b'\x93', b'N', b'U', b'M', b'P', b'Y', major, minor, rest @ ..] = file else {
        return Err(Reason::Magic);
    };
    let (dict_len, rest) = match (major, minor, rest) {
        (1, 0, [a, b, rest @ ..]) => (usize::from(u16::from_le_bytes([*a, *b])), rest),
        (2 | 3, 0, [a, b, c, d, rest @ ..]) => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
        (1..=3, 0, _) => return Err(malformed("it is cut off")),
        (&major, &minor, _) => return Err(Reason::Version { major, minor }),
    };
    if dict_len > MAX_DICT_BYTES {
        return Err(malformed(format!(
            "{dict_len} bytes: expected at most {MAX_DICT_BYTES}"
        )));
    }
    let dict = rest.get(..dict_len).ok_or_else(|| malformed("it is cut off"))?;
    let dict = std::str::from_utf8(dict).map_err(malformed)?;
    let (shape, dtype) = parse_dict(dict)?;
    Ok(Header {
        shape,
        dtype,
        data_offset: file.len() - rest.len() + dict_len,
    })
}

fn malformed(what: impl ToString) -> Reason {
    Reason::Header(what.to_string())
}

fn parse_dict(text: &str) -> Result<(Vec<usize>, Dtype), Reason> {
    // A plain array has two brackets, those of the dict and of the shape. More are a structured dtype, or an attempt
    // on the recursive parser.
    if text.matches(['(', '[', '{']).count() > 2 {
        return Err(malformed("expected one array of numbers, not a structured dtype"));
    }
    let Value::Dict(entries) = text.trim().parse().map_err(malformed)? else {
        return Err(malformed("expected a dict"));
    };
    let get = |key: &str| {
        let found = entries
            .iter()
            .find(|(name, _)| name.as_string().is_some_and(|name| name == key));
        found
            .map(|(_, value)| value)
            .ok_or_else(|| malformed(format!("missing key '{key}'")))
    };
    match get("fortran_order")? {
        Value::Boolean(false) => {}
        Value::Boolean(true) => return Err(Reason::FortranOrder),
        _ => return Err(malformed("'fortran_order': expected True or False")),
    }
    let (Value::Tuple(shape) | Value::List(shape)) = get("shape")? else {
        return Err(malformed("'shape': expected a tuple"));
    };
    let side = |value: &Value| value.as_integer().and_then(|side| usize::try_from(side).ok());
    let shape = shape
        .iter()
        .map(|value| side(value).ok_or_else(|| malformed("'shape': expected axis lengths of 64 bits")))
        .collect::<Result<_, _>>()?;
    let Value::String(descr) = get("descr")? else {
        return Err(malformed("'descr': expected a typestr"));
    };
    Ok((shape, parse_dtype(descr)?))
}

fn parse_dtype(descr: &str) -> Result<Dtype, Reason> {
    // The byte order of a single byte means nothing; NumPy writes `|`, others write anything.
    let typestr = match descr {
        "<u1" | ">u1" => "|u1",
        "<i1" | ">i1" => "|i1",
        "<b1" | ">b1" | "?" => "|b1",
        other => other,
    };
    Dtype::from_typestr(typestr).ok_or_else(|| Reason::Dtype {
        descr: descr.to_owned(),
        hint: match descr.get(..2) {
            Some("|O") => " (Python objects)",
            Some(">b" | ">u" | ">i" | ">f") => " (big-endian)",
            _ => "",
        },
    })
}
