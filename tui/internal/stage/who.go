package stage

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// who returns an additional clause that names the goroutines that could end the waits here, as far as they are known: those that have
// done so before, or the only one still running; or it says why no goroutine can. Done is the action in words: "set it". It returns
// "" if no goroutine waits.
func (p *subject) who(done string) string {
	if len(p.o.Queue) == 0 {
		return ""
	}
	if why := p.sc.State.Words().WhyStuck(p.o.Queue[0]); why != "" {
		return "; " + why
	}
	var before []string
	for _, id := range p.o.Senders {
		if g := p.sc.State.Goroutine(id); g != nil && g.Status != timeline.StatusEnded && !slices.Contains(p.o.Queue, id) {
			before = append(before, p.sc.Name(id))
		}
	}
	if n := len(before); n == 1 || n == 2 {
		has := " has "
		if n == 2 {
			has = " have "
		}
		return "; " + wording.Enumerated(before) + has + done + " before"
	}
	only := int64(0)
	for _, g := range p.sc.State.Goroutines() {
		switch {
		case g.Status == timeline.StatusWaiting || g.Status == timeline.StatusEnded || g.Status == timeline.StatusUnknown:
		case only != 0:
			return ""
		default:
			only = g.ID
		}
	}
	if only == 0 {
		return ""
	}
	return "; only " + p.sc.Name(only) + " still runs"
}
