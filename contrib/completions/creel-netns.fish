# fish completion for creel-netns(8)

# __creel_netns_value prints the value of the flag $argv[1] on the command line.
function __creel_netns_value
    set -l words (commandline -opc)
    for i in (seq (count $words))
        switch $words[$i]
            case "$argv[1]=*"
                string replace -- "$argv[1]=" '' $words[$i]
            case $argv[1]
                set -q words[(math $i + 1)]; and echo $words[(math $i + 1)]
        end
    end
end

# __creel_netns_names prints the names of bridges (1) or containers (2), which ls shows in two tables.
function __creel_netns_names
    set -l words (commandline -opc)
    set -l state (__creel_netns_value --state-dir)
    test -n "$state"; and set state --state-dir $state
    $words[1] ls $state 2>/dev/null |
        awk -v want=$argv[1] 'BEGIN { at = 1 } NF == 0 { at++; head = 0; next } head++ && at == want { print $1 }'
end

# __creel_netns_args is true when $argv[1] is the command and has that many arguments ($argv[2]) already.
function __creel_netns_args
    __fish_seen_subcommand_from $argv[1]; or return
    set -l takes --state-dir --subnet --subnet6 --mtu --bridge --iface --static-ip --mac --publish -p --dns --dns-search \
        --dns-option --hostname --add-host --hosts --resolv-conf --firewall --cni --cni-conf-dir --cni-bin-dir
    set -l n -1
    set -l seen
    set -l value
    for w in (commandline -opc)
        if test -n "$value"
            set value
            continue
        end
        contains -- $w $takes; and set value yes
        test "$w" = $argv[1]; and set seen yes
        test -n "$seen"; and not string match -q -- '-*' $w; and set n (math $n + 1)
    end
    test $n -eq $argv[2]
end

set -l commands hook release create ls list rm inspect help
set -l none "not __fish_seen_subcommand_from $commands"
complete -c creel-netns -f
complete -c creel-netns -n $none -a hook -d 'give a container its network'
complete -c creel-netns -n $none -a release -d 'take away what a container was given'
complete -c creel-netns -n $none -a create -d 'make a bridge'
complete -c creel-netns -n $none -a ls -d 'list bridges and containers'
complete -c creel-netns -n $none -a list -d 'list bridges and containers'
complete -c creel-netns -n $none -a rm -d 'remove a bridge'
complete -c creel-netns -n $none -a inspect -d 'print all of a bridge or a container'
complete -c creel-netns -n $none -a help -d 'list the commands or describe one'
complete -c creel-netns -n '__creel_netns_args help 0' -a 'hook release create ls list rm inspect'
complete -c creel-netns -n $none -s v -l version -d 'print the version'
complete -c creel-netns -s h -l help -d 'print help'

for c in hook release create ls list rm inspect
    complete -c creel-netns -n "__fish_seen_subcommand_from $c" -l state-dir -x -a '(__fish_complete_directories)' -d 'where it is remembered'
end
for c in hook create
    complete -c creel-netns -n "__fish_seen_subcommand_from $c" -l subnet -x -d 'subnet of IPv4'
    complete -c creel-netns -n "__fish_seen_subcommand_from $c" -l subnet6 -x -a 'auto none' -d 'subnet of IPv6'
    complete -c creel-netns -n "__fish_seen_subcommand_from $c" -l mtu -x -d 'largest packet, in bytes'
    complete -c creel-netns -n "__fish_seen_subcommand_from $c" -l isolate -d 'keep other networks away'
end
for c in hook release
    complete -c creel-netns -n "__fish_seen_subcommand_from $c" -l iface -x -d 'interface in the container'
end
for c in release rm
    complete -c creel-netns -n "__fish_seen_subcommand_from $c" -s f -l force -d 'even if it is in use'
end
for c in ls list inspect
    complete -c creel-netns -n "__fish_seen_subcommand_from $c" -l json -d 'print JSON'
end
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l bridge -x -a '(__creel_netns_names 1)' -d 'the bridge'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l static-ip -x -d 'address'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l mac -x -d 'hardware address'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l no-route -d 'add no default route'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -s p -l publish -x -d 'port to publish'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l dns -x -d 'name server'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l dns-search -x -d 'domain to search'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l resolv-conf -r -F -d 'file to write them to'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l dns-option -x -d 'option of the resolver'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l host-dns -d 'the rest is the one of the host'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l hostname -x -d 'name of the container'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l add-host -x -d 'one more name, NAME:ADDRESS'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l hosts -r -F -d 'file to write names to'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l firewall -x -a 'auto own' -d 'firewalls of others'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l cni -x -d 'CNI network'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l cni-conf-dir -x -a '(__fish_complete_directories)' -d 'configurations of CNI'
complete -c creel-netns -n '__fish_seen_subcommand_from hook' -l cni-bin-dir -x -a '(__fish_complete_directories)' -d 'plugins of CNI'

complete -c creel-netns -n '__creel_netns_args release 0' -a '(__creel_netns_names 2)' -d container
complete -c creel-netns -n '__creel_netns_args rm 0' -a '(__creel_netns_names 1)' -d bridge
complete -c creel-netns -n '__creel_netns_args inspect 0' -a '(__creel_netns_names 1)' -d bridge
complete -c creel-netns -n '__creel_netns_args inspect 0' -a '(__creel_netns_names 2)' -d container
