# bash completion for creel-bundle(8)

# _creel_bundle_images prints the names of the images in the store, those of Docker's registry as people type them.
_creel_bundle_images() {
	local short='s|^docker\.io/library/||; s|^docker\.io/||'
	[[ $cur == docker.io* ]] && short=
	"$program" images ${store:+--store "$store"} 2>/dev/null | sed -n '2,$s/ .*//p' | sed "$short"
}

# _creel_bundle_containers prints the names of Docker's containers, with $1 before each.
_creel_bundle_containers() {
	docker ${host:+--host "$host"} ps --all --format '{{.Names}}' 2>/dev/null | sed "s/^/$1/"
}

# _creel_bundle_files adds files (-f) or directories (-d), whatever is in their names.
_creel_bundle_files() {
	local found
	compopt -o filenames 2>/dev/null
	mapfile -t found < <(compgen "$1" -- "$cur")
	COMPREPLY+=("${found[@]}")
}

_creel_bundle() {
	local program=${COMP_WORDS[0]} line=() cur cmd='' store='' host='' flag='' words='' files='' word join='' i n=0
	local commands='from-docker gc images mount pull push repack rmi rootfs run shift unmount unpack'
	local help='--help -h'
	local registry="--store --platform --plain-http --quiet -q $help"
	local network='--network --cni --publish -p --dns --netns-program'
	local image="--pull --userns --overlay --user --entrypoint --max-bytes --max-files $network $registry"
	COMPREPLY=()

	# Bash takes a name apart at colons, and --flag=value at its sign.
	for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
		if [[ $word == [:=]* && ${#line[@]} -gt 0 ]]; then
			line[-1]+=$word join=yes
		elif [[ $join ]]; then
			line[-1]+=$word join=
		else
			line+=("$word")
		fi
	done
	cur=${line[-1]}

	# What stands before the cursor: the command, the number of its arguments, and the flag that still wants a value.
	for ((i = 0; i < ${#line[@]} - 1; i++)); do
		word=${line[i]}
		if [[ $flag ]]; then
			case $flag in
			--store) store=$word ;;
			--host | -H) host=$word ;;
			esac
			flag=
			continue
		fi
		case $cmd:$n:$word in
		unpack:[!01]:* | run:[!0]:*) ;; # everything is the container's
		*:--store=*) store=${word#*=} ;;
		*:--host=*) host=${word#*=} ;;
		*:--*=*) ;;
		*:--store | *:--platform | *:--pull | *:--userns | *:--user | *:--entrypoint | *:--max-* | *:--output | *:-o | *:--host | *:-H | \
			*:--rootfs | *:--image | *:--network | *:--cni | *:--publish | *:-p | *:--dns | *:--netns-program | *:--hook | *:--set | *:--join | *:--cdi-dir | *:--init-path | \
			*:--report | *:--report-file | *:--id) flag=$word ;;
		*:-?*) ;;
		:0:*) cmd=$word ;;
		*) ((++n)) ;;
		esac
	done
	if [[ ! $flag && $cur == --*=* ]]; then
		flag=${cur%%=*} cur=${cur#*=}
	fi

	case $flag in
	--store | --rootfs | --cdi-dir | --output | -o) files=-d ;;
	--netns-program | --init-path | --report-file) files=-f ;;
	--platform) words='linux/386 linux/amd64 linux/arm/v6 linux/arm/v7 linux/arm64 linux/ppc64le linux/riscv64 linux/s390x' ;;
	--pull) words='missing always never' ;;
	--report) words='table json' ;;
	--network) words='netns cni none host' ;;
	-*) return ;;
	*)
		case $cmd:$n:$cur in
		:*:-*) words="--version -v $help" ;;
		unpack:[!01]:* | run:[!0]:*) ;;
		from-docker:*:-*) words="--output -o --force -f --host -H --rootfs --merged --userns --idmap $network --hook --set
			--join --cdi-dir --init-path --strict --report --report-file $help" ;;
		rootfs:*:-*) words="--userns --idmap --image --platform --host --max-bytes --max-entries --json $help" ;;
		shift:*:-*) words="--undo --verify $help" ;;
		pull:*:-* | push:*:-*) words="--all-platforms $registry" ;;
		unpack:*:-*) words="--no-terminal $image" ;;
		run:*:-*) words="--id $image" ;;
		repack:*:-* | images:*:-* | rmi:*:-*) words="--store $help" ;;
		gc:*:-*) words="--store --dry-run -n $help" ;;
		mount:*:-* | unmount:*:-*) words=$help ;;
		:*) words="$commands help" ;;
		help:0:*) words=$commands ;;
		from-docker:0:*) words=$(_creel_bundle_containers '') files=-f ;;
		rootfs:0:*) words=$(_creel_bundle_containers docker:) files=-f ;;
		run:0:*) words="$(_creel_bundle_images) $(_creel_bundle_containers docker:)" files=-f ;;
		unpack:0:* | push:0:*) words=$(_creel_bundle_images) files=-f ;;
		pull:0:* | rmi:0:* | repack:1:* | push:1:*) words=$(_creel_bundle_images) ;;
		shift:0:* | mount:0:* | unmount:0:* | repack:0:* | rootfs:1:* | unpack:1:*) files=-d ;;
		esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	[[ $files ]] && _creel_bundle_files $files
	# What stands before the last colon is not replaced.
	[[ $cur == *:* && $COMP_WORDBREAKS == *:* ]] && COMPREPLY=("${COMPREPLY[@]#"${cur%:*}":}")
}

complete -F _creel_bundle creel-bundle
