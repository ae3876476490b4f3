#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# setup.sh - from a clean clone to a cluster that serves, or to a tested tree.
#
#   contrib/setup.sh run [--once]   build, then serve the example on
#                                   127.0.0.1:8080 until Ctrl-C; --once: show
#                                   that it serves, then stop
#   contrib/setup.sh test           build, then `make check`
#   contrib/setup.sh deps KIND      packages only; KIND: run, test, ci
#
# Debian packages that are missing are installed first (as root, or through
# sudo). Nothing is written outside of build/ but those packages and, while the
# example runs, its control socket. Environment: BUILD_DIR (build), JOBS, PORT.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD_DIR:-$top/build}
jobs=${JOBS:-$(nproc)}
port=${PORT:-8080}

packages_run='gcc make libc6-dev autoconf automake libtool pkg-config libev-dev
	libjansson-dev libyaml-dev curl ca-certificates'
packages_test='libcriterion-dev python3 python3-pytest python3-yaml gunicorn
	nginx-light wrk iproute2 util-linux procps psmisc mandoc openssl'
packages_ci='clang clang-format clang-tidy cppcheck shellcheck xz-utils
	libclang-rt-14-dev systemd'

say()
{
	printf 'setup: %s\n' "$*" >&2
}

die()
{
	say "$*"
	exit 1
}

usage()
{
	sed -n '/^# *contrib\/setup.sh run/,/^# *contrib\/setup.sh deps/s/^# //p' \
		"$0" >&2
	exit 2
}

# ---- packages -------------------------------------------------------------

is_installed()
{
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

node_is_recent()
{
	command -v npm >/dev/null && command -v node >/dev/null &&
		node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)'
}

# Debian's node and go only where no other is on PATH already.
missing_toolchains()
{
	node_is_recent || echo nodejs npm
	command -v go >/dev/null || echo golang-go
}

# What of `$1`'s (run, test or ci) packages is not there.
missing_packages()
{
	wanted=$packages_run
	[ "$1" = run ] || wanted="$wanted $packages_test $(missing_toolchains)"
	[ "$1" != ci ] || wanted="$wanted $packages_ci"
	for p in $wanted; do
		is_installed "$p" || echo "$p"
	done
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

install_packages()
{
	if ! command -v dpkg-query >/dev/null; then
		say "not a Debian system: see docs/building.md for what is needed"
		return 0
	fi
	# shellcheck disable=SC2046 # one package a word
	set -- $(missing_packages "$1")
	[ $# -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
		die "no sudo here: run as root: apt-get install $*"
	say "installing: $*"
	as_root apt-get update -q ||
		say "apt-get update failed: trying with the lists that are there"
	as_root sh -c "$apt_install" apt "$@" </dev/null ||
		die "apt-get could not install: $*"
}

# policy-rc.d keeps packages from starting what they bring: nobody who runs the
# tests asked for an nginx on port 80.
# shellcheck disable=SC2016 # for the shell that is root
apt_install='
	policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		trap "rm -f $policy" EXIT
		trap "exit 1" INT TERM
		printf "#!/bin/sh\nexit 101\n" >$policy && chmod 755 $policy
	fi
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
		--no-install-recommends "$@"'

# ---- build ----------------------------------------------------------------

# Criterion may have come since the tree was configured.
is_configured()
{
	[ -f "$build/Makefile" ] && [ -x "$build/config.status" ] || return 1
	! pkg-config --exists criterion ||
		grep -q '^CRITERION_LIBS = .' "$build/Makefile"
}

build_tree()
{
	[ -x "$top/configure" ] ||
		(cd "$top" && autoreconf -fi) ||
		die "autoreconf failed"
	mkdir -p "$build"
	if ! is_configured; then
		(cd "$build" && "$top/configure" -q --prefix="$build/stage") ||
			die "configure failed: see $build/config.log"
	fi
	make -s -C "$build" -j"$jobs" || die "the build failed"
}

# ---- run ------------------------------------------------------------------

example=
stop_example()
{
	trap '' INT TERM
	[ -z "$example" ] || kill -TERM "$example" 2>/dev/null || :
	[ -z "$example" ] || wait "$example" || :
	example=
}

# It is the one just started that answers, and all its workers are up.
is_serving()
{
	[ "$(clusterctl pid 2>/dev/null)" = "$example" ] &&
		clusterctl --json status | grep -q '"state": *"running"'
}

# Serving within 10 s, or the program has said why not.
wait_until_serving()
{
	tries=0
	until is_serving; do
		kill -0 "$example" 2>/dev/null || die "clusterd has ended (see above)"
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || die "not all workers are up after 10 s"
		sleep 0.1
	done
}

show()
{
	printf '\n$ %s\n' "$*"
	"$@"
}

show_serving()
{
	show curl -s "$url"
	show curl -s "$url"
	show clusterctl status
	[ "$once" = no ] || {
		show clusterctl scale 4
		show clusterctl reload
		show clusterctl status
	}
}

explain()
{
	cat <<-TEXT

	clusterd serves $url. In another terminal:

	    PATH=$build/stage/bin:\$PATH
	    clusterctl status      # who runs
	    clusterctl scale 8     # eight workers from now on
	    clusterctl reload      # replace every worker, no request fails
	    clusterctl logs        # what they write

	Ctrl-C stops it.
	TEXT
}

run_example()
{
	make -s -C "$build" install >/dev/null || die "make install failed"
	PATH=$build/stage/bin:$build/stage/sbin:$PATH
	LOGS_DIRECTORY=$build/log PORT=$port
	export PATH LOGS_DIRECTORY PORT
	mkdir -p "$LOGS_DIRECTORY"
	url=http://127.0.0.1:$port/

	trap stop_example EXIT
	trap 'stop_example; exit 0' INT TERM
	say "clusterd -c contrib/examples/demo/ecosystem.yaml"
	clusterd -c "$top/contrib/examples/demo/ecosystem.yaml" </dev/null &
	example=$!
	wait_until_serving
	show_serving
	if [ "$once" = no ]; then
		explain
		wait "$example"
	fi
}

# ---- commands -------------------------------------------------------------

once=no
case "${1-} ${2-}" in
'run ') ;;
'run --once') once=yes ;;
'test ' | 'deps run' | 'deps test' | 'deps ci') ;;
*) usage ;;
esac

case $1 in
run)
	install_packages run
	build_tree
	run_example
	;;
test)
	install_packages test
	build_tree
	make -s -C "$build" -j"$jobs" check-build || die "the build failed"
	make -s -C "$build" check
	;;
deps)
	install_packages "$2"
	;;
esac
