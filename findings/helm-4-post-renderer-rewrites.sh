#!/usr/bin/env bash
# helm 4.3.1 writes all YAML anew as soon as any post-renderer is named, and fails where the chart renders nothing; helm 3.22.0 does neither.
#
# With a post-renderer that is `cat`, the output of helm 4 differs from its output without one: an empty map below `metadata.annotations` is gone, blanks in flow
# collections and before comments change, folded texts are put on one line. Whoever compares manifests before and after a post-renderer has to
# compare with `cat` as the post-renderer, not with plain `helm template`. A chart whose templates print nothing is an error: "produced empty output".
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
mkdir three four
CGO_ENABLED=0 GOBIN=$work/three go install -trimpath helm.sh/helm/v3/cmd/helm@v3.22.0 2>/dev/null
CGO_ENABLED=0 GOBIN=$work/four go install -trimpath helm.sh/helm/v4/cmd/helm@v4.3.1 2>/dev/null
export HELM_DATA_HOME=$work/data HELM_CONFIG_HOME=$work/data HELM_CACHE_HOME=$work/data
mkdir -p same chart/templates empty/templates
cat > same/plugin.yaml <<'Y'
apiVersion: v1
type: postrenderer/v1
name: same
version: 0.1.0
runtime: subprocess
runtimeConfig:
  platformCommand:
    - command: cat
Y
printf 'apiVersion: v2\nname: web\nversion: 1.0.0\n' | tee chart/Chart.yaml > empty/Chart.yaml
cat > chart/templates/a.yaml <<'Y'
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  annotations: {}
data:
  flow: {a:   1,   b: 2}   # a comment
Y
printf '{{ if .Values.on }}a: 1{{ end }}\n' > empty/templates/a.yaml
three/helm template x chart > plain3
three/helm template x chart --post-renderer "$(command -v cat)" > behind3
echo "helm 3.22.0: $(cmp -s plain3 behind3 && echo equal)"
three/helm template x empty --post-renderer "$(command -v cat)" >/dev/null && echo 'helm 3.22.0, a chart that prints nothing: exit 0'
four/helm plugin install same >/dev/null
four/helm template x chart > plain4
four/helm template x chart --post-renderer same > behind4
echo 'helm 4.3.1:'
diff plain4 behind4 && exit 1
nothing=$(four/helm template x empty --post-renderer same 2>&1) && exit 1
echo "helm 4.3.1, a chart that prints nothing: $(head -1 <<<"$nothing")"
# seen: equal; exit 0; `annotations: {}` and the blanks are gone; post-renderer "same" produced empty output
cmp -s plain3 behind3
! grep -q 'annotations' behind4
grep -q 'flow: {a: 1, b: 2} # a comment' behind4
grep -q 'produced empty output' <<<"$nothing"
