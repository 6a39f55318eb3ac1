package tell

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"unsafe"

	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/internal/feed"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A program shares memory as the runtime of a real one does.
type program struct {
	t    *testing.T
	data []byte
	h    *header
}

// claim claims the file with the given number as process pid.
func claim(t *testing.T, d *Directory, n, pid int) *program {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(d.Path(), fmt.Sprintf("%02d", n)), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, _ := f.Stat()
	data, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(data) })
	p := &program{t, data, (*header)(unsafe.Pointer(&data[0]))}
	if p.h.magic != magic || !atomic.CompareAndSwapUint32(&p.h.pid, 0, uint32(pid)) {
		t.Fatal("it cannot be taken")
	}
	atomic.StoreUint32(&p.h.version, version)
	return p
}

// tell writes an event if there is room.
func (p *program) tell(r raw) {
	if p.h.full != 0 || p.h.head-atomic.LoadUint64(&p.h.tail) >= p.h.size {
		p.h.full = 1
		atomic.AddUint64(&p.h.lost, 1)
		return
	}
	r.lost = uint32(p.h.lost)
	i := p.begin()
	s := p.slot(i)
	s.raw = r
	atomic.StoreUint64(&s.commit, i+1)
}

func (p *program) begin() uint64 { return atomic.AddUint64(&p.h.head, 1) - 1 }

func (p *program) slot(i uint64) *slot {
	return (*slot)(unsafe.Pointer(&p.data[slotsAt+uintptr(i%p.h.size)*slotSize]))
}

// name names a position.
func (p *program) name(pc uint64, file, fn string, line uint32) {
	size := (unsafe.Sizeof(named{}) + uintptr(len(file)+len(fn)) + 7) &^ 7
	at := slotsAt + uintptr(p.h.size)*slotSize + uintptr(p.h.named)
	d := (*named)(unsafe.Pointer(&p.data[at]))
	*d = named{0, line, pc, uint32(len(file)), uint32(len(fn))}
	copy(p.data[at+unsafe.Sizeof(*d):], file+fn)
	atomic.StoreUint32(&d.size, uint32(size))
	atomic.AddUint64(&p.h.named, uint64(size))
}

func open(t *testing.T, src feed.Source) *feed.Feed {
	t.Helper()
	f, err := feed.Open(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Stop)
	return f
}

// all drains f to its end.
func all(t *testing.T, f *feed.Feed) []trace.Event {
	t.Helper()
	var events []trace.Event
	for ended := false; !ended; {
		select {
		case <-f.Ready():
		case <-f.Ended():
			ended = true
		case <-t.Context().Done():
			t.Fatal("it does not end")
		}
		events = f.Drain(events)
	}
	if f.Err() != nil {
		t.Error(f.Err())
	}
	return events
}

func count(events []trace.Event, k trace.Kind) (n int) {
	for _, ev := range events {
		if ev.Kind == k {
			n++
		}
	}
	return n
}

// gone returns the id of a process that has ended.
func gone(t *testing.T) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

func newSmall(t *testing.T) *Directory {
	t.Helper()
	d, err := newDirectory(64)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// What a dead program has written is read to its end, except for an incomplete event. Programs are returned one after
// another.
func TestCrash(t *testing.T) {
	d := newSmall(t)
	for i := range 3 { // more than there are files at first
		p := claim(t, d, i, gone(t))
		p.name(7, "/src/x.go", "main.f", 12)
		p.tell(raw{kind: made, what: ofChan, g: 1, obj: 1, pc: 7})
		p.begin()
		p.tell(raw{kind: closed, what: ofChan, g: 1, obj: 1, pc: 7})
		events := all(t, open(t, d))
		if n := len(events); count(events, trace.KindClose) != 1 || events[n-1].Kind != trace.KindEnd {
			t.Errorf("%+v", events)
		}
		named := false
		for _, ev := range events {
			named = named || ev.Kind == trace.KindDefinePC && ev.Text == "x.go:12 main.f"
		}
		if !named {
			t.Errorf("no position has its name: %+v", events)
		}
	}
	d.End()
	if _, err := feed.Open(t.Context(), d); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

// A program that writes faster than events are read loses some, which are counted in their place; it has room again
// once the others have been read.
func TestLoss(t *testing.T) {
	d := newSmall(t)
	p := claim(t, d, 0, os.Getpid())
	for range 100 {
		p.tell(raw{kind: closed, what: ofChan, g: 1, obj: 1})
	}
	f := open(t, d)
	var events []trace.Event
	for atomic.LoadUint32(&p.h.full) != 0 {
		<-f.Ready()
		events = f.Drain(events)
	}
	p.tell(raw{kind: closed, what: ofChan, g: 1, obj: 1})
	for count(events, trace.KindClose) < 65 {
		<-f.Ready()
		events = f.Drain(events)
	}
	last := events[len(events)-1]
	if dropped := events[len(events)-2]; dropped.Kind != trace.KindDropped || dropped.N != 36 || last.Seq != dropped.Seq+1 {
		t.Errorf("before the last are %+v, %+v", dropped, last)
	}
	f.Stop() // while it waits for more
}

// Errors are reported, and nothing is left behind.
func TestDirectory(t *testing.T) {
	d := newSmall(t)
	p := claim(t, d, 0, os.Getpid())
	p.h.version = 99
	f := open(t, d)
	<-f.Ended()
	if f.Err() == nil {
		t.Error("another version is understood")
	}
	claim(t, d, 1, os.Getpid())
	d.Skip()
	d.Skip() // there is none
	d.End()
	if ok, err := d.Claimed(t.Context()); ok || err != nil {
		t.Error(ok, err)
	}
	f.Stop()
	d.Close()
	if _, err := os.Stat(d.Path()); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
