# SPDX-License-Identifier: Apache-2.0
#
# bash completion for clusterctl(1). The lists are those of the tables in
# src/ctl; a unit test compares them.

_clusterctl_commands='status list ls l ps describe desc info show jlist start
	stop restart reload scale delete del kill logs log env sendSignal signal
	send-signal pid reopen-logs reloadLogs ping schema version help'
_clusterctl_options='--socket --json --no-color --quiet --verbose --help
	--version'
_clusterctl_options_kill='--fast'
_clusterctl_options_logs='--lines --nostream --raw --err --out --timestamp'

# Names of apps and namespaces, from the table that status prints in a pipe.
_clusterctl_selectors()
{
	local socket=()

	[[ -n $1 ]] && socket=(--socket "$1")
	clusterctl "${socket[@]}" status 2>/dev/null |
		awk 'NR > 1 && NF == 0 { exit } NR > 1 { print $2; print $3 }'
	echo all
}

_clusterctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command= socket= words= i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--socket) socket=${COMP_WORDS[++i]} ;;
		-*) ;;
		*) [[ -z $command ]] && command=${COMP_WORDS[i]} ;;
		esac
	done

	COMPREPLY=()
	case $prev in
	--socket)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	--lines | -n)
		return ;;
	esac
	if [[ $cur == -* ]]; then
		words=$_clusterctl_options
		case $command in
		kill) words+=" $_clusterctl_options_kill" ;;
		logs | log) words+=" $_clusterctl_options_logs" ;;
		esac
	elif [[ -z $command ]]; then
		words=$_clusterctl_commands
	else
		case $command in
		help)
			words=$_clusterctl_commands ;;
		jlist | kill | ping | schema | version | reopen-logs | reloadLogs)
			;;
		sendSignal | signal | send-signal)
			if [[ $prev == "$command" ]]; then
				words='HUP INT QUIT TERM USR1 USR2 KILL'
			else
				words=$(_clusterctl_selectors "$socket")
			fi ;;
		*)
			words=$(_clusterctl_selectors "$socket") ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _clusterctl clusterctl
