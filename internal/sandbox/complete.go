package sandbox

import (
	"reflect"
	"slices"
	"strings"
)

// A Suggestion is a possible completion.
type Suggestion struct {
	Line  string // the whole line
	Text  string // the text to show: the line without what has already been typed
	About string
}

// A Hand is a goroutine in the sandbox.
type Hand struct {
	Name  string
	ID    int64
	Ready bool   // it is waiting for a command
	In    string // the call whose function it is running, or in which it waits
	Own   bool   // it was started by name
}

// Hands returns the goroutines in the order in which they were started.
func (s *Session) Hands() []Hand {
	s.mu.Lock()
	defer s.mu.Unlock()
	var hands []Hand
	for _, a := range s.actors {
		if a.ended {
			continue
		}
		h := Hand{Name: a.name, ID: a.id, Ready: a.idle, Own: a.own}
		if n := len(a.frames); n > 0 && a.idle {
			h.In = a.frames[n-1].of
		} else if n := len(a.calls); n > 0 && !a.idle {
			h.In = a.calls[n-1].text
		}
		hands = append(hands, h)
	}
	return hands
}

// Said returns all lines so far.
func (s *Session) Said() []Line {
	s.doing.Lock()
	defer s.doing.Unlock()
	return slices.Clone(s.log)
}

// people are suggested names for goroutines.
var people = []string{"ann", "ben", "cem", "dan", "eva", "fay", "gil", "hal", "ida", "jon", "kim", "leo", "mia", "ned", "oda", "pia"}

// Complete returns lines that begin with text or contain its words.
func (s *Session) Complete(text string) []Suggestion {
	if name, rest, ok := strings.Cut(text, ":"); ok && !strings.HasPrefix(rest, "=") {
		s.mu.Lock()
		a := s.actorLocked(strings.TrimSpace(name))
		s.mu.Unlock()
		if a == nil {
			return nil
		}
		return matching(s.callsOf(a), name+": ", strings.TrimSpace(rest))
	}
	var all []Suggestion
	const start = "go "
	if strings.HasPrefix(start, text) || strings.HasPrefix(text, start) {
		for _, name := range people {
			if s.freeFor(name) == nil {
				all = append(all, Suggestion{Line: "go " + name, About: "starts a goroutine"})
				break
			}
		}
	}
	for _, k := range kinds {
		for _, m := range k.Makers {
			about := m.About
			if about == "" {
				about = k.About
			}
			call := m.Name
			if m.fn != nil {
				call += "(" + s.defaults(reflect.TypeOf(m.fn), strings.Fields(m.Params), 0) + ")"
			}
			all = append(all, Suggestion{Line: s.freeName(k) + " := " + call, About: about})
		}
	}
	for _, h := range s.Hands() {
		if !h.Ready && strings.Contains(h.In, "ctx") {
			all = append(all, Suggestion{Line: "cancel " + h.Name, About: "ends the context of " + h.In})
		}
		if h.Ready && h.In == "" && h.Own {
			all = append(all, Suggestion{Line: "end " + h.Name, About: "ends the goroutine"})
		}
	}
	return matching(all, "", text)
}

// matching returns the suggestions that contain the words of text. Each line begins with head.
func matching(all []Suggestion, head, text string) []Suggestion {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" ().", r) })
	var found []Suggestion
	for _, first := range []bool{true, false} { // lines that begin with text come first
		for _, sg := range all {
			low := strings.ToLower(sg.Line)
			begins := strings.HasPrefix(low, strings.ToLower(text)) || strings.Contains(low, "."+strings.ToLower(text))
			if begins != first || slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(low, w) }) {
				continue
			}
			sg.Text, sg.Line = sg.Line, head+sg.Line
			found = append(found, sg)
		}
	}
	return found
}

// callsOf returns the calls that a can make, without its name.
func (s *Session) callsOf(a *actor) []Suggestion {
	s.mu.Lock()
	var b *body
	if n := len(a.frames); n > 0 {
		b = a.frames[n-1]
	}
	var objects []*object
	for _, name := range s.names {
		objects = append(objects, s.objects[name])
	}
	for _, o := range s.actors {
		if o != a && s.objects[o.name] != nil {
			objects = append(objects, s.objects[o.name])
		}
	}
	s.mu.Unlock()
	var all []Suggestion
	if b != nil {
		all = b.ways()
	}
	for _, o := range objects {
		for i := range o.kind.Verbs {
			v := &o.kind.Verbs[i]
			if v.fn == nil {
				args := s.defaults(o.val.MethodByName(v.Name).Type(), strings.Fields(v.Params), 0)
				all = append(all, Suggestion{Line: o.name + "." + v.Name + "(" + args + ")", About: v.About})
				continue
			}
			all = append(all, Suggestion{Line: v.Name + "(" + strings.TrimSuffix(o.name+", "+s.defaults(reflect.TypeOf(v.fn), strings.Fields(v.Params), 1), ", ") + ")", About: v.About})
		}
	}
	for _, v := range functions {
		all = append(all, Suggestion{Line: v.Name + "()", About: v.About})
	}
	return all
}

// ways returns the ways to leave the function.
func (b *body) ways() []Suggestion {
	if b.turns {
		return []Suggestion{{Line: "continue", About: "the next turn"}, {Line: "break", About: "leaves the loop"}}
	}
	var ways []Suggestion
	var values []string
	fails := false
	for out := range b.typ.Outs() {
		switch {
		case out == errType:
			fails = true
		case out.Kind() == reflect.Bool:
			ways = append(ways, Suggestion{Line: "return true", About: "leaves the function"}, Suggestion{Line: "return false", About: "leaves the function"})
		default:
			values = append(values, `"done"`)
		}
	}
	if len(ways) == 0 {
		ways = append(ways, Suggestion{Line: strings.TrimSpace("return " + strings.Join(values, ", ")), About: "leaves the function"})
	}
	if fails {
		ways = append(ways, Suggestion{Line: `return errors.New("it fails")`, About: "leaves the function with an error"})
	}
	if !b.crashes {
		ways = append(ways, Suggestion{Line: `panic("no")`, About: "leaves the function with a panic"})
	}
	return append(ways, Suggestion{Line: "goexit", About: "ends the goroutine with runtime.Goexit"})
}

// defaults returns suggested arguments for a function of type t, starting with argument from.
func (s *Session) defaults(t reflect.Type, names []string, from int) string {
	var args []string
	n := 0
	for i := range t.NumIn() {
		in := t.In(i)
		if in == ctxType {
			continue
		}
		if n++; n <= from || t.IsVariadic() && i == t.NumIn()-1 {
			continue
		}
		name := ""
		if i < len(names) {
			name = names[i]
		}
		switch {
		case in == durationType:
			args = append(args, "5s")
		case in == errType:
			args = append(args, `"why"`)
		case in.Kind() == reflect.Func && len(args) > 0:
			args = append(args, "func")
		case in.Kind() == reflect.Func:
			args = append(args, s.firstOf(flagType, "func", t.In(i).NumOut() == 1 && name == "pred"))
		case in == lockerType:
			args = append(args, s.firstLocker())
		case in.Kind() == reflect.String:
			args = append(args, map[string]string{"name": `"helper"`}[name])
			if args[len(args)-1] == "" {
				args[len(args)-1] = `"a"`
			}
		case in.Kind() == reflect.Bool:
			args = append(args, "true")
		case name == "parties" || name == "workers":
			args = append(args, "2")
		default:
			args = append(args, "1")
		}
	}
	return strings.Join(args, ", ")
}

// firstOf returns the name of the first object of type t that is usable here, and otherwise other.
func (s *Session) firstOf(t reflect.Type, other string, useful bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range s.names {
		if useful && s.objects[name].val.Type() == t {
			return name
		}
	}
	return other
}

// firstLocker returns the name of the first lock.
func (s *Session) firstLocker() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range s.names {
		if s.objects[name].val.Type().Implements(lockerType) {
			return name
		}
	}
	return "mu"
}
