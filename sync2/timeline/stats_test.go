package timeline

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// statsOf returns the Stats of people and text.
func statsOf(t *testing.T, text string) *Stats {
	t.Helper()
	var st Stats
	for _, ev := range script(t, people+text) {
		st.Add(ev)
	}
	return &st
}

func TestStats(t *testing.T) {
	st := statsOf(t, `
	define-obj @1 class=mutex 'm
	acquire 1 @1 n=1
	block 2 @1 'Lock
	block 3 @1 +3ms 'Lock
	release 1 @1 +6ms
	unblock 2 @1 peer=1
	acquire 2 @1 n=1
	release 2 @1 +40ms
	unblock 3 @1 peer=2
	acquire 3 @1 n=1
	block 4 @1 'Lock
	exit 2 +4ms
	`)
	objects := st.Objects()
	if len(objects) != 1 {
		t.Fatalf("%d objects", len(objects))
	}
	o := objects[0]
	if o.Name != "m" || o.Waits != 3 || o.Waiting != 1 || o.WaitTime != 63*time.Millisecond || o.P50 != 10*time.Millisecond || o.P99 != 49*time.Millisecond || o.MaxQueue != 2 {
		t.Errorf("%+v", o)
	}
	if want := (Span{49 * time.Millisecond, 3, 14, false}); o.Longest != want {
		t.Errorf("the longest wait is %+v, want %+v", o.Longest, want)
	}
	if want := (Span{40 * time.Millisecond, 2, 13, false}); o.LongestUse != want || o.Holds != 3 || o.HoldMedian != 10*time.Millisecond {
		t.Errorf("the longest use is %+v of %d, median %v, want %+v", o.LongestUse, o.Holds, o.HoldMedian, want)
	}
	end := st.Now().Now()
	if q := o.Queue(6, end); !slices.Equal(q, []int{2, 2, 1, 1, 1, 1}) {
		t.Errorf("the queue was %v", q)
	}
	gs := st.Goroutines()
	if len(gs) != 4 || gs[0].Name != "ben" || gs[0].Waiting != 49*time.Millisecond || gs[0].Running != end-3*time.Millisecond-gs[0].Waiting {
		t.Errorf("%+v", gs[0])
	}
	if g := gs[1]; g.Name != "ann" || g.Status != StatusEnded || g.Waits != 1 || g.Waiting != 10*time.Millisecond {
		t.Errorf("%+v", g)
	}
}

// The waiting times equal those of State.Contention, which looks only at the end.
func TestStatsContention(t *testing.T) {
	names, err := filepath.Glob("../../docs/recordings/*.jsonl")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		events, err := tracefile.Read(t.Context(), file)
		_ = file.Close()
		if err != nil {
			t.Fatal(err)
		}
		var st Stats
		for i, ev := range events {
			st.Add(ev)
			if i%7 > 0 && i < len(events)-1 {
				continue
			}
			want := st.Now().Contention()
			for _, o := range st.Objects() {
				got := Contention{o.Obj, o.Waits, o.WaitTime, o.MaxQueue, o.Waiting}
				if o.MaxQueue > 0 && !slices.Contains(want, got) {
					t.Errorf("%s, event %d: %+v is not in %+v", name, i+1, got, want)
				}
			}
		}
	}
}

func TestWarnings(t *testing.T) {
	var long strings.Builder
	for i := range 6 {
		long.WriteString("acquire 2 @1 n=1\nrelease 2 @1 ")
		if i == 3 {
			long.WriteString("+50ms")
		}
		long.WriteString("\n")
	}
	for _, c := range []struct{ name, stream, want string }{
		{"none", forks + "acquire 2 @1 n=1\nrelease 2 @1", ""},
		{"to nobody", "define-obj @1 class=cond 'c\nnotify 2 @1 n=0\nnotify 3 @1 n=0\nnotify 3 @1 n=1", "7 notified-nobody 2: ann notifies c while no goroutine waits, the first of 2 times"},
		{"long", forks + long.String(), "16 held-long 1: ann holds fork-1 for 0.05 s; the median is 1 ms"},
		{"orders", forks + "acquire 2 @1 n=1\nacquire 2 @2 n=1\nrelease 2 @2\nrelease 2 @1\nacquire 3 @2 n=1\nacquire 3 @1 n=1\nrelease 3 @1\nrelease 3 @2", "14 both-orders 1: ann takes fork-1 before fork-2, and ben takes fork-2 before fork-1"},
		{"gave up", forks + "acquire 2 @1 n=1\nblock 3 @1\ngive-up 3 @1 n=1\nrelease 2 @1", "11 gave-up 1: ben gives up waiting for fork-1"},
		{"never", forks + "acquire 2 @1 n=1\nblock 3 @1\nblock 4 @1\nend", "10 never-ran-again 2: ben never runs again: waits for fork-1; 1 other there"},
	} {
		var got []string
		for _, w := range statsOf(t, c.stream).Warnings(true) {
			got = append(got, strings.Join([]string{itoa(w.At), w.Kind.String(), itoa(w.Times) + ":", w.Text}, " "))
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), c.want)
		}
	}
	if w := statsOf(t, forks+"acquire 2 @1 n=1\nblock 3 @1").Warnings(false); len(w) > 0 {
		t.Errorf("of a trace that goes on: %v", w)
	}
}

func itoa(n int) string { return strings.TrimSpace(strings.TrimSuffix(many(int64(n), ""), "s")) }

// However long a trace, a spark has a limited number of intervals, and they show all maxima.
func TestSpark(t *testing.T) {
	var s spark
	for i := range 10_000 {
		n := 0
		if i == 7000 {
			n = 9
		}
		s.note(time.Duration(i)*time.Millisecond, n)
	}
	if len(s.top) > sparkParts {
		t.Errorf("%d parts", len(s.top))
	}
	parts := s.parts(10, 10*time.Second, 10*time.Second)
	if slices.Max(parts) != 9 || parts[7] != 9 && parts[6] != 9 {
		t.Errorf("the parts are %v", parts)
	}
}
