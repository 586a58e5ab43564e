//! What the exit codes mean, as the manual pages say it. The codes themselves are [`hm_api::Exit`].

use hm_api::Exit;

/// When whoever read our output went away (`| head`) we end as quietly as a program that SIGPIPE ended, with the number that
/// a shell shows for that. The signal itself stays ignored, or a daemon that closes its socket early would end us without a
/// word.
pub(crate) const BROKEN_PIPE: u8 = 141;

/// Every exit code with its meaning.
///
/// Interrupted needs no code of ours: Ctrl-C keeps its default effect, so that a shell's loop stops with the command, and the
/// shell shows 130.
pub const EXITS: [(Exit, &str); 13] = [
    (Exit::Done, "done (an empty list is done)"),
    (Exit::Failed, "failed"),
    (Exit::Usage, "wrong usage"),
    (
        Exit::NoDaemon,
        "no daemon answers, or the cluster has no quorum",
    ),
    (Exit::NotLoggedIn, "not logged in"),
    (Exit::NotAllowed, "not allowed"),
    (Exit::NotFound, "not found"),
    (Exit::Conflict, "conflict with what is there"),
    (Exit::TimedOut, "timed out"),
    (Exit::RolledBack, "rolled back"),
    (Exit::Partly, "partly done (on some nodes only)"),
    (Exit::NoRoom, "no room, or over quota"),
    (Exit::Interrupted, "interrupted"),
];
