//! Entry points of every parser, for fuzzers and for random tests.
//!
//! An entry point takes any bytes, gives them to the parsers of one subject, and panics when a parser breaks a promise: a
//! value that was read must print and read back to itself, a message must fit one line and its example must work. Panics in the
//! parser itself are findings, too, of course.
//!
//! `tests/entry_points.rs` drives all of them with random bytes and with damaged versions of the seeds; that runs everywhere.
//! Where a nightly compiler and cargo-fuzz are at hand, coverage guides the search through the same functions:
//!
//! ```text
//! cd tests/fuzz/cargo-fuzz
//! cargo +nightly fuzz run --fuzz-dir . units -- -max_total_time=60
//! ```

mod documents;
mod log;
mod texts;

pub use documents::{cbor, env_file, json, toml};
pub use log::{entries, messages, snapshots};
pub use texts::{
    actors, cron, env, images, labels, names, network, paths, placement, settings, units,
};

/// One function for fuzzers, and inputs to start from.
#[derive(Clone, Copy, Debug)]
pub struct EntryPoint {
    /// The function's name, and that of its fuzz target.
    pub name: &'static str,
    pub run: fn(&[u8]),
    /// Inputs that are right, or nearly.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every entry point.
pub const ENTRY_POINTS: &[EntryPoint] = &[
    EntryPoint {
        name: "actors",
        run: actors,
        seeds: texts::actor_seeds,
    },
    EntryPoint {
        name: "cbor",
        run: cbor,
        seeds: documents::cbor_seeds,
    },
    EntryPoint {
        name: "cron",
        run: cron,
        seeds: texts::cron_seeds,
    },
    EntryPoint {
        name: "entries",
        run: entries,
        seeds: log::entry_seeds,
    },
    EntryPoint {
        name: "env",
        run: env,
        seeds: texts::env_seeds,
    },
    EntryPoint {
        name: "env_file",
        run: env_file,
        seeds: documents::env_file_seeds,
    },
    EntryPoint {
        name: "images",
        run: images,
        seeds: texts::image_seeds,
    },
    EntryPoint {
        name: "json",
        run: json,
        seeds: documents::json_seeds,
    },
    EntryPoint {
        name: "labels",
        run: labels,
        seeds: texts::label_seeds,
    },
    EntryPoint {
        name: "messages",
        run: messages,
        seeds: log::message_seeds,
    },
    EntryPoint {
        name: "names",
        run: names,
        seeds: texts::name_seeds,
    },
    EntryPoint {
        name: "network",
        run: network,
        seeds: texts::network_seeds,
    },
    EntryPoint {
        name: "paths",
        run: paths,
        seeds: texts::path_seeds,
    },
    EntryPoint {
        name: "placement",
        run: placement,
        seeds: texts::placement_seeds,
    },
    EntryPoint {
        name: "settings",
        run: settings,
        seeds: texts::setting_seeds,
    },
    EntryPoint {
        name: "snapshots",
        run: snapshots,
        seeds: log::snapshot_seeds,
    },
    EntryPoint {
        name: "toml",
        run: toml,
        seeds: documents::toml_seeds,
    },
    EntryPoint {
        name: "units",
        run: units,
        seeds: texts::unit_seeds,
    },
];

fn seeds(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
