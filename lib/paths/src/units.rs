//! The names of the systemd units.

pub const DAEMON: &str = "hivemind.service";
pub const FENCE: &str = "hivemind-fence.service";
pub const INGRESS: &str = "hivemind-ingress.service";
