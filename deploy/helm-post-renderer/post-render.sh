#!/bin/sh
# Called by helm with manifests on standard input. CHARTFERRY_TO names the registry, CHARTFERRY_RULES a rules file.
program=${CHARTFERRY_BIN:-chartferry}
if ! command -v "$program" >/dev/null 2>&1; then
  echo "ferry-images: $program is not there: npm install --global chartferry, or set CHARTFERRY_BIN to its path" >&2
  exit 127
fi
exec "$program" post-render "$@"
