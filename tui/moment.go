package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Place is a position in a playback, as a user writes it.
type Place struct {
	text  string
	event int
	time  time.Duration
	part  float64
	unit  byte
}

// ParsePlace parses a position: an event number such as 14, a time such as 1.2s, or a fraction of the playback such as 50%.
func ParsePlace(text string) (Place, error) {
	at := Place{text: text}
	var err error
	if part, ok := strings.CutSuffix(text, "%"); ok {
		at.unit = '%'
		if at.part, err = strconv.ParseFloat(part, 64); err != nil || !(at.part >= 0 && at.part <= 100) {
			return Place{}, fmt.Errorf("tui: %s: a part must be 0%% … 100%%", text)
		}
		return at, nil
	}
	if at.event, err = strconv.Atoi(text); err == nil {
		return at, nil
	}
	if at.time, err = time.ParseDuration(text); err == nil {
		at.unit = 's'
		return at, nil
	}
	return Place{}, fmt.Errorf("tui: %s: must be an event such as 14, a time such as 1.2s, or a part such as 50%%", text)
}

// Seek moves the film to at. It returns an error if at is out of range.
func (f *Film) Seek(at Place) error { return f.p.seekPlace(at) }

// seekPlace moves the playhead to at.
func (p *player) seekPlace(at Place) error {
	switch at.unit {
	case '%':
		p.seek(time.Duration(at.part / 100 * float64(p.end())))
	case 's':
		end := p.rec.Timeline.End()
		if at.time < 0 || at.time > end {
			return fmt.Errorf("tui: time %v is out of range, must be 0 … %v", at.time, end)
		}
		p.seek(p.rec.Clock().Place(at.time, p.rec.Len()))
	default:
		of := p.rec.Len()
		if at.event < 0 || at.event > of {
			return fmt.Errorf("tui: event %d is out of range, must be 0 … %d", at.event, of)
		}
		p.seek(p.rec.Clock().PosOf(at.event))
	}
	return nil
}

// jump moves the playhead to the position that text describes, and pauses.
func (p *player) jump(text string) error {
	at, err := ParsePlace(strings.TrimSpace(text))
	if err == nil {
		err = p.seekPlace(at)
	}
	if err != nil {
		return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "tui: "))
	}
	p.playing = false
	return nil
}
