//! The page is embedded: build again when it has changed.
fn main() {
    println!("cargo:rerun-if-changed=../../frontend/dist");
}
