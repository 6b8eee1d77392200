# Sourced after setup.sh: the extension's checkers, from their lockfile. Node itself is in the
# environment's lock, so no system Node is needed.
PATH=$(pwd)/.venv/bin:$PATH
export PATH
if [ "$(cat node_modules/.stamp 2>/dev/null)" != "$(cksum <package-lock.json)" ]; then
    say "Installing the extension's checkers (once) ..."
    npm ci --silent >&2 || stop "the packages of package-lock.json could not be installed (see above)."
    cksum <package-lock.json >node_modules/.stamp
fi
