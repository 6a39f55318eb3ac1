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
	Name string
	verb search.Verb
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
	at := uintptr(unsafe.Pointer(unsafe.StringData(name))) //nolint:gosec // it is not followed
	return &v.recent[(at*4+uintptr(access))%uintptr(len(v.recent))]
}

// is reports whether r is the verb of the given name and access. It compares where the names stand.
func (r *recentVerb) is(name string, access hook.Access) bool {
	return unsafe.StringData(r.Name) == unsafe.StringData(name) && len(r.Name) == len(name) && r.verb.Access() == access //nolint:gosec // they are not followed
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
	r.Name, r.verb = name, n
}

// Name returns what the verb is called.
func (v *Verbs) Name(n search.Verb) string { return v.names[n>>2] }
