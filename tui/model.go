package tui

import (
	"context"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A model is the whole program, and the only Bubble Tea model. Update does no I/O, and commands do not modify the model.
type model struct {
	ctx      context.Context // for commands
	cfg      *Config
	io       *sessions
	c        cells.Canvas
	th       *cells.Theme
	contrast *cells.Theme // the theme for a large room
	w, h     int

	on      Background
	profile colorprofile.Profile

	browser *browser
	player  *player    // nil: the browser is shown
	pair    *pair      // two recordings side by side, of which player is the first; nil: there is one
	loading *loading   // the recording being opened; nil if there is none
	id      int        // identifies the player
	next    ProgramRun // the watched program's next run; nil: none yet

	hintBox *hintBox       // nil if no hints are shown
	hints   map[string]int // the number of hints seen, by scenario

	wanted  string // the entry whose still was last asked for
	browsed bool   // the browser has been shown
	helping bool
	helpAt  int
	mouse   bool
	message string // shown in the footer until the next key
	failed  bool   // message is about something that went wrong

	helpButtons []button

	stopExport func() // stops an export; nil: there is none

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
		found := p != nil && p.driven != nil && !p.driven.first && msg.id == m.id && msg.m != nil && msg.m.Err != nil && p.expects != ""
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
	case sandboxMsg:
		return m.sandboxMade(msg)
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
	case failingMsg:
		m.playFailing(msg)
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
		case m.player != nil && m.player.sandbox != nil:
			if m.player.sandbox.s != nil {
				m.player.sandbox.paste(msg)
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
func (m *model) press(k tea.KeyPressMsg) tea.Cmd { //nolint:funlen // the receivers of a key, in order
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
		case key.Matches(k, b.pageUp):
			m.helpAt -= m.h / 2
		case key.Matches(k, b.pageDown):
			m.helpAt += m.h / 2
		default:
			m.helping, m.helpAt = false, 0
		}
	case m.hintBox != nil:
		return m.pressHint(k)
	case typing:
		return m.browse(k)
	case m.player != nil && m.player.sandbox != nil && (m.player.sandbox.open || m.player.prompt == nil && m.player.sandbox.typesOn(k)):
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
		m.message = "The mouse is off, so that the terminal can select text; m turns it on."
		if m.mouse {
			m.message = "The mouse is on: it chooses, scrolls and drags the playhead; m turns it off."
		}
	case m.player == nil:
		return m.browse(k)
	case m.player.sandbox != nil && !key.Matches(k, b.quit):
		if cmd, ok := m.pressSandbox(k); ok {
			return cmd
		}
		m.player.press(k)
	case m.player.driven != nil && !key.Matches(k, b.quit):
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

// browse handles a key in the browser.
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

// runChosen starts the selected scenario, if its parameters are valid.
func (m *model) runChosen() tea.Cmd {
	name, params, ok := m.browser.chosen()
	if !ok {
		return nil
	}
	return m.start(name, params)
}
