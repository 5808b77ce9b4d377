#!/usr/bin/env bash
# helm 4.3.1 never shows what a post-renderer plugin writes to standard error; helm 3.22.0 shows it where the post-renderer fails.
#
# A plugin of the type `postrenderer/v1` that ends with status 1 and says why is told of as `plugin "loud" exited with error`; its own words are nowhere, with
# `--debug` neither. The same program given by its path to helm 3 appears in the error with its words. Who writes a post-renderer for helm 4 has to put the
# reason somewhere else: into a file, or into the rendered output.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
mkdir three four
CGO_ENABLED=0 GOBIN=$work/three go install -trimpath helm.sh/helm/v3/cmd/helm@v3.22.0 2>/dev/null
CGO_ENABLED=0 GOBIN=$work/four go install -trimpath helm.sh/helm/v4/cmd/helm@v4.3.1 2>/dev/null
export HELM_DATA_HOME=$work/data HELM_CONFIG_HOME=$work/data HELM_CACHE_HOME=$work/data
mkdir -p plugin chart/templates
cat > plugin/plugin.yaml <<'Y'
apiVersion: v1
type: postrenderer/v1
name: loud
version: 0.1.0
runtime: subprocess
runtimeConfig:
  platformCommand:
    - command: ${HELM_PLUGIN_DIR}/run.sh
Y
printf '#!/bin/sh\ncat\necho "the reason" >&2\nexit 1\n' > plugin/run.sh
chmod +x plugin/run.sh
printf 'apiVersion: v2\nname: web\nversion: 1.0.0\n' > chart/Chart.yaml
printf 'kind: ConfigMap\nmetadata: {name: a}\n' > chart/templates/a.yaml
three=$(three/helm template x chart --post-renderer "$work/plugin/run.sh" 2>&1 || true)
four/helm plugin install plugin >/dev/null
four=$(four/helm template x chart --debug --post-renderer loud 2>&1 || true)
echo "helm 3.22.0: $(grep -c 'the reason' <<<"$three") lines with the reason"
echo "helm 4.3.1:  $(grep -c 'the reason' <<<"$four" || true) lines with the reason; it says: $(grep -o 'plugin "loud" exited.*' <<<"$four" | head -1)"
# seen: 1 line with helm 3, none with helm 4
grep -q 'the reason' <<<"$three"
grep -q 'plugin "loud" exited with error' <<<"$four"
! grep -q 'the reason' <<<"$four"
