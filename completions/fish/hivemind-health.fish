complete -c hivemind-health -l host -d 'The daemon: unix:///path, https://node:3000 or ssh://user@node [env: HIVEMIND_HOST]' -r
complete -c hivemind-health -l context -d 'The context of the configuration file to use [env: HIVEMIND_CONTEXT]' -r
complete -c hivemind-health -l timeout -d 'Give up when there is no answer for so long: 500ms, 30s, 5m [default: 30s]' -r
complete -c hivemind-health -l color -d 'When to use colours: auto, always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Also into a file or a pipe'
never\t'Never'"
complete -c hivemind-health -l wait -d 'Wait until they are, for as long as --timeout says'
complete -c hivemind-health -l json -d 'Print JSON; errors too, on standard error'
complete -c hivemind-health -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hivemind-health -s V -l version -d 'Print version'
