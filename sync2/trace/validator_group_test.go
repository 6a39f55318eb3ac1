package trace

import "testing"

const (
	watch = people + "define-obj @1 class=watch n=3 'w\n"
	team  = people + "define-obj @1 class=task-group n=2 'crew\n"
)

func TestRulesOfManyGoroutines(t *testing.T) {
	for _, c := range []struct{ name, stream, want string }{
		{"watch", watch + "pass 2 @1 n=3\nset 1 @1 n=4\nset 1 @1 n=5\npass 2 @1 n=5", ""},
		{"version left out", watch + "set 1 @1 n=5", "event 7, set by main at w: the version after 3 is not 5"},
		{"version twice", watch + "set 1 @1 n=3", "event 7, set by main at w: the version after 3 is not 3"},
		{"old version", watch + "set 1 @1 n=4\npass 2 @1 n=3", "event 8, pass by ann at w: the version is 4, not 3"},
		{"waits for a newer version", watch + "block 2 @1 n=3\nblock 3 @1 n=4\nset 1 @1 n=4\nunblock 2 @1 peer=1\npass 2 @1 n=4\nset 1 @1 n=5\nunblock 3 @1 peer=1\npass 3 @1 n=5", ""},
		{"waits for what there is", watch + "block 2 @1 n=2", "event 7, block by ann at w: the version is already 3"},
		{"released too early", watch + "block 2 @1 n=4\nblock 3 @1 n=3\nset 1 @1 n=4\nunblock 2 @1 peer=1", "event 10, unblock by ann at w: it waits for a version after 4, and this is 4"},
		{"released by nothing", watch + "block 2 @1 n=3\nunblock 2 @1 peer=1", "event 8, unblock by ann at w: no earlier event has released it"},
		{"not released", watch + "block 2 @1 n=3\nset 1 @1 n=4\nset 1 @1 n=5", "event 9, set by main at w: waiters that must be released first: 1"},
		{"watch after a loss", watch + "dropped n=1\nset 1 @1 n=9\npass 2 @1 n=9", ""},

		{"group", team + "spawn 1 @1 peer=2\nspawn 1 @1 peer=3\nblock 1 @1 'Go\nsettle 2 @1 n=3\ntask-done 2 @1 n=1\nunblock 1 @1 peer=2\nspawn 1 @1 peer=4\nsettle 3 @1 n=4 'x\nsettle 4 @1 n=4 'y\ntask-done 3 @1 n=1\ntask-done 4 @1 n=0\npass 1 @1", ""},
		{"too many members", team + "spawn 1 @1 peer=2\nspawn 1 @1 peer=3\nspawn 1 @1 peer=4", "event 9, spawn by main at crew: 3 are running, but the limit is 2"},
		{"ends twice", team + "spawn 1 @1 peer=2\nspawn 1 @1 peer=3\ntask-done 2 @1 n=1\ntask-done 2 @1 n=1", "event 10, task-done by ann at crew: it is not a member, or has already ended"},
		{"miscounted", team + "spawn 1 @1 peer=2\nspawn 1 @1 peer=3\ntask-done 2 @1 n=0", "event 9, task-done by ann at crew: 1 have not ended, not 0"},
		{"passes too early", team + "spawn 1 @1 peer=2\npass 1 @1", "event 8, pass by main at crew: 1 of its members have not ended"},
		{"released too early from a group", team + "spawn 1 @1 peer=2\nblock 1 @1 'Wait\nunblock 1 @1 peer=2", "event 9, unblock by main at crew: 1 of its members have not ended"},
		{"given a place that is not there", team + "spawn 1 @1 peer=2\nspawn 1 @1 peer=3\nblock 1 @1 'Go\nunblock 1 @1 peer=2", "event 10, unblock by main at crew: there is no room: 2 are running"},
		{"given a place before another", team + "spawn 1 @1 peer=2\nspawn 2 @1 peer=3\nblock 1 @1 'Go\nblock 4 @1 'GoContext\ntask-done 3 @1 n=1\nunblock 4 @1 peer=3", "event 12, unblock by eve at crew: main has waited longer"},
		{"a place and the end are different things", team + "block 1 @1 'Wait\nspawn 2 @1 peer=3\nspawn 2 @1 peer=4\nblock 2 @1 'Go\ntask-done 3 @1 n=1\nunblock 2 @1 peer=3", "at the end, main still waits for crew"},
		{"members older than the trace", team + "spawn @1 peer=2\nspawn @1 peer=3\nspawn @1 peer=4\ntask-done 2 @1 n=2\ntask-done 3 @1 n=1\ntask-done 4 @1 n=0\nspawn 1 @1 peer=2\npass 1 @1", "event 14, pass by main at crew: 1 of its members have not ended"},
		{"set of a group", team + "set 1 @1 n=1", "event 7, set by main at crew: this cannot happen to an object of class task-group"},
		{"cancel of a watch", watch + "cancel 1 @1", "event 7, cancel by main at w: this cannot happen to an object of class watch"},
	} {
		if got := firstError(t, NewValidator(), c.stream); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}
