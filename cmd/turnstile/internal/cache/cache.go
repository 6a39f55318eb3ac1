// Package cache has what turnstile makes once and keeps in a directory of the user: private GOROOTs, and the engine.
package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/turnstile-go/turnstile/internal/goroot"
)

// Variable is the environment variable that names the directory.
const Variable = "TURNSTILE_CACHE"

// Dir returns the directory, which need not exist.
func Dir(getenv func(string) string) (string, error) {
	dir := getenv(Variable)
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no cache directory: %w; set %s to one", err, Variable)
		}
		dir = filepath.Join(user, "turnstile")
	}
	dir, err := filepath.Abs(dir) // the go command runs in other directories
	if err != nil {
		return "", fmt.Errorf("%s: %w", Variable, err)
	}
	return dir, nil
}

// roots returns the directory of the private GOROOTs.
func roots(getenv func(string) string) (string, error) {
	dir, err := Dir(getenv)
	return filepath.Join(dir, "goroot"), err
}

// ExploringRoot returns the private GOROOT, made from the GOROOT from, whose programs can be explored.
func ExploringRoot(ctx context.Context, getenv func(string) string, from string) (dir string, err error) {
	return root(ctx, getenv, from, goroot.Make)
}

// TellingRoot returns the private GOROOT, made from the GOROOT from, whose programs report what they do.
func TellingRoot(ctx context.Context, getenv func(string) string, from string) (dir string, err error) {
	return root(ctx, getenv, from, goroot.MakeTelling)
}

func root(ctx context.Context, getenv func(string) string, from string, build func(ctx context.Context, from, cache string) (*goroot.Root, error)) (string, error) {
	cache, err := roots(getenv)
	if err != nil {
		return "", err
	}
	root, err := build(ctx, from, cache)
	if err != nil {
		return "", Advise(err)
	}
	return root.Dir, nil
}

// Advise adds what to do about it to err, which came from the cache.
func Advise(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; set %s to a writable directory", err, Variable)
	}
	return err
}
