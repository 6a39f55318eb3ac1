package exported

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/byhand"
)

// TestPermits repeats what was done by hand in a sandbox and expects the same results.
func TestPermits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_ = ctx
		home := func() {}
		pool := sync2.NewSemaphore(1)
		hand_ann, ann := byhand.Start("ann", home)
		_ = ann
		hand_ben, ben := byhand.Start("ben", home)
		_ = ben
		hand_cem, cem := byhand.Start("cem", home)
		_ = cem
		call1 := hand_ann.Does("pool.Acquire()", func() string {
			pool.Acquire()
			return byhand.Say()
		})
		call1.Returns(t, "")
		call2 := hand_ben.Does("pool.Acquire()", func() string {
			pool.Acquire()
			return byhand.Say()
		})
		call2.Waits(t)
		call3 := hand_cem.Does("pool.TryAcquire()", func() string {
			return byhand.Say(pool.TryAcquire())
		})
		call3.Returns(t, "false")
		call4 := hand_cem.Does("pool.AcquireTimeout(200*time.Millisecond)", func() string {
			return byhand.Say(pool.AcquireTimeout(200 * time.Millisecond))
		})
		call4.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call4.Returns(t, "false")
		ctx5, cancel5 := context.WithCancelCause(ctx)
		defer cancel5(nil)
		call5 := hand_cem.Does("pool.AcquireContext(ctx)", func() string {
			return byhand.Say(pool.AcquireContext(ctx5))
		})
		call5.Waits(t)
		cancel5(errors.New("no more"))
		synctest.Wait()
		call5.Returns(t, "no more")
		call6 := hand_ann.Does("pool.Release()", func() string {
			pool.Release()
			return byhand.Say()
		})
		call6.Returns(t, "")
		call2.Returns(t, "")
		ctx7, cancel7 := context.WithCancelCause(ctx)
		defer cancel7(nil)
		call7 := hand_cem.Does("pool.AcquireN(ctx, 0)", func() string {
			return byhand.Say(pool.AcquireN(ctx7, 0))
		})
		call7.Returns(t, "nil")
		call8 := hand_cem.Does("pool.TryAcquireN(2)", func() string {
			return byhand.Say(pool.TryAcquireN(2))
		})
		call8.Returns(t, "false")
		call9 := hand_ben.Does("pool.ReleaseN(3)", func() string {
			pool.ReleaseN(3)
			return byhand.Say()
		})
		call9.Returns(t, "")
		call10 := hand_ben.Does("pool.Drain()", func() string {
			return byhand.Say(pool.Drain())
		})
		call10.Returns(t, "3")
		call11 := hand_ben.Does("pool.Available()", func() string {
			return byhand.Say(pool.Available())
		})
		call11.Returns(t, "0")
		call12 := hand_ben.Does("pool.Waiting()", func() string {
			return byhand.Say(pool.Waiting())
		})
		call12.Returns(t, "0")
		call13 := hand_ben.Does("pool.String()", func() string {
			return byhand.Say(pool.String())
		})
		call13.Returned(t)
		call14 := hand_ben.Does("pool.ReleaseN(-1)", func() string {
			pool.ReleaseN(-1)
			return byhand.Say()
		})
		call14.Returns(t, "panics: sync2: Semaphore.ReleaseN: -1 permits; must not be negative")
		call15 := hand_ben.Does("pool.Resize(5)", func() string {
			pool.Resize(5)
			return byhand.Say()
		})
		call15.Returns(t, "panics: sync2: Semaphore.Resize: the semaphore is unbounded")
		few := sync2.NewBoundedSemaphore(1)
		call16 := hand_ann.Does("few.Release()", func() string {
			few.Release()
			return byhand.Say()
		})
		call16.Returns(t, "panics: sync2: Semaphore.Release: 1 more than the bound of 1")
		call17 := hand_ann.Does("few.Acquire()", func() string {
			few.Acquire()
			return byhand.Say()
		})
		call17.Returns(t, "")
		ctx18, cancel18 := context.WithCancelCause(ctx)
		defer cancel18(nil)
		call18 := hand_ben.Does("few.AcquireN(ctx, 2)", func() string {
			return byhand.Say(few.AcquireN(ctx18, 2))
		})
		call18.Returns(t, "sync2: more permits than the semaphore can hold")
		call19 := hand_ann.Does("few.Resize(2)", func() string {
			few.Resize(2)
			return byhand.Say()
		})
		call19.Returns(t, "")
		call20 := hand_ann.Does("few.AcquireContext(ended)", func() string {
			return byhand.Say(few.AcquireContext(byhand.Ended()))
		})
		call20.Returns(t, "context canceled")
		call21 := hand_ann.Does("few.AcquireContext(nil)", func() string {
			return byhand.Say(few.AcquireContext(nil))
		})
		call21.Returns(t, "panics: sync2: Semaphore.AcquireContext: the context is nil")
		ctx22, cancel22 := context.WithCancelCause(ctx)
		defer cancel22(nil)
		call22 := hand_ben.Does("few.AcquireContext(within(ctx, 200*time.Millisecond))", func() string {
			return byhand.Say(few.AcquireContext(byhand.Within(ctx22, 200*time.Millisecond)))
		})
		call22.Returns(t, "nil")
		ctx23, cancel23 := context.WithCancelCause(ctx)
		defer cancel23(nil)
		call23 := hand_ben.Does("few.AcquireContext(within(ctx, 200*time.Millisecond))", func() string {
			return byhand.Say(few.AcquireContext(byhand.Within(ctx23, 200*time.Millisecond)))
		})
		call23.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call23.Returns(t, "context deadline exceeded")
		door := new(sync2.Event)
		call24 := hand_ann.Does("door.Wait()", func() string {
			door.Wait()
			return byhand.Say()
		})
		call24.Waits(t)
		call25 := hand_ben.Does("door.WaitTimeout(60*time.Minute)", func() string {
			return byhand.Say(door.WaitTimeout(60 * time.Minute))
		})
		call25.Waits(t)
		ctx26, cancel26 := context.WithCancelCause(ctx)
		defer cancel26(nil)
		call26 := hand_cem.Does("door.WaitContext(ctx)", func() string {
			return byhand.Say(door.WaitContext(ctx26))
		})
		call26.Waits(t)
		hand_dan, dan := byhand.Start("dan", home)
		_ = dan
		call27 := hand_dan.Does("door.IsSet()", func() string {
			return byhand.Say(door.IsSet())
		})
		call27.Returns(t, "false")
		call28 := hand_dan.Does("door.Waiting()", func() string {
			return byhand.Say(door.Waiting())
		})
		call28.Returns(t, "3")
		call29 := hand_dan.Does("door.Done()", func() string {
			return byhand.Say(door.Done())
		})
		call29.Returns(t, "open")
		call30 := hand_dan.Does("door.Set()", func() string {
			door.Set()
			return byhand.Say()
		})
		call30.Returns(t, "")
		call24.Returns(t, "")
		call25.Returns(t, "true")
		call26.Returns(t, "nil")
		call31 := hand_dan.Does("door.Done()", func() string {
			return byhand.Say(door.Done())
		})
		call31.Returns(t, "closed")
		call32 := hand_dan.Does("door.String()", func() string {
			return byhand.Say(door.String())
		})
		call32.Returned(t)
		call33 := hand_dan.Does("door.Clear()", func() string {
			door.Clear()
			return byhand.Say()
		})
		call33.Returns(t, "")
		body1 := byhand.New("body1", home)
		gate := sync2.NewBarrier(3, sync2.WithTimeout(60*time.Minute), sync2.WithAction(func() error { l := body1.Run(); return l.Err }))
		call34 := hand_ann.Does("gate.Wait()", func() string {
			return byhand.Say(gate.Wait())
		})
		call34.Waits(t)
		ctx35, cancel35 := context.WithCancelCause(ctx)
		defer cancel35(nil)
		call35 := hand_ben.Does("gate.WaitContext(ctx)", func() string {
			return byhand.Say(gate.WaitContext(ctx35))
		})
		call35.Waits(t)
		call36 := hand_cem.Does("gate.WaitTimeout(60*time.Minute)", func() string {
			return byhand.Say(gate.WaitTimeout(60 * time.Minute))
		})
		call37 := body1.Does("gate.Waiting()", func() string {
			return byhand.Say(gate.Waiting())
		})
		call37.Returns(t, "3")
		body1.Leaves(byhand.Leave{Err: errors.New("the action fails")})
		call34.Returns(t, "-1, sync2: broken: the action fails")
		call35.Returns(t, "-1, sync2: broken: the action fails")
		call36.Returns(t, "-1, sync2: broken: the action fails")
		call38 := hand_ann.Does("gate.Broken()", func() string {
			return byhand.Say(gate.Broken())
		})
		call38.Returns(t, "true")
		call39 := hand_ann.Does("gate.Reset()", func() string {
			gate.Reset()
			return byhand.Say()
		})
		call39.Returns(t, "")
		call40 := hand_ann.Does("gate.Wait()", func() string {
			return byhand.Say(gate.Wait())
		})
		call40.Waits(t)
		call41 := hand_ben.Does("gate.Abort(errors.New(\"it rains\"))", func() string {
			gate.Abort(errors.New("it rains"))
			return byhand.Say()
		})
		call41.Returns(t, "")
		call40.Returns(t, "-1, sync2: broken: it rains")
		call42 := hand_ben.Does("gate.Parties()", func() string {
			return byhand.Say(gate.Parties())
		})
		call42.Returns(t, "3")
		call43 := hand_ben.Does("gate.String()", func() string {
			return byhand.Say(gate.String())
		})
		call43.Returned(t)
		soon := sync2.NewBarrier(2, sync2.WithTimeout(200*time.Millisecond), sync2.WithAction(func() error { l := (byhand.Leave{}).Now(); return l.Err }))
		call44 := hand_ann.Does("soon.Wait()", func() string {
			return byhand.Say(soon.Wait())
		})
		call44.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call44.Returns(t, "-1, sync2: broken: context deadline exceeded")
		hand_dan.Leaves(byhand.Leave{})

		// Let every goroutine end.
		cancel()
		byhand.LetGo([]*byhand.Hand{hand_ann, hand_ben, hand_cem, hand_dan, body1},
			func() { door.Set() },
			func() { few.Release() },
			func() { few.ReleaseN(1 << 20) },
			func() { few.Resize(1 << 20) },
			func() { gate.Abort(nil) },
			func() { pool.Release() },
			func() { pool.ReleaseN(1 << 20) },
			func() { pool.Resize(1 << 20) },
			func() { soon.Abort(nil) },
		)
	})
}
