//! The table: what was measured, what was seen, what it should be at most.

use std::error::Error;
use std::io::Write;
use std::time::Duration;

#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<[String; 3]>,
}

impl Report {
    pub(crate) fn time(&mut self, what: &str, seen: Duration, target: &str) {
        let millis = seen.as_secs_f64() * 1000.0;
        self.row(
            what,
            if millis < 100.0 {
                format!("{millis:.1} ms")
            } else {
                format!("{millis:.0} ms")
            },
            target,
        );
    }

    pub(crate) fn megabytes(&mut self, what: &str, bytes: f64, target: &str) {
        self.row(what, format!("{:.1} MB", bytes / 1e6), target);
    }

    pub(crate) fn bytes(&mut self, what: &str, bytes: f64, target: &str) {
        self.row(what, format!("{bytes:.0} B"), target);
    }

    pub(crate) fn percent(&mut self, what: &str, percent: f64, target: &str) {
        self.row(what, format!("{percent:.2} %"), target);
    }

    pub(crate) fn print(&self) {
        let mut out = std::io::stdout().lock();
        let width = self
            .rows
            .iter()
            .map(|row| row[0].chars().count())
            .max()
            .unwrap_or(0);
        // If nobody reads the table there is nobody to tell.
        let _ = writeln!(out, "{:width$}  {:>10}  AT MOST", "WHAT", "SEEN");
        for [what, seen, target] in &self.rows {
            let _ = writeln!(out, "{what:width$}  {seen:>10}  {target}");
        }
    }

    fn row(&mut self, what: &str, seen: String, target: &str) {
        self.rows.push([what.to_owned(), seen, target.to_owned()]);
    }
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

pub(crate) fn complain(error: &dyn Error) {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    let _ = writeln!(std::io::stderr(), "error: {text}");
}
