package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/internal/feed"
	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// The engine is a program of its own, since the module that it is in requires NATS, and this one must not: importers of sync2
// would have it in their module graph. It is looked for, and if it is nowhere the go command builds it.

const (
	engineName    = "turnstile-engine"
	engineModule  = "github.com/turnstile-go/turnstile/dist"
	enginePackage = engineModule + "/cmd/" + engineName
	rootModule    = "github.com/turnstile-go/turnstile"
)

// engineFlags are those of the command engine.
type engineFlags struct{ dir, listen, node, cluster, nodes string }

// engineCommand returns the command that runs an engine.
func (p *program) engineCommand() *cobra.Command {
	var f engineFlags
	cmd := &cobra.Command{
		Use:   "engine",
		Short: "Run an engine for processes that share primitives",
		Long: `Engine runs a server for the processes that use package dist: locks with leases and fencing tokens, semaphores, events,
barriers, wait groups and queues across processes and hosts. When it is ready it prints the URL for dist.WithURL; it stops
when it is interrupted. "turnstile watch dist URL" shows what happens there.

It has no passwords: anyone who can reach its port can do everything.

The engine is the program turnstile-engine. Turnstile looks for it in its own directory and on the PATH. If it is not there, the go
command builds the same version, which is kept in the cache.`,
		Example: `  turnstile engine --dir /var/lib/shop --listen 127.0.0.1:4222
  turnstile engine --dir data --listen 10.0.0.1:4222 --node a --cluster 10.0.0.1:6222 --nodes 10.0.0.1:6222,10.0.0.2:6222,10.0.0.3:6222`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case (f.node == "") != (f.cluster == ""):
				return coded(usage, errors.New("--node and --cluster must be given together"))
			case f.listen == "":
				return coded(usage, errors.New("--listen must not be empty"))
			}
			return p.runEngine(cmd.Context(), &f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.dir, "dir", "", "`directory` for stored data (default: a temporary one)")
	flags.StringVar(&f.listen, "listen", "127.0.0.1:4222", "`address` to listen at for clients")
	flags.StringVar(&f.node, "node", "", "`name` of this node of a cluster")
	flags.StringVar(&f.cluster, "cluster", "", "`address` to listen at for the other nodes")
	flags.StringVar(&f.nodes, "nodes", "", "`addresses` of all nodes, separated by commas")
	return cmd
}

// runEngine runs an engine until a signal comes.
func (p *program) runEngine(ctx context.Context, f *engineFlags) error {
	path, err := p.engineOrTell(ctx)
	if err != nil {
		return coded(trouble, err)
	}
	args := []string{"-listen", f.listen}
	for _, flag := range []struct{ name, value string }{{"-dir", f.dir}, {"-node", f.node}, {"-cluster", f.cluster}, {"-nodes", f.nodes}} {
		if flag.value != "" {
			args = append(args, flag.name, flag.value)
		}
	}
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // it is our program
	cmd.Stdout, cmd.Stderr = p.out, p.errs
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // so that it closes what it has stored
	cmd.WaitDelay = testPatience
	if p.patient != nil {
		defer p.patient(testPatience, func() { _ = cmd.Process.Kill() })()
	}
	err = cmd.Run()
	switch _, exited := errors.AsType[*exec.ExitError](err); {
	case ctx.Err() != nil:
		return context.Cause(ctx) // it is the signal
	case exited:
		return coded(trouble, errSaid)
	}
	return coded(trouble, err)
}

// engineOrTell finds the engine, and says so if it has to be built.
func (p *program) engineOrTell(ctx context.Context) (string, error) {
	return p.findEngine(ctx, func() {
		complain(p.errs, engineName+" is being built by the go command, which takes a while the first time …")
	})
}

// withEngine returns a context with which s finds the engine, if it needs one. That is built before s begins, so that s need not wait.
func (p *program) withEngine(ctx context.Context, s *scenarios.Scenario) context.Context {
	if s.Category != scenarios.CategoryHosts {
		return ctx
	}
	path, err := p.engineOrTell(ctx)
	return scenarios.WithEngine(ctx, func(context.Context) (string, error) { return path, err })
}

// findEngine returns the path of turnstile-engine: beside this program, on the PATH, or built, before which building is called.
func (p *program) findEngine(ctx context.Context, building func()) (string, error) {
	name := engineName
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		if path := filepath.Join(filepath.Dir(self), name); isFile(path) {
			return path, nil
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	if p.build == nil {
		return "", errors.New(engineName + " is neither in turnstile's directory nor on the PATH")
	}
	return p.build(ctx, name, building)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// buildEngine builds the engine of this version into the cache, and returns its path.
func (p *program) buildEngine(ctx context.Context, name string, building func()) (string, error) {
	fails := func(err error) error {
		return fmt.Errorf("%s is neither in turnstile's directory nor on the PATH, and cannot be built: %w", engineName, err)
	}
	cache, err := p.cache()
	if err != nil {
		return "", fails(err)
	}
	source, version := engineSource(), ""
	key := fmt.Sprintf("%x", sha256.Sum256([]byte(source)))[:12]
	if source == "" {
		if version = released(); version == "" {
			return "", fails(errors.New("this turnstile is not a release, and its source is not on this machine"))
		}
		key = version
	}
	path := filepath.Join(cache, "engine", key, name)
	there := isFile(path)
	if there && version != "" {
		return path, nil
	}
	if _, err := exec.LookPath("go"); err != nil {
		return "", fails(err)
	}
	if !there {
		building()
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fails(rootFails(err))
	}
	dir := source
	if dir == "" {
		if dir, err = engineWorkshop(version); err != nil {
			return "", fails(err)
		}
		defer os.RemoveAll(dir)
	}
	if err := goBuild(ctx, dir, path); err != nil {
		return "", fails(err)
	}
	return path, nil
}

// engineSource returns the directory of module dist, if this program was built where its source is.
func engineSource() string {
	_, file, _, ok := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(file), "..", "..", "dist")
	if !ok || !filepath.IsAbs(file) || !isFile(filepath.Join(dir, "go.mod")) {
		return ""
	}
	return dir
}

// released returns the version of this program, "" if it is none that can be had elsewhere.
func released() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != rootModule || !strings.HasPrefix(info.Main.Version, "v") || strings.Contains(info.Main.Version, "+") {
		return ""
	}
	return info.Main.Version
}

// engineWorkshop makes a module in which the engine of a version can be built. To say "go install" will not do: the module of the
// engine replaces its requirement of this one by the directory above it, which counts only there.
func engineWorkshop(version string) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "turnstile-engine-"); err != nil {
		return "", err // it names the directory
	}
	text := fmt.Sprintf("module %s\n\ngo 1.26.0\n\nrequire (\n\t%s %s\n\t%s %s\n)\n", engineName, engineModule, version, rootModule, version)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o600); err != nil {
		_ = os.RemoveAll(dir)
		return "", err // it names the file
	}
	return dir, nil
}

// goBuild builds the engine in the module of dir.
func goBuild(ctx context.Context, dir, path string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, enginePackage) //nolint:gosec // the path is ours
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

// space makes what happens in a space of an engine the source: turnstile-engine writes its trace.
func (w *watcher) space(ctx context.Context, url, space string) error {
	path, err := w.p.engineOrTell(ctx)
	if err != nil {
		return err
	}
	args := []string{"-watch", url, "-format", "trace"}
	if space != "" {
		args = append(args, "-space", space)
	}
	ctx, cancel := context.WithCancel(ctx)
	t := &spaceTrace{cmd: exec.CommandContext(ctx, path, args...)} //nolint:gosec // it is our program
	t.cmd.Cancel = func() error { return t.cmd.Process.Signal(syscall.SIGTERM) }
	t.cmd.WaitDelay = testPatience
	t.cmd.Stderr = &t.said
	out, err := t.cmd.StdoutPipe()
	if err == nil {
		err = t.cmd.Start()
	}
	if err != nil {
		cancel()
		return err // it names the program
	}
	t.Stream = feed.Decode(out)
	w.title, w.source = url, &feed.One{Stream: t}
	w.closes = append(w.closes, func() {
		cancel()
		_ = t.cmd.Wait() // it was told to end
	})
	return nil
}

// A spaceTrace is what turnstile-engine writes of a space.
type spaceTrace struct {
	feed.Stream

	cmd  *exec.Cmd
	said tail
}

// All implements feed.Stream. If there is no trace, the error is what the program says.
func (t *spaceTrace) All() iter.Seq2[trace.Event, error] {
	return func(yield func(trace.Event, error) bool) {
		n := 0
		for ev, err := range t.Stream.All() {
			if err != nil && n == 0 { // it ends, and has said why
				_ = t.cmd.Wait()
				if said := strings.TrimSpace(t.said.String()); said != "" {
					err = errors.New(strings.TrimPrefix(said[strings.LastIndexByte(said, '\n')+1:], engineName+": "))
				}
			}
			if n++; !yield(ev, err) {
				return
			}
		}
	}
}
