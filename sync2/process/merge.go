package process

import (
	"encoding/gob"
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A merger merges the events of a worker's trace into the trace of this process. It gives goroutines, objects and positions
// unique numbers, and adds the process to the names of goroutines and objects.
//
// A goroutine of the worker is represented by the clerk that serves its requests in this process. So the trace shows what it
// does there and what it waits for here as one goroutine.
type merger struct {
	desk    *desk
	dec     *gob.Decoder
	in      *message
	session uint32
	names   map[int64]string // of the worker's goroutines that have no events yet
	objects map[trace.ID]*trace.Object
	sites   map[uint64]*site
	waits   map[int64]trace.Event // the Block of each waiting goroutine in this process, or its Unblock until it resumes
}

// A site is a position in the program. It is defined in the trace with the first event there.
type site struct {
	id   uint64 // 0 if it is not defined yet
	text string
}

func newMerger(d *desk) *merger {
	m := &merger{desk: d}
	m.dec = gob.NewDecoder(m)
	return m
}

// Read is where the decoder reads from.
func (m *merger) Read(p []byte) (int, error) { return m.in.Read(p) }

// ReadByte is like Read.
func (m *merger) ReadByte() (byte, error) { return m.in.ReadByte() }

// merge merges what a worker has sent.
func (m *merger) merge(in *message) {
	var events []trace.Event
	m.in = in
	if m.dec.Decode(&events) != nil {
		return
	}
	if in.id != m.session {
		m.session = in.id
		m.names, m.objects = make(map[int64]string), make(map[trace.ID]*trace.Object)
		m.sites, m.waits = make(map[uint64]*site), make(map[int64]trace.Event)
	}
	if !m.current() {
		return
	}
	for _, ev := range events {
		m.event(ev)
	}
}

// current reports whether the trace for which the worker sends events is still running.
func (m *merger) current() bool {
	session := trace.Session()
	return session != 0 && uint32(session) == m.session
}

// event passes an event on.
func (m *merger) event(ev trace.Event) {
	var none *trace.Object
	switch ev.Kind {
	case trace.KindBegin, trace.KindEnd:
		return
	case trace.KindDropped:
		trace.Log("events lost of %s: %d", m.desk.c.title(), ev.N)
		return
	case trace.KindDefineG:
		m.names[ev.G] = ev.Text
		return
	case trace.KindDefineObj:
		m.define(ev)
		return
	case trace.KindDefinePC:
		m.sites[ev.PC] = &site{text: ev.Text}
		return
	case trace.KindRename:
		ev.Text += m.suffix()
	default:
	}
	g := ev.G
	ev.G = m.g(g)
	ev.PC = m.site(ev.G, ev.PC)
	switch ev.Kind {
	case trace.KindUnblock, trace.KindSpawn, trace.KindRelease:
		ev.Peer = m.g(ev.Peer)
	case trace.KindSubmit, trace.KindWatch:
		ev.Peer = int64(m.objects[trace.ID(ev.Peer)].ID())
	default:
	}
	m.note(ev)
	if ev.Obj == 0 {
		none.Emit(ev)
	} else if o := m.objects[ev.Obj]; o != nil {
		o.Emit(ev)
	}
	if ev.Kind == trace.KindExit {
		m.desk.dismiss(g)
	}
}

// note records which goroutines wait.
func (m *merger) note(ev trace.Event) {
	switch ev.Kind {
	case trace.KindBlock, trace.KindUnblock:
		m.waits[ev.G] = ev
	case trace.KindGiveUp, trace.KindResume:
		delete(m.waits, ev.G)
	default:
	}
}

func (m *merger) define(ev trace.Event) {
	o := new(trace.Object)
	trace.Name(o, ev.Text+m.suffix())
	m.objects[ev.Obj] = o
	if ev.Class == trace.ClassGoroutine {
		ev.N = m.g(ev.N)
	}
	o.Define(ev.Class, ev.N, m.objects[trace.ID(ev.Peer)])
}

// lastSite is the last number given to a position of any worker.
var lastSite atomic.Uint64

// site returns the number of a position of the worker, at which goroutine g is.
func (m *merger) site(g int64, pc uint64) uint64 {
	s := m.sites[pc]
	if s == nil {
		return 0
	}
	if s.id == 0 {
		s.id = 1<<48 | lastSite.Add(1)
		var none *trace.Object
		none.Emit(trace.Event{Kind: trace.KindDefinePC, G: g, PC: s.id, Text: s.text})
	}
	return s.id
}

// g returns the goroutine in this process that represents one of the worker's.
func (m *merger) g(g int64) int64 {
	if g == 0 {
		return 0
	}
	name, ok := m.names[g]
	if ok {
		delete(m.names, g)
		name += m.suffix()
	}
	return m.desk.represent(g, name)
}

// suffix is added to names to say which process they belong to.
func (m *merger) suffix() string { return " (pid " + strconv.Itoa(m.desk.c.pid) + ")" }

// end emits the end of goroutines whose process has ended.
func (m *merger) end(ids []int64, err error) {
	if !m.current() {
		return
	}
	exit := trace.Event{Kind: trace.KindExit}
	if err != nil {
		exit.Text, exit.N = fmt.Sprint(err), 1
	}
	for _, g := range ids {
		if wait, ok := m.waits[g]; ok {
			over := trace.Event{Kind: trace.KindGiveUp, G: g, N: int64(trace.ReasonClosed)}
			if wait.Kind == trace.KindUnblock {
				over = trace.Event{Kind: trace.KindResume, G: g}
			}
			m.objects[wait.Obj].Emit(over)
		}
		exit.G = g
		var none *trace.Object
		none.Emit(exit)
	}
}
