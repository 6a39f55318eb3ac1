package sync2_test

import (
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// BenchmarkTraced measures two events that go to a Recorder.
func BenchmarkTraced(b *testing.B) {
	b.ReportAllocs()
	if err := trace.Start(trace.NewRecorder(1 << 12)); err != nil {
		b.Fatal(err)
	}
	defer trace.Stop()
	var m sync2.Mutex
	for b.Loop() {
		m.Lock()
		m.Unlock() // the benchmark measures the pair
	}
}
