#include "go_asm.h"
#include "textflag.h"

#define SYS_exit 93
#define SYS_prctl 167
#define SYS_clone3 435
#define PR_SET_TIMERSLACK 29

// The child has the parent's stack pointer and leaves it alone: it pushes nothing,
// and no signal has a handler.
//
// func vfork(p *child) uintptr
TEXT ·vfork(SB), NOSPLIT|NOFRAME, $0-16
	MOVD p+0(FP), R19
	MOVD child_slack(R19), R1
	CBZ R1, parent
	MOVD $SYS_prctl, R8
	MOVD $PR_SET_TIMERSLACK, R0
	SVC
parent:
	MOVD $SYS_clone3, R8
	ADD $child_args, R19, R0
	MOVD $cloneArgs__size, R1
	SVC
	CBZ R0, child
	MOVD R0, ret+8(FP)
	MOVD child_slack(R19), R1
	CBZ R1, done
	MOVD $SYS_prctl, R8
	MOVD $PR_SET_TIMERSLACK, R0
	MOVD child_slacken(R19), R1
	SVC
done:
	RET

child:
	MOVD child_first(R19), R20
next:
	MOVD call_nr(R20), R8
	MOVD (call_args+0)(R20), R0
	MOVD (call_args+8)(R20), R1
	MOVD (call_args+16)(R20), R2
	MOVD (call_args+24)(R20), R3
	MOVD (call_args+32)(R20), R4
	MOVD (call_args+40)(R20), R5
	SVC
	CMN $4095, R0
	BCS failed
	ADD $call__size, R20
	B next
failed:
	NEG R0, R0
	MOVD R0, child_errno(R19)
	MOVD R20, child_failed(R19)
	MOVD $SYS_exit, R8
	MOVD $127, R0
	SVC
	BRK
