#!/usr/bin/env bash
# docker-registry 2.8.2 (Debian's package): a Range that begins behind the end of a blob is answered with 416 and with a Content-Length that is not true.
#
# A client that had fetched a blob whole, and lost only the note of that, asks for the rest with `Range: bytes=SIZE-`. The answer says 416, announces as many
# bytes as the blob has, sends an error text of 33 bytes, and closes the connection. A client that reads the body of the answer before it looks at
# the status sees a broken transfer, which it believes to be a fault of the network, and tries again. Distribution 3.1.2 announces the 33 bytes.
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download docker-registry >/dev/null 2>&1
dpkg -x docker-registry_*.deb .
./usr/bin/docker-registry --version | grep -q '2\.8\.2'
cat > config.yml <<YML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $work/data}}
http: {addr: 127.0.0.1:7711}
YML
./usr/bin/docker-registry serve config.yml >/dev/null 2>&1 &
python3 - <<'PY'
import hashlib, http.client, sys, time
def ask(method, path, headers={}, body=None):
    connection = http.client.HTTPConnection('127.0.0.1', 7711, timeout=10)
    connection.request(method, path, body, headers)
    return connection.getresponse()
for _ in range(100):
    try:
        ask('GET', '/v2/'); break
    except OSError:
        time.sleep(0.1)
blob = b'0123456789' * 10
digest = 'sha256:' + hashlib.sha256(blob).hexdigest()
place = ask('POST', '/v2/a/b/blobs/uploads/').headers['Location']
ask('PUT', place[place.index('/v2/'):] + '&digest=' + digest, {'Content-Type': 'application/octet-stream'}, blob).read()
answer = ask('GET', f'/v2/a/b/blobs/{digest}', {'Range': 'bytes=100-'})
announced = answer.headers['Content-Length']
try:
    sent = len(answer.read())
except http.client.IncompleteRead as cut:
    sent = len(cut.partial)
print(f'status {answer.status}, announced {announced} bytes, sent {sent}')
# seen with 2.8.2: status 416, announced 100 bytes, sent 33
sys.exit(0 if (answer.status, announced, sent) == (416, '100', 33) else 1)
PY
