package explore

import (
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A stranded is a task that waits for ever.
type stranded struct {
	note
	id     trace.ID // of what it waits for, in the recording; 0: that has it not
	object string   // its name
	blame  blame
}

// A blame says who could end a wait, as far as that is certain.
type blame struct {
	by       []*task
	how      relation
	recorded bool // it is the recording that says so, and has words for it
}

// A relation is what those who could end a wait have to do with that which is waited for.
type relation uint8

const (
	ends     relation = iota // nothing: it is their end that is waited for; each is needed
	holds                    // they hold it
	reads                    // they hold it for reading; each has to let go
	precedes                 // they wait too, and come first
	runs                     // they run it
	works                    // something else, of which the recording tells
)

// A blamer is a counterpart that knows who could end a wait at it.
type blamer interface {
	at() *core
	blame(t *task) blame // of t, which waits there
}

// knows says that b knows who could end a wait at it.
//
//go:norace
func (e *E) knows(b blamer) {
	if e.x.verbose {
		e.x.blamers = append(e.x.blamers, b)
	}
}

// blameOf returns who could end the wait of t at o, as far as that can be known without a recording.
func blameOf(t *task, o hook.Object) blame {
	if t.status == pointed && t.cond != nil {
		b := blame{how: ends}
		for _, j := range t.cond.joins {
			if j.status != ended {
				b.by = append(b.by, j)
			}
		}
		return b
	}
	for _, b := range t.x.blamers {
		if b.at() == o {
			return b.blame(t)
		}
	}
	return blame{}
}
