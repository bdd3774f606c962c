#include "textflag.h"

// The stack is as the kernel made it, and goes on to Go untouched. A failure of
// prctl (a filter's EPERM) leaves "was" 0: a slack is never negative.
//
// func entry()
TEXT ·entry(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVL $157, AX // prctl
	MOVL $30, DI // PR_GET_TIMERSLACK
	SYSCALL
	TESTQ AX, AX
	JLE start
	MOVQ AX, ·was(SB)
	MOVL $157, AX
	MOVL $29, DI // PR_SET_TIMERSLACK
	MOVL $2000000, SI // nanoseconds
	SYSCALL
start:
	JMP _rt0_amd64_linux(SB)
