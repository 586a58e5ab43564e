//! Progress: one moving line on a terminal; off one, a line when something changes and at least every 10 s.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::text::{sanitize, shorten};

const FRAMES: [char; 4] = ['|', '/', '-', '\\'];
const SILENCE: Duration = Duration::from_secs(10);
/// On a terminal whose width is unknown.
const COLUMNS: usize = 80;

/// Where the progress is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    Terminal {
        columns: Option<usize>,
    },
    /// A file, a pipe, a journal.
    Lines,
}

/// The state of one wait. Gives the text to write; writes nothing itself.
#[derive(Debug)]
pub(crate) struct Progress {
    place: Place,
    started: Instant,
    frame: usize,
    told: Option<(Instant, String)>,
}

impl Progress {
    pub(crate) fn new(place: Place, now: Instant) -> Self {
        Self {
            place,
            started: now,
            frame: 0,
            told: None,
        }
    }

    /// What to write now to show that `state` is what is being waited for.
    pub(crate) fn show(&mut self, now: Instant, state: &str) -> String {
        let seconds = now.saturating_duration_since(self.started).as_secs();
        match self.place {
            Place::Terminal { columns } => {
                let line = format!(
                    "{} {} ({seconds}s)",
                    FRAMES[self.frame % FRAMES.len()],
                    sanitize(state)
                );
                self.frame += 1;
                self.told = Some((now, state.to_owned()));
                // One column less than there are: a full line would wrap.
                let columns = columns.unwrap_or(COLUMNS).saturating_sub(1);
                format!("\r\x1b[K{}", shorten(&line, columns))
            }
            Place::Lines => {
                let quiet = self.told.as_ref().is_some_and(|(when, text)| {
                    text == state && now.saturating_duration_since(*when) < SILENCE
                });
                if quiet {
                    return String::new();
                }
                self.told = Some((now, state.to_owned()));
                let mut line = sanitize(state).into_owned();
                if seconds > 0 {
                    // Writing to a string cannot fail.
                    let _ = write!(line, " ({seconds}s)");
                }
                line.push('\n');
                line
            }
        }
    }

    /// What to write when the wait is over: leaves a clean line.
    pub(crate) fn finish(&self) -> &'static str {
        match self.place {
            Place::Terminal { .. } if self.told.is_some() => "\r\x1b[K",
            Place::Terminal { .. } | Place::Lines => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_a_terminal_a_line_for_every_change_and_every_ten_seconds() {
        let start = Instant::now();
        let mut progress = Progress::new(Place::Lines, start);
        let mut text = String::new();
        for second in 0..25 {
            let state = if second < 3 {
                "waiting for a leader"
            } else {
                "waiting for quorum"
            };
            text.push_str(&progress.show(start + Duration::from_secs(second), state));
        }
        assert_eq!(
            text,
            "waiting for a leader\nwaiting for quorum (3s)\nwaiting for quorum (13s)\nwaiting for quorum (23s)\n"
        );
        assert_eq!(progress.finish(), "");
    }

    #[test]
    fn on_a_terminal_one_line_that_fits_and_is_wiped() {
        let start = Instant::now();
        let mut progress = Progress::new(Place::Terminal { columns: Some(20) }, start);
        assert_eq!(progress.finish(), "");
        assert_eq!(progress.show(start, "leader"), "\r\x1b[K| leader (0s)");
        assert_eq!(
            progress.show(start, "a leader and a quorum"),
            "\r\x1b[K/ a leader and a q…"
        );
        assert_eq!(progress.finish(), "\r\x1b[K");
    }
}
