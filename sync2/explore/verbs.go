package explore

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

// verbs are those of an exploration.
type verbs struct {
	names  []string
	byName map[named]search.Verb
	recent [64]struct { // by where the name stands, which is the same place nearly always
		name string
		verb search.Verb
	}
}

// of returns the verb of the given name and access.
func (v *verbs) of(name string, access hook.Access) search.Verb {
	at := address(name)
	r := &v.recent[at%uintptr(len(v.recent))]
	if address(r.name) != at || len(r.name) != len(name) || r.verb.Access() != access {
		r.name, r.verb = name, v.lookUp(name, access)
	}
	return r.verb
}

// address returns where a string stands.
func address(s string) uintptr {
	return uintptr(unsafe.Pointer(unsafe.StringData(s))) //nolint:gosec // it is not followed
}

func (v *verbs) lookUp(name string, access hook.Access) search.Verb {
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

func (v *verbs) name(n search.Verb) string { return v.names[n>>2] }
