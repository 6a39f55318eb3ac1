package scenarios

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// The scenarios across hosts need an engine, which this module does not have. Their programs are in dist/internal/lessons, and the
// program turnstile-engine runs them: it starts the processes, and writes a trace of what they do, which is replayed here. Where
// that program is not available, a recording is replayed instead.

// recordings holds a gzipped trace of each. "make recordings" makes them.
//
//go:embed recordings
var recordings embed.FS

type engineKey struct{}

// WithEngine returns a context for scenarios that need an engine: find returns the path of the program turnstile-engine, or an error
// if there is none. Without an engine, these scenarios show a recording.
func WithEngine(ctx context.Context, find func(context.Context) (path string, err error)) context.Context {
	return context.WithValue(ctx, engineKey{}, find)
}

// errNoEngine means that the context has no engine.
var errNoEngine = errors.New("no engine is at hand")

// across returns the Run of a scenario across hosts. Fails is the error of its recording, "" if there is none.
func across(name, fails string) func(context.Context, Params) error {
	return func(ctx context.Context, p Params) error {
		t := newRetelling()
		defer t.end()
		begun, err := t.live(ctx, name, p)
		if begun || ctx.Err() != nil {
			return err
		}
		if !errors.Is(err, errNoEngine) {
			trace.Log("showing a recording: %v", err)
		}
		if err := t.recording(ctx, name, p); err != nil {
			return err
		}
		if fails != "" {
			return errors.New(fails)
		}
		return nil
	}
}

// A retelling copies the events of another trace into the running one.
type retelling struct {
	gs    map[int64]int64
	objs  map[trace.ID]*trace.Object
	waits map[int64]*trace.Object // the object at which each goroutine waits, nil if it does not wait
}

// lastTold is the number of the last goroutine of any retelling. The numbers are far from those of real goroutines.
var lastTold atomic.Int64

func init() { lastTold.Store(1 << 40) }

func newRetelling() *retelling {
	return &retelling{make(map[int64]int64), make(map[trace.ID]*trace.Object), make(map[int64]*trace.Object)}
}

// event replays ev.
func (t *retelling) event(ev trace.Event) {
	var none *trace.Object
	switch ev.Kind {
	case trace.KindBegin, trace.KindEnd, trace.KindDropped, trace.KindDefinePC:
		return
	case trace.KindDefineG:
		g := lastTold.Add(1)
		t.gs[ev.G], t.waits[g] = g, nil
		none.EmitAt(trace.Event{Kind: trace.KindDefineG, G: g, Text: ev.Text}, nil)
		return
	case trace.KindDefineObj:
		o := new(trace.Object)
		trace.Name(o, ev.Text)
		o.Define(ev.Class, ev.N, nil)
		t.objs[ev.Obj] = o
		return
	case trace.KindUnblock, trace.KindSpawn, trace.KindRelease:
		ev.Peer = t.gs[ev.Peer]
	default:
	}
	o := t.objs[ev.Obj]
	ev.G, ev.PC = cmp.Or(t.gs[ev.G], trace.UnknownG), 0
	o.EmitAt(ev, nil)
	switch ev.Kind {
	case trace.KindBlock:
		t.waits[ev.G] = o
	case trace.KindUnblock, trace.KindGiveUp:
		t.waits[ev.G] = nil
	case trace.KindExit:
		delete(t.waits, ev.G)
	default:
	}
}

// end emits the end of each goroutine whose end has not been seen.
func (t *retelling) end() {
	var none *trace.Object
	for g, at := range t.waits {
		if g == trace.UnknownG {
			continue
		}
		if at != nil {
			at.EmitAt(trace.Event{Kind: trace.KindGiveUp, G: g, N: int64(trace.ReasonClosed)}, nil)
		}
		none.EmitAt(trace.Event{Kind: trace.KindExit, G: g}, nil)
	}
}

// recording replays the recording of the scenario, at the pace of p.
func (t *retelling) recording(ctx context.Context, name string, p Params) error {
	text, err := recordings.ReadFile("recordings/" + name + ".jsonl.gz")
	if err != nil {
		return fmt.Errorf("there is no recording: %w", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("the recording: %w", err)
	}
	events, err := tracefile.Read(ctx, z)
	if err != nil {
		return fmt.Errorf("the recording: %w", err)
	}
	var at int64
	for _, ev := range events {
		if d := time.Duration(ev.Time - at); d > time.Millisecond {
			p.Pause(ctx, d)
			at = ev.Time
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		t.event(ev)
	}
	return nil
}

// notHere is the exit code of turnstile-engine for a scenario that cannot run on this system.
const notHere = 4

// live runs the scenario, and replays its events as they happen. It reports whether there were any.
func (t *retelling) live(ctx context.Context, name string, p Params) (begun bool, err error) {
	find, _ := ctx.Value(engineKey{}).(func(context.Context) (string, error))
	if find == nil {
		return false, errNoEngine
	}
	engine, err := find(ctx)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, engine, "-scenario", name, "-pace", formatNumber(p.Pace())) //nolint:gosec // the program is our own
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }                    // so that it can end its processes
	cmd.WaitDelay = 5 * time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return false, fmt.Errorf("%s: %w", engine, err)
	}
	if err := cmd.Start(); err != nil {
		return false, fmt.Errorf("%s: %w", engine, err)
	}
	wrong := func() error {
		events, err := tracefile.NewReader(out)
		if err != nil {
			return err
		}
		for ev, err := range events.All() {
			if err != nil {
				return err
			}
			begun = begun || ev.Kind != trace.KindBegin && ev.Kind != trace.KindEnd
			t.event(ev)
		}
		return nil
	}()
	if wrong != nil && !errors.Is(wrong, os.ErrClosed) {
		cancel() // it says why
	}
	err = cmd.Wait()
	exit, exited := errors.AsType[*exec.ExitError](err)
	lines := strings.TrimSpace(said.String())
	last := lines[strings.LastIndexByte(lines, '\n')+1:]
	switch {
	case err == nil:
		return begun, nil
	case exited && exit.ExitCode() == notHere:
		return false, errors.New(strings.TrimPrefix(last, "turnstile-engine: "))
	case last != "":
		return begun, errors.New(strings.TrimPrefix(last, "turnstile-engine: "))
	}
	return begun, fmt.Errorf("%s: %w", engine, errors.Join(err, wrong))
}
