package exported

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/byhand"
)

// TestConditions repeats what was done by hand in a sandbox and expects the same results.
func TestConditions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_ = ctx
		home := func() {}
		mu := new(sync2.Mutex)
		cond := sync2.NewCond(mu)
		ready := new(atomic.Bool)
		hand_ann, ann := byhand.Start("ann", home)
		_ = ann
		hand_ben, ben := byhand.Start("ben", home)
		_ = ben
		hand_cem, cem := byhand.Start("cem", home)
		_ = cem
		call1 := hand_ann.Does("mu.Lock()", func() string {
			mu.Lock()
			return byhand.Say()
		})
		call1.Returns(t, "")
		call2 := hand_ann.Does("cond.Wait()", func() string {
			cond.Wait()
			return byhand.Say()
		})
		call2.Waits(t)
		call3 := hand_ben.Does("mu.Lock()", func() string {
			mu.Lock()
			return byhand.Say()
		})
		call3.Returns(t, "")
		call4 := hand_ben.Does("cond.Notify(1)", func() string {
			cond.Notify(1)
			return byhand.Say()
		})
		call4.Returns(t, "")
		call5 := hand_ben.Does("mu.Unlock()", func() string {
			mu.Unlock()
			return byhand.Say()
		})
		call5.Returns(t, "")
		call2.Returns(t, "")
		call6 := hand_ann.Does("cond.WaitFor(ready.Load)", func() string {
			cond.WaitFor(ready.Load)
			return byhand.Say()
		})
		call6.Waits(t)
		call7 := hand_ben.Does("mu.Lock()", func() string {
			mu.Lock()
			return byhand.Say()
		})
		call7.Returns(t, "")
		call8 := hand_ben.Does("cond.WaitForTimeout(200*time.Millisecond, ready.Load)", func() string {
			return byhand.Say(cond.WaitForTimeout(200*time.Millisecond, ready.Load))
		})
		call8.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call8.Returns(t, "false")
		call9 := hand_ben.Does("ready.Store(true)", func() string {
			ready.Store(true)
			return byhand.Say()
		})
		call9.Returns(t, "")
		call10 := hand_ben.Does("ready.Load()", func() string {
			return byhand.Say(ready.Load())
		})
		call10.Returns(t, "true")
		call11 := hand_ben.Does("ready.Swap(false)", func() string {
			return byhand.Say(ready.Swap(false))
		})
		call11.Returns(t, "true")
		call12 := hand_ben.Does("ready.CompareAndSwap(false, true)", func() string {
			return byhand.Say(ready.CompareAndSwap(false, true))
		})
		call12.Returns(t, "true")
		call13 := hand_ben.Does("cond.Signal()", func() string {
			cond.Signal()
			return byhand.Say()
		})
		call13.Returns(t, "")
		call14 := hand_ben.Does("cond.Waiting()", func() string {
			return byhand.Say(cond.Waiting())
		})
		call14.Returns(t, "0")
		call15 := hand_ben.Does("cond.String()", func() string {
			return byhand.Say(cond.String())
		})
		call15.Returned(t)
		call16 := hand_ben.Does("mu.Unlock()", func() string {
			mu.Unlock()
			return byhand.Say()
		})
		call16.Returns(t, "")
		call6.Returns(t, "")
		body1 := byhand.New("body1", home)
		ctx17, cancel17 := context.WithCancelCause(ctx)
		defer cancel17(nil)
		call17 := hand_ann.Does("cond.WaitForContext(ctx, func { … })", func() string {
			return byhand.Say(cond.WaitForContext(ctx17, func() bool { l := body1.Run(); return l.OK }))
		})
		body1.Leaves(byhand.Leave{OK: false})
		call17.Waits(t)
		cancel17(errors.New("canceled by hand"))
		synctest.Wait()
		body1.Leaves(byhand.Leave{OK: true})
		call17.Returns(t, "nil")
		call18 := hand_ann.Does("cond.WaitTimeout(200*time.Millisecond)", func() string {
			return byhand.Say(cond.WaitTimeout(200 * time.Millisecond))
		})
		call18.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call18.Returns(t, "false")
		ctx19, cancel19 := context.WithCancelCause(ctx)
		defer cancel19(nil)
		call19 := hand_ann.Does("cond.WaitContext(ctx)", func() string {
			return byhand.Say(cond.WaitContext(ctx19))
		})
		call19.Waits(t)
		call20 := hand_cem.Does("cond.Broadcast()", func() string {
			cond.Broadcast()
			return byhand.Say()
		})
		call20.Returns(t, "")
		call19.Returns(t, "nil")
		call21 := hand_ann.Does("mu.Unlock()", func() string {
			mu.Unlock()
			return byhand.Say()
		})
		call21.Returns(t, "")
		wg := new(sync2.WaitGroup)
		call22 := hand_cem.Does("wg.Add(2)", func() string {
			wg.Add(2)
			return byhand.Say()
		})
		call22.Returns(t, "")
		hand_dan, dan := byhand.Start("dan", home)
		_ = dan
		call23 := hand_dan.Does("wg.WaitTimeout(200*time.Millisecond)", func() string {
			return byhand.Say(wg.WaitTimeout(200 * time.Millisecond))
		})
		call23.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call23.Returns(t, "false")
		call24 := hand_dan.Does("wg.Wait()", func() string {
			wg.Wait()
			return byhand.Say()
		})
		call24.Waits(t)
		call25 := hand_cem.Does("wg.Count()", func() string {
			return byhand.Say(wg.Count())
		})
		call25.Returns(t, "2")
		call26 := hand_cem.Does("wg.Waiting()", func() string {
			return byhand.Say(wg.Waiting())
		})
		call26.Returns(t, "1")
		call27 := hand_cem.Does("wg.String()", func() string {
			return byhand.Say(wg.String())
		})
		call27.Returned(t)
		call28 := hand_cem.Does("wg.Done()", func() string {
			wg.Done()
			return byhand.Say()
		})
		call28.Returns(t, "")
		body2 := byhand.New("body2", home)
		call29 := hand_cem.Does("wg.Go(func { … })", func() string {
			wg.Go(func() { body2.Run() })
			return byhand.Say()
		})
		call29.Returns(t, "")
		call30 := body2.Does("mu.TryLock()", func() string {
			return byhand.Say(mu.TryLock())
		})
		call30.Returns(t, "true")
		body2.Leaves(byhand.Leave{})
		call31 := hand_cem.Does("wg.Done()", func() string {
			wg.Done()
			return byhand.Say()
		})
		call31.Returns(t, "")
		call24.Returns(t, "")
		call32 := hand_cem.Does("wg.Done()", func() string {
			wg.Done()
			return byhand.Say()
		})
		call32.Returns(t, "panics: sync2: WaitGroup.Done: the counter would be negative")
		ctx33, cancel33 := context.WithCancelCause(ctx)
		defer cancel33(nil)
		call33 := hand_cem.Does("wg.WaitContext(ctx)", func() string {
			return byhand.Say(wg.WaitContext(ctx33))
		})
		call33.Returns(t, "nil")
		once := new(sync2.Once)
		body3 := byhand.New("body3", home)
		ctx34, cancel34 := context.WithCancelCause(ctx)
		defer cancel34(nil)
		call34 := hand_cem.Does("once.DoContext(ctx, func { … })", func() string {
			return byhand.Say(once.DoContext(ctx34, func(_ context.Context) error { l := body3.Run(); return l.Err }))
		})
		body4 := byhand.New("body4", home)
		call35 := hand_dan.Does("once.Do(func { … })", func() string {
			once.Do(func() { body4.Run() })
			return byhand.Say()
		})
		call35.Waits(t)
		call36 := body3.Does("once.Done()", func() string {
			return byhand.Say(once.Done())
		})
		call36.Returns(t, "false")
		body3.Leaves(byhand.Leave{Err: errors.New("not yet")})
		call34.Returns(t, "not yet")
		call37 := body4.Does("once.String()", func() string {
			return byhand.Say(once.String())
		})
		call37.Returned(t)
		body4.Leaves(byhand.Leave{Panics: true, V: "at all"})
		call35.Returns(t, "panics: at all")
		body5 := byhand.New("body5", home)
		call38 := hand_cem.Does("once.DoContext(ended, func { … })", func() string {
			return byhand.Say(once.DoContext(byhand.Ended(), func(_ context.Context) error { l := body5.Run(); return l.Err }))
		})
		call38.Returns(t, "context canceled")
		call39 := hand_cem.Does("once.Do(func() { return })", func() string {
			once.Do(func() { (byhand.Leave{}).Now() })
			return byhand.Say()
		})
		call39.Returns(t, "")
		name := new(sync2.Local[string])
		call40 := hand_dan.Does("name.Get()", func() string {
			return byhand.Say(name.Get())
		})
		call40.Returns(t, "\"\", false")
		call41 := hand_dan.Does("name.Set(\"dan\")", func() string {
			name.Set("dan")
			return byhand.Say()
		})
		call41.Returns(t, "")
		call42 := hand_dan.Does("name.Get()", func() string {
			return byhand.Say(name.Get())
		})
		call42.Returns(t, "\"dan\", true")
		call43 := hand_cem.Does("name.Get()", func() string {
			return byhand.Say(name.Get())
		})
		call43.Returns(t, "\"\", false")
		call44 := hand_dan.Does("name.Delete()", func() string {
			name.Delete()
			return byhand.Say()
		})
		call44.Returns(t, "")
		call45 := hand_dan.Does("name.Get()", func() string {
			return byhand.Say(name.Get())
		})
		call45.Returns(t, "\"\", false")
		call46 := hand_dan.Does("name.String()", func() string {
			return byhand.Say(name.String())
		})
		call46.Returned(t)
		made := &sync2.Local[string]{New: func() string { l := (byhand.Leave{V: "anew"}).Now(); return l.V }}
		call47 := hand_dan.Does("made.Get()", func() string {
			return byhand.Say(made.Get())
		})
		call47.Returns(t, "\"anew\", true")
		call48 := hand_dan.Does("sync2.ReleaseLocals()", func() string {
			sync2.ReleaseLocals()
			return byhand.Say()
		})
		call48.Returns(t, "")
		call49 := hand_dan.Does("sync2.Yield()", func() string {
			sync2.Yield()
			return byhand.Say()
		})
		call49.Returns(t, "")
		body8 := byhand.New("body8", home)
		own := &sync2.Local[string]{New: func() string { l := body8.Run(); return l.V }}
		call50 := hand_dan.Does("own.Get()", func() string {
			return byhand.Say(own.Get())
		})
		body8.Leaves(byhand.Leave{V: "by hand"})
		call50.Returns(t, "\"by hand\", true")

		// Let every goroutine end.
		cancel()
		byhand.LetGo([]*byhand.Hand{hand_ann, hand_ben, hand_cem, body1, hand_dan, body2, body3, body4, body5, body8},
			func() { cond.Broadcast() },
			func() { mu.Unlock() },
			func() { wg.Done() },
		)
	})
}
