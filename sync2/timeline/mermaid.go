package timeline

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// WriteMermaid writes events to w as a Mermaid sequence diagram: a lifeline for each goroutine, an arrow where one
// starts or releases another, and notes for its other operations. Diagrams of more than a few hundred events are hard
// to read. If ctx ends, WriteMermaid gives up and returns its cause.
func WriteMermaid(ctx context.Context, w io.Writer, events []trace.Event) error {
	b := bufio.NewWriter(w) // keeps the first error for Flush
	fmt.Fprintln(b, "sequenceDiagram")
	last := new(State)
	for i, ev := range events {
		if i%checkContext == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		_ = last.Apply(ev) // an inconsistent event is drawn as is
	}
	for i, g := range last.Goroutines() {
		if i%checkContext == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		fmt.Fprintf(b, "    participant g%d as %s\n", g.ID, mermaidText(last.Words().GName(g.ID)))
	}
	s := new(State)
	for i, ev := range events {
		if i%checkContext == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		_ = s.Apply(ev) // an inconsistent event is drawn as is
		switch {
		case ev.G == 0 && ev.Kind != trace.KindDropped && ev.Kind != trace.KindFail || ev.Kind == trace.KindResume || ev.Kind == trace.KindDefineG:
		case ev.Kind == trace.KindDropped || ev.G == 0:
			if gs := last.Goroutines(); len(gs) > 0 {
				fmt.Fprintf(b, "    Note over g%d,g%d: %s\n", gs[0].ID, gs[len(gs)-1].ID, mermaidText(Describe(s, ev)))
			}
		case ev.Kind == trace.KindSpawn && last.Goroutine(ev.Peer) != nil:
			fmt.Fprintf(b, "    g%d->>g%d: starts\n", ev.G, ev.Peer)
		case ev.Kind == trace.KindUnblock && last.Goroutine(ev.Peer) != nil:
			fmt.Fprintf(b, "    g%d->>g%d: %s\n", ev.Peer, ev.G, mermaidText(mermaidRelease(s, &ev)))
		default:
			if _, what := s.Words().Event(ev); what != "" {
				fmt.Fprintf(b, "    Note over g%d: %s\n", ev.G, mermaidText(what))
			}
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("timeline: %w", err)
	}
	return nil
}

func mermaidRelease(s *State, ev *trace.Event) string {
	if g := s.Goroutine(ev.G); g != nil && g.Failed {
		return "turns away: " + s.Words().ObjName(ev.Obj) + " " + s.Words().at(g).failure()
	}
	return "releases from " + s.Words().ObjName(ev.Obj)
}

var mermaidEscapes = strings.NewReplacer("#", "#35;", ";", "#59;", "<", "#lt;", ">", "#gt;")

// mermaidText escapes s so that a diagram shows it as text.
func mermaidText(s string) string { return mermaidEscapes.Replace(safetext.Line(s)) }
