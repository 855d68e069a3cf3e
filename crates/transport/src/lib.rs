//! streamview messages over ZeroMQ; the only crate that names it
