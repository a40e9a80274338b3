#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Workers of synfin sweep: their number does not show in what comes out; what goes wrong in one run is that run's alone.
. "${top_srcdir:?run it by make check}/tests/command.sh"

# exports A.db: all of it, into A.csv and A-counts.csv.
exports()
{
    runs 0 "$SYNFIN" export "$1" -o "${1%.db}.csv"
    runs 0 "$SYNFIN" export "$1" --counts -o "${1%.db}-counts.csv"
}
# same A.db B.db: their exports are the same bytes.
same()
{
    exports "$1"
    exports "$2"
    is "$1 exports what $2 does" cmp "${1%.db}.csv" "${2%.db}.csv"
    is "$1 exports the counts that $2 does" cmp "${1%.db}-counts.csv" "${2%.db}-counts.csv"
}
# offers MODEL: the end of a plugin that has this one.
offers()
{
    cat <<END
const struct synfin_plugin *synfin_plugin(void);
const struct synfin_plugin *synfin_plugin(void)
{
    static const struct synfin_model *const models[] = {&$1, NULL};
    static const struct synfin_plugin plugin = {SYNFIN_PLUGIN_MAJOR, SYNFIN_PLUGIN_MINOR, models, NULL};
    return &plugin;
}
END
}

# ---- Any number of workers ---------------------------------------------------------------------------------------------

scenario sweep.yaml 100 'series: 100ms' 'expect: [connections.opened == 100]' \
    'sweep: {replications: 7, vary: {links.wan.both.loss.p: [0, 5%, 30%], links.wan.both.delay.time: [10ms, 1s]}}'
runs 0 "$SYNFIN" sweep sweep.yaml -o one.db -j 1
cp "$work/out" one.txt
for workers in 2 4 100; do
    runs 0 "$SYNFIN" sweep sweep.yaml -o many.db -j $workers
    complains '^many\.db: 42 runs \(6 points, 7 replications\), 42 made now$'
    is "the table with $workers workers" cmp one.txt "$work/out"
    same many.db one.db
    rm many.db
done
runs 2 "$SYNFIN" sweep sweep.yaml -o many.db -j 0
complains '^--workers 0: error: not a whole number from 1 to 1000$'
runs 2 "$SYNFIN" sweep sweep.yaml -o many.db --timeout 5
complains '^--timeout 5: error: .*unit'
runs 2 "$SYNFIN" sweep sweep.yaml -o many.db --timeout 0
complains '^--timeout 0: error: no run is that fast; give 1ms or more$'
rm ./*

# ---- A delay model that is faster than it says ----------------------------------------------------------------------------

cat >liar.c <<'END'
#include <plugin.h>
static const struct synfin_param params[] = {{0}};
static int64_t act(const void *config, struct synfin_crossing *x)
{
    (void)config;
    (void)x;
    return SYNFIN_MS;
}
static synfin_time least_delay(const void *config)
{
    (void)config;
    return 10 * SYNFIN_MS;
}
static const struct synfin_model liar = {.name = "liar", .stage = SYNFIN_DELAY, .help = "is faster than it says",
    .source = "a test", .params = params, .act = act, .least_delay = least_delay};
END
offers liar >>liar.c
# shellcheck disable=SC2086
${CC:-cc} -shared -fPIC -I"$top_srcdir/sim" -o liar.so liar.c
scenario lie.yaml 100
sed 's/delay: {model: constant, time: 10ms}/delay: {model: liar}/' lie.yaml >liar.yaml
runs 1 timeout 60 "$SYNFIN" run liar.yaml --plugin ./liar.so
complains 'error: a segment arrived earlier than a delay model.s least_delay allows at [0-9.]+ s of'
rm ./*

# ---- A model that does what it must not, as long as there is a file `trouble` --------------------------------------------

cat >trouble.c <<'END'
#include <plugin.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
struct trouble { uint64_t kind; };
static const struct synfin_param params[] = {
    {"kind", SYNFIN_COUNT, "0", "0..9", "0: none", offsetof(struct trouble, kind)}, {0}};
static int64_t act(const void *config, struct synfin_crossing *x)
{
    uint64_t kind = ((const struct trouble *)config)->kind;
    (void)x;
    if (kind == 0 || access("trouble", F_OK) != 0)
        return 0;
    if (kind == 1)
        raise(SIGSEGV);
    if (kind == 2)
        exit(3);
    if (kind == 3)
        raise(SIGKILL);
    for (;;)
        pause();
}
static const struct synfin_model trouble = {.name = "trouble", .stage = SYNFIN_LOSS, .help = "does what it must not",
    .source = "a test", .params = params, .config_size = sizeof(struct trouble), .act = act};
END
offers trouble >>trouble.c
command="${CC:-cc} trouble.c" status=0
: >"$work/out"
# shellcheck disable=SC2086 # CC may hold flags
${CC:-cc} -shared -fPIC -I"$top_srcdir/sim" -o trouble.so trouble.c 2>"$work/err" || status=$?
is 'the plugin builds' [ $status -eq 0 ]
scenario bad.yaml 20 'sweep: {replications: 3, vary: {links.wan.forward.loss.kind: [0, 1, 2, 3, 4]}}'
sed 's/, loss: {model: bernoulli, p: 0}}}/}, forward: {loss: {model: trouble}}}/' bad.yaml >worse.yaml
mv worse.yaml bad.yaml

runs 0 "$SYNFIN" sweep bad.yaml -o whole.db --plugin ./trouble.so
cp "$work/out" whole.txt
for workers in 1 2; do
    touch trouble
    runs 1 "$SYNFIN" sweep bad.yaml -o bad.db --plugin ./trouble.so --timeout 250ms -j $workers
    complains '^bad\.yaml: error: a run failed: worker killed by signal 11 \(Segmentation fault\)$'
    complains '^bad\.yaml: error: a run failed: worker exited with status 3$'
    complains '^bad\.yaml: error: a run failed: worker killed by signal 9 \(Killed\), as the kernel does where memory'
    complains '^bad\.yaml: error: a run failed: it took longer than 0\.25 s$'
    complains '^repeat it with: synfin run bad\.yaml --plugin \./trouble\.so --set links\.wan\.forward\.loss\.kind=1 '
    complains '^bad\.db: 3 runs \(5 points, 0 to 3 replications\), 3 made now, 12 failed$'
    is 'the runs of four points have failed' [ "$(grep -c 'a run failed' "$work/err")" -eq 12 ]
    is 'no core is left' [ "$(find . -name 'core*')" = '' ]
    again=$(sed -n 's/^repeat it with: synfin \(.*kind=2 .*\)/\1/p' "$work/err" | head -n 1)
    runs 3 sh -c "\"\$SYNFIN\" $again"
    # Failed runs are tried again, the others are not.
    rm trouble
    runs 0 "$SYNFIN" sweep bad.yaml -o bad.db --plugin ./trouble.so --timeout 10min -j $workers
    complains '^bad\.db: 3 runs are there already$'
    complains ', 12 made now$'
    is 'the table' cmp whole.txt "$work/out"
    same bad.db whole.db
    rm bad.db
done

# Another build of the plugin makes other runs: it is refused; so is another that was found in a folder.
# build FLAG...
build()
{
    # shellcheck disable=SC2086
    ${CC:-cc} -shared -fPIC -I"$top_srcdir/sim" "$@" -o trouble.so trouble.c
}
build -Wl,-soname,another.so
runs 2 "$SYNFIN" sweep bad.yaml -o whole.db --plugin ./trouble.so
complains '^    sha256 of trouble\.so is [0-9a-f]{64} there, [0-9a-f]{64} here$'
mkdir folder
build && mv trouble.so folder/
runs 0 env SYNFIN_PLUGIN_PATH=folder "$SYNFIN" sweep bad.yaml -o folder.db
build -Wl,-soname,another.so && mv trouble.so folder/
runs 2 env SYNFIN_PLUGIN_PATH=folder "$SYNFIN" sweep bad.yaml -o folder.db
complains 'sha256 of trouble\.so'
# A plugin that no run uses says nothing about them.
scenario plain.yaml 20 'sweep: {replications: 2}'
runs 0 "$SYNFIN" sweep plain.yaml -o plain.db
runs 0 env SYNFIN_PLUGIN_PATH=folder "$SYNFIN" sweep plain.yaml -o plain.db

finish command_workers
