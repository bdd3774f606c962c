/* Calls about processes: who they are, what they may do, what they become. */
#include "kernel.h"

long k_one(const long *a, u8 v)
{
	(void)a;
	return v >= FAIL ? failure(v) : 1;
}

long k_umask(const long *a, u8 v)
{
	(void)v;
	if (a[0] & ~0777L)
		bug("umask %#lo", (unsigned long)a[0]);
	return 022;
}

long k_exit_group(const long *a, u8 v)
{
	(void)a, (void)v;
	longjmp(world.end, EXITED);
}

/* table checks argv or envp. A late value may have been laid over it: then the
 * real kernel says EFAULT. */
static long table(const char *what, long p)
{
	long base = (long)world.mapped, end = base + world.plan_size;
	for (;; p += (long)sizeof(long)) {
		readable(what, p, sizeof(long));
		long s;
		memcpy(&s, (void *)p, sizeof s);
		if (!s)
			return 0;
		if (world.late && (s < base || s >= end))
			return -EFAULT;
		string(what, s);
	}
}

long k_execve(const long *a, u8 v)
{
	if (table("execve's argv", a[1]) < 0 || table("execve's envp", a[2]) < 0)
		return -EFAULT;
	if (v >= FAIL)
		return failure(v);
	if (world.in_hook && world.blocked)
		bug("a hook starts with blocked signals %#llx", (unsigned long long)world.blocked);
	fds_at_exec(world.in_hook ? 3 : KEPT + 1);
	longjmp(world.end, EXECUTED);
}

static long cloned(const char *call, long at, u8 v)
{
	if (v >= FAIL)
		return failure(v);
	if (v & 1) {
		world.in_hook = now()->code == OP_HOOK;
		return 0;
	}
	int pidfd = fd_new(1);
	put(call, at, &pidfd, sizeof pidfd);
	return 4711;
}

/* k_clone3 goes on as the parent, or if the script says so as the child. */
long k_clone3(const long *a, u8 v)
{
	struct clone_args args;
	if (a[1] != sizeof args)
		bug("clone3 with a struct of %ld bytes", a[1]);
	readable("clone3", a[0], sizeof args);
	memcpy(&args, (void *)a[0], sizeof args);
	if (!(args.flags & CLONE_PIDFD))
		bug("clone3 asks for no pidfd");
	writable("clone3", (long)args.pidfd, sizeof(int));
	return cloned("clone3", (long)args.pidfd, v);
}

/* k_clone is k_clone3 where that is refused. */
long k_clone(const long *a, u8 v)
{
	if (!(a[0] & CLONE_PIDFD))
		bug("clone asks for no pidfd");
	writable("clone", a[2], sizeof(int));
	return cloned("clone", a[2], v);
}

long k_wait4(const long *a, u8 v)
{
	static const int statuses[] = {0, 1 << 8, 127 << 8, SIGKILL_};
	if (v >= FAIL)
		return failure(v);
	put("wait4", a[1], &statuses[v % 4], sizeof(int));
	return a[0];
}

long k_rt_sigaction(const long *a, u8 v)
{
	if (a[3] != 8)
		bug("rt_sigaction with a mask of %ld bytes", a[3]);
	readable("rt_sigaction", a[1], 32);
	return v >= FAIL ? failure(v) : 0;
}

long k_rt_sigprocmask(const long *a, u8 v)
{
	(void)v; /* never fails with these arguments */
	if (a[0] != SIG_SETMASK_ || a[2] || a[3] != 8)
		bug("rt_sigprocmask(%ld, …, %#lx, %ld)", a[0], (unsigned long)a[2], a[3]);
	readable("rt_sigprocmask", a[1], 8);
	memcpy(&world.blocked, (void *)a[1], 8);
	return 0;
}

long k_prctl(const long *a, u8 v)
{
	if (a[0] == PR_SET_NAME)
		string("PR_SET_NAME", a[1]);
	return v >= FAIL ? failure(v) : 0;
}

long k_keyctl(const long *a, u8 v)
{
	if (a[0] == 1) /* KEYCTL_JOIN_SESSION_KEYRING */
		string("keyctl", a[1]);
	else if (!a[1])
		bug("keyctl on no keyring");
	if (a[0] == 1 && v == 1) /* the process has that one already */
		return 0;
	return v >= FAIL ? failure(v) : 0x1234567;
}

long k_prlimit64(const long *a, u8 v)
{
	readable("prlimit64", a[2], 16);
	if (a[3])
		bug("prlimit64 asks for the old limit");
	return v >= FAIL ? failure(v) : 0;
}

long k_capset(const long *a, u8 v)
{
	readable("capset", a[0], 8);
	readable("capset", a[1], 24);
	return v >= FAIL ? failure(v) : 0;
}

long k_setgroups(const long *a, u8 v)
{
	readable("setgroups", a[1], (size_t)a[0] * 4);
	return v >= FAIL ? failure(v) : 0;
}

long k_sethostname(const long *a, u8 v)
{
	readable("sethostname", a[0], (size_t)a[1]);
	return v >= FAIL ? failure(v) : 0;
}

long k_sched_setaffinity(const long *a, u8 v)
{
	readable("sched_setaffinity", a[2], (size_t)a[1]);
	return v >= FAIL ? failure(v) : 0;
}

/* k_set_mempolicy reads one bit less than it is told. */
long k_set_mempolicy(const long *a, u8 v)
{
	if (a[1])
		readable("set_mempolicy", a[1], (size_t)(a[2] - 1 + 7) / 8);
	else if (a[2])
		bug("set_mempolicy takes %ld bits from nowhere", a[2]);
	return v >= FAIL ? failure(v) : 0;
}

/* k_sched_setattr reads as many bytes as the first word says. */
long k_sched_setattr(const long *a, u8 v)
{
	u32 size;
	readable("sched_setattr", a[1], sizeof size);
	memcpy(&size, (void *)a[1], sizeof size);
	if (!world.late)
		readable("sched_setattr", a[1], size);
	return v >= FAIL ? failure(v) : 0;
}

long k_seccomp(const long *a, u8 v)
{
	struct {
		u16 len;
		const void *filter;
	} prog;
	if (a[0] != SECCOMP_SET_MODE_FILTER)
		bug("seccomp operation %ld", a[0]);
	readable("seccomp", a[2], sizeof prog);
	memcpy(&prog, (void *)a[2], sizeof prog);
	readable("seccomp", (long)prog.filter, prog.len * 8ul);
	if (v >= FAIL)
		return failure(v);
	return a[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER ? fd_new(1) : 0;
}

/* k_memfd_create: without MFD_CLOEXEC the process would get it. */
long k_memfd_create(const long *a, u8 v)
{
	if (!(a[1] & MFD_CLOEXEC_))
		bug("memfd_create with flags %#lx", (unsigned long)a[1]);
	return v >= FAIL ? failure(v) : fd_new(1);
}

long k_fsconfig(const long *a, u8 v)
{
	string("fsconfig", a[2] ? a[2] : (long)"");
	string("fsconfig", a[3] ? a[3] : (long)"");
	if (a[1] == FSCONFIG_SET_STRING && (!a[2] || !a[3]))
		bug("fsconfig sets a string without key or value");
	return v >= FAIL ? failure(v) : 0;
}

long k_mount_setattr(const long *a, u8 v)
{
	struct mount_attr attr;
	if (a[4] != sizeof attr)
		bug("mount_setattr with a struct of %ld bytes", a[4]);
	readable("mount_setattr", a[3], sizeof attr);
	memcpy(&attr, (void *)a[3], sizeof attr);
	if (attr.attr_set & MOUNT_ATTR_IDMAP)
		fd_use("mount_setattr", (s32)attr.userns_fd);
	return v >= FAIL ? failure(v) : 0;
}
