package tuitest

import "regexp"

// Cut matches a sentence that was cut. It does not match a shortened name, whose end is kept.
var Cut = regexp.MustCompile(`…(\s|[│║╎┃]|$)`)

// CountOfOne matches a count of one, which should not be shown.
var CountOfOne = regexp.MustCompile(`×1\b`)
