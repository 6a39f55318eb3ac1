package main

// guard does nothing: consoles give themselves back.
func (s *screen) guard() (end func()) { return func() {} }

func beGuard() bool { return false }
