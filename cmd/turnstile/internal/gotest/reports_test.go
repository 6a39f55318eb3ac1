package gotest

import (
	"slices"
	"testing"
	"time"
)

func TestNotes(t *testing.T) {
	r, err := newReports("")
	if err != nil {
		t.Fatal(err)
	}
	r.take([]byte(`{"package":"p","test":"TestB","verdict":"exhausted","notes":["in every schedule x"]}`))
	r.take([]byte(`{"package":"p","test":"TestA","verdict":"budget","notes":["y"]}`))
	r.take([]byte(`{"package":"p","test":"TestB","verdict":"exhausted","race":true,"notes":["in every schedule x"]}`))
	if got, want := r.notes(), []string{"note: TestA, p: y", "note: TestB, p: in every schedule x"}; !slices.Equal(got, want) {
		t.Errorf("notes = %q, want %q", got, want)
	}
}

// A test that was not explored passes, and is never counted as one that was.
func TestUnexplored(t *testing.T) {
	r, err := newReports("")
	if err != nil {
		t.Fatal(err)
	}
	r.take([]byte(`{"package":"p","test":"TestA","verdict":"budget","schedules":7}`))
	r.take([]byte(`{"package":"p","test":"TestB","verdict":"refused","schedules":1,"reason":"x"}`))
	if got := r.unexplored(); got != 1 {
		t.Errorf("%d tests are unexplored, want 1", got)
	}
	if got, want := r.notes(), []string{"not explored: TestB, p: x"}; !slices.Equal(got, want) {
		t.Errorf("notes = %q, want %q", got, want)
	}
	if got, want := r.summary(time.Second), "2 tests: 1 budget, 1 not explored, 8 schedules in 1.0s"; got != want {
		t.Errorf("summary = %q, want %q", got, want)
	}
}
