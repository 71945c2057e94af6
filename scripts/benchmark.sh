#!/usr/bin/env bash
# Measures everything on this machine, writes benchmarks/results/CPU-DATE.json and puts the figures into docs/performance.md.
# Data, models and peers lie outside this repository: LEFTOVER_SHARED, or the folder `shared` beside it. A peer that is missing is named, not timed.
# Usage: scripts/benchmark.sh [VERB...]      (all of them; half an hour to an hour on a quiet machine)
# Environment: ROUNDS (3), LLAMACPP (a folder where node-llama-cpp is installed), MEMORY_OPTIONS (key=value for the recipe, measured beside the plain one).
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${ROUNDS:-3}
types=fp32
if grep -qw avx512_bf16 /proc/cpuinfo 2>/dev/null; then types="fp32 bf16"; fi
verbs=("$@")
[ ${#verbs[@]} -gt 0 ] || verbs=(gemm attention decode step smollm2 encoder pipeline generate memory)

dotnet build benchmarks/Leftover.Benchmarks -c Release -v q --nologo
mkdir -p benchmarks/results
run() { dotnet benchmarks/Leftover.Benchmarks/bin/Release/net10.0/Leftover.Benchmarks.dll "$@"; }
measure() { run "$@" --json benchmarks/results; }

for verb in "${verbs[@]}"; do
    case $verb in
        gemm) measure gemm --rounds 9 --threads 1; if [ "$(nproc)" -gt 1 ]; then measure gemm --rounds 9; fi ;;
        attention) measure attention --rounds 9 ;;
        decode) measure decode --rounds 5 ;;
        step) for type in $types; do measure step --dtype "$type" --rounds "$rounds"; done ;;
        smollm2) for type in $types; do measure step --model smollm2 --dtype "$type" --rounds "$rounds"; done ;;
        encoder) measure encoder --rounds "$rounds" ;;
        pipeline) for type in $types; do measure pipeline --dtype "$type" --rounds "$rounds"; done ;;
        generate) measure generate --rounds "$rounds" ${LLAMACPP:+--llamacpp "$LLAMACPP"} ;;
        memory) measure memory ${MEMORY_OPTIONS:-} ;;
        *) echo "benchmark.sh: '$verb' is unknown; known are gemm, attention, decode, step, smollm2, encoder, pipeline, generate, memory." >&2; exit 2 ;;
    esac
done
run report
