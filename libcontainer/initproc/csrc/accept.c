/* The wait for start. */
#include "init.h"

#define SFD_CLOEXEC_ 02000000

/* HELD is how many callers init listens to at once. Any more replace those that
 * have been silent longest. */
enum { HELD = 8 };

enum { CALLERS, SIGNALS, HELD_FIRST, POLLED = HELD_FIRST + HELD };

/* What init polls while it waits for start. */
struct wait {
	struct pollfd_ p[POLLED]; /* an fd of -1 is not looked at */
	u32 next;		  /* where the next caller goes, from 0 to HELD - 1 */
};

/* fatal_signals opens a signalfd for the signals that end a process by default:
 * the first process of a pid namespace would ignore them. */
static long fatal_signals(void)
{
	/* all but CHLD 17, CONT 18, TSTP 20, TTIN 21, TTOU 22, URG 23, WINCH 28 */
	u64 all = ~0ULL;
	u64 mask = all & ~(1ULL << 16 | 1ULL << 17 | 1ULL << 19 | 1ULL << 20 |
			   1ULL << 21 | 1ULL << 22 | 1ULL << 27);
	SYS4(rt_sigprocmask, SIG_SETMASK_, &all, NULL, sizeof all);
	return SYS4(signalfd4, -1, &mask, sizeof mask, SFD_CLOEXEC_);
}

static void drop(struct pollfd_ *p)
{
	close_fd(p->fd);
	p->fd = -1;
}

/* hear reads a caller's word, if it is there. "Go on" makes it the one who is
 * told from now on. Who goes away without a word, or says another, is not it. */
static long hear(struct ctx *c, const struct op *o, struct pollfd_ *p)
{
	struct msg m;
	u32 len = 0, nfds = 0;
	int fds[MAX_FDS];
	long r = recv_msg(p->fd, MSG_DONTWAIT_, &m, NULL, 0, &len, fds, (u32)o->n[1], &nfds);
	if (r == -EAGAIN)
		return r;
	if (r < 0 || m.kind != MSG_GO) {
		for (u32 i = 0; i < nfds; i++)
			close_fd(fds[i]);
		drop(p);
		return -EAGAIN;
	}
	for (u32 i = 0; i < nfds; i++)
		slot_set(c, (s16)(o->dst + (int)i), fds[i]);
	close_fd(c->sock);
	c->sock = p->fd;
	p->fd = -1;
	return 0;
}

/* take_caller accepts one caller. Most have spoken by then; a silent one must
 * keep neither signals nor another caller waiting, and is looked after later. */
static long take_caller(struct ctx *c, const struct op *o, struct wait *w)
{
	struct pollfd_ *p = &w->p[HELD_FIRST + w->next];
	long conn = SYS4(accept4, slot(c, o->src), NULL, NULL, SOCK_CLOEXEC_);
	if (conn == -EINTR || conn == -ECONNABORTED)
		return -EAGAIN;
	if (conn < 0)
		return conn;
	w->next = (w->next + 1) % HELD;
	drop(p);
	p->fd = (int)conn;
	return hear(c, o, p);
}

/* wait_start polls once. It returns 0 when the container may start, and -EAGAIN
 * when not yet. */
static long wait_start(struct ctx *c, const struct op *o, struct wait *w)
{
	long r = SYS5(ppoll, w->p, POLLED, NULL, NULL, 0);
	if (r < 0)
		return r == -EINTR ? -EAGAIN : r;
	if (w->p[SIGNALS].revents) {
		u32 info[32];
		r = SYS3(read, w->p[SIGNALS].fd, info, sizeof info);
		quit(r > 0 ? 128 + (int)info[0] : 1);
	}
	for (u32 i = HELD_FIRST; i < POLLED; i++)
		if (w->p[i].fd >= 0 && w->p[i].revents) {
			r = hear(c, o, &w->p[i]);
			if (r != -EAGAIN)
				return r;
		}
	return w->p[CALLERS].revents ? take_caller(c, o, w) : -EAGAIN;
}

/* op_accept waits on the start socket src. From then on the caller of start is
 * the one who is told. */
long op_accept(struct ctx *c, const struct op *o)
{
	struct wait w = {.next = 0};
	for (u32 i = 0; i < POLLED; i++)
		w.p[i] = (struct pollfd_){-1, POLLIN_, 0};
	long r = fatal_signals();
	if (r < 0)
		return r;
	w.p[SIGNALS].fd = (int)r;
	w.p[CALLERS].fd = slot(c, o->src);
	do
		r = wait_start(c, o, &w);
	while (r == -EAGAIN);
	drop(&w.p[SIGNALS]);
	for (u32 i = HELD_FIRST; i < POLLED; i++)
		drop(&w.p[i]);
	if (r == 0)
		slot_set(c, o->src, -1);
	return r;
}
