# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hivemind_node_global_optspecs
    string join \n host= context= timeout= json color= h/help V/version
end

function __fish_hivemind_node_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hivemind_node_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hivemind_node_using_subcommand
    set -l cmd (__fish_hivemind_node_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hivemind-node -n "__fish_hivemind_node_needs_command" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-node -n "__fish_hivemind_node_needs_command" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-node -n "__fish_hivemind_node_needs_command" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-node -n "__fish_hivemind_node_needs_command" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-node -n "__fish_hivemind_node_needs_command" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-node -n "__fish_hivemind_node_needs_command" -s h -l help -d 'Print help'
complete -c hivemind-node -n "__fish_hivemind_node_needs_command" -s V -l version -d 'Print version'
complete -c hivemind-node -n "__fish_hivemind_node_needs_command" -f -a "ls" -d 'List the nodes of the cluster'
complete -c hivemind-node -n "__fish_hivemind_node_needs_command" -f -a "info" -d 'Show one node in detail'
complete -c hivemind-node -n "__fish_hivemind_node_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand ls" -l state -d 'Only nodes in this state' -r -f -a "ready\t''
suspect\t''
down\t''
left\t''"
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand ls" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand ls" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand ls" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand ls" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand ls" -s q -l quiet -d 'Print names only'
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand ls" -s w -l watch -d 'Follow the changes until interrupted; with --json one object a line'
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand ls" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand info" -l node -d 'The same, as a flag' -r
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand info" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand info" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand info" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand info" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand info" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand info" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand help; and not __fish_seen_subcommand_from ls info help" -f -a "ls" -d 'List the nodes of the cluster'
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand help; and not __fish_seen_subcommand_from ls info help" -f -a "info" -d 'Show one node in detail'
complete -c hivemind-node -n "__fish_hivemind_node_using_subcommand help; and not __fish_seen_subcommand_from ls info help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
