package tui

import (
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// Names can be words: if a Future called fails fails, its sentence is "fails fails". So names in sentences are bold.

// namesIn returns the names that the sentence about ev may contain, except that of its goroutine.
func namesIn(s *timeline.State, ev *trace.Event) (names []string) {
	if ev.Obj != 0 {
		names = append(names, cells.Clean(s.Words().ObjName(ev.Obj)))
		if o := s.Object(ev.Obj); o != nil && o.Class == trace.ClassGoroutine {
			names = append(names, cells.Clean(s.Words().GName(o.Of)))
		}
	}
	switch ev.Kind {
	case trace.KindUnblock, trace.KindSpawn, trace.KindRelease:
		names = append(names, cells.Clean(s.Words().GName(ev.Peer)))
	case trace.KindSubmit:
		names = append(names, cells.Clean(s.Words().ObjName(trace.ID(ev.Peer))))
	default:
	}
	return names
}

// emphasized draws s at column x in at most room cells, with names in bold. Each name is bold once, at its first occurrence; if
// verb is true, the first word of s is a verb and not a name. It returns the names that do not occur in s.
func emphasized(c *cells.Canvas, x, y, room int, s string, verb bool, names []string, st cells.Style) (others []string) {
	bold := make([]bool, len(s))
	for _, name := range names {
		from := 0
		if verb {
			from = strings.IndexByte(s, ' ') + 1
		}
		if i := indexWord(s, name, from); i >= 0 {
			for k := range len(name) {
				bold[i+k] = true
			}
		} else {
			others = append(others, name)
		}
	}
	fits := cells.Truncate(s, room)
	kept := min(len(strings.TrimSuffix(fits, "…")), len(s))
	if fits == s {
		kept = len(s)
	}
	for i := 0; i < kept; {
		k := i
		for k < kept && bold[k] == bold[i] {
			k++
		}
		part := st
		if bold[i] {
			part |= cells.StyleBold
		}
		x = c.Text(x, y, s[i:k], part)
		i = k
	}
	c.Text(x, y, fits[min(kept, len(fits)):], st)
	return others
}

// indexWord returns the index of word in s, at or after byte from and not within another word; -1 if there is none.
func indexWord(s, word string, from int) int {
	if word == "" {
		return -1
	}
	for from <= len(s) {
		i := strings.Index(s[from:], word)
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(word)
		if (i == 0 || strings.ContainsRune(" (", rune(s[i-1]))) && (end == len(s) || strings.ContainsRune(" ,;:.)", rune(s[end]))) {
			return i
		}
		from = i + 1
	}
	return -1
}
