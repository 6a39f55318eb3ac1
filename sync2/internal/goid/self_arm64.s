//go:build gc && !turnstile_slowgoid

#include "textflag.h"

// func self() (slot uintptr, id int64)
TEXT ·self(SB), NOSPLIT, $0-16
	MOVD ·offset(SB), R1
	CBZ R1, slow
	MOVD (g)(R1), R1
	MOVD g, slot+0(FP)
	MOVD R1, id+8(FP)
	RET
slow:
	JMP ·selfSlow(SB)
