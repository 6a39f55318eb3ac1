//go:build turnstile_goroot

package pkgvars

import (
	"unsafe"
)

// A Restoring is a way of restoring the variables.
type Restoring uint8

// Ways of restoring them, each used where the one before it is not possible.
const (
	RestoreByInit   Restoring = iota // to their initial bytes, and then initialized again
	RestoreAtStart                   // to their values before the first test
	RestoreSnapshot                  // to their values after the first run of the test
	RestoreNothing                   // not at all
)

// Vars are the variables of packages outside the standard library.
type Vars struct {
	err      error // why they cannot be found
	sections [4]section
	spans    []span
	pristine []pristine     // of spans
	inits    []int          // the packages to initialize, in order
	names    map[int]string // their names
	words    []word         // words that TestMain has set
	kept     []unsafe.Pointer
	flags    []*keptFlag
	tried    bool // whether the packages can be initialized again
	resident bool // they start goroutines when they are initialized
	how      Restoring
	why      string // why it is not RestoreByInit
}

// None returns a Vars without variables: Restore does nothing.
func None() *Vars { return &Vars{how: RestoreNothing} }

// How returns the way of restoring the variables.
func (v *Vars) How() Restoring { return v.how }

// Snapshot keeps the current values of the variables.
func (v *Vars) Snapshot() {
	v.kept = v.kept[:0]
	for i := range v.spans {
		s := &v.spans[i]
		s.saved = append(s.saved[:0], s.now()...)
		if s.s.pointers {
			v.kept = rtHeapPointers(s.from, s.to, v.kept)
		}
	}
}

// Restore restores the variables.
func (v *Vars) Restore() {
	rtHoldFinalizers(true)
	defer rtHoldFinalizers(false)
	switch v.how {
	case RestoreByInit:
		rtPutAllBack(v.pristine)
		_ = v.initialize(func(i int) error { rtInitAgain(i); return nil }) // it succeeded before
		for i := range v.words {
			w := &v.words[i]
			src := unsafe.Pointer(&w.val)
			if w.ptr != nil {
				src = unsafe.Pointer(&w.ptr)
			}
			rtPutBack(at(w.at), src, ptrSize, w.s.pointers)
		}
	case RestoreAtStart:
		for i := range v.spans {
			s := &v.spans[i]
			s.put(s.in(s.s.begun))
		}
	case RestoreSnapshot:
		v.putSaved()
	case RestoreNothing:
	}
}

// Leave restores the variables to their values after the first run of the test, for the next test.
func (v *Vars) Leave() {
	rtHoldFinalizers(true)
	defer rtHoldFinalizers(false)
	v.putSaved()
}

func (v *Vars) putSaved() {
	for i := range v.spans {
		v.spans[i].put(v.spans[i].saved)
	}
}

// put sets the span's content.
func (s *span) put(was []byte) {
	if len(was) > 0 {
		rtPutBack(at(s.from), unsafe.Pointer(&was[0]), uintptr(len(was)), s.s.pointers)
	}
}

// RestoreAfresh is like Restore, for a test that runs after others: it removes what those left behind.
func (v *Vars) RestoreAfresh() {
	how := v.how
	if v.how = min(v.how, RestoreAtStart); !v.tried {
		v.how = RestoreAtStart
	}
	v.Restore()
	v.how = how
}

func (s *span) pristine() pristine {
	p := pristine{at: at(s.from), n: s.to - s.from, pointers: s.s.pointers}
	if s.s.first != nil {
		p.was = unsafe.Add(s.s.first, s.from-s.s.from)
	}
	return p
}

// FallBack changes the way of restoring the variables from now on.
func (v *Vars) FallBack(how Restoring, why string) {
	for _, k := range v.flags {
		definedFlags()[k.flag.Name] = k.flag
	}
	v.how, v.why = how, why
	v.Restore()
}

// Note describes how the variables are restored, if that is not the usual way.
func (v *Vars) Note() string {
	switch v.how {
	case RestoreAtStart:
		return "package variables are put back as they were before the first test, since " + v.why
	case RestoreSnapshot:
		return "package variables are put back as they were when the test had been run once, since " + v.why
	case RestoreNothing:
		return "package variables are not put back between schedules, since " + v.why
	case RestoreByInit:
	}
	return ""
}
