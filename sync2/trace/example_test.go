package trace_test

import (
	"fmt"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Recorder keeps the events, and a Validator checks that they are consistent.
func ExampleStart() {
	rec := trace.NewRecorder(1 << 10)
	if err := trace.Start(rec); err != nil {
		fmt.Println(err)
		return
	}
	var door sync2.Event
	trace.Name(&door, "door")
	trace.Log("knock, knock")
	door.Set()
	door.Wait()
	trace.Stop()

	valid := trace.NewValidator()
	for _, ev := range rec.Events() {
		if err := valid.Event(ev); err != nil {
			fmt.Println(err)
		}
		switch ev.Kind {
		case trace.KindDefineObj:
			fmt.Println(ev.Class, "called", ev.Text)
		case trace.KindLog:
			fmt.Println(ev.Kind, ev.Text)
		case trace.KindSet, trace.KindPass:
			fmt.Println(ev.Kind)
		}
	}
	// Output:
	// event called door
	// log knock, knock
	// set
	// pass
}
