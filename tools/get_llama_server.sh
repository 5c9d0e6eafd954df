#!/bin/sh
# Unpacks Debian's newest llama.cpp server, with the libraries it needs, into a folder of its own and writes a launcher
# there: DIR/llama-server. For tests against a real model server. Nothing of the system changes: own package lists, nothing
# is installed. amd64 only, because the launcher names the loader; about 12 MB to fetch; run again and nothing is done.
# usage: tools/get_llama_server.sh [DIR]     (default: build/llama-server beside this script's project)
set -eu

fail() { echo "get_llama_server: $1" >&2; exit 1; }

dir=${1:-$(dirname "$0")/../build/llama-server}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
[ -x "$dir/llama-server" ] && "$dir/llama-server" --version >/dev/null 2>&1 && exit 0

[ "$(uname -m)" = x86_64 ] || fail "only amd64 is supported, this is $(uname -m)"
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "needs apt-get and dpkg-deb"
mirror=$(sed -n 's/^URIs: *//p; s/^deb [^h]*\(http[^ ]*\).*/\1/p' /etc/apt/sources.list.d/* /etc/apt/sources.list 2>/dev/null |
  grep '/debian/*$' | head -n 1 || true)
[ -n "$mirror" ] || fail "no Debian mirror is configured in /etc/apt"

work=$dir/.fetch
rm -rf "$work" "$dir/root"
mkdir -p "$work/lists/partial" "$work/debs"
trap 'rm -rf "$work"' EXIT
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/sources.list"
apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work" -o APT::Sandbox::User=root "$@"
}
apt update 2>"$work/errors" || fail "the Debian mirror does not answer: $(tail -n 1 "$work/errors")"
(cd "$work/debs" && apt download llama.cpp-tools libllama0 libggml0 libc6 libstdc++6 libgcc-s1 libgomp1 libssl3t64 libzstd1 zlib1g \
  2>"$work/errors") || fail "the packages cannot be fetched: $(tail -n 1 "$work/errors")"
for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$dir/root"; done

# The server is built for a newer Debian: it runs with the C library that it was unpacked with. The backend is chosen here,
# because the server looks for backends in the system's folders only.
cat > "$dir/llama-server" <<'LAUNCHER'
#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
lib=$here/root/usr/lib/x86_64-linux-gnu
cpu=x64
if grep -q ' avx2 ' /proc/cpuinfo; then cpu=haswell; fi
if grep -q ' avx512_bf16 ' /proc/cpuinfo; then cpu=zen4; fi
export GGML_BACKEND_PATH="${GGML_BACKEND_PATH:-$lib/ggml/backends0/libggml-cpu-$cpu.so}"
exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib:$lib/llama:$lib/ggml" "$here/root/usr/bin/llama-server" "$@"
LAUNCHER
chmod +x "$dir/llama-server"
"$dir/llama-server" --version >/dev/null 2>&1 || fail "the unpacked server does not start: $("$dir/llama-server" --version 2>&1 | tail -n 1)"
