//go:build gc

#include "textflag.h"

// func pcs(buf *[Depth]uintptr) int
//
// BP holds the caller's frame pointer. At it lies the frame pointer of the caller's caller, and above that the return
// address. The outermost is 0.
TEXT ·pcs(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ buf+0(FP), DI
	MOVQ BP, DX
	XORQ AX, AX

next:
	CMPQ AX, $12
	JGE  done
	TESTQ DX, DX
	JEQ  done
	MOVQ 8(DX), SI
	MOVQ SI, (DI)(AX*8)
	MOVQ (DX), DX
	INCQ AX
	JMP  next

done:
	MOVQ AX, ret+8(FP)
	RET
