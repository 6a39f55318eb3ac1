package sandbox

import (
	"bytes"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/internal/stacks"
	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/byhand"
)

// came says what a call has returned, and keeps an object that it has returned.
func (s *Session) came(c *call, vals []reflect.Value) string {
	if c.into != "" && len(vals) > 0 && !isNil(vals[0]) {
		k := kindOf(vals[0].Type())
		if k == nil {
			k = kindOf(lockerType)
		}
		s.add(c.into, k, vals[0])
	}
	texts := make([]string, len(vals))
	for i, v := range vals {
		texts[i] = shown(v.Interface())
		if id, is := reflect.TypeAssert[int64](v); is {
			texts[i] = s.idOf(id)
		}
		if i == 0 && c.into != "" && !isNil(v) {
			texts[i] = c.into
		}
	}
	return strings.Join(texts, ", ")
}

// idOf writes the id of a goroutine, which is another each time.
func (s *Session) idOf(id int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.byID[id]; a != nil {
		return "the id of " + a.name
	}
	return strconv.FormatInt(id, 10)
}

func isNil(v reflect.Value) bool {
	return (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil()
}

// shown writes a value as an exported test does, and those that such a test keeps in a variable.
func shown(v any) string {
	switch v.(type) {
	case *sync2.Future[string]:
		return "nil"
	case sync.Locker:
		return "a lock"
	}
	return byhand.Say(v)
}

// asleep reports whether a goroutine in that state does nothing by itself. A sync.Mutex is held for a moment only, by the sandbox
// or within a primitive, perhaps for an observer: a goroutine that waits for one is about to go on.
func asleep(state string) bool {
	for _, busy := range []string{"sync.Mutex.Lock", "running", "runnable", "syscall", "idle", "dead", "copystack", "preempted", "GC"} {
		if strings.Contains(state, busy) {
			return false
		}
	}
	return true
}

// settle waits until no goroutine of the sandbox does anything, and reports whether it came to that.
func (s *Session) settle() bool {
	if s.wait != nil { // a timer would let the bubble's time go by
		s.wait()
		return s.still()
	}
	for wait := 20 * time.Microsecond; wait < 4*time.Second; wait += wait / 2 {
		if s.still() {
			return true
		}
		t := time.NewTimer(wait)
		<-t.C
	}
	return false
}

// still reports whether every goroutine of the sandbox waits for something. The goroutines that those have started are of the
// sandbox too.
func (s *Session) still() bool {
	all := s.stacks()
	s.mu.Lock()
	defer s.mu.Unlock()
	for grown := true; grown; {
		grown = false
		for _, g := range all {
			if !s.kin[g.ID] && s.kin[g.Parent] {
				s.kin[g.ID], grown = true, true
			}
		}
	}
	for _, g := range all {
		if s.kin[g.ID] && !asleep(g.State) {
			return false
		}
	}
	return true
}

// alive returns how many goroutines of the sandbox there are.
func (s *Session) alive() int {
	n := 0
	all := s.stacks()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range all {
		if s.kin[g.ID] {
			n++
		}
	}
	return n
}

// stacks returns all goroutines of the process.
func (s *Session) stacks() []stacks.Goroutine {
	all, _ := stacks.Parse(bytes.NewReader(s.dump())) // there is at least the one that asks
	return all
}
