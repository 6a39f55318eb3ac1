package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/turnstile-go/turnstile/internal/goroot"
)

// cacheVariable is the environment variable that says where private GOROOTs are kept.
const cacheVariable = "TURNSTILE_CACHE"

// makeRoot returns the private GOROOT for the Go whose GOROOT is from.
func (p *program) makeRoot(ctx context.Context, from string) (dir string, err error) {
	cache := p.getenv(cacheVariable)
	if cache == "" {
		if cache, err = os.UserCacheDir(); err != nil {
			return "", fmt.Errorf("there is no directory for the private GOROOT: %w; set %s to one", err, cacheVariable)
		}
		cache = filepath.Join(cache, "turnstile")
	}
	root, err := goroot.Make(ctx, from, filepath.Join(cache, "goroot"))
	switch {
	case err == nil:
		return root.Dir, nil
	case errors.Is(err, fs.ErrPermission):
		return "", fmt.Errorf("%w; set %s to a directory that can be written", err, cacheVariable)
	}
	return "", err //nolint:wrapcheck // it says what it is about
}

// standard returns patterns of the packages of the standard library in a GOROOT.
func standard(dir string) ([]string, error) {
	return goroot.Standard(dir) //nolint:wrapcheck // it says all
}
