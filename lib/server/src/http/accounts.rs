//! Local accounts: who is at the other end of the unix socket, by the machine's own files.

/// An account of this machine, as the kernel and its files describe it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    pub uid: u32,
    pub name: String,
    /// The primary group first.
    pub groups: Vec<u32>,
}

impl Account {
    /// Completes what the kernel says of a peer from the texts of `/etc/passwd` and `/etc/group`.
    pub fn from_files(uid: u32, gid: u32, passwd: &str, group: &str) -> Self {
        let name = passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
        });
        let mut groups = vec![gid];
        if let Some(name) = &name {
            groups.extend(
                group
                    .lines()
                    .filter_map(|line| group_of(line, name))
                    .filter(|other| *other != gid),
            );
        }
        Self {
            uid,
            name: name.unwrap_or_else(|| format!("uid {uid}")),
            groups,
        }
    }

    pub fn is_root(&self) -> bool {
        self.uid == 0
    }
}

/// The group's id, if the account is listed as its member.
fn group_of(line: &str, name: &str) -> Option<u32> {
    let mut fields = line.split(':').skip(2);
    let gid = fields.next()?.parse().ok()?;
    fields
        .next()?
        .split(',')
        .any(|member| member.trim() == name)
        .then_some(gid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/bash\nbroken\nann:x:1000:1000::/home/ann:/bin/sh\n";
    const GROUP: &str =
        "root:x:0:\nhivemind:x:998:bob,ann\nothers:x:999:anna\nann:x:1000:ann\nbad:x:zz:ann\n";

    #[test]
    fn names_and_groups_come_from_the_files() {
        let ann = Account::from_files(1000, 1000, PASSWD, GROUP);
        assert_eq!(
            ann,
            Account {
                uid: 1000,
                name: "ann".into(),
                groups: vec![1000, 998]
            }
        );
        let unknown = Account::from_files(77, 998, PASSWD, GROUP);
        assert_eq!(
            unknown,
            Account {
                uid: 77,
                name: "uid 77".into(),
                groups: vec![998]
            }
        );
        assert!(Account::from_files(0, 0, PASSWD, GROUP).is_root());
    }
}
