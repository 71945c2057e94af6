#!/usr/bin/env bash
# Kills a running comparison with SIGKILL at random moments, continues it each time, and compares its report byte for byte with that of one left alone.
# Usage: scripts/compare-kill-and-continue.sh [KILLS] [SEED]      (10 kills, seed 1)
set -euo pipefail
cd "$(dirname "$0")/.."
kills=${1:-10}
RANDOM=${2:-1}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build src/Leftover.Cli -c Release -v q --nologo
compare() { # FOLDER: a small comparison, in a process that this shell can kill
    exec dotnet src/Leftover.Cli/bin/Release/net10.0/Leftover.Cli.dll compare recipes/compare-help-desk.yaml output="$work/$1" cache="$work/$1/cache" data.train.max_rows=600 \
        'methods=[nll, a-lol]' 'compare.seeds=[1, 2]' compare.noise=[0.5] compare.budget.tokens=4000 compare.validations=2 training.save_steps=2 \
        sft.steps=20 sft.save_steps=5 value.replies_per_prompt=1 value.max_prompts=20 evaluation.max_prompts=10 evaluation.max_validation_prompts=4 evaluation.samples_per_prompt=1 --quiet
}
hashes() { (cd "$work/$1/report" && sha256sum compare.html compare.md compare.csv compare.json); }

start=$SECONDS
(compare alone) > /dev/null
seconds=$((SECONDS - start))
echo "Left alone, after $seconds s:"
hashes alone

killed=0
while [ "$killed" -lt "$kills" ]; do
    (compare killed) > /dev/null 2>&1 &
    pid=$!
    # Somewhere within a third of the run after the start, so that the kills fall all over it.
    sleep "$(awk -v r=$RANDOM -v s=$seconds 'BEGIN { print 1.0 + r / 32768 * s / 3 }')"
    if kill -9 "$pid" 2> /dev/null; then killed=$((killed + 1)); fi
    wait "$pid" 2> /dev/null || true
    if [ -f "$work/killed/report/compare.html" ]; then
        [ "$(hashes alone)" = "$(hashes killed)" ] || { echo "The reports differ after $killed kills." >&2; exit 1; }
        rm -rf "$work/killed"                              # it had come to its end: begin again
    fi
done
(compare killed) > /dev/null
echo "Killed $killed times:"
hashes killed
[ "$(hashes alone)" = "$(hashes killed)" ] || { echo "The reports differ." >&2; exit 1; }
echo "All the same bytes."
