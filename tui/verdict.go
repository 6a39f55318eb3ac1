package tui

import (
	"fmt"
	"math"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// verdict returns the result in one line, once all events have been shown: whether the invariant held, and if not, why. If the
// trace does not have a result, it describes the state of the goroutines. Advice is left out if it does not fit into room cells.
func (p *player) verdict(sc *scene.Scene, room int) (string, cells.Style) {
	switch {
	case sc.N < p.rec.Len() || sc.N == 0:
		return "", cells.StylePlain
	case p.live:
		return p.standstill(sc, room)
	case p.pos < p.end():
		return "", cells.StylePlain
	}
	text, failed, told := outcome(sc.State)
	switch {
	case p.err != nil:
		if failed { // the log has it as well
			return p.failure(sc, p.err.Error(), room), cells.StyleTrouble | cells.StyleBold
		}
		return p.failure(sc, p.err.Error(), math.MaxInt), cells.StyleTrouble | cells.StyleBold
	case failed:
		return p.failure(sc, text, room), cells.StyleTrouble | cells.StyleBold
	case told:
		return p.success(sc, text, room)
	case p.watched && p.note != "":
		return cells.GlyphTrouble + " " + cells.Clean(p.note), cells.StyleTrouble | cells.StyleBold
	case p.watched && sc.State.Last().Kind != trace.KindEnd:
		return "it ends here; the last events of the program may be missing", cells.StylePlain
	case !p.recorded && !p.watched:
		return p.success(sc, "the invariant held", room)
	}
	return p.fate(sc, room)
}

// standstill reports a deadlock, or that every goroutine on the screen waits. In the latter case only a timeout or a goroutine
// that has not appeared can help, and without one the program is stuck, although there is no wait-for cycle.
func (p *player) standstill(sc *scene.Scene, room int) (string, cells.Style) {
	if sc.Deadlock != "" {
		said := cells.GlyphTrouble + " " + sc.Deadlock
		if cells.Width(said) > room {
			said, _, _ = strings.Cut(said, ":")
		}
		return said, cells.StyleTrouble | cells.StyleBold
	}
	waits := 0
	for _, g := range sc.State.Goroutines() {
		switch g.Status {
		case timeline.StatusWaiting:
			waits++
		case timeline.StatusEnded:
		default:
			return "", cells.StylePlain
		}
	}
	if waits == 0 {
		return "", cells.StylePlain
	}
	if waits == 1 {
		return cells.GlyphWaiting + " no goroutine runs; one waits", cells.StyleWaiting
	}
	return fmt.Sprintf("%s no goroutine runs; %s wait", cells.GlyphWaiting, wording.Number(waits)), cells.StyleWaiting
}

// failure describes a run that failed because of why. If the stage already describes a deadlock, failure does not. A reason that
// does not fit into room cells is cut after a clause, or left out.
func (p *player) failure(sc *scene.Scene, why string, room int) string {
	kind := "failed"
	switch {
	case p.expects != "":
		kind = p.expects + " (expected)"
	case len(sc.Deadlocks) > 0:
		kind = "deadlock"
	}
	if len(sc.Deadlocks) > 0 {
		why = "none of these can proceed"
	}
	kind = cells.GlyphTrouble + " " + kind
	said := kind + ": " + cells.Clean(why)
	switch {
	case cells.Width(said) <= room:
		return said
	case len(sc.Deadlocks) > 0:
		return kind
	}
	const rest = "; the log says why"
	for _, sep := range [...]string{"; ", ": "} {
		for at := strings.LastIndex(said, sep); at > len(kind); at = strings.LastIndex(said[:at], sep) {
			if cells.Width(said[:at])+len(rest) <= room {
				return said[:at] + rest
			}
		}
	}
	return kind + rest
}

// success describes a run that did not fail, and names the goroutines that it left behind. If the scenario can fail, it adds how
// to make it fail, if there is room.
func (p *player) success(sc *scene.Scene, what string, room int) (string, cells.Style) {
	said := cells.GlyphEnded + " " + cells.Clean(what)
	if left := leftBehind(sc); left != "" {
		return said + "; left behind: " + left, cells.StyleWaiting | cells.StyleBold
	}
	st := cells.StyleRunning | cells.StyleBold
	if p.expects == "race" {
		return said + "; only a program built with -race detects the data race", st
	}
	if p.expects == "" || p.name == "" {
		return said, st
	}
	said += " this time"
	advice := fmt.Sprintf("; turnstile check %s looks for a schedule that fails", cells.Clean(p.name))
	if cells.Width(said)+cells.Width(advice) > room {
		return said, st
	}
	return said + advice, st
}

// leftBehind names the goroutines that have not ended, or counts them; it returns "" if there are none.
func leftBehind(sc *scene.Scene) string {
	const most = 4
	var names []string
	for _, g := range sc.State.Goroutines() {
		if g.Alive() {
			names = append(names, sc.Name(g.ID))
		}
	}
	if len(names) > most {
		return wording.Number(len(names)) + " goroutines"
	}
	return strings.Join(names, ", ")
}

// outcome returns the result that the trace contains; told reports whether there is one. It may be part of a goroutine's end.
func outcome(s *timeline.State) (text string, failed, told bool) {
	if ev := s.Failure(); ev.Kind == trace.KindFail {
		text = ev.Text
		if g := s.Words().GName(ev.G); ev.G != 0 {
			text = g + ": " + text
		}
		return text, true, true
	}
	for _, g := range s.Goroutines() {
		if ev := &g.Last; ev.Kind == trace.KindExit && ev.Text != "" && (!told || ev.N != 0) {
			text, failed, told = ev.Text, ev.N != 0, true
		}
	}
	return text, failed, told
}

// fate describes the state of the goroutines at the end.
func (p *player) fate(sc *scene.Scene, room int) (string, cells.Style) {
	gs := sc.State.Goroutines()
	var waits, ended []*timeline.Goroutine
	for _, g := range gs {
		switch g.Status {
		case timeline.StatusWaiting:
			waits = append(waits, g)
		case timeline.StatusEnded:
			ended = append(ended, g)
		default:
		}
	}
	switch {
	case len(sc.Deadlocks) > 0:
		return p.failure(sc, "", room), cells.StyleTrouble | cells.StyleBold
	case len(waits) == 1:
		who := fmt.Sprintf("%s waits for %s", sc.Name(waits[0].ID), sc.ObjectName(waits[0].For))
		if cells.Width(who)+len("x it ends while ") > room {
			who = fmt.Sprintf("one of %d goroutines waits", len(gs))
		}
		return fmt.Sprintf("%s it ends while %s", cells.GlyphWaiting, who), cells.StyleWaiting
	case len(waits) > 1:
		return fmt.Sprintf("%s it ends while %s of %d goroutines wait", cells.GlyphWaiting, wording.Number(len(waits)), len(gs)), cells.StyleWaiting
	case len(ended) == len(gs):
		return fmt.Sprintf("%s all %d goroutines have ended", cells.GlyphEnded, len(gs)), cells.StyleRunning
	case len(ended) == len(gs)-1:
		return fmt.Sprintf("it ends here; one of %d goroutines still runs", len(gs)), cells.StylePlain
	default:
		return fmt.Sprintf("it ends here; %d of %d goroutines still run", len(gs)-len(ended), len(gs)), cells.StylePlain
	}
}
