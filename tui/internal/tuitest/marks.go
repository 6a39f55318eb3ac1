package tuitest

import "regexp"

// Cut matches what ends amid a sentence. A name that is shorter has its end.
var Cut = regexp.MustCompile(`…(\s|[│║╎┃]|$)`)

// CountOfOne matches a count where there is nothing to count.
var CountOfOne = regexp.MustCompile(`×1\b`)
