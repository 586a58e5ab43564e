complete -c hivemind-daemon -l web-port -d 'The port of the API over HTTPS, and of the calls between nodes' -r
complete -c hivemind-daemon -l gossip-port -d 'The UDP port on which nodes ask after each other' -r
complete -c hivemind-daemon -l data-dir -d 'What survives a restart; one daemon at a time' -r -F
complete -c hivemind-daemon -l socket -d 'Where the commands on this machine find the daemon' -r -F
complete -c hivemind-daemon -l containerd -d 'containerd\'s socket' -r -F
complete -c hivemind-daemon -l node-name -d 'What people call this node [default: the host\'s name]' -r
complete -c hivemind-daemon -l advertise -d 'The address that other nodes use [default: the one of the default route]' -r
complete -c hivemind-daemon -l config -d 'The configuration file [default: /etc/hivemind/config.toml, if there is one]' -r -F
complete -c hivemind-daemon -l join -d 'Join the cluster of the server at this address, unless this node belongs to one' -r
complete -c hivemind-daemon -l token-file -d 'The file that holds the join token' -r -F
complete -c hivemind-daemon -s h -l help -d 'Print help'
complete -c hivemind-daemon -s V -l version -d 'Print version'
