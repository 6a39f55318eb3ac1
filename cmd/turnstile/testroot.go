package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/turnstile-go/turnstile/internal/goroot"
)

// makeRoot returns the private GOROOT for the Go whose GOROOT is from.
func makeRoot(ctx context.Context, from string) (dir string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no directory for the private GOROOT: %w", err)
	}
	root, err := goroot.Make(ctx, from, filepath.Join(cache, "turnstile", "goroot"))
	if err != nil {
		return "", err //nolint:wrapcheck // it says what it is about
	}
	return root.Dir, nil
}
