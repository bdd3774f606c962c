#include "go_asm.h"
#include "textflag.h"

#define SYS_prctl 157
#define SYS_prlimit64 302
#define PR_SET_TIMERSLACK 29
#define PR_GET_TIMERSLACK 30
#define RLIMIT_NOFILE 7

DATA ·procs+0(SB)/8, $"GOMAXPRO"
DATA ·procs+8(SB)/8, $"CS=2\x00\x00\x00\x00"
GLOBL ·procs(SB), RODATA|NOPTR, $16

// The stack holds argc, the arguments, 0, the environment, 0, and the auxiliary
// vector. Whatever fails, under a filter say, is left as it is.
//
// func start()
TEXT ·start(SB), NOSPLIT|NOFRAME|TOPFRAME, $0
	MOVL $SYS_prctl, AX
	MOVL $PR_GET_TIMERSLACK, DI
	SYSCALL
	TESTQ AX, AX
	JLE limits
	MOVQ AX, ·slack(SB)
	MOVL $SYS_prctl, AX
	MOVL $PR_SET_TIMERSLACK, DI
	MOVL $const_Slackened, SI
	SYSCALL

limits:
	MOVL $SYS_prlimit64, AX
	XORL DI, DI // this process
	MOVL $RLIMIT_NOFILE, SI
	XORL DX, DX
	MOVQ $·files(SB), R10 // the old limit
	SYSCALL
	TESTQ AX, AX
	JNE environment
	MOVQ $3, R8 // the standard streams may still be opened
	CMPQ R8, ·files+0(SB)
	JAE environment
	MOVQ R8, ·nofiles+0(SB)
	MOVQ ·files+8(SB), R9
	MOVQ R9, ·nofiles+8(SB)
	MOVL $SYS_prlimit64, AX
	MOVQ $·nofiles(SB), DX
	XORL R10, R10
	SYSCALL
	TESTQ AX, AX
	JNE environment
	MOVB $1, ·limited(SB)

// All up to the environment's end moves down by two words, which keeps the stack
// aligned; both name the new variable.
environment:
	MOVQ SP, SI
	LEAQ -16(SP), DI
	MOVQ DI, R8
	MOVQ (SP), CX
	ADDQ $2, CX // argc, and the 0 behind the arguments
	CLD
	REP; MOVSQ
next:
	LODSQ
	TESTQ AX, AX
	JZ end
	STOSQ
	JMP next
end:
	MOVQ $·procs(SB), AX
	STOSQ
	STOSQ
	MOVQ R8, SP
	JMP _rt0_amd64_linux(SB)

// func allowFiles()
TEXT ·allowFiles(SB), NOSPLIT, $0
	MOVL $SYS_prlimit64, AX
	XORL DI, DI
	MOVL $RLIMIT_NOFILE, SI
	MOVQ $·files(SB), DX
	XORL R10, R10
	SYSCALL
	RET
