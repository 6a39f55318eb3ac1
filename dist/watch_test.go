package dist

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// A watcher sees the present state and each change, by the names of the processes.
func TestWatch(t *testing.T) {
	s := open(t, WithListen("127.0.0.1:0"), WithName("washer"))
	h := must[*Held](t)(s.Mutex("sink: 1").Lock())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []string
	for c, err := range join(t, s).Watch(ctx) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			break
		}
		got = append(got, c.String()+" by "+c.By)
		switch len(got) {
		case 1:
			err = s.Event("ready").Set()
		case 2:
			err = h.Unlock()
		case 3:
			err = s.WaitGroup("dishes").Add(2)
		default:
			cancel()
		}
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{
		"mutex sink: 1: held by washer with token 1 by washer",
		"event ready: set by washer",
		"mutex sink: 1: free by washer",
		"waitgroup dishes: a count of 2 by washer",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
