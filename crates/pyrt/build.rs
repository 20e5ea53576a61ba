//! Links the executable with the archive that pyrt-cpython's build prepared.

use std::env;
use std::path::PathBuf;

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
    let whole = |name: &str| println!("cargo::rustc-link-lib=static:+whole-archive,-bundle={name}");
    // Libraries named here come before Rust's own, and the first definition wins. C's `floor`
    // and `fmod` use the processor's instructions, those of Rust's compiler_builtins do not.
    println!("cargo::rustc-link-lib=m");
    let archive = PathBuf::from(from_python("ARCHIVE"));
    let folder = archive.parent().expect("it is a file in a folder");
    println!("cargo::rustc-link-search=native={}", folder.display());
    whole("pyrt_python");
    // Only backtraces of panics need the unwinder. As a shared library it would cost each
    // start 2 %.
    whole("gcc_eh");
    // CPython's archive is not position independent; the variant that is lacks
    // the profile-guided layout.
    link("-no-pie");
    link(&format!("-Wl,--dynamic-list={}", from_python("EXPORTS")));
    // Hot, ordinary and rare code apart, as GNU's linker has it without being asked.
    link("-Wl,-z,keep-text-section-prefix");
    // Look functions of shared libraries up when they are called, as python3.11 does: most
    // never are.
    link("-Wl,-z,lazy");
    for library in from_python("LIBS").split_whitespace() {
        link(library);
    }
    for library in ["-lexpat", "-lz", "-lm", "-ldl", "-lpthread", "-lutil"] {
        link(library);
    }
}
