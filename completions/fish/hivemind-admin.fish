# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hivemind_admin_global_optspecs
    string join \n host= context= timeout= json color= h/help V/version
end

function __fish_hivemind_admin_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hivemind_admin_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hivemind_admin_using_subcommand
    set -l cmd (__fish_hivemind_admin_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hivemind-admin -n "__fish_hivemind_admin_needs_command" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_needs_command" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_needs_command" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_needs_command" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-admin -n "__fish_hivemind_admin_needs_command" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-admin -n "__fish_hivemind_admin_needs_command" -s h -l help -d 'Print help'
complete -c hivemind-admin -n "__fish_hivemind_admin_needs_command" -s V -l version -d 'Print version'
complete -c hivemind-admin -n "__fish_hivemind_admin_needs_command" -f -a "config" -d 'Show and change the settings of the cluster'
complete -c hivemind-admin -n "__fish_hivemind_admin_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and not __fish_seen_subcommand_from set get ls unset help" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and not __fish_seen_subcommand_from set get ls unset help" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and not __fish_seen_subcommand_from set get ls unset help" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and not __fish_seen_subcommand_from set get ls unset help" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and not __fish_seen_subcommand_from set get ls unset help" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and not __fish_seen_subcommand_from set get ls unset help" -s h -l help -d 'Print help'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and not __fish_seen_subcommand_from set get ls unset help" -f -a "set" -d 'Change a setting of the cluster'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and not __fish_seen_subcommand_from set get ls unset help" -f -a "get" -d 'Print the value of a setting'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and not __fish_seen_subcommand_from set get ls unset help" -f -a "ls" -d 'List all settings with their values and what they mean'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and not __fish_seen_subcommand_from set get ls unset help" -f -a "unset" -d 'Return a setting to its default'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and not __fish_seen_subcommand_from set get ls unset help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from set" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from set" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from set" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from set" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from set" -l dry-run -d 'Show what would be done, and do nothing'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from set" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from get" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from get" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from get" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from get" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from get" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from ls" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from ls" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from ls" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print names only'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from ls" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from unset" -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from unset" -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from unset" -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from unset" -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from unset" -l dry-run -d 'Show what would be done, and do nothing'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from unset" -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from unset" -s h -l help -d 'Print help'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "set" -d 'Change a setting of the cluster'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "get" -d 'Print the value of a setting'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List all settings with their values and what they mean'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "unset" -d 'Return a setting to its default'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand help; and not __fish_seen_subcommand_from config help" -f -a "config" -d 'Show and change the settings of the cluster'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand help; and not __fish_seen_subcommand_from config help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "set" -d 'Change a setting of the cluster'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "get" -d 'Print the value of a setting'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "ls" -d 'List all settings with their values and what they mean'
complete -c hivemind-admin -n "__fish_hivemind_admin_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "unset" -d 'Return a setting to its default'
