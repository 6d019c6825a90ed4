#!/bin/sh
# Renders every overlay of deploy/kubernetes and validates it against the schemas of the Kubernetes API (from npm, by the lock file in
# dev/kubernetes). Then verifies that the check finds faults. Needs kubectl or kustomize, node and npm.
set -eu
cd "$(dirname "$0")/../.."

if command -v kustomize > /dev/null; then
  render() { kustomize build "$1"; }
elif command -v kubectl > /dev/null; then
  render() { kubectl kustomize "$1"; }
else
  echo "kubernetes-check: needs kubectl or kustomize" >&2
  exit 2
fi
[ -d dev/kubernetes/node_modules/kubernetes-models ] || (cd dev/kubernetes && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
for overlay in deploy/kubernetes/overlays/*/; do
  name=$(basename "$overlay")
  render "$overlay" > "$work/$name.yaml"
  node dev/kubernetes/check.mjs "$name" < "$work/$name.yaml" || status=1
  # Rules that a schema cannot express.
  if grep -Eq 'image: .*(:latest|/[^:@]*)$' "$work/$name.yaml"; then
    echo "$name: an image without a version" >&2
    status=1
  fi
  for wanted in 'readOnlyRootFilesystem: true' 'runAsNonRoot: true' 'runAsUser: 10001' 'allowPrivilegeEscalation: false' \
    'path: /ready' 'path: /live' 'kind: NetworkPolicy' 'automountServiceAccountToken: false'; do
    grep -qF "$wanted" "$work/$name.yaml" || { echo "$name: lost $wanted" >&2; status=1; }
  done
done
node dev/kubernetes/check.mjs secrets.example.yaml < deploy/kubernetes/overlays/secrets.example.yaml || status=1

for fault in 's/containerPort:/containerPortt:/' 's/failureThreshold: 6$/failureThreshold: many/' 's/policy\/v1/policy\/v9/' \
  's/whenUnsatisfiable: ScheduleAnyway/whenUnsatisfiable: Whatever/'; do
  if sed "$fault" "$work/bucket.yaml" | node dev/kubernetes/check.mjs fault > "$work/said" 2>&1; then
    echo "the check does not see $fault" >&2
    status=1
  fi
done
[ "$status" -eq 0 ] && echo "kubernetes: all overlays fit"
exit "$status"
