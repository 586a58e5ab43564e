//! The daemon's flags.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Parser;
use hm_model::NodeName;

/// Run this node: its API, its agent and, if the cluster chose it, its server
#[derive(Clone, Debug, Parser)]
#[command(name = "hivemind-daemon", version, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The port of the API over HTTPS, and of the calls between nodes
    #[arg(long, value_name = "PORT", default_value_t = hm_paths::ports::API, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) web_port: u16,

    /// The UDP port on which nodes ask after each other
    #[arg(long, value_name = "PORT", default_value_t = hm_paths::ports::GOSSIP, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) gossip_port: u16,

    /// What survives a restart; one daemon at a time
    #[arg(long, value_name = "DIR", default_value = hm_paths::files::DATA_DIR)]
    pub(crate) data_dir: PathBuf,

    /// Where the commands on this machine find the daemon
    #[arg(long, value_name = "FILE", default_value = hm_paths::files::SOCKET)]
    pub(crate) socket: PathBuf,

    /// containerd's socket
    #[arg(long, value_name = "FILE", default_value = hm_paths::files::CONTAINERD_SOCKET)]
    pub(crate) containerd: PathBuf,

    /// What people call this node [default: the host's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) node_name: Option<NodeName>,

    /// The address that other nodes use [default: the one of the default route]
    #[arg(long, value_name = "ADDR")]
    pub(crate) advertise: Option<IpAddr>,

    /// The configuration file [default: /etc/hivemind/config.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Join the cluster of the server at this address, unless this node belongs to one
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) join: Option<String>,

    /// The file that holds the join token
    #[arg(long, value_name = "FILE", requires = "join")]
    pub(crate) token_file: Option<PathBuf>,
}

const AFTER_HELP: &str = "The first start creates a cluster of one, or joins the one named by --join. Later starts go on where \
the last one ended. SIGTERM stops the daemon; containers keep running.";
