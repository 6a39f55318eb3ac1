// Package feeds has the sources of traces that turnstile watch combines or records.
package feeds

import (
	"bufio"
	"context"
	"errors"
	"iter"
	"os"

	"github.com/turnstile-go/turnstile/internal/feed"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// A recorded Source writes the streams of another Source into a file, each in place of the one before.
type recorded struct {
	feed.Source
	name string
}

// RecordTo returns a Source that has the streams of source, and writes them into a file. Each one replaces the one before.
func RecordTo(source feed.Source, file string) feed.Source {
	return &recorded{source, file}
}

// Next implements feed.Source.
func (r *recorded) Next(ctx context.Context) (feed.Stream, error) {
	s, err := r.Source.Next(ctx)
	if err != nil {
		return nil, err // it says all
	}
	f, err := os.Create(r.name)
	if err != nil {
		_ = s.Close()   // nothing has been read from it
		return nil, err // it names the file
	}
	return &recordedStream{s, f}, nil
}

type recordedStream struct {
	feed.Stream
	file *os.File
}

// All implements feed.Stream. An error of writing the file comes after all events.
func (r *recordedStream) All() iter.Seq2[trace.Event, error] {
	return func(yield func(trace.Event, error) bool) {
		buf := bufio.NewWriterSize(r.file, 1<<16)
		w := tracefile.NewEncoder(buf)
		var wrong error
		for ev, err := range r.Stream.All() {
			if err == nil && wrong == nil {
				wrong = w.Encode(&ev)
			}
			if !yield(ev, err) || err != nil {
				break
			}
		}
		if wrong = errors.Join(wrong, buf.Flush(), r.file.Close()); wrong != nil {
			yield(trace.Event{}, wrong)
		}
	}
}
