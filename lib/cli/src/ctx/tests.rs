use std::cell::RefCell;
use std::io::{Cursor, Write};
use std::rc::Rc;

use clap::{Args as _, Command};

use super::*;
use crate::flags::QuietArgs;
use crate::style::Terminal;
use crate::table::Cell;

/// What was written, kept after the streams are gone.
#[derive(Clone, Default)]
struct Written(Rc<RefCell<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).expect("text")
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Given {
    stdin: &'static str,
    terminal: bool,
}

fn ctx(arguments: &[&str], given: &Given) -> (Ctx, Written, Written) {
    let (stdout, stderr) = (Written::default(), Written::default());
    let terminal = Terminal {
        is_terminal: given.terminal,
        ..Terminal::default()
    };
    let io = Io {
        stdin: Box::new(Cursor::new(given.stdin.as_bytes())),
        stdout: Box::new(stdout.clone()),
        stderr: Box::new(stderr.clone()),
        stdin_is_terminal: given.terminal,
        stdout_terminal: terminal.clone(),
        stderr_terminal: terminal,
        columns: None,
    };
    let command = QuietArgs::augment_args(GlobalArgs::augment_args(Command::new("x")));
    let matches = command
        .try_get_matches_from(["x"].iter().chain(arguments))
        .expect("good arguments");
    let global = clap::FromArgMatches::from_arg_matches(&matches).expect("global flags");
    (
        Ctx::new(io, global, &matches, Environment::default()),
        stdout,
        stderr,
    )
}

const PIPE: Given = Given {
    stdin: "",
    terminal: false,
};

fn print_two(arguments: &[&str]) -> String {
    let (mut ctx, stdout, _) = ctx(arguments, &PIPE);
    let name = |name: &&str| (*name).to_owned();
    ctx.list(&["a", "b"], name, |names| {
        let mut table = Table::new(["NAME"]);
        names.iter().for_each(|name| table.row([Cell::from(*name)]));
        table
    })
    .expect("memory");
    stdout.text()
}

#[test]
fn one_list_three_forms() {
    assert_eq!(print_two(&[]), "NAME\na\nb\n");
    assert_eq!(print_two(&["--json"]), "[\"a\",\"b\"]\n");
    assert_eq!(print_two(&["-q"]), "a\nb\n");
    assert_eq!(
        print_two(&["--color", "always"]),
        "\u{1b}[1mNAME\u{1b}[0m\na\nb\n"
    );
}

#[test]
fn an_empty_list_is_an_empty_array_and_no_table() {
    let (mut ctx, stdout, _) = ctx(&["--json"], &PIPE);
    ctx.list(
        &[] as &[&str],
        |name| (*name).to_owned(),
        |_| Table::new(["NAME"]),
    )
    .expect("memory");
    assert_eq!(stdout.text(), "[]\n");
}

#[test]
fn harm_needs_a_yes() {
    let confirm = |given: &Given, yes: bool| {
        let (mut ctx, _, stderr) = ctx(&[], given);
        let outcome = ctx.confirm(&YesArgs { yes }, "remove node web?");
        (outcome.err().and_then(|error| error.exit()), stderr.text())
    };
    let asked = "remove node web? [y/N] ".to_owned();
    assert_eq!(
        confirm(
            &Given {
                stdin: "y\n",
                terminal: true
            },
            false
        ),
        (None, asked.clone())
    );
    assert_eq!(
        confirm(
            &Given {
                stdin: "\n",
                terminal: true
            },
            false
        ),
        (Some(Exit::Failed), asked.clone())
    );
    assert_eq!(
        confirm(
            &Given {
                stdin: "",
                terminal: true
            },
            false
        ),
        (Some(Exit::Failed), asked)
    );
    assert_eq!(
        confirm(
            &Given {
                stdin: "y\n",
                terminal: false
            },
            false
        ),
        (Some(Exit::Usage), String::new())
    );
    assert_eq!(confirm(&PIPE, true), (None, String::new()));
}

#[test]
fn off_a_terminal_the_flag_is_named() {
    let (mut ctx, ..) = ctx(&[], &PIPE);
    let refused = ctx
        .confirm(&YesArgs::default(), "remove node web?")
        .expect_err("nobody to ask");
    assert_eq!(
        refused.to_text(Colors::Off),
        "error: not confirmed, and no terminal to ask on: remove node web?\nhint: add --yes if you mean it\n"
    );
}

#[test]
fn a_wait_ends_with_what_it_found_or_with_what_was_missing() {
    let (mut ctx, stdout, stderr) = ctx(&[], &PIPE);
    let mut looks = 0;
    let found = ctx.wait(Duration::from_secs(60), Duration::ZERO, || {
        looks += 1;
        Ok(if looks == 3 {
            Look::There(looks)
        } else {
            Look::NotYet("no leader".to_owned())
        })
    });
    assert_eq!(found, Ok(3));
    let late = ctx
        .wait(Duration::ZERO, Duration::ZERO, || {
            Ok(Look::<()>::NotYet("no leader".to_owned()))
        })
        .expect_err("no time at all");
    assert_eq!(late.exit(), Some(Exit::TimedOut));
    assert_eq!(
        late.to_text(Colors::Off),
        "error: not there after 0ns: no leader\nhint: allow more with --timeout\n"
    );
    assert_eq!(
        (stdout.text(), stderr.text()),
        (String::new(), "no leader\nno leader\n".to_owned())
    );
}

#[test]
fn words_to_the_person_are_made_safe_and_kept_out_of_the_data() {
    let (mut ctx, stdout, stderr) = ctx(&[], &PIPE);
    ctx.note("a\x1b[2J");
    ctx.warn("old");
    assert_eq!(
        (stdout.text(), stderr.text()),
        (String::new(), "a\\u{1b}[2J\nwarning: old\n".to_owned())
    );
}
