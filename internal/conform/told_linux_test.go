package conform

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/internal/tell"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A told run is what a program reported about itself.
type told struct {
	state   timeline.State
	events  int
	wrong   []error
	classes map[trace.Class]bool
}

// watch reads what the next program of d reports, and sends that when the program has ended.
func watch(t *testing.T, d *tell.Directory) <-chan *told {
	t.Helper()
	done := make(chan *told, 1)
	f, err := d.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer f.Close()
		r := &told{classes: make(map[trace.Class]bool)}
		v := trace.NewValidator()
		for ev, err := range f.All() {
			if err == nil {
				r.events++
				if err = r.state.Apply(ev); err == nil && r.state.Lost() == 0 {
					err = v.Event(ev)
				}
				r.classes[ev.Class] = true
			}
			if err != nil {
				r.wrong = append(r.wrong, err)
			}
		}
		done <- r
	}()
	return done
}

// racy are programs that the race detector reports with any Go, since they close a channel while others send, or that
// have other outcomes with it.
var racy = []string{"TestBubbleMemory", "TestChanCloseWakesSenders", "TestChanSendBlockedThenClosed", "TestSelectSendBlockedThenClosed", "TestStacksOfAll"}

// TestTold runs the programs while they are watched: they have the same outcomes as ever, also under the race
// detector and under constant garbage collection, and what they report is consistent.
func TestTold(t *testing.T) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("programs do not tell here")
	}
	for _, test := range []struct {
		pkg string
		b   builder
		env []string
	}{
		{"language", builder{tells: true}, nil},
		{"language", builder{tells: true}, []string{"GOGC=1"}},
		{"language", builder{tells: true, race: true}, nil},
		{"quiet", builder{tells: true}, nil},
	} {
		t.Run(fmt.Sprint(test.pkg, test.b.race, test.env), func(t *testing.T) {
			bin := test.b.build(t, test.pkg)
			d, err := tell.New()
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			results := make(chan (<-chan *told), 1)
			go func() { results <- watch(t, d) }()
			skip := []string{"TestTickerSlowReceiver"} // on a busy machine it may see a second tick
			if test.b.race {
				skip = append(skip, racy...)
			}
			r := run(t, bin, nil, append(test.env, tell.Variable+"="+d.Path()), "-test.count=3", "-test.skip=^("+strings.Join(skip, "|")+")$")
			if r.err != nil || strings.Contains(r.output, "DATA RACE") {
				t.Errorf("%v\n%s", r.err, tail(r.output))
			}
			r.checkAllowed(t)
			said := <-<-results
			for i, err := range said.wrong {
				if i < 10 {
					t.Error(err)
				}
			}
			t.Logf("%d events, %d lost", said.events, said.state.Lost())
			for _, c := range []trace.Class{trace.ClassChan, trace.ClassMutex, trace.ClassWaitGroup, trace.ClassSelect} {
				if test.pkg == "language" && !said.classes[c] {
					t.Errorf("nothing is reported about any %s", c)
				}
			}
		})
	}
}
