package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui"
)

// stats returns the command that prints statistics of a trace.
func (p *program) stats() *cobra.Command {
	f := new(exportFlags)
	asJSON := false
	cmd := &cobra.Command{
		Use:   "stats FILE|SCENARIO",
		Short: "Print how long goroutines waited, and warnings",
		Long: `Stats prints, for a recorded trace or that of a scenario, which it runs first: for each object the number of waits and of
goroutines that still wait, the total, median, 99th percentile and longest wait, and the longest time that it was held, and by
which goroutine; for each goroutine how long it waited and ran; and warnings about likely mistakes. A "+" means that it
still went on at the end. The number after "@" is an event; in the player, ":" goes there.

FILE may be -, for the standard input.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("stats takes one file or scenario")
			}
			return nil
		},
		ValidArgsFunction: completeExport,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.printStats(cmd.Context(), args[0], f, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&asJSON, "json", false, "as JSON, with times in nanoseconds")
	flags.StringArrayVarP(&f.params, "param", "p", nil, "set a parameter of the scenario, `key=value`; may be repeated")
	flags.StringVar(&f.pace, "pace", "", "how slowly the scenario runs: 1 for people, 0 without pauses")
	if err := cmd.RegisterFlagCompletionFunc("param", completeParam); err != nil {
		panic(err) // the flag does not exist
	}
	return cmd
}

// printStats prints the statistics of the trace in the file or of the scenario called name.
func (p *program) printStats(ctx context.Context, name string, f *exportFlags, asJSON bool) error {
	pb, err := p.material(ctx, name, f)
	if err != nil {
		return err
	}
	var st timeline.Stats
	for i, ev := range pb.Events {
		if i%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx) // it is the signal
		}
		st.Add(ev)
	}
	if asJSON {
		enc := json.NewEncoder(p.out)
		enc.SetIndent("", "  ")
		_ = enc.Encode(reportOf(&st)) // p.out keeps the error
	} else {
		writeStats(p.out, &st)
	}
	p.remark(pb)
	return nil
}

// remark prints remarks about a recording.
func (p *program) remark(pb *tui.Playback) {
	if pb.Note != "" {
		console.Complain(p.errs, pb.Title+": "+pb.Note)
	}
}

// A spanReport is a timeline.Span in JSON.
type spanReport struct {
	Took      time.Duration `json:"ns"`
	Goroutine string        `json:"goroutine"`
	Event     int           `json:"event"`
	GoesOn    bool          `json:"goes_on,omitempty"`
}

// A statsReport is the statistics in JSON.
type statsReport struct {
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

// queueParts is in how many parts of time a queue is told.
const queueParts = 32

func reportOf(st *timeline.Stats) statsReport {
	span := func(s timeline.Span) *spanReport {
		if s.At == 0 {
			return nil
		}
		return &spanReport{s.Took, st.GName(s.G), s.At, s.Goes}
	}
	r := statsReport{st.Len(), []objectReport{}, []goroutineReport{}, []warningReport{}}
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

// writeStats writes the statistics as tables.
func writeStats(w io.Writer, st *timeline.Stats) {
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

// bars returns how long the queue of o was over the time up to end.
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

// took returns d with three digits that count.
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

// at returns how long s took and at which event it ended.
func at(s timeline.Span) string {
	switch {
	case s.At == 0:
		return ""
	case s.Goes:
		return took(s.Took) + "+"
	}
	return fmt.Sprintf("%s @%d", took(s.Took), s.At)
}
