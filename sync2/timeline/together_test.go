package timeline

import (
	"slices"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

const (
	watchDef  = "define-obj @1 class=watch n=3 'config\n"
	teamDef   = "define-obj @1 class=task-group n=2 'crew\n"
	flightDef = "define-obj @1 class=flight 'pages\ndefine-obj @2 class=future peer=1 'pages[7]\n"
	keysDef   = "define-obj @1 class=keyed-mutex 'accounts\ndefine-obj @2 class=mutex peer=1 'accounts[ann]\ndefine-obj @3 class=mutex peer=1 'accounts[ben]\n"
)

// The states of watches, groups of goroutines, flights and keyed mutexes.
func TestObjectsOfManyGoroutines(t *testing.T) {
	for _, c := range []struct{ name, stream, want string }{
		{"watch", watchDef + "block 2 @1 n=3\nblock 3 @1 n=5\nset 1 @1 n=4 'x\nunblock 2 @1\npass 2 @1 n=4", "queue [3] passed 2:0 version 4: x"},
		{"watch, newer", watchDef + "pass 2 @1 n=3\nset 1 @1 n=4 'x", "version 4: x"},
		{"group", teamDef + "spawn 1 @1 peer=2\nspawn 1 @1 peer=3\nspawn 1 @1 peer=3", "team [2 3] of 2, 0 settled, closed false"},
		{"group, a place", teamDef + "spawn 1 @1 peer=2\nspawn 1 @1 peer=3\nblock 1 @1 'Go\nsettle 2 @1 n=3\ntask-done 2 @1 n=1\nunblock 1 @1 peer=2\nspawn 1 @1 peer=4", "team [3 4] of 2, 1 settled, closed false"},
		{"group, failed", teamDef + "spawn 1 @1 peer=2\nspawn 1 @1 peer=3\nsettle 2 @1 n=4 'no luck\nsettle 3 @1 n=4 'none\ncancel 1 @1 'enough", "team [2 3] of 2, 2 settled, closed true, broken by 2: no luck"},
		{"group, canceled", teamDef + "cancel 1 @1 'enough", "team [] of 2, 0 settled, closed true, broken by 1: enough"},
		{"flight", flightDef + "submit 1 @2 peer=1\nblock 1 @2 'Result\ntask-start 2 @2", "tasks [] busy 2:1 settled 0"},
		{"flight, landed", flightDef + "submit 1 @2 peer=1\nblock 1 @2 'Result\ntask-start 2 @2\nsettle 2 @2 n=3 'x\nunblock 1 @2", "tasks [] settled 1"},
	} {
		if got := sum(play(t, c.stream).Object(1)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	s := play(t, keysDef+"acquire 2 @2 n=1")
	if got := s.Children(1); len(got) != 2 || got[0].Owner != 2 || got[1].Depth != 0 {
		t.Errorf("the keys: %v", got)
	}
}

// A change of the original does not show in the clone.
func TestCloneOfGroup(t *testing.T) {
	s := play(t, teamDef+"spawn 1 @1 peer=2\nspawn 1 @1 peer=3")
	c := s.Clone()
	if err := c.Apply(trace.Event{Seq: 100, Kind: trace.KindTaskDone, Obj: 1, G: 2, N: 1}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Object(1).Team, []int64{2, 3}) || !slices.Equal(c.Object(1).Team, []int64{3}) {
		t.Errorf("%v and %v", s.Object(1).Team, c.Object(1).Team)
	}
}

func TestSaysOfManyGoroutines(t *testing.T) {
	for _, c := range []struct{ stream, want string }{
		{watchDef + "block 2 @1 n=3", "waits for a version of config after 3"},
		{watchDef + "block 2 @1 n=9", "waits for a version of config after 9, now 3"},
		{teamDef + "spawn 1 @1 peer=3\nblock 2 @1 'Wait", "waits for the end of crew, where ben runs"},
		{teamDef + "spawn 1 @1 peer=3\nspawn 1 @1 peer=4\nblock 2 @1 'Wait", "waits for the end of crew, where 2 run"},
		{teamDef + "block 2 @1 'Wait", "waits for the end of crew"},
		{teamDef + "spawn 1 @1 peer=3\nspawn 1 @1 peer=4\nblock 1 @1 'Wait\nblock 2 @1 'GoContext", "waits for one of the 2 places in crew"},
		{flightDef + "submit 2 @2 peer=1\nblock 2 @2 'Result", "waits for the result of pages[7]"},
		{keysDef + "acquire 1 @2 n=1\nblock 2 @2 'Lock", "waits for accounts[ann]"},
	} {
		if got := play(t, c.stream).Words().Doing(2); got != c.want {
			t.Errorf("after %q\n got %s\nwant %s", c.stream, got, c.want)
		}
	}
}

func TestDescribeManyGoroutines(t *testing.T) {
	for _, c := range []struct{ stream, want string }{
		{watchDef, "config is a watch at version 3"},
		{watchDef + "set 1 @1 n=4 'x", "main sets config to x, version 4"},
		{watchDef + "pass 2 @1 n=3", "ann gets version 3 of config"},
		{teamDef, "crew is a group of goroutines, 2 at once"},
		{"define-obj @1 class=task-group 'crew", "crew is a group of goroutines"},
		{teamDef + "spawn 1 @1 peer=2", "main starts ann in crew"},
		{teamDef + "spawn 1 @1 peer=2\nsettle 2 @1 n=3", "ann is done in crew"},
		{teamDef + "spawn 1 @1 peer=2\nsettle 2 @1 n=4 'no luck", "ann fails in crew: no luck"},
		{teamDef + "spawn 1 @1 peer=2\ntask-done 2 @1 n=0", "ann leaves crew, where 0 run now"},
		{teamDef + "cancel 1 @1 'enough", "main cancels crew: enough"},
		{teamDef + "pass 1 @1", "main finds that all of crew have ended"},
		{flightDef, "pages[7] is a future"},
		{"define-obj @1 class=flight 'pages", "pages is a flight"},
		{flightDef + "submit 1 @2 peer=1", "main asks for pages[7], the first"},
		{"define-obj @1 class=keyed-mutex 'accounts", "accounts is a keyed mutex"},
	} {
		s := play(t, c.stream)
		if got := Describe(s, s.Last()); got != c.want {
			t.Errorf("after %q\n got %s\nwant %s", c.stream, got, c.want)
		}
	}
}

func TestDeadlocksOfManyGoroutines(t *testing.T) {
	for _, c := range []struct{ name, stream, want string }{
		{"a member starts another where there is no place", teamDef + "spawn 1 @1 peer=2\nspawn 1 @1 peer=3\nblock 2 @1 'Go\nblock 3 @1 'Go",
			"ann runs in crew and waits for one of the 2 places in crew; ben runs in crew and waits for one of the 2 places in crew"},
		{"another member goes on", teamDef + "spawn 1 @1 peer=2\nspawn 1 @1 peer=3\nblock 2 @1 'Go", ""},
		{"a member waits for the group", teamDef + "spawn 1 @1 peer=2\nspawn 1 @1 peer=3\nblock 2 @1 'Wait", "ann runs in crew and waits for the end of crew, where 2 run"},
		{"a member waits for who waits for the group", "define-obj @2 class=mutex 'm\n" + teamDef + "acquire 1 @2 n=1\nspawn 1 @1 peer=2\nblock 2 @2 'Lock\nblock 1 @1 'Wait",
			"main holds m and waits for the end of crew, where ann runs; ann runs in crew and waits for m"},
		{"keys in either order", keysDef + "acquire 2 @2 n=1\nacquire 3 @3 n=1\nblock 2 @3\nblock 3 @2",
			"ann holds accounts[ann] and waits for accounts[ben]; ben holds accounts[ben] and waits for accounts[ann]"},
		{"one asks a flight for what it is about to find", flightDef + "submit 1 @2 peer=1\nblock 1 @2 'Result\ntask-start 2 @2\nblock 2 @2 'Result", "ann runs pages[7] and waits for the result of pages[7]"},
		{"a flight that has not begun", flightDef + "submit 1 @2 peer=1\nblock 1 @2 'Result", ""},
	} {
		s, got := play(t, c.stream), ""
		for _, d := range s.Deadlocks() {
			got += s.Words().Deadlock(d)
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}
