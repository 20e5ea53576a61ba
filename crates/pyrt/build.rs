//! Links the executable with the archive that pyrt-cpython's build prepared, and has the Python package
//! compiled that is part of it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles the files named by its arguments, and prints the rows of the table of frozen modules. The
/// code goes to files in the folder named first.
const FREEZE: &str = r#"
import marshal, pathlib, sys
out, *files = map(pathlib.Path, sys.argv[1:])
for file in files:
    name = "pyrt" if file.stem == "__init__" else "pyrt." + file.stem
    code = compile(file.read_bytes(), f"<frozen {name}>", "exec", dont_inherit=True, optimize=0)
    (out / (name + ".code")).write_bytes(marshal.dumps(code))
    package = int(name == "pyrt")
    print(f'(c"{name}", include_bytes!(concat!(env!("OUT_DIR"), "/{name}.code")), {package}),')
"#;

/// Writes `frozen.rs`: name, code, and whether it is a package, of each module.
fn freeze(python: &str) {
    let package = Path::new("../../runtime/python/pyrt");
    println!("cargo::rerun-if-changed={}", package.display());
    let files = std::fs::read_dir(package).expect("the package is in the repository");
    let paths = files.map(|file| file.expect("a folder can be read").path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    files.sort();
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says it"));
    let mut command = Command::new(python);
    command
        .args(["-I", "-S", "-c", FREEZE])
        .arg(&out)
        .args(files);
    let output = command.output().expect("the Python that was found before");
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        println!("cargo::error=the Python package does not compile: {complaint:?}");
        std::process::exit(1);
    }
    let rows = String::from_utf8_lossy(&output.stdout);
    let rows = format!("&[\n{rows}]\n");
    std::fs::write(out.join("frozen.rs"), rows).expect("OUT_DIR can be written");
}

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
    freeze(&from_python("PYTHON"));
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
    // What runs together, and apart from what does not run.
    let order = Path::new("order.ld");
    println!("cargo::rerun-if-changed={}", order.display());
    let order = std::path::absolute(order).expect("the current folder has a path");
    link(&format!("-Wl,-T,{}", order.display()));
    // Hot, ordinary and rare code of the rest apart, as GNU's linker has it without being asked.
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
