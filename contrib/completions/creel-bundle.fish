# fish completion for creel-bundle(8)

# __creel_bundle_value prints the value of the flag $argv[1] on the command line.
function __creel_bundle_value
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

# __creel_bundle_images prints the names of the images in the store, those of Docker's registry also as people type them.
function __creel_bundle_images
    set -l words (commandline -opc)
    set -l store (__creel_bundle_value --store)
    test -n "$store"; and set store --store $store
    for name in ($words[1] images $store 2>/dev/null | sed -n '2,$s/ .*//p')
        echo $name
        string match -q 'docker.io/*' $name; and string replace -r '^docker.io/(library/)?' '' $name
    end
end

# __creel_bundle_containers prints the names of Docker's containers, with $argv[1] before each.
function __creel_bundle_containers
    set -l host (__creel_bundle_value --host)
    test -n "$host"; and set host --host $host
    docker $host ps --all --format '{{.Names}}' 2>/dev/null | sed "s/^/$argv[1]/"
end

# __creel_bundle_args is true when $argv[1] is the command and has that many arguments ($argv[2]) already.
function __creel_bundle_args
    __fish_seen_subcommand_from $argv[1]; or return
    set -l takes --store --platform --pull --userns --user --entrypoint --max-bytes --max-files --max-entries --output -o \
        --host -H --rootfs --image --network --cni --publish -p --dns --netns-program --hook --set --join --cdi-dir --init-path --report \
        --report-file --id
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

set -l commands from-docker rootfs shift pull unpack mount unmount repack push images rmi gc run help
set -l none "not __fish_seen_subcommand_from $commands"
complete -c creel-bundle -f
complete -c creel-bundle -n $none -a from-docker -d 'make the config.json of a container of Docker'
complete -c creel-bundle -n $none -a rootfs -d 'make a root filesystem of a container, an archive or an image in files'
complete -c creel-bundle -n $none -a shift -d 'change whose ids the files of a root filesystem have'
complete -c creel-bundle -n $none -a pull -d 'fetch an image from a registry'
complete -c creel-bundle -n $none -a unpack -d 'make a bundle of an image'
complete -c creel-bundle -n $none -a mount -d 'mount the root filesystem of a bundle'
complete -c creel-bundle -n $none -a unmount -d 'unmount the root filesystem of a bundle'
complete -c creel-bundle -n $none -a repack -d 'store an image with what changed in a bundle'
complete -c creel-bundle -n $none -a push -d 'send an image to a registry'
complete -c creel-bundle -n $none -a images -d 'list the images of the store'
complete -c creel-bundle -n $none -a rmi -d 'take a name away from an image'
complete -c creel-bundle -n $none -a gc -d 'remove what no image and no bundle needs'
complete -c creel-bundle -n $none -a run -d 'run an image or a container'
complete -c creel-bundle -n $none -a help -d 'list the commands or describe one'
complete -c creel-bundle -n '__creel_bundle_args help 0' -a 'from-docker rootfs shift pull unpack mount unmount repack push images rmi gc run'
complete -c creel-bundle -n $none -s v -l version -d 'print the version'
complete -c creel-bundle -s h -l help -d 'print help'

for c in pull unpack repack push images rmi gc run
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l store -x -a '(__fish_complete_directories)' -d 'content store'
end
for c in pull unpack push run rootfs
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l platform -x -a 'linux/386 linux/amd64 linux/arm/v6 linux/arm/v7 linux/arm64 linux/ppc64le linux/riscv64 linux/s390x' -d 'platform of the image'
end
for c in pull unpack push run
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l plain-http -d 'speak to the registry without TLS'
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -s q -l quiet -d 'show no progress'
end
for c in pull push
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l all-platforms -d 'all platforms'
end
for c in unpack run
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l pull -x -a 'missing always never' -d 'when to fetch the image'
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l overlay -d 'mount layers that bundles share'
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l user -x -d 'in the place of the user of the image'
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l entrypoint -x -d 'in the place of the entrypoint of the image'
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l max-files -x -d 'limit of files'
end
for c in unpack run rootfs
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l max-bytes -x -d 'limit of bytes'
end
for c in unpack run rootfs from-docker
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l userns -x -d 'user namespace, ROOT:LEN'
end
for c in rootfs from-docker
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l idmap -d 'do not shift ids'
end
complete -c creel-bundle -n '__fish_seen_subcommand_from unpack' -l no-terminal -d 'the process has no terminal'
for c in unpack run from-docker
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l network -x -a 'netns cni none host' -d 'who makes the network'
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l cni -x -d 'CNI network'
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -s p -l publish -x -d 'port to publish'
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l dns -x -d 'name server'
    complete -c creel-bundle -n "__fish_seen_subcommand_from $c" -l netns-program -r -F -d 'creel-netns'
end
complete -c creel-bundle -n '__fish_seen_subcommand_from run' -l id -x -d 'id of the container'
complete -c creel-bundle -n '__fish_seen_subcommand_from gc' -s n -l dry-run -d 'say what would be removed'
complete -c creel-bundle -n '__fish_seen_subcommand_from shift' -l undo -d 'take the shift back'
complete -c creel-bundle -n '__fish_seen_subcommand_from shift' -l verify -d 'only look'
complete -c creel-bundle -n '__fish_seen_subcommand_from rootfs' -l image -x -d 'one of several images'
complete -c creel-bundle -n '__fish_seen_subcommand_from rootfs' -l host -x -d 'API of Docker'
complete -c creel-bundle -n '__fish_seen_subcommand_from rootfs' -l max-entries -x -d 'limit of files'
complete -c creel-bundle -n '__fish_seen_subcommand_from rootfs' -l json -d 'print the report as JSON'
complete -c creel-bundle -n '__fish_seen_subcommand_from from-docker' -s o -l output -x -a '(__fish_complete_directories)' -d 'bundle to write to'
complete -c creel-bundle -n '__fish_seen_subcommand_from from-docker' -s f -l force -d 'replace a config.json'
complete -c creel-bundle -n '__fish_seen_subcommand_from from-docker' -s H -l host -x -d 'API of Docker'
complete -c creel-bundle -n '__fish_seen_subcommand_from from-docker' -l rootfs -x -a '(__fish_complete_directories)' -d 'the root filesystem'
complete -c creel-bundle -n '__fish_seen_subcommand_from from-docker' -l merged -d 'where Docker has mounted it'
complete -c creel-bundle -n '__fish_seen_subcommand_from from-docker' -l hook -x -d 'add a hook'
complete -c creel-bundle -n '__fish_seen_subcommand_from from-docker' -l set -x -d 'change the config, PATH=JSON'
complete -c creel-bundle -n '__fish_seen_subcommand_from from-docker' -l join -x -d 'whose namespaces are joined, CONTAINER=PID'
complete -c creel-bundle -n '__fish_seen_subcommand_from from-docker' -l cdi-dir -x -a '(__fish_complete_directories)' -d 'CDI specifications'
complete -c creel-bundle -n '__fish_seen_subcommand_from from-docker' -l init-path -r -F -d 'init for containers'
complete -c creel-bundle -n '__fish_seen_subcommand_from from-docker' -l strict -d 'what cannot be expressed is an error'
complete -c creel-bundle -n '__fish_seen_subcommand_from from-docker' -l report -x -a 'table json' -d 'report of each field'
complete -c creel-bundle -n '__fish_seen_subcommand_from from-docker' -l report-file -r -F -d 'where to report'

complete -c creel-bundle -n '__creel_bundle_args pull 0' -a '(__creel_bundle_images)' -d image
complete -c creel-bundle -n '__creel_bundle_args rmi 0' -a '(__creel_bundle_images)' -d image
complete -c creel-bundle -n '__creel_bundle_args unpack 0' -F -a '(__creel_bundle_images)' -d image
complete -c creel-bundle -n '__creel_bundle_args push 0' -F -a '(__creel_bundle_images)' -d image
complete -c creel-bundle -n '__creel_bundle_args run 0' -F -a '(__creel_bundle_images)' -d image
complete -c creel-bundle -n '__creel_bundle_args repack 1' -a '(__creel_bundle_images)' -d image
complete -c creel-bundle -n '__creel_bundle_args push 1' -a '(__creel_bundle_images)' -d image
complete -c creel-bundle -n '__creel_bundle_args from-docker 0' -F -a '(__creel_bundle_containers "")' -d container
complete -c creel-bundle -n '__creel_bundle_args rootfs 0' -F -a '(__creel_bundle_containers docker:)' -d container
complete -c creel-bundle -n '__creel_bundle_args run 0' -F -a '(__creel_bundle_containers docker:)' -d container
complete -c creel-bundle -n '__creel_bundle_args shift 0' -a '(__fish_complete_directories)' -d directory
complete -c creel-bundle -n '__creel_bundle_args mount 0' -a '(__fish_complete_directories)' -d directory
complete -c creel-bundle -n '__creel_bundle_args unmount 0' -a '(__fish_complete_directories)' -d directory
complete -c creel-bundle -n '__creel_bundle_args repack 0' -a '(__fish_complete_directories)' -d directory
complete -c creel-bundle -n '__creel_bundle_args rootfs 1' -a '(__fish_complete_directories)' -d directory
complete -c creel-bundle -n '__creel_bundle_args unpack 1' -a '(__fish_complete_directories)' -d directory
