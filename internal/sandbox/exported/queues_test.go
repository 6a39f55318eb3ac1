package exported

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/byhand"
)

// TestQueues repeats what was done by hand in a sandbox and expects the same results.
func TestQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_ = ctx
		home := func() {}
		queue := sync2.NewQueue[string](1)
		hand_ann, ann := byhand.Start("ann", home)
		_ = ann
		hand_ben, ben := byhand.Start("ben", home)
		_ = ben
		hand_cem, cem := byhand.Start("cem", home)
		_ = cem
		call1 := hand_ann.Does("queue.Put(\"a\")", func() string {
			return byhand.Say(queue.Put("a"))
		})
		call1.Returns(t, "nil")
		call2 := hand_ann.Does("queue.TryPut(\"b\")", func() string {
			return byhand.Say(queue.TryPut("b"))
		})
		call2.Returns(t, "false")
		call3 := hand_ann.Does("queue.PutTimeout(200*time.Millisecond, \"b\")", func() string {
			return byhand.Say(queue.PutTimeout(200*time.Millisecond, "b"))
		})
		call3.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call3.Returns(t, "context deadline exceeded")
		ctx4, cancel4 := context.WithCancelCause(ctx)
		defer cancel4(nil)
		call4 := hand_ann.Does("queue.PutContext(ctx, \"b\")", func() string {
			return byhand.Say(queue.PutContext(ctx4, "b"))
		})
		call4.Waits(t)
		call5 := hand_ben.Does("queue.Get()", func() string {
			return byhand.Say(queue.Get())
		})
		call5.Returns(t, "\"a\", nil")
		call4.Returns(t, "nil")
		call6 := hand_ben.Does("queue.Requeue(\"a\")", func() string {
			return byhand.Say(queue.Requeue("a"))
		})
		call6.Returns(t, "nil")
		call7 := hand_ben.Does("queue.GetTimeout(time.Second)", func() string {
			return byhand.Say(queue.GetTimeout(time.Second))
		})
		call7.Returns(t, "\"b\", nil")
		ctx8, cancel8 := context.WithCancelCause(ctx)
		defer cancel8(nil)
		call8 := hand_ben.Does("queue.GetContext(ctx)", func() string {
			return byhand.Say(queue.GetContext(ctx8))
		})
		call8.Returns(t, "\"a\", nil")
		call9 := hand_ben.Does("queue.TryGet()", func() string {
			return byhand.Say(queue.TryGet())
		})
		call9.Returns(t, "\"\", false")
		call10 := hand_cem.Does("queue.JoinTimeout(200*time.Millisecond)", func() string {
			return byhand.Say(queue.JoinTimeout(200 * time.Millisecond))
		})
		call10.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call10.Returns(t, "false")
		ctx11, cancel11 := context.WithCancelCause(ctx)
		defer cancel11(nil)
		call11 := hand_cem.Does("queue.JoinContext(ctx)", func() string {
			return byhand.Say(queue.JoinContext(ctx11))
		})
		call11.Waits(t)
		call12 := hand_ben.Does("queue.Unfinished()", func() string {
			return byhand.Say(queue.Unfinished())
		})
		call12.Returns(t, "2")
		call13 := hand_ben.Does("queue.Len()", func() string {
			return byhand.Say(queue.Len())
		})
		call13.Returns(t, "0")
		call14 := hand_ben.Does("queue.Cap()", func() string {
			return byhand.Say(queue.Cap())
		})
		call14.Returns(t, "1")
		call15 := hand_ben.Does("queue.Waiting()", func() string {
			return byhand.Say(queue.Waiting())
		})
		call15.Returns(t, "0, 0")
		call16 := hand_ben.Does("queue.String()", func() string {
			return byhand.Say(queue.String())
		})
		call16.Returned(t)
		call17 := hand_ben.Does("queue.TaskDone()", func() string {
			queue.TaskDone()
			return byhand.Say()
		})
		call17.Returns(t, "")
		call18 := hand_ben.Does("queue.TaskDone()", func() string {
			queue.TaskDone()
			return byhand.Say()
		})
		call18.Returns(t, "")
		call11.Returns(t, "nil")
		call19 := hand_ben.Does("queue.TaskDone()", func() string {
			queue.TaskDone()
			return byhand.Say()
		})
		call19.Returns(t, "panics: sync2: Queue.TaskDone: no item is unfinished")
		turn20 := byhand.New("turn20", home)
		call20 := hand_ben.Does("for range queue.All()", func() string {
			for range queue.All() {
				if !turn20.Run().OK || ctx.Err() != nil {
					break
				}
			}
			return byhand.Say()
		})
		call20.Waits(t)
		call21 := hand_ann.Does("queue.Put(\"x\")", func() string {
			return byhand.Say(queue.Put("x"))
		})
		call21.Returns(t, "nil")
		call22 := turn20.Does("queue.Len()", func() string {
			return byhand.Say(queue.Len())
		})
		call22.Returns(t, "0")
		turn20.Leaves(byhand.Leave{OK: true})
		call23 := hand_ann.Does("queue.Put(\"y\")", func() string {
			return byhand.Say(queue.Put("y"))
		})
		call23.Returns(t, "nil")
		turn20.Leaves(byhand.Leave{})
		call20.Returns(t, "")
		call24 := hand_ann.Does("queue.Put(\"z\")", func() string {
			return byhand.Say(queue.Put("z"))
		})
		call24.Returns(t, "nil")
		call25 := hand_cem.Does("queue.Join()", func() string {
			queue.Join()
			return byhand.Say()
		})
		call25.Waits(t)
		call26 := hand_ann.Does("queue.Close()", func() string {
			queue.Close()
			return byhand.Say()
		})
		call26.Returns(t, "")
		call27 := hand_ann.Does("queue.Put(\"no\")", func() string {
			return byhand.Say(queue.Put("no"))
		})
		call27.Returns(t, "sync2: queue closed")
		call28 := hand_ann.Does("queue.Discard()", func() string {
			return byhand.Say(queue.Discard())
		})
		call28.Returns(t, "1")
		call25.Returns(t, "")
		stack := sync2.NewStack[string](0)
		call29 := hand_ann.Does("stack.Put(\"1\")", func() string {
			return byhand.Say(stack.Put("1"))
		})
		call29.Returns(t, "nil")
		call30 := hand_ann.Does("stack.Put(\"2\")", func() string {
			return byhand.Say(stack.Put("2"))
		})
		call30.Returns(t, "nil")
		call31 := hand_ann.Does("stack.Get()", func() string {
			return byhand.Say(stack.Get())
		})
		call31.Returns(t, "\"2\", nil")
		ranks := sync2.NewPriorityQueue(0, strings.Compare)
		call32 := hand_ann.Does("ranks.Put(\"b\")", func() string {
			return byhand.Say(ranks.Put("b"))
		})
		call32.Returns(t, "nil")
		call33 := hand_ann.Does("ranks.Put(\"a\")", func() string {
			return byhand.Say(ranks.Put("a"))
		})
		call33.Returns(t, "nil")
		call34 := hand_ann.Does("ranks.Get()", func() string {
			return byhand.Say(ranks.Get())
		})
		call34.Returns(t, "\"a\", nil")
		turn35 := byhand.New("turn35", home)
		call35 := hand_ann.Does("for range ranks.All()", func() string {
			for range ranks.All() {
				if !turn35.Run().OK || ctx.Err() != nil {
					break
				}
			}
			return byhand.Say()
		})
		turn35.Leaves(byhand.Leave{Exits: true})
		call35.Returns(t, "exits")
		latest := sync2.NewWatch("v1")
		call36 := hand_ben.Does("latest.Get()", func() string {
			return byhand.Say(latest.Get())
		})
		call36.Returns(t, "\"v1\", 1")
		call37 := hand_ben.Does("latest.Wait(1)", func() string {
			return byhand.Say(latest.Wait(1))
		})
		call37.Waits(t)
		call38 := hand_cem.Does("latest.WaitTimeout(1, 200*time.Millisecond)", func() string {
			return byhand.Say(latest.WaitTimeout(1, 200*time.Millisecond))
		})
		call38.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call38.Returns(t, "\"v1\", 1, false")
		call39 := hand_cem.Does("latest.Set(\"v2\")", func() string {
			latest.Set("v2")
			return byhand.Say()
		})
		call39.Returns(t, "")
		call37.Returns(t, "\"v2\", 2")
		ctx40, cancel40 := context.WithCancelCause(ctx)
		defer cancel40(nil)
		call40 := hand_ben.Does("latest.WaitContext(ctx, 2)", func() string {
			return byhand.Say(latest.WaitContext(ctx40, 2))
		})
		call40.Waits(t)
		call41 := hand_cem.Does("latest.Waiting()", func() string {
			return byhand.Say(latest.Waiting())
		})
		call41.Returns(t, "1")
		body1 := byhand.New("body1", home)
		call42 := hand_cem.Does("latest.Update(func { … })", func() string {
			latest.Update(func(_ string) string { l := body1.Run(); return l.V })
			return byhand.Say()
		})
		body1.Leaves(byhand.Leave{V: "v3"})
		call40.Returns(t, "\"v3\", 3, nil")
		call42.Returns(t, "")
		call43 := hand_cem.Does("latest.Update(func(string) string { return \"v4\" })", func() string {
			latest.Update(func(_ string) string { l := (byhand.Leave{V: "v4"}).Now(); return l.V })
			return byhand.Say()
		})
		call43.Returns(t, "")
		call44 := hand_cem.Does("latest.String()", func() string {
			return byhand.Say(latest.String())
		})
		call44.Returned(t)

		// Let every goroutine end.
		cancel()
		byhand.LetGo([]*byhand.Hand{hand_ann, hand_ben, hand_cem, turn20, turn35, body1},
			func() { latest.Set("") },
			func() { queue.Discard() },
			func() { queue.TaskDone() },
			func() { ranks.Discard() },
			func() { ranks.TaskDone() },
			func() { stack.Discard() },
			func() { stack.TaskDone() },
		)
	})
}
