package lessons

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/gotest"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
)

// A Workshop unpacks, builds and drives lessons. It keeps the test binary that it built last.
type Workshop struct {
	Tests func() *gotest.Env

	opened sync.Mutex         // guards life and stop
	life   context.Context    // of the builds and the test binaries
	stop   context.CancelFunc // nil if there is no life

	mu  sync.Mutex     // guards what follows; held during a build
	dir string         // of the lessons, "" if they are not unpacked
	d   *gotest.Driver // nil if there is none

	of    *ordinary.Lesson // that d drives, nil if it is none
	token string           // of the test that d drives, "" if it is a lesson
}

// open returns the context of the builds and the test binaries. It ends with ctx, or by Clean.
func (w *Workshop) open(ctx context.Context) context.Context {
	w.opened.Lock()
	defer w.opened.Unlock()
	if w.stop == nil {
		w.life, w.stop = context.WithCancel(ctx)
	}
	return w.life
}

// Clean stops builds and test binaries, and removes the directory of the lessons.
func (w *Workshop) Clean() {
	w.opened.Lock()
	if w.stop != nil {
		w.stop()
		w.life, w.stop = nil, nil
	}
	w.opened.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop()
	if w.dir != "" {
		_ = os.RemoveAll(w.dir)
		w.dir = ""
	}
}

// drop stops the test binary.
func (w *Workshop) drop() {
	if w.d != nil {
		w.d.Close()
		w.d, w.of, w.token = nil, nil, ""
	}
}

// unpack returns the directory that holds the module of the lessons.
func (w *Workshop) unpack() (string, error) {
	if w.dir != "" {
		return w.dir, nil
	}
	dir, err := os.MkdirTemp("", "turnstile-lessons-")
	if err != nil {
		return "", err // it names the directory
	}
	if err := ordinary.Unpack(filepath.Join(dir, "ordinary")); err != nil {
		_ = os.RemoveAll(dir)
		return "", err // it names the file
	}
	w.dir = dir
	return dir, nil
}

// GoTestArgs returns the arguments of go test for the package of l, which it unpacks first.
func (w *Workshop) GoTestArgs(l *ordinary.Lesson) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	dir, err := w.unpack()
	if err != nil {
		return nil, exit.With(exit.Trouble, err)
	}
	return []string{"-C=" + filepath.Join(dir, "ordinary"), "-mod=mod", "-vet=off", "-trimpath", "./" + l.Dir}, nil
}

// TokenArgs returns the arguments of go test for the package of a token: args if there are any or if the token is not one of a
// lesson.
func (w *Workshop) TokenArgs(text string, args []string) ([]string, error) {
	token, err := gotest.ReadToken(text)
	if err != nil || len(args) > 0 || !strings.HasPrefix(token.Package, ordinary.Module+"/") {
		return args, nil //nolint:nilerr // the next one to read the token reports it
	}
	for _, l := range ordinary.All() {
		if l.Package() == token.Package {
			return w.GoTestArgs(l)
		}
	}
	return args, nil
}

// driven returns the Driver of l, which it builds if necessary. The Driver lives until Clean.
func (w *Workshop) driven(ctx context.Context, l *ordinary.Lesson) (*gotest.Driver, error) {
	args, err := w.GoTestArgs(l)
	if err != nil {
		return nil, err
	}
	ctx = w.open(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of == l && !w.d.Over() {
		return w.d, nil
	}
	w.drop()
	d, err := w.Tests().NewDriver(ctx, strings.NewReader(""), args, "^"+l.Test+"$", "", l.Expect == scenarios.ExpectRace && raceWorks(ctx))
	if err != nil {
		return nil, err
	}
	w.of, w.d = l, d
	return d, nil
}

// drivenBy returns the Driver of the test of a token, which it builds if necessary. The Driver lives until Clean.
func (w *Workshop) drivenBy(ctx context.Context, text string) (*gotest.Driver, error) {
	token, err := gotest.ReadToken(text)
	if err != nil {
		return nil, err
	}
	ctx = w.open(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.d != nil && w.token == text && !w.d.Over() {
		return w.d, nil
	}
	w.drop()
	d, err := w.Tests().NewDriver(ctx, strings.NewReader(""), nil, "", text, token.Race)
	if err != nil {
		return nil, err
	}
	w.token, w.d = text, d
	return d, nil
}

// raceWorks reports whether programs can be built with the race detector, which needs a C compiler.
func raceWorks(ctx context.Context) bool {
	out, err := exec.CommandContext(ctx, "go", "env", "CGO_ENABLED", "CC").Output()
	enabled, cc, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil || enabled != "1" {
		return false
	}
	_, err = exec.LookPath(cc)
	return err == nil
}
