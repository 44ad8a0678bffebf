{{- define "cluster-serving.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "cluster-serving.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "cluster-serving.labels" -}}
{{ include "cluster-serving.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "cluster-serving.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "cluster-serving.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "cluster-serving.image" -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}

{{- define "cluster-serving.jobName" -}}
{{- default "serving_stream" .Values.config.jobName -}}
{{- end -}}

{{- define "cluster-serving.redisPort" -}}
{{- regexFind "[0-9]+$" .Values.redis.url -}}
{{- end -}}

{{- define "cluster-serving.secretOfRedis" -}}
{{- default (include "cluster-serving.fullname" .) .Values.redis.existingSecret -}}
{{- end -}}

{{- define "cluster-serving.hasPassword" -}}
{{- if or .Values.redis.password .Values.redis.existingSecret }}yes{{ end -}}
{{- end -}}

{{- define "cluster-serving.hasApiKey" -}}
{{- if or .Values.apiKey.value .Values.apiKey.existingSecret }}yes{{ end -}}
{{- end -}}

{{/* config.yaml, with the Redis of the chart. A secret is a name of the environment in it. Helm reads whole numbers as floats,
and would write large ones with an exponent. */}}
{{- define "cluster-serving.config" -}}
{{- $redis := dict "redisUrl" (required "redis.url is needed: the host:port of a Redis that this cluster reaches." .Values.redis.url) -}}
{{- if .Values.redis.username }}{{ $_ := set $redis "redisUsername" .Values.redis.username }}{{ end -}}
{{- if include "cluster-serving.hasPassword" . }}{{ $_ := set $redis "redisPassword" "${env:REDIS_PASSWORD}" }}{{ end -}}
{{- if .Values.redis.tls.enabled }}{{ $_ := set $redis "redisSecureEnabled" true }}{{ end -}}
{{- if .Values.redis.tls.caSecret }}{{ $_ := set $redis "redisSecureTrustStorePath" "/etc/redis-ca/ca.crt" }}{{ end -}}
{{- $config := dict -}}
{{- range $key, $value := merge $redis .Values.config -}}
{{- if and (kindIs "float64" $value) (eq $value (floor $value)) -}}{{ $_ := set $config $key (int64 $value) }}{{- else -}}{{ $_ := set $config $key $value }}{{- end -}}
{{- end -}}
{{ toYaml $config }}
{{- end -}}

{{- define "cluster-serving.env" -}}
{{- if include "cluster-serving.hasPassword" . }}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "cluster-serving.secretOfRedis" . }}
      key: {{ .Values.redis.existingSecretKey }}
{{- end }}
{{- if include "cluster-serving.hasApiKey" . }}
- name: CLUSTER_SERVING_API_KEY
  valueFrom:
    secretKeyRef:
      name: {{ default (include "cluster-serving.fullname" .) .Values.apiKey.existingSecret }}
      key: {{ .Values.apiKey.existingSecretKey }}
{{- end }}
{{- end -}}

{{/* A value of an option, as it was written: see config.yaml above. */}}
{{- define "cluster-serving.optionValue" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) -}}{{ int64 . }}{{- else -}}{{ toString . }}{{- end -}}
{{- end -}}

{{/* What both kinds of pods mount. */}}
{{- define "cluster-serving.mounts" -}}
- { name: config, mountPath: /etc/cluster-serving, readOnly: true }
- { name: state, mountPath: /var/lib/cluster-serving }
- { name: tmp, mountPath: /tmp }
{{- if .Values.redis.tls.caSecret }}
- { name: redis-ca, mountPath: /etc/redis-ca, readOnly: true }
{{- end }}
{{- end -}}

{{- define "cluster-serving.volumes" -}}
- name: config
  configMap: { name: {{ include "cluster-serving.fullname" . }} }
- name: tmp
  emptyDir: { sizeLimit: 256Mi }
{{- if .Values.redis.tls.caSecret }}
- name: redis-ca
  secret: { secretName: {{ .Values.redis.tls.caSecret }} }
{{- end }}
{{- end -}}

{{/* What pods of both kinds have. Called with the context and the values of the kind. */}}
{{- define "cluster-serving.placement" -}}
{{- range $key := list "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" }}
{{- with index $.of $key }}
{{ $key }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "cluster-serving.podSettings" -}}
serviceAccountName: {{ include "cluster-serving.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
