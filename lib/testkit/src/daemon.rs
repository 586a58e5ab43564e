//! A real daemon with a folder, a socket and a network namespace of its own.

use std::fs::{self, OpenOptions};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::wait::{Deadline, until, until_exit};
use crate::{Api, KitError, Namespace, Run, TempHome, binary};

/// How long a start, an end, may take before the test fails. What it should take is for the tests to say.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a daemon logs.
const LOG: &str = "HIVEMIND_LOG";

/// What a daemon is started with.
#[derive(Clone, Debug)]
pub struct DaemonPlan {
    pub name: String,
    pub advertise: Option<Ipv4Addr>,
    /// The text of its configuration file.
    pub config: Option<String>,
    /// A server's address and a token, to join its cluster.
    pub join: Option<(Ipv4Addr, String)>,
}

impl DaemonPlan {
    /// A cluster of one, by this name.
    pub fn alone(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            advertise: None,
            config: None,
            join: None,
        }
    }
}

/// A daemon, running or not. Dropping it kills it; its log is printed if the test fails.
#[derive(Debug)]
pub struct Daemon {
    plan: DaemonPlan,
    run: Run,
    home: TempHome,
    child: Option<Child>,
}

impl Daemon {
    /// Prepares the folders. Nothing runs yet.
    pub fn prepare(namespace: &Namespace, plan: DaemonPlan) -> Result<Self, KitError> {
        let home = TempHome::new()?;
        let mut run = Run::new(binary("hivemind-daemon")?)
            .home(&home)
            .args(arguments(&plan, &home)?)
            .inside(namespace);
        // The one thing that a person who looks for a fault may pass on to the daemons.
        if let Some(filter) = std::env::var_os(LOG) {
            run = run.env(LOG, filter);
        }
        Ok(Self {
            plan,
            run,
            home,
            child: None,
        })
    }

    /// Starts it and waits until it answers.
    pub fn start(namespace: &Namespace, plan: DaemonPlan) -> Result<Self, KitError> {
        let mut daemon = Self::prepare(namespace, plan)?;
        daemon.spawn()?;
        daemon.until_ready(PATIENCE)?;
        Ok(daemon)
    }

    /// Starts the process, again if it has run before, and does not wait for anything.
    pub fn spawn(&mut self) -> Result<(), KitError> {
        let path = self.log_path();
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(KitError::file("open", path.clone()))?;
        let copy = log.try_clone().map_err(KitError::file("open", path))?;
        let spawned = self
            .run
            .command()
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(copy)
            .spawn();
        let program = || PathBuf::from(self.run.to_string());
        self.child = Some(spawned.map_err(|source| KitError::Start {
            program: program(),
            source,
        })?);
        Ok(())
    }

    /// Waits until its health is there to read, good or bad.
    pub fn until_ready(&mut self, within: Duration) -> Result<(), KitError> {
        let what = format!("{} answers", self.plan.name);
        let api = self.api();
        let mut ended = None;
        until(&what, within, || {
            ended = self.try_end();
            (ended.is_some() || api.call("GET", "/api/health", None).is_ok()).then_some(())
        })?;
        match ended {
            None => Ok(()),
            Some(status) => Err(KitError::Ended {
                name: self.plan.name.clone(),
                status: status.to_string(),
                log: self.log(),
            }),
        }
    }

    /// Waits until it can change the state of its cluster.
    pub fn until_writable(&self, within: Duration) -> Result<(), KitError> {
        let api = self.api();
        let what = format!("{} knows a quorum", self.plan.name);
        until(&what, within, || {
            let health = api.call("GET", "/api/health", None).ok()?;
            (health.body["leader"] == true && health.body["quorum"] == true).then_some(())
        })
    }

    /// Kills it as a power cut would, if it runs, and reaps it.
    pub fn kill(&mut self) -> Result<(), KitError> {
        if self.child.is_none() {
            return Ok(());
        }
        self.signal(Signal::KILL)?;
        self.until_ended(PATIENCE).map(drop)
    }

    /// Asks it to stop, and waits for its end.
    pub fn stop(&mut self) -> Result<ExitStatus, KitError> {
        self.signal(Signal::TERM)?;
        self.until_ended(PATIENCE)
    }

    /// Stops it in the middle of whatever it does, as a paused virtual machine would.
    pub fn pause(&self) -> Result<(), KitError> {
        self.signal(Signal::STOP)
    }

    pub fn resume(&self) -> Result<(), KitError> {
        self.signal(Signal::CONT)
    }

    pub fn until_ended(&mut self, within: Duration) -> Result<ExitStatus, KitError> {
        let what = format!("the end of {}", self.plan.name);
        let Some(child) = self.child.as_mut() else {
            return Err(Deadline::after(within).missed(what));
        };
        let status =
            until_exit(child, within)?.ok_or_else(|| Deadline::after(within).missed(what))?;
        self.child = None;
        Ok(status)
    }

    pub fn is_running(&mut self) -> bool {
        self.child.is_some() && self.try_end().is_none()
    }

    pub fn name(&self) -> &str {
        &self.plan.name
    }

    pub fn api(&self) -> Api {
        Api::new(self.socket())
    }

    pub fn home(&self) -> &TempHome {
        &self.home
    }

    pub fn socket(&self) -> PathBuf {
        socket(&self.home)
    }

    /// Everything it has said, over all its lives.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Its process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// One of our commands, told to speak to this daemon.
    pub fn command(&self, program: &str) -> Result<Run, KitError> {
        let host = format!("unix://{}", self.socket().display());
        Ok(Run::new(binary(program)?)
            .home(&self.home)
            .env("HIVEMIND_HOST", host))
    }

    /// The same program with the same arguments, to be run to its end: a second one, or one that is expected to refuse.
    pub fn twin(&self) -> Run {
        self.run.clone()
    }

    fn signal(&self, signal: Signal) -> Result<(), KitError> {
        let Some(child) = &self.child else {
            return Ok(());
        };
        let pid = child.id();
        kill_process(Pid::from_child(child), signal).map_err(|error| KitError::Signal {
            pid,
            source: error.into(),
        })
    }

    fn try_end(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().ok().flatten()?;
        self.child = None;
        Some(status)
    }

    fn log_path(&self) -> PathBuf {
        self.home.path().join("log")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // A drop cannot fail; the namespace's own drop kills what is left inside.
        self.kill().ok();
        if std::thread::panicking() {
            print_log(&self.plan.name, &self.log());
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a failing test shows what its daemons said"
)]
fn print_log(name: &str, log: &str) {
    const LINES: usize = 80;
    let lines: Vec<&str> = log.lines().collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    eprintln!(
        "--- the last of {} lines of {name}'s log\n{}",
        lines.len(),
        last.join("\n")
    );
}

fn socket(home: &TempHome) -> PathBuf {
    home.run().join("hivemind.sock")
}

fn arguments(plan: &DaemonPlan, home: &TempHome) -> Result<Vec<String>, KitError> {
    let mut arguments = Vec::new();
    let mut flag = |name: &str, value: String| arguments.extend([format!("--{name}"), value]);
    let shown = |path: &Path| path.display().to_string();
    flag("web-port", "3000".to_owned());
    flag("gossip-port", "7946".to_owned());
    flag("data-dir", shown(&home.data()));
    flag("socket", shown(&socket(home)));
    flag("containerd", shown(&home.run().join("containerd.sock")));
    flag("node-name", plan.name.clone());
    if let Some(address) = plan.advertise {
        flag("advertise", address.to_string());
    }
    // Always one of its own, so that the machine's file is never read.
    let config = home.write("config.toml", plan.config.as_deref().unwrap_or_default())?;
    flag("config", shown(&config));
    if let Some((server, token)) = &plan.join {
        flag("join", format!("{server}:3000"));
        flag("token-file", shown(&home.write("token", token)?));
    }
    Ok(arguments)
}
