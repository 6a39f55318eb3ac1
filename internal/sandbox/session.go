package sandbox

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// An object is an object that was made.
type object struct {
	name string
	kind *Kind
	val  reflect.Value
	keys map[string]bool // of a KeyedMutex: the keys used so far
	used bool            // something is done with it in a test

	limit time.Duration // of a Barrier: the timeout of Wait
}

// A Session is a sandbox. Its methods are safe for concurrent use.
type Session struct {
	ctx    context.Context // the parent of all calls' contexts
	cancel context.CancelCauseFunc
	over   chan struct{}
	began  time.Time // of a session in real time; in a script only sleep advances the time
	slept  time.Duration

	wait func() // in a testing/synctest bubble, waits until every goroutine is at rest; nil in real time

	doing sync.Mutex  // held during an action
	host  chan func() // work for the session's own goroutine

	mu      sync.Mutex // guards what follows
	names   []string   // of objects, in order of creation
	objects map[string]*object
	taken   map[string]bool // names assigned results, whether or not there was one
	actors  []*actor
	byID    map[int64]*actor
	calls   int
	bodies  int
	fresh   []*call       // finished and not reported yet
	entered []*actor      // have entered a function, not reported yet
	changed chan struct{} // something has finished
	key     string        // the last key used
	closed  bool

	log   []Line
	steps []step
	kin   map[int64]bool // the goroutines that belong to the sandbox
	buf   []byte
}

// A Line is a line of the session: a command by the user, or a remark about its result.
type Line struct {
	Who  string // the goroutine; "" if none
	Text string
	Sort Sort
}

// A Sort classifies a Line.
type Sort uint8

// Sorts of lines.
const (
	SortCommand Sort = iota // what was done, as Go
	SortOutcome             // a call finished
	SortWaits               // a call waits
	SortAsks                // a function waits for commands
	SortNote
	SortWrong // misuse, or a command that failed
)

// String returns the line as printed.
func (l Line) String() string {
	marks := [...]string{SortCommand: "", SortOutcome: "→ ", SortWaits: "◐ ", SortAsks: "● ", SortNote: "", SortWrong: "✗ "}
	if l.Who != "" {
		return l.Who + ": " + marks[l.Sort] + l.Text
	}
	return marks[l.Sort] + l.Text
}

// New returns an empty sandbox. In a script, everything except sleep counts as taking no time. The caller must call
// Close.
func New(script bool) *Session {
	s := &Session{
		over: make(chan struct{}), objects: make(map[string]*object), taken: make(map[string]bool), byID: make(map[int64]*actor),
		changed: make(chan struct{}, 1), kin: make(map[int64]bool),
	}
	if !script {
		s.began = time.Now()
	}
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	s.host = make(chan func())
	go func() {
		(*trace.Object)(nil).Emit(trace.Event{Kind: trace.KindDefineG, Text: "you"})
		for do := range s.host {
			do()
		}
	}()
	return s
}

// on calls do in the session's own goroutine, which a trace shows as the user's.
func (s *Session) on(do func()) {
	over := make(chan struct{})
	s.host <- func() {
		defer close(over)
		do()
	}
	<-over
}

// clock returns the time since the session began.
func (s *Session) clock() time.Duration {
	if s.began.IsZero() {
		return s.slept
	}
	return time.Since(s.began)
}

// begin starts a goroutine called name.
func (s *Session) begin(name string) {
	a := &actor{name: name, own: true, todo: make(chan func() *leaving)}
	s.mu.Lock()
	s.actors = append(s.actors, a)
	s.mu.Unlock()
	ready := make(chan struct{})
	a.handle = sync2.Go(name, func() {
		<-ready
		defer s.left(a)
		defer s.goHome()
		s.obey(a)
	})
	s.mu.Lock()
	a.id = a.handle.ID()
	s.byID[a.id], s.kin[a.id] = a, true
	s.objects[name] = &object{name: name, kind: kindOf(typeOf[*sync2.Goroutine]()), val: reflect.ValueOf(a.handle), used: true}
	s.mu.Unlock()
	close(ready)
}

// goHome releases the locks that only the calling goroutine can release.
func (s *Session) goHome() {
	s.mu.Lock()
	var locks []*sync2.ReentrantLock
	for _, o := range s.objects {
		if l, ok := reflect.TypeAssert[*sync2.ReentrantLock](o.val); ok {
			locks = append(locks, l)
		}
	}
	s.mu.Unlock()
	for _, l := range locks {
		for l.Held() {
			l.Unlock()
		}
	}
}

// left records that a goroutine has exited.
func (s *Session) left(a *actor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.ended, a.idle = true, false
	for _, c := range slices.Backward(a.calls) { // it exited
		s.finishLocked(c, "exits")
	}
	a.calls, a.frames = nil, nil
}

// obey executes the actor's commands until one leaves the function. It returns nil if the sandbox is closed.
func (s *Session) obey(a *actor) *leaving {
	for {
		s.mu.Lock()
		a.idle = true
		s.mu.Unlock()
		select {
		case do := <-a.todo:
			s.mu.Lock()
			a.idle = false
			s.mu.Unlock()
			if l := do(); l != nil {
				return l
			}
		case <-s.over:
			return nil
		}
	}
}

// enter is the body of a function passed to a primitive: its goroutine obeys commands.
func (s *Session) enter(b *body) []reflect.Value {
	s.mu.Lock()
	b.used = true
	s.mu.Unlock()
	l := b.always
	if l == nil {
		a := s.actorHere()
		s.mu.Lock()
		a.frames = append(a.frames, b)
		s.entered = append(s.entered, a)
		s.mu.Unlock()
		s.signal()
		l = s.obey(a)
		s.mu.Lock()
		a.frames = a.frames[:len(a.frames)-1]
		if !a.own && len(a.frames) == 0 { // it continues elsewhere and may come back
			a.idle, a.ended = false, true
		}
		s.mu.Unlock()
	}
	switch {
	case l == nil:
		s.goHome()
		return b.zeros()
	case l.panics != nil:
		panic(*l.panics)
	case l.exits:
		runtime.Goexit()
	}
	return l.vals
}

// actorHere returns the calling goroutine's actor, a new one if it has none.
func (s *Session) actorHere() *actor {
	here := sync2.Current()
	id := here.ID()
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.byID[id]
	if a == nil {
		name := strings.Map(func(r rune) rune {
			if r == ' ' || r == ':' {
				return '-'
			}
			return r
		}, here.Name())
		if strings.HasPrefix(name, "goroutine-") {
			name = "fn"
		}
		a = &actor{name: s.freeNameLocked(name), id: id, todo: make(chan func() *leaving)}
		s.actors = append(s.actors, a)
		s.byID[id], s.kin[id] = a, true
	}
	a.ended = false
	return a
}

// freeNameLocked returns name, with a number appended if it is taken.
func (s *Session) freeNameLocked(name string) string {
	free := name
	for n := 2; s.takenLocked(free); n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	return free
}

func (s *Session) takenLocked(name string) bool {
	return s.objects[name] != nil || s.taken[name] || s.actorLocked(name) != nil
}

func (s *Session) actorLocked(name string) *actor {
	for _, a := range s.actors {
		if a.name == name {
			return a
		}
	}
	return nil
}

// perform makes a call in the goroutine of its actor.
func (s *Session) perform(c *call) {
	a := c.by
	s.mu.Lock()
	a.calls = append(a.calls, c)
	s.mu.Unlock()
	s.mu.Lock()
	depth := len(a.frames)
	s.mu.Unlock()
	came, exits := "", true
	defer func() {
		r := recover()
		if r != nil {
			came, exits = fmt.Sprintf("panics: %v", r), false
		}
		if exits {
			came = "exits"
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if n := len(a.calls); n > 0 {
			a.calls = a.calls[:n-1]
		}
		if !exits {
			a.frames = a.frames[:depth] // a panic skipped some
		}
		s.finishLocked(c, came)
	}()
	vals := c.do()
	if len(vals) == 1 && vals[0].Kind() == reflect.Func {
		s.loop(c, vals[0])
		came = ""
	} else {
		came = s.came(c, vals)
	}
	exits = false
}

// loop ranges over the sequence that All or AsCompleted returned; each iteration waits for commands.
func (s *Session) loop(c *call, seq reflect.Value) {
	yield := seq.Type().In(0)
	b := &body{of: c.text, typ: yield, turns: true, name: fmt.Sprintf("turn%d", c.n)}
	seq.Call([]reflect.Value{reflect.MakeFunc(yield, func([]reflect.Value) []reflect.Value {
		if s.isOver() {
			return []reflect.Value{reflect.ValueOf(false)}
		}
		return s.enter(b)
	})})
}

func (s *Session) isOver() bool {
	select {
	case <-s.over:
		return true
	default:
		return false
	}
}

// finishLocked records the result of a call.
func (s *Session) finishLocked(c *call, came string) {
	if c.done {
		return
	}
	c.done, c.outcome = true, came
	s.fresh = append(s.fresh, c)
	s.signal()
}

// signal reports that something has changed.
func (s *Session) signal() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// seen records a key that was used.
func (s *Session) seen(name, text string) {
	if name == "key" {
		s.key = text
	}
}

// add adds an object to the sandbox.
func (s *Session) add(name string, k *Kind, val reflect.Value) *object {
	o := &object{name: name, kind: k, val: val, keys: make(map[string]bool)}
	s.mu.Lock()
	s.objects[name] = o
	s.names = append(s.names, name)
	s.mu.Unlock()
	if _, traced := reflect.TypeAssert[fmt.Stringer](val); traced && k.Name != "Promise" {
		trace.Name(val.Interface(), name)
	}
	return o
}

// freeName returns a name for a new object of kind k.
func (s *Session) freeName(k *Kind) string {
	base := map[string]string{
		"Event": "event", "Barrier": "gate", "Semaphore": "pool", "Mutex": "mu", "ReentrantLock": "lock", "RWMutex": "rw", "Locker": "reader", "Cond": "cond",
		"WaitGroup": "wg", "Once": "once", "KeyedMutex": "locks", "Flight": "flight", "Group": "group", "Watch": "watch", "Queue": "queue", "Executor": "exec",
		"Promise": "promise", "Future": "f", "Local": "local", "Flag": "ready",
	}[k.Name]
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := 1; ; n++ {
		name := base
		if n > 1 || base == "f" {
			name = fmt.Sprintf("%s%d", base, n)
		}
		if !s.takenLocked(name) {
			return name
		}
	}
}
