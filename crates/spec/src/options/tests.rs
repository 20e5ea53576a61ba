use super::*;

fn parse(
    env: &[(&str, &str)],
    x: &[(&str, Option<&str>)],
) -> Result<(Options, Vec<Unknown>), OptionError> {
    let env = env
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let x = x
        .iter()
        .map(|(name, value)| (OsString::from(name), value.map(OsString::from)));
    Options::parse(env, x)
}

fn env(pairs: &[(&str, &str)]) -> Options {
    parse(pairs, &[]).expect("the values are good").0
}

fn error(pairs: &[(&str, &str)], x: &[(&str, Option<&str>)]) -> String {
    parse(pairs, x).expect_err("a value is bad").to_string()
}

#[test]
fn defaults_come_from_the_table() {
    let options = Options::default();
    assert!(options.jit);
    assert_eq!(options.loop_threshold, 3000);
    assert_eq!(options.opt, OptLevel::Speed);
    assert_eq!(options.stats, StatsFormat::Off);
    assert_eq!(options.dump_file, None);
    assert!(options.dump.is_empty());
    assert_eq!(env(&[]), options);
}

#[test]
fn every_type_is_read() {
    let options = env(&[
        ("PYRT_JIT", "off"),
        ("PYRT_JIT_MEMORY", "64"),
        ("PYRT_JIT_OPT", "none"),
        ("PYRT_JIT_DUMP", "ir, asm"),
        ("PYRT_JIT_DUMP_FILTER", "spam"),
        ("PYRT_JIT_STATS_FILE", "out-%p.json"),
        ("PYRT_JIT_DENY", "a.b,c*"),
    ]);
    assert!(!options.jit);
    assert_eq!(options.memory_kib, 64);
    assert_eq!(options.opt, OptLevel::None);
    assert_eq!(options.dump, [DumpStage::Ir, DumpStage::Asm]);
    assert_eq!(options.dump_filter.as_deref(), Some("spam"));
    assert_eq!(options.stats_file, Some("out-%p.json".into()));
    assert_eq!(options.deny, ["a.b", "c*"]);
}

#[test]
fn x_options_win_over_the_environment_and_the_last_wins() {
    let x = [
        ("pyrt-jit-side-traces", Some("3")),
        ("pyrt-jit-side-traces", Some("5")),
    ];
    let (options, _) = parse(&[("PYRT_JIT_SIDE_TRACES", "1"), ("PYRT_JIT", "0")], &x).unwrap();
    assert_eq!(options.side_traces, 5);
    assert!(!options.jit);
    let (options, _) = parse(&[("PYRT_JIT", "0")], &[("pyrt-jit", None), ("dev", None)]).unwrap();
    assert!(options.jit);
}

#[test]
fn errors_name_the_variable_the_value_and_what_is_allowed() {
    assert_eq!(
        error(&[("PYRT_JIT_LOOP_THRESHOLD", "0")], &[]),
        "bad value \"0\" for PYRT_JIT_LOOP_THRESHOLD: expected a whole number from 1 to 1000000"
    );
    assert_eq!(
        error(&[], &[("pyrt-jit-opt", Some("fast"))]),
        "bad value \"fast\" for -X pyrt-jit-opt: expected one of none, speed"
    );
    assert_eq!(
        error(&[], &[("pyrt-jit-memory", None)]),
        "-X pyrt-jit-memory needs a value: expected a whole number from 64 to 4194304"
    );
    for bad in ["yes", "2", " 1", "-1"] {
        assert!(error(&[("PYRT_JIT", bad)], &[]).contains("1, on, true, 0, off or false"));
    }
    for bad in ["+5", "1e3", "5 ", "99999999999"] {
        assert!(error(&[("PYRT_JIT_EXIT_THRESHOLD", bad)], &[]).contains(bad));
    }
    assert!(error(&[("PYRT_JIT_DUMP", "ir,llvm")], &[]).contains("bytecode, ir, opt, clif, asm"));
}

#[test]
fn unknown_names_warn_in_the_environment_and_are_errors_after_x() {
    let variables = [
        ("PYRT_JIT_MEMROY", "1"),
        ("PYRT_PYTHON", "x"),
        ("PYTHONPATH", "y"),
    ];
    let (_, unknown) = parse(&variables, &[]).unwrap();
    let text: Vec<_> = unknown.iter().map(Unknown::to_string).collect();
    assert_eq!(
        text,
        ["unknown option PYRT_JIT_MEMROY; did you mean PYRT_JIT_MEMORY?"]
    );
    assert_eq!(
        error(&[], &[("pyrt-jit-alow", Some("f"))]),
        "unknown option -X pyrt-jit-alow; did you mean -X pyrt-jit-allow?"
    );
    assert_eq!(
        error(&[], &[("pyrt-zzzzzzzzzzzz", None)]),
        "unknown option -X pyrt-zzzzzzzzzzzz"
    );
}

#[test]
fn empty_variables_count_as_unset() {
    assert_eq!(
        env(&[("PYRT_JIT", ""), ("PYRT_JIT_MEMORY", "")]),
        Options::default()
    );
}

#[test]
fn stress_modes_set_other_options() {
    let options = env(&[("PYRT_JIT_STRESS", "eager,guards")]);
    assert_eq!((options.loop_threshold, options.exit_threshold), (2, 1));
    assert_eq!(options.fail_guard, 7);
    let options = env(&[("PYRT_JIT_STRESS", "guards"), ("PYRT_JIT_FAIL_GUARD", "3")]);
    assert_eq!(options.fail_guard, 3);
}

#[test]
fn allow_and_deny_take_patterns() {
    let options = env(&[
        ("PYRT_JIT_ALLOW", "pkg.*,main"),
        ("PYRT_JIT_DENY", "*.slow"),
    ]);
    assert!(options.admits("pkg.a.b"));
    assert!(options.admits("main"));
    assert!(!options.admits("mainly"));
    assert!(!options.admits("pkg.slow"));
    assert!(Options::default().admits("anything"));
    assert!(value::matches("a*b*c", "a-b-bc"));
    assert!(!value::matches("a*b*c", "a-c-b"));
}

#[test]
fn help_and_documentation_have_every_option() {
    let (help, table) = (help_text(), markdown());
    for row in Options::INFO {
        assert!(help.contains(row.env) && help.contains(&row.x_name()));
        assert!(table.contains(row.env) && table.contains(&row.x_name()));
        assert!(row.doc.ends_with('.'));
    }
    assert_eq!(table.lines().count(), Options::INFO.len() + 2);
}
