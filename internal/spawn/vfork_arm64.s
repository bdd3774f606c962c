#include "go_asm.h"
#include "textflag.h"

#define SYS_exit 93

#define CALL \
	MOVD (call_args+0)(R20), R0; \
	MOVD (call_args+8)(R20), R1; \
	MOVD (call_args+16)(R20), R2; \
	MOVD (call_args+24)(R20), R3; \
	MOVD (call_args+32)(R20), R4; \
	MOVD (call_args+40)(R20), R5; \
	SVC

// The child has the parent's stack pointer and leaves it alone: it pushes nothing,
// and no signal has a handler.
//
// func vfork(p *child) uintptr
TEXT ·vfork(SB), NOSPLIT|NOFRAME, $0-16
	MOVD p+0(FP), R19
	MOVD child_before(R19), R20
before:
	MOVD call_nr(R20), R8
	CMN $1, R8
	BEQ clone
	CALL
	CMN $4095, R0
	BCS parent
	ADD $call__size, R20
	B before
clone:
	ADD $child_clone, R19, R20
	MOVD call_nr(R20), R8
	CALL
	CBZ R0, child
parent:
	MOVD R0, ret+8(FP)
	MOVD child_after(R19), R20
after:
	MOVD call_nr(R20), R8
	CMN $1, R8
	BEQ done
	CALL
	ADD $call__size, R20
	B after
done:
	RET

child:
	MOVD child_first(R19), R20
next:
	MOVD call_nr(R20), R8
	CALL
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
