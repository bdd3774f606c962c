/*
 * caller FLAGS CALL...: makes system calls under the filter on fd 3, each in a
 * child of its own, and prints what came of them, a line each.
 *
 * CALL is NR[:ARG...]; "i" before NR makes it a 32-bit call. With "notify"
 * before the calls, an agent answers notifications with error 42.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sock_filter code[4096];
static struct sock_fprog prog;
static unsigned long flags;

struct shared {
	volatile int loaded, load_errno, listener, done;
	volatile long result;
	unsigned long arg[7];
	int narrow;
};

static long call(const struct shared *s)
{
	const unsigned long *a = s->arg;
	if (!s->narrow) {
		long r = syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
		return r == -1 ? -errno : r;
	}
#ifdef __x86_64__
	int r;
	__asm__ volatile("int $0x80" : "=a"(r)
			 : "a"((int)a[0]), "b"((int)a[1]), "c"((int)a[2]), "d"((int)a[3]),
			   "S"((int)a[4]), "D"((int)a[5]) : "memory", "r8", "r9", "r10", "r11");
	return r;
#else
	return -ENOEXEC;
#endif
}

static int child(void *p)
{
	struct shared *s = p;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	s->load_errno = fd < 0 ? errno : 0;
	s->listener = (int)fd;
	s->loaded = 1;
	if (fd >= 0) {
		s->result = call(s);
		s->done = 1;
	}
	/* The filter may not let a process end in the usual way. */
	syscall(SYS_exit_group, 0);
	raise(SIGKILL);
	for (;;)
		__builtin_trap();
}

static void answer(struct shared *s)
{
	struct seccomp_notif req = {0};
	while (!s->loaded)
		usleep(100);
	if (s->load_errno || ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, &req))
		return;
	struct seccomp_notif_resp resp = {.id = req.id, .error = -42};
	ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
	close(s->listener);
}

int main(int argc, char **argv)
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	ssize_t n = read(3, code, sizeof code);
	if (argc < 2 || n < 0)
		return 2;
	prog.len = (unsigned short)(n / (ssize_t)sizeof *code);
	prog.filter = code;
	flags = strtoul(argv[1], NULL, 0);
	int notify = 0;
	for (int i = 2; i < argc; i++) {
		struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		char *text = strdup(argv[i]);
		int k = 0, status;
		if (!strcmp(text, "notify")) {
			notify = 1;
			continue;
		}
		s->narrow = text[0] == 'i';
		for (char *t = strtok(text + s->narrow, ":"); t && k < 7; t = strtok(NULL, ":"))
			s->arg[k++] = strtoul(t, NULL, 0);
		/* The agent sees the listener because it shares the fds. */
		int pid = clone(child, stack + sizeof stack, (notify ? CLONE_FILES : 0) | SIGCHLD, s);
		if (notify)
			answer(s);
		if (waitpid(pid, &status, 0) < 0)
			return 2;
		if (s->load_errno)
			printf("load: %s\n", strerrordesc_np(s->load_errno));
		else if (!s->done)
			printf("signal %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
		else if (s->result < 0)
			printf("%s\n", strerrordesc_np((int)-s->result) ?: "error");
		else
			printf("ok\n");
	}
	return 0;
}
