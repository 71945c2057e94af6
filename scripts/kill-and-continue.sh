#!/usr/bin/env bash
# Kills a running training with SIGKILL at random moments, continues it each time, and compares the final weights byte for byte with those of
# a run that was left alone; then the same training with 1 and with 2 threads.
# Usage: scripts/kill-and-continue.sh [KILLS] [SEED]      (20 kills, seed 1)
set -euo pipefail
cd "$(dirname "$0")/.."
kills=${1:-20}
RANDOM=${2:-1}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build src/Leftover.Cli -c Release -v q --nologo
leftover() { dotnet src/Leftover.Cli/bin/Release/net10.0/Leftover.Cli.dll "$@"; }

# A short quickstart writes the log, the reference policy and its caches; what is killed is the training that follows.
leftover quickstart --output "$work/desk" --quiet > /dev/null
train() { # FOLDER [FLAG...]
    local folder=$1; shift
    leftover train "$work/desk/quickstart.yaml" output="$work/$folder" cache="$work/desk/cache" \
        'methods=[a-lol]' training.steps=150 training.save_steps=4 training.batch_size=16 "$@"
}
weights() { sha256sum "$work/$1/methods/a-lol/model/model.safetensors" | cut -d' ' -f1; }

start=$SECONDS
train alone --quiet > /dev/null
seconds=$((SECONDS - start))
echo "Left alone: $(weights alone) after $seconds s"

done_file="$work/killed/methods/a-lol/training.json"
killed=0
while [ "$killed" -lt "$kills" ]; do
    train killed --quiet > /dev/null 2>&1 &
    pid=$!
    # Somewhere within a tenth of the run after the start, so that 20 kills fall all over it, checkpoints being written included.
    sleep "$(awk -v r=$RANDOM -v s=$seconds 'BEGIN { print 1.0 + r / 32768 * s / 8 }')"
    if ! kill -9 "$pid" 2> /dev/null; then
        [ -f "$done_file" ] && break
        echo "The training ended by itself and left no result." >&2
        exit 1
    fi
    wait "$pid" 2> /dev/null || true
    pkill -9 -f "output=$work/killed" 2> /dev/null || true
    killed=$((killed + 1))
    if [ -f "$done_file" ]; then rm -rf "$work/killed"; fi        # killed after its end: begin again
done
train killed --quiet > /dev/null
echo "Killed $killed times: $(weights killed)"
[ "$(weights alone)" = "$(weights killed)" ] || { echo "The weights differ." >&2; exit 1; }

for threads in 1 2; do
    train "threads-$threads" --threads "$threads" --quiet > /dev/null
    echo "$threads thread(s): $(weights "threads-$threads")"
    [ "$(weights alone)" = "$(weights "threads-$threads")" ] || { echo "The weights differ." >&2; exit 1; }
done
echo "All the same bytes."
