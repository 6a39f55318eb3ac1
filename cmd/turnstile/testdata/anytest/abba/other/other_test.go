package other

import "testing"

func TestOther(*testing.T) {}
