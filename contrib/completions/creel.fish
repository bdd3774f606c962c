# fish completion for creel(8)

# __creel_ids prints the ids of the containers below the --root of the command line.
function __creel_ids
    set -l words (commandline -opc)
    set -l root
    for i in (seq (count $words))
        switch $words[$i]
            case '--root=*'
                set root --root (string replace -- '--root=' '' $words[$i])
            case --root
                set -q words[(math $i + 1)]; and set root --root $words[(math $i + 1)]
        end
    end
    $words[1] $root list --quiet 2>/dev/null
end

# __creel_is_sibling is true behind creel bundle and creel netns, which are programs of their own.
function __creel_is_sibling
    set -l words (commandline -opc)
    contains -- "$words[2]" bundle netns
end

# __creel_sibling prints what such a program completes.
function __creel_sibling
    set -l words (commandline -opc)
    complete -C (string join ' ' -- (string escape -- $words[1]-$words[2] $words[3..-1]) (commandline -ct))
end

# __creel_seen is true when one of the commands in $argv is on the command line.
function __creel_seen
    not __creel_is_sibling; and __fish_seen_subcommand_from $argv
end

# __creel_args is true when $argv[1] is the command and has that many arguments ($argv[2]) already.
function __creel_args
    __creel_seen $argv[1]; or return
    set -l n -1
    set -l seen
    for w in (commandline -opc)
        test "$w" = $argv[1]; and set seen yes
        test -n "$seen"; and not string match -q -- '-*' $w; and set n (math $n + 1)
    end
    test $n -eq $argv[2]
end

set -l commands create delete events exec features kill list mount pause plan ps resume run spec start state update help
set -l none "not __creel_is_sibling; and not __creel_seen $commands"
complete -c creel -f
complete -c creel -n $none -a create -d 'create a container'
complete -c creel -n $none -a delete -d 'remove a container and all that it has'
complete -c creel -n $none -a exec -d 'execute a process in a container'
complete -c creel -n $none -a events -d 'tell of statistics and of spent memory'
complete -c creel -n $none -a features -d 'show the enabled features'
complete -c creel -n $none -a kill -d 'send a signal to a container'
complete -c creel -n $none -a list -d 'list the containers'
complete -c creel -n $none -a mount -d 'add a mount to a running container, or remove it'
complete -c creel -n $none -a pause -d 'stop all processes of a container for a while'
complete -c creel -n $none -a plan -d 'print what create would do'
complete -c creel -n $none -a resume -d 'let the processes of a paused container go on'
complete -c creel -n $none -a ps -d 'list the processes of a container'
complete -c creel -n $none -a run -d 'create and run a container'
complete -c creel -n $none -a spec -d 'write a config to begin with'
complete -c creel -n $none -a start -d 'execute the process of a created container'
complete -c creel -n $none -a state -d 'output the state of a container'
complete -c creel -n $none -a update -d 'change the limits of a container'
complete -c creel -n $none -a bundle -d 'make bundles of containers and images'
complete -c creel -n $none -a netns -d 'manage bridges of containers'
complete -c creel -n __creel_is_sibling -a '(__creel_sibling)'
complete -c creel -n $none -a help -d 'list the commands or describe one'
complete -c creel -n '__creel_args help 0' -a "create delete events exec features kill list mount pause plan ps resume run spec start state update"

complete -c creel -n $none -l cgroup-manager -x -a 'cgroupfs disabled systemd' -d 'who makes the cgroups'
complete -c creel -n $none -l debug -d 'log debugging messages too'
complete -c creel -n $none -l log -r -F -d 'log file'
complete -c creel -n $none -l log-format -x -a 'json text' -d 'form of log lines'
complete -c creel -n $none -l root -x -a '(__fish_complete_directories)' -d 'directory of the state'
complete -c creel -n $none -l rootless -x -a 'auto false true' -d 'go on without rights over cgroups'
complete -c creel -n $none -l systemd-cgroup -d 'let systemd make the cgroups'
complete -c creel -n $none -s v -l version -d 'print the versions'
complete -c creel -s h -l help -d 'print help'

for c in create run plan
    complete -c creel -n "__creel_seen $c" -s b -l bundle -x -a '(__fish_complete_directories)' -d 'the bundle'
    complete -c creel -n "__creel_seen $c" -l console-socket -r -F -d 'socket that receives the terminal'
    complete -c creel -n "__creel_seen $c" -l no-new-keyring -d 'stay in the session keyring'
    complete -c creel -n "__creel_seen $c" -l no-pivot -d 'change the root with chroot'
    complete -c creel -n "__creel_seen $c" -l pid-file -r -F -d 'file for the pid'
    complete -c creel -n "__creel_seen $c" -l pidfd-socket -r -F -d 'socket that receives a pidfd'
    complete -c creel -n "__creel_seen $c" -l preserve-fds -x -d 'number of file descriptors to pass on'
end
complete -c creel -n '__creel_seen run' -s d -l detach -d 'return when the process runs'
complete -c creel -n '__creel_seen run' -l keep -d 'do not delete the container afterwards'
complete -c creel -n '__creel_seen run' -l no-subreaper -d 'do not reap orphans'
for c in list plan ps
    complete -c creel -n "__creel_seen $c" -s f -l format -x -a 'json table' -d 'form of the output'
end
complete -c creel -n '__creel_seen list' -s q -l quiet -d 'ids only'
complete -c creel -n '__creel_seen events' -l interval -x -d 'time between statistics'
complete -c creel -n '__creel_seen events' -l stats -d 'print statistics once'
complete -c creel -n '__creel_seen spec' -s b -l bundle -x -a '(__fish_complete_directories)' -d 'where to write'
complete -c creel -n '__creel_seen update' -s r -l resources -r -F -d 'file with limits, - for stdin'
complete -c creel -n '__creel_seen update' -l blkio-weight -x -d 'weight of block I/O'
complete -c creel -n '__creel_seen update' -l cpu-burst -x -d 'saved time on processors'
complete -c creel -n '__creel_seen update' -l cpu-idle -x -a '0 1' -d 'run when nobody else does'
complete -c creel -n '__creel_seen update' -l cpu-period -x -d 'period of the quota'
complete -c creel -n '__creel_seen update' -l cpu-quota -x -d 'time on processors'
complete -c creel -n '__creel_seen update' -l cpu-rt-period -x -d 'period of real-time'
complete -c creel -n '__creel_seen update' -l cpu-rt-runtime -x -d real-time
complete -c creel -n '__creel_seen update' -l cpu-share -x -d 'weight of processor time'
complete -c creel -n '__creel_seen update' -l cpuset-cpus -x -d processors
complete -c creel -n '__creel_seen update' -l cpuset-mems -x -d 'memory nodes'
complete -c creel -n '__creel_seen update' -l l3-cache-schema -x -d 'Intel RDT'
complete -c creel -n '__creel_seen update' -l mem-bw-schema -x -d 'Intel RDT'
complete -c creel -n '__creel_seen update' -l memory -x -d 'limit on memory'
complete -c creel -n '__creel_seen update' -l memory-reservation -x -d 'memory to leave'
complete -c creel -n '__creel_seen update' -l memory-swap -x -d 'limit on memory and swap'
complete -c creel -n '__creel_seen update' -l pids-limit -x -d 'limit on tasks'
complete -c creel -n '__creel_seen spec' -l rootless -d 'for an ordinary user'
complete -c creel -n '__creel_seen delete' -s f -l force -d 'end a running container first'
complete -c creel -n '__creel_seen exec' -s g -l additional-gids -x -d 'group ids'
complete -c creel -n '__creel_seen exec' -l apparmor -x -d 'profile'
complete -c creel -n '__creel_seen exec' -s c -l cap -x -d 'capability to add'
complete -c creel -n '__creel_seen exec' -l cgroup -x -d 'sub-cgroup'
complete -c creel -n '__creel_seen exec' -l console-socket -r -F -d 'socket that receives the terminal'
complete -c creel -n '__creel_seen exec' -l cwd -x -d 'working directory'
complete -c creel -n '__creel_seen exec' -s d -l detach -d 'return when the process runs'
complete -c creel -n '__creel_seen exec' -s e -l env -x -d 'NAME=VALUE'
complete -c creel -n '__creel_seen exec' -l ignore-paused -d 'wait in a paused container'
complete -c creel -n '__creel_seen exec' -l no-new-privs -d 'set no_new_privs'
complete -c creel -n '__creel_seen exec' -l pid-file -r -F -d 'file for the pid'
complete -c creel -n '__creel_seen exec' -l pidfd-socket -r -F -d 'socket that receives a pidfd'
complete -c creel -n '__creel_seen exec' -l preserve-fds -x -d 'number of file descriptors to pass on'
complete -c creel -n '__creel_seen exec' -s p -l process -r -F -d 'file with the process'
complete -c creel -n '__creel_seen exec' -l process-label -x -d 'SELinux label'
complete -c creel -n '__creel_seen exec' -s t -l tty -d 'with a terminal'
complete -c creel -n '__creel_seen exec' -s u -l user -x -d 'UID or UID:GID'
for c in delete events exec kill pause ps resume start state update
    complete -c creel -n "__creel_args $c 0" -a '(__creel_ids)' -d container
end
complete -c creel -n '__creel_args mount 0' -a 'add remove' -d action
complete -c creel -n '__creel_args mount 1' -a '(__creel_ids)' -d container
complete -c creel -n '__creel_args kill 1' -a 'ABRT ALRM BUS CHLD CONT FPE HUP ILL INT IO KILL PIPE PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ' -d signal
