package tell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/turnstile-go/turnstile/internal/feed"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

const (
	// slots is the maximum number of unread events, of 64 bytes each.
	slots = 1 << 17
	// names is the number of bytes for the names of positions.
	names = 2 << 20
	// spare is the minimum number of unclaimed files.
	spare = 2
	// most is the maximum number of files: programs look no further.
	most = 64
)

// A Directory has files for programs to report to. It is a feed.Source of their traces, one after another.
type Directory struct {
	dir   string
	size  uint64
	files []*file
	next  int // the first of the files not yet returned
	ended atomic.Bool
}

// New creates a Directory. The caller must call Close.
func New() (*Directory, error) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		return nil, errElsewhere
	}
	return newDirectory(slots)
}

func newDirectory(size uint64) (*Directory, error) {
	parent := "/dev/shm" // not backed by a disk
	dir, err := os.MkdirTemp(parent, "turnstile-")
	if err != nil {
		dir, err = os.MkdirTemp("", "turnstile-")
	}
	if err != nil {
		return nil, fmt.Errorf("memory to be shared with the program: %w", err)
	}
	d := &Directory{dir: dir, size: size}
	if err := d.provide(); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Path is the value of [Variable] for programs to watch.
func (d *Directory) Path() string { return d.dir }

// Close removes the files. The reports of programs that are still running are lost.
func (d *Directory) Close() {
	for _, f := range d.files {
		f.unmap()
	}
	_ = os.RemoveAll(d.dir) // a temporary directory
}

// End declares that no more programs will come.
func (d *Directory) End() { d.ended.Store(true) }

// provide makes sure that there are files for more programs.
func (d *Directory) provide() error {
	free := 0
	for _, f := range d.files {
		if !f.taken() {
			free++
		}
	}
	for ; free < spare && len(d.files) < most; free++ {
		f, err := newFile(filepath.Join(d.dir, fmt.Sprintf("%02d", len(d.files))), d.size)
		if err != nil {
			return err
		}
		d.files = append(d.files, f)
	}
	return nil
}

// Claimed waits until a program has come that Next has not returned, and reports whether there is one.
func (d *Directory) Claimed(ctx context.Context) (bool, error) {
	for {
		ended := d.ended.Load()
		if d.next < len(d.files) && d.files[d.next].taken() {
			return true, nil
		}
		if ended {
			return false, nil
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return false, context.Cause(ctx) // it is the caller's
		}
	}
}

// Next implements feed.Source.
func (d *Directory) Next(ctx context.Context) (feed.Stream, error) {
	ok, err := d.Claimed(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, io.EOF
	}
	f := d.files[d.next]
	d.next++
	if err := d.provide(); err != nil {
		return nil, err
	}
	return &stream{file: f, stop: make(chan struct{})}, nil
}

// Skip skips the program that Next would return, if there is one.
func (d *Directory) Skip() {
	if d.next < len(d.files) && d.files[d.next].taken() {
		d.next++
		_ = d.provide() // it will be tried again
	}
}

// A file is memory that a program may share.
type file struct {
	mu     sync.Mutex
	data   []byte // nil once it is unmapped
	header *header
	mask   uint64
}

func newFile(name string, size uint64) (*file, error) {
	all := slotsAt + int64(size)*int64(slotSize) + names
	fails := func(err error) error { return fmt.Errorf("memory to be shared with the program: %w", err) }
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // it is in our directory
	if err != nil {
		return nil, fails(err)
	}
	defer f.Close()
	// All of it must be allocated: otherwise the program would crash when writing.
	if err := syscall.Fallocate(int(f.Fd()), 0, 0, all); err != nil {
		return nil, fails(err)
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(all), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fails(err)
	}
	h := (*header)(unsafe.Pointer(&data[0])) //nolint:gosec // that is what it is
	h.size, h.names = size, names
	atomic.StoreUint64(&h.magic, magic)
	return &file{data: data, header: h, mask: size - 1}, nil
}

func (f *file) unmap() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.data != nil {
		_ = syscall.Munmap(f.data)
		f.data = nil
	}
}

// taken reports whether a program has claimed f and begun to write.
func (f *file) taken() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.data != nil && atomic.LoadUint32(&f.header.version) != 0
}

func (f *file) slot(i uint64) *slot {
	return (*slot)(unsafe.Pointer(&f.data[slotsAt+uintptr(i&f.mask)*slotSize])) //nolint:gosec // it is within
}

// runs reports whether the program is still running.
func (f *file) runs() bool {
	err := syscall.Kill(int(f.header.pid), 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

const (
	lookEvery = 5 * time.Millisecond
	batch     = 4096 // the number of events read before the program is notified
	// patience is the time limit for completing an event.
	patience = time.Second
)

// A stream is the trace of a program. It implements feed.Stream.
type stream struct {
	file *file
	once sync.Once
	stop chan struct{}
}

// Close implements feed.Stream.
func (s *stream) Close() error {
	s.once.Do(func() { close(s.stop) })
	return nil
}

// All implements feed.Stream.
func (s *stream) All() iter.Seq2[trace.Event, error] {
	return func(yield func(trace.Event, error) bool) {
		f := s.file
		h := f.header
		if h.version != version {
			yield(trace.Event{}, fmt.Errorf("the program tells in version %d, and only %d is understood here", h.version, version))
			return
		}
		c := newConverter(h.start, h.wall, clock{h.ticks, h.start, h.later, h.laterAt})
		pass := func() bool {
			for i := range c.out {
				select {
				case <-s.stop:
					return false
				default:
				}
				if !yield(c.out[i], nil) {
					return false
				}
			}
			c.out = c.out[:0]
			return true
		}
		r := reader{file: f, c: c, i: h.tail}
		t := time.NewTimer(0)
		defer t.Stop()
		dead := false
		for {
			more := r.read(dead)
			atomic.StoreUint64(&h.tail, r.i)
			if !pass() {
				return
			}
			switch {
			case more:
				continue
			case r.all() && atomic.LoadUint32(&h.full) != 0:
				atomic.StoreUint32(&h.full, 0)
				continue
			case r.all() && dead:
				c.end(uint32(atomic.LoadUint64(&h.lost)))
				pass()
				return
			case !dead && !f.runs():
				dead = true
				continue // its last events
			}
			t.Reset(lookEvery)
			select {
			case <-t.C:
			case <-s.stop:
				return
			}
		}
	}
}

// A reader converts the events in the ring of a file.
type reader struct {
	file  *file
	c     *converter
	i     uint64 // of the next event
	named uint64 // the end of the known names of positions
	stuck time.Time
}

// read converts at most a batch of events, and reports whether there may be more immediately. An incomplete event is
// omitted if its program is dead, or after some time.
func (r *reader) read(dead bool) (more bool) {
	n := 0
	for ; n < batch; n++ {
		e := r.file.slot(r.i)
		if atomic.LoadUint64(&e.commit) != r.i+1 {
			break
		}
		raw := e.raw
		r.named = r.file.learn(r.c, r.named)
		r.c.convert(&raw)
		r.i++
	}
	if n > 0 || r.all() {
		r.stuck = time.Time{}
		return n > 0
	}
	switch now := time.Now(); {
	case r.stuck.IsZero():
		r.stuck = now
	case dead || now.Sub(r.stuck) > patience: // the thread that was writing it is gone
		r.i++
		r.stuck = time.Time{}
		return true
	}
	return false
}

// all reports whether the ring is empty.
func (r *reader) all() bool { return r.i >= atomic.LoadUint64(&r.file.header.head) }

// learn passes new positions to c, and returns the end of those known.
func (f *file) learn(c *converter, from uint64) uint64 {
	base := slotsAt + uintptr(f.mask+1)*slotSize
	for from+uint64(unsafe.Sizeof(named{})) <= names && from < atomic.LoadUint64(&f.header.named) {
		d := (*named)(unsafe.Pointer(&f.data[base+uintptr(from)])) //nolint:gosec // it is within
		size := atomic.LoadUint32(&d.size)
		texts := uint64(unsafe.Sizeof(*d))
		if size == 0 || from+uint64(size) > names || texts+uint64(d.nfile)+uint64(d.nfunc) > uint64(size) {
			break
		}
		at := uint64(base) + from + texts
		file := string(f.data[at : at+uint64(d.nfile)])
		fn := string(f.data[at+uint64(d.nfile) : at+uint64(d.nfile)+uint64(d.nfunc)])
		c.learn(d.pc, &site{file: file, fn: fn, line: int(d.line)})
		from += uint64(size)
	}
	return from
}
