package sandbox

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A call is a call that a goroutine was told to make, with its result.
type call struct {
	n      int
	by     *actor
	text   string // as Go: "pool.AcquireTimeout(100 * time.Millisecond)"
	code   string // the same, as written in a test
	outs   int    // the number of values it returns
	loop   bool   // it returns a sequence, over which its goroutine ranges
	into   string // the variable that receives its result; "" if there is none
	result reflect.Type
	verb   *Verb
	kind   string // the verb's kind
	do     func() []reflect.Value

	began  time.Duration // on the session's clock
	limit  time.Duration // the maximum wait; negative: none
	ctx    context.Context
	cancel context.CancelCauseFunc // nil if it has no context
	named  bool                    // a test names its context

	done    bool
	outcome string // the result, once it is done
	told    bool   // its waiting was reported
}

// An arg is an argument of a call.
type arg struct {
	val  reflect.Value
	code string // as Go
	test string // as Go in a test; "" if the same as code
}

// A prepared is a call, or the construction of an object, whose arguments have been read.
type prepared struct {
	s      *Session
	c      *call
	args   []arg
	bodies []*body
}

var (
	ctxType      = reflect.TypeFor[context.Context]()
	errType      = reflect.TypeFor[error]()
	durationType = reflect.TypeFor[time.Duration]()
	lockerType   = reflect.TypeFor[sync.Locker]()
	flagType     = reflect.TypeFor[*atomic.Bool]()
)

// read reads the arguments in texts for the function type t, starting with parameter from. names are the parameter
// names.
func (p *prepared) read(t reflect.Type, from int, names, texts []string) error {
	most := t.NumIn() - from
	for i := from; i < t.NumIn(); i++ {
		in := t.In(i)
		name := ""
		if i-from < len(names) {
			name = names[i-from]
		}
		variadic := t.IsVariadic() && i == t.NumIn()-1
		switch {
		case variadic:
			for _, text := range texts {
				a, err := p.arg(in.Elem(), name, text)
				if err != nil {
					return err
				}
				p.args = append(p.args, a)
			}
			return nil
		case in == ctxType && (len(texts) == 0 || !p.s.isContext(texts[0])):
			p.args = append(p.args, p.context())
			continue
		case len(texts) == 0 && in.Kind() == reflect.Func: // by hand
			texts = []string{"func"}
		case len(texts) == 0:
			return fmt.Errorf("it takes %s", strings.Join(names, ", "))
		}
		a, err := p.arg(in, name, strings.TrimSpace(texts[0]))
		if err != nil {
			return err
		}
		p.args, texts = append(p.args, a), texts[1:]
	}
	if len(texts) > 0 {
		return fmt.Errorf("too many arguments: %d; it takes %d", most+len(texts), most)
	}
	return nil
}

// isContext reports whether text denotes a context.
func (s *Session) isContext(text string) bool {
	switch strings.TrimSpace(text) {
	case "ctx", "ended", "nil":
		return true
	}
	return strings.HasPrefix(text, "ctx ")
}

// context returns a context for this call alone, which the command cancel ends.
func (p *prepared) context() arg {
	ctx, cancel := context.WithCancelCause(p.s.ctx)
	p.c.ctx, p.c.cancel, p.c.named = ctx, cancel, true
	return arg{reflect.ValueOf(&ctx).Elem(), "ctx", fmt.Sprintf("ctx%d", p.c.n)}
}

// arg reads one argument of type t.
func (p *prepared) arg(t reflect.Type, name, text string) (arg, error) {
	value := func(v any, code string) (arg, error) { return arg{reflect.ValueOf(v), code, ""}, nil }
	switch {
	case t == ctxType:
		return p.contextArg(text)
	case t == errType:
		if text == "nil" || text == "" {
			return arg{reflect.Zero(errType), "nil", ""}, nil
		}
		err := errors.New(unquoted(text))
		return arg{reflect.ValueOf(&err).Elem(), fmt.Sprintf("errors.New(%q)", err), ""}, nil
	case t == durationType:
		d, err := duration(text)
		if err != nil {
			return arg{}, fmt.Errorf("%s: %w", name, err)
		}
		p.c.limit = max(0, d)
		return value(d, durationCode(d))
	case t.Kind() == reflect.String:
		text = unquoted(text)
		p.s.seen(name, text)
		return value(text, strconv.Quote(text))
	case t.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return arg{}, fmt.Errorf("%s: %s is neither true nor false", name, text)
		}
		return value(b, text)
	case t.Kind() == reflect.Int, t.Kind() == reflect.Uint64:
		return number(t, name, text)
	case t.Kind() == reflect.Func:
		return p.function(t, text)
	}
	o := p.s.objects[text]
	switch {
	case o == nil:
		return arg{}, fmt.Errorf("%s: %s is not defined", name, text)
	case !o.val.Type().AssignableTo(t):
		return arg{}, fmt.Errorf("%s: the type of %s is %s", name, text, o.kind.Name)
	}
	o.used = true
	return arg{o.val, o.name, ""}, nil
}

// number reads an integer, which may be a shift such as 1 << 20.
func number(t reflect.Type, name, text string) (arg, error) {
	digits, shift, shifted := strings.Cut(text, "<<")
	n, err := strconv.ParseInt(strings.TrimSpace(digits), 0, 64)
	if err == nil && shifted {
		var by uint64
		if by, err = strconv.ParseUint(strings.TrimSpace(shift), 0, 6); err == nil {
			n <<= by
		}
	}
	if err != nil || n < 0 && t.Kind() == reflect.Uint64 {
		return arg{}, fmt.Errorf("%s: %q is not an integer", name, text)
	}
	return arg{reflect.ValueOf(n).Convert(t), text, ""}, nil
}

// contextArg reads a context: "ctx" or nothing is a context that the command cancel ends, "ended" a context that has
// ended, and "ctx 100ms" a context with a timeout.
func (p *prepared) contextArg(text string) (arg, error) {
	switch rest, _ := strings.CutPrefix(text, "ctx "); {
	case text == "nil":
		return arg{reflect.Zero(ctxType), "nil", ""}, nil
	case text == "ended":
		a := p.context()
		p.c.cancel(context.Canceled)
		a.code, a.test, p.c.named = "ended", "byhand.Ended()", false
		return a, nil
	case rest != text:
		d, err := duration(rest)
		if err != nil {
			return arg{}, err
		}
		a := p.context()
		ctx, stop := context.WithTimeout(p.c.ctx, d)
		context.AfterFunc(ctx, stop)
		p.c.limit = max(0, d)
		return arg{reflect.ValueOf(&ctx).Elem(), fmt.Sprintf("within(ctx, %s)", durationCode(d)), fmt.Sprintf("byhand.Within(%s, %s)", a.test, durationCode(d))}, nil
	}
	return p.context(), nil
}

// function reads a function: one operated by hand, or one that does the same thing on every call.
func (p *prepared) function(t reflect.Type, text string) (arg, error) {
	if o := p.s.objects[text]; o != nil && o.val.Type() == flagType && t.NumIn() == 0 && t.NumOut() == 1 && t.Out(0).Kind() == reflect.Bool {
		o.used = true
		return arg{reflect.ValueOf(o.val.Interface().(*atomic.Bool).Load), o.name + ".Load", ""}, nil
	}
	if text == "nil" {
		return arg{reflect.Zero(t), "nil", ""}, nil
	}
	b := &body{of: p.c.text, typ: t, crashes: p.c.verb != nil && p.c.verb.crashes}
	if text != "func" && text != "" {
		l, err := b.leaving(text)
		if err != nil {
			return arg{}, fmt.Errorf("it takes func, or what the function does immediately, such as return: %w", err)
		}
		b.always = l
	}
	p.s.bodies++
	b.name = fmt.Sprintf("body%d", p.s.bodies)
	p.bodies = append(p.bodies, b)
	fn := reflect.MakeFunc(t, func([]reflect.Value) []reflect.Value { return p.s.enter(b) })
	return arg{fn, b.shown(), b.code()}, nil
}

// unquoted returns text without its quotes, if it has any.
func unquoted(text string) string {
	if s, err := strconv.Unquote(text); err == nil {
		return s
	}
	return text
}

// duration reads a duration such as 100ms or 100*time.Millisecond.
func duration(text string) (time.Duration, error) {
	units := map[string]string{"Nanosecond": "ns", "Microsecond": "us", "Millisecond": "ms", "Second": "s", "Minute": "m", "Hour": "h"}
	short := strings.ReplaceAll(text, " ", "")
	if number, unit, ok := strings.Cut(short, "*time."); ok {
		short = number + units[unit]
	} else if unit, ok := strings.CutPrefix(short, "time."); ok {
		short = "1" + units[unit]
	}
	d, err := time.ParseDuration(short)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration such as 100ms", text)
	}
	return d, nil
}

// durationCode returns d as Go.
func durationCode(d time.Duration) string {
	for _, u := range []struct {
		d    time.Duration
		name string
	}{{time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}} {
		if d != 0 && d%u.d == 0 {
			if d == u.d {
				return "time." + u.name
			}
			return fmt.Sprintf("%d*time.%s", d/u.d, u.name)
		}
	}
	return strconv.FormatInt(int64(d), 10)
}

// code returns the call of fn with the arguments, as shown to the user and as written in a test.
func (p *prepared) code(fn string) (shown, test string) {
	var a, b []string
	for _, arg := range p.args {
		a = append(a, arg.code)
		if arg.test == "" {
			arg.test = arg.code
		}
		b = append(b, arg.test)
	}
	return fn + "(" + strings.Join(a, ", ") + ")", fn + "(" + strings.Join(b, ", ") + ")"
}

// values returns the arguments' values.
func (p *prepared) values() []reflect.Value {
	vals := make([]reflect.Value, len(p.args))
	for i := range p.args {
		vals[i] = p.args[i].val
	}
	return vals
}

// split splits text at the commas outside quotes and parentheses.
func split(text string) []string {
	var parts []string
	depth, from, quoted := 0, 0, rune(0)
	for i, r := range text {
		switch {
		case quoted != 0:
			if r == quoted && (i == 0 || text[i-1] != '\\') {
				quoted = 0
			}
		case r == '"' || r == '`':
			quoted = r
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			parts, from = append(parts, strings.TrimSpace(text[from:i])), i+1
		}
	}
	if rest := strings.TrimSpace(text[from:]); rest != "" || len(parts) > 0 {
		parts = append(parts, rest)
	}
	return parts
}

// isName reports whether text is a valid variable name that does not clash with a keyword or a name that tests use.
func isName(text string) bool { return token.IsIdentifier(text) && !reserved[text] }

// reserved holds the names that a test needs, and the words of the sandbox's language.
var reserved = map[string]bool{
	"main": true, "t": true, "ctx": true, "ended": true, "within": true, "home": true,
	"sync2": true, "atomic": true, "context": true, "errors": true, "fmt": true, "strings": true, "testing": true, "synctest": true, "time": true, "runtime": true, "strconv": true, "reflect": true,
	"new": true, "nil": true, "true": true, "false": true, "string": true, "int": true, "bool": true, "error": true, "any": true, "panic": true, "len": true, "func": true, "append": true, "close": true, "recover": true, "byhand": true,
}
