#!/usr/bin/env bash
# Runs one service: keep.sh PROGRAM PID-FILE. One whose disk was at fault (exit code 74) is started again, after 1, 2, 4
# and then 5 seconds; every other end is left for a person to see. Run by processes.sh.
program="$1" pid_file="$2" pause=1

# Somebody may have stopped the service, or started it anew, in the meantime.
is_ours() { [ "$(head -n 1 "$pid_file" 2>/dev/null)" = "$pid" ]; }

while :; do
    "$program" &
    pid=$!
    printf '%s\n%s\n' "$pid" "$program" >"$pid_file.new"
    mv "$pid_file.new" "$pid_file"
    started=$SECONDS
    wait "$pid"
    code=$?
    { [ $code = 74 ] && is_ours; } || exit $code
    [ $((SECONDS - started)) -lt 60 ] || pause=1
    sleep $pause
    is_ours || exit $code
    pause=$((pause * 2 < 5 ? pause * 2 : 5))
done
