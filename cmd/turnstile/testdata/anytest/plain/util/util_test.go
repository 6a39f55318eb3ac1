package util

import "testing"

func TestUtil(t *testing.T) {}
