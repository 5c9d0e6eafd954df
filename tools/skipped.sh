#!/bin/sh
# What the last run of ctest in folder $1 left out, and why: a suite that is skipped looks like one that passed.
log=$1/Testing/Temporary/LastTest.log
[ -f "$log" ] || exit 0
awk '
  / Testing: / { name = $3 }
  /^skipped: / { say(substr($0, 10)) }
  /# SKIP / { sub(/.*# SKIP */, ""); say($0) }
  told { say($0); told = 0 }
  /: Skipped$/ { told = 1 }
  function say(why) { if (!(name why in said)) print "left out: " name ": " why; said[name why] = 1 }
' "$log"
