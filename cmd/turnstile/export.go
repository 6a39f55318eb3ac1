package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/record"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/session"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/source"
	"github.com/turnstile-go/turnstile/internal/atomicfile"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
	"github.com/turnstile-go/turnstile/tui"
)

// exportFlags are the flags of the command export.
type exportFlags struct {
	runFlags // params, pace and format

	at, size, theme, part, out string

	keys  string // keys to press, and pauses
	drive bool   // the keys choose the schedule
}

// exportFormats are the formats and the extensions of their files.
var exportFormats = []struct{ name, ending string }{
	{"svg", ".svg"}, {"text", ".txt"}, {"mermaid", ".mmd"}, {"perfetto", ".json"}, {"asciicast", ".cast"}, {"html", ".html"}, {"json", ".jsonl"},
	{"moving-svg", ".film.svg"}, // which comes before .svg
}

// export returns the command that converts traces to images and to the formats of other programs.
func (p *program) export() *cobra.Command {
	f := new(exportFlags)
	cmd := &cobra.Command{
		Use:   "export FILE|SCENARIO",
		Short: "Export a trace as an image, a recording or another tool's format",
		Long: `Export converts a recorded trace, or that of a scenario, which it runs first:

  svg        an image of the player, or of the stage alone, at one moment
  moving-svg an image that plays the whole trace in a loop, without scripts: NAME.film.svg
  html       a page that plays the whole trace forward and back; one file that loads nothing
  asciicast  the whole playback as a terminal recording, version 2
  text       a line for each event
  mermaid    a sequence diagram
  perfetto   a trace in the Chrome format, for ui.perfetto.dev
  json       the trace in the format of trace files, one JSON object a line

--at is the moment: an event such as 14, a time such as 1.2s, or a part of the playback such as 50%. An image shows
that moment; the other formats have what came before it. FILE may be -, for the standard input. A scenario runs as long
as it takes; --pace 0.1 makes it ten times as fast. A scenario that hangs is stopped.

--keys presses keys of the player, with pauses between them: --keys 2s,space,w pauses after two
seconds and shows the graph. An image, in which no time passes, shows their result at the moment of --at; what plays
begins at the beginning and lasts until all have been pressed. With --drive the keys choose the schedule of the
scenario, as in "turnstile drive".

The output for a FILE depends only on the file and the flags.`,
		Example: `  turnstile export barrier --at 60% -o barrier.svg
  turnstile export mine.jsonl --at 14 --part stage --size 80x14 --theme light -o moment.svg
  turnstile export mine.jsonl --format mermaid`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("export takes one file or scenario")
			}
			return nil
		},
		ValidArgsFunction: completeExport,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.exportTrace(cmd.Context(), args[0], f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.at, "at", "100%", "the moment: an `event`, a time or a part")
	flags.StringVar(&f.format, "format", "", "svg, moving-svg, html, asciicast, text, mermaid, perfetto or json (default: by the extension of the output's name, or svg)")
	flags.StringVar(&f.size, "size", "120x36", "size of the image in `cells`")
	flags.StringVar(&f.theme, "theme", "", "dark or light (default: that of --background, or dark)")
	flags.StringVar(&f.part, "part", "player", "player, or the stage alone")
	flags.StringVarP(&f.out, "output", "o", "-", "the `file` to write; - is the standard output")
	flags.StringVar(&f.keys, "keys", "", "`keys` to press, and pauses between them, such as \"1.5s\"; for svg, moving-svg and asciicast")
	flags.BoolVar(&f.drive, "drive", false, "let the keys choose the schedule of the scenario")
	flags.StringArrayVarP(&f.params, "param", "p", nil, "set a parameter of the scenario, `key=value`; may be repeated")
	flags.StringVar(&f.pace, "pace", "", "how slowly the scenario runs: 1 for people, 0 without pauses")
	complete(cmd, "format", formatNames()...)
	complete(cmd, "theme", "dark", "light")
	complete(cmd, "part", "player", "stage")
	if err := cmd.RegisterFlagCompletionFunc("param", completeParam); err != nil {
		panic(err) // the flag does not exist
	}
	return cmd
}

// completeExport offers the names of scenarios, and files.
func completeExport(cmd *cobra.Command, args []string, text string) ([]cobra.Completion, cobra.ShellCompDirective) {
	names, _ := completeScenario(cmd, args, text)
	return names, cobra.ShellCompDirectiveDefault
}

func formatNames() []string {
	var names []string
	for _, f := range exportFormats {
		names = append(names, f.name)
	}
	return names
}

// exportTrace writes the trace in the file or of the scenario called name as f says.
func (p *program) exportTrace(ctx context.Context, name string, f *exportFlags) error {
	format, err := f.formatName()
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	cfg, err := f.film(&p.look, p.getenv)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	seek, err := moment(f.at)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	cfg.Keys = strings.FieldsFunc(f.keys, func(r rune) bool { return r == ' ' || r == ',' })
	if (len(cfg.Keys) > 0 || f.drive) && format != "svg" && format != "moving-svg" && format != "asciicast" {
		return exit.With(exit.Usage, fmt.Errorf("--keys and --drive are for svg, moving-svg and asciicast, not for %s", format))
	}
	pb := &tui.Playback{Title: name}
	if f.drive {
		cfg.Driver, err = p.filmDriver(ctx, name, f)
	} else {
		pb, err = p.material(ctx, name, f)
	}
	if err != nil {
		return err
	}
	if format != "text" && format != "mermaid" && format != "perfetto" && format != "json" { // these show source
		source.New(false).AddRecorded(pb.Events)
	}
	film, err := tui.NewFilm(ctx, pb, cfg)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return exit.With(exit.Usage, plainly(err))
	}
	if err := seek(film); err != nil {
		return exit.With(exit.Usage, fmt.Errorf("--at %s: %w", f.at, plainly(err)))
	}
	err = p.deliver(ctx, f.out, func(ctx context.Context, w io.Writer) error {
		if f.out != "-" {
			bar := p.bar().Slowly("writing " + f.out)
			defer bar.End()
			w = &writeMeter{w: w, tell: bar.Tell}
		}
		return write(ctx, w, format, film)
	})
	if err != nil {
		return exit.With(exit.Trouble, err)
	}
	if pb.Note != "" {
		console.Complain(p.errs, pb.Note)
	}
	if pb.Err != nil {
		return exit.With(exit.Failed, fmt.Errorf("%s: %w", name, pb.Err))
	}
	return nil
}

// filmDriver returns a driver of the scenario called name.
func (p *program) filmDriver(ctx context.Context, name string, f *exportFlags) (tui.Driver, error) {
	set, err := f.settings()
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	d, err := p.driverOf(ctx, name, set)
	if err != nil {
		return nil, exit.With(exit.Usage, fmt.Errorf("--drive: %w", err))
	}
	return d, nil
}

// exportSeen writes what film shows into the file called name, in the format of its extension.
func (p *program) exportSeen(ctx context.Context, name string, film *tui.Film) error {
	format, err := (&exportFlags{out: name}).formatName()
	if filepath.Ext(name) == "" {
		err = errors.New("the extension of the name must be .svg, .html, .cast, .txt, .mmd, .json or .jsonl")
	}
	if err != nil {
		return errors.New(strings.Replace(strings.TrimPrefix(err.Error(), "--output "), "; or use --format", "", 1))
	}
	return p.deliver(ctx, name, func(ctx context.Context, w io.Writer) error { return write(ctx, w, format, film) })
}

// plainly returns err without the name of its package.
func plainly(err error) error { return errors.New(strings.TrimPrefix(err.Error(), "tui: ")) }

// formatName returns the format of --format, or that of the extension of the output's name.
func (f *exportFlags) formatName() (string, error) {
	names := formatNames()
	if f.format == "" {
		for _, known := range slices.Backward(exportFormats) { // longer extensions come last
			if strings.HasSuffix(strings.ToLower(f.out), known.ending) {
				return known.name, nil
			}
		}
		if ending := filepath.Ext(f.out); ending != "" && f.out != "-" {
			return "", fmt.Errorf("--output %s: %s is not the extension of a format; use --format: %s", f.out, ending, strings.Join(names, ", "))
		}
		return "svg", nil
	}
	if !slices.Contains(names, f.format) {
		return "", fmt.Errorf("--format %s: must be one of %s", f.format, strings.Join(names, ", "))
	}
	return f.format, nil
}

// film returns the configuration of images and films.
func (f *exportFlags) film(l *look, getenv func(string) string) (tui.FilmConfig, error) {
	var ui tui.Config
	l.apply(&ui, getenv)
	cfg := tui.FilmConfig{Background: ui.Background, ASCII: ui.ASCII, NoColor: ui.NoColor, ReducedMotion: ui.ReducedMotion, Speed: ui.Speed}
	switch f.theme {
	case "":
	case "dark":
		cfg.Background = tui.BackgroundDark
	case "light":
		cfg.Background = tui.BackgroundLight
	default:
		return cfg, fmt.Errorf("--theme %s: must be dark or light", f.theme)
	}
	switch f.part {
	case "player", "stage":
		cfg.StageOnly = f.part == "stage"
	default:
		return cfg, fmt.Errorf("--part %s: must be player or stage", f.part)
	}
	w, h, ok := strings.Cut(strings.ReplaceAll(f.size, "×", "x"), "x")
	var errW, errH error
	cfg.Width, errW = strconv.Atoi(w)
	cfg.Height, errH = strconv.Atoi(h)
	if !ok || errW != nil || errH != nil {
		return cfg, fmt.Errorf("--size %s: must be columns and lines, such as 120x36", f.size)
	}
	return cfg, nil
}

// moment returns how to get to the moment that text names.
func moment(text string) (func(*tui.Film) error, error) {
	at, err := tui.ParsePlace(text)
	if err != nil {
		return nil, fmt.Errorf("--at %w", plainly(err))
	}
	return func(f *tui.Film) error { return f.Seek(at) }, nil
}

// write writes what the film shows, or the events up to its position, in the given format.
func write(ctx context.Context, w io.Writer, format string, film *tui.Film) error {
	events := film.Trace()
	switch format {
	case "text", "mermaid", "perfetto", "json":
		if !film.Begun() {
			return fmt.Errorf("%s needs all events, and the first ones were discarded; watch with --record FILE to keep all", format)
		}
	}
	switch format {
	case "text":
		return timeline.WriteText(ctx, w, events) // it says what it is about, here and below
	case "mermaid":
		return timeline.WriteMermaid(ctx, w, events) // likewise
	case "perfetto":
		return timeline.WritePerfetto(ctx, w, events) // likewise
	case "html":
		return film.WriteHTML(ctx, w) // likewise
	case "json":
		return tracefile.Write(w, events) // likewise
	case "moving-svg":
		return film.WriteMovingSVG(ctx, w) // likewise
	case "asciicast":
		return film.WriteAsciicast(ctx, w) // likewise
	default:
		return film.WriteSVG(w) // likewise
	}
}

// deliver calls write with the file called name, which is replaced once everything has been written, or with the output if name
// is "-". The context of write ends as soon as writing fails.
func (p *program) deliver(ctx context.Context, name string, write func(context.Context, io.Writer) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if name == "-" {
		p.out.OnFailure(stop)
		return write(ctx, p.out)
	}
	file, err := atomicfile.Create(name)
	if err != nil {
		return err // it names the file
	}
	defer file.Discard()
	out := &console.Writer{W: file}
	out.OnFailure(stop)
	if err := write(ctx, out); err != nil {
		return err
	}
	return file.Commit() // likewise
}

// A writeMeter is a writer that reports how much has been written.
type writeMeter struct {
	w    io.Writer
	done int64
	tell func(done, all int64)
}

func (m *writeMeter) Write(b []byte) (int, error) {
	n, err := m.w.Write(b)
	m.done += int64(n)
	m.tell(m.done, 0)
	return n, err // it stands for the writer
}

// material returns the trace of the scenario or in the file called name.
func (p *program) material(ctx context.Context, name string, f *exportFlags) (*tui.Playback, error) {
	if l := ordinary.Find(name); l != nil {
		return p.lessonMaterial(ctx, l, f)
	}
	s, unknown := find(name)
	if unknown == nil {
		return p.perform(ctx, s, f)
	}
	if len(f.params) > 0 || f.pace != "" {
		return nil, exit.With(exit.Usage, fmt.Errorf("%w, and a file has no parameters", unknown))
	}
	pb, err := p.open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) && filepath.Base(name) == name && filepath.Ext(name) == "" {
		return nil, exit.With(exit.Usage, fmt.Errorf("%w, and there is no such file", unknown))
	}
	if err != nil {
		return nil, exit.With(exit.Trouble, err)
	}
	pb.Title = strings.TrimSuffix(pb.Title, ".jsonl")
	return pb, nil
}

// perform runs s and returns its trace. The Err of the trace is the error of the scenario.
func (p *program) perform(ctx context.Context, s *scenarios.Scenario, f *exportFlags) (*tui.Playback, error) {
	set, err := f.settings()
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	params, err := s.NewParams(set)
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	ses, err := session.Start(ctx, s, params, record.As{})
	if err != nil {
		return nil, err
	}
	defer ses.Stop()
	pb := &tui.Playback{Title: s.Name}
	pb.Err = ses.Follow(func(ev trace.Event) { pb.Events = append(pb.Events, ev) })
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return pb, nil
}
