#!/bin/sh
# Relocates every chart of a folder by rules: sh relocate.sh CHARTS REGISTRY[/PREFIX] OUT
set -eu
charts=$1
target=$2
out=$3
rules=$(dirname "$0")/rules.yaml
mkdir -p "$out/plans"
for chart in "$charts"/*.tgz; do
  name=$(basename "$chart" .tgz)
  plan=$out/plans/$name.yaml
  # What will change, as a file that can be reviewed and kept.
  chartferry plan "$chart" --to "$target" --rules "$rules" --save-plan "$plan" --quiet
  # The same changes, proven; the step fails where anything else would change.
  chartferry relocate "$chart" --plan "$plan" -d "$out" --quiet
  # The same proof for whoever receives the chart.
  chartferry verify "$chart" "$out/$name.tgz" --plan "$plan" --quiet
done
