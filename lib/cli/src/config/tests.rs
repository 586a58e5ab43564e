use super::*;

const USER: &str = "\
current_context = \"prod\"

[context.prod]
host = \"ssh://root@prod1\"
namespace = \"shop\"

[context.lab]
host = \"unix:///tmp/lab.sock\"
";

const MACHINE: &str = "\
current_context = \"here\"
[cluster]
name = \"production-cluster\"
[context.here]
namespace = \"here\"
[context.prod]
host = \"https://other:3000\"
";

struct Home {
    directory: tempfile::TempDir,
}

impl Home {
    fn new(user: Option<&str>, machine: Option<&str>) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for (name, text) in [("user.toml", user), ("machine.toml", machine)] {
            if let Some(text) = text {
                std::fs::write(directory.path().join(name), text).expect("a file");
            }
        }
        Self { directory }
    }

    fn environment(&self) -> Environment {
        Environment {
            files: vec![
                Source {
                    path: self.directory.path().join("user.toml"),
                    owner: Owner::User,
                },
                Source {
                    path: self.directory.path().join("machine.toml"),
                    owner: Owner::Machine,
                },
            ],
            ..Environment::default()
        }
    }

    fn error(&self) -> String {
        let error =
            CliErrorText(host(&Flags::default(), &self.environment()).expect_err("a broken file"));
        error
            .text()
            .replace(&format!("{}/", self.directory.path().display()), "")
    }
}

struct CliErrorText(SettingError);

impl CliErrorText {
    fn text(&self) -> String {
        let error = crate::CliError::from_error(hm_api::Exit::Usage, "config", &self.0);
        error.to_text(crate::Colors::Off).trim_end().to_owned()
    }
}

fn chosen(flags: &Flags, environment: &Environment) -> (String, String) {
    let host = host(flags, environment).expect("a host").to_string();
    (
        host,
        namespace(flags, environment)
            .expect("a namespace")
            .to_string(),
    )
}

fn pair(host: &str, namespace: &str) -> (String, String) {
    (host.to_owned(), namespace.to_owned())
}

#[test]
fn nothing_said_is_the_daemon_here_and_the_default_namespace() {
    let home = Home::new(None, None);
    let here = format!("unix://{}", files::SOCKET);
    assert_eq!(
        chosen(&Flags::default(), &home.environment()),
        pair(&here, "default")
    );
}

#[test]
fn flag_then_environment_then_user_file_then_machine_file() {
    let home = Home::new(Some(USER), Some(MACHINE));
    let mut environment = home.environment();
    let mut flags = Flags::default();
    assert_eq!(
        chosen(&flags, &environment),
        pair("ssh://root@prod1", "shop")
    );

    environment.context = Some("lab".into());
    assert_eq!(
        chosen(&flags, &environment),
        pair("unix:///tmp/lab.sock", "default")
    );

    environment.host = Some("https://env:3000".into());
    environment.namespace = Some("env".into());
    assert_eq!(
        chosen(&flags, &environment),
        pair("https://env:3000", "env")
    );

    flags.context = Some("prod".into());
    assert_eq!(
        chosen(&flags, &environment),
        pair("ssh://root@prod1", "shop")
    );

    flags.host = Some("ssh://flag".parse().expect("a host"));
    flags.namespace = Some("flag".parse().expect("a namespace"));
    assert_eq!(chosen(&flags, &environment), pair("ssh://flag", "flag"));

    let machine_only = Home::new(None, Some(MACHINE));
    let here = format!("unix://{}", files::SOCKET);
    assert_eq!(
        chosen(&Flags::default(), &machine_only.environment()),
        pair(&here, "here")
    );
}

#[test]
fn what_is_wrong_in_a_file_is_named_with_its_line() {
    for (text, message) in [
        (
            "\ncurrent_contxt = \"a\"",
            "error: user.toml:2: unknown key `current_contxt`: did you mean `current_context`?",
        ),
        ("colour = 1", "error: user.toml:1: unknown key `colour`"),
        (
            "[context.a]\n\nhots = \"x\"",
            "error: user.toml:3: unknown key `hots`: did you mean `host`?",
        ),
        (
            "current_context = 3",
            "error: user.toml:1: `current_context` must be a text in quotes, not integer",
        ),
        (
            "context = \"a\"",
            "error: user.toml:1: `context` must be a table such as [context.NAME], not string",
        ),
        (
            "[context.a]\nhost = \"node1\"",
            "error: user.toml:2: `host`: `node1` is not a host: write unix:///path, https://node:3000 or ssh://user@node",
        ),
        (
            "current_context = \"a\"",
            "error: no context `a`; no configuration file has any",
        ),
    ] {
        assert_eq!(Home::new(Some(text), None).error(), message, "{text}");
    }
    let broken = Home::new(Some("a = 1\nb = = 2\n"), None).error();
    assert!(broken.starts_with("error: user.toml:2: "), "{broken}");
}

#[test]
fn the_daemons_sections_are_the_daemons_business() {
    let home = Home::new(
        None,
        Some("[cluster]\nanything = 1\n[context.a]\nhots = 1\n"),
    );
    assert_eq!(
        home.error(),
        "error: machine.toml:4: unknown key `hots`: did you mean `host`?"
    );
}

#[test]
fn a_broken_file_never_stands_in_the_way_of_a_flag() {
    let home = Home::new(Some("{"), Some("{"));
    let flags = Flags {
        host: Some("unix:///x".parse().expect("a host")),
        ..Flags::default()
    };
    assert_eq!(
        host(&flags, &home.environment())
            .expect("the flag's")
            .to_string(),
        "unix:///x"
    );
    assert!(host(&Flags::default(), &home.environment()).is_err());
}

#[test]
fn the_environment_names_the_files() {
    let read = |set: &[(&str, &str)]| {
        let find = |name: &str| {
            set.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let files = Environment::read(find).files;
        files
            .into_iter()
            .map(|source| (source.path.display().to_string(), source.owner))
            .collect::<Vec<_>>()
    };
    let machine = (files::CONFIG.to_owned(), Owner::Machine);
    let user = (
        "/home/a/.config/hivemind/config.toml".to_owned(),
        Owner::User,
    );
    assert_eq!(read(&[("HOME", "/home/a")]), [user, machine.clone()]);
    assert_eq!(read(&[("HOME", "")]), std::slice::from_ref(&machine));
    assert_eq!(
        read(&[("HIVEMIND_CONFIG", "my.toml")]),
        [("my.toml".to_owned(), Owner::Caller)]
    );
    assert_eq!(read(&[("HIVEMIND_CONFIG", files::CONFIG)]), [machine]);
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let files = vec![Source {
        path: "/nowhere/my.toml".into(),
        owner: Owner::Caller,
    }];
    let error = host(
        &Flags::default(),
        &Environment {
            files,
            ..Environment::default()
        },
    )
    .expect_err("no file");
    assert!(
        CliErrorText(error)
            .text()
            .starts_with("error: /nowhere/my.toml: cannot be read: No such file")
    );
}

#[test]
fn a_token_is_never_printed() {
    let with = |token: &str| {
        token_of(&Environment {
            token: Some(token.to_owned()),
            ..Environment::default()
        })
    };
    assert_eq!(with("hm_0123.abc"), Ok("Some(Token)".to_owned()));
    assert_eq!(
        with("bad\r\nheader: x"),
        Err(
            "error: HIVEMIND_TOKEN: not a token: only letters, digits and `-._~+/=` are in one"
                .to_owned()
        )
    );
}

fn token_of(environment: &Environment) -> Result<String, String> {
    token(environment)
        .map(|token| format!("{token:?}"))
        .map_err(|error| CliErrorText(error).text())
}
