package explore

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// failHelped and its callees are helpers: their operations are reported at the call of the outer one.
func failHelped(e *E) {
	e.Helper()
	failHelpedTwice(e)
}

func failHelpedTwice(e *E) {
	e.Helper()
	e.Yield()
	panic("on purpose")
}

// Every position in a report can be opened from the working directory.
func TestPlacesCanBeOpened(t *testing.T) {
	for name, program := range map[string]func(*E){
		"deadlock": abba, "race": raced, "panic": func(e *E) { failHelped(e) },
		"after a Sleep": func(e *E) { e.Sleep(1); panic("on purpose") },
	} {
		r := Explore(t.Name(), program, Random(100))
		if r.Failure == nil {
			t.Fatalf("%s: %v", name, r)
		}
		report := r.Failure.Report()
		places := regexp.MustCompile(`[\w./-]+\.go:\d+`).FindAllString(report, -1)
		if len(places) == 0 {
			t.Errorf("%s: no places in\n%s", name, report)
		}
		for _, at := range places {
			file, _, _ := strings.Cut(at, ":")
			if _, err := os.Stat(file); err != nil || strings.HasPrefix(file, "/") && strings.Contains(file, "/sync2/explore/") {
				t.Errorf("%s: %s cannot be opened, or is not relative: %v\n%s", name, at, err, report)
			}
		}
	}
}

func TestHelper(t *testing.T) {
	r := Explore(t.Name(), func(e *E) {
		e.Yield()
		failHelped(e) // this is the place
	}, Random(1))
	source, err := os.ReadFile("place_test.go")
	if err != nil || r.Failure == nil {
		t.Fatal(err, r)
	}
	lines := strings.Split(string(source), "\n")
	for i, s := range r.Failure.Steps {
		want := []string{"e.Yield()", "// this is the place"}[i]
		if at, ok := strings.CutPrefix(s.Where, "place_test.go:"); !ok || !strings.Contains(lines[atoi(t, at)-1], want) {
			t.Errorf("step %d is at %s, which is not where %q is", i, s.Where, want)
		}
	}
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
