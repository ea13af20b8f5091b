#!/usr/bin/env bash
# The figures of docs/performance.md, on a machine that does nothing else: about an hour on two cores.
# usage: tests/benchmarks/bench_backends.sh [FOLDER]
# Writes openvino, torch (small and large models) and mobile as JSON and as pictures. Small models are timed more often:
# what they take changes by a quarter from one minute to the next.
set -euo pipefail
cd "$(dirname "$0")/../.."
out="${1:-.}"
small=(x3d_xs x3d_s efficient_x3d_s)
large=(slow_r50 slowfast_r50 r2plus1d_r50 csn_r101 mvit_base_16x4)
bench() { # NAME BACKENDS PRECISIONS ROUNDS MODEL...
    .venv/bin/ptv bench "${@:5}" --backend "$2" --precision "$3" --rounds "$4" --clips 2 --quiet \
        --picture "$out/$1.png" --json >"$out/$1.json"
}
bench openvino_small openvino fp32,bf16,int8 25 "${small[@]}"
bench openvino_large openvino fp32,bf16,int8 5 "${large[@]}"
bench torch_small eager,aot_inductor fp32 25 "${small[@]}"
bench torch_large eager,aot_inductor fp32 5 "${large[@]}"
bench mobile executorch,onnx,openvino fp32,int8 25 efficient_x3d_xs efficient_x3d_s x3d_s
