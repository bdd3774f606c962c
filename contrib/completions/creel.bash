# bash completion for creel(8)

# _creel_ids prints the ids of the containers below the root in $root.
_creel_ids() {
	"$creel" ${root:+--root "$root"} list --quiet 2>/dev/null
}

# _creel_files completes with files (-f) or directories (-d), whatever is in their names.
_creel_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

# _creel_sibling completes the words after creel bundle and creel netns, which are programs of their own.
_creel_sibling() {
	local name=${COMP_WORDS[1]} file=${BASH_SOURCE[0]%/*}/creel-${COMP_WORDS[1]}
	[[ -r $file ]] || file+=.bash # not installed
	declare -F "_creel_$name" >/dev/null || source "$file" || return
	COMP_WORDS=("${COMP_WORDS[0]}-$name" "${COMP_WORDS[@]:2}")
	COMP_CWORD=$((COMP_CWORD - 1))
	"_creel_$name"
}

_creel() {
	if [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} == @(bundle|netns) ]]; then
		_creel_sibling
		return
	fi
	local creel=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} cmd='' root='' flag='' words='' word i n=0 only=''
	local commands='create delete events exec features kill list mount pause plan ps resume run spec start state update'
	local help='--help -h'
	local make="--bundle -b --console-socket --no-new-keyring --no-pivot --pid-file --pidfd-socket --preserve-fds $help"
	local limits='--blkio-weight --cpu-burst --cpu-idle --cpu-period --cpu-quota --cpu-rt-period --cpu-rt-runtime --cpu-share
		--cpuset-cpus --cpuset-mems --l3-cache-schema --mem-bw-schema --memory --memory-reservation --memory-swap --pids-limit'
	local signals='ABRT ALRM BUS CHLD CONT FPE HUP ILL INT IO KILL PIPE PROF PWR QUIT SEGV STKFLT STOP SYS
		TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ'
	COMPREPLY=()
	[[ $cur == = ]] && cur=

	# What stands before the cursor: the command, the number of its arguments, and the
	# flag that still wants a value. Bash splits --flag=value into three words.
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $flag ]]; then
			[[ $word == = ]] && continue
			[[ $flag == --root && ! $cmd ]] && root=$word
			flag=
			continue
		fi
		case $cmd:$word in
		*:--) only=yes ;;
		:--root | :--log | :--log-format | :--rootless | :--cgroup-manager) flag=$word ;;
		ps:*) # behind the id everything is ps's own
			case $n:$word in
			0:--format | 0:-f) flag=$word ;;
			0:-*) ;;
			*) ((++n)) && only=yes ;;
			esac
			;;
		events:--interval) flag=$word ;;
		create:* | run:* | plan:* | spec:* | list:*)
			case $word in
			--bundle | -b | --console-socket | --format | --pid-file | --pidfd-socket | --preserve-fds) flag=$word ;;
			-f) [[ $cmd != spec ]] && flag=$word ;;
			-*) ;;
			*) ((++n)) ;;
			esac
			;;
		exec:*)
			((n)) && continue
			case $word in
			--apparmor | --additional-gids | -g | --cap | -c | --cgroup | --console-socket | --cwd | --env | -e | --pid-file | \
				--pidfd-socket | --preserve-fds | --process | -p | --process-label | --user | -u) flag=$word ;;
			-*) ;;
			*) ((++n)) ;;
			esac
			;;
		update:-r | update:--*)
			[[ $word != --help ]] && flag=$word
			;;
		*:-*) ;;
		:*) cmd=$word ;;
		*) ((++n)) ;;
		esac
	done

	case $flag in
	--root | --bundle | -b) _creel_files -d && return ;;
	--console-socket | --log | --pid-file | --pidfd-socket | --process | -p) _creel_files -f && return ;;
	--preserve-fds | --apparmor | --additional-gids | -g | --cap | -c | --cgroup | --cwd | --env | -e | --process-label | --user | -u)
		return
		;;
	--resources | -r) _creel_files -f && return ;;
	--cpu-idle) words='0 1' ;;
	--preserve-fds | --blkio-* | --cpu* | --l3-* | --mem* | --pids-*) return ;;
	--interval) return ;;
	--log-format) words='json text' ;;
	--rootless) words='auto false true' ;;
	--cgroup-manager) words='cgroupfs disabled systemd' ;;
	--format | -f) words='json table' ;;
	*)
		if [[ $cur == -* && ! $only ]]; then
			case $cmd in
			'') words="--cgroup-manager --debug --log --log-format --root --rootless --systemd-cgroup --version -v $help" ;;
			create) words=$make ;;
			run) words="$make --detach -d --keep --no-subreaper" ;;
			plan) words="$make --format -f" ;;
			list) words="--format -f --quiet -q $help" ;;
			ps) words="--format -f $help" ;;
			events) words="--interval --stats $help" ;;
			spec) words="--bundle -b --rootless $help" ;;
			delete) words="--force -f $help" ;;
			exec)
				((n)) || words="--additional-gids -g --apparmor --cap -c --cgroup --console-socket --cwd --detach -d --env -e --ignore-paused
					--no-new-privs --pid-file --pidfd-socket --preserve-fds --process -p --process-label --tty -t --user -u $help"
				;;
			features | kill | mount | pause | resume | start | state) words=$help ;;
			update) words="--resources -r $limits $help" ;;
			esac
		else
			case $cmd:$n in
			:*) words="$commands bundle netns help" ;;
			help:0) words=$commands ;;
			delete:0 | events:0 | exec:0 | kill:0 | pause:0 | ps:0 | resume:0 | start:0 | state:0 | update:0) words=$(_creel_ids) ;;
			mount:0) words='add remove' ;;
			mount:1) words=$(_creel_ids) ;;
			kill:1) words=$signals && [[ $cur == SIG* ]] && words=$(printf 'SIG%s ' $signals) ;;
			esac
		fi
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _creel creel
