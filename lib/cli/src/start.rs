//! From `main` to the exit code: parse, run, print an error once.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args as _, Command, CommandFactory, FromArgMatches as _};
use hm_api::Exit;

use crate::config::Environment;
use crate::ctx::deepest;
use crate::exit::BROKEN_PIPE;
use crate::flags::GlobalArgs;
use crate::io::Io;
use crate::style::{ColorChoice, Colors};
use crate::{CliError, Ctx};

/// The version of this command and of everything that was built with it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

const DISPATCHER: &str = "hivemind";

/// What a command does once its arguments are read.
pub type Run = fn(&mut Ctx, &ArgMatches) -> Result<Exit, CliError>;

/// A command's arguments together with those that every command takes.
pub fn command<C: CommandFactory>() -> Command {
    GlobalArgs::augment_args(C::command())
}

/// Runs a command as the process that it is.
pub fn start(command: Command, run: Run) -> ExitCode {
    let variable =
        |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let arguments: Vec<OsString> = std::env::args_os().collect();
    ExitCode::from(execute(
        command,
        run,
        arguments,
        Io::of_process(variable),
        variable,
    ))
}

/// Runs a command with the given arguments, streams and environment. Gives its exit code.
fn execute(
    command: Command,
    run: Run,
    arguments: Vec<OsString>,
    io: Io,
    variable: impl Fn(&str) -> Option<String>,
) -> u8 {
    let json = asks_for_json(&arguments);
    // The dispatcher itself has no dispatcher, whatever a plugin that calls it inherited.
    let dispatched = command.get_name() != DISPATCHER;
    let matches = match command.try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return refuse(error, io, json),
    };
    let global = match GlobalArgs::from_arg_matches(deepest(&matches)) {
        Ok(global) => global,
        Err(error) => return refuse(error, io, json),
    };
    let mut ctx = Ctx::new(io, global, &matches, Environment::read(&variable));
    if dispatched
        && let Some(dispatcher) =
            variable(hm_paths::environment::VERSION).filter(|version| version != VERSION)
    {
        ctx.warn(&format!("hivemind is version {dispatcher}, this command is {VERSION}: install both from one release"));
    }
    let outcome = run(&mut ctx, &matches).and_then(|exit| ctx.flush().map(|()| exit));
    match outcome {
        Ok(exit) => exit.code(),
        Err(error) => {
            // What was printed before it failed still belongs to the user.
            let _ = ctx.flush();
            let colors = ctx.stderr_colors;
            fail(&error, ctx.io, colors, json)
        }
    }
}

/// Whether errors are wanted as JSON, also when the arguments make no sense.
fn asks_for_json(arguments: &[OsString]) -> bool {
    arguments
        .iter()
        .skip(1)
        .take_while(|argument| *argument != "--")
        .any(|argument| argument == "--json")
}

/// clap says no, or prints help or the version.
fn refuse(error: clap::Error, mut io: Io, json: bool) -> u8 {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        let text = error.to_string();
        let printed = io
            .stdout
            .write_all(text.as_bytes())
            .and_then(|()| io.stdout.flush());
        return match printed {
            Ok(()) => Exit::Done.code(),
            Err(error) => fail(&CliError::output(&error), io, Colors::Off, json),
        };
    }
    if error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let colors = Colors::decide(ColorChoice::Auto, &io.stderr_terminal);
        return fail(&CliError::from(error), io, colors, json);
    }
    if json {
        let error = CliError::usage("a subcommand is missing").hint("more with --help");
        return fail(&error, io, Colors::Off, json);
    }
    let _ = write!(io.stderr, "{error}");
    Exit::Usage.code()
}

fn fail(error: &CliError, mut io: Io, colors: Colors, json: bool) -> u8 {
    let text = if json {
        error.to_json()
    } else {
        error.to_text(colors)
    };
    let _ = io.stderr.write_all(text.as_bytes());
    let _ = io.stderr.flush();
    error.exit().map_or(BROKEN_PIPE, Exit::code)
}
