#!/bin/sh
# fuzz.sh SECONDS [TARGET...]: runs each fuzz target for so long, starting from the seeds in tests/fuzz/corpus. What it finds on
# the way is kept in build/fuzz/corpus, a failing input in build/fuzz/artifacts. Fails with the first target that does.
# FUZZ_SEED=N starts from that number instead of chance: the same inputs come again, and a change is judged by itself.
set -eu
seconds="$1"
shift
root="$(cd "$(dirname "$0")/.." && pwd)"
cd "$root/build/fuzz"
mkdir -p artifacts

[ $# -gt 0 ] || set -- fuzz_*
for target in "$@"; do
  [ -x "$target" ] || { echo "no fuzz targets in build/fuzz: nothing to do" >&2; exit 1; }
  name="${target#fuzz_}"
  seeds="$root/tests/fuzz/corpus/$name"
  mkdir -p "corpus/$name"
  log="artifacts/$name.log"
  # 64 KiB and 5 s: an input that takes longer is a defect of its own.
  if ! ./"$target" -max_total_time="$seconds" -seed="${FUZZ_SEED:-0}" -timeout=5 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
      -artifact_prefix="artifacts/$name-" "corpus/$name" $( [ -d "$seeds" ] && echo "$seeds" ) > "$log" 2>&1; then
    tail -60 "$log" >&2
    echo "fuzz_$name failed; the input is in build/fuzz/artifacts" >&2
    exit 1
  fi
  runs="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
  echo "fuzz_$name: $runs inputs in $seconds s, nothing found"
done
