#!/bin/sh
# Called by helm with the files of a certificate, a key and an authority, and a URL. The bytes go to standard output.
program=${CHARTFERRY_BIN:-chartferry}
if ! command -v "$program" >/dev/null 2>&1; then
  echo "ferry-downloader: $program is not there: npm install --global chartferry, or set CHARTFERRY_BIN to its path" >&2
  exit 127
fi
exec "$program" download "$@"
