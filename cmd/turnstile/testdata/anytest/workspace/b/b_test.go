package b

import (
	"testing"

	"example.com/a"
)

func TestHand(t *testing.T) {
	if a.Hand(3) != 3 {
		t.Error("another number came")
	}
}
