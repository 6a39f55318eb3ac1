package timeline

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// script parses events from text, one per line: the kind, and then in any order the goroutine (7), the object (@3),
// n=1, peer=2, class=mutex, pc=5, and the rest of the line as text ('any words). Each event is a millisecond after
// the one before, or as much as stated (+250ms).
func script(t testing.TB, text string) []trace.Event {
	t.Helper()
	var events []trace.Event
	now := -time.Millisecond
	for line := range strings.SplitSeq(text, "\n") {
		line, said, _ := strings.Cut(line, "'")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		ev := trace.Event{Seq: uint64(len(events) + 1), Text: said}
		step := time.Millisecond
		_ = ev.Kind.UnmarshalText([]byte(words[0]))
		for _, w := range words[1:] {
			var err error
			key, value, ok := strings.Cut(w, "=")
			switch {
			case w[0] == '@':
				ev.Obj = trace.ID(number(t, w[1:]))
			case w[0] == '+':
				step, err = time.ParseDuration(w[1:])
			case w == "inner":
				ev.Inner = true
			case !ok:
				ev.G = number(t, w)
			case key == "n":
				ev.N = number(t, value)
			case key == "peer":
				ev.Peer = number(t, value)
			case key == "pc":
				ev.PC = uint64(number(t, value))
			case key == "class":
				err = ev.Class.UnmarshalText([]byte(value))
			default:
				t.Fatalf("%q: %s is not understood", line, w)
			}
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
		}
		now += step
		ev.Time = int64(now)
		events = append(events, ev)
	}
	return events
}

func number(t testing.TB, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// people defines some goroutines, to begin a script with.
const people = `
	begin n=1760000000000000000
	define-g 1 'main
	define-g 2 peer=1 'ann
	define-g 3 peer=1 'ben
	define-g 4 peer=1 'eve
`

// play folds people and text, and fails the test if they are inconsistent.
func play(t testing.TB, text string) *State {
	t.Helper()
	s := new(State)
	for _, ev := range script(t, people+text) {
		if err := s.Apply(ev); err != nil {
			t.Fatal(err)
		}
	}
	return s
}
