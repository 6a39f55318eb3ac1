package main

import (
	"fmt"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
)

// catalog returns all scenarios, followed by the lessons of ordinary Go.
func catalog() []*scenarios.Scenario {
	list := scenarios.All()
	for _, l := range ordinary.All() {
		list = append(list, &l.Scenario)
	}
	return list
}

// find returns the scenario with the given name. The scenario of a lesson of ordinary Go has no Run.
func find(name string) (*scenarios.Scenario, error) {
	return scenarios.FindAmong(catalog(), name) // it says what is wrong
}

// findScenario is like find, but returns an error for a lesson. The error suggests the command instead.
func findScenario(name, instead string) (*scenarios.Scenario, error) {
	s, err := find(name)
	if err == nil && s.Run == nil {
		return nil, fmt.Errorf("%s is a lesson of ordinary Go; use turnstile %s %s", name, instead, name)
	}
	return s, err
}
