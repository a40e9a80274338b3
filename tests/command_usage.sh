#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Help, version, and bad usage: what goes where, and the exit status.
. "${top_srcdir:?run it by make check}/tests/command.sh"

runs 0 "$SYNFIN" --help
for name in run check sweep plot compare export ladder plugins bench; do
    says "^  $name +[a-z]"
done
quiet err
runs 0 "$SYNFIN" --version
says '^synfin [0-9]+\.[0-9]+\.[0-9]+$'
for name in run check sweep plot compare export ladder plugins bench; do
    runs 0 "$SYNFIN" "$name" --help
    says "^usage: synfin $name "
    says '^Examples:$'
    quiet err
    runs 0 "$SYNFIN" help "$name"
    says "^usage: synfin $name "
done

runs 2 "$SYNFIN"
quiet out
complains '^usage: synfin COMMAND'
runs 2 "$SYNFIN" sweeep
quiet out
complains "synfin: error: 'sweeep' is not a command; did you mean 'sweep'\?"
runs 2 "$SYNFIN" run
quiet out
complains 'synfin run: error: FILE, a scenario file, is missing'
runs 2 "$SYNFIN" run a.yaml --jsn
quiet out
complains "^--jsn: error: .* did you mean '--json'\?"
complains "^Try 'synfin run --help'\.$"

scenario a.yaml 1
runs 2 "$SYNFIN" run a.yaml --set links.wan.both.loss.p=105%
quiet out
complains '^--set links.wan.both.loss.p=105%: error: '
runs 2 "$SYNFIN" run missing.yaml
quiet out
complains '^missing.yaml: error: .*No such file'

# Results that cannot be written are a failure.
if [ -w /dev/full ]; then
    for words in --help --version 'run --help' 'run a.yaml' 'run a.yaml --json'; do
        # shellcheck disable=SC2086 # words, on purpose
        runs 1 sh -c 'exec "$@" >/dev/full' sh "$SYNFIN" $words
        complains '^standard output: error: cannot be written: No space left on device$'
    done
else
    skipped=$((skipped + 10))
fi
has_only a.yaml
finish command_usage
