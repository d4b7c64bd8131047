#!/usr/bin/env bash
# A bounded share of the simulation (make sim plays as much as one likes): the same worlds each time, however busy the machine, so that a change of the
# code is what breaks it. What is broken names its seed.
. "$(dirname "$0")/lib.sh"
SIM=$BUILD/tests/sim/sim
check "the simulation was built" test -x "$SIM"

# seen FILE TEXT: at least one of it
seen() { awk -v text="$2" 'index($0, text) && $NF > 0 {found = 1} END {exit !found}' "$1"; }

run "$SIM" --seed 1 --nights 800
cp "$WORK/out" "$WORK/share"
check "$(sed -n 1p "$WORK/share"): every invariant holds" test "$STATUS" -eq 0
if ((STATUS != 0)); then
	tail -2 "$WORK/share"
	finish
fi
check "ids were used again" grep -qE '^[1-9][0-9]* rows used the id of another order' "$WORK/share"
check "nights were killed" grep -qE '^[1-9][0-9]* nights killed' "$WORK/share"
check "signals came" grep -qE ', [1-9][0-9]* interrupted' "$WORK/share"
check "second runs were turned away" grep -qE ', [1-9][0-9]* second runs turned away' "$WORK/share"
for fault in "lost before commit" "lost after commit" "time-out after commit" "cut body" "429, Retry-After" "503 before commit" \
	"500 after commit" "401, token withdrawn" "others write first" "made, but not listed yet"; do
	check "fault: $fault" seen "$WORK/share" "$fault"
done
check "lists lied" grep -q '^  lie  *a ' "$WORK/share"
check "databases were written to" grep -qE '^[1-9][0-9]* worlds with a database: [1-9][0-9]* writes, [1-9][0-9]* orders changed' "$WORK/share"
for fault in "lost before the write" "lost after the write" "locked by others" "refused" "database gone"; do
	check "BSS fault: $fault" seen "$WORK/share" "$fault"
done
check "fleets were to be switched off" grep -qE '^[1-9][0-9]* days on which all were to be switched off, [1-9][0-9]* held back' "$WORK/share"
check "mails in doubt were parked" seen "$WORK/share" "mail-in-doubt"

# What a seed plays is drawn from the seed alone, or nobody could look at a failure twice.
run "$SIM" --seed 7 --nights 100
tail -n +2 "$WORK/out" >"$WORK/once"
run "$SIM" --seed 7 --nights 100
tail -n +2 "$WORK/out" >"$WORK/again"
check "a seed replays" cmp "$WORK/once" "$WORK/again"
finish
