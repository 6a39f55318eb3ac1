package tui

import (
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A log shows the last events as sentences.
type log struct {
	active bool
	rows   int             // how many lines there was room for
	only   bool            // it tells of what is in focus alone
	found  *finder         // what was looked for stands out; nil: nothing was
	marks  []int           // events that are marked
	next   string          // what happens next, if that is not said elsewhere
	lines  map[int]logLine // by event, from 1; a cache
}

type logLine struct {
	who, what string
	names     []string // in what
	kind      trace.Kind
}

// draw draws the events up to the playhead into r, the latest at the bottom.
func (l *log) draw(c *cells.Canvas, sc *scene, tl *timeline.Timeline, r cells.Rect, titled bool, hits []hit) []hit {
	if r.H < 1 {
		return hits
	}
	hits = append(hits, hit{r: r, pane: onLog})
	if titled {
		heading(c, r, "events", l.next, l.active)
		r = r.Lines(1, r.H-1)
	}
	keep := focus{}
	if l.only {
		keep = sc.focus
	}
	l.rows = r.H
	ns := recent(tl, sc.n, r.H, keep)
	l.fill(tl, ns, nil)
	end := tl.End()
	stampW := cells.Width(stamp(end, end))
	whoW := 4
	for _, n := range ns {
		whoW = max(whoW, cells.Width(l.lines[n].who))
	}
	whoW = min(whoW, 14, r.W/4)
	for i, n := range ns {
		ln := l.lines[n]
		row := r.Row(i)
		c.Dim = sc.focus.g != 0 && tl.Event(n-1).G != sc.focus.g || sc.focus.obj != 0 && tl.Event(n-1).Obj != sc.focus.obj
		current := i == len(ns)-1
		time, text := cells.Dim, cells.Plain
		if current {
			time, text = cells.Accent, cells.Bright
		}
		t := stamp(tl.TimeAt(n), end)
		c.Right(row.X+stampW, row.Y, t, time)
		if _, marked := slices.BinarySearch(l.marks, n); marked {
			c.Text(row.X+stampW+1, row.Y, cells.Mark, cells.Accent|cells.Bold)
		}
		x := row.X + stampW + 2
		c.Fit(x, row.Y, whoW, ln.who, kindStyle(ln.kind, text)|cells.Bold)
		emphasized(c, x+whoW+2, row.Y, row.X+row.W-x-whoW-3, ln.what, ln.who != "", ln.names, text)
		l.found.underline(c, x, row.Y, whoW, ln.who)
		l.found.underline(c, x+whoW+2, row.Y, row.X+row.W-x-whoW-3, ln.what)
		c.Dim = false
		hits = append(hits, hit{r: row, pane: onLog, n: n, g: tl.Event(n - 1).G})
	}
	if len(ns) == 0 {
		c.Text(r.X, r.Y, cells.Truncate("nothing has happened yet", r.W-1), cells.Dim)
	}
	return hits
}

// kindStyle returns the style of the name of one to whom an event of kind k happens.
func kindStyle(k trace.Kind, other cells.Style) cells.Style {
	switch k {
	case trace.KindBlock:
		return cells.Waiting
	case trace.KindUnblock, trace.KindPass, trace.KindTrip, trace.KindSet:
		return cells.Released
	case trace.KindAcquire:
		return cells.Holding
	case trace.KindGiveUp, trace.KindBreak, trace.KindTryFail:
		return cells.Trouble
	case trace.KindExit:
		return cells.Ended
	default:
		return other
	}
}

// farBack is how many events back it is looked for some of what is in focus.
const farBack = 100_000

// recent returns the numbers of the last rows events up to n that say something, oldest first; if keep is not empty, of
// those that concern it.
func recent(tl *timeline.Timeline, n, rows int, keep focus) []int {
	ns := make([]int, 0, rows)
	events := tl.Events()
	for i := n; i > max(0, n-farBack) && len(ns) < rows; i-- {
		if ev := &events[i-1]; !isSilent(ev.Kind) && (keep.none() || keep.concerns(ev)) || ev.Kind == trace.KindEnd {
			ns = append(ns, i)
		}
	}
	for i, j := 0, len(ns)-1; i < j; i, j = i+1, j-1 {
		ns[i], ns[j] = ns[j], ns[i]
	}
	return ns
}

// sentence returns the line of event n as a sentence.
func (l *log) sentence(tl *timeline.Timeline, n int) string {
	l.fill(tl, []int{n}, nil)
	return strings.TrimSpace(l.lines[n].who + " " + l.lines[n].what)
}

// ahead makes the lines up to event n while c goes there, so that nothing has to be applied twice.
func (l *log) ahead(tl *timeline.Timeline, n int, keep focus, c *timeline.Cursor) {
	l.fill(tl, recent(tl, n, l.rows, keep), c)
}

// fill makes the lines of events ns, in ascending order, that are not known yet. Cursor c, if that is not nil,
// goes to them.
func (l *log) fill(tl *timeline.Timeline, ns []int, c *timeline.Cursor) {
	if l.lines == nil || len(l.lines) > 1024 {
		l.lines = make(map[int]logLine)
	}
	for _, n := range ns {
		if _, ok := l.lines[n]; ok {
			continue
		}
		if c == nil {
			c = tl.Cursor()
		}
		c.Seek(n)
		l.lines[n] = lineOf(c.State(), tl.Event(n-1))
	}
}

// lineOf returns the line of ev, after which the State is s.
func lineOf(s *timeline.State, ev trace.Event) logLine {
	who, what := timeline.Words(s, ev)
	kind := ev.Kind
	if g := s.Goroutine(ev.G); kind == trace.KindUnblock && g != nil && g.Failed {
		kind = trace.KindBreak // so that it looks like one
	}
	return logLine{cells.Clean(who), cells.Clean(what), namesIn(s, &ev), kind}
}

// nextLine returns the line of event n, which is soon after event at, after which the State is s, as a sentence.
func (l *log) nextLine(tl *timeline.Timeline, n int, s *timeline.State, at int) string {
	if _, ok := l.lines[n]; !ok && l.lines != nil && n-at < workSlice {
		s = s.Clone()
		for ; at < n; at++ {
			_ = s.Apply(tl.Event(at))
		}
		l.lines[n] = lineOf(s, tl.Event(n-1))
	}
	return l.sentence(tl, n)
}
