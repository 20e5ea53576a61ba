//! Finds the CPython that pyrt is built against, vouches for it, and prepares
//! its static library.
//!
//! Stages: ask the interpreter about itself → check version and flags → find
//! the archive and check that it is the same build → read struct layouts from
//! the headers → make a private copy of the archive in which the functions that
//! Rust replaces are weak (so that its definitions win) and have second, global
//! names, and in which the code that runs at every start lies together.
//!
//! Anything that cannot be vouched for stops the build with what was found,
//! what is needed, and how to get it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::{env, fs};

use object::read::archive::ArchiveFile;
use object::{Object, ObjectSection, ObjectSymbol};

const DEFAULT_PYTHON: &str = "/usr/bin/python3.11";
/// Functions that are defined anew in Rust, and the members of the archive that have them. The
/// originals can be called under names of their own: see `weaken`.
const REPLACED: &[(&str, &str)] = &[
    ("ceval.o", "_PyEval_EvalFrameDefault"),
    ("ceval.o", "_PyEval_Vector"),
    ("codeobject.o", "PyCode_Addr2Line"),
    ("dictobject.o", "_PyObject_VisitInstanceAttributes"),
    ("longobject.o", "PyLong_FromLong"),
    ("longobject.o", "PyLong_FromSsize_t"),
    ("longobject.o", "_PyLong_Multiply"),
    ("object.o", "PyObject_RichCompareBool"),
    ("pystate.o", "_PyInterpreterState_SetEvalFrameFunc"),
    ("signalmodule.o", "PyErr_CheckSignals"),
];
/// Private symbols of a member of the archive that Rust uses.
struct Published {
    member: &'static str,
    /// The symbols, the sizes of variables, and the names that they get.
    symbols: &'static [(&'static str, Option<u64>, &'static str)],
    /// What is set for Rust if all are there.
    cfg: &'static str,
    /// What is different otherwise.
    otherwise: &'static str,
}
const PUBLISHED: [Published; 3] = [
    // For `src/pymalloc.rs`. The sizes tell the allocator's configuration: 1 MiB arenas found by a radix tree, which go
    // with 16 KiB pools.
    Published {
        member: "obmalloc.o",
        symbols: &[
            ("usedpools", Some(64 * 8), "pyrt_usedpools"),
            ("arena_map_root", Some(8 << 15), "pyrt_arena_map_root"),
            ("_PyObject", Some(5 * 8), "pyrt_PyObject"),
            ("_PyMem", Some(5 * 8), "pyrt_PyMem"),
            ("_PyObject_Malloc", None, "pyrt_PyObject_Malloc"),
            ("_PyObject_Free", None, "pyrt_PyObject_Free"),
        ],
        cfg: "pyrt_pymalloc",
        otherwise: "ints are made by calls",
    },
    // For `src/traverse.rs`.
    Published {
        member: "gcmodule.o",
        symbols: &[
            ("visit_decref", None, "pyrt_visit_decref"),
            ("visit_reachable", None, "pyrt_visit_reachable"),
        ],
        cfg: "pyrt_gc_visitors",
        otherwise: "the collector calls for each reference",
    },
    // For `src/signals.rs`.
    Published {
        member: "signalmodule.o",
        symbols: &[("is_tripped", Some(4), "pyrt_is_tripped")],
        cfg: "pyrt_signals",
        otherwise: "looking for signals takes longer",
    },
];
const HOW_TO_GET: &str = "On Debian 12: apt-get install python3.11 libpython3.11-dev\n\
    (both of one version), or set PYRT_PYTHON to another CPython 3.11 that was \
    built with a static library.";

/// What the interpreter says about itself, one `key=value` line each.
const QUERY: &str = r#"
import sys, sysconfig, platform
v = sysconfig.get_config_vars()
print("implementation=" + sys.implementation.name)
print("version=" + platform.python_version())
print("executable=" + sys.executable)
print("builddate=" + platform.python_build()[1])
print("bits=" + str(sys.maxsize.bit_length() + 1))
print("platform=" + sys.platform)
print("machine=" + platform.machine())
for name in ("LIBPL", "LIBDIR", "LIBRARY", "INCLUDEPY", "LIBS", "SYSLIBS", "MODLIBS", "Py_DEBUG", "Py_TRACE_REFS"):
    print(name + "=" + str(v.get(name) or ""))
"#;

fn fail(found: &str, needed: &str) -> ! {
    eprintln!(
        "pyrt cannot be built against this Python.\n  found:  {found}\n  needed: {needed}\n{HOW_TO_GET}"
    );
    exit(1);
}

fn output(command: &mut Command, purpose: &str) -> Vec<u8> {
    match command.output() {
        Ok(out) if out.status.success() => out.stdout,
        Ok(out) => {
            eprintln!(
                "pyrt's build failed to {purpose}: {command:?} ended with {}\n{}",
                out.status,
                String::from_utf8_lossy(&out.stderr)
            );
            exit(1);
        }
        Err(error) => {
            eprintln!(
                "pyrt's build failed to {purpose}: cannot run {:?}: {error}\n\
                On Debian 12: apt-get install gcc binutils libc6-dev",
                command.get_program()
            );
            exit(1);
        }
    }
}

struct Python {
    path: PathBuf,
    facts: HashMap<String, String>,
}

impl Python {
    fn find() -> Python {
        println!("cargo::rerun-if-env-changed=PYRT_PYTHON");
        let path =
            PathBuf::from(env::var_os("PYRT_PYTHON").unwrap_or_else(|| DEFAULT_PYTHON.into()));
        println!("cargo::rerun-if-changed={}", path.display());
        if !path.exists() {
            fail(
                &format!("no file {}", path.display()),
                "a CPython 3.11 interpreter",
            );
        }
        let mut command = Command::new(&path);
        command
            .args(["-I", "-S", "-c", QUERY])
            .env_remove("PYTHONHOME");
        let text = output(&mut command, "ask the interpreter about itself");
        let facts = String::from_utf8_lossy(&text)
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        Python { path, facts }
    }

    fn fact(&self, key: &str) -> &str {
        self.facts.get(key).map_or("", String::as_str)
    }

    fn check(&self) {
        let found = format!(
            "{} {} at {}",
            self.fact("implementation"),
            self.fact("version"),
            self.path.display()
        );
        if self.fact("implementation") != "cpython" || !self.fact("version").starts_with("3.11.") {
            fail(&found, "CPython 3.11");
        }
        if self.fact("bits") != "64" || self.fact("platform") != "linux" {
            fail(
                &format!(
                    "{found}, {} bits, {}",
                    self.fact("bits"),
                    self.fact("platform")
                ),
                "a 64-bit Linux build",
            );
        }
        let target = env::var("CARGO_CFG_TARGET_ARCH").expect("cargo says it");
        if self.fact("machine") != target {
            fail(
                &format!("{found}, for {}", self.fact("machine")),
                &format!("an interpreter for {target}, which pyrt is built for"),
            );
        }
        if !matches!(self.fact("Py_TRACE_REFS"), "" | "0") {
            fail(
                &format!("{found} built with Py_TRACE_REFS"),
                "a build with CPython's ordinary object header",
            );
        }
    }

    /// Whether it is a debug build, which checks itself and keeps a total of all references.
    fn counts_references(&self) -> bool {
        !matches!(self.fact("Py_DEBUG"), "" | "0")
    }

    /// The static library of this very build.
    fn archive(&self) -> PathBuf {
        let file = if self.fact("LIBRARY").ends_with(".a") {
            self.fact("LIBRARY")
        } else {
            "libpython3.11.a"
        };
        let places = [self.fact("LIBPL"), self.fact("LIBDIR")];
        let Some(archive) = places
            .iter()
            .map(|dir| Path::new(dir).join(file))
            .find(|path| path.exists())
        else {
            fail(
                &format!(
                    "{} {} without {file} in {}",
                    self.path.display(),
                    self.fact("version"),
                    places.join(" or ")
                ),
                "its static library: a shared-only build cannot be linked",
            );
        };
        println!("cargo::rerun-if-changed={}", archive.display());
        archive
    }

    /// Include folders: the generic one and, on Debian, the multiarch one.
    fn includes(&self) -> Vec<PathBuf> {
        let main = PathBuf::from(self.fact("INCLUDEPY"));
        if !main.join("internal/pycore_frame.h").exists() {
            fail(
                &format!("no internal/pycore_frame.h in {}", main.display()),
                "CPython's headers, internal ones included",
            );
        }
        let header = fs::read_to_string(main.join("patchlevel.h")).unwrap_or_default();
        let version = header
            .lines()
            .find_map(|line| line.strip_prefix("#define PY_VERSION"))
            .map(|rest| rest.trim().trim_matches('"').to_owned())
            .unwrap_or_default();
        if version.trim_end_matches('+') != self.fact("version").trim_end_matches('+') {
            fail(
                &format!(
                    "headers of {version} in {}, interpreter {}",
                    main.display(),
                    self.fact("version")
                ),
                "headers of the same patch level",
            );
        }
        vec![main]
    }
}

/// Refuses an archive of another build than the interpreter's: the version
/// string and the build's date and time are literals in both.
fn check_archive(python: &Python, archive: &Path, data: &[u8]) {
    let needles = [python.fact("version").to_owned()];
    let (date, time) = python
        .fact("builddate")
        .rsplit_once(' ')
        .unwrap_or((python.fact("builddate"), ""));
    for needle in needles.iter().map(String::as_str).chain([date, time]) {
        if !data
            .windows(needle.len().max(1))
            .any(|window| window == needle.as_bytes())
        {
            fail(
                &format!(
                    "{} does not contain '{needle}', so it is not of the build of {} ({} of {})",
                    archive.display(),
                    python.path.display(),
                    python.fact("version"),
                    python.fact("builddate")
                ),
                "an interpreter and a static library of the same build (upgrade both packages together)",
            );
        }
    }
}

/// Reads the facts that `layout_probe.c` leaves in its assembly and writes
/// them as constants, a module per struct.
fn write_layout(python: &Python, out: &Path) {
    let probe = Path::new("../../runtime/cpython/layout_probe.c");
    println!("cargo::rerun-if-changed={}", probe.display());
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".into());
    let mut command = Command::new(compiler);
    command.args(["-S", "-O1", "-w", "-o", "-"]).arg(probe);
    for dir in python.includes() {
        command.arg("-I").arg(dir);
    }
    let assembly = output(
        &mut command,
        "read CPython's struct layouts from its headers",
    );
    let mut groups: Vec<(String, String)> = Vec::new();
    for line in String::from_utf8_lossy(&assembly).lines() {
        let Some((name, value)) = line
            .strip_prefix("->")
            .and_then(|fact| fact.split_once(' '))
        else {
            continue;
        };
        let (group, field) = name.split_once('.').expect("facts are named struct.field");
        let value: usize = value
            .trim()
            .trim_start_matches(['$', '#'])
            .parse()
            .expect("facts are numbers");
        let item = format!("    pub const {field}: usize = {value};\n");
        match groups.iter_mut().find(|(known, _)| known == group) {
            Some((_, items)) => items.push_str(&item),
            None => groups.push((group.to_owned(), item)),
        }
    }
    let mut text = String::new();
    for (group, items) in groups {
        write!(text, "pub mod {group} {{\n{items}}}\n").expect("writing to a String");
    }
    writeln!(
        text,
        "pub const PYTHON_VERSION: &str = {:?};",
        python.fact("version")
    )
    .expect("writing to a String");
    writeln!(
        text,
        "pub const PYTHON_PATH: &str = {:?};",
        python.path.display().to_string()
    )
    .expect("writing to a String");
    fs::write(out.join("layout.rs"), text).expect("OUT_DIR is writable");
}

/// The section and offset of a function in its object file.
fn function_address(object: &object::File<'_>, member: &str, function: &str) -> (String, u64) {
    let symbol = object
        .symbols()
        .find(|symbol| symbol.name() == Ok(function) && symbol.is_definition());
    let section = symbol
        .as_ref()
        .and_then(|symbol| object.section_by_index(symbol.section_index()?).ok());
    match (symbol, section) {
        (Some(symbol), Some(section)) => (
            section.name().expect("section names are UTF-8").to_owned(),
            symbol.address(),
        ),
        _ => fail(
            &format!("an archive whose {member} does not define {function}"),
            "a static library of native code (one of LTO bitcode cannot be patched)",
        ),
    }
}

/// Writes the members of the archive as files, what is replaced weakened and given its
/// second name, and puts them into an archive again: those that run at start-up first.
fn prepare_archive(python: &Python, archive: &Path, out: &Path) -> PathBuf {
    let data = fs::read(archive).unwrap_or_else(|error| {
        fail(
            &format!("{}: {error}", archive.display()),
            "a readable static library",
        )
    });
    check_archive(python, archive, &data);
    let parsed = ArchiveFile::parse(&*data)
        .unwrap_or_else(|error| fail(&format!("{}: {error}", archive.display()), "an ar archive"));
    let folder = out.join("members");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("OUT_DIR is writable");
    let mut names = Vec::new();
    for member in parsed.members().flatten() {
        let name = String::from_utf8_lossy(member.name()).into_owned();
        let content = member.data(&*data).expect("the archive is complete");
        if names.contains(&name) {
            fail(
                &format!("{} with two members {name}", archive.display()),
                "members of different names",
            );
        }
        fs::write(folder.join(&name), content).expect("OUT_DIR is writable");
        names.push(name);
    }
    for (member, function) in REPLACED {
        if !names.iter().any(|name| name == member) {
            fail(
                &format!("{} has no {member}", archive.display()),
                "CPython's static library",
            );
        }
        weaken(&folder.join(member), function);
    }
    println!("cargo::rustc-check-cfg=cfg(pyrt_ref_debug)");
    for published in &PUBLISHED {
        println!("cargo::rustc-check-cfg=cfg({})", published.cfg);
        // A build that checks itself has an allocator around its own, and asserts in what is replaced.
        if !python.counts_references() {
            publish(&folder, published);
        }
    }
    if python.counts_references() {
        println!("cargo::rustc-cfg=pyrt_ref_debug");
    }
    let copy = out.join("libpyrt_python.a");
    let _ = fs::remove_file(&copy);
    let ar = env::var("AR").unwrap_or_else(|_| "ar".into());
    output(
        Command::new(ar)
            .current_dir(&folder)
            .arg("rc")
            .arg(&copy)
            .args(startup_first(names)),
        "put the members into an archive again",
    );
    copy
}

/// Makes the symbol of a function weak, and gives the function another name, which begins with `pyrt_c_`.
fn weaken(object: &Path, function: &str) {
    let data = fs::read(object).expect("just written");
    let file = object::File::parse(&*data).expect("the members of the archive are object files");
    let (section, offset) = function_address(&file, &object.display().to_string(), function);
    let objcopy = env::var("OBJCOPY").unwrap_or_else(|_| "objcopy".into());
    output(
        Command::new(objcopy)
            .arg(format!("--weaken-symbol={function}"))
            .arg(format!(
                "--add-symbol=pyrt_c_{function}={section}:{offset},function,global"
            ))
            .arg(object),
        "weaken a function of CPython",
    );
}

/// Gives private symbols global names, if all are there as expected.
fn publish(folder: &Path, published: &Published) {
    let object = folder.join(published.member);
    let Ok(data) = fs::read(&object) else { return };
    let file = object::File::parse(&*data).expect("the members of the archive are object files");
    let is_there = |name: &str, size: Option<u64>| {
        file.symbols().any(|symbol| {
            symbol.name() == Ok(name)
                && symbol.is_definition()
                && size.is_none_or(|size| symbol.size() == size)
        })
    };
    let mut symbols = published.symbols.iter();
    if !symbols.all(|(name, size, _)| is_there(name, *size)) {
        println!(
            "cargo::warning=CPython's {} is not as expected, so {}",
            published.member, published.otherwise
        );
        return;
    }
    let objcopy = env::var("OBJCOPY").unwrap_or_else(|_| "objcopy".into());
    let mut command = Command::new(objcopy);
    for (name, _, public) in published.symbols {
        command.arg(format!("--redefine-sym={name}={public}"));
        command.arg(format!("--globalize-symbol={public}"));
    }
    output(command.arg(&object), "publish private symbols of CPython");
    println!("cargo::rustc-cfg={}", published.cfg);
}

/// Sorts the members that run at every start before the others.
///
/// The linker keeps the order of its input. The kernel maps files in windows of 64 KiB, so
/// code that runs at every start costs less memory, and fewer page faults, side by side.
fn startup_first(names: Vec<String>) -> Vec<String> {
    let list = Path::new("startup_members.txt");
    println!("cargo::rerun-if-changed={}", list.display());
    let text = fs::read_to_string(list).expect("the list is part of the crate");
    let order: Vec<&str> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let mut names = names;
    names.sort_by_key(|name| {
        let place = order.iter().position(|known| known == name);
        place.unwrap_or(order.len())
    });
    names
}

/// Lists the symbols that the interpreter itself exports, for the linker's
/// `--dynamic-list`: C extensions find CPython's API and none of Rust's names.
fn write_exports(python: &Python, archive: &Path, out: &Path) -> PathBuf {
    let data = fs::read(archive).expect("read once already");
    let parsed = ArchiveFile::parse(&*data).expect("parsed once already");
    let mut names = Vec::new();
    for member in parsed.members().flatten() {
        let Ok(file) = member.data(&*data).and_then(object::File::parse) else {
            continue;
        };
        names.extend(
            file.symbols()
                .filter(|symbol| {
                    symbol.is_global()
                        && symbol.is_definition()
                        && symbol.scope() == object::SymbolScope::Dynamic
                })
                .filter_map(|symbol| symbol.name().ok().map(str::to_owned)),
        );
    }
    names.retain(|name| name.starts_with("Py") || name.starts_with("_Py"));
    names.sort();
    names.dedup();
    if names.len() < 1000 {
        fail(
            &format!(
                "{} with only {} exported symbols ({})",
                archive.display(),
                names.len(),
                python.fact("version")
            ),
            "a static library that exports the C API",
        );
    }
    let list = out.join("exports.list");
    let text: String = names.iter().map(|name| format!("  {name};\n")).collect();
    fs::write(&list, format!("{{\n{text}}};\n")).expect("OUT_DIR is writable");
    list
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let python = Python::find();
    python.check();
    let archive = python.archive();
    write_layout(&python, &out);
    let exports = write_exports(&python, &archive, &out);
    let copy = prepare_archive(&python, &archive, &out);
    // For the build script of the crate that links the executable.
    println!("cargo::metadata=python={}", python.path.display());
    println!("cargo::metadata=archive={}", copy.display());
    println!("cargo::metadata=exports={}", exports.display());
    println!(
        "cargo::metadata=libs={} {} {}",
        python.fact("LIBS"),
        python.fact("SYSLIBS"),
        python.fact("MODLIBS")
    );
}
