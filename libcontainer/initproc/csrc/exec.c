/* The last ops: working directory, program, start, execution. */
#include "init.h"

#define SFD_CLOEXEC_ 02000000

/* op_chdir enters s1 below src, which is "/" by now. Called before the change
 * of user, with EACCES_OK, and after it: either may be the one that is allowed
 * (network file systems, private homes). With MKDIR a missing directory is
 * made. Afterwards the directory must lie inside the root (CVE-2024-21626). */
long op_chdir(struct ctx *c, const struct op *o)
{
	static char cwd[PATH_MAX_];
	int made;
	if (c->cwd_done)
		return 0;
	long r = root_open(slot(c, o->src), text(c, o->s1), O_PATH | O_DIRECTORY);
	if (r == -ENOENT && (o->flags & F_MKDIR))
		r = root_make(slot(c, o->src), text(c, o->s1), MAKE_DIR, 0755, &made);
	if (r >= 0) {
		long fd = r;
		r = SYS1(fchdir, fd);
		close_fd(fd);
	}
	if ((r == -EACCES || r == -EPERM) && (o->flags & F_EACCES_OK))
		return 0;
	if (r < 0)
		return r;
	r = SYS2(getcwd, cwd, sizeof cwd);
	if (r >= 0 && cwd[0] != '/')
		return -ENOENT;
	if (r < 0 && r != -ERANGE)
		return r;
	c->cwd_done = 1;
	return 0;
}

/* runnable says whether the process may execute path, as exec.LookPath does. */
static long runnable(const char *path)
{
	struct statx st;
	long r = SYS5(statx, AT_FDCWD, path, 0, STATX_TYPE, &st);
	if (r < 0)
		return r;
	if ((st.stx_mode & S_IFMT_) == S_IFDIR_)
		return -EISDIR;
	return SYS4(faccessat2, AT_FDCWD, path, 1 /* X_OK */, AT_EACCESS);
}

/* op_find chooses the first of the n0 paths in s1 that can be executed. */
long op_find(struct ctx *c, const struct op *o)
{
	long r = -ENOENT;
	for (u32 at = 0; at < o->s1.len;) {
		const char *path = text(c, o->s1) + at;
		r = runnable(path);
		if (r == 0) {
			c->found = o->s1.off + at;
			return 0;
		}
		while (at < o->s1.len && c->plan[o->s1.off + at])
			at++;
		at++;
	}
	return o->n[0] == 1 ? r : -ENOENT;
}

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

/* take_start accepts one caller and waits for its word. A caller that goes away
 * without a word was not the one. */
static long take_start(struct ctx *c, const struct op *o)
{
	long conn = SYS4(accept4, slot(c, o->src), NULL, NULL, SOCK_CLOEXEC_);
	if (conn < 0)
		return conn;
	struct msg m;
	u32 len = 0, nfds = 0;
	int fds[MAX_FDS];
	long r = recv_msg((int)conn, &m, NULL, 0, &len, fds, (u32)o->n[1], &nfds);
	if (r < 0 || m.kind != MSG_GO) {
		for (u32 i = 0; i < nfds; i++)
			close_fd(fds[i]);
		close_fd(conn);
		return -EAGAIN;
	}
	for (u32 i = 0; i < nfds; i++)
		slot_set(c, (s16)(o->dst + (int)i), fds[i]);
	close_fd(c->sock);
	c->sock = (int)conn;
	slot_set(c, o->src, -1);
	return 0;
}

/* op_accept waits on the start socket src. From then on the caller of start is
 * the one who is told. */
long op_accept(struct ctx *c, const struct op *o)
{
	long sig = fatal_signals();
	if (sig < 0)
		return sig;
	for (;;) {
		struct pollfd_ p[2] = {{slot(c, o->src), POLLIN_, 0}, {(int)sig, POLLIN_, 0}};
		long r = SYS5(ppoll, p, 2, NULL, NULL, 0);
		if (r < 0 && r != -EINTR)
			return r;
		if (r > 0 && p[1].revents) {
			u32 info[32];
			r = SYS3(read, sig, info, sizeof info);
			quit(r > 0 ? 128 + (int)info[0] : 1);
		}
		if (r <= 0 || !p[0].revents)
			continue;
		r = take_start(c, o);
		if (r == -EAGAIN || r == -EINTR || r == -ECONNABORTED)
			continue;
		close_fd(sig);
		return r;
	}
}

/* op_announce: the next thing that could still be heard is a failure. */
long op_announce(struct ctx *c, const struct op *o)
{
	(void)o;
	struct msg m = {MSG_EXEC, c->pc - 1, 0, 0};
	return send_msg(c->sock, &m, NULL, 0, -1);
}

/* op_signals gives the process the dispositions and the mask of a fresh one. */
long op_signals(struct ctx *c, const struct op *o)
{
	(void)c, (void)o;
	static const u64 dfl[8]; /* struct sigaction of the kernel, SIG_DFL */
	u64 none = 0;
	for (int s = 1; s <= 64; s++)
		SYS4(rt_sigaction, s, dfl, NULL, sizeof none);
	return SYS4(rt_sigprocmask, SIG_SETMASK_, &none, NULL, sizeof none);
}

/* op_exec becomes the process: the path that FIND chose, or s1, with the
 * argument table at n0 and the environment at n2. */
long op_exec(struct ctx *c, const struct op *o)
{
	const char *path = c->found ? (const char *)c->plan + c->found : text(c, o->s1);
	return SYS3(execve, path, c->plan + o->n[0], c->plan + o->n[2]);
}
