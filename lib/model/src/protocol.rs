//! Transport protocols.

use crate::text::words;

words! {
    /// What carries a port.
    #[derive(Default, Hash)]
    pub enum Protocol("a protocol") {
        #[default]
        Tcp = "tcp" | "TCP",
        Udp = "udp" | "UDP",
    }
}
