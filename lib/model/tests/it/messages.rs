//! Every message names the value, the reason and an example that works.

use std::str::FromStr;

use hm_model::*;

/// What no parser takes, each for another reason.
const NONSENSE: &[&str] = &[
    "\u{7}",
    "!",
    "-",
    "a b c",
    "Ä",
    "🦀",
    "//",
    "=",
    ":",
    "%",
    "..",
    "99999999999999999999999999",
];

fn complains_well<T: FromStr<Err = ParseError>>() {
    let long = "x!".repeat(500);
    let controls = "\u{9f}".repeat(500);
    let mut refused = 0;
    for text in NONSENSE
        .iter()
        .copied()
        .chain([long.as_str(), controls.as_str()])
    {
        let Err(error) = text.parse::<T>() else {
            continue;
        };
        refused += 1;
        assert!(
            error.example.parse::<T>().is_ok(),
            "the example of: {error}"
        );
        let message = error.to_string();
        assert!(message.chars().count() < 400, "{message}");
        assert!(!message.chars().any(char::is_control), "{message:?}");
        let shown = if text.chars().any(char::is_control) {
            "\\u{"
        } else {
            &text[..text.len().min(50)]
        };
        assert!(
            message.contains(shown) || message.contains("environment variable"),
            "{message}"
        );
    }
    assert!(refused > 5, "{} takes nonsense", std::any::type_name::<T>());
}

#[test]
fn every_parser() {
    complains_well::<Name>();
    complains_well::<Namespace>();
    complains_well::<NodeName>();
    complains_well::<ObjectKey>();
    complains_well::<LabelKey>();
    complains_well::<LabelValue>();
    complains_well::<Label>();
    complains_well::<LabelChange>();
    complains_well::<Selector>();
    complains_well::<NodeId>();
    complains_well::<TokenId>();
    complains_well::<RequestId>();
    complains_well::<ReplicaId>();
    complains_well::<Generation>();
    complains_well::<RevisionNumber>();
    complains_well::<Cpu>();
    complains_well::<Bytes>();
    complains_well::<Span>();
    complains_well::<Timestamp>();
    complains_well::<ImageReference>();
    complains_well::<PinnedImage>();
    complains_well::<Digest>();
    complains_well::<Port>();
    complains_well::<Mount>();
    complains_well::<AbsolutePath>();
    complains_well::<EnvName>();
    complains_well::<EnvVar>();
    complains_well::<Cidr>();
    complains_well::<Amount>();
    complains_well::<Ratio>();
    complains_well::<Taint>();
    complains_well::<Toleration>();
    complains_well::<PolicyPort>();
    complains_well::<Actor>();
    complains_well::<ObjectRef>();
    complains_well::<Code>();
    complains_well::<ConfigKey>();
    complains_well::<UserName>();
    complains_well::<CronExpression>();
    complains_well::<Mode>();
    complains_well::<StopSignal>();
}

#[test]
fn the_messages_people_meet_most() {
    fn message<T: FromStr<Err = ParseError>>(text: &str) -> String {
        text.parse::<T>()
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default()
    }
    let cases = [
        (
            message::<Name>("Web"),
            "`Web` is not a name: it must be in lower case: did you mean `web`?; for example `web-1`",
        ),
        (
            message::<Name>("my_app"),
            "`my_app` is not a name: '_' is not allowed in it; for example `web-1`",
        ),
        (
            message::<Name>("42"),
            "`42` is not a name: digits alone would be taken for a number; for example `web-1`",
        ),
        (
            message::<Bytes>("256MX"),
            "`256MX` is not a size: `MX` is not a unit; units are K, M, G, T, P (of 1000) and Ki, Mi, Gi, Ti, Pi (of 1024); for example `256Mi`",
        ),
        (
            message::<Span>("90"),
            "`90` is not a length of time: it lacks a unit: d, h, m, s or ms; for example `1h30m`",
        ),
        (
            message::<Cpu>("0.0001"),
            "`0.0001` is not an amount of cpu: it is finer than 0.001, the smallest step; for example `0.5`",
        ),
        (
            message::<Port>("70000"),
            "`70000` is not a port: `70000` is not between 1 and 65535; for example `8080:80`",
        ),
        (
            message::<Mode>("daemonset"),
            "`daemonset` is not a mode: it must be one of replicated, per-node, ordinal; for example `replicated`",
        ),
    ];
    for (is, should_be) in cases {
        assert_eq!(is, should_be);
    }
}

#[test]
fn values_of_variables_are_not_repeated() {
    let error = "1PASSWORD=hunter2"
        .parse::<EnvVar>()
        .unwrap_err()
        .to_string();
    assert!(!error.contains("hunter2"), "{error}");
    let value = Value::literal("hunter2");
    assert!(!format!("{value:?}").contains("hunter2"));
    assert!(!format!("{:?}", PasswordHash::new("$argon2id$x".to_owned())).contains("argon2id"));
}
