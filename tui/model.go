package tui

import (
	"context"
	"fmt"
	"maps"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A model is the whole program, the only Bubble Tea model there is. Update does no I/O, and commands change nothing of
// the model.
type model struct {
	ctx      context.Context // the program's, for its commands
	cfg      *Config
	io       *sessions
	c        cells.Canvas
	th       *cells.Theme
	contrast *cells.Theme // for a large room
	w, h     int

	on      Background
	profile colorprofile.Profile

	browser *browser
	player  *player    // nil: the browser is shown
	pair    *pair      // two recordings beside each other, of which player is the first; nil: not so
	loading *loading   // a recording that is being opened, nil if none is
	id      int        // of the player
	next    ProgramRun // of the program that is watched, after the one that the player shows; nil: none yet

	ladder *ladder        // the hints that are shown, nil if none are
	hints  map[string]int // how many of a scenario's have been seen

	wanted  string // of which entry there was last to be a still
	browsed bool   // the browser has been shown
	helping bool
	helpAt  int
	mouse   bool
	message string // shown in the footer until the next key
	failed  bool   // message is about something that went wrong

	helpButtons []button

	stopExport func() // stops what writes a file; nil: nothing does

	working bool
	ticking bool
	ticked  time.Time
	fatal   error // why the program ended
}

// newModel returns the model for cfg.
func newModel(ctx context.Context, cfg *Config) *model {
	m := &model{ctx: ctx, cfg: cfg, io: &sessions{}, on: cfg.Background, profile: colorprofile.TrueColor, mouse: !cfg.NoMouse, hints: make(map[string]int)}
	m.browser = newBrowser(cfg)
	m.retheme()
	return m
}

func (m *model) retheme() {
	profile := m.profile
	if m.cfg.NoColor {
		profile = colorprofile.ASCII
	}
	m.th = cells.NewTheme(m.on.palette(), m.cfg.ASCII, profile)
	m.contrast = m.th.Contrast()
	if m.cfg.HighContrast {
		m.th = m.contrast
	}
}

// Init implements [tea.Model].
func (m *model) Init() tea.Cmd {
	var cmds []tea.Cmd
	if m.cfg.Background == BackgroundAuto && !m.cfg.NoColor {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	switch {
	case m.cfg.Open != nil:
		m.open(m.cfg.Open)
	case m.cfg.Beside != nil:
		pr, err := newPair(m.ctx, *m.cfg.Beside, m.cfg.ReducedMotion)
		if err != nil { // the context has ended
			return tea.Quit
		}
		m.pair, m.player = pr, pr.sides[0]
	case m.cfg.Load != nil:
		cmds = append(cmds, m.load())
	case m.cfg.Drive != "":
		cmds = append(cmds, m.steer(m.cfg.Drive, m.cfg.RunParams, m.cfg.Token))
	case m.cfg.Sandbox != nil:
		cmds = append(cmds, m.openSandbox())
	case m.cfg.Watch != nil:
		cmds = append(cmds, m.watch())
	case m.cfg.Run != "":
		cmds = append(cmds, m.start(m.cfg.Run, m.cfg.RunParams))
	}
	m.browsed = m.player == nil && m.loading == nil
	return tea.Batch(append(cmds, m.tick(), m.wantStill())...)
}

// Update implements [tea.Model].
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.handle(msg)
	for _, next := range []tea.Cmd{m.tick(), m.wantStill(), m.work()} {
		if next != nil {
			cmd = tea.Batch(cmd, next)
		}
	}
	return m, cmd
}

func (m *model) handle(msg tea.Msg) tea.Cmd { //nolint:funlen // a case for each kind of message
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		if m.cfg.Background == BackgroundAuto {
			m.on = BackgroundLight
			if msg.IsDark() {
				m.on = BackgroundDark
			}
			m.retheme()
		}
	case tea.ColorProfileMsg:
		m.profile = msg.Profile
		m.retheme()
	case tickMsg:
		m.advance(time.Time(msg))
	case loadedMsg:
		return m.loaded(msg)
	case writtenMsg:
		m.written(msg)
	case workMsg:
		m.working = false
		if m.player != nil {
			m.player.work()
		}
	case startedMsg:
		return m.started(msg)
	case batchMsg:
		return m.batch(msg)
	case momentMsg:
		p := m.player
		found := p != nil && p.helm != nil && !p.helm.first && msg.id == m.id && msg.m != nil && msg.m.Err != nil && p.expects != ""
		cmd := m.moved(msg)
		switch {
		case m.fatal != nil:
			return tea.Quit
		case found:
			cmd = tea.Batch(cmd, m.mark(p.name, MarkFound|MarkSeen))
		}
		return tea.Batch(cmd, m.pressAhead())
	case shortestMsg:
		return m.measured(msg)
	case tokenMsg:
		return tea.Batch(m.copied(msg), m.pressAhead())
	case benchMsg:
		return m.benched(msg)
	case doneMsg:
		return m.done(msg)
	case overMsg:
		m.over(msg)
	case runsMsg:
		m.next = msg.r
		if m.player.follow || m.player.atEnd() {
			return m.showNext()
		}
		m.message = "The program runs again; f shows the new run."
	case orderMsg:
		m.ordered(msg)
	case stillDueMsg:
		return m.makeStill(msg.name)
	case stillMsg:
		m.keepStill(msg)
	case unkeptMsg:
		m.message, m.failed = "Your progress cannot be saved: "+cells.Clean(msg.err.Error()), true
	case tea.KeyPressMsg:
		return m.press(msg)
	case tea.PasteMsg:
		m.message, m.failed = "", false
		switch {
		case m.loading != nil:
		case m.player == nil && m.browser.typing():
			m.browser.paste(msg)
		case m.pair != nil || m.covered():
		case m.player != nil && m.player.prompt != nil:
			m.player.prompt.paste(msg)
		case m.player != nil && m.player.bench != nil:
			if m.player.bench.s != nil {
				m.player.bench.paste(msg)
			}
		default:
			return m.pasteToken(msg.Content)
		}
	case tea.MouseClickMsg:
		return m.click(msg)
	case tea.MouseMotionMsg:
		if m.player != nil && m.player.drag {
			m.player.dragTo(msg.X)
		}
	case tea.MouseReleaseMsg:
		if m.player != nil {
			m.player.drag = false
		}
	case tea.MouseWheelMsg:
		m.wheel(msg)
	}
	return nil
}

// press handles a key.
func (m *model) press(k tea.KeyPressMsg) tea.Cmd { //nolint:funlen // who gets a key, in order
	m.message, m.failed = "", false
	if m.player != nil {
		m.player.say = ""
	}
	b := &bindings
	typing := m.player == nil && m.browser.typing()
	switch {
	case key.Matches(k, b.out):
		m.closeHints()
		return tea.Quit
	case key.Matches(k, b.suspend):
		return tea.Suspend
	case m.loading != nil:
		m.pressLoading(k)
	case m.pair != nil && !m.helping && key.Matches(k, b.quit):
		return tea.Quit
	case m.pair != nil && !m.helping && !key.Matches(k, b.help, b.mouse):
		m.pair.press(k)
	case m.helping:
		switch {
		case key.Matches(k, b.up):
			m.helpAt--
		case key.Matches(k, b.down):
			m.helpAt++
		default:
			m.helping, m.helpAt = false, 0
		}
	case m.ladder != nil:
		return m.pressHint(k)
	case typing:
		return m.browse(k)
	case m.player != nil && m.player.bench != nil && (m.player.bench.open || m.player.prompt == nil && m.player.bench.typesOn(k)):
		return m.pressLine(k)
	case m.player != nil && m.player.prompt != nil:
		cmd, file := m.player.pressPrompt(k)
		if file != "" {
			return m.export(file)
		}
		return cmd
	case m.stopExport != nil && key.Matches(k, b.escape):
		m.stopExport()
	case m.player != nil && m.player.searching() && key.Matches(k, b.escape):
		m.player.finder.way, m.player.finder.shown = 0, false
	case key.Matches(k, b.hint):
		m.hint()
	case key.Matches(k, b.help):
		m.helping = true
	case key.Matches(k, b.mouse):
		m.mouse = !m.mouse
		m.message = "The mouse is the terminal's again; m takes it back."
		if m.mouse {
			m.message = "The mouse chooses, scrolls and drags the playhead; m gives it back to the terminal."
		}
	case m.player == nil:
		return m.browse(k)
	case m.player.bench != nil && !key.Matches(k, b.quit):
		if cmd, ok := m.pressBench(k); ok {
			return cmd
		}
		m.player.press(k)
	case m.player.helm != nil && !key.Matches(k, b.quit):
		if cmd, ok := m.pressDriving(k); ok {
			return cmd
		}
		m.player.press(k)
	case key.Matches(k, b.quit):
		return m.leave()
	case key.Matches(k, b.drive):
		return m.driveThis()
	case m.next != nil && key.Matches(k, b.follow):
		return m.showNext()
	case key.Matches(k, b.again):
		return m.again()
	default:
		m.player.press(k)
	}
	return nil
}

// browse gives a key to the browser, and does what it asks for.
func (m *model) browse(k tea.KeyPressMsg) tea.Cmd {
	if !m.browser.typing() && key.Matches(k, bindings.quit) {
		return tea.Quit
	}
	if !m.browser.typing() && m.cfg.Driver != nil && key.Matches(k, bindings.drive) {
		if name, params, ok := m.browser.chosen(); ok {
			return m.steer(name, params, "")
		}
		return nil
	}
	cmd, run := m.browser.press(k)
	if run {
		return m.runChosen()
	}
	return cmd
}

// runChosen starts the scenario that is chosen in the browser, if its parameters are good.
func (m *model) runChosen() tea.Cmd {
	name, params, ok := m.browser.chosen()
	if !ok {
		return nil
	}
	return m.start(name, params)
}

func (m *model) click(msg tea.MouseClickMsg) tea.Cmd {
	if msg.Button != tea.MouseLeft {
		return nil
	}
	if k, ok := pressed(m.buttons(), msg.X, msg.Y); ok {
		return m.press(k)
	}
	switch {
	case m.loading != nil:
	case m.helping:
		m.helping, m.helpAt = false, 0
	case m.ladder != nil:
		m.closeHints()
	case m.pair != nil:
	case m.player != nil && m.player.helm != nil && m.player.helm.view != viewNone:
		return m.clickView(msg.X, msg.Y)
	case m.player != nil && m.player.bench != nil && m.player.bench.open:
		return m.clickLine(msg.X, msg.Y)
	case m.player != nil:
		m.player.click(msg.X, msg.Y)
	case m.browser.click(msg.X, msg.Y):
		return m.runChosen()
	}
	return nil
}

// buttons returns the buttons that are on the screen.
func (m *model) buttons() []button {
	switch {
	case m.helping:
		return m.helpButtons
	case m.ladder != nil:
		return m.ladder.buttons
	case m.pair != nil:
		return m.pair.buttons
	case m.player != nil:
		return m.player.buttons
	default:
		return m.browser.buttons
	}
}

func (m *model) wheel(msg tea.MouseWheelMsg) {
	down := msg.Button == tea.MouseWheelDown || msg.Button == tea.MouseWheelRight
	aside := msg.Button == tea.MouseWheelLeft || msg.Button == tea.MouseWheelRight || msg.Mod.Contains(tea.ModShift)
	if !down && msg.Button != tea.MouseWheelUp && msg.Button != tea.MouseWheelLeft || m.loading != nil {
		return
	}
	switch {
	case m.pair != nil && !m.covered() && down:
		m.pair.goTo(m.pair.at+1, true)
	case m.pair != nil && !m.covered():
		m.pair.goTo(m.pair.at-1, true)
	case m.player != nil && m.player.helm != nil && m.player.helm.view != viewNone && !m.covered():
		m.player.helm.scroll(down)
	case m.player != nil && m.player.bench != nil && m.player.bench.open && !m.covered():
		m.player.bench.scroll(down)
	case m.player != nil && !m.covered():
		m.player.wheel(msg.X, msg.Y, down, aside)
	case aside:
	case m.helping && down:
		m.helpAt++
	case m.helping:
		m.helpAt--
	case m.ladder != nil:
	default:
		m.browser.wheel(down)
	}
}

// start shows a player for the scenario called name and returns the command that starts it.
func (m *model) start(name string, params map[string]string) tea.Cmd {
	id, params := m.live(name), maps.Clone(params)
	p := m.player
	p.name, p.params = name, params
	if e := m.entry(name); e != nil {
		p.lookFor, p.expects, p.hints = e.LookFor, e.bug(), e.bug() != "" && len(e.Hints) > 0
		p.making, p.reel.Even = e.Preparing, p.reel.Even || e.Even
	}
	hold, start := m.io, m.cfg.Start
	return func() tea.Msg {
		if start == nil {
			return startedMsg{id: id, err: fmt.Errorf("tui: %s cannot be started: there is no Start", name)}
		}
		s, err := hold.start(func() (Session, error) { return start(name, params) })
		return startedMsg{id, s, err}
	}
}

func (m *model) started(msg startedMsg) tea.Cmd {
	if msg.id != m.id || m.player == nil {
		return nil // left meanwhile; the session was stopped by what was started after it, or is on leaving
	}
	if msg.err == nil {
		return drain(m.ctx, msg.id, msg.s, nil)
	}
	if len(m.cfg.Entries) == 0 {
		m.fatal = msg.err
		return tea.Quit
	}
	m.player, m.message, m.failed = nil, cells.Clean(msg.err.Error()), true
	return nil
}

func (m *model) batch(msg batchMsg) tea.Cmd {
	if msg.id != m.id || m.player == nil {
		return nil
	}
	early := m.player.reel.Len() > 0
	if msg.done && msg.err != nil && !early && len(msg.events) == 0 { // it never began
		return m.started(startedMsg{msg.id, nil, msg.err})
	}
	m.player.add(msg.events)
	if msg.done {
		m.player.finish(msg.err)
		if !early { // it was over before anything of it was seen
			m.player.seek(0)
		}
		if s, ok := msg.s.(NotedSession); ok {
			m.player.note = s.Note()
		}
		if r, ok := msg.s.(ProgramRun); ok {
			return awaitNext(m.ctx, m.id, r)
		}
		return m.mark(m.player.name, MarkSeen)
	}
	return drain(m.ctx, msg.id, msg.s, msg.events)
}

// open shows a player for a recording.
func (m *model) open(pb *Playback) {
	m.id++
	p := newPlayer(pb.Title, m.cfg.Speed, m.cfg.ReducedMotion)
	_ = p.open(m.ctx, pb) // it fails only when the context ends
	m.player, m.message, m.failed = p, pb.Note, pb.Note != ""
}

// watch shows a player for the program that is watched, and returns the command that begins to watch it.
func (m *model) watch() tea.Cmd {
	hold, ctx, watch, id := m.io, m.ctx, m.cfg.Watch, m.live(m.cfg.Title)
	m.player.watched = true
	m.player.reel.KeepLast(keepEvents)
	return func() tea.Msg {
		r, err := watch(ctx)
		if err != nil {
			return startedMsg{id: id, err: err}
		}
		return begun(hold, id, r)
	}
}

// showNext shows the run that came after the one that is shown.
func (m *model) showNext() tea.Cmd {
	hold, next := m.io, m.next
	id := m.live(m.player.title)
	m.player.watched = true
	m.player.reel.KeepLast(keepEvents)
	return func() tea.Msg {
		return begun(hold, id, next)
	}
}

// begun makes r the session that runs, for player number id.
func begun(hold *sessions, id int, r ProgramRun) tea.Msg {
	s, err := hold.start(func() (Session, error) { return r, nil })
	if err != nil {
		r.Stop()
	}
	return startedMsg{id, s, err}
}

// live shows a new player for a session that is to come, and returns its number. What was set stays set.
func (m *model) live(title string) int {
	m.id++
	p := newPlayer(title, m.cfg.Speed, m.cfg.ReducedMotion)
	p.live, p.follow = true, true
	if old := m.player; old != nil {
		if old.helm != nil {
			old.helm.leave()
		}
		p.speed, p.pane, p.lanes, p.reel.Even, p.graph.on = old.speed, old.pane, old.lanes.kept(), old.reel.Even, old.graph.on
	}
	m.player, m.next, m.message, m.failed = p, nil, "", false
	return m.id
}

// again runs the scenario again, or plays the recording from its beginning.
func (m *model) again() tea.Cmd {
	if m.player.name != "" {
		return m.start(m.player.name, m.player.params)
	}
	m.player.seek(0)
	m.player.playing = true
	return nil
}

// direct reports whether what is shown was asked for at the start, so that leaving it ends the program.
func (m *model) direct() bool {
	return len(m.cfg.Entries) == 0 || !m.browsed && (m.cfg.Run != "" || m.cfg.Drive != "")
}

// leave goes back to the browser, or ends the program where it did not begin with that.
func (m *model) leave() tea.Cmd {
	if m.player.helm != nil {
		m.player.helm.leave()
	}
	if p := m.player.beneath; p != nil { // back to the recording
		m.id++
		m.player, m.message, m.failed = p, "", false
		hold := m.io
		return func() tea.Msg {
			hold.stop()
			return nil
		}
	}
	if m.direct() {
		return tea.Quit
	}
	m.browser.find(m.player.name)
	var seen tea.Cmd
	if m.player.reel.Len() > 0 {
		seen = m.mark(m.player.name, MarkSeen)
	}
	m.player, m.wanted = nil, ""
	m.id++
	hold := m.io
	return tea.Batch(seen, func() tea.Msg {
		hold.stop()
		return nil
	})
}

// A workMsg lets the player do some of the work that takes long.
type workMsg struct{}

// work returns the command for more of that work if there is any and none is on its way.
func (m *model) work() tea.Cmd {
	if m.working || m.player == nil || !m.player.busy() {
		return nil
	}
	m.working = true
	return func() tea.Msg { return workMsg{} }
}

// A tickMsg moves the picture on.
type tickMsg time.Time

const (
	frameEvery = time.Second / 30
	stillEvery = time.Second / 10 // nothing slides, but time goes by
	maxFrame   = 100 * time.Millisecond
)

// tick returns the command for the next frame if something moves and none is on its way.
func (m *model) tick() tea.Cmd {
	if m.ticking {
		return nil
	}
	if m.loading == nil && !m.seeks() && (m.player == nil || !m.player.moving() || m.covered()) && (m.pair == nil || !m.pair.moving() || m.covered()) {
		m.ticked = time.Time{}
		return nil
	}
	m.ticking = true
	every := frameEvery
	if m.cfg.ReducedMotion || m.seeks() {
		every = stillEvery
	}
	return tea.Tick(every, func(t time.Time) tea.Msg { return tickMsg(t) })
}

// seeks reports whether the shortest order is being looked for, and how far that is stands on the screen.
func (m *model) seeks() bool {
	return m.ladder != nil && m.ladder.seeking || m.player != nil && m.player.helm != nil && m.player.helm.seeking
}

func (m *model) advance(now time.Time) {
	m.ticking = false
	dt := frameEvery
	if !m.ticked.IsZero() {
		dt = clampTime(now.Sub(m.ticked), 0, 2*maxFrame)
	}
	m.ticked = now
	if m.loading != nil {
		m.loading.since += dt
	}
	switch {
	case m.covered():
	case m.pair != nil:
		m.pair.advance(dt)
	case m.player != nil:
		m.player.advance(dt)
	}
}

// covered reports whether something is shown over the screen, which stands still meanwhile.
func (m *model) covered() bool { return m.helping || m.ladder != nil }

func clampTime(d, low, high time.Duration) time.Duration { return max(low, min(d, high)) }

// View implements [tea.Model].
func (m *model) View() tea.View {
	v := tea.NewView(m.frame())
	v.AltScreen = true
	v.WindowTitle = "turnstile"
	if m.player != nil {
		v.WindowTitle += " › " + cells.Clean(m.player.title)
	}
	if m.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	if m.player != nil && m.player.prompt != nil && !m.covered() && m.w >= minWidth && m.h >= minHeight {
		v.Cursor = tea.NewCursor(m.player.prompt.caret.X, m.player.prompt.caret.Y)
	}
	if x, y, ok := m.browser.cursor(); ok && m.player == nil && m.loading == nil && !m.covered() && m.w >= minWidth && m.h >= minHeight {
		v.Cursor = tea.NewCursor(x, y)
	}
	if p := m.player; p != nil && p.bench != nil && p.bench.caret != nil && !m.covered() && m.w >= minWidth && m.h >= minHeight {
		v.Cursor = tea.NewCursor(p.bench.caret.X, p.bench.caret.Y)
	}
	return v
}

// frame draws everything and returns it as text.
func (m *model) frame() string {
	m.c.Reset(m.w, m.h)
	st := cells.StylePlain
	if m.failed {
		st = cells.StyleTrouble | cells.StyleBold
	}
	switch {
	case m.w < minWidth || m.h < minHeight:
		tooSmall(&m.c)
		return m.c.Render(m.th)
	case m.loading != nil:
		m.loading.draw(&m.c)
	case m.pair != nil:
		m.pair.draw(&m.c)
	case m.player != nil:
		m.player.last, m.player.canExport = m.direct() && m.player.beneath == nil, m.cfg.Export != nil
		m.canDrive(m.player)
		m.player.draw(&m.c, m.message, st)
	default:
		m.browser.draw(&m.c, m.message, st)
	}
	switch {
	case m.helping:
		m.helpAt, m.helpButtons = drawHelp(&m.c, m.helpAt, m.helpFirst())
	case m.ladder != nil:
		m.ladder.draw(&m.c, m.cfg.Order != nil)
	}
	if m.player != nil && m.player.projector {
		return m.c.Render(m.contrast)
	}
	return m.c.Render(m.th)
}
