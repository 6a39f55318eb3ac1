package explore

import (
	"fmt"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Plain variables are in no trace, since accesses to them are not instrumented. But the race detector reports both
// accesses of a data race: where they are, and where the goroutines were started. That suffices to add them to the
// recording.

var (
	anAccess = whenNeeded(`(?i)^(previous )?(atomic )?(read|write) at 0x[0-9a-f]+ by (.*):$`)
	aPlace   = whenNeeded(`^\s+(\S+\.go):(\d+)`)
)

// A racer is one of the two accesses of a report.
type racer struct {
	write bool
	by    string // the goroutine, in the detector's words
	at    runtime.Frame
	start []runtime.Frame // where the goroutine was started, innermost frame first
}

// does describes the access.
func (r *racer) does() string {
	if r.write {
		return "write"
	}
	return "read"
}

// racersIn returns the accesses in a report, the last first. Each is at the first position for which own returns
// true.
func racersIn(report string, own func(fn string) bool) []racer {
	var all []racer
	for section := range strings.SplitSeq(report, "\n\n") {
		lines := strings.Split(strings.Trim(section, "\n"), "\n")
		frames := framesIn(lines[1:])
		if len(frames) == 0 {
			continue
		}
		if m := anAccess().FindStringSubmatch(lines[0]); m != nil {
			i := max(0, slices.IndexFunc(frames, func(f runtime.Frame) bool { return own(f.Function) }))
			all = append(all, racer{write: strings.EqualFold(m[3], "write"), by: m[4], at: frames[i]})
			continue
		}
		for i := range all {
			if strings.HasPrefix(strings.ToLower(lines[0]), all[i].by+" (") {
				all[i].start = frames
			}
		}
	}
	return all
}

// framesIn returns the frames of a stack in a report, where each has two lines.
func framesIn(lines []string) (frames []runtime.Frame) {
	for i := 0; i+1 < len(lines); i += 2 {
		m := aPlace().FindStringSubmatch(lines[i+1])
		if m == nil {
			break
		}
		n, _ := strconv.Atoi(m[2])
		frames = append(frames, runtime.Frame{Function: strings.TrimSuffix(strings.TrimSpace(lines[i]), "()"), File: m[1], Line: n})
	}
	return frames
}

// siteOf returns the name of f in traces.
func siteOf(f runtime.Frame) string {
	return fmt.Sprintf("%s:%d %s", path.Base(f.File), f.Line, path.Base(f.Function))
}

// withRace inserts the two accesses reported by the race detector into the recorded events of a run, and moves the
// failure to the second. It returns events unchanged if it cannot identify the goroutines for certain. It adjusts the
// event counts in before.
func withRace(events []trace.Event, before []int, report string, own func(fn string) bool) []trace.Event {
	two := racersIn(report, own)
	if len(two) != 2 {
		return events
	}
	slices.Reverse(two)
	var gs [2]int64
	var at [2]int
	for i := range two {
		gs[i] = startedAt(events, &two[i])
		at[i] = turnOf(events, gs[i], two[i].at)
	}
	if gs[0] == 0 || gs[1] == 0 || gs[0] == gs[1] || at[0] == 0 || at[0] > at[1] {
		return events
	}
	v, top := unused(events)
	var pcs [2]uint64
	var defs []trace.Event
	var frames []runtime.Frame
	for i := range two {
		if i == 1 && siteOf(two[0].at) == siteOf(two[1].at) {
			pcs[1] = pcs[0]
			break
		}
		f := two[i].at
		pcs[i] = top + uint64(i)
		f.PC = uintptr(pcs[i])
		frames = append(frames, f)
		defs = append(defs, trace.Event{Kind: trace.KindDefinePC, PC: pcs[i], Text: siteOf(f)})
	}
	embed(defs, frames)
	name := variableIn(defs, two)
	defs = append([]trace.Event{{Kind: trace.KindDefineObj, Obj: v, Class: trace.ClassVar, Text: name}}, defs...)
	var all []trace.Event
	add := func(time int64, evs ...trace.Event) {
		for _, ev := range evs {
			ev.Time = time
			all = append(all, ev)
		}
	}
	kinds := map[bool]trace.Kind{false: trace.KindRead, true: trace.KindWrite}
	was := slices.Clone(before)
	for i, ev := range events {
		for k, n := range was {
			if n == i {
				before[k] = len(all)
			}
		}
		if i == at[0] {
			add(ev.Time, defs...)
		}
		for k := range two {
			if i == at[k] {
				add(ev.Time, trace.Event{Kind: kinds[two[k].write], G: gs[k], Obj: v, PC: pcs[k]})
			}
		}
		if i == at[1] {
			add(ev.Time, trace.Event{
				Kind: trace.KindFail, G: gs[1], Obj: v, PC: pcs[1],
				Text: fmt.Sprintf("%s: nothing orders this %s of %s and the %s by %s", KindRace, two[1].does(), name, two[0].does(), nameOf(events, gs[0])),
			})
		}
		if ev.Kind != trace.KindFail {
			all = append(all, ev)
		}
	}
	for k, n := range was {
		if n >= len(events) {
			before[k] = len(all)
		}
	}
	renumber(all, events[0].Seq)
	return all
}

// unused returns an object and a position that no event uses.
func unused(events []trace.Event) (o trace.ID, pc uint64) {
	o, pc = 1, 1
	for i := range events {
		o, pc = max(o, events[i].Obj+1), max(pc, events[i].PC+1)
	}
	return o, pc
}

// renumber numbers the events consecutively from first.
func renumber(events []trace.Event, first uint64) {
	for i := range events {
		events[i].Seq = first + uint64(i)
	}
}

// startedAt returns the goroutine of r: the one started where r was or, if there is none, the one not started by
// another; 0 if it is unknown or ambiguous.
func startedAt(events []trace.Event, r *racer) int64 {
	sites := make(map[uint64]string)
	by := make(map[string][]int64)
	var first []int64
	for i := range events {
		switch ev := &events[i]; ev.Kind {
		case trace.KindDefinePC:
			sites[ev.PC], _, _ = strings.Cut(ev.Text, "\n")
		case trace.KindSpawn:
			by[sites[ev.PC]] = append(by[sites[ev.PC]], ev.Peer)
		case trace.KindDefineG:
			if ev.Peer == 0 {
				first = append(first, ev.G)
			}
		default:
		}
	}
	for _, f := range r.start {
		switch gs := by[siteOf(f)]; len(gs) {
		case 0:
		case 1:
			return gs[0]
		default:
			return 0
		}
	}
	if len(first) == 1 && (len(r.start) > 0 || r.by == "main goroutine") {
		return first[0]
	}
	return 0
}

// turnOf returns the event before which goroutine g was at f: its first event in that function after that line, or
// else its end; 0 if there is none.
func turnOf(events []trace.Event, g int64, f runtime.Frame) int {
	sites := make(map[uint64]string)
	file, fn := path.Base(f.File), path.Base(f.Function)
	for i := range events {
		ev := &events[i]
		if ev.Kind == trace.KindDefinePC {
			sites[ev.PC] = ev.Text
		}
		if ev.G != g || ev.Kind == trace.KindDefineG {
			continue
		}
		if ev.Kind == trace.KindExit {
			return i
		}
		site, _, _ := strings.Cut(sites[ev.PC], "\n")
		where, in, _ := strings.Cut(site, " ")
		line, ok := strings.CutPrefix(where, file+":")
		if n, err := strconv.Atoi(line); ok && err == nil && in == fn && n >= f.Line {
			return i
		}
	}
	return 0
}

// assigned matches a line that changes one variable.
var assigned = whenNeeded(`^\s*\*?` + expression + `\s*(?:\+\+|--|(?:[-+*/%|^&]|&\^|<<|>>)?=[^=])`)

// variableIn returns the name of the variable accessed at the positions of defs, or else the position.
func variableIn(defs []trace.Event, two []racer) string {
	var s timeline.State
	for i := range defs {
		_ = s.Apply(defs[i])
	}
	for i := range defs {
		src := s.SourceAt(defs[i].PC)
		if len(src.Lines) == 0 {
			continue
		}
		if m := assigned().FindStringSubmatch(src.Lines[src.At-src.First]); m != nil {
			return m[1]
		}
	}
	return fmt.Sprintf("variable of %s:%d", path.Base(two[0].at.File), two[0].at.Line)
}

// nameOf returns the name of goroutine g in events.
func nameOf(events []trace.Event, g int64) string {
	i := slices.IndexFunc(events, func(ev trace.Event) bool { return ev.Kind == trace.KindDefineG && ev.G == g })
	return events[i].Text
}
