# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2154
# Sourced by tests/run.sh and experiments/demo.sh with $top, the tree, set: installs what is missing, builds.

# What a build takes. gcc only recommends libc6-dev.
# shellcheck disable=SC2034 # used by those who source this
build_packages='autoconf automake libtool make pkg-config gcc libc6-dev libfyaml-dev libsqlite3-dev libevent-dev
    librandom123-dev'

# need PACKAGE...: installs those Debian packages that are missing.
need()
{
    if ! command -v dpkg-query >/dev/null; then
        echo "This is no Debian: what these packages hold must be there already: $*"
        return 0
    fi
    missing=
    for package; do
        case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) in
        *' installed') ;;
        *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    echo "Installing$missing"
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "Only root can do that, and there is no sudo. As root: apt-get install$missing" >&2
            return 1
        fi
        as_root=sudo
    fi
    # shellcheck disable=SC2086 # words, on purpose
    $as_root apt-get update -q >/dev/null &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing </dev/null \
            >/dev/null
}

# build FOLDER OPTION...: configures the tree in $top/build/FOLDER and makes all there.
build()
{
    folder=$top/build/$1
    shift
    mkdir -p "$folder" || return
    if [ ! -f "$top/configure" ] || [ -n "$(find "$top/configure.ac" "$top/Makefile.am" -newer "$top/configure")" ]; then
        (cd "$top" && autoreconf -fi) >"$folder/autoreconf.log" 2>&1 || { cat "$folder/autoreconf.log" >&2; return 1; }
    fi
    source=$top
    if [ -f "$top/config.status" ]; then
        # Configured in place: a build elsewhere would take its objects, so it gets the sources alone.
        source=$folder/source
        make -s -C "$top" distdir distdir="${folder#"$top/"}/source" || return
    fi
    echo "Building in ${folder#"$top/"}"
    (cd "$folder" && "$source/configure" -q "$@") && make -s -C "$folder" -j "$(nproc)" all
}
