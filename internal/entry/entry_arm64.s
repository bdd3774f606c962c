#include "go_asm.h"
#include "textflag.h"

#define SYS_prctl 167
#define SYS_prlimit64 261
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
	MOVD $SYS_prctl, R8
	MOVD $PR_GET_TIMERSLACK, R0
	SVC
	CMP $0, R0
	BLE limits
	MOVD R0, ·slack(SB)
	MOVD $SYS_prctl, R8
	MOVD $PR_SET_TIMERSLACK, R0
	MOVD $const_Slackened, R1
	SVC

limits:
	MOVD $SYS_prlimit64, R8
	MOVD $0, R0 // this process
	MOVD $RLIMIT_NOFILE, R1
	MOVD $0, R2
	MOVD $·files(SB), R3 // the old limit
	SVC
	CBNZ R0, environment
	MOVD ·files+0(SB), R4
	MOVD $3, R5 // the standard streams may still be opened
	CMP R5, R4
	BLS environment
	MOVD ·files+8(SB), R6
	MOVD $·nofiles(SB), R2
	MOVD R5, 0(R2)
	MOVD R6, 8(R2)
	MOVD $SYS_prlimit64, R8
	MOVD $RLIMIT_NOFILE, R1
	MOVD $0, R3
	SVC
	CBNZ R0, environment
	MOVD $1, R4
	MOVB R4, ·limited(SB)

// All up to the environment's end moves down by two words, which keeps the stack
// aligned; both name the new variable.
environment:
	MOVD RSP, R1
	SUB $16, R1, R2
	MOVD R2, R5
	MOVD (R1), R3
	ADD $2, R3 // argc, and the 0 behind the arguments
arguments:
	MOVD.P 8(R1), R4
	MOVD.P R4, 8(R2)
	SUB $1, R3
	CBNZ R3, arguments
next:
	MOVD.P 8(R1), R4
	CBZ R4, end
	MOVD.P R4, 8(R2)
	JMP next
end:
	MOVD $·procs(SB), R4
	MOVD.P R4, 8(R2)
	MOVD.P R4, 8(R2)
	MOVD R5, RSP
	JMP _rt0_arm64_linux(SB)

// func allowFiles()
TEXT ·allowFiles(SB), NOSPLIT, $0
	MOVD $SYS_prlimit64, R8
	MOVD $0, R0
	MOVD $RLIMIT_NOFILE, R1
	MOVD $·files(SB), R2
	MOVD $0, R3
	SVC
	RET
