/* The gate: how the host gets the listener of a filter with SECCOMP_RET_USER_NOTIF.
 *
 * Behind such a filter any call of init's may be one that waits for an agent's
 * answer, and nobody can answer before the host has the listener. So init makes no
 * call: it leaves the listener's number in a page that it shares with the host, and
 * looks at that page until the host, which takes the listener with pidfd_getfd(2) and
 * gives it to the agent, has opened the gate. */
#include "init.h"

/* GATE_TURNS is how often init looks at a gate that stays shut before it gives up:
 * some seconds of one processor, if the host was killed in between. */
#ifndef GATE_TURNS
#define GATE_TURNS (1ULL << 30)
#endif

enum { GATE_SIZE = 4096 };

struct gate {
	u32 listener; /* its number and 1, 0 while the filter is not loaded */
	u32 open;
};

/* op_gate makes the page, sends its fd to the host and waits until the host has
 * found the agent: what can take long happens before init may make no call. */
long op_gate(struct ctx *c, const struct op *o)
{
	long fd = SYS2(memfd_create, "creel-gate", MFD_CLOEXEC_ | MFD_NOEXEC_SEAL_);
	if (fd == -EINVAL) /* before 6.3 */
		fd = SYS2(memfd_create, "creel-gate", MFD_CLOEXEC_);
	if (fd < 0)
		return fd;
	long r = SYS2(ftruncate, fd, GATE_SIZE);
	if (r == 0) /* PROT_READ|PROT_WRITE, MAP_SHARED */
		r = SYS6(mmap, 0, GATE_SIZE, 3, 1, fd, 0);
	if (r < 0 && r > -4096) {
		close_fd(fd);
		return r;
	}
	c->gate = (struct gate *)r;
	struct msg m = {MSG_SYNC, c->pc - 1, 0, 0};
	r = send_msg(c->sock, &m, NULL, 0, (int)fd);
	close_fd(fd);
	struct op wait = {.dst = -1};
	wait.s1 = (struct str){o->s1.off, 0};
	return r < 0 ? r : expect_go(c, &wait);
}

/* pass_gate leaves the listener's number and waits until the gate is open. */
long pass_gate(struct gate *g, long listener)
{
	__atomic_store_n(&g->listener, (u32)listener + 1, __ATOMIC_RELEASE);
	for (u64 turn = 0; turn < GATE_TURNS; turn++) {
		if (__atomic_load_n(&g->open, __ATOMIC_ACQUIRE))
			return 0;
		relax();
	}
	return -ETIMEDOUT;
}
