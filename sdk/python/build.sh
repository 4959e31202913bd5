#!/usr/bin/env bash
# Makes a component of a suite in Python: sdk/python/build.sh SUITE.py OUTPUT.wasm
#
# What it needs (requirements.txt) it keeps in target/python/venv and fetches once; without a network after that.
# With --check the types of the suite are checked instead, and those of the SDK; that needs requirements-check.txt, kept likewise.
# With --fetch nothing is done but to fetch what both need. Where no index of packages can be reached it ends with 69, as sysexits.h has it:
# then nothing is known to be wrong with what is wanted.
set -euo pipefail

sdk="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
contract="$sdk/../../wit/v0.1"
work="${CARGO_TARGET_DIR:-$sdk/../../target}/python"

usage() {
  echo "usage: build.sh SUITE.py OUTPUT.wasm | build.sh --check SUITE.py... | build.sh --fetch" >&2
  exit 2
}

# A folder of packages as a file of requirements has them, made anew when that file changes: `packages FILE NAME`.
packages() {
  local requirements="$sdk/$1" venv="$work/$2"
  cmp --silent "$requirements" "$venv/made-from" && return
  rm -rf "$venv"
  "${PYTHON:-python3}" -m venv "$venv"
  install "$venv" "$requirements"
  cp "$requirements" "$venv/made-from"
}

# What pip says is shown, and kept to be judged.
install() {
  local venv="$1" requirements="$2" said="$1/said" status=0
  "$venv/bin/python" -m pip install --quiet --require-hashes --no-deps --only-binary=:all: -r "$requirements" 2>"$said" || status=$?
  cat "$said" >&2
  if [ "$status" -ne 0 ] && is_unreachable "$said"; then exit 69; fi
  return "$status"
}

# Whether pip reached nobody, and has no other error than what follows from that: its exit is the same whatever went wrong.
is_unreachable() {
  local follows='(Could not find a version that .*\(from versions: none\)|No matching distribution found|Could not install .*Max retries exceeded)'
  grep --quiet --extended-regexp 'connection broken by|Max retries exceeded' "$1" || return 1
  ! grep '^ERROR: ' "$1" | grep --quiet --invert-match --extended-regexp "^ERROR: $follows"
}

componentize() {
  # Without a venv in the environment none of its packages become part of the component.
  env -u VIRTUAL_ENV "$work/venv/bin/componentize-py" --quiet --wit-path "$contract" --world plugin "$@"
}

# The contract as Python sees it, for checkers and tests; a component has the real one.
bindings() {
  rm -rf "$work/bindings"
  componentize bindings "$work/bindings"
}

check() {
  packages requirements-check.txt venv-check
  bindings
  cd "$sdk"
  MYPYPATH="$work/bindings:$sdk" "$work/venv-check/bin/mypy" --cache-dir "$work/mypy" assay tests "$@"
}

build() {
  local suite="$1" output="$2" module entry
  module="$(basename "$suite" .py)"
  if ! [[ "$module" =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]]; then
    echo "error: $suite cannot be imported: let its name be letters, digits and underscores" >&2
    exit 1
  fi
  entry="$(mktemp -d "$work/entry.XXXXXX")"
  # shellcheck disable=SC2064 # the folder is this one also when the function is over
  trap "rm -rf '$entry'" EXIT
  cat >"$entry/assay_entry.py" <<PYTHON
import $module
from assay import component

component.prepare()
Suite = component.Suite
PYTHON
  componentize componentize assay_entry \
    --python-path "$(cd "$(dirname "$suite")" && pwd)" --python-path "$sdk" --python-path "$entry" --output "$entry/suite.wasm"
  # Moved into place, so that nobody reads half a component.
  mv "$entry/suite.wasm" "$output.partial"
  mv "$output.partial" "$output"
}

mkdir -p "$work"
work="$(cd "$work" && pwd)"
packages requirements.txt venv
case "${1:-}" in
  --check)
    shift
    suites=()
    for suite in "$@"; do suites+=("$(realpath "$suite")"); done
    check "${suites[@]}"
    ;;
  --fetch) packages requirements-check.txt venv-check ;;
  *.py)
    [ $# -eq 2 ] || usage
    build "$@"
    ;;
  *) usage ;;
esac
