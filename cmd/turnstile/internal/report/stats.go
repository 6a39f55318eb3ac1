// Package report writes statistics and differences of traces, as text and as JSON.
package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/timeline"
)

// A spanReport is the JSON of a timeline.Span.
type spanReport struct {
	Took      time.Duration `json:"ns"`
	Goroutine string        `json:"goroutine"`
	Event     int           `json:"event"`
	GoesOn    bool          `json:"goes_on,omitempty"`
}

// A Stats is the JSON of a timeline.Stats.
type Stats struct {
	Events     int               `json:"events"`
	Objects    []objectReport    `json:"objects"`
	Goroutines []goroutineReport `json:"goroutines"`
	Warnings   []warningReport   `json:"warnings"`
}

type objectReport struct {
	Name       string        `json:"name"`
	Class      string        `json:"class"`
	Waits      int           `json:"waits"`
	Waiting    int           `json:"waiting"`
	WaitTime   time.Duration `json:"wait_ns"`
	P50        time.Duration `json:"p50_ns"`
	P99        time.Duration `json:"p99_ns"`
	Longest    *spanReport   `json:"longest,omitempty"`
	Holds      int           `json:"holds"`
	HoldMedian time.Duration `json:"hold_median_ns"`
	LongestUse *spanReport   `json:"longest_hold,omitempty"`
	MaxQueue   int           `json:"max_queue"`
	Queue      []int         `json:"queue,omitempty"`
}

type goroutineReport struct {
	Name    string        `json:"name"`
	Waits   int           `json:"waits"`
	Waiting time.Duration `json:"waiting_ns"`
	Running time.Duration `json:"running_ns"`
	Longest *spanReport   `json:"longest,omitempty"`
}

type warningReport struct {
	Kind  string `json:"kind"`
	Event int    `json:"event"`
	Times int    `json:"times"`
	Text  string `json:"text"`
}

// queueParts is the number of periods for which the length of a queue is reported.
const queueParts = 32

// NewStats returns the statistics for JSON.
func NewStats(st *timeline.Stats) Stats {
	span := func(s timeline.Span) *spanReport {
		if s.At == 0 {
			return nil
		}
		return &spanReport{s.Took, st.GName(s.G), s.At, s.Ongoing}
	}
	r := Stats{st.Len(), []objectReport{}, []goroutineReport{}, []warningReport{}}
	for _, o := range st.Objects() {
		x := objectReport{
			Name: o.Name, Class: o.Class.String(), Waits: o.Waits, Waiting: o.Waiting, WaitTime: o.WaitTime, P50: o.P50, P99: o.P99, Longest: span(o.Longest),
			Holds: o.Holds, HoldMedian: o.HoldMedian, LongestUse: span(o.LongestUse), MaxQueue: o.MaxQueue,
		}
		if o.MaxQueue > 0 {
			x.Queue = o.Queue(queueParts, st.Now().Now())
		}
		r.Objects = append(r.Objects, x)
	}
	for _, g := range st.Goroutines() {
		r.Goroutines = append(r.Goroutines, goroutineReport{g.Name, g.Waits, g.Waiting, g.Running, span(g.Longest)})
	}
	for _, w := range st.Warnings(true) {
		r.Warnings = append(r.Warnings, warningReport{w.Kind.String(), w.At, w.Times, w.Text})
	}
	return r
}

// WriteStats writes the statistics as tables. The caller keeps the errors of w.
func WriteStats(w io.Writer, st *timeline.Stats) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(cells ...string) {
		for i, c := range cells {
			cells[i] = safetext.Line(c)
		}
		_, _ = fmt.Fprintln(tw, strings.Join(cells, "\t")) // w keeps the error
	}
	objects, gs, warnings := st.Objects(), st.Goroutines(), st.Warnings(true)
	if len(objects) > 0 {
		row("object", "waits", "now", "in all", "p50", "p99", "longest", "held longest", "by", "queue")
	}
	for _, o := range objects {
		by := ""
		if o.LongestUse.At > 0 {
			by = st.GName(o.LongestUse.G)
		}
		row(o.Name, strconv.Itoa(o.Waits), strconv.Itoa(o.Waiting), took(o.WaitTime), took(o.P50), took(o.P99), at(o.Longest), at(o.LongestUse), by, bars(&o, st.Now().Now()))
	}
	if len(objects) > 0 && len(gs) > 0 {
		row("")
	}
	if len(gs) > 0 {
		row("goroutine", "waits", "waiting", "running", "longest")
	}
	for _, g := range gs {
		row(g.Name, strconv.Itoa(g.Waits), took(g.Waiting), took(g.Running), at(g.Longest))
	}
	_ = tw.Flush() // likewise
	if len(warnings) > 0 {
		_, _ = fmt.Fprintln(w, "\nwarnings")
	}
	for _, x := range warnings {
		_, _ = fmt.Fprintf(w, "@%-6d %-15s  %s\n", x.At, x.Kind, safetext.Line(x.Text))
	}
}

// bars draws the length of the queue of o over time, up to end.
func bars(o *timeline.ObjectStats, end time.Duration) string {
	if o.MaxQueue == 0 {
		return ""
	}
	levels := []rune("·▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, n := range o.Queue(queueParts/2, end) {
		b.WriteRune(levels[(n*(len(levels)-1)+o.MaxQueue-1)/o.MaxQueue])
	}
	return fmt.Sprintf("%s ≤ %d", b.String(), o.MaxQueue)
}

// took returns d with three significant digits.
func took(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	for _, unit := range slices.Backward([]time.Duration{time.Nanosecond, 10 * time.Nanosecond, 100 * time.Nanosecond, time.Microsecond, 10 * time.Microsecond, 100 * time.Microsecond, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second}) {
		if d >= 100*unit {
			return d.Round(unit).String()
		}
	}
	return d.String()
}

// at returns the duration of s and the event at which it ended.
func at(s timeline.Span) string {
	switch {
	case s.At == 0:
		return ""
	case s.Ongoing:
		return took(s.Took) + "+"
	}
	return fmt.Sprintf("%s @%d", took(s.Took), s.At)
}
