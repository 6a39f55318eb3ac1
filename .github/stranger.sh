#!/bin/sh
# Does what strangers do, with empty caches and the go command alone: installs turnstile, imports sync2 and dist, builds for six
# platforms, and tests a module of their own without the network. What is committed here plays the release, through a proxy
# of files; other modules come from the module cache, or from where they always come from.
#
#   .github/stranger.sh [VERSION OF GO …]
set -eu
cd "$(dirname "$0")/.."
module=github.com/turnstile-go/turnstile
version=v$(sed -n 's/^## \[\([0-9.]*\)\] - .*/\1/p' CHANGELOG.md | head -n 1)
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
fail() { echo "stranger: $*" >&2; exit 1; }

publish() { # a module, without those inside it: its path, and its directory below this one, which ends in a slash if it is not ""
	at=$dir/proxy/$1/@v && mkdir -p "$at" && cp "./$2go.mod" "$at/$version.mod" && echo "$version" >"$at/list"
	printf '{"Version":"%s","Time":"%s"}' "$version" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$at/$version.info"
	path=$1 from=$2 && set --
	for mod in $(git ls-files "./$from" | sed -n "s|^$from\(..*\)/go.mod$|\1|p"); do set -- "$@" ":!$mod"; done
	git archive --format=zip --prefix="$path@$version/" -o "$at/$version.zip" "HEAD:$from" -- . "$@"
}
publish $module ""
publish $module/dist dist/

GOPROXY=file://$dir/proxy,file://$(go env GOMODCACHE)/cache/download,$(go env GOPROXY)
HOME=$dir XDG_CACHE_HOME=$dir/cache GOPATH=$dir/go GOCACHE=$dir/gocache GOFLAGS='' GOENV=off GOWORK=off GONOSUMDB=$module,$module/dist
PATH=$dir/go/bin:$PATH
export GOPROXY HOME XDG_CACHE_HOME GOPATH GOCACHE GOFLAGS GOENV GOWORK GONOSUMDB PATH
unset GOMODCACHE GOBIN TURNSTILE_CACHE

echo "== go install"
go install $module/cmd/turnstile@latest
turnstile version | grep "^turnstile $version " || fail "it says $(turnstile version)"

echo "== a module that imports sync2"
mkdir "$dir/bank" && cd "$dir/bank" && go mod init example.com/bank 2>/dev/null && go mod edit -go=1.26.0
cat >bank.go <<'EOF'
package main

import "github.com/turnstile-go/turnstile/sync2"

func main() {
	var mu sync2.Mutex
	mu.Lock()
	mu.Unlock()
}
EOF
go mod tidy
test "$(go mod edit -print | grep -c ' v[0-9]')" = 1 || fail "go.mod has more than sync2's module: $(cat go.mod)"
for platform in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do
	GOOS=${platform%/*} GOARCH=${platform#*/} CGO_ENABLED=0 go build -o "$dir/program" . && echo "$platform"
done
test "$(go version -m "$dir/program" | grep -c '	dep	')" = 1 || fail "the program has more in it than sync2's module"

echo "== a module that imports dist"
mkdir "$dir/shop" && cd "$dir/shop" && go mod init example.com/shop 2>/dev/null
go get $module/dist
go list -deps $module/dist >/dev/null

echo "== turnstile test, without a network"
mkdir "$dir/abba" && cd "$dir/abba" && go mod init example.com/abba 2>/dev/null && go mod edit -go=1.26.0
cat >abba_test.go <<'EOF'
package abba

import (
	"sync"
	"testing"
)

func TestABBA(t *testing.T) {
	var a, b sync.Mutex
	var wg sync.WaitGroup
	wg.Go(func() { a.Lock(); b.Lock(); b.Unlock(); a.Unlock() })
	wg.Go(func() { b.Lock(); a.Lock(); a.Unlock(); b.Unlock() })
	wg.Wait()
}
EOF
alone=
if unshare -rn true 2>/dev/null; then alone="unshare -rn"; fi
for go in "${GOTOOLCHAIN:-local}" "$@"; do
	GOTOOLCHAIN=$go go version # which downloads it
	chmod -R a-w "$dir/go/pkg/mod"
	code=0
	GOTOOLCHAIN=$go GOPROXY=off $alone turnstile test . >"$dir/out" 2>&1 || code=$?
	if test $code != 1 || ! grep 'explore: deadlock: main, func1, func2 wait forever' "$dir/out"; then cat "$dir/out"; fail "exit code $code"; fi
	chmod -R u+w "$dir/go/pkg/mod"
done
echo ok
