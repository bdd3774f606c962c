# bash completion for creel-netns(8)

# _creel_netns_names prints the names of bridges (1) or containers (2), which ls shows in two tables.
_creel_netns_names() {
	"$program" ls ${state:+--state-dir "$state"} 2>/dev/null |
		awk -v want="$1" 'BEGIN { at = 1 } NF == 0 { at++; head = 0; next } head++ && at == want { print $1 }'
}

# _creel_netns_files completes with files (-f) or directories (-d), whatever is in their names.
_creel_netns_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

_creel_netns() {
	local program=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} cmd='' state='' flag='' words='' word i n=0
	local commands='create hook inspect list ls release rm'
	local help='--help -h'
	local network='--subnet --subnet6 --mtu --isolate'
	COMPREPLY=()
	[[ $cur == = ]] && cur=

	# What stands before the cursor: the command, the number of its arguments, and the flag that still wants a value.
	# Bash splits --flag=value into three words.
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $flag ]]; then
			[[ $word == = ]] && continue
			[[ $flag == --state-dir ]] && state=$word
			flag=
			continue
		fi
		case $cmd:$word in
		*:--isolate) [[ ${COMP_WORDS[i + 1]} == = ]] && flag=$word ;;
		*:--state-dir | *:--subnet | *:--subnet6 | *:--mtu | *:--bridge | *:--iface | *:--static-ip | *:--mac | *:--publish | *:-p | *:--dns | \
			*:--dns-search | *:--dns-option | *:--hostname | *:--add-host | *:--resolv-conf | *:--hosts | *:--firewall | *:--cni | *:--cni-conf-dir | *:--cni-bin-dir) flag=$word ;;
		*:-*) ;;
		:*) cmd=$word ;;
		*) ((++n)) ;;
		esac
	done

	case $flag in
	--state-dir | --cni-conf-dir | --cni-bin-dir) _creel_netns_files -d && return ;;
	--resolv-conf | --hosts) _creel_netns_files -f && return ;;
	--bridge) words=$(_creel_netns_names 1) ;;
	--firewall) words='auto own' ;;
	--subnet6) words='auto none' ;;
	--isolate) words='true false' ;;
	-*) return ;;
	*)
		case $cmd:$n:$cur in
		:*:-*) words="--version -v $help" ;;
		hook:*:-*) words="--bridge --state-dir $network --iface --static-ip --mac --no-route --publish -p --dns --dns-search --dns-option --host-dns --resolv-conf --hostname --add-host --hosts
			--firewall --cni --cni-conf-dir --cni-bin-dir $help" ;;
		release:*:-*) words="--state-dir --iface --force -f $help" ;;
		create:*:-*) words="--state-dir $network $help" ;;
		ls:*:-* | list:*:-* | inspect:*:-*) words="--state-dir --json $help" ;;
		rm:*:-*) words="--state-dir --force -f $help" ;;
		:*) words="$commands help" ;;
		help:0:*) words=$commands ;;
		release:0:*) words=$(_creel_netns_names 2) ;;
		rm:0:*) words=$(_creel_netns_names 1) ;;
		inspect:0:*) words="$(_creel_netns_names 1) $(_creel_netns_names 2)" ;;
		esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _creel_netns creel-netns
