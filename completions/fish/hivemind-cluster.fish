# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hivemind_cluster_global_optspecs
    string join \n host= context= timeout= json color= h/help V/version
end

function __fish_hivemind_cluster_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hivemind_cluster_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hivemind_cluster_using_subcommand
    set -l cmd (__fish_hivemind_cluster_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hivemind-cluster -n "__fish_hivemind_cluster_needs_command" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_needs_command" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_needs_command" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_needs_command" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-cluster -n "__fish_hivemind_cluster_needs_command" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_needs_command" -s h -l help -d 'Print help'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_needs_command" -s V -l version -d 'Print version'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_needs_command" -f -a "status" -d 'Show the nodes with their roles and health, the leader, and what the cluster can survive'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_needs_command" -f -a "token" -d 'Make a token with which nodes join the cluster; list and revoke tokens'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand status" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand status" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand status" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand status" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand status" -s w -l watch -d 'Follow the changes until interrupted; with --json one object a line'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand status" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and not __fish_seen_subcommand_from ls revoke help" -l ttl -d 'How long it is good for: 10m, 1h, 7d [default: 1h]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and not __fish_seen_subcommand_from ls revoke help" -l uses -d 'How many nodes may join with it [default: any number]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and not __fish_seen_subcommand_from ls revoke help" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and not __fish_seen_subcommand_from ls revoke help" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and not __fish_seen_subcommand_from ls revoke help" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and not __fish_seen_subcommand_from ls revoke help" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and not __fish_seen_subcommand_from ls revoke help" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and not __fish_seen_subcommand_from ls revoke help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and not __fish_seen_subcommand_from ls revoke help" -f -a "ls" -d 'List the tokens that are still good, without their secrets'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and not __fish_seen_subcommand_from ls revoke help" -f -a "revoke" -d 'Make a token useless; nodes that joined with it stay'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and not __fish_seen_subcommand_from ls revoke help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from ls" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from ls" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from ls" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print names only'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from ls" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from revoke" -l id -d 'The same, as a flag' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from revoke" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from revoke" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from revoke" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from revoke" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from revoke" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List the tokens that are still good, without their secrets'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Make a token useless; nodes that joined with it stay'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand help; and not __fish_seen_subcommand_from status token help" -f -a "status" -d 'Show the nodes with their roles and health, the leader, and what the cluster can survive'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand help; and not __fish_seen_subcommand_from status token help" -f -a "token" -d 'Make a token with which nodes join the cluster; list and revoke tokens'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand help; and not __fish_seen_subcommand_from status token help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "ls" -d 'List the tokens that are still good, without their secrets'
complete -c hivemind-cluster -n "__fish_hivemind_cluster_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "revoke" -d 'Make a token useless; nodes that joined with it stay'
