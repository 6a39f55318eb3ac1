package main

import (
	"slices"
	"testing"
)

func TestNotes(t *testing.T) {
	r, err := newTestReports("")
	if err != nil {
		t.Fatal(err)
	}
	r.take([]byte(`{"package":"p","test":"TestB","verdict":"exhausted","notes":["in every order x"]}`))
	r.take([]byte(`{"package":"p","test":"TestA","verdict":"budget","notes":["y"]}`))
	r.take([]byte(`{"package":"p","test":"TestB","verdict":"exhausted","race":true,"notes":["in every order x"]}`))
	if got, want := r.notes(), []string{"note: TestA, p: y", "note: TestB, p: in every order x"}; !slices.Equal(got, want) {
		t.Errorf("notes = %q, want %q", got, want)
	}
}
