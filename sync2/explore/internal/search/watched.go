package search

// A Watched strategy runs a program much as it would run by itself: the running task continues, but not forever while
// others can run too. It counts the steps at which it had a choice.
type Watched struct {
	choices int
	row     int   // the number of steps in a row
	of      int32 // were of this task
}

// NewWatched returns a strategy that takes the default transitions, and gives every task a turn.
func NewWatched() *Watched { return new(Watched) }

// Choices returns the number of steps at which there was more than one transition.
func (w *Watched) Choices() int { return w.choices }

// patience is the maximum number of steps in a row of one task while others can run.
const patience = 200

// Begin implements [Strategy].
func (w *Watched) Begin() bool {
	*w = Watched{of: -1}
	return true
}

// Choose implements [Strategy].
func (w *Watched) Choose(v *View) int {
	n := len(v.Transitions)
	if n == 1 {
		w.count(v.Transitions[0].Task)
		return 0
	}
	w.choices++
	i := v.Default
	if w.row >= patience && v.Transitions[i].Task == w.of {
		for k := 1; k < n; k++ { // the next task
			if j := (i + k) % n; v.Transitions[j].Task != w.of {
				i = j
				break
			}
		}
	}
	w.count(v.Transitions[i].Task)
	return i
}

// Blind implements [Blind].
func (w *Watched) Blind(v *View, _ int, _ bool) bool {
	if w.of != v.Last {
		w.of, w.row = v.Last, 1
	}
	if w.row >= patience {
		return false
	}
	w.row++
	w.choices++
	return true
}

func (w *Watched) count(task int32) {
	if w.of != task {
		w.of, w.row = task, 0
	}
	w.row++
}

// End implements [Strategy].
func (*Watched) End(*View) {}

// Fair implements [Strategy].
func (*Watched) Fair() bool { return true }
