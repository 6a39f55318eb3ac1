package scenarios

import "strings"

// didYouMean returns `; did you mean "…"?` with the nearest of names, or "" if none is near.
func didYouMean(name string, names []string) string {
	best, nearest := 1+max(2, len(name)/3), ""
	for _, n := range names {
		d := distance(strings.ToLower(name), n)
		if name != "" && strings.HasPrefix(n, strings.ToLower(name)) {
			d = min(d, 1)
		}
		if d < best {
			best, nearest = d, n
		}
	}
	if nearest == "" {
		return ""
	}
	return `; did you mean "` + nearest + `"?`
}

// distance returns the number of bytes that must be inserted, removed, replaced, or swapped with their neighbor to turn a into b.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
