#!/usr/bin/env bash
# The speed-ups of docs/deployment.md, on a machine that does nothing else: half an hour on two cores.
# usage: tests/benchmarks/bench_backends.sh [FOLDER]     writes backends.json and backends.png there
set -euo pipefail
cd "$(dirname "$0")/../.."
out="${1:-.}"
models=(x3d_xs x3d_s slow_r50 slowfast_r50 r2plus1d_r50 csn_r101 mvit_base_16x4)
if .venv/bin/ptv show efficient_x3d_s >/dev/null 2>&1; then models+=(efficient_x3d_s); fi
.venv/bin/ptv bench "${models[@]}" --backend eager,compile,aot_inductor,openvino --precision fp32,bf16,int8 \
    --clips 4 --rounds 7 --picture "$out/backends.png" --json >"$out/backends.json"
