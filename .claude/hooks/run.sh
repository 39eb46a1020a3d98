#!/bin/sh
# Starts a hook of this folder: sh run.sh NAME, with the host's JSON on stdin. Works from any folder.
# The hook is told where the workspace is and which gtm to call: that of the nearest virtual environment, in the workspace
# or above it, else the one on the PATH. Where there is no Python, or a hook needs gtm and there is none, nothing happens.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 0
root=$(dirname -- "$(dirname -- "$here")")

above=$root
until [ -x "$above/.venv/bin/gtm" ] || [ -x "$above/.venv/Scripts/gtm.exe" ]; do
    [ "$above" != "$(dirname -- "$above")" ] || break
    above=$(dirname -- "$above")
done

first_of() {
    for each in "$@"; do
        command -v "$each" 2>/dev/null && return
    done
}

gtm=$(first_of "$above/.venv/bin/gtm" "$above/.venv/Scripts/gtm.exe" gtm)
python=$(first_of "$above/.venv/bin/python" "$above/.venv/Scripts/python.exe" python3)
[ -n "$python" ] || exit 0
[ -n "$gtm" ] || [ "$1" = guard ] || exit 0
exec "$python" -I -B "$here/$1.py" "$root" "$gtm"
