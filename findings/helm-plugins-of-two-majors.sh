#!/usr/bin/env bash
# One plugin in the form of helm 4.3.1 takes all plugins away from helm 3.22.0, since both read the same folder.
#
# `helm plugin install` of either major puts plugins below `$HELM_DATA_HOME/plugins`, which is the same folder by default. helm 4 reads the older form of
# plugin.yaml. helm 3 reads all plugins or none: the unknown field `apiVersion` of one new plugin ends the reading, so a command that another plugin gives is
# unknown, and every other command has a line of error in front while its exit status stays 0. Machines on which both majors live need two folders.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
mkdir three four
CGO_ENABLED=0 GOBIN=$work/three go install -trimpath helm.sh/helm/v3/cmd/helm@v3.22.0 2>/dev/null
CGO_ENABLED=0 GOBIN=$work/four go install -trimpath helm.sh/helm/v4/cmd/helm@v4.3.1 2>/dev/null
export HELM_DATA_HOME=$work/data HELM_CONFIG_HOME=$work/data HELM_CACHE_HOME=$work/data
mkdir -p old new
printf 'name: greet\nversion: 0.1.0\nusage: greets\ndescription: greets\ncommand: "echo hello"\n' > old/plugin.yaml
cat > new/plugin.yaml <<'Y'
apiVersion: v1
type: postrenderer/v1
name: copy
version: 0.1.0
runtime: subprocess
runtimeConfig:
  platformCommand:
    - command: cat
Y
three/helm plugin install old >/dev/null
echo "helm 3 alone: $(three/helm greet)"
four/helm plugin install new >/dev/null
echo "helm 4 with both: $(four/helm greet)"
after=$(three/helm greet 2>&1 || true)
echo "helm 3 with both: $after"
three/helm version --short
# seen: hello; hello; failed to load plugins … unknown field "apiVersion", then unknown command "greet"
grep -q 'unknown field "apiVersion"' <<<"$after"
grep -q 'unknown command "greet"' <<<"$after"
three/helm version --short 2>&1 >/dev/null | grep -q 'failed to load plugins'
