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
	// maxLag is the lag behind the live end beyond which a following player speeds up.
	maxLag = 600 * time.Millisecond
	// catchUp is the increase in speed for each second of lag beyond maxLag.
	catchUp = 4.0
)

// A player plays a recording. Its methods modify only the player and do no I/O.
type player struct {
	title    string
	name     string // the scenario's; "" for a recording
	params   map[string]string
	lookFor  string
	expects  string // the bug that the scenario has; "" if none
	hints    bool   // there are hints to the bug
	note     string // a remark about the recording
	making   string // what is being prepared until the first event arrives; "" if nothing
	recorded bool
	watched  bool          // it is a program being watched, whose outcome is unknown
	came     int           // events since rate was computed
	since    time.Duration // the time since then
	rate     int           // recent events per second

	rec     *scene.Recording
	live    bool  // more events may arrive
	err     error // why the scenario failed, once it has ended
	pos     time.Duration
	ease    time.Duration
	easing  bool          // a step is being animated: ease grows
	back    int           // the event from which a step back leads here; 0: there was none
	liveEnd time.Duration // the live end, on play time
	playing bool
	follow  bool
	speed   float64
	still   bool // reduced motion

	prompt   *prompt // nil if nothing is being typed
	finder   *finder // the last search; nil if there was none
	marks    []int   // marked events, in ascending order
	code     bool    // toggles whether the source is shown
	codeIs   bool    // whether the source had an area of its own when last drawn
	narrow   bool    // whether the list was not beside the stage when last drawn
	stats    stats.Tables
	counting bool   // the statistics are shown
	say      string // the response to the last key

	program  string  // the program that the recording is of; "" if unknown
	asked    bool    // drivable is known
	drivable bool    // the program or scenario can be driven
	beneath  *player // the recording to return to after driving; nil: none

	canExport bool // the view can be exported to a file

	projector bool        // show the stage alone, for a large room
	driven    *driveState // nil unless the user drives
	sandbox   *sandboxUI  // nil unless it is a sandbox
	last      bool        // leaving the player ends the program
	page      bool        // it is drawn for an HTML page, which has its own controls

	pane     pane
	curG     int64
	curO     trace.ID
	focus    scene.Focus
	drag     bool // the playhead follows the mouse
	dragOver bool // it is the playhead in the overview of the timeline

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
	return &player{title: title, rec: scene.NewRecording(), playing: true, speed: speed, still: still, pane: onList}
}

// open loads a recording into p, which must be new.
func (p *player) open(ctx context.Context, pb *Playback) error {
	p.recorded, p.note, p.err, p.program = true, pb.Note, pb.Err, pb.Program
	if n := len(pb.Events); p.program == "" && n > 0 && pb.Events[0].Kind == trace.KindBegin {
		p.program = pb.Events[0].Text
	}
	if pb.start != nil {
		p.rec = scene.NewRecordingFrom(pb.start)
	}
	p.playing, p.rec.Even = !pb.Step, pb.Step
	err := p.rec.Load(ctx, pb.Events)
	p.liveEnd = p.rec.Clock().End()
	return err
}

// add appends new events.
func (p *player) add(events []trace.Event) {
	p.rec.Add(events)
	p.replaceRecording()
	p.foresee()
	p.came += len(events)
	p.liveEnd = max(p.liveEnd, p.rec.Clock().End())
}

// finish notes that no more events will arrive, and how the scenario ended.
func (p *player) finish(err error) {
	p.live, p.err = false, err
	p.rec.KeepAll()
	p.liveEnd = p.rec.Clock().End()
	p.pos = min(p.pos, p.liveEnd)
}

// end returns the largest position of the playhead.
func (p *player) end() time.Duration {
	if p.live {
		return max(p.liveEnd, p.rec.Clock().End())
	}
	return p.rec.Clock().End()
}

// atEnd reports whether everything has been played and no more events will arrive.
func (p *player) atEnd() bool { return !p.live && p.pos >= p.end() && !p.playing }

// moving reports whether the screen changes by itself.
func (p *player) moving() bool {
	return p.playing || p.easing || p.driven != nil && p.driven.stop != nil
}

// advance advances the player by dt of real time.
func (p *player) advance(dt time.Duration) {
	if p.live {
		p.liveEnd += dt
		if p.since += dt; p.since >= time.Second {
			p.rate, p.came, p.since = int(float64(p.came)/p.since.Seconds()+0.5), 0, 0
		}
	}
	if p.driven != nil {
		p.driven.since += dt
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

// seek moves the playhead to pos, with all tokens at rest.
func (p *player) seek(pos time.Duration) {
	p.pos = max(0, min(pos, p.end()))
	p.ease, p.easing, p.back, p.follow = stage.SlideFor, false, 0, false
}

// playFromStart plays everything again.
func (p *player) playFromStart() {
	p.seek(0)
	p.playing = true
}

// step moves the playhead by one event and pauses.
func (p *player) step(forth bool) {
	k := p.rec.Clock()
	n := k.Count(p.pos)
	p.playing, p.follow = false, false
	if !forth {
		p.seek(k.PosOf(p.rec.Previous(n)))
		p.ease, p.easing, p.back = 0, true, n
		return
	}
	if m := p.rec.Next(n); m > 0 {
		p.pos, p.ease, p.easing, p.back = k.PosOf(m), 0, true, 0
	}
}

// toggle pauses or resumes; at the end, it starts over.
func (p *player) toggle() {
	if p.atEnd() {
		p.seek(0)
	}
	p.playing = !p.playing
	if !p.playing { // tokens finish sliding
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

// evenSteps switches between recorded time and even steps. The playhead stays at its event.
func (p *player) evenSteps() {
	n := p.rec.Clock().Count(p.pos)
	rest := p.pos - p.rec.Clock().PosOf(n)
	k := p.rec.SetEven(!p.rec.Even)
	p.pos = p.landed(k, n, rest)
	p.liveEnd = k.End()
	p.slider = stage.Slider{}
}

// followLive continues from the live end, or goes to the last event of a recording.
func (p *player) followLive() {
	p.playing, p.follow = true, p.live
	if !p.live {
		p.seek(p.end())
		p.playing = false
	}
}
