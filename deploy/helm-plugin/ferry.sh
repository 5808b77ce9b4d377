#!/bin/sh
# Hands over to chartferry. helm has taken its own flags out of the arguments and says them in variables.
program=${CHARTFERRY_BIN:-chartferry}
if ! command -v "$program" >/dev/null 2>&1; then
  echo "helm ferry: $program is not there: npm install --global chartferry, or set CHARTFERRY_BIN to its path" >&2
  exit 127
fi
if [ "$1" = template ] && [ -n "$HELM_NAMESPACE" ]; then
  set -- "$@" --namespace "$HELM_NAMESPACE"
fi
exec "$program" "$@"
