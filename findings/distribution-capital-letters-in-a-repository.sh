#!/usr/bin/env bash
# Distribution 3.1.2: a repository may have capital letters in the first part of its name, but not in the second, and clients cannot name it.
#
# The specification allows small letters only. The registry matches paths with the expression for whole references, whose first part may be the host of a
# registry. So `Team/app` is taken, with `Team` for a host, and `team/App` is not. What was pushed to `Team/app` by a program that writes its own requests
# is there, and is listed in the catalogue. But crane and skopeo refuse the name before they ask, so nobody can pull it by its name or copy it away.
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
CGO_ENABLED=0 GOBIN=$work go install -trimpath github.com/distribution/distribution/v3/cmd/registry@v3.1.2 2>/dev/null
CGO_ENABLED=0 GOBIN=$work go install -trimpath github.com/google/go-containerregistry/cmd/crane@v0.22.1 2>/dev/null
cat > config.yml <<YML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $work/data}}
http: {addr: 127.0.0.1:7715}
YML
./registry serve config.yml >/dev/null 2>&1 &
for _ in $(seq 100); do curl -sf http://127.0.0.1:7715/v2/ >/dev/null && break; sleep 0.1; done
kind=application/vnd.oci.image.index.v1+json
put() { curl -s -o /dev/null -w '%{http_code}' -X PUT -H "Content-Type: $kind" --data-binary "{\"schemaVersion\":2,\"mediaType\":\"$kind\",\"manifests\":[]}" "http://127.0.0.1:7715/v2/$1/manifests/1"; }
first=$(put Team/app)
second=$(put team/App)
listed=$(curl -s http://127.0.0.1:7715/v2/_catalog)
said=$(./crane manifest --insecure 127.0.0.1:7715/Team/app:1 2>&1 || true)
printf 'Team/app: %s, team/App: %s\n%s\ncrane: %s\n' "$first" "$second" "$listed" "$said"
# seen with 3.1.2 and crane 0.22.1: 201 and 404; the catalogue has Team/app; crane: could not parse reference
[ "$first" = 201 ] && [ "$second" = 404 ] && grep -q '"Team/app"' <<<"$listed" && grep -q 'could not parse reference' <<<"$said"
