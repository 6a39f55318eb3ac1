package tui

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A log shows events as sentences.
type log struct {
	active bool
	rows   int             // the number of lines there was room for
	only   bool            // show only the focus
	found  *finder         // its matches are highlighted; nil: there is no search
	marks  []int           // marked events
	next   string          // describes the next event, if no other part does
	lines  map[int]logLine // a cache, by event number
}

type logLine struct {
	who, what string
	names     []string // the names in what
	kind      trace.Kind
}

// A ledger is the layout of a line of the log.
type ledger struct {
	stampW, whoW int
	end          time.Duration
}

// ledgerFor returns the layout of the events ns in r.
func (l *log) ledgerFor(tl *timeline.Timeline, ns []int, r cells.Rect) ledger {
	end := tl.End()
	g := ledger{cells.Width(wording.Stamp(end, end)), 4, end}
	for _, n := range ns {
		g.whoW = max(g.whoW, cells.Width(l.lines[n].who))
	}
	g.whoW = min(g.whoW, max(14, r.W/6), r.W/4)
	return g
}

// split breaks ln into lines of w cells. The first one has less room, because it comes after the name of the goroutine.
func (g ledger) split(ln logLine, w int) []string {
	rest := w - g.stampW - 3
	return wrapped(ln.what, rest-g.whoW-2, rest)
}

// wrapped breaks s between words into lines, the first of n cells, the others of m.
func wrapped(s string, n, m int) []string {
	if cells.Width(s) <= n {
		return []string{s}
	}
	lines := cells.Wrap(s, n)
	if len(lines) == 0 || n < 1 {
		return []string{s}
	}
	rest := strings.TrimSpace(strings.TrimPrefix(strings.Join(strings.Fields(s), " "), lines[0]))
	return append(lines[:1:1], cells.Wrap(rest, m)...)
}

// needs returns the number of lines the last event takes at a width of w cells.
func (l *log) needs(sc *scene.Scene, tl *timeline.Timeline, w int) int {
	keep := scene.Focus{}
	if l.only {
		keep = sc.Focus
	}
	ns := recent(tl, sc.N, 1, keep)
	if len(ns) == 0 {
		return 1
	}
	l.fill(tl, ns, nil)
	return len(l.ledgerFor(tl, ns, cells.Area(0, 0, w, 1)).split(l.lines[ns[0]], w))
}

// manyRows is the least height of a log that also shows future events if it is not full.
const manyRows = 12

// draw draws the events up to the playhead into r, the latest at the bottom. If there is room below it, the next events follow,
// dimmed.
func (l *log) draw(c *cells.Canvas, sc *scene.Scene, tl *timeline.Timeline, r cells.Rect, titled bool, hits []hit) []hit {
	if r.H < 1 {
		return hits
	}
	hits = append(hits, hit{r: r, pane: onLog})
	if titled {
		heading(c, r, "events", l.next, l.active)
		r = r.Lines(1, r.H-1)
	}
	keep := scene.Focus{}
	if l.only {
		keep = sc.Focus
	}
	l.rows = r.H
	ns := recent(tl, sc.N, r.H, keep)
	past := len(ns)
	if r.H >= manyRows {
		ns = append(ns, following(tl, sc.N, r.H-past, keep)...)
	}
	l.fillFrom(tl, ns, sc)
	g := l.ledgerFor(tl, ns, r)
	parts, lines := make([][]string, len(ns)), 0
	if past == 0 {
		lines++ // for the line that says so
	}
	for i, n := range ns {
		parts[i] = g.split(l.lines[n], r.W)
		lines += len(parts[i])
	}
	for len(ns) > past && lines > r.H { // drop the last ones
		lines -= len(parts[len(ns)-1])
		ns, parts = ns[:len(ns)-1], parts[:len(ns)-1]
	}
	for past > 1 && lines > r.H { // drop the oldest ones
		lines -= len(parts[0])
		ns, parts, past = ns[1:], parts[1:], past-1
	}
	y := 0
	if past == 0 {
		c.Text(r.X, r.Y, cells.Truncate("nothing has happened yet", r.W-1), cells.StyleDim)
		y++
	}
	for i, n := range ns {
		row := r.Lines(y, min(len(parts[i]), r.H-y))
		if y += row.H; row.H < len(parts[i]) {
			parts[i] = parts[i][:row.H]
			parts[i][row.H-1] = cells.Truncate(parts[i][row.H-1]+" …", row.W-g.stampW-g.whoW-5)
		}
		c.Dim = i >= past || sc.Focus.G != 0 && tl.Event(n-1).G != sc.Focus.G || sc.Focus.Obj != 0 && tl.Event(n-1).Obj != sc.Focus.Obj
		l.event(c, row, g, tl.TimeAt(n), n, parts[i], i == past-1)
		c.Dim = false
		hits = append(hits, hit{r: row, pane: onLog, n: n, g: tl.Event(n - 1).G})
	}
	return hits
}

// event draws event n, one line for each of parts.
func (l *log) event(c *cells.Canvas, r cells.Rect, g ledger, at time.Duration, n int, parts []string, current bool) {
	ln := l.lines[n]
	time, text := cells.StyleDim, cells.StylePlain
	if current {
		time, text = cells.StyleAccent, cells.StyleBright
	}
	c.Right(r.X+g.stampW, r.Y, wording.Stamp(at, g.end), time)
	if _, marked := slices.BinarySearch(l.marks, n); marked {
		c.Text(r.X+g.stampW+1, r.Y, cells.Mark, cells.StyleAccent|cells.StyleBold)
	}
	x := r.X + g.stampW + 2
	c.Fit(x, r.Y, g.whoW, ln.who, kindStyle(ln.kind, text)|cells.StyleBold)
	l.found.underline(c, x, r.Y, g.whoW, ln.who)
	names, verb := ln.names, ln.who != ""
	for i, s := range parts {
		at := x
		if i == 0 {
			at += g.whoW + 2
		}
		names = emphasized(c, at, r.Y+i, r.X+r.W-at-1, s, verb, names, text)
		l.found.underline(c, at, r.Y+i, r.X+r.W-at-1, s)
		verb = false
	}
}

// kindStyle returns the style of the goroutine's name in an event of kind k.
func kindStyle(k trace.Kind, other cells.Style) cells.Style {
	switch k {
	case trace.KindBlock:
		return cells.StyleWaiting
	case trace.KindUnblock, trace.KindPass, trace.KindTrip, trace.KindSet:
		return cells.StyleReleased
	case trace.KindAcquire:
		return cells.StyleHolding
	case trace.KindGiveUp, trace.KindBreak, trace.KindTryFail:
		return cells.StyleTrouble
	case trace.KindExit:
		return cells.StyleEnded
	default:
		return other
	}
}

// farBack is the maximum number of past events that are searched for those of the focus.
const farBack = 100_000

// recent returns the numbers of the last visible events up to n, at most rows, oldest first. If keep is not empty, it returns
// only events that concern it.
func recent(tl *timeline.Timeline, n, rows int, keep scene.Focus) []int {
	ns := make([]int, 0, rows)
	events := tl.Events()
	for i := n; i > max(0, n-farBack) && len(ns) < rows; i-- {
		if ev := &events[i-1]; tl.Now().Visible(ev) && (keep.None() || keep.Concerns(tl.Now(), ev)) || ev.Kind == trace.KindEnd {
			ns = append(ns, i)
		}
	}
	for i, j := 0, len(ns)-1; i < j; i, j = i+1, j-1 {
		ns[i], ns[j] = ns[j], ns[i]
	}
	return ns
}

// following returns the numbers of the next visible events after n, at most rows. If keep is not empty, it returns only events
// that concern it.
func following(tl *timeline.Timeline, n, rows int, keep scene.Focus) []int {
	var ns []int
	events := tl.Events()
	for i := n; i < min(len(events), n+workSlice) && len(ns) < rows; i++ {
		if ev := &events[i]; tl.Now().Visible(ev) && (keep.None() || keep.Concerns(tl.Now(), ev)) {
			ns = append(ns, i+1)
		}
	}
	return ns
}

// sentence returns the sentence of event n.
func (l *log) sentence(tl *timeline.Timeline, n int) string {
	l.fill(tl, []int{n}, nil)
	return strings.TrimSpace(l.lines[n].who + " " + l.lines[n].what)
}

// ahead makes the lines up to event n while c moves there, so that no event has to be applied twice.
func (l *log) ahead(tl *timeline.Timeline, n int, keep scene.Focus, c *timeline.Cursor) {
	l.fill(tl, recent(tl, n, l.rows, keep), c)
}

// fill makes the missing lines of the events ns, which are in ascending order. It moves c to them, if c is not nil.
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

// fillFrom is fill for events of which some come soon after the playhead.
func (l *log) fillFrom(tl *timeline.Timeline, ns []int, sc *scene.Scene) {
	from := sort.SearchInts(ns, sc.N+1)
	l.fill(tl, ns[:from], nil)
	var s *timeline.State
	at := sc.N
	for _, n := range ns[from:] {
		if _, ok := l.lines[n]; ok {
			continue
		}
		if s == nil {
			s = sc.State.Clone()
		}
		for ; at < n; at++ {
			_ = s.Apply(tl.Event(at)) // errors are ignored, as in the timeline
		}
		l.lines[n] = lineOf(s, tl.Event(n-1))
	}
}

// lineOf returns the line of ev; s is the State after it.
func lineOf(s *timeline.State, ev trace.Event) logLine {
	who, what := s.Words().Event(ev)
	kind := ev.Kind
	if g := s.Goroutine(ev.G); kind == trace.KindUnblock && g != nil && g.Failed {
		kind = trace.KindBreak // for its style
	}
	return logLine{cells.Clean(who), cells.Clean(what), namesIn(s, &ev), kind}
}

// nextLine returns the sentence of event n, which comes soon after event at; s is the State after event at.
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
