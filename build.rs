//! Rebuilds when migrations change, and makes sure the folder that is embedded exists before the first build of the dashboard.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=admin/dist");
    std::fs::create_dir_all("admin/dist").expect("make admin/dist");
}
