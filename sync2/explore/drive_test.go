package explore

import (
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// crossed deadlocks if both goroutines get their first lock.
func crossed(e *E) {
	var a, b sync2.Mutex
	trace.Name(&a, "a")
	trace.Name(&b, "b")
	take := func(first, second *sync2.Mutex) func() {
		return func() { first.Lock(); second.Lock(); second.Unlock(); first.Unlock() }
	}
	e.Go("ann", take(&a, &b))
	e.Go("ben", take(&b, &a))
}

func driven(t *testing.T, made []int, opts ...Option) *Moment {
	t.Helper()
	m, err := Drive("crossed", crossed, made, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// by returns the index of a choice of task.
func by(t *testing.T, m *Moment, task string) int {
	t.Helper()
	i := slices.IndexFunc(m.Choices, func(c Choice) bool { return c.Task == task })
	if i < 0 {
		t.Fatalf("%s can do nothing; there are %+v", task, m.Choices)
	}
	return i
}

// A driver sees at each moment the possible choices and past steps, and can go back.
func TestDrive(t *testing.T) {
	m := driven(t, nil)
	if len(m.Choices) != 2 || m.Choices[0].Op != "Lock" || m.Choices[0].Object != "a" || m.Choices[1].Object != "b" || m.Failure != nil ||
		!strings.Contains(m.Choices[0].Where, "drive_test.go:") || m.Choices[0].G == m.Choices[1].G {
		t.Fatalf("at first there are %+v, %v", m.Choices, m.Failure)
	}
	first := m
	for _, who := range []string{"ann", "ben", "ann", "ben"} {
		m = driven(t, append(m.Made, by(t, m, who)))
	}
	if m.Failure == nil || m.Failure.Kind != KindLeak || len(m.Choices) != 0 || len(m.Failure.Cycle) != 1 || m.Events[len(m.Events)-1].Kind != trace.KindEnd {
		t.Fatalf("after both second locks: %+v", m)
	}
	token, err := TokenOf("crossed", crossed, m.Made)
	if err != nil {
		t.Fatal(err)
	}
	if r := Explore("crossed", crossed, Replay(token)); r.Failure == nil || r.Failure.Kind != KindLeak || r.Diverged != "" {
		t.Errorf("the token leads to %v, %s", r, r.Diverged)
	}
	if back := driven(t, nil, Replay(token)); back.Failure == nil || !slices.Equal(back.Made, m.Made) {
		t.Errorf("the token makes the choices %v, want %v", back.Made, m.Made)
	}
	m = driven(t, []int{by(t, first, "ann"), 0, 0, 0}) // ann runs to her end
	if m.Failure != nil || len(m.Choices) == 0 || m.Choices[0].Task != "ben" {
		t.Errorf("with ann alone: %+v", m.Choices)
	}
}

// The rest of a run is left to a random walk, or a failure is searched for from the current moment.
func TestDriveOn(t *testing.T) {
	m := driven(t, nil)
	ann := by(t, m, "ann")
	if m = driven(t, []int{ann}, Random(1)); len(m.Choices) != 0 || len(m.Made) < 2 {
		t.Errorf("the walk has ended with %+v", m.Choices)
	}
	m, err := SearchFrom("crossed", crossed, []int{ann})
	if err != nil || m == nil || m.Failure == nil || m.Failure.Kind != KindLeak || m.Made[0] != ann {
		t.Errorf("the search has found %+v, %v", m, err)
	}
	m = driven(t, []int{ann, 0}) // she has both: no failure is possible
	if m, err := SearchFrom("crossed", crossed, m.Made, Runs(100)); err != nil || m != nil {
		t.Errorf("the search has found %+v, %v", m, err)
	}
}

func TestDriveStrays(t *testing.T) {
	for _, made := range [][]int{{7}, {-1}, {0, 99}} {
		if m, err := Drive("crossed", crossed, made); err == nil {
			t.Errorf("%v led to %+v", made, m)
		}
		if _, err := TokenOf("crossed", crossed, made); err == nil {
			t.Errorf("%v has a token", made)
		}
		if _, err := SearchFrom("crossed", crossed, made); err == nil {
			t.Errorf("%v can be gone on from", made)
		}
	}
	if _, err := Drive("crossed", crossed, nil, Replay("s2x")); err == nil {
		t.Error("a bad token was taken")
	}
}

// A moment says which events belong to which step.
func TestDriveBefore(t *testing.T) {
	m := driven(t, nil)
	for len(m.Choices) > 0 {
		before := len(m.Events)
		m = driven(t, append(m.Made, 0))
		if n := len(m.Steps); n != len(m.Before) || m.Before[n-1] != before {
			t.Errorf("step %d begins after one of %v events, want the last to be %d", n, m.Before, before)
		}
	}
	for i, s := range m.Steps {
		took := func(ev trace.Event) bool { return ev.Kind == trace.KindAcquire }
		end := len(m.Events)
		if i+1 < len(m.Steps) {
			end = m.Before[i+1]
		}
		if got := slices.ContainsFunc(m.Events[m.Before[i]:end], took); got != (s.Op == "Lock") {
			t.Errorf("step %d, %+v: something was locked: %t", i+1, s, got)
		}
		if s.Note != "" {
			t.Errorf("step %d, %+v: nobody waits", i+1, s)
		}
	}
	m = driven(t, nil)
	for _, who := range []string{"ann", "ben", "ann"} {
		m = driven(t, append(m.Made, by(t, m, who)))
	}
	if got := []string{m.Steps[0].Note, m.Steps[1].Note, m.Steps[2].Note}; !slices.Equal(got, []string{"", "", "waits"}) {
		t.Errorf("the steps are noted as %q", got)
	}
}
