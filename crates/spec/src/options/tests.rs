use super::*;

fn parse(
    env: &[(&str, &str)],
    x: &[(&str, Option<&str>)],
) -> Result<(Options, Vec<Unknown>), OptionError> {
    let env = env.iter().map(|(name, value)| (name.into(), value.into()));
    let x = x
        .iter()
        .map(|(name, value)| (name.into(), value.map(Into::into)));
    let mut settings = Settings::default();
    settings.take_x_options(x)?;
    settings.take_environment(env)?;
    settings.apply_stress();
    Ok((settings.options, settings.unknown))
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
fn what_is_always_compiled_wins() {
    let options = env(&[("PYRT_JIT_DENY", "f,g"), ("PYRT_JIT_ALWAYS", "f,g:3")]);
    let name = |qualified| Name {
        module: "m",
        qualified,
    };
    assert!(options.admits(&name("f"), 1) && options.hurries(&name("f"), 1));
    assert!(!options.denies(&name("f")) && options.denies(&name("g")));
    assert!(options.admits(&name("g"), 3) && !options.admits(&name("g"), 4));
    assert!(options.admits(&name("h"), 1) && !options.hurries(&name("h"), 1));
    assert!(!options.lists_nothing() && Options::default().lists_nothing());
}

#[test]
fn allow_and_deny_take_patterns() {
    let options = env(&[
        ("PYRT_JIT_ALLOW", "pkg.*,main,mod.C.f:7"),
        ("PYRT_JIT_DENY", "*.slow,loop:3"),
    ]);
    let name = |module, qualified| Name { module, qualified };
    let admits = |module, qualified| options.admits(&name(module, qualified), 1);
    assert!(admits("pkg.a", "b"));
    assert!(admits("main", "anything") && admits("x", "main"));
    assert!(!admits("mainly", "f"));
    assert!(!admits("pkg", "slow") && options.denies(&name("pkg", "slow")));
    assert!(options.admits(&name("mod", "C.f"), 7) && !admits("mod", "C.f"));
    assert!(!options.admits(&name("main", "loop"), 3) && admits("main", "loop"));
    assert!(!options.denies(&name("main", "loop")));
    assert!(Options::default().admits(&name("any", "thing"), 1));
    assert!(value::matches("a*b*c", "a-b-bc"));
    assert!(!value::matches("a*b*c", "a-c-b"));
}

#[test]
fn a_project_sets_what_nobody_else_does() {
    let mut settings = Settings::default();
    let environment = [("PYRT_JIT_MEMORY".into(), "64".into())];
    settings.take_environment(environment).unwrap();
    for (key, value) in [
        ("jit-memory", "128"),
        ("jit-loop-threshold", "9"),
        ("jit-fun", "1"),
    ] {
        settings.take_project(key, value, "p:1").unwrap();
    }
    assert_eq!(
        (settings.options.memory_kib, settings.options.loop_threshold),
        (64, 9)
    );
    assert_eq!(
        settings.unknown[0].to_string(),
        "unknown option jit-fun (p:1)"
    );
    let sources: Vec<_> = settings
        .iter()
        .filter(|(.., source)| *source != Source::Default)
        .map(|(row, value, source)| format!("{}={value} {}", row.key(), source.describe()))
        .collect();
    assert_eq!(
        sources,
        ["jit-loop-threshold=9 project", "jit-memory=64 environment"]
    );
    let mut refused = |key, value| {
        settings
            .take_project(key, value, "p:2")
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused("jit-memory", "1"),
        "bad value \"1\" for jit-memory (p:2): expected a whole number from 64 to 4194304"
    );
    assert_eq!(
        refused("jit-stats-file", "x"),
        "jit-stats-file (p:2) cannot be set there, only by PYRT_JIT_STATS_FILE or the command line"
    );
}

#[test]
fn a_program_sets_what_can_change_while_it_runs() {
    let mut settings = Settings::default();
    settings.take_program("jit_exit_threshold", "8").unwrap();
    settings.take_program("jit_exit_threshold", "9").unwrap();
    assert_eq!(settings.options.exit_threshold, 9);
    let mut refused = |name, value| settings.take_program(name, value).unwrap_err().to_string();
    assert!(refused("jit_exit_threshold", "0").contains("from 1 to 1000000"));
    assert!(refused("jit", "0").contains("only by PYRT_JIT "));
    assert!(refused("jit_opts", "0").ends_with("did you mean jit_opt?"));
}

#[test]
fn values_are_written_as_they_are_read() {
    for row in Options::INFO {
        assert_eq!(Options::default().text(row), row.default);
    }
    let options = env(&[("PYRT_JIT_DUMP", "ir, asm"), ("PYRT_JIT", "off")]);
    let text = |env| options.text(Options::INFO.iter().find(|row| row.env == env).unwrap());
    assert_eq!(
        (text("PYRT_JIT_DUMP"), text("PYRT_JIT")),
        ("ir,asm".into(), "0".into())
    );
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
