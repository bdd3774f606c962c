/* System calls without libc, for programs whose start must cost nothing. */
#ifndef RAW_H
#define RAW_H

#include <asm/unistd.h>

void start(long *stack);

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall start\n");

static inline long raw(long nr, long a, long b, long c, long d, long e)
{
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}

/* clone3 for a child that shares our memory: it goes on in fn on a stack of its
 * own, while CLONE_VFORK keeps us waiting. fn does not return. */
static inline long raw_clone3(void *args, long size, void (*fn)(void))
{
	long ret;
	__asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\tcall *%4\n1:"
			 : "=a"(ret)
			 : "a"(__NR_clone3), "D"(args), "S"(size), "r"(fn)
			 : "rcx", "r11", "memory");
	return ret;
}
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x30, #0\n\tmov x0, sp\n\tbl start\n");

static inline long raw(long nr, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "memory", "cc");
	return x0;
}

static inline long raw_clone3(void *args, long size, void (*fn)(void))
{
	register long x8 __asm__("x8") = __NR_clone3;
	register long x0 __asm__("x0") = (long)args;
	register long x1 __asm__("x1") = size;
	register void (*x9)(void) __asm__("x9") = fn;
	__asm__ volatile("svc #0\n\tcbnz x0, 1f\n\tblr x9\n1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x9)
			 : "memory", "cc", "x30");
	return x0;
}
#else
#error "no system call stubs for this processor"
#endif

#define CALL0(n) raw(__NR_##n, 0, 0, 0, 0, 0)
#define CALL1(n, a) raw(__NR_##n, (long)(a), 0, 0, 0, 0)
#define CALL2(n, a, b) raw(__NR_##n, (long)(a), (long)(b), 0, 0, 0)
#define CALL3(n, a, b, c) raw(__NR_##n, (long)(a), (long)(b), (long)(c), 0, 0)
#define CALL4(n, a, b, c, d) raw(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), 0)
#define CALL5(n, a, b, c, d, e) \
	raw(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

#endif
