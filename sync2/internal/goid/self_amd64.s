//go:build gc && !turnstile_slowgoid

#include "textflag.h"

// func self() (slot uintptr, id int64)
TEXT ·self(SB), NOSPLIT, $0-16
	MOVQ (TLS), AX
	MOVQ ·offset(SB), CX
	TESTQ CX, CX
	JEQ slow
	MOVQ (AX)(CX*1), CX
	MOVQ AX, slot+0(FP)
	MOVQ CX, id+8(FP)
	RET
slow:
	JMP ·selfSlow(SB)
