package tui

import (
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/lanes"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
	"github.com/turnstile-go/turnstile/tui/internal/stats"
)

// speeds are the steps of + and −.
var speeds = [...]float64{0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100}

const (
	// maxLag is by how much a player that follows the live end may be behind before it goes faster than its speed.
	maxLag = 600 * time.Millisecond
	// catchUp is how much faster it then goes, for each second.
	catchUp = 4.0
)

// A player shows a reel. Its methods change nothing but the player and do no I/O.
type player struct {
	title    string
	name     string // of the scenario; "" for a recording
	params   map[string]string
	lookFor  string
	expects  string // the bug that the scenario holds, "" if none
	hints    bool   // … to which there are hints
	note     string // a remark about the recording
	making   string // what is done until the first event comes, "" if nothing
	recorded bool
	watched  bool          // it is a program's, of which nobody knows what comes of it
	came     int           // events since rate was found
	since    time.Duration // … how long ago
	rate     int           // events a second of late

	reel    *scene.Reel
	live    bool  // events may still come
	err     error // why the scenario failed, once it ended
	pos     time.Duration
	ease    time.Duration
	easing  bool          // a step is being shown: ease grows
	back    int           // … which led back from this event; 0: it did not
	liveEnd time.Duration // how far live time has come, on play time
	playing bool
	follow  bool
	speed   float64
	still   bool // reduced motion

	prompt   *prompt // what the user types, nil if nothing
	finder   *finder // what was looked for last, nil if nothing was
	marks    []int   // the events that are marked, in ascending order
	code     bool    // the source is shown where it is not by itself, and not where it is
	stats    stats.Tables
	counting bool   // they are shown
	say      string // what the last key has to say

	program  string  // what the recording is of, as it tells; "" if it does not
	asked    bool    // it is known whether it can be driven
	drivable bool    // … and it can
	beneath  *player // the recording from which it was begun to drive, which leaving leads to; nil: none

	canExport bool // what is seen can be written into a file

	projector bool   // the stage alone, for a large room
	helm      *helm  // nil unless the user drives
	bench     *bench // nil unless it is a sandbox
	last      bool   // leaving it ends the program
	page      bool   // it is drawn for a page, which has controls of its own

	pane     pane
	curG     int64
	curO     trace.ID
	focus    scene.Focus
	drag     bool // the playhead follows the mouse
	dragOver bool // … in the overview of the timeline

	slider stage.Slider
	list   list
	lanes  lanes.Lanes
	graph  graph
	log    log
	hits   []hit
	shown  []stage.Spot

	buttons []button
}

// newPlayer returns a player that plays from the beginning.
func newPlayer(title string, speed float64, still bool) *player {
	if speed <= 0 {
		speed = 1
	}
	return &player{title: title, reel: scene.NewReel(), playing: true, speed: speed, still: still, pane: onList}
}

// open makes the player, which is new, show a recording.
func (p *player) open(ctx context.Context, pb *Playback) error {
	p.recorded, p.note, p.err, p.program = true, pb.Note, pb.Err, pb.Program
	if n := len(pb.Events); p.program == "" && n > 0 && pb.Events[0].Kind == trace.KindBegin {
		p.program = pb.Events[0].Text
	}
	if pb.start != nil {
		p.reel = scene.NewReelFrom(pb.start)
	}
	p.playing, p.reel.Even = !pb.Step, pb.Step
	err := p.reel.Load(ctx, pb.Events)
	p.liveEnd = p.reel.Clock().End()
	return err
}

// add appends events that came in.
func (p *player) add(events []trace.Event) {
	p.reel.Add(events)
	p.inherit()
	p.foresee()
	p.came += len(events)
	p.liveEnd = max(p.liveEnd, p.reel.Clock().End())
}

// finish says that no more events will come, and how the scenario ended.
func (p *player) finish(err error) {
	p.live, p.err = false, err
	p.reel.KeepAll()
	p.liveEnd = p.reel.Clock().End()
	p.pos = min(p.pos, p.liveEnd)
}

// end returns how far the playhead can go.
func (p *player) end() time.Duration {
	if p.live {
		return max(p.liveEnd, p.reel.Clock().End())
	}
	return p.reel.Clock().End()
}

// atEnd reports whether all has been played and nothing more will come.
func (p *player) atEnd() bool { return !p.live && p.pos >= p.end() && !p.playing }

// moving reports whether the picture changes by itself.
func (p *player) moving() bool {
	return p.playing || p.easing || p.helm != nil && p.helm.stop != nil
}

// advance moves on by dt of real time.
func (p *player) advance(dt time.Duration) {
	if p.live {
		p.liveEnd += dt
		if p.since += dt; p.since >= time.Second {
			p.rate, p.came, p.since = int(float64(p.came)/p.since.Seconds()+0.5), 0, 0
		}
	}
	if p.helm != nil {
		p.helm.since += dt
	}
	if p.easing {
		if p.ease += time.Duration(int64(min(dt, stage.LandFor)) * int64(stage.SlideFor) / int64(stage.LandFor)); p.ease >= stage.SlideFor || p.still {
			p.ease, p.easing, p.back = stage.SlideFor, false, 0
		}
	}
	if !p.playing {
		return
	}
	p.back = 0
	end := p.end()
	v := p.speed
	if lag := end - p.pos; p.follow && lag > maxLag {
		v += (lag - maxLag).Seconds() * catchUp
	}
	d := time.Duration(float64(dt) * v)
	if !p.easing {
		p.ease = max(0, p.ease-d)
	}
	p.pos += d
	if p.pos < end {
		return
	}
	p.pos = end
	if !p.live {
		p.playing, p.follow, p.easing = false, false, true
	}
}

// seek moves the playhead to pos, where everything has come to rest.
func (p *player) seek(pos time.Duration) {
	p.pos = max(0, min(pos, p.end()))
	p.ease, p.easing, p.back, p.follow = stage.SlideFor, false, 0, false
}

// step moves by one event, and stops there.
func (p *player) step(forth bool) {
	k := p.reel.Clock()
	n := k.Count(p.pos)
	p.playing, p.follow = false, false
	if !forth {
		p.seek(k.PosOf(p.reel.Previous(n)))
		p.ease, p.easing, p.back = 0, true, n
		return
	}
	if m := p.reel.Next(n); m > 0 {
		p.pos, p.ease, p.easing, p.back = k.PosOf(m), 0, true, 0
	}
}

// toggle pauses and goes on; at the end it starts from the beginning.
func (p *player) toggle() {
	if p.atEnd() {
		p.seek(0)
	}
	p.playing = !p.playing
	if !p.playing { // what is on its way lands
		p.follow, p.easing = false, true
	}
}

// faster changes the speed by n steps.
func (p *player) faster(n int) {
	i := 0
	for i < len(speeds)-1 && speeds[i] < p.speed {
		i++
	}
	p.speed = speeds[cells.Clamp(i+n, 0, len(speeds)-1)]
}

// evenSteps changes between recorded time and even steps, and stays at the event it is at.
func (p *player) evenSteps() {
	n := p.reel.Clock().Count(p.pos)
	rest := p.pos - p.reel.Clock().PosOf(n)
	k := p.reel.SetEven(!p.reel.Even)
	p.pos = p.landed(k, n, rest)
	p.liveEnd = k.End()
	p.slider = stage.Slider{}
}

// followLive goes on at the live end, or at the last event.
func (p *player) followLive() {
	p.playing, p.follow = true, p.live
	if !p.live {
		p.seek(p.end())
		p.playing = false
	}
}
