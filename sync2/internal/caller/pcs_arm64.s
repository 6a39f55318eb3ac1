//go:build gc

#include "textflag.h"

// func pcs(buf *[Depth]uintptr) int
//
// R29 holds the caller's frame pointer. At it lies the frame pointer of the caller's caller, and above that the return
// address. The outermost is 0.
TEXT ·pcs(SB), NOSPLIT|NOFRAME, $0-16
	MOVD buf+0(FP), R0
	MOVD R29, R1
	MOVD ZR, R2

next:
	CMP  $12, R2
	BGE  done
	CBZ  R1, done
	MOVD 8(R1), R3
	MOVD R3, (R0)(R2<<3)
	MOVD (R1), R1
	ADD  $1, R2
	JMP  next

done:
	MOVD R2, ret+8(FP)
	RET
