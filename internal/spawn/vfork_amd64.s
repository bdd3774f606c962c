#include "go_asm.h"
#include "textflag.h"

#define SYS_exit 60

#define CALL \
	MOVQ (call_args+0)(R13), DI; \
	MOVQ (call_args+8)(R13), SI; \
	MOVQ (call_args+16)(R13), DX; \
	MOVQ (call_args+24)(R13), R10; \
	MOVQ (call_args+32)(R13), R8; \
	MOVQ (call_args+40)(R13), R9; \
	SYSCALL

// The child has the parent's stack pointer and leaves it alone: it pushes nothing,
// and no signal has a handler.
//
// func vfork(p *child) uintptr
TEXT ·vfork(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), R12
	MOVQ child_before(R12), R13
before:
	MOVQ call_nr(R13), AX
	CMPQ AX, $-1
	JEQ clone
	CALL
	CMPQ AX, $-4095
	JCC parent
	ADDQ $call__size, R13
	JMP before
clone:
	LEAQ child_clone(R12), R13
	MOVQ call_nr(R13), AX
	CALL
	TESTQ AX, AX
	JZ child
parent:
	MOVQ AX, ret+8(FP)
	MOVQ child_after(R12), R13
after:
	MOVQ call_nr(R13), AX
	CMPQ AX, $-1
	JEQ done
	CALL
	ADDQ $call__size, R13
	JMP after
done:
	RET

child:
	MOVQ child_first(R12), R13
next:
	MOVQ call_nr(R13), AX
	CALL
	CMPQ AX, $-4095
	JCC failed
	ADDQ $call__size, R13
	JMP next
failed:
	NEGQ AX
	MOVQ AX, child_errno(R12)
	MOVQ R13, child_failed(R12)
	MOVL $SYS_exit, AX
	MOVL $127, DI
	SYSCALL
	INT $3
