#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# lint.sh - the checks that read the sources. Run through `make lint`.
#
#   lint.sh [CHECK...]     format words spdx shell man cppcheck tidy; all
#   lint.sh reformat       lay all C files out by .clang-format
#
# Run in the top folder. Every check names the tool that it misses. The exit
# status is 1 when one has found something, and all are run before that.
set -u

read -ra flags <<<"${LINT_FLAGS:--Iinclude -Isrc}"
flags+=(-I. -std=gnu11 -D_GNU_SOURCE '-DCLUSTERD_VERSION="lint"'
	'-DCLUSTERD_LIBEXECDIR="/"' '-DCLUSTERD_DATADIR="/"')

# Files of the project by name pattern, NUL-terminated; no build folders, and
# nothing that npm put beside a test.
sources()
{
	local names=()
	for pattern; do
		names+=(-o -name "$pattern")
	done
	find . -type d \( -name .git -o -name node_modules -o -name 'build*' \
		-o -name autom4te.cache -o -name m4 -o -name 'clusterd-[0-9]*' \
		-o -name .pytest_cache -o -name __pycache__ \) -prune \
		-o -type f \( "${names[@]:1}" \) -print0 | sort -z
}

need()
{
	command -v "$1" >/dev/null && return
	echo "$1 is missing: contrib/setup.sh deps ci installs it" >&2
	return 1
}

check_format()
{
	need clang-format || return
	sources '*.c' '*.h' | xargs -0 -r clang-format --dry-run --Werror
}

# Work left for later belongs in no file. (The words are split here, or this
# line would be found.)
check_words()
{
	! sources '*' |
		grep -zv -e '^\./LICENSE$' -e '\.\(gz\|xz\|png\|log\)$' \
			-e '^\./\(configure\|aclocal\.m4\|Makefile\.in\)' |
		xargs -0 -r grep -nHIwE 'TO''DO|FIX''ME|XX''X' | grep .
}

# Test data is as its users wrote it.
check_spdx()
{
	! sources '*.c' '*.h' '*.sh' '*.py' '*.mk' '*.js' '*.cjs' '*.go' '*.am' \
		'*.ac' run |
		grep -zv '^\./tests/data/' |
		xargs -0 -r grep -L 'SPDX-License-Identifier: Apache-2.0' |
		sed 's/$/: no SPDX-License-Identifier line/' | grep .
}

# Not these: `a= b=c` (SC1007), and variables that the environment sets (SC2154).
check_shell()
{
	need shellcheck || return
	sources '*.sh' run | xargs -0 -r grep -lzZE '^#!.*\b(ba|da)?sh\b' |
		xargs -0 -r shellcheck -S warning -e SC1007,SC2154 \
			contrib/sysv/clusterd.in
}

check_man()
{
	need mandoc || return
	sources '*.[1-8]' | xargs -0 -r mandoc -Tlint -Wwarning
}

# Where the compiler finds a header.
header()
{
	echo "#include <$1>" | cc "${flags[@]}" -xc -M - | grep -o "[^ ]*/$1" |
		head -n 1
}

# It reads no system headers, but these have macros that make loops.
check_cppcheck()
{
	need cppcheck || return
	local dirs=()
	for d in src tests bench; do
		[ ! -d "$d" ] || dirs+=("$d")
	done
	cppcheck --quiet -j"$(nproc)" --std=c11 --language=c \
		--enable=warning,performance,portability --inline-suppr \
		--suppressions-list=contrib/lint/cppcheck.txt \
		--error-exitcode=1 -i node_modules \
		--include="$(header sys/queue.h)" \
		--include="$(header jansson.h)" -D_GNU_SOURCE -D__linux__ \
		-D'CLUSTERD_VERSION="lint"' -Iinclude -Isrc "${dirs[@]}"
}

# Not the unit tests: Criterion's macros cost more time than all the rest.
check_tidy()
{
	need clang-tidy || return
	sources '*.c' | grep -zv '^\./tests/unit/' |
		xargs -0 -r -P"$(nproc)" -n1 "$0" tidy-file
}

# One file a run: a second one in the same run confuses the analyzer's idea of
# va_list (clang-tidy 14). Its counts of what it does not show are noise.
tidy_file()
{
	local out
	out=$(clang-tidy --quiet "$1" -- "${flags[@]}" 2>&1) && return
	grep -v '^[0-9]* warnings\?.* generated\.$' <<<"$out" >&2
	return 1
}

case ${1-} in
reformat)
	need clang-format || exit 1
	sources '*.c' '*.h' | xargs -0 -r clang-format -i
	exit
	;;
tidy-file)
	tidy_file "$2"
	exit
	;;
esac

checks=(format words spdx shell man cppcheck tidy)
[ $# -eq 0 ] || checks=("$@")
bad=()
for check in "${checks[@]}"; do
	start=$SECONDS
	if "check_$check"; then
		echo "lint: $check: clean ($((SECONDS - start)) s)"
	else
		echo "lint: $check: FAILED ($((SECONDS - start)) s)"
		bad+=("$check")
	fi
done
[ ${#bad[@]} -eq 0 ] || {
	echo "lint: failed: ${bad[*]}"
	exit 1
}
echo "lint: ${#checks[@]} checks clean"
