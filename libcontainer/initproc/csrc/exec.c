/* The last ops: working directory, program, execution. */
#include "init.h"

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
	r = SYS4(faccessat2, AT_FDCWD, path, 1 /* X_OK */, AT_EACCESS);
	if (r == -ENOSYS || r == -EPERM) /* a filter around us; our real ids are the effective ones */
		r = SYS3(faccessat, AT_FDCWD, path, 1);
	return r;
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

/* op_announce: the next thing that could still be heard is a failure. n0 says
 * that a filter comes first, which may keep even that from being told. */
long op_announce(struct ctx *c, const struct op *o)
{
	struct msg m = {MSG_EXEC, c->pc - 1, (s32)o->n[0], 0};
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
