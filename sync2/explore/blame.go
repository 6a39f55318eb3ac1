package explore

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A stranded is a task that waits forever.
type stranded struct {
	engine.Note
	id     trace.ID // of what it waits for, in the recording; 0: that has it not
	object string   // its name
	blame  blame
}

// A blame says who could end a wait, as far as that is certain.
type blame struct {
	by       []*engine.Task
	how      relation
	recorded bool // it is the recording that says so, and has words for it
}

// A relation is what those who could end a wait have to do with that which is waited for.
type relation uint8

const (
	relationEnds     relation = iota // nothing: it is their end that is waited for; each is needed
	relationHolds                    // they hold it
	relationReads                    // they hold it for reading; each has to let go
	relationPrecedes                 // they wait too, and come first
	relationRuns                     // they run it
	relationWorks                    // something else, of which the recording tells
)

// blameOf returns who could end the wait of t, as far as that can be known without a recording.
func blameOf(t *engine.Task) blame {
	if t.Status == engine.StatusPointed && t.Cond != nil {
		b := blame{how: relationEnds}
		for _, j := range t.Cond.Joins {
			if j.Status != engine.StatusEnded {
				b.by = append(b.by, j)
			}
		}
		return b
	}
	return blame{}
}

// strand notes who waits forever, and in what. It is called when a run that is recorded comes to that, before its tasks
// are got rid of.
func (ex *explorer) strand(f *engine.Fault) {
	x := &ex.x
	ex.stranded = ex.stranded[:0]
	for _, t := range x.Live {
		if t.MayStay() || f.In != nil && t.Bubble != f.In || f.Amid != nil && !slices.Contains(f.Amid, t) {
			continue
		}
		s := stranded{Note: engine.Note{Task: t, TaskName: t.Name, Op: x.Verbs.Name(t.Op.Verb), Ref: x.Objects[t.Op.Obj].Ref, Where: t.Where()}}
		s.id, s.blame = idOf(s.Ref), blameOf(t)
		ex.stranded = append(ex.stranded, s)
	}
}
