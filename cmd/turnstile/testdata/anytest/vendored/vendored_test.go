package vendored

import (
	"testing"

	"example.com/dep"
)

func TestHand(t *testing.T) {
	if dep.Hand(3) != 3 {
		t.Error("another number came")
	}
}
