#!/bin/sh
# Starts three servers on one bucket, with a Redis behind them and an nginx before them; Ctrl-C stops all of it.
# Needs chartferry with @aws-sdk/client-s3, versitygw, redis-server, nginx and curl. PORT and the five after it must be free.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
port=${PORT:-8080}
bucket=http://127.0.0.1:$((port + 4))
for tool in chartferry versitygw redis-server nginx curl; do
  command -v "$tool" > /dev/null || { echo "$tool is not installed" >&2; exit 1; }
done

work=$(mktemp -d)
mkdir -p "$work/buckets/charts" "$work/meta"
cd "$work"
started=
stop() {
  trap - EXIT
  # Whoever presses Ctrl-C twice gets what was asked for, too.
  trap '' INT TERM
  # shellcheck disable=SC2086
  [ -z "$started" ] || kill $started 2> /dev/null || :
  wait
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 0' INT TERM

# Runs a program in the background, with its words in a file.
start() {
  name=$1
  shift
  "$@" > "$work/$name.log" 2>&1 &
  started="$started $!"
  last=$!
}
# Waits until a URL answers, as long as the program that was started last lives.
await() {
  until curl -s -o /dev/null $2 "$1"; do
    kill -0 "$last" 2> /dev/null || { echo "$name has ended:" >&2; tail -n 20 "$work/$name.log" >&2; exit 1; }
    sleep 0.1
  done
}

export AWS_ACCESS_KEY_ID=example AWS_SECRET_ACCESS_KEY=example-secret AWS_REGION=us-east-1
start bucket versitygw --port "127.0.0.1:$((port + 4))" --access "$AWS_ACCESS_KEY_ID" --secret "$AWS_SECRET_ACCESS_KEY" \
  --quiet posix --sidecar "$work/meta" "$work/buckets"
await "$bucket" ''
start redis redis-server --port $((port + 5)) --bind 127.0.0.1 --save '' --appendonly no

export CHARTFERRY_S3_ENDPOINT="$bucket"
export CHARTFERRY_REDIS_URL="redis://127.0.0.1:$((port + 5))"
export CHARTFERRY_PUBLIC_URL="http://127.0.0.1:$port"
for one in 1 2 3; do
  start "server-$one" env "CHARTFERRY_LISTEN=127.0.0.1:$((port + one))" chartferry serve --server-config "$here/chartferry-server.yaml"
  await "http://127.0.0.1:$((port + one))/readyz" -f
  echo "server $one: http://127.0.0.1:$((port + one))"
done

sed -e "s#WORK#$work#; s#PORT\([0-3]\)#$port+\1#" "$here/nginx.conf" |
  awk -v port="$port" '{ for (n = 0; n < 4; n++) gsub(port "\\+" n, port + n); print }' > "$work/nginx.conf"
start nginx nginx -e stderr -p "$work" -c "$work/nginx.conf"
await "http://127.0.0.1:$port/readyz" -f

cat << TRY

All three are ready behind http://127.0.0.1:$port. Try, in another terminal:

  helm create web && helm package web
  curl --data-binary @web-0.1.0.tgz http://127.0.0.1:$((port + 1))/api/local/charts     # push at the first
  helm repo add local http://127.0.0.1:$((port + 2))/local                         # list at the second
  helm pull oci://127.0.0.1:$((port + 3))/local/web --version 0.1.0 --plain-http   # pull from the third
  helm template web oci://127.0.0.1:$port/local-corp/web --version 0.1.0 --plain-http | grep image:
  crane copy --insecure alpine 127.0.0.1:$((port + 1))/local/alpine && crane digest --insecure 127.0.0.1:$((port + 2))/local/alpine
  redis-cli -p $((port + 5)) shutdown                                             # nothing is lost

Logs and everything else are in $work. Ctrl-C stops all of it.
TRY
wait
