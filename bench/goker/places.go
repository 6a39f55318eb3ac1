package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/internal/anytest"
)

// A program is one of those that are looked at.
type program struct {
	name string // of its function, as it is registered
	file string
	sets [][]int // lines at which goroutines wait forever at one time; one of the sets is enough, and none is needed if there is none
	all  []int   // every line at which a goroutine may wait forever
}

//go:embed places.txt
var placesText string

// programs returns the programs of places.txt.
func programs() ([]program, error) {
	var all []program
	for i, line := range strings.Split(placesText, "\n") {
		f := strings.Fields(strings.ReplaceAll(line, "?", "")) // the marks are for people
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		if len(f) < 3 || len(f) > 3 && f[3] != "also" {
			return nil, fmt.Errorf("places.txt:%d: cannot read %q", i+1, line)
		}
		p := program{name: f[0], file: f[1]}
		if f[2] == "none" {
			all = append(all, p)
			continue
		}
		for set := range strings.SplitSeq(f[2], "|") {
			lines, err := numbers(strings.Split(set, "+"))
			if err != nil {
				return nil, fmt.Errorf("places.txt:%d: %w", i+1, err)
			}
			p.sets = append(p.sets, lines)
			p.all = append(p.all, lines...)
		}
		if len(f) > 4 {
			also, err := numbers(f[4:])
			if err != nil {
				return nil, fmt.Errorf("places.txt:%d: %w", i+1, err)
			}
			p.all = append(p.all, also...)
		}
		slices.Sort(p.all)
		p.all = slices.Compact(p.all)
		all = append(all, p)
	}
	return all, nil
}

func numbers(texts []string) ([]int, error) {
	var all []int
	for _, t := range texts {
		n, err := strconv.Atoi(t)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

// A grade says how well a failure is that of the program.
type grade int

const (
	notFound  grade = iota
	elsewhere       // a goroutine waits where none should, or it is no matter of waiting
	partly          // all wait where they may, but no set is complete
	atPlaces        // a set is complete, and nobody waits elsewhere
)

// grade compares the places of a failure with those of the program.
func (p *program) grade(f *anytest.Failure) grade {
	lines := p.lines(f)
	if len(lines) == 0 || slices.ContainsFunc(lines, func(n int) bool { return !slices.Contains(p.all, n) }) {
		return elsewhere
	}
	for _, set := range p.sets {
		if !slices.ContainsFunc(set, func(n int) bool { return !slices.Contains(lines, n) }) {
			return atPlaces
		}
	}
	return partly
}

// lines returns the lines of the program's file at which a failure is. A place in another file is line 0.
func (p *program) lines(f *anytest.Failure) []int {
	var lines []int
	for _, place := range f.Places {
		file, line, _ := strings.Cut(place[strings.LastIndexByte(place, '/')+1:], ":")
		line, _, _ = strings.Cut(line, ":")
		n, err := strconv.Atoi(line)
		if err != nil || file != p.file {
			n = 0
		}
		lines = append(lines, n)
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}
