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
	cache, err := p.rootCache()
	if err != nil {
		return "", err
	}
	root, err := goroot.Make(ctx, from, cache)
	if err != nil {
		return "", rootFails(err)
	}
	return root.Dir, nil
}

// rootCache returns the directory of private GOROOTs.
func (p *program) rootCache() (string, error) {
	cache, err := p.cache()
	return filepath.Join(cache, "goroot"), err
}

// cache returns the directory of what is made once and kept.
func (p *program) cache() (string, error) {
	cache := p.getenv(cacheVariable)
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no cache directory: %w; set %s to one", err, cacheVariable)
		}
		cache = filepath.Join(user, "turnstile")
	}
	return cache, nil
}

// rootFails returns err, why there is no private GOROOT, with what to do about it.
func rootFails(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; set %s to a writable directory", err, cacheVariable)
	}
	return err
}

// standard returns patterns of the packages of the standard library in a GOROOT.
func standard(dir string) ([]string, error) {
	return goroot.Standard(dir) // it says all
}
