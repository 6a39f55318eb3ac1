package timeline

import (
	"context"
	"testing"
)

func TestDiff(t *testing.T) {
	const lock = people + forks + "acquire 2 @1 n=1\nrelease 2 @1\n"
	for _, c := range []struct {
		name, a, b string
		alike      int
		at         [2]int
		differ     bool
	}{
		{"nothing", "", "", 0, [2]int{0, 0}, false},
		{"the same", lock, lock, 2, [2]int{10, 10}, false},
		{"later", lock, people + forks + "acquire 2 @1 n=1 +1s\nrelease 2 @1", 2, [2]int{10, 10}, false},
		{"other identities", lock, "define-g 7 'ann\ndefine-obj @9 class=mutex 'fork-1\nacquire 7 @9 n=1\nrelease 7 @9", 2, [2]int{10, 4}, false},
		{"another goroutine", lock + "acquire 3 @2 n=1", lock + "acquire 4 @2 n=1", 2, [2]int{10, 10}, true},
		{"another object", lock + "acquire 3 @2 n=1", lock + "define-g 9 'x\nacquire 3 @3 n=1", 2, [2]int{10, 10}, true},
		{"one is longer", lock, lock + "acquire 3 @2 n=1", 2, [2]int{10, 10}, true},
		{"without names", forks + "acquire 7 @1 n=1\nblock 8 @1", forks + "acquire 17 @1 n=1\nblock 12 @1", 2, [2]int{5, 5}, false},
		{"without names, in another order", forks + "acquire 7 @1 n=1\nblock 8 @1", forks + "acquire 17 @1 n=1\nblock 17 @1", 1, [2]int{4, 4}, true},
	} {
		d, err := Diff(t.Context(), script(t, c.a), script(t, c.b))
		if err != nil || d.Alike != c.alike || [2]int{d.A, d.B} != c.at || d.Differ() != c.differ {
			t.Errorf("%s: %+v, %v", c.name, d, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Diff(ctx, script(t, lock), nil); err == nil {
		t.Error("it does not give up")
	}
}
