//! What the words promise together: text forms, formats, documents, checks.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests fail by panicking, too"
)]

mod cron;
mod documents;
mod formats;
mod messages;
mod problems;
mod settings;
mod specs;
mod text_forms;
mod units;
