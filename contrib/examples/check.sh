#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check.sh - starts every example as it stands, asks it, reloads, asks again.
#
# Needs clusterd, clusterctl and clusterd-demo on PATH, and what the examples
# run: node, gunicorn, go, nginx, curl. One line an example; 1 if one failed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d) || exit 1
export CLUSTERD_SOCKET="$tmp/control.sock" LOGS_DIRECTORY="$tmp"
clusterd=

stop()
{
	[ -n "$clusterd" ] || return 0
	kill -TERM "$clusterd" 2>/dev/null
	wait "$clusterd"
	status=$?
	clusterd=
	return $status
}
trap 'stop; rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

# before_s DEADLINE: whether it has not passed, and clusterd still runs
before_s()
{
	[ "$(date +%s)" -lt "$1" ] && kill -0 "$clusterd" 2>/dev/null
}

is_running()
{
	[ "$(clusterctl pid 2>/dev/null)" = "$clusterd" ] &&
		clusterctl --json status | grep -q '"state": *"running"'
}

# All workers up within 20 s.
wait_started()
{
	deadline_s=$(($(date +%s) + 20))
	until is_running; do
		before_s "$deadline_s" || return 1
		sleep 0.1
	done
}

answers()
{
	curl -fsS -m 5 -o "$tmp/answer" "$1" 2>>"$tmp/log" &&
		grep -q . "$tmp/answer"
}

# try NAME COMMAND URL...: COMMAND prepares a copy of the folder.
try()
{
	name=$1 prepare=$2
	shift 2
	cp -r "$here/$name" "$tmp/$name" && cd "$tmp/$name" &&
		sh -c "$prepare" >"$tmp/log" 2>&1 &&
		clusterd -t -c ecosystem.yaml >>"$tmp/log" 2>&1 || return 1
	clusterd -c ecosystem.yaml >>"$tmp/log" 2>&1 </dev/null &
	clusterd=$!
	wait_started || return 1
	for url; do
		answers "$url" || return 1
	done
	clusterctl reload >>"$tmp/log" 2>&1 || return 1
	for url; do
		answers "$url" || return 1
	done
	stop
}

failed=0
check()
{
	if try "$@"; then
		echo "example $1: served, reloaded, stopped"
	else
		echo "example $1: FAILED"
		sed 's/^/    /' "$tmp/log"
		failed=$((failed + 1))
		stop
	fi
}

check demo : http://127.0.0.1:8080/
check node-http : http://127.0.0.1:3000/
check python : http://127.0.0.1:8000/
check go 'go build -o server .' http://127.0.0.1:8090/
check nginx-unix : http://127.0.0.1:8081/
check multi-app : http://127.0.0.1:8082/ http://127.0.0.1:8083/
[ "$failed" = 0 ] || {
	echo "examples: $failed failed"
	exit 1
}
echo "examples: 6 work"
