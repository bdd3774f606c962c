# fish completion for creel(8)

set -l commands create delete features kill list plan run spec start state help
complete -c creel -f
complete -c creel -n "not __fish_seen_subcommand_from $commands" -a "$commands"
complete -c creel -n "not __fish_seen_subcommand_from $commands" -l debug -d 'log debugging messages too'
complete -c creel -n "not __fish_seen_subcommand_from $commands" -l log -r -F -d 'log file'
complete -c creel -n "not __fish_seen_subcommand_from $commands" -l log-format -x -a 'text json' -d 'form of log lines'
complete -c creel -n "not __fish_seen_subcommand_from $commands" -l root -x -a '(__fish_complete_directories)' -d 'directory of the state'
complete -c creel -n "not __fish_seen_subcommand_from $commands" -l systemd-cgroup -d 'let systemd make the cgroups'
complete -c creel -n "not __fish_seen_subcommand_from $commands" -l rootless -x -a 'true false auto' -d 'tolerate missing rights over cgroups'
complete -c creel -n "not __fish_seen_subcommand_from $commands" -s v -l version -d 'print the version'
complete -c creel -s h -l help -d 'print help'

for c in create run plan
    complete -c creel -n "__fish_seen_subcommand_from $c" -s b -l bundle -x -a '(__fish_complete_directories)' -d 'the bundle'
    complete -c creel -n "__fish_seen_subcommand_from $c" -l console-socket -r -F -d 'socket that receives the terminal'
    complete -c creel -n "__fish_seen_subcommand_from $c" -l pidfd-socket -r -F -d 'socket that receives a pidfd'
    complete -c creel -n "__fish_seen_subcommand_from $c" -l pid-file -r -F -d 'file for the pid'
    complete -c creel -n "__fish_seen_subcommand_from $c" -l no-pivot -d 'chroot instead of pivot_root'
    complete -c creel -n "__fish_seen_subcommand_from $c" -l no-new-keyring -d 'stay in the session keyring'
    complete -c creel -n "__fish_seen_subcommand_from $c" -l preserve-fds -x -d 'number of fds to pass on'
end
complete -c creel -n '__fish_seen_subcommand_from run' -s d -l detach -d 'return when the process runs'
complete -c creel -n '__fish_seen_subcommand_from run' -l keep -d 'do not delete the container afterwards'
complete -c creel -n '__fish_seen_subcommand_from run' -l no-subreaper -d 'do not reap orphans'
complete -c creel -n '__fish_seen_subcommand_from list plan' -s f -l format -x -a 'table json' -d 'form of the output'
complete -c creel -n '__fish_seen_subcommand_from list' -s q -l quiet -d 'ids only'
complete -c creel -n '__fish_seen_subcommand_from spec' -s b -l bundle -x -a '(__fish_complete_directories)' -d 'where to write'
complete -c creel -n '__fish_seen_subcommand_from spec' -l rootless -d 'for an ordinary user'
complete -c creel -n '__fish_seen_subcommand_from delete' -s f -l force -d 'end a running container first'
complete -c creel -n '__fish_seen_subcommand_from delete kill start state' -a '(creel list --quiet 2>/dev/null)'
complete -c creel -n '__fish_seen_subcommand_from kill' -a 'HUP INT QUIT KILL USR1 USR2 TERM CONT STOP WINCH'
