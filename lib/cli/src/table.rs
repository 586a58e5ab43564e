//! Tables for people: no borders, one row a line, columns as wide as they must be.
//!
//! Our own hundred lines: comfy-table would add more to each command than all of this, and draws borders we do not want.

use crate::style::{Colors, Style};
use crate::text::{sanitize, shorten, width};

const GAP: &str = "  ";
/// A column is not cut below this, however narrow the terminal.
const NARROWEST: usize = 8;

/// One cell: its text, made safe, and what it says.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub fn styled(style: Style, text: impl AsRef<str>) -> Self {
        Self {
            text: sanitize(text.as_ref()).into_owned(),
            style,
        }
    }

    /// A cell without a value.
    pub fn none() -> Self {
        Self::styled(Style::Faint, "-")
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        if text.as_ref().is_empty() {
            Self::none()
        } else {
            Self::styled(Style::Plain, text)
        }
    }
}

/// Rows under headings.
#[derive(Clone, Debug)]
pub struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub fn new(headings: impl IntoIterator<Item = &'static str>) -> Self {
        Self {
            headings: headings.into_iter().collect(),
            rows: Vec::new(),
        }
    }

    /// A table of two columns without headings, for one thing's details.
    pub fn details() -> Self {
        Self {
            headings: Vec::new(),
            rows: Vec::new(),
        }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Adds a row of details.
    pub fn detail(&mut self, name: &'static str, value: impl Into<Cell>) {
        self.rows
            .push(vec![Cell::styled(Style::Faint, name), value.into()]);
    }

    /// The table as text. `columns` is the terminal's width; without one nothing is ever cut.
    pub fn render(&self, colors: Colors, columns: Option<usize>) -> String {
        let widths = self.widths(columns);
        let mut text = String::new();
        if !self.headings.is_empty() && !self.rows.is_empty() {
            let headings = self
                .headings
                .iter()
                .map(|heading| (*heading, Style::Heading));
            render_line(&mut text, headings, &widths, colors);
        }
        for row in &self.rows {
            render_line(
                &mut text,
                row.iter().map(|cell| (cell.text.as_str(), cell.style)),
                &widths,
                colors,
            );
        }
        text
    }

    fn widths(&self, columns: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = self.headings.iter().map(|heading| width(heading)).collect();
        for row in &self.rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (slot, cell) in widths.iter_mut().zip(row) {
                *slot = (*slot).max(width(&cell.text));
            }
        }
        if let Some(columns) = columns {
            fit(&mut widths, columns);
        }
        widths
    }
}

/// Takes columns off the widest until the line fits.
fn fit(widths: &mut [usize], columns: usize) {
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > columns {
        match widths.iter_mut().max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => return,
        }
    }
}

fn render_line<'a>(
    text: &mut String,
    cells: impl Iterator<Item = (&'a str, Style)>,
    widths: &[usize],
    colors: Colors,
) {
    let mut padding = 0;
    for ((cell, style), columns) in cells.zip(widths) {
        // Padding is written before the next cell, so no line ends in spaces.
        text.extend(std::iter::repeat_n(' ', padding));
        let cell = shorten(cell, *columns);
        colors.paint(text, style, &cell);
        padding = columns - width(&cell) + GAP.len();
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes() -> Table {
        let mut table = Table::new(["NAME", "STATE", "ROLE"]);
        table.row([
            "web-with-a-long-name".into(),
            Cell::styled(Style::Good, "ready"),
            "server".into(),
        ]);
        table.row(["db".into(), Cell::styled(Style::Bad, "down"), "".into()]);
        table
    }

    #[test]
    fn columns_line_up_and_no_line_ends_in_spaces() {
        let wanted = "\
NAME                  STATE  ROLE
web-with-a-long-name  ready  server
db                    down   -
";
        assert_eq!(nodes().render(Colors::Off, None), wanted);
        assert_eq!(nodes().render(Colors::Off, Some(80)), wanted);
    }

    #[test]
    fn the_widest_column_gives_way_on_a_narrow_terminal() {
        let wanted = "\
NAME         STATE  ROLE
web-with-a…  ready  server
db           down   -
";
        assert_eq!(nodes().render(Colors::Off, Some(26)), wanted);
        let narrow = nodes().render(Colors::Off, Some(1));
        assert!(narrow.contains("web-wit…"), "{narrow}");
    }

    #[test]
    fn colours_do_not_move_columns() {
        let colored = nodes().render(Colors::On, None);
        assert!(
            colored.contains("\x1b[32mready\x1b[0m  server\n"),
            "{colored:?}"
        );
        assert!(colored.contains("\x1b[31mdown\x1b[0m   "), "{colored:?}");
    }

    #[test]
    fn text_from_elsewhere_stays_in_its_cell() {
        let mut table = Table::new(["NAME"]);
        table.row(["a\n\x1b[31mb".into()]);
        assert_eq!(table.render(Colors::Off, None), "NAME\na \\u{1b}[31mb\n");
    }

    #[test]
    fn nothing_to_show_is_no_heading_either() {
        assert_eq!(Table::new(["NAME"]).render(Colors::Off, None), "");
    }
}
