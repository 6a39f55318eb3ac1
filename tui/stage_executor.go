package tui

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// An executor is a workshop: tasks queue at the left, the workers have numbered places in the middle, and what became
// of the tasks stands at the right. A worker that waits for the result of a task of its own workshop is tied to it by a
// line: it occupies a place that the task may need.

func (d *drawing) executor(r cells.Rect) {
	f := d.floor(r, 0, 0)
	d.label(f, f.at, "tasks")
	d.label(f, f.gate, "workers")
	d.label(f, f.through, "settled")
	places := d.places()
	ties := d.ties(places)
	ties = ties[:min(len(ties), clamp((f.at.W-10)/2, 1, maxTies))]
	at := d.tasks(f.at.Cols(0, f.at.W-len(ties)), len(ties) > 0)
	rows := d.workers(f.gate, places)
	if d.c != nil {
		for i, t := range ties {
			d.tie(f.gate.X, i, t, at, rows)
		}
		d.settled(f.through)
	}
	d.onTheWay(f)
	tasks := plural(len(d.o.Tasks), "task") + " waiting"
	if len(d.o.Tasks) == 0 {
		tasks = "no task waiting"
	}
	s := fmt.Sprintf("%s; %d running; %d settled", tasks, len(d.o.Busy), d.o.Settled)
	if d.o.Closed {
		s = "shut down; " + s
	}
	d.caption(f, r, s, cells.Plain)
}

// tasks lists the tasks that have not started, the next one first, with room for an arrow behind them if they are tied.
// It returns where each ends, those for which there is no room at the line that counts them.
func (d *drawing) tasks(r cells.Rect, tied bool) map[trace.ID]point {
	at := make(map[trace.ID]point, len(d.o.Tasks))
	room := r.W - 3
	if tied {
		room = r.W - 6
	}
	for i, id := range d.o.Tasks {
		if i >= r.H-1 && len(d.o.Tasks) > r.H {
			end := d.c.Text(r.X, r.Y+r.H-1, cells.Truncate(fmt.Sprintf("… %d more", len(d.o.Tasks)-r.H+1), room+2), cells.Dim)
			for _, id := range d.o.Tasks[i:] {
				at[id] = point{end, r.Y + r.H - 1}
			}
			return at
		}
		d.c.Text(r.X, r.Y+i, "▸ ", cells.Dim)
		end := d.c.Fit(r.X+2, r.Y+i, room, d.sc.objName(id), cells.Plain)
		if who := d.wanted(id); !tied && end+cells.Width(who) <= r.X+2+room {
			end = d.c.Text(end, r.Y+i, who, cells.Dim)
		}
		at[id] = point{end, r.Y + i}
	}
	return at
}

// A place is that of a worker, and the task that it runs, 0 if none.
type place struct {
	g    *timeline.Goroutine
	task trace.ID
}

// places returns the workers in the order in which they came: who runs a task, and who waits for one or has just done one.
func (d *drawing) places() []place {
	var places []place
	for _, g := range d.sc.s.Goroutines() {
		if g.Status == timeline.Ended {
			continue
		}
		i := slices.IndexFunc(d.o.Busy, func(h timeline.Hold) bool { return h.G == g.ID })
		switch last := d.sc.s.Object(g.Last.Obj); {
		case i >= 0:
			places = append(places, place{g, d.o.Busy[i].Obj})
		case g.For == d.o.ID && g.Verb == "next", g.Last.Obj == d.o.ID && g.Last.Kind == trace.KindResume,
			last != nil && last.Parent == d.o.ID && last.Worker == g.ID:
			places = append(places, place{g, 0})
		}
	}
	return places
}

// workers seats those who have a place, each with its task, and leaves the other places empty. It returns the line of each.
func (d *drawing) workers(r cells.Rect, places []place) map[int64]int {
	n := max(d.o.Workers, len(places))
	if d.o.Closed && len(places) == 0 && len(d.o.Tasks) == 0 {
		d.c.Text(r.X, r.Y, cells.Truncate("all have gone", r.W), cells.Dim)
		return nil
	}
	seats := make([]seat, len(places), max(len(places), min(n, r.H)))
	for i, p := range places {
		s := seat{g: p.g.ID, look: d.sc.look(p.g), note: "idle"}
		if p.task != 0 {
			s.note = d.sc.objName(p.task)
			if p.g.Status == timeline.Waiting && p.g.For != d.o.ID {
				s.note = "wants " + d.sc.objName(p.g.For)
			}
		}
		seats[i] = s
	}
	rows := make(map[int64]int, len(places))
	if n > r.H { // no room for a line each
		d.seat(r, d.o.ID, seats, seating{empty: n - len(places)})
		return rows
	}
	seats = seats[:n]
	pitch := 1
	if r.W < 30 && 2*n <= r.H { // the notes go below
		pitch = 2
	}
	for i, s := range seats {
		y := r.Y + i*pitch
		number := strconv.Itoa(i + 1)
		d.c.Text(r.X, y, number, cells.Dim)
		w := r.W - cells.Width(number) - 1
		room := w - 2 // for the note
		if pitch == 1 {
			room -= cells.Width(d.sc.name(s.g)) + 1
		}
		if i < len(places) && s.look != isWaiting {
			if who := d.wanted(places[i].task); cells.Width(s.note)+cells.Width(who) <= room {
				s.note += who
			}
		}
		d.sit(r.X+cells.Width(number)+1, y, w, 1, d.o.ID, s)
		if s.g != 0 {
			rows[s.g] = y
			d.tokens[len(d.tokens)-1].under = pitch == 2
		}
	}
	return rows
}

// wanted returns for whom task id is: " for main" if somebody waits for its result. Workers are tied to what they wait for.
func (d *drawing) wanted(id trace.ID) string {
	o := d.sc.s.Object(id)
	if o == nil || len(o.Queue) == 0 || slices.ContainsFunc(d.o.Busy, func(h timeline.Hold) bool { return h.G == o.Queue[0] }) {
		return ""
	}
	who := " for " + d.sc.name(o.Queue[0])
	if more := len(o.Queue) - 1; more > 0 {
		who += " +" + strconv.Itoa(more)
	}
	return who
}

// A tie is between a worker and a task of its own executor that it waits for. The task is queued, or runs at another
// worker, or at this one.
type tie struct {
	worker, at int64 // at: who runs the task, 0 if nobody does
	task       trace.ID
	st         cells.Style
}

// maxTies is how many ties are drawn at most; more could not be told apart. Where there is little room there are fewer,
// and the words have to do.
const maxTies = 4

func (d *drawing) ties(places []place) []tie {
	var ties []tie
	for _, p := range places {
		o := d.sc.s.Object(p.g.For)
		if p.g.Status != timeline.Waiting || o == nil || o.Parent != d.o.ID || o.Progress > timeline.InProgress {
			continue
		}
		t := tie{worker: p.g.ID, task: o.ID, st: cells.Waiting}
		if o.Progress == timeline.InProgress {
			t.at = o.Worker
		}
		if d.sc.stuckIn(p.g.ID) {
			t.st = cells.Trouble
		}
		ties = append(ties, t)
	}
	return ties
}

// tie draws tie number i: a line from the worker to its task, left of the places, which begin at column gate.
func (d *drawing) tie(gate, i int, t tie, tasks map[trace.ID]point, rows map[int64]int) {
	y, ok := rows[t.worker]
	to, queued := tasks[t.task]
	row, runs := rows[t.at]
	if !ok || !queued && (!runs || row == y) {
		return
	}
	gate-- // apart from their numbers
	x := gate - 2 - i
	corners := [...]string{"╰", "╮", "╭"} // at the worker, at a task to the left, at one to the right
	if !queued {
		to.y = row
	}
	if to.y > y {
		corners = [...]string{"╭", "╯", "╰"}
	}
	for v := min(y, to.y) + 1; v < max(y, to.y); v++ {
		d.c.Cross(x, v, "│", "─", t.st)
	}
	d.c.Text(x, y, corners[0], t.st)
	for h := x + 1; h < gate; h++ {
		d.c.Cross(h, y, "─", "│", t.st)
	}
	switch {
	case !queued:
		d.c.Text(x, to.y, corners[2], t.st)
		d.c.Repeat(x+1, to.y, gate-2-x, "─", t.st)
		d.c.Text(gate-1, to.y, "→", t.st)
		return
	case to.y == y:
		d.c.Text(x, y, "─", t.st)
	default:
		d.c.Text(x, to.y, corners[1], t.st)
	}
	d.c.Text(to.x+1, to.y, "←", t.st)
	d.c.Repeat(to.x+2, to.y, x-to.x-2, "─", t.st)
}

// settled lists what became of the futures, the latest first.
func (d *drawing) settled(r cells.Rect) {
	y := r.Y
	futures := d.sc.s.Children(d.o.ID)
	for i := len(futures) - 1; i >= 0 && y < r.Y+r.H; i-- {
		o := futures[i]
		if o.Progress > timeline.InProgress {
			d.outcome(cells.Area(r.X, y, r.W, 1), o)
			y++
		}
	}
}

// waitWords returns "nobody waits", "one waits", "two wait".
func waitWords(n int) string {
	switch n {
	case 0:
		return "nobody waits"
	case 1:
		return "one waits"
	default:
		return number(n) + " wait"
	}
}
