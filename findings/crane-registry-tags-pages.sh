#!/usr/bin/env bash
# `crane registry serve` of go-containerregistry 0.22.1: a page of tags does not say that more follow, and a page behind the last tag has all of them.
#
# With `n=2` the list of four tags is cut to two and there is no `Link` header, by which a client would learn of the others: it takes two tags for all.
# With `last=` a tag that sorts behind all others, the answer is not the empty page that ends the list: it is the whole list from its beginning.
# A test of a client that pages by `last` until nothing comes never ends here.
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
CGO_ENABLED=0 GOBIN=$work go install -trimpath github.com/google/go-containerregistry/cmd/crane@v0.22.1 2>/dev/null
./crane registry serve --address 127.0.0.1:7712 >/dev/null 2>&1 &
python3 - <<'PY'
import http.client, json, sys, time
def ask(method, path, headers={}, body=None):
    connection = http.client.HTTPConnection('127.0.0.1', 7712, timeout=10)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.headers, answer.read()
for _ in range(100):
    try:
        ask('GET', '/v2/'); break
    except OSError:
        time.sleep(0.1)
kind = 'application/vnd.oci.image.index.v1+json'
index = json.dumps({'schemaVersion': 2, 'mediaType': kind, 'manifests': []}).encode()
for tag in '1234':
    ask('PUT', f'/v2/a/b/manifests/{tag}', {'Content-Type': kind}, index)
headers, body = ask('GET', '/v2/a/b/tags/list?n=2')
print('n=2:', json.loads(body)['tags'], 'Link:', headers.get('Link'))
behind = json.loads(ask('GET', '/v2/a/b/tags/list?n=2&last=9')[1])['tags']
print('n=2&last=9:', behind)
# seen with 0.22.1: n=2: ['1', '2'] Link: None; n=2&last=9: ['1', '2']
sys.exit(0 if headers.get('Link') is None and behind == ['1', '2'] else 1)
PY
