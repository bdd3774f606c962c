#include "textflag.h"

// The kernel calls the handler with the signal's number in R0, on the
// thread's alternate stack, all signals blocked; every register is restored
// by rt_sigreturn(2).
TEXT ·handler(SB), NOSPLIT|NOFRAME, $0
	SUB $16, RSP
	MOVW R0, (RSP)
	MOVW ·pipe(SB), R0
	MOVD RSP, R1
	MOVD $1, R2
	MOVD $64, R8 // write
	SVC
	ADD $16, RSP
	RET

TEXT ·restorer(SB), NOSPLIT|NOFRAME, $0
	MOVD $139, R8 // rt_sigreturn
	SVC
	BRK

TEXT ·handlerPC(SB), NOSPLIT, $0-8
	MOVD $·handler(SB), R0
	MOVD R0, ret+0(FP)
	RET

TEXT ·restorerPC(SB), NOSPLIT, $0-8
	MOVD $·restorer(SB), R0
	MOVD R0, ret+0(FP)
	RET
