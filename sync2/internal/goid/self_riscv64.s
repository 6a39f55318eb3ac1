//go:build gc && !turnstile_slowgoid

#include "textflag.h"

// func self() (slot uintptr, id int64)
TEXT ·self(SB), NOSPLIT, $0-16
	MOV ·offset(SB), X5
	BEQZ X5, slow
	ADD g, X5
	MOV (X5), X5
	MOV g, slot+0(FP)
	MOV X5, id+8(FP)
	RET
slow:
	JMP ·selfSlow(SB)
