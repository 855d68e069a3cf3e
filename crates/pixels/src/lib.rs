//! A frame as numbers and as a picture: dtypes, window/level, I420
