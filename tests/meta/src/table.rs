//! The tables beside this crate: `key : words`, one row a line, `#` starts a comment.

/// The rows of a table, in order.
#[derive(Debug)]
pub struct Table {
    pub rows: Vec<Row>,
}

#[derive(Debug, Eq, PartialEq)]
pub struct Row {
    pub key: String,
    pub words: Vec<String>,
}

impl Table {
    /// Reads the rows that are split by this separator; other lines belong to someone else.
    pub fn read(text: &str, separator: char) -> Self {
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        let rows = lines
            .filter_map(|line| line.split_once(separator))
            .map(|(key, words)| Row {
                key: key.trim().to_owned(),
                words: words.split_whitespace().map(str::to_owned).collect(),
            })
            .collect();
        Self { rows }
    }

    /// The words of this key.
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.rows
            .iter()
            .find(|row| row.key == key)
            .map(|row| row.words.as_slice())
    }

    /// Whether any row names this word.
    pub fn names(&self, word: &str) -> bool {
        self.rows
            .iter()
            .any(|row| row.words.iter().any(|named| named == word))
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_row_is_a_key_and_its_words() {
        let table = Table::read(
            "# a comment: not a row\n\nraft:  model ports\npaths:\nother = x\n",
            ':',
        );
        assert_eq!(table.rows.len(), 2);
        assert_eq!(table.get("raft").expect("a row"), ["model", "ports"]);
        assert_eq!(table.get("paths").expect("a row").len(), 0);
        assert_eq!(table.get("other"), None);
        assert!(table.names("ports") && !table.names("raft"));
    }
}
