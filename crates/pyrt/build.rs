//! Links the executable with the archive that pyrt-cpython's build prepared.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("OPT_LEVEL").as_deref() == Ok("0") {
        println!(
            "cargo::error=pyrt needs opt-level 1 or more: tier 1's handlers end in sibling calls, \
            which become jumps only when LLVM optimises"
        );
        std::process::exit(1);
    }
    let from_python = |key: &str| {
        env::var(format!("DEP_PYTHON3.11_{key}")).expect("pyrt-cpython's build script says it")
    };
    let link = |argument: &str| println!("cargo::rustc-link-arg={argument}");
    // CPython's archive is not position independent; the variant that is lacks
    // the profile-guided layout.
    link("-no-pie");
    link(&format!("-Wl,--dynamic-list={}", from_python("EXPORTS")));
    link("-Wl,--whole-archive");
    link(&from_python("ARCHIVE"));
    link("-Wl,--no-whole-archive");
    for library in from_python("LIBS").split_whitespace() {
        link(library);
    }
    for library in ["-lexpat", "-lz", "-lm", "-ldl", "-lpthread", "-lutil"] {
        link(library);
    }
}
