package explore

import "unsafe"

// A verb is what an operation is called, as a number of the exploration: steps are compared, and many are kept. Its two
// lowest bits are its mode.
type verb int32

func (v verb) mode() mode { return mode(v & 3) }

// verbs are those of an exploration.
type verbs struct {
	names  []string
	byName map[string]verb
	recent [64]struct { // by where the name stands, which is the same place nearly always
		name string
		verb verb
	}
}

// of returns the verb of the given name.
func (v *verbs) of(name string) verb {
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

func (v *verbs) lookUp(name string) verb {
	n, ok := v.byName[name]
	if !ok {
		if v.byName == nil {
			v.byName = make(map[string]verb)
		}
		n = verb(len(v.names)<<2) | verb(modeOf(name))
		v.names = append(v.names, name)
		v.byName[name] = n
	}
	return n
}

func (v *verbs) name(n verb) string { return v.names[n>>2] }

// modeOf returns the mode of an operation by its name.
func modeOf(name string) mode {
	switch name {
	case "IsSet", "Locked", "Waiting", "Held", "Depth", "Owner", "Available", "Alive", "Broken", "Parties",
		"Len", "Cap", "Unfinished", "State", "Load", "Read":
		return read
	case "Unlock":
		return release
	}
	return write
}
