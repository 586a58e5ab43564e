//! A network of namespaces: one more namespace with a bridge in it, every member on a veth of its own.
//!
//! Both ends of a veth are made inside the namespaces: the machine's own network never sees them.

use std::net::Ipv4Addr;

use crate::{KitError, Namespace};

/// What every member's packet filter starts with: it drops what comes from the addresses in `cut`.
const FILTER: &str = "
table inet kit {
  set cut { type ipv4_addr; }
  chain in { type filter hook input priority -300; ip saddr @cut drop; }
}
";

/// The bridge and its members, numbered from 0: member N has the address 10.77.0.(N + 1).
#[derive(Debug)]
pub struct Network {
    members: Vec<Namespace>,
    /// Last, so that it goes last.
    bridge: Namespace,
}

impl Network {
    /// A network of this many members. Needs root.
    pub fn new(members: u8) -> Result<Self, KitError> {
        let bridge = Namespace::new()?;
        bridge.ip(&["link", "add", "bridge", "type", "bridge"])?;
        bridge.ip(&["link", "set", "bridge", "up"])?;
        let mut network = Self {
            members: Vec::new(),
            bridge,
        };
        for _ in 0..members {
            network.grow()?;
        }
        Ok(network)
    }

    pub fn member(&self, number: usize) -> &Namespace {
        &self.members[number]
    }

    pub fn address(&self, number: usize) -> Ipv4Addr {
        let host = u8::try_from(number + 1).expect("a network has fewer than 255 members");
        Ipv4Addr::new(10, 77, 0, host)
    }

    /// Nothing reaches this member, and nothing of it reaches the others.
    pub fn cut(&self, number: usize) -> Result<(), KitError> {
        self.others(number).try_for_each(|other| {
            self.cut_one_way(number, other)?;
            self.cut_one_way(other, number)
        })
    }

    /// What `from` sends no longer reaches `to`; the way back stays open.
    pub fn cut_one_way(&self, from: usize, to: usize) -> Result<(), KitError> {
        self.members[to].nft(&format!(
            "add element inet kit cut {{ {} }}",
            self.address(from)
        ))
    }

    /// Opens every way from and to this member.
    pub fn heal(&self, number: usize) -> Result<(), KitError> {
        self.members[number].nft("flush set inet kit cut")?;
        self.others(number).try_for_each(|other| {
            // Adding first makes the removal of what was never cut no error.
            let cut = format!("element inet kit cut {{ {} }}", self.address(number));
            self.members[other].nft(&format!("add {cut}\ndelete {cut}"))
        })
    }

    fn others(&self, number: usize) -> impl Iterator<Item = usize> {
        (0..self.members.len()).filter(move |other| *other != number)
    }

    /// Adds a member and returns its number.
    pub fn grow(&mut self) -> Result<usize, KitError> {
        let number = self.members.len();
        let member = Namespace::new()?;
        let port = format!("port{number}");
        let veth = [
            "link",
            "add",
            "eth0",
            "type",
            "veth",
            "peer",
            "name",
            &port,
            "netns",
            self.bridge.name(),
        ];
        member.ip(&veth)?;
        self.bridge
            .ip(&["link", "set", &port, "master", "bridge", "up"])?;
        member.ip(&[
            "address",
            "add",
            &format!("{}/24", self.address(number)),
            "dev",
            "eth0",
        ])?;
        member.ip(&["link", "set", "eth0", "up"])?;
        member.nft(FILTER)?;
        self.members.push(member);
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::time::Duration;

    use super::*;

    const PORT: u16 = 9;

    /// Whether a datagram arrives. What is sent crosses the bridge within microseconds, so a short wait proves a cut.
    fn reaches(network: &Network, from: usize, to: usize) -> bool {
        let address = network.address(to);
        let listener = network
            .member(to)
            .enter(|| UdpSocket::bind((address, PORT)).expect("a socket"))
            .expect("inside");
        listener
            .set_read_timeout(Some(Duration::from_millis(250)))
            .expect("a time limit");
        let send = || {
            UdpSocket::bind(("0.0.0.0", 0)).and_then(|socket| socket.send_to(b"x", (address, PORT)))
        };
        network
            .member(from)
            .enter(send)
            .expect("inside")
            .expect("sent");
        listener.recv(&mut [0; 8]).is_ok()
    }

    #[test]
    fn members_reach_each_other_until_they_are_cut() {
        let network = Network::new(3).expect("a network");
        assert!(reaches(&network, 0, 1) && reaches(&network, 1, 2));

        network.cut(1).expect("a cut");
        assert!(!reaches(&network, 0, 1) && !reaches(&network, 1, 2));
        assert!(reaches(&network, 0, 2), "the others are not cut");

        network.heal(1).expect("healed");
        assert!(reaches(&network, 0, 1) && reaches(&network, 1, 2));
    }

    #[test]
    fn a_cut_can_go_one_way() {
        let network = Network::new(2).expect("a network");
        network.cut_one_way(0, 1).expect("a cut");
        assert!(!reaches(&network, 0, 1) && reaches(&network, 1, 0));
        network.heal(0).expect("healed");
        assert!(reaches(&network, 0, 1));
    }

    #[test]
    fn the_machine_has_no_new_links() {
        let network = Network::new(2).expect("a network");
        let links = crate::Run::new("ip")
            .args(["-brief", "link"])
            .ok()
            .expect("ip runs")
            .stdout;
        assert!(
            !links.contains("port0") && !links.contains("bridge "),
            "{links}"
        );
        drop(network);
    }
}
