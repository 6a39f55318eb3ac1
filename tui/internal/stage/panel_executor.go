package stage

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// An executor is a workshop: tasks queue on the left, workers have numbered places in the middle, and results are on the right. A
// worker that waits for the result of a task of its own executor is tied to it by a line, since it occupies a place that the task
// may need.
type executorPanel struct{ *subject }

func (p executorPanel) title() []string { return []string{"Executor of " + strconv.Itoa(p.o.Workers)} }

func (p executorPanel) row() (string, cells.Style, []group) {
	var workers []seat
	for _, pl := range p.places() {
		workers = append(workers, seat{g: pl.g.ID, look: p.sc.Look(pl.g)})
	}
	state := fmt.Sprintf("%d queued, %d done", len(p.o.Tasks), p.o.Settled)
	return padded(state, len("10 queued, 10 done")), cells.StylePlain, []group{{sign: signInside, look: scene.LookHolding, seats: workers}}
}

// idle reports whether there are no tasks.
func (p executorPanel) idle() bool { return len(p.o.Queue)+len(p.o.Busy)+len(p.o.Tasks) == 0 }

func (p executorPanel) lay(r cells.Rect) {
	f := p.floor(r, 0, 0)
	p.label(f, f.at, "tasks")
	p.label(f, f.gate, "workers")
	p.label(f, f.through, "settled")
	places := p.places()
	ties := p.ties(places)
	ties = ties[:min(len(ties), cells.Clamp((f.at.W-10)/2, 1, maxTies))]
	at := p.tasks(f.at.Cols(0, f.at.W-len(ties)), len(ties) > 0)
	rows := p.workers(f.gate, places)
	for i, t := range ties {
		p.tie(f.gate.X, i, t, at, rows)
	}
	p.settled(f.through)
	p.onTheWay(f)
}

// beside returns the number of running tasks; the state says the rest.
func (p executorPanel) beside() string {
	s := fmt.Sprintf("%d running", len(p.o.Busy))
	if p.o.Closed {
		s = "shut down; " + s
	}
	return s
}

func (p executorPanel) sentence() (string, cells.Style) {
	tasks := wording.Plural(len(p.o.Tasks), "task") + " waiting"
	if len(p.o.Tasks) == 0 {
		tasks = "no task waiting"
	}
	s := fmt.Sprintf("%s; %d running; %d settled", tasks, len(p.o.Busy), p.o.Settled)
	if p.o.Closed {
		s = "shut down; " + s
	}
	return s, cells.StylePlain
}

// tasks lists the tasks that have not started, the next one first, with room for an arrow after them if they have ties. It returns
// where each ends; tasks that are only counted end at the line that counts them.
func (p executorPanel) tasks(r cells.Rect, tied bool) map[trace.ID]cells.Point {
	at := make(map[trace.ID]cells.Point, len(p.o.Tasks))
	room := r.W - 3
	if tied {
		room = r.W - 6
	}
	for i, id := range p.o.Tasks {
		if i >= r.H-1 && len(p.o.Tasks) > r.H {
			end := p.Text(r.X, r.Y+r.H-1, cells.Truncate(fmt.Sprintf("+%d more", len(p.o.Tasks)-r.H+1), room+2), cells.StyleDim)
			for _, id := range p.o.Tasks[i:] {
				at[id] = cells.Point{X: end, Y: r.Y + r.H - 1}
			}
			return at
		}
		p.Text(r.X, r.Y+i, "▸ ", cells.StyleDim)
		end := p.Fit(r.X+2, r.Y+i, room, p.sc.ObjectName(id), cells.StylePlain)
		if who := p.wanted(id); !tied && end+cells.Width(who) <= r.X+2+room {
			end = p.Text(end, r.Y+i, who, cells.StyleDim)
		}
		at[id] = cells.Point{X: end, Y: r.Y + i}
	}
	return at
}

// A place is a worker, and the task that it runs; 0 if none.
type place struct {
	g    *timeline.Goroutine
	task trace.ID
}

// places returns the workers in order of appearance: goroutines that run a task, wait for one, or have just finished one.
func (p executorPanel) places() []place {
	var places []place
	for _, g := range p.sc.State.Goroutines() {
		if g.Status == timeline.StatusEnded {
			continue
		}
		i := slices.IndexFunc(p.o.Busy, func(h timeline.Hold) bool { return h.G == g.ID })
		switch last := p.sc.State.Object(g.Last.Obj); {
		case i >= 0:
			places = append(places, place{g, p.o.Busy[i].Obj})
		case g.For == p.o.ID && g.Verb == "next", g.Last.Obj == p.o.ID && g.Last.Kind == trace.KindResume,
			last != nil && last.Parent == p.o.ID && last.Worker == g.ID:
			places = append(places, place{g, 0})
		}
	}
	return places
}

// workers seats the workers, each with its task, and leaves the other places empty. It returns the line of each.
func (p executorPanel) workers(r cells.Rect, places []place) map[int64]int {
	n := max(p.o.Workers, len(places))
	if p.o.Closed && len(places) == 0 && len(p.o.Tasks) == 0 {
		p.Text(r.X, r.Y, cells.Truncate("all exited", r.W), cells.StyleDim)
		return nil
	}
	seats := make([]seat, len(places), max(len(places), min(n, r.H)))
	for i, pl := range places {
		s := seat{g: pl.g.ID, look: p.sc.Look(pl.g), note: "idle"}
		if pl.task != 0 {
			s.note = p.sc.ObjectName(pl.task)
			if pl.g.Status == timeline.StatusWaiting && pl.g.For != p.o.ID {
				s.note = "wants " + p.sc.ObjectName(pl.g.For)
			}
		}
		seats[i] = s
	}
	rows := make(map[int64]int, len(places))
	if n > r.H { // no room for a line for each
		p.seat(r, p.o.ID, seats, seating{empty: n - len(places)})
		return rows
	}
	seats = seats[:n]
	pitch := 1
	if r.W < 30 && 2*n <= r.H { // notes go below
		pitch = 2
	}
	for i, s := range seats {
		y := r.Y + i*pitch
		number := strconv.Itoa(i + 1)
		p.Text(r.X, y, number, cells.StyleDim)
		w := r.W - cells.Width(number) - 1
		room := w - 2 // for the note
		if pitch == 1 {
			room -= cells.Width(p.sc.Name(s.g)) + 1
		}
		if i < len(places) && s.look != scene.LookWaiting {
			if who := p.wanted(places[i].task); cells.Width(s.note)+cells.Width(who) <= room {
				s.note += who
			}
		}
		p.sit(r.X+cells.Width(number)+1, y, w, 1, p.o.ID, s)
		if s.g != 0 {
			rows[s.g] = y
			p.Tokens[len(p.Tokens)-1].under = pitch == 2
		}
	}
	return rows
}

// wanted names the goroutines that wait for the result of task id, as in " for main". Workers have ties instead.
func (p executorPanel) wanted(id trace.ID) string {
	o := p.sc.State.Object(id)
	if o == nil || len(o.Queue) == 0 || slices.ContainsFunc(p.o.Busy, func(h timeline.Hold) bool { return h.G == o.Queue[0] }) {
		return ""
	}
	who := " for " + p.sc.Name(o.Queue[0])
	if more := len(o.Queue) - 1; more > 0 {
		who += " +" + strconv.Itoa(more)
	}
	return who
}

// A tie connects a worker to a task of its own executor that it waits for. The task is queued, or runs at another worker, or at
// the same one.
type tie struct {
	worker, at int64 // at is the worker that runs the task; 0 if none
	task       trace.ID
	st         cells.Style
}

// maxTies is the maximum number of ties drawn; more would be indistinguishable. If there is little room there are fewer, and
// words replace them.
const maxTies = 4

func (p executorPanel) ties(places []place) []tie {
	var ties []tie
	for _, pl := range places {
		o := p.sc.State.Object(pl.g.For)
		if pl.g.Status != timeline.StatusWaiting || o == nil || o.Parent != p.o.ID || o.Progress > timeline.ProgressRunning {
			continue
		}
		t := tie{worker: pl.g.ID, task: o.ID, st: cells.StyleWaiting}
		if o.Progress == timeline.ProgressRunning {
			t.at = o.Worker
		}
		if p.sc.StuckIn(pl.g.ID) {
			t.st = cells.StyleTrouble
		}
		ties = append(ties, t)
	}
	return ties
}

// tie draws tie number i: a line from the worker to its task, to the left of the places, which begin at column gate.
func (p executorPanel) tie(gate, i int, t tie, tasks map[trace.ID]cells.Point, rows map[int64]int) {
	y, ok := rows[t.worker]
	to, queued := tasks[t.task]
	row, runs := rows[t.at]
	if !ok || !queued && (!runs || row == y) {
		return
	}
	gate-- // a gap before their numbers
	x := gate - 2 - i
	corners := [...]string{"╰", "╮", "╭"} // at the worker; at a task to the left; at one to the right
	if !queued {
		to.Y = row
	}
	if to.Y > y {
		corners = [...]string{"╭", "╯", "╰"}
	}
	for v := min(y, to.Y) + 1; v < max(y, to.Y); v++ {
		p.Cross(x, v, "│", "─", t.st)
	}
	p.Text(x, y, corners[0], t.st)
	for h := x + 1; h < gate; h++ {
		p.Cross(h, y, "─", "│", t.st)
	}
	switch {
	case !queued:
		p.Text(x, to.Y, corners[2], t.st)
		p.Repeat(x+1, to.Y, gate-2-x, "─", t.st)
		p.Text(gate-1, to.Y, "→", t.st)
		return
	case to.Y == y:
		p.Text(x, y, "─", t.st)
	default:
		p.Text(x, to.Y, corners[1], t.st)
	}
	p.Text(to.X+1, to.Y, "←", t.st)
	p.Repeat(to.X+2, to.Y, x-to.X-2, "─", t.st)
}

// settled lists the settled futures, the latest first.
func (p executorPanel) settled(r cells.Rect) {
	y := r.Y
	futures := p.sc.State.Children(p.o.ID)
	futures = slices.DeleteFunc(slices.Clone(futures), func(o *timeline.Object) bool { return o.Progress <= timeline.ProgressRunning })
	slices.Reverse(futures)
	for i, o := range futures {
		left := r.Y + r.H - y
		if left <= 0 {
			break
		}
		y += p.outcome(cells.Area(r.X, y, r.W, max(1, left-(len(futures)-1-i))), o)
	}
}
