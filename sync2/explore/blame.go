package explore

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A blockedTask is a task that waits forever.
type blockedTask struct {
	engine.Note
	id     trace.ID // of the object it waits for in the recording; 0 if not recorded
	object string   // its name
	blame  blame
}

// A blame names the goroutines that could end a wait, as far as known.
type blame struct {
	by       []*engine.Task
	how      relation
	recorded bool // it comes from the recording, which has words for it
}

// A relation relates goroutines that could end a wait to its object.
type relation uint8

const (
	relationEnds     relation = iota // none: their ends are awaited; each is needed
	relationHolds                    // they hold it
	relationReads                    // they hold it for reading; each must release it
	relationPrecedes                 // they wait too, ahead in the queue
	relationRuns                     // they run it
	relationWorks                    // another, which the recording describes
)

// blameOf returns the goroutines that could end the wait of t, as far as known without a recording.
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

// strand records the tasks that wait forever, and their operations. It is called when a recorded run reaches that
// state, before its tasks are unwound.
func (ex *explorer) findBlocked(f *engine.Fault) {
	x := &ex.x
	ex.blocked = ex.blocked[:0]
	for _, t := range x.Live {
		if t.MayStay() || f.In != nil && t.Bubble != f.In || f.Amid != nil && !slices.Contains(f.Amid, t) {
			continue
		}
		s := blockedTask{Note: engine.Note{Task: t, TaskName: t.Name, Op: x.Verbs.Name(t.Op.Verb), Ref: x.Objects[t.Op.Obj].Ref, Where: t.Where()}}
		s.id, s.blame = idOf(s.Ref), blameOf(t)
		ex.blocked = append(ex.blocked, s)
	}
}
