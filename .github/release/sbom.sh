#!/bin/sh
# Writes what is linked with a program as CycloneDX: sbom.sh PROGRAM DOCUMENT TAG. Module dist replaces the main module by the
# directory above it, which the engine's build information therefore calls "../ (devel)"; in the document it has its name and
# the version of the release.
set -eu
main=github.com/turnstile-go/turnstile
cyclonedx-gomod bin -json -output "$2.tmp" "$1"
sed -e "s|pkg:golang/\.\./@(devel)|pkg:golang/$main@$3|g" \
	-e "/\"name\": \"\.\.\/\"/{s|\.\./|$main|;n;s|(devel)|$3|;}" "$2.tmp" > "$2"
rm "$2.tmp"
if grep -q '"\.\./\|(devel)' "$2"; then
	echo "sbom.sh: $2 has a module without a name or a version" >&2
	exit 1
fi
