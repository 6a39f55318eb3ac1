package explore

import (
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// verbs are those of an exploration.
type verbs struct {
	names  []string
	byName map[string]search.Verb
	recent [64]struct { // by where the name stands, which is the same place nearly always
		name string
		verb search.Verb
	}
}

// of returns the verb of the given name.
func (v *verbs) of(name string) search.Verb {
	at := address(name)
	r := &v.recent[at%uintptr(len(v.recent))]
	if address(r.name) != at || len(r.name) != len(name) {
		r.name, r.verb = name, v.lookUp(name)
	}
	return r.verb
}

// address returns where a string stands.
func address(s string) uintptr {
	return uintptr(unsafe.Pointer(unsafe.StringData(s))) //nolint:gosec // it is not followed
}

func (v *verbs) lookUp(name string) search.Verb {
	n, ok := v.byName[name]
	if !ok {
		if v.byName == nil {
			v.byName = make(map[string]search.Verb)
		}
		n = search.Verb(len(v.names)<<2) | search.Verb(modeOf(name))
		v.names = append(v.names, name)
		v.byName[name] = n
	}
	return n
}

func (v *verbs) name(n search.Verb) string { return v.names[n>>2] }

// modeOf returns the mode of an operation by its name.
func modeOf(name string) search.Mode {
	switch name {
	case "IsSet", "Locked", "Waiting", "Held", "Depth", "Owner", "Available", "Alive", "Broken", "Parties",
		"Len", "Cap", "Unfinished", "State", "Load", "Read":
		return search.Read
	case "Unlock":
		return search.Release
	}
	return search.Write
}
