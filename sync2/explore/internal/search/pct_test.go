package search

import "testing"

// In long runs every other PCT schedule lets families of tasks, those started by one task, end one after another, the
// members of each in any order, and the main task last.
func TestPCTFamilies(t *testing.T) {
	const families, members = 100, 3
	began := make(map[int32]bool) // families that the task began that has started the others
	for seed := range uint64(20) {
		p := NewPCTFor(unfairFor+1, seed, 1)
		p.Begin()
		over := make([]bool, 1+families*(1+members))
		// The main task starts 0, 1, … of families, and each of these starts its members.
		v := &View{TaskCount: len(over), Parent: func(task int32) int32 {
			switch {
			case task == 0:
				return -1
			case task <= families:
				return 0
			}
			return (task-1-families)/members + 1
		}}
		family := func(task int32) int32 {
			if up := v.Parent(task); up > 0 {
				return up
			}
			return task
		}
		var order []int32
		for len(order) < len(over) {
			v.Transitions = v.Transitions[:0]
			for task, is := range over {
				if !is {
					v.Transitions = append(v.Transitions, Transition{Task: int32(task)})
				}
			}
			task := v.Transitions[p.Choose(v)].Task
			over[task] = true
			order = append(order, task)
		}
		if last := order[len(order)-1]; last != 0 {
			t.Fatalf("seed %d: task %d came last, not the main task", seed, last)
		}
		for i := range families {
			of := order[i*(1+members) : (i+1)*(1+members)]
			for _, task := range of {
				if family(task) != family(of[0]) {
					t.Fatalf("seed %d: the families of %v are not one", seed, of)
				}
			}
			if of[0] == family(of[0]) {
				began[of[0]] = true
			}
		}
	}
	if n := len(began); n < families/2 {
		t.Errorf("%d of %d families began with the task that has started the others, in 20 schedules", n, families)
	}
}
