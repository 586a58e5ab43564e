//! What is on a node. The daemon's flags change all of these but the configuration file's name, which they lead to.

/// The daemon's socket: root and the group below are administrators there.
pub const SOCKET: &str = "/run/hivemind/hivemind.sock";
/// The group whose members may use the socket.
pub const SOCKET_GROUP: &str = "hivemind";
/// Who may open the socket: its owner and the group.
pub const SOCKET_MODE: u32 = 0o660;
/// What lives until the machine restarts.
pub const RUN_DIR: &str = "/run/hivemind";
/// What survives.
pub const DATA_DIR: &str = "/var/lib/hivemind";
/// What the data directory may show to others: nothing.
pub const DATA_DIR_MODE: u32 = 0o700;
pub const CONFIG_DIR: &str = "/etc/hivemind";
/// The configuration of the daemon and, for commands, of every user.
pub const CONFIG: &str = "/etc/hivemind/config.toml";
/// The container runtime's socket.
pub const CONTAINERD_SOCKET: &str = "/run/containerd/containerd.sock";
/// The namespace that our containers have within containerd.
pub const CONTAINERD_NAMESPACE: &str = "hivemind";

/// Names within the data directory.
pub mod data {
    /// Held by the daemon that uses the directory.
    pub const LOCK: &str = "lock";
    /// The log and the snapshots of the replicated state.
    pub const STATE: &str = "state.redb";
    /// What this node is called, chosen once.
    pub const IDENTITY: &str = "identity.json";
    /// What this node knows of the cluster, for the time without servers.
    pub const VIEW: &str = "view.cbor";
    /// The cluster's first entry, until it is agreed on.
    pub const FOUNDING: &str = "founding.cbor";
    /// What joining told this node.
    pub const MEMBERSHIP: &str = "membership.cbor";
    /// Certificates and keys of this node.
    pub const TLS_DIR: &str = "tls";
    /// Refusals and sensitive reads, hash-chained.
    pub const AUDIT_LOG: &str = "audit.log";
}
