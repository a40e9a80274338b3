# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# Sourced by the tests of the command: a folder of their own to work in, and tests that are counted.
set -eu
: "${SYNFIN:?run it by make check}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/here"
cd "$work/here"
passed=0 failed=0 skipped=0

# runs STATUS COMMAND...: runs the command and expects that exit status; $work/out and $work/err are what it said.
runs()
{
    expected=$1 status=0
    shift
    command=$*
    "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
    is "exit status $expected" [ $status -eq "$expected" ]
}

# is WHAT CONDITION...: counts one test; shows what the command said where it failed.
is()
{
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what, after: $command (status $status)"
        sed 's/^/    out: /' "$work/out"
        sed 's/^/    err: /' "$work/err"
    fi
}

# says LINE, complains LINE: standard output, or standard error, has a line with that extended regular expression.
says()
{
    is "it says: $1" grep -Eq -- "$1" "$work/out"
}
complains()
{
    is "it complains: $1" grep -Eq -- "$1" "$work/err"
}

# quiet WHAT: nothing went to `out` or `err`.
quiet()
{
    is "nothing on $1" [ ! -s "$work/$1" ]
}

# has_only FILE...: the folder has these files, and no other.
has_only()
{
    printf '%s\n' "$@" | sort >"$work/wanted"
    find . -mindepth 1 -maxdepth 1 | sed 's:^\./::' | sort >"$work/found"
    is "only these files are here: $*" cmp -s "$work/wanted" "$work/found"
}

finish()
{
    if [ $skipped -gt 0 ]; then
        echo "$1: $passed passed, $failed failed, $skipped skipped"
    else
        echo "$1: $passed passed, $failed failed"
    fi
    [ $failed -eq 0 ]
    exit
}

# scenario FILE CONNECTIONS [LINE...]: 10 ms each way; further lines are appended.
scenario()
{
    file=$1
    cat >"$file" <<END
name: a test
hosts:
  client: {addresses: 16, profile: rfc9293}
  server: {profile: rfc9293, listen: {port: 80}}
links:
  wan: {both: {delay: {model: constant, time: 10ms}, loss: {model: bernoulli, p: 0}}}
workloads:
  churn:
    {from: client, to: server, over: wan, arrivals: {model: constant, rate: 1000/s}, connections: $2, close: client}
END
    shift 2
    for line; do
        printf '%s\n' "$line" >>"$file"
    done
}
