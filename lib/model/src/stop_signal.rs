//! The signal that asks a container to stop.

use crate::text::words;

words! {
    /// A signal that a process can answer by ending.
    #[derive(Default, Hash)]
    pub enum StopSignal("a stop signal") {
        #[default]
        Term = "SIGTERM" | "TERM" | "15",
        Int = "SIGINT" | "INT" | "2",
        Quit = "SIGQUIT" | "QUIT" | "3",
        Hup = "SIGHUP" | "HUP" | "1",
        Usr1 = "SIGUSR1" | "USR1" | "10",
        Usr2 = "SIGUSR2" | "USR2" | "12",
        Winch = "SIGWINCH" | "WINCH" | "28",
        Kill = "SIGKILL" | "KILL" | "9",
        /// How systemd in a container is asked to halt.
        RtMin3 = "SIGRTMIN+3" | "RTMIN+3" | "37",
    }
}
