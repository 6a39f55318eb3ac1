package engine

import (
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A named access is the meaning of a verb.
type named struct {
	name   string
	access hook.Access
}

// Verbs has the verbs of an exploration.
type Verbs struct {
	names  []string
	byName map[named]search.Verb
	recent [512]recentVerb // by the address of the name, which is nearly always the same
}

type recentVerb struct {
	key  uintptr // the address of the name, and the access
	n    int32   // the length of the name
	verb search.Verb
	name string // so that the address is not reused
}

// of returns the verb of the given name and access.
func (v *Verbs) of(name string, access hook.Access) search.Verb {
	r := v.at(name, access)
	if !r.is(name, access) {
		v.lookUp(r, name, access)
	}
	return r.verb
}

// at returns the entry of the verb if it was looked up recently.
func (v *Verbs) at(name string, access hook.Access) *recentVerb {
	return &v.recent[keyOf(name, access)%uintptr(len(v.recent))]
}

func keyOf(name string, access hook.Access) uintptr {
	return uintptr(unsafe.Pointer(unsafe.StringData(name)))<<2 | uintptr(access) //nolint:gosec // it is not followed
}

// is reports whether r is the verb of the given name and access. It compares the addresses of the names.
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

// Name returns the name of the verb.
func (v *Verbs) Name(n search.Verb) string { return v.names[n>>2] }
