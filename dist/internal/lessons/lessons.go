package lessons

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/dist"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// ErrNotHere is returned for a lesson that cannot run on this system.
var ErrNotHere = errors.New("it cannot be run on this system")

// lessons has the lessons, by name.
var lessons = map[string]func(context.Context, *lesson) error{
	"dishes-engine":   dishes,
	"engine-ledger":   ledger,
	"engine-fetch":    fetch,
	"lease-unchecked": func(ctx context.Context, l *lesson) error { return account(ctx, l, false) },
	"lease-checked":   func(ctx context.Context, l *lesson) error { return account(ctx, l, true) },
}

// names returns the names of the lessons, sorted.
func names() []string {
	var names []string
	for name := range lessons {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Run runs a lesson at the given pace, see package scenarios, and sends the trace of its space to sink. It returns an error if the
// lesson's invariant does not hold. All processes that it starts have ended when it returns.
func Run(ctx context.Context, name string, pace float64, sink trace.Sink) (err error) {
	f := lessons[name]
	if f == nil {
		return fmt.Errorf("no lesson is called %q; there are %s", name, strings.Join(names(), ", "))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := dist.Open(ctx, dist.WithListen("127.0.0.1:0"), dist.WithName("engine"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	stop, err := s.Trace(ctx, sink)
	if err != nil {
		return err
	}
	defer stop()
	l := &lesson{Space: s, pace: pace}
	defer l.end()
	return f(ctx, l)
}

// A lesson is a running lesson.
type lesson struct {
	*dist.Space

	pace  float64
	crew  []*worker
	tasks sync.WaitGroup // which read what workers say
}

// scale returns d at the pace of the lesson, but not less than least.
func (l *lesson) scale(d, least time.Duration) time.Duration {
	return max(least, time.Duration(float64(d)*l.pace))
}

// pause lets d go by at the pace of the lesson, or less if ctx ends.
func (l *lesson) pause(ctx context.Context, d time.Duration) { pause(ctx, l.scale(d, 0)) }

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// orders say what a process has to do.
type orders struct {
	Role, Name, URL string
	From            string // where pages are

	Work    time.Duration // what it does takes that long
	Timeout time.Duration // after which it does not wait anymore
	N       int
}

// A worker is another process, seen from its parent.
type worker struct {
	name  string
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string // what it says; closed when it has ended
	err   error       // how it has ended, then
}

const variable = "TURNSTILE_LESSON"

// hire starts processes with the same orders, each with one of the numbers in its name.
func (l *lesson) hire(ctx context.Context, o orders, numbers ...int) (crew []*worker, err error) {
	name := o.Name
	for _, n := range numbers {
		o.Name = fmt.Sprintf("%s-%d", name, n)
		w, err := l.start(ctx, o)
		if err != nil {
			return nil, err
		}
		crew = append(crew, w)
	}
	return crew, nil
}

// start starts a process with these orders. It is killed when ctx ends.
func (l *lesson) start(ctx context.Context, o orders) (*worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	o.URL = l.URL()
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	w := &worker{name: o.Name, cmd: exec.CommandContext(ctx, self), lines: make(chan string, 1000)} //nolint:gosec // it is this program
	w.cmd.Env = append(os.Environ(), variable+"="+string(text), "GORACE=atexit_sleep_ms=0")
	w.cmd.Stderr = os.Stderr
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start a process: %w", err)
	}
	l.crew = append(l.crew, w)
	l.tasks.Go(func() {
		defer close(w.lines)
		for in := bufio.NewScanner(out); in.Scan(); {
			w.lines <- in.Text()
		}
		w.err = w.cmd.Wait()
	})
	return w, nil
}

// hear returns the next line from w.
func (w *worker) hear(ctx context.Context) (string, error) {
	select {
	case line, ok := <-w.lines:
		if !ok {
			return "", fmt.Errorf("%s has ended: %w", w.name, errors.Join(io.EOF, w.err))
		}
		return line, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// answer sends w a line.
func (w *worker) answer(format string, args ...any) { _, _ = fmt.Fprintf(w.in, format+"\n", args...) }

// dismiss asks w to end, and returns its remaining lines.
func (w *worker) dismiss() (lines []string, err error) {
	_ = w.in.Close()
	for line := range w.lines {
		lines = append(lines, line)
	}
	if w.err != nil {
		return lines, fmt.Errorf("%s: %w", w.name, w.err)
	}
	return lines, nil
}

// kill kills w, and announces its end, which it cannot do itself.
func (l *lesson) kill(ctx context.Context, w *worker) error {
	_ = w.cmd.Process.Kill()
	for range w.lines {
	}
	s, err := dist.Open(ctx, dist.WithURL(l.URL()), dist.WithName(w.name))
	if err != nil {
		return err
	}
	return s.Close()
}

// end ends all workers that still run.
func (l *lesson) end() {
	for _, w := range l.crew {
		_ = w.in.Close()
		_ = w.cmd.Process.Kill()
		for range w.lines {
		}
	}
	l.tasks.Wait()
}

// A hand is a started process, seen from inside.
type hand struct {
	*dist.Space
	orders

	in *bufio.Reader
}

// roles has the functions that a process can run. Their context ends when the parent closes the pipe, unless they read from it
// themselves.
var roles = map[string]func(context.Context, *hand) error{
	"washer": washer, "dryer": dryer, "ledger-dryer": ledgerDryer, "fetcher": fetcher, "clerk": clerk,
}

// asks are the roles that read answers.
var asks = map[string]bool{"clerk": true}

// Child runs this process as a worker of a lesson if it was started as one; then it does not return.
func Child() {
	text := os.Getenv(variable)
	if text == "" {
		return
	}
	if err := child(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func child(text string) error {
	h := &hand{in: bufio.NewReader(os.Stdin)}
	if err := json.Unmarshal([]byte(text), &h.orders); err != nil {
		return err
	}
	role := roles[h.Role]
	if role == nil {
		return fmt.Errorf("there is no role %q", h.Role)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if !asks[h.Role] {
		go func() {
			_, _ = io.Copy(io.Discard, h.in)
			cancel()
		}()
	}
	s, err := dist.Open(ctx, dist.WithURL(h.orders.URL), dist.WithName(h.Name))
	if err != nil {
		return err
	}
	h.Space = s
	s.Log("is process %d", os.Getpid())
	return errors.Join(role(ctx, h), s.Close())
}

// each calls f with the items of a queue, one by one, until the context of a role ends.
func each(ctx context.Context, q *dist.Queue[string], f func(*dist.Item[string]) error) error {
	for {
		item, err := q.GetContext(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // it is dismissed
		}
		if err != nil {
			return err
		}
		if err := f(item); err != nil {
			return err
		}
	}
}

// say sends a line to the parent process.
func (h *hand) say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// ask says a line and returns the answer.
func (h *hand) ask(format string, args ...any) (string, error) {
	h.say(format, args...)
	line, err := h.in.ReadString('\n')
	return strings.TrimSpace(line), err
}
