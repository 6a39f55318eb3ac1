package tui

import (
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// Names may be words: a future that is called fails, when it fails, "fails fails". In sentences they are bold.

// namesIn returns the names that the sentence about ev may hold, besides that of the goroutine to which it happens.
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

// emphasized draws s from column x on within room cells, with the names in it bold. Each is bold once: where it stands
// first, behind the word that s begins with if that is a verb. It returns the names that are not in s.
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

// indexWord returns where word begins in s, from byte from on and not within another word; -1 if it does not.
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
