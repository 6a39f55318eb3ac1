package wording

import "testing"

// What does not fit is left out as a whole before anything is cut.
func TestWordsInLittleRoom(t *testing.T) {
	const turned = "start-line broken by main: order canceled"
	for _, tt := range []struct {
		f                  func(what, more string, room int) (string, string)
		what, more         string
		room               int
		wantWhat, wantMore string
	}{
		{OneLine, "waits for gate", "1st of 3 · 0.41 s", 34, "waits for gate", "1st of 3 · 0.41 s"},
		{OneLine, "waits for gate", "1st of 3 · 0.41 s", 33, "for gate", "1st of 3 · 0.41 s"},
		{OneLine, "waits for gate", "1st of 3 · 0.41 s", 27, "waits for gate", "1st of 3"},
		{OneLine, "waits for gate", "1st of 3 · 0.41 s", 18, "waits for gate", ""},
		{OneLine, "waits for gate", "1st of 3 · 0.41 s", 13, "for gate", ""},
		{OneLine, "waits for the end of customer-17", "0.41 s", 24, "for customer-17", "0.41 s"},
		{OneLine, "waits for the end of customer-17", "0.41 s", 12, "for cust…-17", ""},
		{OneLine, "running", "released by ann", 24, "released by ann", ""},
		{OneLine, "released by pushes-tobacco", "", 17, "by pushes-tobacco", ""},
		{OneLine, "holds pool", "released by ann", 24, "holds pool", ""},
		{OneLine, "turned away", "rack closed by main", 26, "rack closed by main", ""},
		{TwoLines, "waits for gate", "1st of 3 · 0.41 s", 24, "waits for gate", "1st of 3 · 0.41 s"},
		{TwoLines, "waits for the end of ann", "0.41 s", 20, "waits for the end of", "ann · 0.41 s"},
		{TwoLines, "waits for the end of philosopher-17", "0.41 s", 20, "waits for philo…r-17", "0.41 s"},
		{TwoLines, "waits for the end of philosopher-17", "0.41 s", 10, "waits…r-17", "0.41 s"},
		{func(what, _ string, room int) (string, string) { return InTwo(what, "start-line ", room) },
			"turned away: " + turned, "", 46, "turned away: start-line broken by main: order", "canceled"},
		{func(what, _ string, room int) (string, string) { return InTwo(what, "start-line ", room) },
			"turned away: " + turned, "", 24, "turned away: broken by", "main: order canceled"},
	} {
		if what, more := tt.f(tt.what, tt.more, tt.room); what != tt.wantWhat || more != tt.wantMore {
			t.Errorf("%q, %q in %d cells is %q, %q, want %q, %q", tt.what, tt.more, tt.room, what, more, tt.wantWhat, tt.wantMore)
		}
	}
}
