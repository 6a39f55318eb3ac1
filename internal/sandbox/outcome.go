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

// came describes what a call returned, and keeps an object among the results.
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

// idOf describes a goroutine's id, which differs in every run.
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

// shown formats a value the way an exported test does; it also formats values that such a test keeps in a variable.
func shown(v any) string {
	switch v.(type) {
	case *sync2.Future[string]:
		return "nil"
	case sync.Locker:
		return "a lock"
	}
	return byhand.Say(v)
}

// asleep reports whether a goroutine in the given state is blocked until something else happens. Waiting for a
// sync.Mutex does not count: the sandbox or a primitive, perhaps on behalf of an observer, holds it only for a
// moment, so the goroutine is about to continue.
func asleep(state string) bool {
	for _, busy := range []string{"sync.Mutex.Lock", "running", "runnable", "syscall", "idle", "dead", "copystack", "preempted", "GC"} {
		if strings.Contains(state, busy) {
			return false
		}
	}
	return true
}

// settle waits until every goroutine of the sandbox is at rest, and reports whether that happened.
func (s *Session) settle() bool {
	if s.wait != nil { // a timer would advance the bubble's clock
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

// still reports whether every goroutine of the sandbox, including goroutines started by those, is waiting for
// something.
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

// alive returns the number of goroutines in the sandbox.
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
	all, _ := stacks.Parse(bytes.NewReader(s.dump())) // the calling goroutine is always there
	return all
}
