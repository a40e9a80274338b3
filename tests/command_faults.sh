#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# synfin sweep where the disk is full, a folder read-only, a database locked, damaged or another's, or the clock steps:
# a clear error, nothing lost, and the same command goes on when the fault is gone.
. "${top_srcdir:?run it by make check}/tests/command.sh"
trap 'umount "$work/here/small" 2>/dev/null || :; rm -rf "$work"' EXIT

scenario sweep.yaml 500 'sweep: {replications: 10, vary: {links.wan.both.loss.p: [0, 1%, 5%, 20%]}}'
runs 0 "$SYNFIN" sweep sweep.yaml -o whole.db
runs 0 "$SYNFIN" export whole.db -o whole.csv

# as_whole DB: the same command goes on, and ends in what an undisturbed sweep does.
as_whole()
{
    runs 0 "$SYNFIN" sweep sweep.yaml -o "$1"
    complains ': 40 runs \(4 points, 10 replications\), '
    runs 0 "$SYNFIN" export "$1" -o again.csv
    is 'the same export' cmp again.csv whole.csv
    rm again.csv
}
# skip WHY
skip()
{
    echo "skipped: $1"
    skipped=$((skipped + 1))
}
# shell SQL: the sqlite3 shell does it to changed.db.
shell()
{
    sqlite3 -batch changed.db "$1" >"$work/out" 2>"$work/err"
}

# ---- A full disk, a file that may not grow -----------------------------------------------------------------------------

mkdir small
mounted=
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=400k tmpfs small 2>"$work/err"; then
    mounted=1
    runs 1 "$SYNFIN" sweep sweep.yaml -o small/sweep.db
    complains '^small/sweep\.db: error: the disk is full; make room, then give the same command again'
    complains '^stopped: [1-9][0-9]* of 40 runs are in small/sweep\.db; the same command goes on from there$'
    kept=$(sed -n 's/^stopped: \([0-9]*\) of .*/\1/p' "$work/err")
    mount -o remount,size=50m small
    as_whole small/sweep.db
    rm small/*
    runs 0 "$SYNFIN" sweep sweep.yaml -o small/sweep.db
    complains ', 40 made now$'
    is "runs were kept ($kept)" [ "$kept" -gt 0 ]
else
    skip 'a full disk: only root can mount a small one'
fi
command='synfin sweep, its files limited' status=0
(
    ulimit -f 300
    exec "$SYNFIN" sweep sweep.yaml -o limited.db
) >"$work/out" 2>"$work/err" || status=$?
is 'exit status 1' [ $status -eq 1 ]
complains '^limited\.db: error: .*(File too large|disk I/O error|disk is full)'
complains '^stopped: [1-9][0-9]* of 40 runs are in limited\.db; the same command goes on from there$'
as_whole limited.db
rm limited.db

# ---- A folder that is read-only ------------------------------------------------------------------------------------------

read_only=
if [ "$mounted" ]; then
    mount -o remount,ro small && read_only=small
elif [ "$(id -u)" -ne 0 ]; then
    cp whole.db small/sweep.db
    chmod a-w small small/sweep.db && read_only=small
fi
if [ "$read_only" ]; then
    for name in sweep.db new.db; do
        runs 1 "$SYNFIN" sweep sweep.yaml -o small/$name
        complains "^small/$name: error: it cannot be written: (Read-only file system|Permission denied); name a file in"
    done
    runs 0 "$SYNFIN" export small/sweep.db -o again.csv
    is 'it can be read' cmp again.csv whole.csv
    rm again.csv
else
    skip 'a read-only folder: root may write everywhere'
fi
if [ "$mounted" ]; then
    umount small
else
    chmod -R u+w small
fi
rm -r small

# A file that can be written in a folder that cannot. Modes do not bind root, who becomes somebody else.
as_user=
[ "$(id -u)" -ne 0 ] || as_user='setpriv --reuid 65534 --regid 65534 --clear-groups'
chmod 755 "$work"
mkdir closed
cp sweep.yaml closed
sed 's/replications: 10/replications: 2/' sweep.yaml >less.yaml
runs 0 "$SYNFIN" sweep less.yaml -o closed/sweep.db
cp closed/sweep.db before.db
chmod 666 closed/sweep.db
chmod 555 closed
if $as_user "$SYNFIN" check closed/sweep.yaml >/dev/null 2>&1; then
    runs 1 $as_user "$SYNFIN" sweep closed/sweep.yaml -o closed/sweep.db
    complains '^closed/sweep\.db: error: it cannot be written; SQLite writes to the file and to its folder$'
    is 'it is as it was' cmp closed/sweep.db before.db
else
    skip 'a read-only folder around a file: nobody else may read this'
fi
chmod 755 closed
as_whole closed/sweep.db
rm -r closed before.db less.yaml

# ---- A database in use ---------------------------------------------------------------------------------------------------

scenario long.yaml 100000000
"$SYNFIN" sweep long.yaml -o busy.db >"$work/out" 2>"$work/busy" &
busy=$!
while ! pgrep -P $busy >"$work/out"; do sleep 0.01; done # its worker
runs 1 timeout 20 "$SYNFIN" sweep long.yaml -o busy.db
complains "^busy\\.db: error: another sweep writes to it; wait until that is done, or give another"
is 'it does not stop the first' kill -0 $busy
kill -TERM $busy
command='synfin sweep, while another was refused' status=0
wait $busy || status=$?
cp "$work/busy" "$work/err"
is 'exit status 130' [ $status -eq 130 ]
complains '^interrupted: 0 of 1 runs are in busy\.db; the same command goes on from there$'
has_only sweep.yaml long.yaml whole.db whole.csv busy.db
rm long.yaml busy.db

# Another program, such as the sqlite3 shell, holds it locked.
if command -v sqlite3 >/dev/null; then
    # hold DATABASE HOW: until `release`.
    hold()
    {
        mkfifo held
        sqlite3 -batch "$1" <held >"$work/shell" 2>&1 &
        holder=$!
        exec 9>held
        printf '.timeout 60000\nBEGIN %s;\n.shell touch is_held\n' "$2" >&9
        while [ ! -e is_held ]; do sleep 0.01; done
    }
    release()
    {
        exec 9>&-
        wait $holder || :
        rm held is_held
    }
    # In the middle of a sweep: it stops, and nothing is lost.
    sed 's/replications: 10/replications: 1000/' sweep.yaml >many.yaml
    runs 0 "$SYNFIN" sweep many.yaml -o undisturbed.db
    runs 0 "$SYNFIN" export undisturbed.db -o undisturbed.csv
    "$SYNFIN" sweep many.yaml -o held.db >"$work/sweep" 2>"$work/swept" &
    sweep=$!
    until [ "$(sqlite3 -readonly held.db 'SELECT count(*) FROM runs' 2>"$work/sqlite" || echo 0)" -gt 0 ]; do
        sleep 0.01
    done
    hold held.db IMMEDIATE
    command='synfin sweep, of a database that the sqlite3 shell holds' status=0
    wait $sweep || status=$?
    cp "$work/swept" "$work/err"
    is 'exit status 1' [ $status -eq 1 ]
    complains '^held\.db: error: another process writes to it; wait until that is done$'
    complains '^stopped: [0-9]+ of [0-9]+ runs are in held\.db; the same command goes on from there$'
    runs 1 "$SYNFIN" sweep many.yaml -o held.db
    complains '^held\.db: error: another process writes to it; wait until that is done$'
    release
    runs 0 "$SYNFIN" sweep many.yaml -o held.db
    complains '^held\.db: [0-9]+ runs are there already$'
    runs 0 "$SYNFIN" export held.db -o held.csv
    is 'as if nothing had happened' cmp held.csv undisturbed.csv
    # Ctrl-C before the first run, while it waits for the other.
    hold held.db EXCLUSIVE
    "$SYNFIN" sweep many.yaml -o held.db >"$work/out" 2>"$work/swept" &
    sweep=$!
    # Until it catches SIGINT and SIGTERM, which the shell that becomes it does not.
    while ! grep -q 'SigCgt:.*[4-7c-f]..[2367abef]$' /proc/$sweep/status; do sleep 0.01; done
    kill -INT $sweep
    release
    command='synfin sweep, interrupted before its first run' status=0
    wait $sweep || status=$?
    cp "$work/swept" "$work/err"
    is 'exit status 130' [ $status -eq 130 ]
    complains '^interrupted before the first run; the same command goes on from there$'
    runs 0 "$SYNFIN" export held.db -o held.csv
    is 'it is as it was' cmp held.csv undisturbed.csv
    rm many.yaml undisturbed.db undisturbed.csv held.db held.csv
else
    skip 'a database that another program holds: there is no sqlite3 shell'
fi

# ---- A damaged database ----------------------------------------------------------------------------------------------------

size=$(wc -c <whole.db)
pages=$((size / 4096))
head -c $((pages / 2 * 4096)) whole.db >truncated.db
cp whole.db garbage.db
yes garbage | head -c 40960 | dd of=garbage.db bs=4096 seek=$((pages / 2)) conv=notrunc 2>/dev/null
for db in truncated.db garbage.db; do
    cp $db before.db
    runs 2 "$SYNFIN" sweep sweep.yaml -o $db
    complains "^$db: error: it is damaged; take a copy from before, or remove it and sweep again"
    is 'it is as it was' cmp $db before.db
done
yes 'no database' | head -c 20000 >other.db
cp other.db before.db
runs 2 "$SYNFIN" sweep sweep.yaml -o other.db
complains '^other\.db: error: it is no database; '
is 'it is as it was' cmp other.db before.db
has_only sweep.yaml whole.db whole.csv before.db truncated.db garbage.db other.db
rm before.db truncated.db garbage.db other.db

# ---- Another version's database ----------------------------------------------------------------------------------------------

if command -v sqlite3 >/dev/null; then
    cp whole.db changed.db
    command='the sqlite3 shell' status=0
    is 'the version is changed' shell "UPDATE meta SET value = '0.0.1' WHERE key = 'synfin'"
    cp changed.db before.db
    runs 2 "$SYNFIN" sweep sweep.yaml -o changed.db
    complains '^changed\.db: error: it holds another sweep; give another name with -o, or remove it\. What differs:$'
    complains '^    synfin is 0\.0\.1 there, [0-9.]+ here$'
    is 'it is as it was' cmp changed.db before.db
    is 'the format is changed' shell 'PRAGMA user_version = 1'
    runs 2 "$SYNFIN" sweep sweep.yaml -o changed.db
    complains '^changed\.db: error: its format is 1, this synfin reads format [0-9]+; use the synfin that made it$'
    is 'another program made it' shell 'PRAGMA application_id = 1'
    runs 2 "$SYNFIN" sweep sweep.yaml -o changed.db
    complains '^changed\.db: error: it is a database of something else; give one that .synfin sweep. made$'
    rm changed.db before.db
else
    skip 'another version: there is no sqlite3 shell'
fi

# ---- A clock that steps --------------------------------------------------------------------------------------------------------

# The time of day jumps by days, back and forth, with every look at it.
cat >steps.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
static time_t step(void)
{
    static unsigned looks;
    return looks++ % 2 ? 86400 * 3 : -86400 * 5;
}
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int (*real)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(clock, now);
    if (clock == CLOCK_REALTIME)
        now->tv_sec += step();
    return status;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec t;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &t);
    *now = (struct timeval){t.tv_sec, t.tv_nsec / 1000};
    return 0;
}
time_t time(time_t *now)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (now)
        *now = t.tv_sec;
    return t.tv_sec;
}
END
command="${CC:-cc} steps.c" status=0
# shellcheck disable=SC2086 # CC may hold flags
${CC:-cc} -shared -fPIC -o steps.so steps.c -ldl 2>"$work/err" || status=$?
is 'the clock that steps builds' [ $status -eq 0 ]
runs 0 env LD_PRELOAD="$PWD/steps.so" "$SYNFIN" sweep sweep.yaml -o steps.db --timeout 1h
complains ', 40 made now$'
as_whole steps.db
rm steps.db

finish command_faults
