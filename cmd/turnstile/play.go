package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/interruptible"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/source"
	"github.com/turnstile-go/turnstile/internal/feed"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
	"github.com/turnstile-go/turnstile/tui"
)

// play returns the command that plays a recording.
func (p *program) play() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "play FILE",
		Short: "Play a recorded trace",
		Long: `Play shows a trace that was recorded with "turnstile run --record" or by your own program. In a terminal it
opens the player; elsewhere, and with --format text, it prints a line for each event. FILE may be -,
for the standard input, or a pipe: events are shown as they arrive.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("play takes one file")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			format, err := p.format(format, "ui", "text")
			if err != nil {
				return err
			}
			if streams(args[0]) {
				return p.playStream(cmd.Context(), args[0], format == "ui")
			}
			if format == "ui" {
				return p.playFile(cmd.Context(), args[0])
			}
			playback, err := p.open(cmd.Context(), args[0])
			if err != nil {
				return exit.With(exit.Trouble, err)
			}
			return p.print(cmd.Context(), playback)
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "ui or text; ui in a terminal, text elsewhere")
	complete(cmd, "format", "ui", "text")
	return cmd
}

// playFile shows the trace in the file called name, with the progress of reading it. It checks that the file exists before it
// takes the screen.
func (p *program) playFile(ctx context.Context, name string) error {
	file, err := os.Open(name) //nolint:gosec // the user says which
	if err != nil {
		return exit.With(exit.Trouble, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = &fs.PathError{Op: "read", Path: name, Err: errors.New("is a directory")}
	}
	if err != nil {
		return exit.With(exit.Trouble, err)
	}
	cfg := p.config(ctx, "")
	cfg.Entries, cfg.First = nil, nil
	cfg.Title, cfg.Load = filepath.Base(name), func(ctx context.Context, progress func(done, all int64)) (*tui.Playback, error) {
		pb, err := p.read(ctx, name, &meter{r: file, all: info.Size(), tell: progress})
		if err == nil {
			source.New(true).AddRecorded(pb.Events)
		}
		return pb, err
	}
	return p.show(ctx, cfg)
}

// A meter is a reader that reports how much has been read.
type meter struct {
	r         io.Reader
	done, all int64
	tell      func(done, all int64)
}

// Size returns the total.
func (m *meter) Size() int64 { return m.all }

// Read implements io.Reader.
func (m *meter) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	m.done += int64(n)
	m.tell(m.done, m.all)
	return n, err // it stands for the reader
}

// open reads the trace in the file called name.
func (p *program) open(ctx context.Context, name string) (*tui.Playback, error) {
	if name == "-" {
		return p.read(ctx, name, p.in)
	}
	file, err := interruptible.Call(ctx, func() (*os.File, error) { return os.Open(name) }) //nolint:gosec // the user says which
	if err != nil {
		return nil, err // it names the file
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return p.read(ctx, name, file)
	}
	bar := p.bar().Slowly("reading " + name)
	defer bar.End()
	return p.read(ctx, name, &meter{r: file, all: info.Size(), tell: bar.Tell})
}

// read reads a trace from r. Name is the name of the file.
func (p *program) read(ctx context.Context, name string, r io.Reader) (*tui.Playback, error) {
	events, err := interruptible.Call(ctx, func() ([]trace.Event, error) { return tracefile.Read(ctx, r) })
	playback := &tui.Playback{Title: filepath.Base(name), Events: events}
	if playback.Note, err = damage(name, err, len(events)); err != nil {
		return nil, err
	}
	return playback, nil
}

// damage returns a remark about err, with which the file called name ends after n events, or the error that it is if none of
// them can be used.
func damage(name string, err error, n int) (note string, _ error) {
	switch _, isLine := errors.AsType[*tracefile.LineError](err); {
	case err == nil:
		return "", nil
	case n > 0 && (isLine || errors.Is(err, tracefile.ErrTruncated)):
		return fmt.Sprintf("%v; showing what comes before that", err), nil
	default:
		if _, named := errors.AsType[*fs.PathError](err); named {
			return "", err
		}
		return "", fmt.Errorf("%s: %w", name, err)
	}
}

// streams reports whether the file called name is a stream, such as a pipe.
func streams(name string) bool {
	if name == "-" {
		return true
	}
	info, err := os.Stat(name)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// playStream shows a trace from a pipe as it arrives.
func (p *program) playStream(ctx context.Context, name string, ui bool) error {
	if ui {
		w := &watcher{p: p, ui: true, title: filepath.Base(name)}
		defer w.close()
		if name == "-" {
			w.title = "the standard input"
			w.source = &feed.One{Stream: feed.Decode(newPump(p.in))}
		} else {
			w.source = feed.Follow(name)
		}
		return w.show(ctx)
	}
	n, err := interruptible.Call(ctx, func() (int, error) {
		in := p.in
		if name != "-" {
			file, err := os.Open(name) //nolint:gosec // the user says which
			if err != nil {
				return 0, err // it is looked at below
			}
			defer file.Close()
			in = file
		}
		r, err := tracefile.NewReader(in)
		if err != nil {
			return 0, err // likewise
		}
		n := 0
		text := timeline.NewTextWriter(p.out)
		for ev, err := range r.All() {
			if err != nil {
				return n, err
			}
			n++
			_ = text.Write(ev) // p.out keeps the error
			if err := p.out.Failure(); err != nil {
				return n, err
			}
		}
		return n, nil
	})
	if ctx.Err() != nil {
		return context.Cause(ctx) // it is the signal
	}
	if err := p.out.Failure(); err != nil {
		return err
	}
	note, err := damage(name, err, n)
	if err != nil {
		return exit.With(exit.Trouble, err)
	}
	if note != "" {
		console.Complain(p.errs, name+": "+note)
	}
	return nil
}

// A pump passes on what it reads from r, starting with the first Read. Unlike r, it can be closed during a Read.
type pump struct {
	r    io.Reader
	once sync.Once
	out  *io.PipeReader
	in   *io.PipeWriter
}

func newPump(r io.Reader) *pump {
	p := &pump{r: r}
	p.out, p.in = io.Pipe()
	return p
}

// Read implements io.Reader.
func (p *pump) Read(b []byte) (int, error) {
	p.once.Do(func() {
		go func() {
			_, err := io.Copy(p.in, p.r)
			_ = p.in.CloseWithError(err) // it is always nil
		}()
	})
	return p.out.Read(b) // it is that of r
}

// Close implements io.Closer.
func (p *pump) Close() error { return p.out.Close() } // it is always nil

// print prints a playback as text.
func (p *program) print(ctx context.Context, playback *tui.Playback) error {
	if err := timeline.WriteText(ctx, p.out, playback.Events); err != nil {
		return err // it says what it is about
	}
	if playback.Note != "" {
		console.Complain(p.errs, playback.Title+": "+playback.Note)
	}
	return nil
}
