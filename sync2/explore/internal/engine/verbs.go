package engine

import (
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A named access is what a verb stands for.
type named struct {
	name   string
	access hook.Access
}

// Verbs are those of an exploration.
type Verbs struct {
	names  []string
	byName map[named]search.Verb
	recent [512]recentVerb // by where the name stands, which is the same place nearly always
}

type recentVerb struct {
	key  uintptr // where the name stands, and the access
	n    int32   // the length of the name
	verb search.Verb
	name string // so that nothing else comes to stand there
}

// of returns the verb of the given name and access.
func (v *Verbs) of(name string, access hook.Access) search.Verb {
	r := v.at(name, access)
	if !r.is(name, access) {
		v.lookUp(r, name, access)
	}
	return r.verb
}

// at returns where the verb stands if it was looked up not long ago.
func (v *Verbs) at(name string, access hook.Access) *recentVerb {
	return &v.recent[keyOf(name, access)%uintptr(len(v.recent))]
}

func keyOf(name string, access hook.Access) uintptr {
	return uintptr(unsafe.Pointer(unsafe.StringData(name)))<<2 | uintptr(access) //nolint:gosec // it is not followed
}

// is reports whether r is the verb of the given name and access. It compares where the names stand.
func (r *recentVerb) is(name string, access hook.Access) bool {
	return r.key == keyOf(name, access) && r.n == int32(len(name))
}

// lookUp makes r the verb of the given name and access.
//
//go:noinline
func (v *Verbs) lookUp(r *recentVerb, name string, access hook.Access) {
	n, ok := v.byName[named{name, access}]
	if !ok {
		if v.byName == nil {
			v.byName = make(map[named]search.Verb)
		}
		n = search.Verb(len(v.names)<<2) | search.Verb(access)
		v.names = append(v.names, name)
		v.byName[named{name, access}] = n
	}
	r.name, r.key, r.n, r.verb = name, keyOf(name, access), int32(len(name)), n
}

// Name returns what the verb is called.
func (v *Verbs) Name(n search.Verb) string { return v.names[n>>2] }
