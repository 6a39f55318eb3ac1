package tui

import (
	"testing"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// variants returns events that differ in one property from ev, which comes after s. If two goroutines or objects have the same
// name, the text cannot distinguish them, since the program did not.
func variants(s *timeline.State, ev trace.Event) (all []trace.Event) {
	add := func(change func(e *trace.Event)) {
		e := ev
		if change(&e); e != ev {
			all = append(all, e)
		}
	}
	o, w := s.Object(ev.Obj), s.Words()
	if ev.Kind == trace.KindResume { // where it waited is known
		return nil
	}
	if o == nil || o.Class != trace.ClassTaskGroup || ev.Kind != trace.KindBlock { // a goroutine never asks for two places
		add(func(e *trace.Event) { e.N++ })
		add(func(e *trace.Event) { e.N = max(0, e.N-1) })
	}
	add(func(e *trace.Event) { e.Text += "x" })
	if ev.Kind == trace.KindDefineObj {
		return all
	}
	peers := ev.Kind != trace.KindPut || o != nil && o.Class == trace.ClassPriorityQueue // elsewhere items have one place to go to
	if peers && ev.Peer != 0 {
		add(func(e *trace.Event) { e.Peer = 0 })
	}
	const most = 8
	gs, objs := s.Goroutines(), s.Objects()
	for _, g := range gs[:min(len(gs), most)] {
		if g.Status == timeline.StatusEnded {
			continue
		}
		if w.GName(g.ID) != w.GName(ev.G) {
			add(func(e *trace.Event) { e.G = g.ID })
		}
		if peers && ev.Peer > 0 && w.GName(g.ID) != w.GName(ev.Peer) {
			add(func(e *trace.Event) { e.Peer = g.ID })
		}
	}
	for _, p := range objs[:min(len(objs), most)] {
		if o != nil && p.Class == o.Class && w.ObjName(p.ID) != w.ObjName(o.ID) {
			add(func(e *trace.Event) { e.Obj = p.ID })
		}
	}
	return all
}

// said reports whether the text must have a line for ev, the last event of s. Some events are described by others: the start of a
// goroutine, the first event of a goroutine as an object, a wait for several futures or channels.
func said(s *timeline.State, ev trace.Event) bool {
	switch o := s.Object(ev.Obj); {
	case o != nil && o.Internal():
		return false
	case ev.Kind == trace.KindRename:
		return true
	case ev.Kind == trace.KindDefineObj:
		return o.Class != trace.ClassGoroutine && o.Class != trace.ClassSelect && o.Class != trace.ClassNilChan && o.Class != trace.ClassClock
	}
	return s.Visible(&ev)
}

// atRest returns the stage of sc with another State.
func atRest(sc *scene.Scene, s *timeline.State) string {
	other, c := *sc, cells.NewCanvas(120, 40)
	other.State = s
	stage.LayOut(&other, cells.Area(0, 0, c.W, c.H), 0).DrawAtRest(c, &other)
	return c.String()
}

// A listener to the text misses nothing that the stage shows: each event of each scenario is described, and where another event
// would have led to another picture, it would have been described in other words.
func TestTextSaysWhatTheStageShows(t *testing.T) {
	type kind struct {
		of    trace.Kind
		class trace.Class
		n     int64 // of a definition: what state the object is in
	}
	const often = 2 // the number of events of each kind, at each class of object, for which variants are drawn
	drawn := make(map[kind]int)
	same := 0
	tuitest.EachScenario(t, func(t *testing.T, r tuitest.Recording) {
		p := newPlayer(r.Of.Name, 1, true)
		if err := p.open(t.Context(), &Playback{Events: r.Events}); err != nil {
			t.Fatal(err)
		}
		s := p.rec.Timeline.At(0).Clone()
		for i, ev := range r.Events {
			before, k := (*timeline.State)(nil), kind{of: ev.Kind, class: ev.Class}
			if o := s.Object(ev.Obj); o != nil {
				k.class = o.Class
			}
			if ev.Kind == trace.KindDefineObj {
				k.n = min(ev.N, 4)
			}
			if drawn[k] < often {
				before = s.Clone()
			}
			if s.Apply(ev) != nil || !said(s, ev) {
				continue
			}
			text := timeline.Describe(s, ev)
			if text == "" {
				t.Errorf("nothing is said of event %d, %v", i+1, ev)
			}
			if before == nil {
				continue
			}
			drawn[k]++
			p.seek(p.rec.Clock().PosOf(i + 1))
			sc := p.scene()
			for _, v := range variants(before, ev) {
				after := before.Clone()
				if after.Apply(v) != nil || timeline.Describe(after, v) != text {
					continue
				}
				same++
				if want, got := atRest(sc, s), atRest(sc, after); got != want {
					t.Errorf("of event %d, %v, the text says %q, and the same of %v, which shows\n%s\nin place of\n%s", i+1, ev, text, v, got, want)
				}
			}
		}
	})
	if len(drawn) < 40 || same < 20 {
		t.Errorf("only %d kinds of events were tried, and only %d variants have the same text", len(drawn), same)
	}
}
