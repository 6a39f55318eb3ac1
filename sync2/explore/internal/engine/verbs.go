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
	recent [512]struct { // by where the name stands, which is the same place nearly always
		Name string
		verb search.Verb
	}
}

// of returns the verb of the given name and access.
func (v *Verbs) of(name string, access hook.Access) search.Verb {
	at := address(name)
	r := &v.recent[(at*4+uintptr(access))%uintptr(len(v.recent))]
	if address(r.Name) != at || len(r.Name) != len(name) || r.verb.Access() != access {
		r.Name, r.verb = name, v.lookUp(name, access)
	}
	return r.verb
}

// address returns where a string stands.
func address(s string) uintptr {
	return uintptr(unsafe.Pointer(unsafe.StringData(s))) //nolint:gosec // it is not followed
}

func (v *Verbs) lookUp(name string, access hook.Access) search.Verb {
	n, ok := v.byName[named{name, access}]
	if !ok {
		if v.byName == nil {
			v.byName = make(map[named]search.Verb)
		}
		n = search.Verb(len(v.names)<<2) | search.Verb(access)
		v.names = append(v.names, name)
		v.byName[named{name, access}] = n
	}
	return n
}

// Name returns what the verb is called.
func (v *Verbs) Name(n search.Verb) string { return v.names[n>>2] }
