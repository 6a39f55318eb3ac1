package sandbox

import (
	"fmt"
	"strings"
	"time"
)

// sleep lets time pass.
func (s *Session) sleep(text string) error {
	d, err := duration(text)
	if err != nil {
		return err
	}
	t := time.NewTimer(d)
	<-t.C
	s.slept += d
	s.note(step{kind: stepPassing})
	return nil
}

// longest is the longest time that await waits.
const longest = 10 * time.Second

// await waits until the actor has finished everything it was told to do.
func (s *Session) await(name string) error {
	s.mu.Lock()
	a := s.actorLocked(name)
	s.mu.Unlock()
	if a == nil {
		return fmt.Errorf("there is no goroutine %s", name)
	}
	over := time.NewTimer(longest)
	defer over.Stop()
	for {
		s.spontaneous()
		s.mu.Lock()
		ready := a.idle || a.ended
		s.mu.Unlock()
		if ready {
			return nil
		}
		select {
		case <-s.changed:
		case <-over.C:
			return &FailedError{fmt.Sprintf("await: %s still waits after %v", name, longest)}
		}
	}
}

// expect checks a claim: "ann waits", "ann returned true", "pool.Waiting() is 1".
func (s *Session) expect(text string) error {
	name, rest, _ := strings.Cut(text, " ")
	if what, want, is := strings.Cut(text, " is "); is {
		return s.expectValue(what, strings.TrimSpace(want))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.actorLocked(name)
	if a == nil {
		return fmt.Errorf("expect: there is no goroutine %s", name)
	}
	is := "is ready"
	switch {
	case a.ended:
		is = "has ended"
	case !a.idle:
		is = "waits"
	}
	word, want, _ := strings.Cut(strings.TrimSpace(rest), " ")
	switch word {
	case "waits", "ready", "ended":
		if !strings.HasSuffix(is, word) {
			return &FailedError{fmt.Sprintf("expect: %s %s, want: %s", name, is, word)}
		}
	case "returned", "panicked":
		last := ""
		for _, st := range s.steps {
			for _, c := range st.done {
				if c.by == a {
					last = c.outcome
				}
			}
		}
		if got := strings.TrimPrefix(last, "panics: "); got != strings.TrimSpace(want) || (word == "panicked") != (got != last) {
			return &FailedError{fmt.Sprintf("expect: the result of %s is %q, want %q", name, last, want)}
		}
	default:
		return fmt.Errorf("expect: %q is not one of waits, ready, ended, returned and panicked", word)
	}
	return nil
}

// expectValue checks the value that a query returns.
func (s *Session) expectValue(text, want string) error {
	m := calling.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil || m[2] == "" {
		return fmt.Errorf("expect: %q is not a call such as pool.Waiting()", text)
	}
	c := &call{n: -1}
	p := &prepared{s: s, c: c}
	fn, names, err := s.function(c, m[2], m[3])
	if err == nil && !c.verb.looks {
		err = fmt.Errorf("%s is not a query", m[3])
	}
	if err == nil {
		err = p.read(fn.Type(), 0, names, split(m[4]))
	}
	if err != nil {
		return fmt.Errorf("expect: %w", err)
	}
	if got := s.came(c, fn.Call(p.values())); got != want {
		return &FailedError{fmt.Sprintf("expect: %s is %s, want %s", text, got, want)}
	}
	return nil
}
