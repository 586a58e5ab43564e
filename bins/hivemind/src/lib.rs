//! The dispatcher: runs `hivemind-WORD` found beside itself, then on PATH.

mod find;
mod help;

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process;

use clap::{Arg, ArgAction, ArgMatches, Args as _, Command};
use hm_cli::flags::GlobalArgs;
use hm_cli::text::nearest;
use hm_cli::{CliError, Ctx, Exit, VERSION};

pub use help::COMMANDS;

pub fn command() -> Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::SetTrue)
        .help("Print help");
    let command = Command::new("hivemind")
        .version(VERSION)
        .about("Run a cluster from the shell")
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .allow_external_subcommands(true)
        .subcommand_value_name("COMMAND")
        .arg(help);
    GlobalArgs::augment_args(command)
}

/// Becomes the command that was asked for; returns only when it could not, or when help was asked for.
pub fn run(ctx: &mut Ctx, matches: &ArgMatches) -> Result<Exit, CliError> {
    let all: Vec<OsString> = std::env::args_os().skip(1).collect();
    let Some((word, rest)) = matches.subcommand() else {
        return help::print(ctx);
    };
    let rest: Vec<OsString> = rest
        .get_many::<OsString>("")
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    // Flags before the word are the command's.
    let before = &all[..all.len().saturating_sub(rest.len() + 1)];
    if word == "help" {
        return match rest.split_first() {
            None => help::print(ctx),
            Some((word, inner)) => {
                let arguments = inner.iter().cloned().chain(["--help".into()]);
                become_command(ctx, &word.to_string_lossy(), arguments)
            }
        };
    }
    if matches.get_flag("help") {
        let arguments = rest.into_iter().chain(["--help".into()]);
        return become_command(ctx, word, arguments);
    }
    become_command(ctx, word, before.iter().cloned().chain(rest))
}

fn become_command(
    ctx: &mut Ctx,
    word: &str,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Exit, CliError> {
    let Some(program) = find::program(word) else {
        return Err(unknown(word));
    };
    ctx.flush()?;
    // The same process from here on: signals, the terminal and the exit code are the command's.
    let error = process::Command::new(&program)
        .args(arguments)
        .env(hm_cli::VERSION_VARIABLE, VERSION)
        .exec();
    Err(CliError::from_error(Exit::Failed, "exec", &error)
        .context(&format!("cannot run {}", program.display())))
}

fn unknown(word: &str) -> CliError {
    let message =
        format!("no command `{word}`: hivemind-{word} is neither beside hivemind nor on PATH");
    let error = CliError::usage(message);
    let found = find::all();
    let words = found.keys().map(String::as_str).chain(["help"]);
    match nearest(word, words) {
        Some(near) => error.hint(format!("did you mean `hivemind {near}`?")),
        None => error.hint("`hivemind help` lists the commands"),
    }
}

/// The word of a program's file name: `node` for `hivemind-node`.
fn word_of(file: &OsStr) -> Option<&str> {
    let word = file.to_str()?.strip_prefix("hivemind-")?;
    is_word(word).then_some(word)
}

fn is_word(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}
