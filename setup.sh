# Sourced by ./run and ./test: the virtual environment, and what must come from the system.
# POSIX sh. Everything here is safe to repeat and does nothing when there is nothing to do.

say() { printf '%s\n' "$*" >&2; }
stop() { say "remitlens: $*"; exit 2; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1; fi
}

# system_package NAME... : install Debian packages where we may; the caller looks whether it worked.
system_package() {
    command -v apt-get >/dev/null 2>&1 || return 1
    say "Installing $* from the system's packages ..."
    log=$(mktemp)
    if as_root env DEBIAN_FRONTEND=noninteractive sh -c '
        apt-get install -y -qq --no-install-recommends "$@" ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; }' sh "$@" \
        >"$log" 2>&1
    then rm -f "$log"; return 0; fi
    tail -n 3 "$log" >&2; rm -f "$log"; return 1
}

find_python() {
    for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3.14 python3; do
        [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null
        then printf '%s\n' "$candidate"; return 0; fi
    done
    return 1
}

make_venv() {
    python=$(find_python) || { system_package python3 python3-venv && python=$(find_python); } ||
        stop "Python 3.11 to 3.14 is needed. Install it (apt-get install python3 python3-venv) and run this again."
    "$python" -m venv --clear .venv >/dev/null 2>&1 ||
        { system_package python3-venv && "$python" -m venv --clear .venv >/dev/null; } ||
        stop "the virtual environment could not be made. Install python3-venv and run this again."
}

# environment LOCKFILE : .venv holds exactly what the lock names, checked by hash.
environment() {
    mkdir -p var
    stamp=var/.environment
    wanted="$1 $(cat "$1" pyproject.toml | cksum) $(pwd)"
    # What is installed for the tests serves the main job too.
    with_dev="requirements-dev.lock $(cat requirements-dev.lock pyproject.toml | cksum) $(pwd)"
    is=$(cat "$stamp" 2>/dev/null || true)
    [ -x .venv/bin/remitlens ] && { [ "$is" = "$wanted" ] || [ "$is" = "$with_dev" ]; } && return 0
    # Two commands started at once must not build one environment together.
    tries=0
    until mkdir var/.setup 2>/dev/null; do
        builder=$(cat var/.setup/pid 2>/dev/null || echo 0)
        if [ "$builder" -gt 0 ] && ! kill -0 "$builder" 2>/dev/null; then rm -rf var/.setup; continue; fi
        tries=$((tries + 1))
        [ "$tries" -gt 900 ] && stop "another set-up has been running for 15 minutes; remove var/.setup if it is dead."
        sleep 1
    done
    echo $$ >var/.setup/pid
    trap 'rm -rf var/.setup' EXIT INT TERM
    is=$(cat "$stamp" 2>/dev/null || true)
    if ! { [ -x .venv/bin/remitlens ] && [ "$is" = "$wanted" ]; }; then
        say "Setting up the Python environment (once) ..."
        rm -f "$stamp"
        [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null || make_venv
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1" >&2 ||
            stop "the packages of $1 could not be installed (see above)."
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-index \
            --no-build-isolation -e . >&2 || stop "the project itself could not be installed (see above)."
        printf '%s\n' "$wanted" >"$stamp"
    fi
    rm -rf var/.setup
    trap - EXIT INT TERM
}

# browser PACKAGE COMMAND... : one of the commands is there, or the package is installed.
browser() {
    package=$1; shift
    for name in "$@"; do command -v "$name" >/dev/null 2>&1 && return 0; done
    system_package "$package" fonts-liberation
}
