//! What is refused although every part of it is well-formed.

use hm_model::*;

use crate::specs::plain;

/// The messages about `plain` after a change.
fn messages(change: impl FnOnce(&mut AppSpec)) -> Vec<String> {
    let mut app = plain();
    change(&mut app);
    app.problems(&"web".parse().unwrap())
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// The one message about the container of `plain` after a change.
fn about_container(change: impl FnOnce(&mut Container)) -> String {
    let found = messages(|app| change(&mut app.containers[0]));
    assert_eq!(found.len(), 1, "{found:?}");
    found.concat()
}

fn parsed<T: std::str::FromStr<Err = ParseError>>(text: &str) -> T {
    text.parse().unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn a_plain_app_is_fine() {
    assert_eq!(messages(|_| {}), Vec::<String>::new());
}

#[test]
fn names_with_a_meaning_are_reserved() {
    let problems = plain().problems(&parsed("vip"));
    assert_eq!(
        problems,
        [SpecProblem::ReservedName {
            name: parsed("vip")
        }]
    );
}

#[test]
fn containers_must_be_there_and_differ() {
    assert_eq!(
        messages(|app| app.containers.clear()),
        ["there is no container; at least one is needed"]
    );
    let twice = messages(|app| app.containers.push(app.containers[0].clone()));
    assert_eq!(twice, ["two containers are called `web`"]);
    let many = messages(|app| app.containers = vec![app.containers[0].clone(); 17]);
    assert_eq!(
        many[0],
        "there are 17 containers; at most 16 share a replica"
    );
}

#[test]
fn requests_stay_below_limits() {
    let resources = |cpu, cpu_limit: Option<&str>, memory, memory_limit: Option<&str>| Resources {
        cpu: parsed(cpu),
        memory: parsed(memory),
        cpu_limit: cpu_limit.map(parsed),
        memory_limit: memory_limit.map(parsed),
        storage: None,
    };
    let message = |resources| about_container(|container| container.resources = resources);
    assert_eq!(
        message(resources("2", Some("1"), "0", None)),
        "container web: cpu 2 is more than its cpu_limit 1"
    );
    assert_eq!(
        message(resources("0", None, "512M", Some("256M"))),
        "container web: memory 512M is more than its memory_limit 256M"
    );
    assert!(message(resources("0", Some("0.001"), "0", None)).contains("the least is 0.01"));
    assert!(message(resources("0", None, "0", Some("1Mi"))).contains("the least is 6Mi"));
}

#[test]
fn what_is_not_built_is_refused_by_name() {
    let secret = || Value::Secret {
        name: parsed("api"),
        key: parsed("token"),
    };
    let not_built = [
        about_container(|c| drop(c.environment.insert(parsed("TOKEN"), secret()))),
        about_container(|c| drop(c.files.insert(parsed("/token"), secret()))),
        about_container(|c| c.mounts.push(parsed("secret/tls:/etc/tls"))),
        about_container(|c| c.resources.storage = Some(parsed("1G"))),
        about_container(|c| c.kind = ContainerKind::Init),
    ];
    assert_eq!(
        not_built[0],
        "container web: environment.TOKEN: secret references are not built yet; use a config set or a literal for what is not secret"
    );
    for message in &not_built {
        assert!(message.contains("not built yet"), "{message}");
    }
    let volume = VolumeSpec {
        size: Some(parsed("1G")),
        ..VolumeSpec::default()
    };
    assert!(matches!(
        volume.problems()[..],
        [SpecProblem::NotBuilt { .. }]
    ));
    let quota = QuotaLimits {
        storage: Some(parsed("1T")),
        ..QuotaLimits::default()
    };
    assert!(matches!(
        quota.problems()[..],
        [SpecProblem::NotBuilt { .. }]
    ));
    assert_eq!(
        QuotaLimits {
            cpu: Some(parsed("100")),
            ..QuotaLimits::default()
        }
        .problems(),
        []
    );
}

#[test]
fn texts_fit_where_they_go() {
    let zero = about_container(|c| drop(c.environment.insert(parsed("A"), Value::literal("a\0b"))));
    assert_eq!(
        zero,
        "container web: environment.A holds a zero byte, which no program can be given"
    );
    assert!(about_container(|c| c.args.push("\0".to_owned())).contains("args holds a zero byte"));
    let large = about_container(|c| {
        drop(
            c.files
                .insert(parsed("/a"), Value::literal("x".repeat(300 << 10))),
        )
    });
    assert!(large.contains("300Ki together; at most 256Ki"), "{large}");
}

#[test]
fn nothing_is_mounted_twice_at_one_place() {
    let twice = about_container(|c| {
        c.mounts.push(parsed("data:/data"));
        c.files.insert(parsed("/data"), Value::literal(""));
    });
    assert_eq!(twice, "container web: two mounts or files are at /data");
}

#[test]
fn probes_must_be_able_to_decide() {
    let tcp = || Probe::new(Check::Tcp { port: 80 });
    let ready = |probe| about_container(|c| c.probes.ready = Some(probe));
    let live = |probe| about_container(|c| c.probes.live = Some(probe));
    assert_eq!(
        messages(|app| app.containers[0].probes.ready = Some(tcp())),
        Vec::<String>::new()
    );
    assert_eq!(
        ready(Probe {
            period: Span::ZERO,
            ..tcp()
        }),
        "container web: the ready probe's period is 0s; it must be between 100ms and 1h"
    );
    assert!(
        ready(Probe {
            failure_threshold: 0,
            ..tcp()
        })
        .contains("failure_threshold is 0")
    );
    assert!(
        live(Probe {
            success_threshold: 2,
            ..tcp()
        })
        .contains("between 1 and 1")
    );
    assert!(ready(Probe::new(Check::Tcp { port: 0 })).contains("port 0"));
    assert!(
        ready(Probe::new(Check::Http {
            port: 80,
            path: "x".to_owned()
        }))
        .contains("start with `/`")
    );
    assert!(
        ready(Probe::new(Check::Http {
            port: 80,
            path: "/a b".to_owned()
        }))
        .contains("blanks")
    );
    assert!(
        ready(Probe::new(Check::Exec {
            command: Vec::new()
        }))
        .contains("has no command")
    );
}

#[test]
fn ports_do_not_collide() {
    let ports = |ports: &[&str]| {
        messages(|app| app.ports = ports.iter().map(|text| parsed(text)).collect())
    };
    assert_eq!(
        ports(&[
            "80",
            "80/udp",
            "8080:80",
            "10.0.0.1:81:80",
            "10.0.0.2:81:80"
        ]),
        Vec::<String>::new()
    );
    assert_eq!(ports(&["80", "80"]), ["port 80 is listed twice"]);
    let same = ["ports 8080:80 and 10.0.0.1:8080:81 are published as the same port of the node"];
    assert_eq!(ports(&["8080:80", "10.0.0.1:8080:81"]), same);
    assert_eq!(ports(&["0.0.0.0:81:80", "10.0.0.1:81:81"]).len(), 1);
}

#[test]
fn contradictions_are_named() {
    assert_eq!(
        messages(|app| {
            app.mode = Mode::PerNode;
            app.replicas = 3;
        }),
        ["replicas makes no sense: a per-node app has one on every node"]
    );
    let stuck = |app: &mut AppSpec| app.update.max_surge = Amount::Percent(0);
    assert!(messages(stuck)[0].contains("no replica could ever be replaced"));
    // An exclusive app has no surge and must have room to be short of one.
    assert_eq!(
        messages(|app| {
            stuck(app);
            app.exclusive = true;
        }),
        Vec::<String>::new()
    );
    assert!(messages(|app| app.priority = 1001)[0].contains("between -1000 and 1000"));
    assert!(messages(|app| app.replicas = 10_001)[0].contains("between 0 and 10000"));
    assert!(messages(|app| app.stop_grace = parsed("2h"))[0].contains("stop_grace is 2h"));
}

#[test]
fn an_update_always_has_room() {
    let room = |app: &AppSpec| app.update_room(4);
    let mut app = plain();
    assert_eq!(room(&app), (0, 1));
    app.exclusive = true;
    assert_eq!(room(&app), (1, 0));
    app.exclusive = false;
    app.update.max_unavailable = parsed("30%");
    app.update.max_surge = parsed("30%");
    assert_eq!(room(&app), (1, 2));
}

#[test]
fn volumes_have_a_path_only_where_they_need_one() {
    let volume = |kind, path: Option<&str>| {
        VolumeSpec {
            kind,
            path: path.map(parsed),
            ..VolumeSpec::default()
        }
        .problems()
    };
    assert_eq!(volume(VolumeKind::Local, None), []);
    assert_eq!(volume(VolumeKind::Host, Some("/srv")), []);
    assert_eq!(volume(VolumeKind::Host, None).len(), 1);
    assert_eq!(volume(VolumeKind::Ephemeral, Some("/srv")).len(), 1);
}

#[test]
fn jobs_are_checked_like_apps() {
    let mut job = JobSpec::new(plain().containers.remove(0));
    assert_eq!(job.problems(), []);
    job.completions = 0;
    job.containers.clear();
    assert_eq!(job.problems().len(), 2);
}

#[test]
fn roles_allow_what_they_list() {
    let permission = |resource, actions: &[Action]| Permission {
        resource,
        actions: actions.iter().copied().collect(),
    };
    let role = Role {
        name: parsed("dev"),
        generation: Generation::new(1),
        description: String::new(),
        permissions: [
            permission(Resource::App, &[Action::Read, Action::Update]),
            permission(Resource::Log, &[Action::All]),
        ]
        .into(),
    };
    assert!(
        role.allows(Resource::App, Action::Update) && role.allows(Resource::Log, Action::Delete)
    );
    assert!(
        !role.allows(Resource::App, Action::Delete) && !role.allows(Resource::Node, Action::Read)
    );
    assert!(permission(Resource::All, &[Action::Read]).allows(Resource::Node, Action::Read));
    // The documents call it `container`.
    assert_eq!(parsed::<Resource>("container"), Resource::App);
}
