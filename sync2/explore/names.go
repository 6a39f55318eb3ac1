package explore

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Channels and mutexes of plain Go have no names. But the source shows what they are called where they are used:
// results in "results <- 7", b.mu in "b.mu.Lock()".

// An expression as in x, s.mu, <-ctx.Done().
const expression = `([\pL_][\pL\pN_]*(?:\.[\pL_][\pL\pN_]*|\[[\pL\pN_]+\]|\(\))*)`

// whenNeeded returns a function that compiles expr on its first call: compiling takes longer than the rest of a
// process's start, and only failures need it.
func whenNeeded(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// keywords may stand where a name could, before or after an arrow.
var keywords = whenNeeded(`\b(?:case|return|go|defer|if|for|else|switch|chan|select)\b`)

// usages match uses of objects of some classes in the source.
var usages = map[trace.Class]func() *regexp.Regexp{
	trace.ClassChan:      whenNeeded(expression + `\s*<-|<-\s*` + expression + `|\bclose\(` + expression + `\)|\brange\s+` + expression),
	trace.ClassMutex:     whenNeeded(expression + `\.(?:Lock|Unlock|TryLock)\(`),
	trace.ClassRWMutex:   whenNeeded(expression + `\.(?:R?Lock|R?Unlock|TryR?Lock)\(`),
	trace.ClassWaitGroup: whenNeeded(expression + `\.(?:Add|Done|Wait|Go)\(`),
	trace.ClassOnce:      whenNeeded(expression + `\.Do\(`),
	trace.ClassCond:      whenNeeded(expression + `\.(?:Wait|Signal|Broadcast)\(`),
	trace.ClassAtomic:    whenNeeded(expression + `\.(?:Load|Store|Swap|CompareAndSwap|Add|And|Or)\(`),
}

// nameObjects names the objects in events that the source names. Equal names are distinguished by numbers. Operations
// that the standard library performs by itself, see [engine.Use], give no names, except that of a context from which
// another is derived. Channels and conditions that remain unnamed and are used by nothing else are marked as internal
// to the library.
func nameObjects(events []trace.Event, inner map[engine.Use]bool) {
	s := new(timeline.State)
	defined := make(map[trace.ID]int) // where
	named := make(map[trace.ID]string)
	var order []trace.ID
	call := func(id trace.ID, n string) {
		if _, fresh := defined[id]; fresh && named[id] == "" && n != "" {
			named[id] = n
			order = append(order, id)
		}
	}
	library, program := make(map[trace.ID]bool), make(map[trace.ID]bool) // which of them use it
	watched := make(map[int64][]trace.Event)                             // by goroutine: the cases of its select
	for i := range events {
		ev := &events[i]
		_ = s.Apply(*ev)
		if ev.Kind == trace.KindDefineObj && strings.HasPrefix(ev.Text, ev.Class.String()+"-") {
			defined[ev.Obj] = i
		}
		inside := inner[engine.Use{Obj: ev.Obj, PC: ev.PC}]
		if inside {
			library[ev.Obj] = true
		} else if ev.PC != 0 {
			program[ev.Obj] = true
		}
		switch src := s.SourceAt(ev.PC); {
		case ev.Kind == trace.KindWatch:
			watched[ev.G] = append(watched[ev.G], *ev)
			continue
		case ev.Kind == trace.KindBlock && len(watched[ev.G]) > 0 && len(src.Lines) > 0:
			for i, n := range casesIn(src, watched[ev.G]) {
				call(watched[ev.G][i].Obj, n)
			}
			fallthrough
		default:
			delete(watched, ev.G)
		}
		at, fresh := defined[ev.Obj]
		if _, known := named[ev.Obj]; !fresh || known || ev.PC == 0 || inside && ev.Kind != trace.KindTryFail {
			continue
		}
		src := s.SourceAt(ev.PC)
		if len(src.Lines) == 0 {
			continue
		}
		line, _, _ := strings.Cut(src.Lines[src.At-src.First], "//")
		if inside {
			call(ev.Obj, contextIn(line, events[at].Class))
		} else {
			call(ev.Obj, nameIn(line, events[at].Class))
		}
	}
	for id, at := range defined {
		ev := &events[at]
		ev.Inner = named[id] == "" && library[id] && !program[id] && (ev.Class == trace.ClassChan || ev.Class == trace.ClassCond)
	}
	callThem(events, defined, named, order)
}

// callThem gives the objects, defined at the given positions in events, their names, in the order in which they were
// named.
func callThem(events []trace.Event, defined map[trace.ID]int, named map[trace.ID]string, order []trace.ID) {
	times, number := make(map[string]int), make(map[string]int)
	for _, n := range named {
		times[n]++
	}
	for _, id := range order {
		n := named[id]
		if times[n] > 1 {
			number[n]++
			n = fmt.Sprintf("%s#%d", n, number[n])
		}
		events[defined[id]].Text = n
	}
}

// nameIn returns the name of the only object of the given class that line uses, "" if there is none or several.
func nameIn(line string, class trace.Class) string {
	usage := usages[class]
	if usage == nil {
		return ""
	}
	found := ""
	for _, m := range usage().FindAllStringSubmatch(keywords().ReplaceAllString(line, ";"), -1) {
		for _, n := range m[1:] {
			switch {
			case n == "" || n == found:
			case found != "":
				return ""
			default:
				found = n
			}
		}
	}
	return found
}

// derives matches a line that derives a context from another.
var derives = whenNeeded(`\bcontext\.With[A-Z]\w*\(\s*([\pL_][\pL\pN_.]*)\s*[,)]`)

// contextIn returns the name of the channel that is polled when line derives a context from another.
func contextIn(line string, class trace.Class) string {
	m := derives().FindAllStringSubmatch(line, 2)
	if class != trace.ClassChan || len(m) != 1 {
		return ""
	}
	return m[0][1] + ".Done()"
}

var (
	sendsIn    = whenNeeded(`^case\s+` + expression + `\s*<-`)
	receivesIn = whenNeeded(`^case\s[^"]*<-\s*` + expression)
)

// casesIn returns the names of the channels in the cases of the select statement at src, in the order in which they
// are watched: the compiler puts sends first, and the other cases behind them in reverse order.
func casesIn(src timeline.Source, watched []trace.Event) []string {
	at := src.At - src.First
	indent := src.Lines[at][:len(src.Lines[at])-len(strings.TrimLeft(src.Lines[at], "\t "))]
	var sends, receives []string
	for _, line := range src.Lines[at+1:] {
		text, ok := strings.CutPrefix(line, indent)
		if !ok || strings.HasPrefix(text, "}") {
			break
		}
		if m := sendsIn().FindStringSubmatch(text); m != nil {
			sends = append(sends, m[1])
		} else if m := receivesIn().FindStringSubmatch(text); m != nil {
			receives = append(receives, m[1])
		} else if strings.HasPrefix(text, "case ") {
			return nil
		}
	}
	slices.Reverse(receives)
	if names := slices.Concat(sends, receives); len(names) == len(watched) {
		return names
	}
	return nil
}
