package search

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// The clock of all steps before one can be counted from their tasks, and equals their joined clocks.
func TestClockOfAllBefore(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2)) // the same numbers each time
	for range 100 {
		const tasks, objects = 5, 3
		v := &View{TaskCount: tasks}
		var path []*node
		for j := range int32(40) {
			task := r.Int32N(tasks)
			s := Step{Task: task, FirstAccess: int32(len(v.Accesses))}
			if r.IntN(8) == 0 {
				s.After = r.Int32N(j + 1)
			}
			v.Accesses = append(v.Accesses, Access{Obj: r.Int32N(objects), Mode: hook.Access(r.IntN(2))})
			v.Steps = append(v.Steps, s)
			path = append(path, &node{transitions: []nodeTransition{{task: task, state: done}}})
		}
		var a analysis
		a.run(v, path)
		for range 20 { // in any order
			j := r.Int32N(int32(len(v.Steps)))
			want := make([]int32, tasks)
			for i := range j {
				join(want, a.at(i))
			}
			if j == 0 {
				continue
			}
			if got := a.allBefore(j); !slices.Equal(got, want) {
				t.Fatalf("before step %d: %v, not %v", j, got, want)
			}
		}
		for j, s := range v.Steps {
			if s.After > 0 && !a.before(s.After-1, a.at(int32(j))) {
				t.Fatalf("step %d comes after the first %d, but not after the last of these", j, s.After)
			}
		}
	}
}
