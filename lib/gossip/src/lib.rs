//! Who is reachable: foca behind encrypted datagrams.
