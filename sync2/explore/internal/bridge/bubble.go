//go:build turnstile_goroot

package bridge

import (
	"time"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// bubbleEpoch is when each bubble begins: 2000-01-01 00:00:00 UTC.
const bubbleEpoch = int64(946684800) * int64(time.Second)

// bubble is called when a task makes a bubble of testing/synctest, which the runtime knows as p and which begins with f.
// It returns how the bubble ended.
//
//go:norace
func bubble(thread, p unsafe.Pointer, f func()) (how uint8) {
	t := taskOf(thread)
	b := t.Exec.NewBubble(p)
	t.Bubble = b // of the child
	t.DescribeChild(f, engine.TaskTold)
	t.Request(engine.RequestSpawn, nil, "bubble")
	t.Bubble, b.Main = nil, t.Child
	c := t.NewCondition()
	c.Bubble, c.Ready = b, (*engine.Condition).BubbleOver
	t.Plain.P, t.Plain.Verb = nil, "synctest.Test"
	t.Request(engine.RequestPoint, nil, t.Plain.Verb)
	return b.Over(t)
}

// settle is called when a task begins to wait until all others of its bubble are durably blocked, and when it waits.
// Beginning is a step of its own unless there is nothing to wait for: only one task may wait.
//
//go:norace
func settle(thread unsafe.Pointer, waits bool) {
	t := taskOf(thread)
	if !waits {
		if !t.Bubble.Settled(t) {
			t.Do(run.object(t.Exec, t.Bubble.P, classBubble), "synctest.Wait", hook.AccessWrite)
		}
		return
	}
	c := t.NewCondition()
	c.Bubble, c.Of, c.Ready = t.Bubble, t, (*engine.Condition).BubbleSettled
	t.Plain.P, t.Plain.Verb = nil, "synctest.Wait"
	t.Sink()
	t.Request(engine.RequestPoint, nil, t.Plain.Verb)
}
