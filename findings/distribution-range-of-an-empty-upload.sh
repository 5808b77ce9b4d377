#!/usr/bin/env bash
# Distribution 3.1.2 and docker-registry 2.8.2: the state of an upload reads the same when nothing has arrived and when one byte has.
#
# `GET` of an upload session answers `Range: 0-0` in both cases, since the header names the last byte and there is no way to name none. A client that
# goes on after a broken upload where the registry says cannot tell whether to send from byte 0 or from byte 1. If it chooses wrongly the digest is
# refused at the end, after everything was sent. `0-0` has to be taken for "begin a new upload".
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
CGO_ENABLED=0 GOBIN=$work go install -trimpath github.com/distribution/distribution/v3/cmd/registry@v3.1.2 2>/dev/null
apt-get download docker-registry >/dev/null 2>&1
dpkg -x docker-registry_*.deb .
for port in 7713 7714; do
  cat > $port.yml <<YML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $work/$port}}
http: {addr: 127.0.0.1:$port}
YML
done
./registry serve 7713.yml >/dev/null 2>&1 &
./usr/bin/docker-registry serve 7714.yml >/dev/null 2>&1 &
python3 - <<'PY'
import http.client, sys, time
def ask(port, method, path, headers={}, body=None):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
    connection.request(method, path, body, headers)
    answer = connection.getresponse(); answer.read()
    return answer.headers
seen = []
for port, name in ((7713, 'distribution 3.1.2'), (7714, 'docker-registry 2.8.2')):
    for _ in range(100):
        try:
            ask(port, 'GET', '/v2/'); break
        except OSError:
            time.sleep(0.1)
    path = lambda headers: headers['Location'][headers['Location'].index('/v2/'):]
    place = path(ask(port, 'POST', '/v2/a/b/blobs/uploads/'))
    empty = ask(port, 'GET', place)['Range']
    place = path(ask(port, 'PATCH', place, {'Content-Type': 'application/octet-stream'}, b'x'))
    one = ask(port, 'GET', place)['Range']
    print(f'{name}: nothing sent: {empty}; one byte sent: {one}')
    seen += [empty, one]
# seen: 0-0 four times
sys.exit(0 if seen == ['0-0'] * 4 else 1)
PY
