package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/cache"
	"github.com/turnstile-go/turnstile/internal/safetext"
)

const (
	rootModule = "github.com/turnstile-go/turnstile"
	module     = rootModule + "/dist"
	program    = module + "/cmd/" + Name
)

// Build builds the engine of this version into the cache, and returns its path.
func Build(ctx context.Context, getenv func(string) string) (string, error) {
	fails := func(err error) error {
		return fmt.Errorf("%s, and cannot be built: %w", nowhere, err)
	}
	kept, err := cache.Dir(getenv)
	if err != nil {
		return "", fails(err)
	}
	dir, version := source(), ""
	key := fmt.Sprintf("%x", sha256.Sum256([]byte(dir)))[:12]
	if dir == "" {
		if version = released(); version == "" {
			return "", fails(errors.New("this turnstile is not a release, and its source is not on this machine"))
		}
		key = version
	}
	path := filepath.Join(kept, "engine", key, fileName())
	if version != "" && isFile(path) {
		return path, nil
	}
	if _, err := exec.LookPath("go"); err != nil {
		return "", fails(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fails(cache.Advise(err))
	}
	if dir == "" {
		if dir, err = scratchModule(version); err != nil {
			return "", fails(err)
		}
		defer os.RemoveAll(dir)
	}
	if err := goBuild(ctx, dir, path); err != nil {
		return "", fails(err)
	}
	return path, nil
}

// source returns the directory of module dist, or "" if the source of this program is not on this machine.
func source() string {
	_, file, _, ok := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(file), "..", "..", "..", "..", "dist")
	if !ok || !filepath.IsAbs(file) || !isFile(filepath.Join(dir, "go.mod")) {
		return ""
	}
	return dir
}

// released returns the version of this program, or "" if it is not a released version.
func released() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != rootModule || !strings.HasPrefix(info.Main.Version, "v") || strings.Contains(info.Main.Version, "+") {
		return ""
	}
	return info.Main.Version
}

// scratchModule makes a module in which the engine of a version can be built. "go install" refuses to build it, because the
// engine's go.mod has a replace directive.
func scratchModule(version string) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "turnstile-engine-"); err != nil {
		return "", err // it names the directory
	}
	text := fmt.Sprintf("module %s\n\ngo 1.26.0\n\nrequire (\n\t%s %s\n\t%s %s\n)\n", Name, module, version, rootModule, version)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o600); err != nil {
		_ = os.RemoveAll(dir)
		return "", err // it names the file
	}
	return dir, nil
}

// goBuild builds the engine in the module of dir.
func goBuild(ctx context.Context, dir, path string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, program) //nolint:gosec // the path is ours
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "PWD="+dir)
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx) // it is the signal
	case err != nil:
		return fmt.Errorf("go build: %w\n%s", err, strings.TrimSpace(safetext.Lines(string(out))))
	}
	return nil
}
