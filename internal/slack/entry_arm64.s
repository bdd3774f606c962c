#include "textflag.h"

// The stack is as the kernel made it, and goes on to Go untouched. A failure of
// prctl (a filter's EPERM) leaves "was" 0: a slack is never negative.
//
// func entry()
TEXT ·entry(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVD $167, R8 // prctl
	MOVD $30, R0 // PR_GET_TIMERSLACK
	SVC
	CMP $0, R0
	BLE start
	MOVD R0, ·was(SB)
	MOVD $167, R8
	MOVD $29, R0 // PR_SET_TIMERSLACK
	MOVD $2000000, R1 // nanoseconds
	SVC
start:
	JMP _rt0_arm64_linux(SB)
