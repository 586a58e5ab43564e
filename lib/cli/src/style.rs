//! Colours: which text means what, and whether the terminal wants them.

use std::fmt::Write as _;

/// What a piece of text says, not which colour it has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Style {
    #[default]
    Plain,
    Heading,
    Good,
    Warning,
    Bad,
    Faint,
}

impl Style {
    fn escape(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Heading => Some("\x1b[1m"),
            Self::Good => Some("\x1b[32m"),
            Self::Warning => Some("\x1b[33m"),
            Self::Bad => Some("\x1b[31m"),
            Self::Faint => Some("\x1b[2m"),
        }
    }
}

/// Whether a stream gets colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Colors {
    On,
    Off,
}

/// What `--color` says.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set or TERM is dumb
    #[default]
    Auto,
    /// Also into a file or a pipe
    Always,
    /// Never
    Never,
}

/// What decides about colours besides the flag.
#[derive(Clone, Debug, Default)]
pub struct Terminal {
    pub is_terminal: bool,
    pub no_color: bool,
    pub dumb: bool,
}

impl Colors {
    pub fn decide(choice: ColorChoice, terminal: &Terminal) -> Self {
        let on = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal.is_terminal && !terminal.no_color && !terminal.dumb,
        };
        if on { Self::On } else { Self::Off }
    }

    /// Appends the text in its style.
    pub fn paint(self, into: &mut String, style: Style, text: &str) {
        match (self, style.escape()) {
            (Self::On, Some(escape)) if !text.is_empty() => {
                // Writing to a string cannot fail.
                let _ = write!(into, "{escape}{text}\x1b[0m");
            }
            _ => into.push_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flag_then_environment_then_terminal_decide() {
        let terminal = Terminal {
            is_terminal: true,
            ..Terminal::default()
        };
        let pipe = Terminal::default();
        let no_color = Terminal {
            no_color: true,
            ..terminal.clone()
        };
        let dumb = Terminal {
            dumb: true,
            ..terminal.clone()
        };
        for (choice, terminal, wanted) in [
            (ColorChoice::Auto, &terminal, Colors::On),
            (ColorChoice::Auto, &pipe, Colors::Off),
            (ColorChoice::Auto, &no_color, Colors::Off),
            (ColorChoice::Auto, &dumb, Colors::Off),
            (ColorChoice::Always, &pipe, Colors::On),
            (ColorChoice::Always, &no_color, Colors::On),
            (ColorChoice::Never, &terminal, Colors::Off),
        ] {
            assert_eq!(
                Colors::decide(choice, terminal),
                wanted,
                "{choice:?} {terminal:?}"
            );
        }
    }

    #[test]
    fn paint_leaves_nothing_switched_on() {
        let mut text = String::new();
        Colors::On.paint(&mut text, Style::Bad, "down");
        Colors::On.paint(&mut text, Style::Plain, " x");
        Colors::On.paint(&mut text, Style::Good, "");
        assert_eq!(text, "\x1b[31mdown\x1b[0m x");
    }
}
