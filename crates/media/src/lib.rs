//! Raw pictures in, everything a player eats out; the only crate that names ffmpeg
