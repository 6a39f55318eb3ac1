package sandbox

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/turnstile-go/turnstile/sync2"
)

// An actor is a goroutine that obeys commands.
type actor struct {
	name   string
	id     int64
	todo   chan func() (leave *leaving)
	frames []*body // the functions it is running, the innermost last, each taking commands
	calls  []*call // the calls in progress, the innermost last
	idle   bool    // it is waiting for a command
	ended  bool
	own    bool // it was started by name, not by a primitive
	handle *sync2.Goroutine
}

// test returns the name that a test uses for the actor, or for the innermost function it is running.
func (a *actor) test() string {
	if n := len(a.frames); n > 0 {
		return a.frames[n-1].name
	}
	return a.name
}

// A body is a function passed to a primitive.
type body struct {
	name    string // in a test
	of      string // the call it was passed to
	typ     reflect.Type
	turns   bool     // it is a loop body
	crashes bool     // a panic in it would crash the program
	always  *leaving // what it does immediately; nil: it obeys commands
	used    bool     // it has been called
}

// A leaving is a way to leave a function.
type leaving struct {
	vals   []reflect.Value
	panics *string
	exits  bool
	shown  string // "return 1, nil"
	code   string // the call in a test that leads to it
}

// leaving parses a way to leave the function: return, panic, goexit, or break in a loop.
func (b *body) leaving(text string) (*leaving, error) {
	word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	if i := strings.IndexByte(word, '('); i >= 0 { // panic("x")
		word, rest = word[:i], strings.TrimSuffix(text[i+1:], ")")
	}
	rest = strings.TrimSpace(rest)
	l := &leaving{shown: text}
	switch word {
	case "panic":
		if b.crashes {
			return nil, errors.New("a panic there would crash the program, as in a go statement")
		}
		what := unquoted(rest)
		l.panics, l.shown, l.code = &what, fmt.Sprintf("panic(%q)", what), fmt.Sprintf("byhand.Leave{Panics: true, V: %q}", what)
		return l, nil
	case "goexit":
		l.exits, l.code = true, "byhand.Leave{Exits: true}"
		return l, nil
	case "break":
		if !b.turns {
			return nil, errors.New("break: this is not a loop; leave it with return")
		}
		l.vals, l.code = []reflect.Value{reflect.ValueOf(false)}, "byhand.Leave{}"
		return l, nil
	case "return", "continue":
		return l, b.results(l, rest)
	}
	return nil, fmt.Errorf("%q does not leave a function; use return, panic, goexit or, in a loop, break", word)
}

// results parses the function's results.
func (b *body) results(l *leaving, text string) error {
	if b.turns {
		l.vals, l.shown, l.code = []reflect.Value{reflect.ValueOf(true)}, "continue", "byhand.Leave{OK: true}"
		return nil
	}
	parts, n := split(text), b.typ.NumOut()
	if len(parts) > n {
		return fmt.Errorf("it returns %d values, not %d", n, len(parts))
	}
	var shown, fields []string
	for i := range n {
		out, part := b.typ.Out(i), ""
		switch {
		case len(parts) == n:
			part = parts[i]
		case len(parts) == 1 && (strings.HasPrefix(parts[0], "error") == (out == errType)):
			part = parts[0] // return error("x") or return "x", where both are possible
		}
		switch {
		case out == errType:
			part = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(part, "errors.New("), "error("), "error "), ")")
			if part == "" || part == "nil" {
				l.vals, shown = append(l.vals, reflect.Zero(errType)), append(shown, "nil")
				continue
			}
			err := errors.New(unquoted(part))
			l.vals, shown = append(l.vals, reflect.ValueOf(&err).Elem()), append(shown, fmt.Sprintf("errors.New(%q)", err))
			fields = append(fields, fmt.Sprintf("Err: errors.New(%q)", err))
		case out.Kind() == reflect.Bool:
			if part != "true" && part != "false" {
				return errors.New("it returns true or false")
			}
			l.vals, shown, fields = append(l.vals, reflect.ValueOf(part == "true")), append(shown, part), append(fields, "OK: "+part)
		default:
			part = unquoted(part)
			l.vals, shown, fields = append(l.vals, reflect.ValueOf(part)), append(shown, fmt.Sprintf("%q", part)), append(fields, fmt.Sprintf("V: %q", part))
		}
	}
	l.shown, l.code = strings.TrimSpace("return "+strings.Join(shown, ", ")), "byhand.Leave{"+strings.Join(fields, ", ")+"}"
	return nil
}

// asks reports that the goroutine running the function waits for commands.
func (b *body) asks() string {
	if b.turns {
		return "is in a turn of " + b.of + "; continue or break ends it"
	}
	return "runs the function of " + b.of + " and waits for commands; return leaves it"
}

// shown returns the function as Go for the user.
func (b *body) shown() string {
	if b.always != nil {
		return b.typ.String() + " { " + b.always.shown + " }"
	}
	return "func { … }"
}

// code returns the function as Go for a test.
func (b *body) code() string {
	var in, out []string
	for t := range b.typ.Ins() {
		in = append(in, "_ "+t.String())
	}
	for o := range b.typ.Outs() {
		switch {
		case o == errType:
			out = append(out, "l.Err")
		case o.Kind() == reflect.Bool:
			out = append(out, "l.OK")
		default:
			out = append(out, "l.V")
		}
	}
	head := "func(" + strings.Join(in, ", ") + ")"
	switch b.typ.NumOut() {
	case 0:
	case 1:
		head += " " + b.typ.Out(0).String()
	case 2:
		head += " (" + b.typ.Out(0).String() + ", " + b.typ.Out(1).String() + ")"
	}
	run := b.name + ".Run()"
	if b.always != nil {
		run = "(" + b.always.code + ").Now()"
	}
	if len(out) == 0 {
		return head + " { " + run + " }"
	}
	return head + " { l := " + run + "; return " + strings.Join(out, ", ") + " }"
}

// zeros returns the function's results when the session is over.
func (b *body) zeros() []reflect.Value {
	vals := make([]reflect.Value, b.typ.NumOut())
	for i := range vals {
		vals[i] = reflect.Zero(b.typ.Out(i))
		if b.typ.Out(i) == errType {
			vals[i] = reflect.ValueOf(&errOver).Elem()
		}
		if b.typ.Out(i).Kind() == reflect.Bool && !b.turns { // so that a goroutine waiting for a condition goes on
			vals[i] = reflect.ValueOf(true)
		}
	}
	return vals
}

var errOver = errors.New("the sandbox is closed")
