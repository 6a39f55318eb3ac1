package tui

import (
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A variable is its value.
type varPanel struct{ *subject }

func (p varPanel) title() []string {
	if p.o.Class == trace.ClassAtomic {
		return []string{"atomic"}
	}
	return []string{"variable"}
}

// idle reports whether it is an atomic, of which there are many.
func (p varPanel) idle() bool { return p.o.Class == trace.ClassAtomic && len(p.o.Queue) == 0 }

func (p varPanel) row() (string, cells.Style, []group) {
	value, st := p.value()
	return value, st, nil
}

func (p varPanel) value() (string, cells.Style) {
	if p.o.Result == "" {
		return "not written yet", cells.Dim
	}
	return "= " + cells.Clean(p.o.Result), cells.Bright | cells.Bold
}

func (p varPanel) lay(r cells.Rect) {
	value, st := p.value()
	p.Center(r, r.H/2, value, st)
	p.onTheWay(p.floor(r, 3, 0))
}
