# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hivemind_global_optspecs
    string join \n h/help host= context= timeout= json color= V/version
end

function __fish_hivemind_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hivemind_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hivemind_using_subcommand
    set -l cmd (__fish_hivemind_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hivemind -n "__fish_hivemind_needs_command" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind -n "__fish_hivemind_needs_command" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind -n "__fish_hivemind_needs_command" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind -n "__fish_hivemind_needs_command" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind -n "__fish_hivemind_needs_command" -s h -l help -d 'Print help'
complete -c hivemind -n "__fish_hivemind_needs_command" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind -n "__fish_hivemind_needs_command" -s V -l version -d 'Print version'
complete -c hivemind -n "__fish_hivemind_needs_command" -f -a "admin" -d 'Administer the cluster'
complete -c hivemind -n "__fish_hivemind_needs_command" -f -a "cluster" -d 'Show the cluster, let nodes in'
complete -c hivemind -n "__fish_hivemind_needs_command" -f -a "daemon" -d 'Run this node: its API, its agent and, if the cluster chose it, its server'
complete -c hivemind -n "__fish_hivemind_needs_command" -f -a "health" -d 'Tell whether node and cluster are healthy, and what is wrong'
complete -c hivemind -n "__fish_hivemind_needs_command" -f -a "node" -d 'List and inspect nodes'
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and not __fish_seen_subcommand_from config" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and not __fish_seen_subcommand_from config" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and not __fish_seen_subcommand_from config" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and not __fish_seen_subcommand_from config" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and not __fish_seen_subcommand_from config" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and not __fish_seen_subcommand_from config" -s V -l version -d 'Print version'
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and not __fish_seen_subcommand_from config" -f -a "config" -d 'Show and change the settings of the cluster'
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and __fish_seen_subcommand_from config" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and __fish_seen_subcommand_from config" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and __fish_seen_subcommand_from config" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and __fish_seen_subcommand_from config" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and __fish_seen_subcommand_from config" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and __fish_seen_subcommand_from config" -f -a "set" -d 'Change a setting of the cluster'
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and __fish_seen_subcommand_from config" -f -a "get" -d 'Print the value of a setting'
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and __fish_seen_subcommand_from config" -f -a "ls" -d 'List all settings with their values and what they mean'
complete -c hivemind -n "__fish_hivemind_using_subcommand admin; and __fish_seen_subcommand_from config" -f -a "unset" -d 'Return a setting to its default'
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and not __fish_seen_subcommand_from status token" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and not __fish_seen_subcommand_from status token" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and not __fish_seen_subcommand_from status token" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and not __fish_seen_subcommand_from status token" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and not __fish_seen_subcommand_from status token" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and not __fish_seen_subcommand_from status token" -s V -l version -d 'Print version'
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and not __fish_seen_subcommand_from status token" -f -a "status" -d 'Show the nodes with their roles and health, the leader, and what the cluster can survive'
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and not __fish_seen_subcommand_from status token" -f -a "token" -d 'Make a token with which nodes join the cluster; list and revoke tokens'
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from status" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from status" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from status" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from status" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from status" -s w -l watch -d 'Follow the changes until interrupted; with --json one object a line'
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from status" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from token" -l ttl -d 'How long it is good for: 10m, 1h, 7d [default: 1h]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from token" -l uses -d 'How many nodes may join with it [default: any number]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from token" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from token" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from token" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from token" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from token" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from token" -f -a "ls" -d 'List the tokens that are still good, without their secrets'
complete -c hivemind -n "__fish_hivemind_using_subcommand cluster; and __fish_seen_subcommand_from token" -f -a "revoke" -d 'Make a token useless; nodes that joined with it stay'
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l web-port -d 'The port of the API over HTTPS, and of the calls between nodes' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l gossip-port -d 'The UDP port on which nodes ask after each other' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l data-dir -d 'What survives a restart; one daemon at a time' -r -F
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l socket -d 'Where the commands on this machine find the daemon' -r -F
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l containerd -d 'containerd\'s socket' -r -F
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l node-name -d 'What people call this node [default: the host\'s name]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l advertise -d 'The address that other nodes use [default: the one of the default route]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l config -d 'The configuration file [default: /etc/hivemind/config.toml, if there is one]' -r -F
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l join -d 'Join the cluster of the server at this address, unless this node belongs to one' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l token-file -d 'The file that holds the join token' -r -F
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind -n "__fish_hivemind_using_subcommand daemon" -s V -l version -d 'Print version'
complete -c hivemind -n "__fish_hivemind_using_subcommand health" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand health" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand health" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand health" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind -n "__fish_hivemind_using_subcommand health" -l wait -d 'Wait until they are, for as long as --timeout says'
complete -c hivemind -n "__fish_hivemind_using_subcommand health" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind -n "__fish_hivemind_using_subcommand health" -s V -l version -d 'Print version'
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and not __fish_seen_subcommand_from ls info" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and not __fish_seen_subcommand_from ls info" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and not __fish_seen_subcommand_from ls info" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and not __fish_seen_subcommand_from ls info" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and not __fish_seen_subcommand_from ls info" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and not __fish_seen_subcommand_from ls info" -s V -l version -d 'Print version'
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and not __fish_seen_subcommand_from ls info" -f -a "ls" -d 'List the nodes of the cluster'
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and not __fish_seen_subcommand_from ls info" -f -a "info" -d 'Show one node in detail'
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from ls" -l state -d 'Only nodes in this state' -r -f -a "ready\t''
suspect\t''
down\t''
left\t''"
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from ls" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from ls" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from ls" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print names only'
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from ls" -s w -l watch -d 'Follow the changes until interrupted; with --json one object a line'
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from ls" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from info" -l node -d 'The same, as a flag' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from info" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from info" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from info" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from info" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind -n "__fish_hivemind_using_subcommand node; and __fish_seen_subcommand_from info" -l json -d 'Print JSON; errors too, on standard error'
