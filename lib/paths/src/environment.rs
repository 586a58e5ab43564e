//! The environment variables that programs read. A flag wins over its variable, a variable over the configuration file.

/// A variable and what it does, for help texts and manual pages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Variable {
    pub name: &'static str,
    pub meaning: &'static str,
}

/// Where commands find the daemon: `unix:///...`, `ssh://user@node` or `https://node:3000`.
pub const HOST: &str = "HIVEMIND_HOST";
/// The configuration file to read instead of the usual ones.
pub const CONFIG: &str = "HIVEMIND_CONFIG";
/// The configured context to use.
pub const CONTEXT: &str = "HIVEMIND_CONTEXT";
/// The namespace that commands work in.
pub const NAMESPACE: &str = "HIVEMIND_NAMESPACE";
/// The token that commands show. Kept out of arguments, which every user of a machine can read.
pub const TOKEN: &str = "HIVEMIND_TOKEN";
/// The token that a joining daemon shows.
pub const JOIN_TOKEN: &str = "HIVEMIND_JOIN_TOKEN";
/// The version of the dispatcher, told to the command it runs: one of another version warns.
pub const VERSION: &str = "HIVEMIND_VERSION";
/// What is logged: `info`, `debug`, or a filter such as `hm_raft=debug,info`.
pub const LOG: &str = "HIVEMIND_LOG";
/// Set to anything but the empty text: no colour. See no-color.org.
pub const NO_COLOR: &str = "NO_COLOR";
/// `dumb` means a terminal that only prints.
pub const TERM: &str = "TERM";
/// Where programs are looked for, and so plugins.
pub const PATH: &str = "PATH";
pub const HOME: &str = "HOME";
/// Where a person's configuration is, if not in `~/.config`.
pub const XDG_CONFIG_HOME: &str = "XDG_CONFIG_HOME";
/// Where a person's sockets are.
pub const XDG_RUNTIME_DIR: &str = "XDG_RUNTIME_DIR";

/// What is worth telling people about, in the order of importance.
pub const DOCUMENTED: &[Variable] = &[
    Variable {
        name: HOST,
        meaning: "Where the daemon is: unix:///PATH, ssh://USER@NODE or https://NODE:3000",
    },
    Variable {
        name: CONTEXT,
        meaning: "The context of the configuration file to use",
    },
    Variable {
        name: NAMESPACE,
        meaning: "The namespace to work in",
    },
    Variable {
        name: TOKEN,
        meaning: "The token to log in with",
    },
    Variable {
        name: CONFIG,
        meaning: "The configuration file to read instead of the usual ones",
    },
    Variable {
        name: JOIN_TOKEN,
        meaning: "The token with which a daemon joins a cluster",
    },
    Variable {
        name: LOG,
        meaning: "What is logged: error, warn, info, debug, trace, or a filter",
    },
    Variable {
        name: NO_COLOR,
        meaning: "If set, no colour",
    },
];
