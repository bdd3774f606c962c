/* The scripted kernel: sys() as init sees it while it is fuzzed. Every call is
 * checked as the real one would: memory that it would read or write must be
 * init's to give, fds must be open, names inside the root file system must be
 * single components. What it answers comes from a script, one byte a call. */
#ifndef CREEL_FUZZ_KERNEL_H
#define CREEL_FUZZ_KERNEL_H

/* The kernel itself is not what coverage is wanted of: a file begins with this
 * and ends with #pragma clang attribute pop. */
#define UNCOVERED \
	_Pragma("clang attribute push(__attribute__((no_sanitize(\"coverage\"))), apply_to = function)")

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "init.h"

/* Script bytes from FAIL on ask for an errno, those below for a success, of
 * which some calls know several kinds. Behind the script's end all is 0: plain
 * success, so that every loop of init must come to its end. */
enum { FAIL = 0xa0 };

/* The fds that init starts with: one that the process is to keep, init's
 * socket and its own file, and one that the caller had left open. */
enum { KEPT = 3, SOCK = 4, EXE = 5, STRAY = 9 };

enum { MAX_CALLS = 400000, FD_MAX = 256 };

/* How a run ended, for longjmp. */
enum { EXITED = 1, EXECUTED = 2 };

struct world {
	const u8 *script;
	size_t script_len, script_at;
	int script_boot; /* the script begins with the boot, not with the plan */
	const u8 *plan;	 /* what the plan's file holds */
	u32 plan_size;
	u8 *mapped;	 /* init's copy of it */
	unsigned first_fds;
	struct ctx *ctx; /* once the plan runs */
	u32 op;		 /* the op that runs, ~0 before */
	int late;	 /* a late value was written into the plan */
	int in_hook;	 /* the child of HOOK */
	int listed;	 /* the open fds were shown */
	u64 blocked;	 /* signals */
	unsigned long calls;
	jmp_buf end;
};

extern struct world world;

/* bug ends the fuzzer: init did what it must never do. */
_Noreturn void bug(const char *what, ...) __attribute__((format(printf, 1, 2)));
const char *op_name_of(u32 code);
/* now returns the op that runs, or NULL while init boots. */
const struct op *now(void);

/* memory.c: each ends the fuzzer when the bytes are not init's */
void readable(const char *what, long p, size_t n);
void writable(const char *what, long p, size_t n);
/* string returns the terminated string at p. */
const char *string(const char *what, long p);
void put(const char *what, long p, const void *data, size_t n);

/* fds.c */
void fds_reset(void);
int fd_new(int cloexec);
/* fd_use says whether fd is one, and ends the fuzzer when it was closed. */
int fd_use(const char *call, long fd);
void fd_close(long fd);
void fd_dup(long from, long to, int cloexec);
void fd_cloexec(long from, long to);
int fd_open(long fd);
/* fd_close_from closes all fds from this one on. */
void fd_close_from(long from);
/* fd_linkless remembers that no link led to what fd is. */
void fd_linkless(long fd);
/* fds_owned checks between two ops that no fd was forgotten, none kept twice,
 * and no slot names a closed one. */
void fds_owned(void);
/* fds_at_exec checks that only fds below limit survive execve(2). */
void fds_at_exec(int limit);

/* ops.c */
void ops_enter(u32 code);
void ops_leave(u32 code);
void ops_failed(u32 code);
int ops_main(int argc, char **argv);

/* record.c: the plan that a list of compact records describes */
u32 plan_of_records(const u8 *data, size_t n, u8 *out, size_t cap);
/* mend.c: repairs most of what is wrong with a plan */
void mend_plan(u8 *mem, u32 size);

/* calls_*.c: one function a call that has more to check, or to answer, than
 * its arguments one by one; v is the script's byte. */
typedef long call_fn(const long *a, u8 v);
call_fn k_accept4, k_capset, k_clone, k_clone3, k_close, k_close_range, k_dup3, k_execve,
	k_exit_group, k_fcntl, k_fsconfig, k_fsmount, k_fsopen, k_fstatfs, k_getcwd, k_getdents64,
	k_ioctl, k_keyctl, k_memfd_create, k_mmap, k_mount_setattr, k_open_tree, k_openat, k_openat2, k_pipe2,
	k_ppoll, k_prctl, k_prlimit64, k_read, k_readlinkat, k_recvmsg, k_rt_sigaction,
	k_rt_sigprocmask, k_sched_setaffinity, k_sched_setattr, k_set_mempolicy, k_seccomp, k_sendmsg, k_sethostname,
	k_setgroups, k_signalfd4, k_socket, k_socketpair, k_statfs, k_statx, k_umask,
	k_wait4, k_write, k_one;

long failure(u8 v);
long dir_entries(const long *a, u8 v); /* an answer to getdents64(2) */
u8 next(void); /* one more byte of the script */

#endif
