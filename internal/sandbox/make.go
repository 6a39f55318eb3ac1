package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2"
)

// make makes an object.
func (s *Session) make(name, what, args string) (err error) {
	k, m := maker(what)
	if m == nil {
		return fmt.Errorf("there is no %s; available are %s", what, strings.Join(makers(), ", "))
	}
	if err := s.freeFor(name); err != nil {
		return err
	}
	p := &prepared{s: s, c: &call{text: name, limit: -1}}
	defer func() {
		if r := recover(); r != nil {
			s.say(Line{Text: fmt.Sprintf("%s panics: %v", m.Name, r), Sort: SortWrong})
			err = nil
			if _, misuse := r.(*sync2.UsageError); !misuse {
				err = fmt.Errorf("%v", r)
			}
		}
	}()
	val, shown, test, err := p.build(k, m, name, split(args))
	if err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	s.add(name, k, val).limit = max(0, p.c.limit)
	s.say(Line{Text: name + " := " + shown, Sort: SortCommand})
	s.note(step{kind: stepMade, name: name, code: name + " := " + test, bodies: p.bodies})
	return nil
}

// build makes an object of kind k.
func (p *prepared) build(k *Kind, m *Maker, name string, texts []string) (val reflect.Value, shown, test string, err error) {
	if m.fn == nil {
		if len(texts) > 0 {
			return val, "", "", errors.New("it takes no arguments")
		}
		return reflect.New(reflect.TypeOf(m.zero).Elem()), m.code, m.code, nil
	}
	var plain []string
	var options []arg
	if k.Name == "Executor" && !strings.Contains(strings.Join(texts, " "), "WithName") {
		texts = append(texts, fmt.Sprintf("WithName(%q)", name))
	}
	for _, text := range texts {
		word, args, is := strings.Cut(text, "(")
		i := slices.IndexFunc(m.Options, func(o Option) bool { return o.Name == strings.TrimPrefix(word, "sync2.") })
		if !is && i < 0 || i < 0 {
			plain = append(plain, text)
			continue
		}
		o := &m.Options[i]
		q := &prepared{s: p.s, c: p.c}
		if err := q.read(reflect.TypeOf(o.fn), 0, strings.Fields(o.Params), split(strings.TrimSuffix(args, ")"))); err != nil {
			return val, "", "", fmt.Errorf("%s: %w", o.Name, err)
		}
		a := arg{val: reflect.ValueOf(o.fn).Call(q.values())[0]}
		a.code, a.test = q.code("sync2." + o.Name)
		p.bodies = append(p.bodies, q.bodies...)
		options = append(options, a)
	}
	t := reflect.TypeOf(m.fn)
	names := strings.Fields(m.Params)
	if m.ctx {
		p.args = append(p.args, arg{reflect.ValueOf(&p.s.ctx).Elem(), "ctx", ""})
	}
	if len(plain) != len(names) && !(len(names) == 1 && names[0] == "fn") {
		return val, "", "", fmt.Errorf("it takes %s", cmp.Or(strings.Join(names, ", "), "no arguments"))
	}
	fixed := t
	if t.IsVariadic() { // the options have been read
		var in []reflect.Type
		for i := range t.NumIn() - 1 {
			in = append(in, t.In(i))
		}
		fixed = reflect.FuncOf(in, nil, false)
	}
	if err := p.read(fixed, len(p.args), names, plain); err != nil {
		return val, "", "", err
	}
	p.args = append(p.args, options...)
	shown, test = p.code("")
	inner := func(s string) string { return strings.Replace(m.code, "%s", s[1:len(s)-1], 1) }
	return reflect.ValueOf(m.fn).Call(p.values())[0], inner(shown), inner(test), nil
}

// makers returns the names of everything that can be made.
func makers() []string {
	var names []string
	for _, k := range kinds {
		for _, m := range k.Makers {
			names = append(names, m.Name)
		}
	}
	return names
}

// freeFor returns an error if name cannot be used for something new.
func (s *Session) freeFor(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !isName(name) || strings.HasPrefix(name, "body") || strings.HasPrefix(name, "call") || strings.HasPrefix(name, "turn"):
		return fmt.Errorf("%q cannot be a name", name)
	case s.takenLocked(name):
		return fmt.Errorf("%s already exists", name)
	}
	return nil
}
