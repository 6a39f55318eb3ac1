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

// TestTasks repeats what was done by hand in a sandbox and expects the same results.
func TestTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_ = ctx
		home := func() {}
		exec := sync2.NewExecutor(1, sync2.WithQueue(1), sync2.WithName("exec"))
		hand_ann, ann := byhand.Start("ann", home)
		_ = ann
		hand_ben, ben := byhand.Start("ben", home)
		_ = ben
		hand_cem, cem := byhand.Start("cem", home)
		_ = cem
		body1 := byhand.New("body1", home)
		var f *sync2.Future[string]
		_ = f
		call1 := hand_ann.Does("f := sync2.Submit(exec, func { … })", func() string {
			f = sync2.Submit(exec, func(_ context.Context) (string, error) { l := body1.Run(); return l.V, l.Err })
			return byhand.Say()
		})
		call1.Returns(t, "")
		call2 := body1.Does("ann.Alive()", func() string {
			return byhand.Say(ann.Alive())
		})
		call2.Returns(t, "true")
		var g *sync2.Future[string]
		_ = g
		call3 := hand_ann.Does("g := sync2.Submit(exec, func(context.Context) (string, error) { return \"two\", nil })", func() string {
			g = sync2.Submit(exec, func(_ context.Context) (string, error) { l := (byhand.Leave{V: "two"}).Now(); return l.V, l.Err })
			return byhand.Say()
		})
		call3.Returns(t, "")
		call4 := hand_ann.Does("exec.Queued()", func() string {
			return byhand.Say(exec.Queued())
		})
		call4.Returns(t, "1")
		call5 := hand_ann.Does("exec.Running()", func() string {
			return byhand.Say(exec.Running())
		})
		call5.Returns(t, "1")
		call6 := hand_ann.Does("exec.Workers()", func() string {
			return byhand.Say(exec.Workers())
		})
		call6.Returns(t, "1")
		call7 := hand_ann.Does("exec.String()", func() string {
			return byhand.Say(exec.String())
		})
		call7.Returned(t)
		body3 := byhand.New("body3", home)
		var f1 *sync2.Future[string]
		_ = f1
		call8 := hand_ben.Does("f1 := sync2.TrySubmit(exec, func { … })", func() string {
			var ok bool
			f1, ok = sync2.TrySubmit(exec, func(_ context.Context) (string, error) { l := body3.Run(); return l.V, l.Err })
			if !ok {
				return byhand.Say(nil, false)
			}
			return byhand.Say(ok)
		})
		call8.Returns(t, "nil, false")
		body4 := byhand.New("body4", home)
		ctx9, cancel9 := context.WithCancelCause(ctx)
		defer cancel9(nil)
		var f2 *sync2.Future[string]
		_ = f2
		call9 := hand_ben.Does("f2 := sync2.SubmitContext(ctx, exec, func { … })", func() string {
			f2 = sync2.SubmitContext(ctx9, exec, func(_ context.Context) (string, error) { l := body4.Run(); return l.V, l.Err })
			return byhand.Say()
		})
		call9.Waits(t)
		cancel9(errors.New("canceled by hand"))
		synctest.Wait()
		call9.Returns(t, "")
		call10 := hand_ben.Does("f.Result()", func() string {
			return byhand.Say(f.Result())
		})
		call10.Waits(t)
		call11 := hand_cem.Does("f.ResultTimeout(200*time.Millisecond)", func() string {
			return byhand.Say(f.ResultTimeout(200 * time.Millisecond))
		})
		call11.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call11.Returns(t, "\"\", context deadline exceeded")
		ctx12, cancel12 := context.WithCancelCause(ctx)
		defer cancel12(nil)
		call12 := hand_cem.Does("f.ResultContext(ctx)", func() string {
			return byhand.Say(f.ResultContext(ctx12))
		})
		call12.Waits(t)
		call13 := hand_ann.Does("f.State()", func() string {
			return byhand.Say(f.State())
		})
		call13.Returns(t, "running")
		call14 := hand_ann.Does("f.Err()", func() string {
			return byhand.Say(f.Err())
		})
		call14.Returns(t, "nil")
		call15 := hand_ann.Does("f.Done()", func() string {
			return byhand.Say(f.Done())
		})
		call15.Returns(t, "open")
		call16 := hand_ann.Does("f.Waiting()", func() string {
			return byhand.Say(f.Waiting())
		})
		call16.Returns(t, "2")
		call17 := hand_ann.Does("f.String()", func() string {
			return byhand.Say(f.String())
		})
		call17.Returned(t)
		body5 := byhand.New("body5", home)
		call18 := hand_ann.Does("f.OnDone(func { … })", func() string {
			f.OnDone(func(_ *sync2.Future[string]) { body5.Run() })
			return byhand.Say()
		})
		call18.Returns(t, "")
		body1.Leaves(byhand.Leave{V: "one"})
		call10.Returns(t, "\"one\", nil")
		call12.Returns(t, "\"one\", nil")
		body5.Leaves(byhand.Leave{})
		call19 := hand_ann.Does("f.Cancel()", func() string {
			return byhand.Say(f.Cancel())
		})
		call19.Returns(t, "false")
		ctx20, cancel20 := context.WithCancelCause(ctx)
		defer cancel20(nil)
		call20 := hand_ann.Does("sync2.WaitAll(ctx, f, g)", func() string {
			return byhand.Say(sync2.WaitAll(ctx20, f, g))
		})
		call20.Returns(t, "[succeeded succeeded], [], nil")
		ctx21, cancel21 := context.WithCancelCause(ctx)
		defer cancel21(nil)
		call21 := hand_ann.Does("sync2.WaitAny(ctx, f, g)", func() string {
			return byhand.Say(sync2.WaitAny(ctx21, f, g))
		})
		call21.Returns(t, "[succeeded succeeded], [], nil")
		ctx22, cancel22 := context.WithCancelCause(ctx)
		defer cancel22(nil)
		call22 := hand_ann.Does("sync2.WaitFirstError(ctx, f, g)", func() string {
			return byhand.Say(sync2.WaitFirstError(ctx22, f, g))
		})
		call22.Returns(t, "[succeeded succeeded], [], nil")
		ctx23, cancel23 := context.WithCancelCause(ctx)
		defer cancel23(nil)
		call23 := hand_ann.Does("sync2.WaitEach(ctx, f, g)", func() string {
			return byhand.Say(sync2.WaitEach(ctx23, f, g))
		})
		call23.Returns(t, "nil")
		ctx24, cancel24 := context.WithCancelCause(ctx)
		defer cancel24(nil)
		turn24 := byhand.New("turn24", home)
		call24 := hand_ann.Does("for range sync2.AsCompleted(ctx, f, g)", func() string {
			for range sync2.AsCompleted(ctx24, f, g) {
				if !turn24.Run().OK || ctx.Err() != nil {
					break
				}
			}
			return byhand.Say()
		})
		turn24.Leaves(byhand.Leave{OK: true})
		turn24.Leaves(byhand.Leave{OK: true})
		call24.Returns(t, "")
		call25 := hand_ann.Does("exec.Resize(2)", func() string {
			exec.Resize(2)
			return byhand.Say()
		})
		call25.Returns(t, "")
		body6 := byhand.New("body6", home)
		call26 := hand_ann.Does("exec.Execute(func { … })", func() string {
			return byhand.Say(exec.Execute(func(_ context.Context) { body6.Run() }))
		})
		call26.Returns(t, "nil")
		body6.Leaves(byhand.Leave{})
		body7 := byhand.New("body7", home)
		var h *sync2.Future[string]
		_ = h
		call27 := hand_ann.Does("h := sync2.Submit(exec, func { … })", func() string {
			h = sync2.Submit(exec, func(_ context.Context) (string, error) { l := body7.Run(); return l.V, l.Err })
			return byhand.Say()
		})
		call27.Returns(t, "")
		body7.Leaves(byhand.Leave{Panics: true, V: "in the task"})
		call28 := hand_ann.Does("h.Result()", func() string {
			return byhand.Say(h.Result())
		})
		call28.Returns(t, "\"\", sync2: panic: in the task")
		body8 := byhand.New("body8", home)
		ctx29, cancel29 := context.WithCancelCause(ctx)
		defer cancel29(nil)
		var k *sync2.Future[string]
		_ = k
		call29 := hand_ben.Does("k := sync2.SubmitContext(ctx, exec, func { … })", func() string {
			k = sync2.SubmitContext(ctx29, exec, func(_ context.Context) (string, error) { l := body8.Run(); return l.V, l.Err })
			return byhand.Say()
		})
		call29.Returns(t, "")
		call30 := hand_ben.Does("exec.ShutdownTimeout(200*time.Millisecond)", func() string {
			return byhand.Say(exec.ShutdownTimeout(200 * time.Millisecond))
		})
		call30.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call30.Returns(t, "false")
		ctx31, cancel31 := context.WithCancelCause(ctx)
		defer cancel31(nil)
		call31 := hand_ben.Does("exec.ShutdownContext(ctx)", func() string {
			return byhand.Say(exec.ShutdownContext(ctx31))
		})
		call31.Waits(t)
		call32 := hand_cem.Does("exec.Shutdown()", func() string {
			exec.Shutdown()
			return byhand.Say()
		})
		call32.Waits(t)
		call33 := hand_ann.Does("exec.Cancel(errors.New(\"enough\"))", func() string {
			exec.Cancel(errors.New("enough"))
			return byhand.Say()
		})
		call33.Returns(t, "")
		body8.Leaves(byhand.Leave{V: "", Err: errors.New("it ends")})
		call31.Returns(t, "nil")
		call32.Returns(t, "")
		call34 := hand_ann.Does("k.Err()", func() string {
			return byhand.Say(k.Err())
		})
		call34.Returns(t, "it ends")
		broken := sync2.NewExecutor(1, sync2.WithInitializer(func() error { l := (byhand.Leave{Err: errors.New("no tools")}).Now(); return l.Err }), sync2.WithName("broken"))
		var f3 *sync2.Future[string]
		_ = f3
		call35 := hand_ann.Does("f3 := sync2.Submit(broken, func(context.Context) (string, error) { return \"x\", nil })", func() string {
			f3 = sync2.Submit(broken, func(_ context.Context) (string, error) { l := (byhand.Leave{V: "x"}).Now(); return l.V, l.Err })
			return byhand.Say()
		})
		call35.Returns(t, "")
		promise := sync2.NewPromise[string]()
		var p *sync2.Future[string]
		_ = p
		call36 := hand_ann.Does("p := promise.Future()", func() string {
			p = promise.Future()
			return byhand.Say()
		})
		call36.Returns(t, "")
		call37 := hand_ben.Does("p.Result()", func() string {
			return byhand.Say(p.Result())
		})
		call37.Waits(t)
		call38 := hand_ann.Does("promise.Succeed(\"kept\")", func() string {
			return byhand.Say(promise.Succeed("kept"))
		})
		call38.Returns(t, "true")
		call37.Returns(t, "\"kept\", nil")
		call39 := hand_ann.Does("promise.Fail(errors.New(\"late\"))", func() string {
			return byhand.Say(promise.Fail(errors.New("late")))
		})
		call39.Returns(t, "false")
		call40 := hand_ann.Does("promise.String()", func() string {
			return byhand.Say(promise.String())
		})
		call40.Returned(t)
		flight := new(sync2.Flight[string, string])
		body11 := byhand.New("body11", home)
		ctx41, cancel41 := context.WithCancelCause(ctx)
		defer cancel41(nil)
		call41 := hand_ann.Does("flight.Do(ctx, \"page\", func { … })", func() string {
			return byhand.Say(flight.Do(ctx41, "page", func(_ context.Context) (string, error) { l := body11.Run(); return l.V, l.Err }))
		})
		call41.Waits(t)
		body12 := byhand.New("body12", home)
		ctx42, cancel42 := context.WithCancelCause(ctx)
		defer cancel42(nil)
		call42 := hand_ben.Does("flight.Do(ctx, \"page\", func { … })", func() string {
			return byhand.Say(flight.Do(ctx42, "page", func(_ context.Context) (string, error) { l := body12.Run(); return l.V, l.Err }))
		})
		call42.Waits(t)
		call43 := hand_cem.Does("flight.Len()", func() string {
			return byhand.Say(flight.Len())
		})
		call43.Returns(t, "1")
		call44 := hand_cem.Does("flight.String()", func() string {
			return byhand.Say(flight.String())
		})
		call44.Returned(t)
		call45 := hand_cem.Does("flight.Forget(\"page\")", func() string {
			flight.Forget("page")
			return byhand.Say()
		})
		call45.Returns(t, "")
		body11.Leaves(byhand.Leave{V: "its text"})
		call41.Returns(t, "\"its text\", true, nil")
		call42.Returns(t, "\"its text\", true, nil")
		group := sync2.NewGroup(ctx, sync2.WithLimit(1))
		body13 := byhand.New("body13", home)
		call46 := hand_ann.Does("group.Go(\"first\", func { … })", func() string {
			group.Go("first", func(_ context.Context) error { l := body13.Run(); return l.Err })
			return byhand.Say()
		})
		call46.Returns(t, "")
		body14 := byhand.New("body14", home)
		call47 := hand_ann.Does("group.TryGo(\"second\", func { … })", func() string {
			return byhand.Say(group.TryGo("second", func(_ context.Context) error { l := body14.Run(); return l.Err }))
		})
		call47.Returns(t, "false")
		body15 := byhand.New("body15", home)
		ctx48, cancel48 := context.WithCancelCause(ctx)
		defer cancel48(nil)
		call48 := hand_ben.Does("group.GoContext(ctx, \"third\", func { … })", func() string {
			return byhand.Say(group.GoContext(ctx48, "third", func(_ context.Context) error { l := body15.Run(); return l.Err }))
		})
		call48.Waits(t)
		call49 := hand_cem.Does("group.WaitTimeout(200*time.Millisecond)", func() string {
			return byhand.Say(group.WaitTimeout(200 * time.Millisecond))
		})
		call49.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call49.Returns(t, "context deadline exceeded")
		ctx50, cancel50 := context.WithCancelCause(ctx)
		defer cancel50(nil)
		call50 := hand_cem.Does("group.WaitContext(ctx)", func() string {
			return byhand.Say(group.WaitContext(ctx50))
		})
		call50.Waits(t)
		body13.Leaves(byhand.Leave{Err: errors.New("it has failed")})
		call48.Returns(t, "nil")
		call51 := hand_ann.Does("group.Context()", func() string {
			return byhand.Say(group.Context())
		})
		call51.Returns(t, "ended: it has failed")
		body15.Leaves(byhand.Leave{})
		call50.Returns(t, "it has failed")
		call52 := hand_ann.Does("group.Wait()", func() string {
			return byhand.Say(group.Wait())
		})
		call52.Returns(t, "it has failed")
		call53 := hand_ann.Does("group.String()", func() string {
			return byhand.Say(group.String())
		})
		call53.Returned(t)
		body16 := byhand.New("body16", home)
		call54 := hand_ann.Does("group.Go(\"late\", func { … })", func() string {
			group.Go("late", func(_ context.Context) error { l := body16.Run(); return l.Err })
			return byhand.Say()
		})
		call54.Returns(t, "panics: sync2: Group.Go: Wait has returned")
		all := sync2.NewGroup(ctx, sync2.WithAllErrors())
		call55 := hand_ann.Does("all.Go(\"one\", func(context.Context) error { return nil })", func() string {
			all.Go("one", func(_ context.Context) error { l := (byhand.Leave{}).Now(); return l.Err })
			return byhand.Say()
		})
		call55.Returns(t, "")
		call56 := hand_ann.Does("all.Cancel(errors.New(\"stop\"))", func() string {
			all.Cancel(errors.New("stop"))
			return byhand.Say()
		})
		call56.Returns(t, "")
		call57 := hand_ann.Does("all.Wait()", func() string {
			return byhand.Say(all.Wait())
		})
		call57.Returns(t, "stop")
		call58 := hand_ann.Does("ben.Join()", func() string {
			ben.Join()
			return byhand.Say()
		})
		call58.Waits(t)
		hand_ben.Leaves(byhand.Leave{})
		call58.Returns(t, "")
		call59 := hand_cem.Does("ann.Name()", func() string {
			return byhand.Say(ann.Name())
		})
		call59.Returns(t, "\"ann\"")
		call60 := hand_cem.Does("ann.ID()", func() string {
			return byhand.Say(ann.ID())
		})
		call60.Returned(t)
		call61 := hand_cem.Does("ann.String()", func() string {
			return byhand.Say(ann.String())
		})
		call61.Returned(t)
		call62 := hand_cem.Does("ann.Done()", func() string {
			return byhand.Say(ann.Done())
		})
		call62.Returns(t, "open")
		call63 := hand_cem.Does("ann.JoinTimeout(200*time.Millisecond)", func() string {
			return byhand.Say(ann.JoinTimeout(200 * time.Millisecond))
		})
		call63.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call63.Returns(t, "false")
		ctx64, cancel64 := context.WithCancelCause(ctx)
		defer cancel64(nil)
		call64 := hand_cem.Does("ann.JoinContext(ctx)", func() string {
			return byhand.Say(ann.JoinContext(ctx64))
		})
		call64.Waits(t)
		cancel64(errors.New("canceled by hand"))
		synctest.Wait()
		call64.Returns(t, "canceled by hand")
		call65 := hand_cem.Does("cem.Join()", func() string {
			cem.Join()
			return byhand.Say()
		})
		call65.Returns(t, "panics: sync2: Goroutine.Join: cem cannot wait for its own end")
		_ = f2
		_ = f3

		// Let every goroutine end.
		cancel()
		byhand.LetGo([]*byhand.Hand{hand_ann, hand_ben, hand_cem, body1, body3, body4, body5, turn24, body6, body7, body8, body11, body12, body13, body14, body15, body16},
			func() { all.Cancel(nil) },
			func() { broken.Cancel(nil) },
			func() { exec.Cancel(nil) },
			func() { f.Cancel() },
			func() { f2.Cancel() },
			func() { f3.Cancel() },
			func() { g.Cancel() },
			func() { group.Cancel(nil) },
			func() { h.Cancel() },
			func() { k.Cancel() },
			func() { p.Cancel() },
			func() { promise.Succeed("") },
		)
	})
}
