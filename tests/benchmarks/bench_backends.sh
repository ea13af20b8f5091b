#!/usr/bin/env bash
# The figures of docs/performance.md, on a machine that does nothing else: about half an hour on two cores.
# usage: tests/benchmarks/bench_backends.sh [FOLDER]     writes torch.json, openvino.json, mobile.json and their pictures
set -euo pipefail
cd "$(dirname "$0")/../.."
out="${1:-.}"
models=(x3d_xs x3d_s efficient_x3d_s slow_r50 slowfast_r50 r2plus1d_r50 csn_r101 mvit_base_16x4)
bench() { # NAME BACKENDS PRECISIONS MODEL...
    .venv/bin/ptv bench "${@:4}" --backend "$2" --precision "$3" --clips 2 --rounds 5 --quiet \
        --picture "$out/$1.png" --json >"$out/$1.json"
}
bench openvino openvino fp32,bf16,int8 "${models[@]}"
bench torch eager,aot_inductor fp32 "${models[@]}"
bench mobile executorch,onnx,openvino fp32,int8 efficient_x3d_xs efficient_x3d_s x3d_s
