package tui

import (
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
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
	recorded bool

	reel    *reel
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

	pane  pane
	curG  int64
	curO  trace.ID
	focus focus
	drag  bool

	slider slider
	list   list
	lanes  lanes
	log    log
	hits   []hit
	shown  []panel
}

// newPlayer returns a player that plays from the beginning.
func newPlayer(title string, speed float64, still bool) *player {
	if speed <= 0 {
		speed = 1
	}
	return &player{title: title, reel: newReel(), playing: true, speed: speed, still: still, pane: onList}
}

// open makes the player show a recording.
func (p *player) open(pb *Playback) {
	p.recorded, p.note, p.err = true, pb.Note, pb.Err
	p.add(pb.Events)
}

// add appends events that came in.
func (p *player) add(events []trace.Event) {
	p.reel.add(events)
	p.liveEnd = max(p.liveEnd, p.reel.clock().end())
}

// finish says that no more events will come, and how the scenario ended.
func (p *player) finish(err error) {
	p.live, p.err = false, err
	p.liveEnd = p.reel.clock().end()
	p.pos = min(p.pos, p.liveEnd)
}

// end returns how far the playhead can go.
func (p *player) end() time.Duration {
	if p.live {
		return max(p.liveEnd, p.reel.clock().end())
	}
	return p.reel.clock().end()
}

// atEnd reports whether all has been played and nothing more will come.
func (p *player) atEnd() bool { return !p.live && p.pos >= p.end() && !p.playing }

// moving reports whether the picture changes by itself.
func (p *player) moving() bool { return p.playing || p.easing }

// advance moves on by dt of real time.
func (p *player) advance(dt time.Duration) {
	if p.live {
		p.liveEnd += dt
	}
	if p.easing {
		if p.ease += dt; p.ease >= slideFor || p.still {
			p.ease, p.easing, p.back = slideFor, false, 0
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
	p.ease, p.easing, p.back, p.follow = slideFor, false, 0, false
}

// step moves by one event, and stops there.
func (p *player) step(forth bool) {
	k := p.reel.clock()
	n := k.count(p.pos)
	p.playing, p.follow = false, false
	if !forth {
		p.seek(k.posOf(p.reel.previous(n)))
		p.ease, p.easing, p.back = 0, true, n
		return
	}
	if m := p.reel.next(n); m > 0 {
		p.pos, p.ease, p.easing, p.back = k.posOf(m), 0, true, 0
	}
}

// toggle pauses and goes on; at the end it starts from the beginning.
func (p *player) toggle() {
	if p.atEnd() {
		p.seek(0)
	}
	p.playing = !p.playing
	if !p.playing {
		p.follow = false
	}
}

// faster changes the speed by n steps.
func (p *player) faster(n int) {
	i := 0
	for i < len(speeds)-1 && speeds[i] < p.speed {
		i++
	}
	p.speed = speeds[clamp(i+n, 0, len(speeds)-1)]
}

// evenSteps changes between recorded time and even steps, and stays at the event it is at.
func (p *player) evenSteps() {
	n := p.reel.clock().count(p.pos)
	rest := p.pos - p.reel.clock().posOf(n)
	p.reel.even = !p.reel.even
	k := p.reel.clock()
	p.pos = k.posOf(n)
	if n < p.reel.len() {
		p.pos = min(p.pos+rest, k.posOf(n+1)-1)
	}
	p.liveEnd = k.end()
	p.slider = slider{}
}

// followLive goes on at the live end, or at the end of what there is.
func (p *player) followLive() {
	p.playing, p.follow = true, p.live
	if !p.live {
		p.seek(p.end())
		p.playing = false
	}
}

// scene returns what there is to see now.
func (p *player) scene() *scene {
	sc := p.reel.scene(p.pos, p.ease)
	sc.still, sc.focus, sc.back = p.still, p.focus, p.back
	if !p.live {
		sc.now = min(sc.now, p.reel.tl.End())
	}
	return sc
}

// draw draws the player on all of c.
func (p *player) draw(c *canvas, footerText string, footerStyle style) {
	sc := p.scene()
	all := p.reel.tl.Now() // so that the panels keep their sizes while it plays
	pl := planFor(c.w, c.h, len(all.Goroutines()), len(all.Objects()))
	p.hits = p.hits[:0]
	p.head(sc).draw(c, pl.header)
	p.drawStage(c, sc, pl)

	p.list.active, p.list.cursor = p.pane == onList, p.curG
	p.list.next, p.list.look = p.nextWords(sc), clean(p.lookFor)
	p.hits = p.list.draw(c, sc, pl.list, pl.wide, p.hits)
	p.lanes.active, p.lanes.cursor, p.lanes.live = p.pane == onLanes, p.curG, p.live
	p.hits = p.lanes.draw(c, sc, pl.lanes, p.hits)
	p.log.active = p.pane == onLog
	p.hits = p.log.draw(c, sc, &p.reel.tl, pl.log, pl.log.h > 1, p.hits)

	keys := playerKeys(p.playing, p.hints)
	if footerText == "" {
		if footerText, footerStyle = p.verdict(sc, c.w-30); footerText != "" && !p.live {
			keys = endedKeys(p.hints)
		}
	}
	footer(c, pl.footer, keys, footerText, footerStyle)
}

func (p *player) drawStage(c *canvas, sc *scene, pl plan) {
	cursor := trace.ID(0)
	if p.pane == onStage {
		cursor = p.curO
	}
	p.hits = append(p.hits, hit{r: pl.stage, pane: onStage})
	st := p.slider.drawStage(c, sc, pl.stage, cursor, p.reel.tl.At)
	p.shown = append(p.shown[:0], st.panels...)
	for _, pn := range st.panels {
		p.hits = append(p.hits, hit{r: pn.r, pane: onStage, obj: pn.obj})
	}
	for i := range st.tokens {
		t := &st.tokens[i]
		p.hits = append(p.hits, hit{r: rect{t.x, t.y, t.w, t.h}, pane: onStage, g: t.g})
	}
}

// nextWords says what the next event is, as far as it has come in.
func (p *player) nextWords(sc *scene) string {
	n := p.reel.next(sc.n)
	if n == 0 {
		return ""
	}
	ev := p.reel.tl.Event(n - 1)
	who, what := timeline.Words(sc.s, ev)
	return strings.TrimSpace(clean(who) + " " + clean(what))
}

// head returns the header's content.
func (p *player) head(sc *scene) *header {
	h := &header{title: p.title, play: "▶", state: "playing", speed: speedName(p.speed), n: sc.n, of: p.reel.len(), time: stamp(sc.now, max(sc.now, p.reel.tl.End()))}
	switch {
	case p.atEnd():
		h.play, h.state = "■", "ended"
	case !p.playing:
		h.play, h.state = "‖", "paused"
	}
	if p.reel.even {
		h.speed = "≡ " + h.speed
	}
	switch behind := p.end() - p.pos; {
	case p.recorded:
		h.source, h.sourceSt = permitUsed+" recorded", dim
	case p.live && behind < 2*maxLag:
		h.source, h.sourceSt = "● live", running|bold
	case p.live:
		h.source, h.sourceSt = "● live, behind", waiting
	case p.err != nil:
		h.source, h.sourceSt = glyphTrouble+" failed", trouble|bold
	default:
		h.source, h.sourceSt = glyphEnded+" finished", running
	}
	return h
}
