package exported

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/byhand"
)

// TestLocks repeats what was done by hand in a sandbox and expects the same results.
func TestLocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_ = ctx
		lock := new(sync2.ReentrantLock)
		home := func() {
			for lock.Held() {
				lock.Unlock()
			}
		}
		mu := new(sync2.Mutex)
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
		call2 := hand_ben.Does("mu.LockTimeout(200*time.Millisecond)", func() string {
			return byhand.Say(mu.LockTimeout(200 * time.Millisecond))
		})
		call2.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call2.Returns(t, "false")
		ctx3, cancel3 := context.WithCancelCause(ctx)
		defer cancel3(nil)
		call3 := hand_ben.Does("mu.LockContext(ctx)", func() string {
			return byhand.Say(mu.LockContext(ctx3))
		})
		call3.Waits(t)
		call4 := hand_cem.Does("mu.TryLock()", func() string {
			return byhand.Say(mu.TryLock())
		})
		call4.Returns(t, "false")
		call5 := hand_cem.Does("mu.Locked()", func() string {
			return byhand.Say(mu.Locked())
		})
		call5.Returns(t, "true")
		call6 := hand_cem.Does("mu.Waiting()", func() string {
			return byhand.Say(mu.Waiting())
		})
		call6.Returns(t, "1")
		call7 := hand_cem.Does("mu.String()", func() string {
			return byhand.Say(mu.String())
		})
		call7.Returned(t)
		call8 := hand_ann.Does("mu.Unlock()", func() string {
			mu.Unlock()
			return byhand.Say()
		})
		call8.Returns(t, "")
		call3.Returns(t, "nil")
		call9 := hand_cem.Does("mu.Lock()", func() string {
			mu.Lock()
			return byhand.Say()
		})
		call9.Waits(t)
		call10 := hand_ann.Does("lock.Lock()", func() string {
			lock.Lock()
			return byhand.Say()
		})
		call10.Returns(t, "")
		call11 := hand_ann.Does("lock.TryLock()", func() string {
			return byhand.Say(lock.TryLock())
		})
		call11.Returns(t, "true")
		call12 := hand_ann.Does("lock.LockTimeout(time.Second)", func() string {
			return byhand.Say(lock.LockTimeout(time.Second))
		})
		call12.Returns(t, "true")
		ctx13, cancel13 := context.WithCancelCause(ctx)
		defer cancel13(nil)
		call13 := hand_ann.Does("lock.LockContext(ctx)", func() string {
			return byhand.Say(lock.LockContext(ctx13))
		})
		call13.Returns(t, "nil")
		call14 := hand_ann.Does("lock.Depth()", func() string {
			return byhand.Say(lock.Depth())
		})
		call14.Returns(t, "4")
		call15 := hand_ann.Does("lock.Held()", func() string {
			return byhand.Say(lock.Held())
		})
		call15.Returns(t, "true")
		call16 := hand_ann.Does("lock.Owner()", func() string {
			return byhand.Say(lock.Owner())
		})
		call16.Returned(t)
		call17 := hand_ann.Does("lock.Locked()", func() string {
			return byhand.Say(lock.Locked())
		})
		call17.Returns(t, "true")
		call18 := hand_ben.Does("lock.Unlock()", func() string {
			lock.Unlock()
			return byhand.Say()
		})
		call18.Returns(t, "panics: sync2: ReentrantLock.Unlock: not held by the calling goroutine")
		call19 := hand_ben.Does("lock.Lock()", func() string {
			lock.Lock()
			return byhand.Say()
		})
		call19.Waits(t)
		call20 := hand_ann.Does("lock.Unlock()", func() string {
			lock.Unlock()
			return byhand.Say()
		})
		call20.Returns(t, "")
		call21 := hand_ann.Does("lock.Waiting()", func() string {
			return byhand.Say(lock.Waiting())
		})
		call21.Returns(t, "1")
		call22 := hand_ann.Does("lock.String()", func() string {
			return byhand.Say(lock.String())
		})
		call22.Returned(t)
		hand_dan, dan := byhand.Start("dan", home)
		_ = dan
		hand_eva, eva := byhand.Start("eva", home)
		_ = eva
		rw := new(sync2.RWMutex)
		call23 := hand_dan.Does("rw.RLock()", func() string {
			rw.RLock()
			return byhand.Say()
		})
		call23.Returns(t, "")
		call24 := hand_eva.Does("rw.Lock()", func() string {
			rw.Lock()
			return byhand.Say()
		})
		call24.Waits(t)
		call25 := hand_dan.Does("rw.TryRLock()", func() string {
			return byhand.Say(rw.TryRLock())
		})
		call25.Returns(t, "false")
		call26 := hand_dan.Does("rw.RUnlock()", func() string {
			rw.RUnlock()
			return byhand.Say()
		})
		call26.Returns(t, "")
		call24.Returns(t, "")
		call27 := hand_eva.Does("rw.Downgrade()", func() string {
			rw.Downgrade()
			return byhand.Say()
		})
		call27.Returns(t, "")
		call28 := hand_dan.Does("rw.RLockTimeout(time.Second)", func() string {
			return byhand.Say(rw.RLockTimeout(time.Second))
		})
		call28.Returns(t, "true")
		ctx29, cancel29 := context.WithCancelCause(ctx)
		defer cancel29(nil)
		call29 := hand_dan.Does("rw.RLockContext(ctx)", func() string {
			return byhand.Say(rw.RLockContext(ctx29))
		})
		call29.Returns(t, "nil")
		call30 := hand_dan.Does("rw.Readers()", func() string {
			return byhand.Say(rw.Readers())
		})
		call30.Returns(t, "3")
		call31 := hand_dan.Does("rw.TryLock()", func() string {
			return byhand.Say(rw.TryLock())
		})
		call31.Returns(t, "false")
		call32 := hand_dan.Does("rw.LockTimeout(200*time.Millisecond)", func() string {
			return byhand.Say(rw.LockTimeout(200 * time.Millisecond))
		})
		call32.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call32.Returns(t, "false")
		call33 := hand_eva.Does("rw.RUnlock()", func() string {
			rw.RUnlock()
			return byhand.Say()
		})
		call33.Returns(t, "")
		ctx34, cancel34 := context.WithCancelCause(ctx)
		defer cancel34(nil)
		call34 := hand_eva.Does("rw.LockContext(ctx)", func() string {
			return byhand.Say(rw.LockContext(ctx34))
		})
		call34.Waits(t)
		call35 := hand_dan.Does("rw.RUnlock()", func() string {
			rw.RUnlock()
			return byhand.Say()
		})
		call35.Returns(t, "")
		call36 := hand_dan.Does("rw.RUnlock()", func() string {
			rw.RUnlock()
			return byhand.Say()
		})
		call36.Returns(t, "")
		call34.Returns(t, "nil")
		call37 := hand_dan.Does("rw.Locked()", func() string {
			return byhand.Say(rw.Locked())
		})
		call37.Returns(t, "true")
		call38 := hand_dan.Does("rw.Waiting()", func() string {
			return byhand.Say(rw.Waiting())
		})
		call38.Returns(t, "0")
		call39 := hand_dan.Does("rw.String()", func() string {
			return byhand.Say(rw.String())
		})
		call39.Returned(t)
		call40 := hand_eva.Does("rw.Unlock()", func() string {
			rw.Unlock()
			return byhand.Say()
		})
		call40.Returns(t, "")
		var shared sync.Locker
		_ = shared
		call41 := hand_dan.Does("shared := rw.RLocker()", func() string {
			shared = rw.RLocker()
			return byhand.Say()
		})
		call41.Returns(t, "")
		call42 := hand_dan.Does("shared.Lock()", func() string {
			shared.Lock()
			return byhand.Say()
		})
		call42.Returns(t, "")
		call43 := hand_dan.Does("shared.Unlock()", func() string {
			shared.Unlock()
			return byhand.Say()
		})
		call43.Returns(t, "")
		locks := new(sync2.KeyedMutex[string])
		call44 := hand_dan.Does("locks.Lock(\"a\")", func() string {
			locks.Lock("a")
			return byhand.Say()
		})
		call44.Returns(t, "")
		call45 := hand_eva.Does("locks.Lock(\"b\")", func() string {
			locks.Lock("b")
			return byhand.Say()
		})
		call45.Returns(t, "")
		call46 := hand_eva.Does("locks.TryLock(\"a\")", func() string {
			return byhand.Say(locks.TryLock("a"))
		})
		call46.Returns(t, "false")
		call47 := hand_eva.Does("locks.LockTimeout(\"a\", 200*time.Millisecond)", func() string {
			return byhand.Say(locks.LockTimeout("a", 200*time.Millisecond))
		})
		call47.Waits(t)
		byhand.Pass(200 * time.Millisecond)
		call47.Returns(t, "false")
		ctx48, cancel48 := context.WithCancelCause(ctx)
		defer cancel48(nil)
		call48 := hand_eva.Does("locks.LockContext(ctx, \"a\")", func() string {
			return byhand.Say(locks.LockContext(ctx48, "a"))
		})
		call48.Waits(t)
		call49 := hand_dan.Does("locks.Locked(\"a\")", func() string {
			return byhand.Say(locks.Locked("a"))
		})
		call49.Returns(t, "true")
		call50 := hand_dan.Does("locks.Waiting(\"a\")", func() string {
			return byhand.Say(locks.Waiting("a"))
		})
		call50.Returns(t, "1")
		call51 := hand_dan.Does("locks.Len()", func() string {
			return byhand.Say(locks.Len())
		})
		call51.Returns(t, "2")
		call52 := hand_dan.Does("locks.String()", func() string {
			return byhand.Say(locks.String())
		})
		call52.Returned(t)
		call53 := hand_dan.Does("locks.Unlock(\"a\")", func() string {
			locks.Unlock("a")
			return byhand.Say()
		})
		call53.Returns(t, "")
		call48.Returns(t, "nil")
		call54 := hand_dan.Does("locks.Lock(\"b\")", func() string {
			locks.Lock("b")
			return byhand.Say()
		})
		call54.Waits(t)

		// Let every goroutine end.
		cancel()
		byhand.LetGo([]*byhand.Hand{hand_ann, hand_ben, hand_cem, hand_dan, hand_eva},
			func() { locks.Unlock("") },
			func() { locks.Unlock("a") },
			func() { locks.Unlock("b") },
			func() { mu.Unlock() },
			func() { rw.RUnlock() },
			func() { rw.Unlock() },
		)
	})
}
