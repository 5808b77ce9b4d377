#!/usr/bin/env bash
# helm 4.3.1 forgets the command of an older plugin that also has downloaders: it becomes a getter and nothing else.
#
# A plugin.yaml of helm 3 may give a command (`helm greet`) and, in the same file, `downloaders` for a protocol; helm 3.22.0 offers both. helm 4 reads the same
# file without a complaint, lists it as `getter/v1`, and does not know the command: `unknown command "greet"`. A plugin for both majors has to be two plugins.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
mkdir three four
CGO_ENABLED=0 GOBIN=$work/three go install -trimpath helm.sh/helm/v3/cmd/helm@v3.22.0 2>/dev/null
CGO_ENABLED=0 GOBIN=$work/four go install -trimpath helm.sh/helm/v4/cmd/helm@v4.3.1 2>/dev/null
export HELM_DATA_HOME=$work/data HELM_CONFIG_HOME=$work/data HELM_CACHE_HOME=$work/data
mkdir plugin
cat > plugin/plugin.yaml <<'Y'
name: greet
version: 0.1.0
usage: greets
description: greets
command: echo hello
downloaders:
  - command: fetch.sh
    protocols: [parcel]
Y
printf '#!/bin/sh\n' > plugin/fetch.sh
chmod +x plugin/fetch.sh
three/helm plugin install plugin >/dev/null
echo "helm 3.22.0: $(three/helm greet)"
list=$(four/helm plugin list)
four=$(four/helm greet 2>&1 || true)
echo "$list"
echo "helm 4.3.1: $(head -1 <<<"$four")"
# seen: hello; getter/v1; Error: unknown command "greet" for "helm"
[ "$(three/helm greet)" = hello ]
grep -q 'greet.*getter/v1' <<<"$list"
grep -q 'unknown command "greet"' <<<"$four"
