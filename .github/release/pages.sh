#!/bin/sh
# Writes the manual page and the completions of turnstile into build/, for packages.
set -eu
mkdir -p build/completions
go build -trimpath -o build/turnstile ./cmd/turnstile
build/turnstile man | gzip -9n > build/turnstile.1.gz
for shell in bash zsh fish; do
	build/turnstile completion $shell > build/completions/turnstile.$shell
done
