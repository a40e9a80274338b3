#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What `make install` gives is enough outside the tree: to run, to write a plugin, to embed the library.
set -eu
: "${top_srcdir:?run it by make check}" "${top_builddir:?}" "${CC:?}"
unset MAKEFLAGS MFLAGS MAKELEVEL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# holds WHAT COMMAND...: counts a test; shows what the command said where it failed.
holds()
{
    what=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what: $*"
        cat "$work/said"
    fi
}
# compile ARGUMENT...: CC may be several words (`gcc -m64`, `ccache gcc`).
compile()
{
    # shellcheck disable=SC2086 # words, on purpose
    $CC "$@"
}
# refuses TEXT COMMAND...: the command exits with 2 and says TEXT.
refuses()
{
    text=$1
    shift
    status=0
    "$@" >"$work/out" 2>&1 || status=$?
    cat "$work/out"
    [ $status -eq 2 ] && grep -q -- "$text" "$work/out"
}

make -s -C "$top_builddir" install DESTDIR="$work/root" >/dev/null
root=$work/root$(sed -n 's/^prefix=//p' "$top_builddir/sim/synfin.pc")
synfin=$root/bin/synfin
for file in bin/synfin include/synfin/plugin.h include/synfin/synfin.h lib/libsynfin.so lib/libsynfin.a \
    lib/pkgconfig/synfin.pc share/man/man1/synfin.1 share/doc/synfin/README.md; do
    holds 'is installed' test -s "$root/$file"
done
holds 'the command runs where it was put' "$synfin" --version
if command -v clang >/dev/null; then
    for header in plugin synfin; do
        holds 'the headers serve C++ too' clang -x c++ -std=c++17 -fsyntax-only "$root/include/synfin/$header.h"
    done
fi

# A plugin, by its own instructions
export PKG_CONFIG_PATH="$root/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$work/root"
cp -R "$top_srcdir/experiments/plugin-example" "$work/plugin"
chmod -R u+w "$work/plugin"
cd "$work/plugin"
cat >bits.yaml <<'END'
hosts:
  client: {profile: linux}
  server: {profile: linux, listen: {port: 80}}
links:
  wan:
    both:
      delay: {model: constant, time: 10ms}
      loss: {model: bit-error, rate: 1e-4}
workloads:
  churn: {from: client, to: server, over: wan, protocol: tcp, arrivals: {model: poisson, rate: 100/s}, connections: 500}
END
holds 'the example of a plugin builds' make -s CC="$CC"
holds 'a plugin runs' "$synfin" run bits.yaml --plugin ./bit_error.so
holds 'its help is shown' sh -c "'$synfin' plugins bit-error --plugin ./bit_error.so | grep -q 'a bit is wrong'"
holds 'its parameters can be set' "$synfin" run bits.yaml --plugin ./bit_error.so --set links.wan.forward.loss.rate=1%
holds 'its parameters are checked' refuses 'rate' "$synfin" run bits.yaml --plugin ./bit_error.so \
    --set links.wan.forward.loss.rate=50%
holds 'without it its model is unknown' refuses 'bit-error' "$synfin" run bits.yaml
mkdir folder
mv bit_error.so folder
holds 'it is found in SYNFIN_PLUGIN_PATH' env SYNFIN_PLUGIN_PATH="$work/plugin/folder" "$synfin" run bits.yaml
holds 'a folder without it changes nothing' refuses 'bit-error' env SYNFIN_PLUGIN_PATH="$work" "$synfin" run bits.yaml
major=$(sed -n 's/^#define SYNFIN_PLUGIN_MAJOR //p' "$root/include/synfin/plugin.h")
for other in $((major - 1)) $((major + 1)); do
    sed "s/{SYNFIN_PLUGIN_MAJOR,/{$other,/" bit_error.c >other.c
    holds 'a plugin for another version builds' compile -shared -fPIC -I"$root/include" -o other.so other.c
    holds 'and is refused' refuses "version $other\\..* has $major\\." "$synfin" run bits.yaml --plugin ./other.so
done
holds 'what is no plugin is refused' refuses 'bit_error.c' "$synfin" run bits.yaml --plugin ./bit_error.c

# A program with the library in it
cat >embed.c <<'END'
#include <stdio.h>
#include <synfin/synfin.h>

int main(void)
{
    static const char *const set[][2] = {
        {"hosts.client.profile", "rfc9293"}, {"hosts.server.profile", "rfc9293"}, {"hosts.server.listen.port", "80"},
        {"links.wan.both.delay.model", "constant"}, {"links.wan.both.delay.time", "10ms"},
        {"workloads.one.from", "client"}, {"workloads.one.to", "server"}, {"workloads.one.over", "wan"},
        {"workloads.one.protocol", "tcp"}, {"workloads.one.connections", "1"}, {"workloads.one.close", "client"},
        {"workloads.one.arrivals.model", "constant"}, {"workloads.one.arrivals.rate", "1/s"},
    };
    struct synfin_error e = {0};
    struct synfin_registry *registry = synfin_registry_new();
    struct synfin_settings *settings = synfin_settings_new();
    for (size_t i = 0; i < sizeof set / sizeof set[0]; i++) {
        if (synfin_settings_set(settings, set[i][0], set[i][1], i + 1, &e))
            return fprintf(stderr, "%s: %s\n", e.path, e.text), 1;
    }
    struct synfin_scenario *scenario = synfin_scenario_new(registry, settings, NULL, &e);
    struct synfin_simulation *simulation = scenario ? synfin_simulation_new(scenario, 0, &e) : NULL;
    if (!simulation || synfin_simulation_run(simulation, 0, &e))
        return fprintf(stderr, "%s: %s\n", e.path, e.text), 1;
    const struct synfin_results *results = synfin_simulation_results(simulation);
    printf("%.0f\n", synfin_statistic_mean(results->total.metric[SYNFIN_SETUP]));
    synfin_simulation_free(simulation);
    synfin_scenario_free(scenario);
    synfin_settings_free(settings);
    synfin_registry_free(registry);
    return 0;
}
END
# shellcheck disable=SC2046 # words, on purpose
holds 'a program builds with pkg-config' compile -o embed embed.c $(pkg-config --cflags --libs synfin)
holds 'and finds 20 ms' sh -c "[ \"\$(LD_LIBRARY_PATH='$root/lib' ./embed)\" = 20000000 ]"
# shellcheck disable=SC2046 # words, on purpose
holds 'a program builds with the static library' compile -o embed-static embed.c $(pkg-config --cflags synfin) \
    "$root/lib/libsynfin.a" -ldl
holds 'and finds 20 ms' sh -c "[ \"\$(./embed-static)\" = 20000000 ]"
holds 'the library needs libc alone' sh -c "! readelf -d '$root/lib/libsynfin.so' | grep NEEDED | grep -v 'libc.so'"
holds 'it exports its own names alone' sh -c "! nm -D --defined-only '$root/lib/libsynfin.so' | grep -v ' synfin_'"
make -s -C "$top_builddir" uninstall DESTDIR="$work/root" >/dev/null
holds 'uninstall leaves nothing' sh -c "[ -z \"\$(find '$root' -type f)\" ]"

echo "build_install: $passed passed, $failed failed"
[ $failed -eq 0 ]
