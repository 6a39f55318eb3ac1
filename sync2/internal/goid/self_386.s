//go:build gc && !turnstile_slowgoid

#include "textflag.h"

// func self() (slot uintptr, id int64)
TEXT ·self(SB), NOSPLIT, $0-12
	MOVL (TLS), AX
	MOVL ·offset(SB), CX
	TESTL CX, CX
	JEQ slow
	ADDL AX, CX
	MOVL 0(CX), DX
	MOVL 4(CX), CX
	MOVL AX, slot+0(FP)
	MOVL DX, id_lo+4(FP)
	MOVL CX, id_hi+8(FP)
	RET
slow:
	JMP ·selfSlow(SB)
