package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// Close ends the sandbox: it ends every context, makes every function return, and releases goroutines that still wait
// by whatever means their objects offer. It returns a sentence for each goroutine that it could not end.
func (s *Session) Close() []string {
	s.doing.Lock()
	defer s.doing.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.on(func() {
		close(s.over)
		s.cancel(errOver)
		const rounds = 100
		for i := range rounds {
			s.settle()
			if i > 0 && s.alive() == 0 {
				break
			}
			s.help(i == 0)
		}
	})
	close(s.host)
	s.mu.Lock()
	defer s.mu.Unlock()
	var left []string
	for _, a := range s.actors {
		if n := len(a.calls); !a.ended && n > 0 {
			left = append(left, fmt.Sprintf("%s waits in %s, which nothing can end", a.name, a.calls[n-1].text))
		}
	}
	return left
}

// help releases the waiters. With first set, it does so only for objects that need it in any case.
func (s *Session) help(first bool) {
	s.mu.Lock()
	names := slices.Clone(s.names)
	s.mu.Unlock()
	for _, name := range names {
		s.mu.Lock()
		o := s.objects[name]
		s.mu.Unlock()
		if first && !o.kind.ends {
			continue
		}
		for _, text := range o.kind.free {
			keys := []string{""}
			if strings.Contains(text, "(key)") {
				keys = keys[:0]
				for key := range o.keys {
					keys = append(keys, key)
				}
			}
			for _, key := range keys {
				s.free(o, strings.Replace(text, "key", fmt.Sprintf("%q", key), 1))
			}
		}
	}
}

// free makes a call that releases the waiters of o. The call may panic.
func (s *Session) free(o *object, text string) {
	defer func() { _ = recover() }()
	m := calling.FindStringSubmatch(o.name + "." + text)
	p := &prepared{s: s, c: &call{}}
	fn, names, err := s.function(p.c, m[2], m[3])
	if err == nil {
		err = p.read(fn.Type(), 0, names, split(m[4]))
	}
	if err != nil {
		panic(err)
	}
	fn.Call(p.values())
}
