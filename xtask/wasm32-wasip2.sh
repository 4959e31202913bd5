#!/usr/bin/env bash
# Gives the active Rust toolchain the standard library of wasm32-wasip2: through rustup, or, where no Rust download server
# is in reach, built from Debian's packages of the same Rust version's library sources and of wasi-libc.
# Called by `cargo xtask` when the target is missing. Changes no apt setting of the machine.
set -euo pipefail

target=wasm32-wasip2
suite=trixie-backports
rustlib=$(rustc --print target-libdir --target "$target")

fail() {
  echo "error: $1" >&2
  echo "hint: install the target by hand: rustup target add $target" >&2
  exit 1
}
complete() { [ -e "$rustlib/self-contained/libc.a" ]; }

complete && exit 0
# Asked again, rustup thinks that a target whose files were deleted is there: only the files count.
if rustup target add "$target" >/dev/null 2>&1 && complete; then exit 0; fi
echo "rustup cannot download $target: building it from Debian's packages"
command -v apt-get >/dev/null || fail "no rustup download server and no apt-get here"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,archives/partial,packages,root}

# A private apt state with one source list of its own, on the mirror that the machine uses already.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' | grep -v security | sort -u | head -1)
[ -n "$mirror" ] || fail "apt knows no Debian mirror (is 'apt-get update' needed?)"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
private=(
  -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=-
  -o "Dir::State::Lists=$work/lists" -o "Dir::Cache::archives=$work/archives"
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root
)
apt-get -qq "${private[@]}" update

rust=$(rustc --version | cut -d' ' -f2)
sources=$(apt-cache "${private[@]}" madison rust-src | awk -v start="$rust+" 'index($3, start) == 1 { print $3; exit }')
[ -n "$sources" ] || fail "Debian's $suite has no library sources of Rust $rust"
(cd "$work/packages" && apt-get -qq "${private[@]}" download "rust-src=$sources" wasi-libc)
for package in "$work"/packages/*.deb; do dpkg-deb -x "$package" "$work/root"; done

# The sysroot workspace of the sources, with the flags that the official build uses.
libc=$work/root/usr/lib/$target
(
  cd "$work/root/usr/src/rustc-$rust/library/sysroot"
  # The packages' folder has no rust-toolchain.toml: keep the toolchain that called.
  export RUSTUP_TOOLCHAIN=${RUSTUP_TOOLCHAIN:-$rust}
  RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$work/target \
    RUSTFLAGS="-Zforce-unstable-if-unmarked -Cembed-bitcode=yes -Lnative=$libc" \
    cargo build --quiet --release --target "$target" --config profile.release.debug=0
)
mkdir -p "$rustlib/self-contained"
cp "$work/target/$target"/release/deps/*.{rlib,rmeta} "$rustlib"
# libc.a last: it is what says that the target is complete.
cp "$libc"/{crt1-command.o,crt1-reactor.o,libc.a} "$rustlib/self-contained"
echo "$target: built from rust-src $sources"
