#!/usr/bin/env bash
# Sets up everything on a bare Debian or Ubuntu machine: system libraries, .venv, the package with all extras.
# Does nothing that is already done. CYCLORAMA_EXTRAS chooses the extras (default: dev, which holds all).
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.venv
extras=${CYCLORAMA_EXTRAS:-dev}
say() { printf '\033[1m== %s\033[0m\n' "$*"; }

# What Blender (X11, GL), EGL and LibreYOLO's OpenCV (GL, GLib) link against.
packages="libx11-6 libxrender1 libxfixes3 libxi6 libxkbcommon0 libsm6 libgl1 libegl1 libgl1-mesa-dri libglib2.0-0"

is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q "ok installed"; }
install_packages() {
    command -v dpkg-query >/dev/null || { say "no dpkg here: install by hand the libraries of $*"; return; }
    local missing=()
    for package in "$@"; do
        # Since 2024 some are called t64, for a larger clock; apt knows both names.
        is_installed "$package" || is_installed "${package}t64" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    local sudo=""
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { echo "setup: as root, run: apt-get install ${missing[*]}" >&2; exit 2; }
        sudo=sudo
    fi
    say "installing system libraries: ${missing[*]}"
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Blender's wheels exist for Python 3.11 and 3.13.
works() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 13)))' 2>/dev/null; }
find_python() {
    for python in "${PYTHON:-python3.11}" python3.11 python3.13 python3; do
        if command -v "$python" >/dev/null && works "$python"; then echo "$python"; return; fi
    done
}

make_venv() {
    local python
    python=$(find_python)
    if [ -z "$python" ] && command -v apt-get >/dev/null; then
        install_packages python3 python3-venv python3-pip
        python=$(find_python)
    fi
    if [ -n "$python" ]; then
        say "making $venv with $("$python" --version)"
        "$python" -m venv "$venv"
        return
    fi
    say "this system has neither Python 3.11 nor 3.13, for which Blender's module exists: fetching 3.11 with uv"
    install_packages python3-venv ca-certificates
    python3 -m venv "$venv-uv"
    "$venv-uv/bin/pip" install -q uv
    "$venv-uv/bin/uv" venv --seed --python 3.11 --managed-python "$venv"
    rm -rf "$venv-uv"
}

# shellcheck disable=SC2086
install_packages $packages
[ -x $venv/bin/pip ] || make_venv
want=$(printf '%s\n' "$extras" | cat - pyproject.toml scripts/setup.sh | sha256sum)
if [ "$want" != "$(cat $venv/.installed 2>/dev/null)" ]; then
    say "installing the package with [$extras] (Blender and PyTorch: about 6 GB, some minutes the first time)"
    $venv/bin/pip install -q --disable-pip-version-check --upgrade pip
    $venv/bin/pip install -q --disable-pip-version-check --editable ".[$extras]"
    echo "$want" > $venv/.installed
fi
say "ready: $venv/bin/cyclorama --help"
