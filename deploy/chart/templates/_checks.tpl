{{/* What this chart refuses, in words. */}}
{{- define "chartferry.isShared" -}}
{{- if or .Values.config.s3 .Values.config.gcs (and .Values.persistence.enabled (has "ReadWriteMany" .Values.persistence.accessModes)) -}}yes{{- end -}}
{{- end }}

{{/* The bucket in which everything is; empty without one. */}}
{{- define "chartferry.bucket" -}}
{{- with .Values.config.s3 | default .Values.config.gcs }}{{ .bucket }}{{ end -}}
{{- end }}

{{- define "chartferry.checks" -}}
{{- if and (gt (int .Values.replicas) 1) (not (include "chartferry.isShared" .)) }}
{{- if .Values.persistence.enabled }}
{{- fail (printf "replicas: %d servers need one store that all of them reach, and a volume with %s is for one node. Name a bucket in `config.s3` or `config.gcs`, or a storage class that has ReadWriteMany in `persistence`." (int .Values.replicas) (join ", " .Values.persistence.accessModes)) }}
{{- end }}
{{- fail (printf "replicas: %d servers need one store that all of them reach, and without a volume each would have its own. Name a bucket in `config.s3` or `config.gcs`, or a volume with ReadWriteMany in `persistence`." (int .Values.replicas)) }}
{{- end }}
{{- range $kind := list "s3" "gcs" }}
{{- with index $.Values.config $kind }}
{{- if not .bucket }}{{ fail (printf "config.%s.bucket: name the bucket." $kind) }}{{ end }}
{{- end }}
{{- end }}
{{- if and .Values.s3.existingSecret (not .Values.config.s3) }}
{{- fail "s3.existingSecret: there is no bucket that its keys are for. Name it in `config.s3`." }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
{{- fail "httpRoute.parentRefs: name the gateway, as { name: public, namespace: gateways }." }}
{{- end }}
{{- end }}
