package language

import (
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"programs/want"
)

// both runs two functions at the same time.
func both(f, g func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Go(g)
	wg.Wait()
}

func TestAtomicAdd(t *testing.T) {
	var a atomic.Int32
	var b atomic.Int64
	var c atomic.Uint32
	var d atomic.Uint64
	var e atomic.Uintptr
	f := func() { a.Add(1); b.Add(2); c.Add(3); d.Add(4); e.Add(5) }
	f()
	done := make(chan struct{})
	go func() { a.Add(10); close(done) }()
	a.Add(20)
	<-done
	want.Outcome(t, want.Text(a.Load(), b.Load(), c.Load(), d.Load(), e.Load()), "31 2 3 4 5")
}

func TestAtomicLostUpdate(t *testing.T) {
	var n atomic.Int64
	inc := func() { n.Store(n.Load() + 1) }
	both(inc, inc)
	want.Outcome(t, want.Text(n.Load()), "1", "2")
}

func TestAtomicCompareAndSwap(t *testing.T) {
	var n atomic.Uint32
	won := [2]bool{}
	both(func() { won[0] = n.CompareAndSwap(0, 1) }, func() { won[1] = n.CompareAndSwap(0, 2) })
	want.Outcome(t, want.Text(won, n.Load()), "[true false] 1", "[false true] 2")
}

func TestAtomicCompareAndSwapLoop(t *testing.T) {
	var n atomic.Int64
	inc := func() {
		for {
			old := n.Load()
			if n.CompareAndSwap(old, old+1) {
				return
			}
		}
	}
	both(inc, inc)
	want.Outcome(t, want.Text(n.Load()), "2")
}

func TestAtomicSwap(t *testing.T) {
	var n atomic.Int64
	var a, b int64
	both(func() { a = n.Swap(1) }, func() { b = n.Swap(2) })
	want.Outcome(t, want.Text(a, b, n.Load()), "0 1 2", "2 0 1")
}

func TestAtomicAndOr(t *testing.T) {
	var n atomic.Uint32
	n.Store(0b1100)
	a := n.And(0b0110)
	b := n.Or(0b0001)
	var m atomic.Int64
	both(func() { m.Or(1) }, func() { m.Or(2) })
	want.Outcome(t, want.Text(a, b, n.Load(), m.Load()), "12 4 5 3")
}

func TestAtomicBool(t *testing.T) {
	var b atomic.Bool
	was := [2]bool{}
	both(func() { was[0] = b.Swap(true) }, func() { was[1] = b.Swap(true) })
	want.Outcome(t, want.Text(was, b.Load(), b.CompareAndSwap(false, true)), "[false true] true false", "[true false] true false")
}

func TestAtomicPointer(t *testing.T) {
	var p atomic.Pointer[[2]int]
	x := [2]int{}
	both(func() { p.Store(&[2]int{1, 1}) }, func() {
		if q := p.Load(); q != nil {
			x = *q
		}
	})
	want.Outcome(t, want.Text(x), "[0 0]", "[1 1]")
}

func TestAtomicValue(t *testing.T) {
	var v atomic.Value
	none := v.Load()
	got := any(nil)
	both(func() { v.Store("x") }, func() { got = v.Load() })
	want.Outcome(t, want.Text(none, got, v.Swap("y"), v.CompareAndSwap("y", "z"), v.Load(),
		want.Panic(func() { v.Store(1) })),
		"<nil> <nil> x true z sync/atomic: store of inconsistently typed value into Value",
		"<nil> x x true z sync/atomic: store of inconsistently typed value into Value")
}

func TestAtomicFunctions(t *testing.T) {
	var n int64
	var p unsafe.Pointer
	x := new(int)
	both(func() { atomic.AddInt64(&n, 1) }, func() { atomic.AddInt64(&n, 2) })
	atomic.StorePointer(&p, unsafe.Pointer(x))
	want.Outcome(t, want.Text(atomic.LoadInt64(&n), (*int)(atomic.LoadPointer(&p)) == x, atomic.CompareAndSwapInt64(&n, 3, 4), n), "3 true true 4")
}

func TestAtomicMessagePassing(t *testing.T) {
	var ready atomic.Bool
	data, got := 0, -1
	both(func() {
		data = 1
		ready.Store(true)
	}, func() {
		if ready.Load() {
			got = data
		}
	})
	want.Outcome(t, want.Text(got), "-1", "1")
}

func TestAtomicStoreBuffering(t *testing.T) { // never 0 0: atomics are sequentially consistent
	var x, y atomic.Int32
	var a, b int32
	both(func() { x.Store(1); a = y.Load() }, func() { y.Store(1); b = x.Load() })
	want.Outcome(t, want.Text(a, b), "0 1", "1 0", "1 1")
}

func TestAtomicCoherence(t *testing.T) {
	var x atomic.Int32
	var a, b int32
	both(func() { x.Store(1); x.Store(2) }, func() { a = x.Load(); b = x.Load() })
	want.Outcome(t, want.Text(a, b), "0 0", "0 1", "0 2", "1 1", "1 2", "2 2")
}

func TestAtomicSpin(t *testing.T) { // a loop that looks until another has stored
	var ready atomic.Bool
	x := 0
	go func() {
		x = 1
		ready.Store(true)
	}()
	for i := 0; !ready.Load(); i++ {
	}
	want.Outcome(t, want.Text(x), "1")
}

func TestAtomicFunctionsLostUpdate(t *testing.T) {
	var n int64
	add := func() { atomic.StoreInt64(&n, atomic.LoadInt64(&n)+1) }
	both(add, add)
	want.Outcome(t, want.Text(n), "1", "2")
}

func TestAtomicFunctionsSwap(t *testing.T) {
	var n uint32
	won := [2]bool{}
	both(func() { won[0] = atomic.CompareAndSwapUint32(&n, 0, 1) }, func() { won[1] = atomic.CompareAndSwapUint32(&n, 0, 2) })
	want.Outcome(t, want.Text(won, atomic.SwapUint32(&n, 3)), "[true false] 1", "[false true] 2")
}

func TestAtomicFunctionsPointer(t *testing.T) {
	var p unsafe.Pointer
	a, b := 1, 2
	both(func() { atomic.StorePointer(&p, unsafe.Pointer(&a)) }, func() { atomic.StorePointer(&p, unsafe.Pointer(&b)) })
	want.Outcome(t, want.Text(*(*int)(atomic.LoadPointer(&p))), "1", "2")
}

func TestAtomicFunctionsAll(t *testing.T) {
	var a int32
	var b uint32
	var c int64
	var d uint64
	var e uintptr
	got := want.Text(atomic.AddInt32(&a, 7), atomic.AndInt32(&a, 6), atomic.OrInt32(&a, 8), atomic.LoadInt32(&a),
		atomic.AddUint32(&b, 7), atomic.AndUint32(&b, 6), atomic.OrUint32(&b, 8), atomic.LoadUint32(&b),
		atomic.AddInt64(&c, 7), atomic.AndInt64(&c, 6), atomic.OrInt64(&c, 8), atomic.SwapInt64(&c, 1),
		atomic.AddUint64(&d, 7), atomic.AndUint64(&d, 6), atomic.OrUint64(&d, 8), atomic.SwapUint64(&d, 1),
		atomic.AddUintptr(&e, 7), atomic.AndUintptr(&e, 6), atomic.OrUintptr(&e, 8), atomic.SwapUintptr(&e, 1))
	want.Outcome(t, got, "7 7 6 14 7 7 6 14 7 7 6 14 7 7 6 14 7 7 6 14")
}

func TestAtomicFunctionValue(t *testing.T) {
	var n int32
	load, store := atomic.LoadInt32, atomic.StoreInt32
	got := int32(0)
	both(func() { store(&n, 1) }, func() { got = load(&n) })
	want.Outcome(t, want.Text(got), "0", "1")
}

func TestAtomicMethodIsOneStep(t *testing.T) { // though it calls a function
	var n atomic.Int64
	var p atomic.Pointer[int]
	var v atomic.Value
	one := 1
	both(func() { n.Add(1); p.Store(&one); v.Store(1) }, func() { n.Add(1); p.Store(&one); v.Store(1) })
	want.Outcome(t, want.Text(n.Load(), *p.Load(), v.Load()), "2 1 1")
}
