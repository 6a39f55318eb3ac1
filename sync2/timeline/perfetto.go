package timeline

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// WritePerfetto writes events to w in the JSON format of Chrome's tracing, which ui.perfetto.dev opens: a track for
// each goroutine with its waits as slices, all else that it does as instants, and an arrow from a goroutine to each one
// that it releases; a track for each lock with its holders, and for each timer with the times at which it fires; and a
// counter for the permits of each semaphore, the items in each channel, the readers of each RWMutex, and each
// WaitGroup. If ctx ends, WritePerfetto gives up and returns its cause.
func WritePerfetto(ctx context.Context, w io.Writer, events []trace.Event) error {
	p := &perfetto{w: bufio.NewWriter(w), named: make(map[int64]bool)}
	p.put(chromeEvent{Ph: "M", Name: "process_name", Pid: pidGoroutines, Args: map[string]any{"name": "goroutines"}})
	p.put(chromeEvent{Ph: "M", Name: "process_name", Pid: pidObjects, Args: map[string]any{"name": "objects"}})
	for i, ev := range events {
		if i%checkContext == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if p.err != nil {
			break
		}
		depth, owner := p.lock(ev.Obj)
		_ = p.s.Apply(ev) // an inconsistent event is drawn as is
		p.nameTracks(&ev)
		p.goroutine(&ev)
		p.object(&ev, depth, owner)
	}
	if p.err == nil {
		_, p.err = p.w.WriteString("\n]}\n")
	}
	if p.err == nil {
		p.err = p.w.Flush()
	}
	if p.err != nil {
		return fmt.Errorf("timeline: %w", p.err)
	}
	return nil
}

// The two groups of tracks.
const (
	pidGoroutines = 1
	pidObjects    = 2
)

// A chromeEvent is an event in the format of Chrome's tracing.
type chromeEvent struct {
	Ph    string         `json:"ph"` // B and E: a slice begins, ends; i: instant; s and f: an arrow; C: counter; M: name
	Name  string         `json:"name"`
	Cat   string         `json:"cat,omitempty"`
	Pid   int            `json:"pid"`
	Tid   int64          `json:"tid"`
	TS    float64        `json:"ts"` // microseconds
	ID    uint64         `json:"id,omitempty"`
	Scope string         `json:"s,omitempty"`
	Bind  string         `json:"bp,omitempty"`
	Args  map[string]any `json:"args,omitempty"`
}

type perfetto struct {
	w     *bufio.Writer
	s     State
	begun bool
	named map[int64]bool
	err   error
}

func (p *perfetto) put(ev chromeEvent) {
	if p.err != nil {
		return
	}
	ev.Name = safetext.Line(ev.Name)
	for key, arg := range ev.Args {
		if text, ok := arg.(string); ok {
			ev.Args[key] = safetext.Line(text)
		}
	}
	sep := ",\n"
	if !p.begun {
		sep = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
		p.begun = true
	}
	line, err := json.Marshal(ev)
	if err == nil {
		_, err = p.w.WriteString(sep + string(line))
	}
	p.err = err
}

// nameTracks names the tracks of new goroutines and objects.
func (p *perfetto) nameTracks(ev *trace.Event) {
	if ev.G != 0 && (!p.named[ev.G] || ev.Kind == trace.KindDefineG) {
		p.named[ev.G] = true
		p.put(chromeEvent{Ph: "M", Name: "thread_name", Pid: pidGoroutines, Tid: ev.G, Args: map[string]any{"name": p.s.Words().GName(ev.G)}})
	}
	if ev.Kind == trace.KindDefineObj && !ev.Inner || ev.Kind == trace.KindRename {
		p.put(chromeEvent{Ph: "M", Name: "thread_name", Pid: pidObjects, Tid: int64(ev.Obj), Args: map[string]any{"name": p.s.Words().ObjName(ev.Obj)}})
	}
}

// goroutine draws ev on the track of its goroutine.
func (p *perfetto) goroutine(ev *trace.Event) {
	_, what := p.s.Words().Event(*ev)
	if ev.G == 0 || what == "" {
		return
	}
	at := chromeEvent{Name: what, Pid: pidGoroutines, Tid: ev.G, TS: micros(ev)}
	if site := p.s.Site(ev.PC); site != "" {
		at.Args = map[string]any{"at": site}
	}
	switch ev.Kind {
	case trace.KindBlock:
		at.Ph, at.Cat = "B", "wait"
	case trace.KindUnblock, trace.KindGiveUp:
		at.Ph, at.Cat = "E", "wait"
	case trace.KindDefineG:
		return
	default:
		at.Ph, at.Cat, at.Scope = "i", "act", "t"
	}
	if ev.Kind == trace.KindUnblock && ev.Peer != 0 {
		p.put(chromeEvent{Ph: "s", Name: "releases", Cat: "release", Pid: pidGoroutines, Tid: ev.Peer, TS: micros(ev), ID: ev.Seq})
		p.put(chromeEvent{Ph: "f", Name: "releases", Cat: "release", Pid: pidGoroutines, Tid: ev.G, TS: micros(ev), ID: ev.Seq, Bind: "e"})
	}
	p.put(at)
}

// lock returns the depth and owner of object id if it is a lock.
func (p *perfetto) lock(id trace.ID) (depth, owner int64) {
	if o := p.s.Object(id); o != nil && (isLock(o.Class) || o.Class == trace.ClassRWMutex) {
		return o.Depth, o.Owner
	}
	return 0, 0
}

// object draws the change that ev made on the track of its object, which owner held at the given depth before ev.
func (p *perfetto) object(ev *trace.Event, depth, owner int64) {
	o := p.s.Object(ev.Obj)
	if o == nil || o.Internal() {
		return
	}
	at := chromeEvent{Pid: pidObjects, Tid: int64(o.ID), TS: micros(ev), Cat: "hold"}
	if isLock(o.Class) || o.Class == trace.ClassRWMutex {
		if depth > 0 && (o.Depth == 0 || o.Owner != owner) {
			at.Ph, at.Name = "E", p.s.Words().GName(owner)
			p.put(at)
		}
		if o.Depth > 0 && (depth == 0 || o.Owner != owner) {
			at.Ph, at.Name = "B", p.s.Words().GName(o.Owner)
			p.put(at)
		}
	}
	switch o.Class {
	case trace.ClassSemaphore:
		at.Args = map[string]any{"available": o.Permits, "waiting": len(o.Queue)}
	case trace.ClassChan:
		at.Args = map[string]any{"items": len(o.Items), "sending": len(p.s.AtEnd(o.ID, true)), "receiving": len(p.s.AtEnd(o.ID, false))}
	case trace.ClassRWMutex:
		at.Args = map[string]any{"readers": len(o.Holders) - int(min(o.Depth, 1)), "waiting": len(o.Queue)}
	case trace.ClassWaitGroup:
		at.Args = map[string]any{"counter": o.Count, "waiting": len(o.Queue)}
	case trace.ClassTimer:
		if ev.Kind == trace.KindFire {
			p.put(chromeEvent{Ph: "i", Name: "fires", Pid: pidObjects, Tid: int64(o.ID), TS: micros(ev), Cat: "act", Scope: "t"})
		}
		return
	default:
		return
	}
	at.Ph, at.Name = "C", p.s.Words().ObjName(o.ID)
	p.put(at)
}

func micros(ev *trace.Event) float64 { return float64(ev.Time) / 1e3 }
