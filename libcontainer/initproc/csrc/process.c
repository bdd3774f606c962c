/* Ops on processes: namespaces, stage 2, the pair between the stages, hooks. */
#include "init.h"

long op_setns(struct ctx *c, const struct op *o)
{
	return SYS2(setns, slot(c, o->src), o->n[0]);
}

long op_unshare(struct ctx *c, const struct op *o)
{
	(void)c;
	return SYS1(unshare, o->n[0]);
}

/* op_pair: a socket pair for the helper (dst) and stage 2 (aux). */
long op_pair(struct ctx *c, const struct op *o)
{
	int fds[2];
	/* AF_UNIX, SOCK_SEQPACKET */
	long r = SYS4(socketpair, 1, 5 | SOCK_CLOEXEC_, 0, fds);
	if (r < 0)
		return r;
	slot_set(c, o->dst, fds[0]);
	slot_set(c, o->aux, fds[1]);
	return 0;
}

/* clone_process is clone3(2) with a pidfd, or clone(2) where a filter around us refuses
 * that, as it cannot see the flags. */
static long clone_process(u64 flags, u64 signal, int *pidfd)
{
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (u64)(uintptr_t)pidfd,
		.exit_signal = signal,
	};
	long pid = SYS2(clone3, &args, sizeof args);
	if ((pid == -ENOSYS || pid == -EPERM) && !(flags & 0xff)) /* those are the signal's bits */
		pid = SYS5(clone, args.flags | signal, 0, pidfd, 0, 0);
	return pid;
}

/* op_clone makes stage 2, or a helper, in new namespaces n0: a child of our parent.
 * It goes on at op n1; stage 1 tells its pid and pidfd and goes on behind this op. */
long op_clone(struct ctx *c, const struct op *o)
{
	int pidfd = -1;
	long pid = clone_process(o->n[0] | CLONE_PARENT, 0, &pidfd);
	if (pid < 0)
		return pid;
	if (pid == 0) {
		c->pc = (u32)o->n[1];
		return 0;
	}
	struct msg m = {MSG_CHILD, c->pc - 1, (s32)pid, 0};
	long r = send_msg(c->sock, &m, NULL, 0, pidfd);
	if (o->dst >= 0)
		slot_set(c, o->dst, pidfd);
	else
		close_fd(pidfd);
	return r;
}

/* op_peer_send passes src, or nothing but the message, through the pair's end aux. */
long op_peer_send(struct ctx *c, const struct op *o)
{
	struct msg m = {MSG_GO, c->pc - 1, 0, 0};
	return send_msg(slot(c, o->aux), &m, NULL, 0, slot(c, o->src));
}

/* op_peer_recv: dst ← the fd that the other stage sent. */
long op_peer_recv(struct ctx *c, const struct op *o)
{
	struct msg m;
	u32 len = 0, nfds = 0;
	int fd = -1;
	long r = recv_msg(slot(c, o->aux), 0, &m, NULL, 0, &len, &fd, 1, &nfds);
	if (r == -EPIPE || r == -ECONNRESET)
		quit(1); /* the other stage failed, and has said so itself */
	if (r < 0)
		return r;
	if (o->dst >= 0 && nfds != 1)
		return -EPROTO;
	if (nfds)
		slot_set(c, o->dst, fd);
	return 0;
}

/* hook_child becomes the hook. What goes wrong before that goes into the pipe. */
static _Noreturn void hook_child(struct ctx *c, const struct op *o, int status)
{
	static const s16 none = -1;
	const s16 from[3] = {o->src, o->dst, o->aux};
	const u64 mask = 0; /* init blocks all signals */
	SYS4(rt_sigprocmask, SIG_SETMASK_, &mask, NULL, sizeof mask);
	SYS1(umask, c->umask);
	long r = SYS2(setpgid, 0, 0);
	for (int i = 0; i < 3 && r >= 0; i++)
		if (from[i] != none)
			r = SYS3(dup3, slot(c, from[i]), i, 0);
	if (r >= 0 && o->src != none)
		r = SYS3(lseek, 0, 0, 0); /* each hook reads the state from its start */
	/* the streams alone are the hook's, not what is kept for the process */
	for (int fd = 3; fd < c->kept && r >= 0; fd++)
		r = SYS3(fcntl, fd, 2 /* F_SETFD */, 1 /* FD_CLOEXEC */);
	if (r >= 0)
		r = SYS3(execve, text(c, o->s1), c->plan + o->n[0], c->plan + o->n[2]);
	s32 err = (s32)r;
	SYS3(write, status, &err, sizeof err);
	quit(127);
}

/* hook_wait waits until the hook has ended, for at most ms milliseconds if ms
 * is not zero; then its whole process group is killed. A runtime that is gone
 * ends both, as it ends an init that waits: nobody is left to be told. */
static long hook_wait(struct ctx *c, long pid, int pidfd, u64 ms)
{
	/* of the socket only POLLHUP, which is always told */
	struct pollfd_ p[2] = {{pidfd, POLLIN_, 0}, {c->sock, 0, 0}};
	long timespec[2] = {(long)(ms / 1000), (long)(ms % 1000) * 1000000};
	long r;
	do
		r = SYS5(ppoll, p, 2, ms ? timespec : NULL, NULL, 0);
	while (r == -EINTR);
	int alone = r > 0 && p[1].revents && !p[0].revents;
	if (r <= 0 || alone) {
		SYS2(kill, -pid, SIGKILL_);
		SYS2(kill, pid, SIGKILL_); /* it may not lead its group yet */
	}
	s32 status = 0;
	long w;
	do
		w = SYS4(wait4, pid, &status, 0x40000000 /* __WALL */, NULL);
	while (w == -EINTR);
	if (alone)
		quit(1);
	if (r <= 0)
		return r < 0 ? r : -ETIMEDOUT;
	if (w < 0)
		return w;
	c->detail |= (u32)status;
	return status ? -ECHILD : 0;
}

/* op_hook runs s1 with the argument table at n0 and the environment at n2, its
 * streams being the slots src, dst and aux; s2 holds the time-out in ms. */
long op_hook(struct ctx *c, const struct op *o)
{
	int status[2], pidfd = -1;
	c->detail = HOOK_DETAIL;
	long r = SYS2(pipe2, status, O_CLOEXEC);
	if (r < 0)
		return r;
	long pid = clone_process(0, SIGCHLD_, &pidfd);
	if (pid == 0)
		hook_child(c, o, status[1]);
	close_fd(status[1]);
	if (pid < 0) {
		close_fd(status[0]);
		return pid;
	}
	u64 ms;
	copy_bytes(&ms, c->plan + o->s2.off, sizeof ms);
	long w = hook_wait(c, pid, pidfd, ms);
	close_fd(pidfd);
	s32 err = 0; /* read now that the hook has ended: an execve(2) may hang, too */
	r = SYS3(read, status[0], &err, sizeof err);
	close_fd(status[0]);
	if (r == (long)sizeof err && err < 0 && err >= -4095)
		w = err;
	if (w == 0)
		c->detail = 0;
	return w;
}
