package tui

import (
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// In no scenario is a sentence cut on a small terminal: neither in the log, nor the next event, nor in panels and the list.
func TestNoCutSentence(t *testing.T) {
	most := 4
	if testing.Verbose() {
		most = 300
	}
	const look = "The workers come one by one and stand at the gate; their places fill from left to right. With the last arrival it opens."
	lines, steps := 0, 0
	tuitest.EachScenario(t, func(t *testing.T, r tuitest.Recording) {
		p := newPlayer(r.Of.Name, 1, true)
		p.lookFor = look
		if err := p.open(t.Context(), &Playback{Events: r.Events}); err != nil {
			t.Fatal(err)
		}
		c := cells.NewCanvas(80, 24)
		check := func(n int) {
			steps++
			p.seek(p.rec.Clock().PosOf(n))
			c.Reset(80, 24)
			p.draw(c, "", cells.StylePlain)
			for row := range strings.SplitSeq(c.String(), "\n") {
				if at := tuitest.Cut.FindStringIndex(row); at != nil && !cutBefore(p, row[:at[0]]) {
					t.Errorf("event %d: cut: %s", n, row)
				}
			}
		}
		cursor := p.rec.Timeline.Cursor()
		longest, width := 0, 0
		for n, i := p.rec.Next(0), 0; n > 0; n, i = p.rec.Next(n), i+1 {
			lines++
			if i%max(1, len(r.Events)/most) == 0 {
				check(n)
			}
			p.log.fill(&p.rec.Timeline, []int{n}, cursor)
			if w := cells.Width(p.log.lines[n].what); w > width {
				longest, width = n, w
			}
		}
		if longest > 0 {
			check(longest)
		}
		check(len(r.Events)) // when the result is known
	})
	t.Logf("%d events, %d screens", lines, steps)
}

// A long failure is complete in the log, and nothing below it is cut.
func TestNoCutFailure(t *testing.T) {
	tuitest.EachScenario(t, func(t *testing.T, r tuitest.Recording) {
		if !testing.Verbose() && !slices.Contains([]string{"barrier", "dishes", "philosophers"}, r.Of.Name) {
			return
		}
		events := slices.Clone(r.Events[:len(r.Events)/2])
		last := events[len(events)-1]
		events = append(events, trace.Event{Seq: last.Seq + 1, Time: last.Time + 1, G: last.G, Kind: trace.KindFail,
			Text: "hung: the customer waits for the door, which nobody opens, and so do seven others who came later"})
		p := newPlayer(r.Of.Name, 1, true)
		if err := p.open(t.Context(), &Playback{Events: events}); err != nil {
			t.Fatal(err)
		}
		p.seek(p.rec.Clock().PosOf(len(events)))
		c := cells.NewCanvas(80, 24)
		p.draw(c, "", cells.StylePlain)
		verdict := "the log says why"
		if len(p.scene().Deadlocks) > 0 { // the description of the deadlock says more
			verdict = "✗ deadlock: none of these can proceed"
		}
		if text := c.String(); !strings.Contains(text, "who came later") || !strings.Contains(text, verdict) || tuitest.Cut.MatchString(text) {
			t.Error(text)
		}
	})
}

// A reason that does not fit is cut after a clause, or replaced by the kind of failure.
func TestFailureInRoom(t *testing.T) {
	const why = "deadlock: ann holds fork-1 and waits for fork-2; ben holds fork-2 and waits for fork-1; because of it main waits"
	p, sc := newPlayer("forks", 1, true), new(scene.Scene)
	for room, want := range map[int]string{
		200: "✗ failed: " + why,
		115: "✗ failed: deadlock: ann holds fork-1 and waits for fork-2; ben holds fork-2 and waits for fork-1; the log says why",
		80:  "✗ failed: deadlock: ann holds fork-1 and waits for fork-2; the log says why",
		60:  "✗ failed: deadlock; the log says why",
		30:  "✗ failed; the log says why",
	} {
		if got := p.failure(sc, why, room); got != want || cells.Width(got) > room {
			t.Errorf("in %d cells: %q, not %q", room, got, want)
		}
	}
}

// cutBefore reports whether s ends like a text of the trace that is itself cut.
func cutBefore(p *player, s string) bool {
	s = s[max(0, len(s)-4):]
	for _, ln := range p.log.lines {
		if strings.Contains(ln.what, s+"…") {
			return true
		}
	}
	return false
}
