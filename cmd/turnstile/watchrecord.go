package main

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

// A recorded Source writes what comes from another into a file, each stream in the place of the one before.
type recorded struct {
	feed.Source
	name string
}

// Next implements feed.Source.
func (r *recorded) Next(ctx context.Context) (feed.Stream, error) {
	s, err := r.Source.Next(ctx)
	if err != nil {
		return nil, err // it says all
	}
	f, err := os.Create(r.name)
	if err != nil {
		_ = s.Close()   // nothing was read of it
		return nil, err // it names the file
	}
	return &recordedStream{s, f}, nil
}

type recordedStream struct {
	feed.Stream
	file *os.File
}

// All implements feed.Stream. What cannot be written is an error after all events.
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
