#include "textflag.h"

// The kernel calls the handler with the signal's number in DI, on the
// thread's alternate stack, all signals blocked; every register is restored
// by rt_sigreturn(2).
TEXT ·handler(SB), NOSPLIT|NOFRAME, $0
	SUBQ $8, SP
	MOVL DI, (SP)
	MOVL ·pipe(SB), DI
	MOVQ SP, SI
	MOVL $1, DX
	MOVL $1, AX // write
	SYSCALL
	ADDQ $8, SP
	RET

TEXT ·restorer(SB), NOSPLIT|NOFRAME, $0
	MOVL $15, AX // rt_sigreturn
	SYSCALL
	INT $3

TEXT ·handlerPC(SB), NOSPLIT, $0-8
	LEAQ ·handler(SB), AX
	MOVQ AX, ret+0(FP)
	RET

TEXT ·restorerPC(SB), NOSPLIT, $0-8
	LEAQ ·restorer(SB), AX
	MOVQ AX, ret+0(FP)
	RET
