# bash completion for creel(8)

_creel_ids() {
	creel ${root:+--root "$root"} list --quiet 2>/dev/null
}

_creel() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local cmd= root= i words=
	local global='--debug --log --log-format --root --systemd-cgroup --rootless --version -v --help -h'
	local make='--bundle -b --console-socket --pidfd-socket --pid-file --no-pivot --no-new-keyring --preserve-fds --help -h'
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--root) root=${COMP_WORDS[++i]} ;;
		--log | --log-format | --rootless) ((i++)) ;;
		-*) ;;
		*)
			cmd=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	COMPREPLY=()
	case $prev in
	--bundle | -b | --root)
		COMPREPLY=($(compgen -d -- "$cur"))
		return
		;;
	--log | --pid-file | --console-socket | --pidfd-socket)
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	--log-format) words='text json' ;;
	--rootless) [ "$cmd" ] || words='true false auto' ;;
	--format | -f) [ "$cmd" = delete ] || words='table json' ;;
	esac
	if [ -z "$words" ]; then
		case $cmd in
		'') words="create delete features kill list plan run spec start state help" && [[ $cur == -* ]] && words=$global ;;
		create) words=$make ;;
		run) words="$make --detach -d --keep --no-subreaper" ;;
		plan) words="$make --format -f" ;;
		list) words='--format -f --quiet -q --help -h' ;;
		spec) words='--bundle -b --rootless --help -h' ;;
		features) words='--help -h' ;;
		help) words='create delete features kill list plan run spec start state' ;;
		kill)
			words=$(_creel_ids)
			[ "$prev" = kill ] || words='HUP INT QUIT KILL USR1 USR2 TERM CONT STOP WINCH'
			[[ $cur == -* ]] && words='--help -h'
			;;
		delete)
			words=$(_creel_ids)
			[[ $cur == -* ]] && words='--force -f --help -h'
			;;
		start | state)
			words=$(_creel_ids)
			[[ $cur == -* ]] && words='--help -h'
			;;
		esac
	fi
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

complete -F _creel creel
