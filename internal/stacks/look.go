package stacks

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A Group is a group of goroutines in the same state at the same position.
type Group struct {
	State string
	Place Frame // where, in the program's own code if possible
	Calls []Frame

	Count  int       // number of goroutines
	Before int       // number at the first look
	Since  time.Time // since when the oldest one has been there, as far as known
	Still  int       // number that were already there at the previous look
	Grows  bool      // its number keeps growing
	counts []int
	name   string
}

// Name returns the name of g, such as "chan receive at server.go:12".
func (g *Group) Name() string { return g.name }

// A member is a goroutine, as long as it is in a group.
type member struct {
	Goroutine
	group *Group
	since time.Time // it is in the group
	seen  int       // the number of the look
}

// A Look is the state of a service at one moment.
type Look struct {
	At     time.Time
	N      int // its number, from 1
	Total  int // goroutines
	Groups []*Group

	came, moved, gone []*member
}

// A Watcher looks at a service periodically.
type Watcher struct {
	Service *Service
	Every   time.Duration // the interval between two looks, longer if looks take long

	now    func() time.Time
	sleep  func(context.Context, time.Duration) error
	n      int
	took   time.Duration
	groups map[string]*Group
	all    map[int64]*member
	names  map[string]int
}

// NewWatcher returns a Watcher of s.
func NewWatcher(s *Service, every time.Duration) *Watcher {
	return &Watcher{
		Service: s, Every: every, now: time.Now, sleep: sleep,
		groups: make(map[string]*Group), all: make(map[int64]*member), names: make(map[string]int),
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx) // it is the caller's
	}
}

// share is the divisor of a service's time that may be spent on answers: all of its goroutines are stopped for a part
// of that.
const share = 20

// Wait waits until it is time for the next look.
func (w *Watcher) Wait(ctx context.Context) error { return w.sleep(ctx, max(w.Every, share*w.took)) }

// Look looks once.
func (w *Watcher) Look(ctx context.Context) (*Look, error) {
	began := w.now()
	gs, err := w.Service.fetch(ctx)
	w.took = w.now().Sub(began)
	if err != nil {
		return nil, err
	}
	return w.take(gs), nil
}

const (
	// trend is the number of looks that determine whether a group grows.
	trend = 8
	// growth is the minimum growth of a group in that time.
	growth = 5
)

// take processes the goroutines gs.
func (w *Watcher) take(gs []Goroutine) *Look {
	w.n++
	l := &Look{At: w.now(), N: w.n, Total: len(gs)}
	for _, g := range w.groups {
		g.Count, g.Still, g.Since = 0, 0, l.At
	}
	std := findStandard(gs)
	for i := range gs {
		w.see(l, &gs[i], std)
	}
	for id, m := range w.all {
		if m.seen != w.n {
			delete(w.all, id)
			l.gone = append(l.gone, m)
		}
	}
	for k, g := range w.groups {
		if g.end(); g.over() {
			delete(w.groups, k)
		} else if g.Count > 0 {
			l.Groups = append(l.Groups, g)
		}
	}
	slices.SortFunc(l.Groups, func(a, b *Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.name, b.name))
	})
	for _, ms := range [][]*member{l.came, l.moved, l.gone} {
		slices.SortFunc(ms, func(a, b *member) int { return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.ID, b.ID)) })
	}
	return l
}

// see processes one goroutine.
func (w *Watcher) see(l *Look, g *Goroutine, std standard) {
	k := key(g)
	group := w.groups[k]
	if group == nil {
		group = &Group{State: g.State, Place: std.where(g), Calls: g.Stack, Since: l.At}
		group.name = w.nameOf(group)
		w.groups[k] = group
	}
	group.Count++
	m := w.all[g.ID]
	switch {
	case m == nil:
		m = &member{since: l.At}
		w.all[g.ID] = m
		l.came = append(l.came, m)
	case m.group != group || g.Waited < m.Waited: // it has been elsewhere, if only in between
		m.since = l.At
		l.moved = append(l.moved, m)
	default:
		group.Still++
	}
	m.Goroutine, m.group, m.seen = *g, group, l.N
	if at := l.At.Add(-g.Waited); at.Before(m.since) {
		m.since = at
	}
	if m.since.Before(group.Since) {
		group.Since = m.since
	}
}

// nameOf returns the name of g: other stacks may end at the same position.
func (w *Watcher) nameOf(g *Group) string {
	name := g.State
	if g.Place.File != "" {
		name += " at " + g.Place.Place()
	}
	w.names[name]++
	if n := w.names[name]; n > 1 {
		name += fmt.Sprintf(" #%d", n)
	}
	return name
}

// end records the number of members of g in a look.
func (g *Group) end() {
	if g.counts == nil {
		g.Before = g.Count
	}
	if len(g.counts) == trend {
		g.counts = slices.Delete(g.counts, 0, 1)
	}
	g.counts = append(g.counts, g.Count)
	first := g.counts[0]
	g.Grows = len(g.counts) == trend && slices.IsSorted(g.counts) && g.Count-first >= max(growth, first/20)
}

// over reports whether g has long been empty.
func (g *Group) over() bool {
	return len(g.counts) == trend && !slices.ContainsFunc(g.counts, func(n int) bool { return n > 0 })
}

// most is the maximum number of groups that Write shows.
const most = 40

// Write writes l as a table.
func (l *Look) Write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  look %d: %d goroutines at %d places\n", l.At.Format(time.TimeOnly), l.N, l.Total, len(l.Groups))
	b.WriteString("   count  change   still  since       where\n")
	for i, g := range l.Groups {
		if i == most {
			fmt.Fprintf(&b, "   and %d places more\n", len(l.Groups)-most)
			break
		}
		change := "="
		if d := g.Count - g.Before; d != 0 {
			change = fmt.Sprintf("%+d", d)
		}
		note := ""
		switch {
		case g.Grows:
			note = "  grows"
		case g.Still == g.Count && l.N >= trend && l.At.Sub(g.Since) >= time.Minute:
			note = "  never moves"
		}
		fmt.Fprintf(&b, "%8d %7s %7d  %-10s  %s %s%s\n", g.Count, change, g.Still, ago(l.At.Sub(g.Since)), g.name, g.Place.Short(), note)
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err // it is the writer's
}

// ago returns d in the units that matter.
func ago(d time.Duration) string {
	if d >= time.Hour {
		return d.Truncate(time.Minute).String()
	}
	return d.Truncate(time.Second).String()
}

// Limits describes what profiles cannot show.
const Limits = "profiles show where goroutines wait, but not for which object, nor which goroutine holds it"
