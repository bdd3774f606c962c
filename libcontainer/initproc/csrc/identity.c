/* Ops on what the process is: names, ids, capabilities, limits, filter. */
#include "init.h"

/* op_name: s1 becomes the host name (n0 = 0) or the domain name (1). */
long op_name(struct ctx *c, const struct op *o)
{
	const char *name = text(c, o->s1);
	return o->n[0] ? SYS2(setdomainname, name, o->s1.len) : SYS2(sethostname, name, o->s1.len);
}

long op_setsid(struct ctx *c, const struct op *o)
{
	(void)c, (void)o;
	long r = SYS0(setsid);
	return r == -EPERM || r >= 0 ? 0 : r; /* EPERM: leads a session already */
}

/* op_keyring joins a new session keyring named s1 and lets its owner search
 * it, so that exec can join it again. A kernel without keyrings, or a seccomp
 * filter around us that denies them, is no error. */
long op_keyring(struct ctx *c, const struct op *o)
{
	enum { JOIN_SESSION = 1, SETPERM = 5, PERM = 0x3f1b0000 };
	long ring = SYS2(keyctl, JOIN_SESSION, text(c, o->s1));
	if (ring == -ENOSYS || ring == -EPERM)
		return 0;
	/* 0 says that it is ours already: that of an outer container of the same name */
	return ring <= 0 ? ring : SYS3(keyctl, SETPERM, ring, PERM);
}

long op_personality(struct ctx *c, const struct op *o)
{
	(void)c;
	long r = SYS1(personality, o->n[0]);
	return r < 0 ? r : 0;
}

/* op_scheduler: s1 is a struct sched_attr. */
long op_scheduler(struct ctx *c, const struct op *o)
{
	return SYS3(sched_setattr, 0, text(c, o->s1), 0);
}

/* op_ioprio: n0 is class << 13 | priority; 1 is IOPRIO_WHO_PROCESS. */
long op_ioprio(struct ctx *c, const struct op *o)
{
	(void)c;
	return SYS3(ioprio_set, 1, 0, o->n[0]);
}

/* op_mempolicy: n0 is mode | flags, s1 the node mask in whole words; none at
 * all is no nodes. The kernel is told one bit more than it reads. */
long op_mempolicy(struct ctx *c, const struct op *o)
{
	u64 bits = (u64)o->s1.len * 8;
	return SYS3(set_mempolicy, o->n[0], bits ? text(c, o->s1) : NULL, bits ? bits + 1 : 0);
}

/* op_affinity: s1 is the mask of CPUs, in whole words. */
long op_affinity(struct ctx *c, const struct op *o)
{
	return SYS3(sched_setaffinity, 0, o->s1.len, text(c, o->s1));
}

long op_umask(struct ctx *c, const struct op *o)
{
	c->umask = (u32)o->n[0] & 0777;
	SYS1(umask, c->umask);
	return 0;
}

/* op_bounding drops every capability up to n1 that n0 lacks. */
long op_bounding(struct ctx *c, const struct op *o)
{
	(void)c;
	for (u64 cap = 0; cap <= o->n[1] && cap < 64; cap++) {
		if (o->n[0] >> cap & 1)
			continue;
		long r = SYS5(prctl, PR_CAPBSET_DROP, cap, 0, 0, 0);
		if (r < 0 && r != -EINVAL)
			return r;
	}
	return 0;
}

long op_keepcaps(struct ctx *c, const struct op *o)
{
	(void)c;
	return SYS5(prctl, PR_SET_KEEPCAPS, o->n[0], 0, 0, 0);
}

/* op_groups: s1 is an array of n0 group ids. With EACCES_OK a user namespace
 * that denies setgroups(2) is no error. */
long op_groups(struct ctx *c, const struct op *o)
{
	long r = SYS2(setgroups, o->n[0], text(c, o->s1));
	return r == -EPERM && (o->flags & F_EACCES_OK) ? 0 : r;
}

/* op_ids: user n0, group n1, all three of each. */
long op_ids(struct ctx *c, const struct op *o)
{
	(void)c;
	long r = SYS3(setresgid, o->n[1], o->n[1], o->n[1]);
	return r < 0 ? r : SYS3(setresuid, o->n[0], o->n[0], o->n[0]);
}

/* op_caps: n0 effective, n1 permitted, n2 inheritable. */
long op_caps(struct ctx *c, const struct op *o)
{
	(void)c;
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	for (int i = 0; i < 2; i++) {
		data[i].effective = (u32)(o->n[0] >> 32 * i);
		data[i].permitted = (u32)(o->n[1] >> 32 * i);
		data[i].inheritable = (u32)(o->n[2] >> 32 * i);
	}
	return SYS2(capset, &head, data);
}

/* op_ambient makes n0 the ambient set. */
long op_ambient(struct ctx *c, const struct op *o)
{
	(void)c;
	long r = SYS5(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (u64 cap = 0; cap < 64 && r == 0; cap++)
		if (o->n[0] >> cap & 1)
			r = SYS5(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	return r;
}

long op_no_new_privs(struct ctx *c, const struct op *o)
{
	(void)c, (void)o;
	return SYS5(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* op_seccomp: s1 is the program, n0 its SECCOMP_FILTER_FLAG_*. With a listener, which
 * goes to dst, init passes the gate. */
long op_seccomp(struct ctx *c, const struct op *o)
{
	struct {
		u16 len;
		const void *filter;
	} prog = {(u16)(o->s1.len / 8), text(c, o->s1)};
	int listens = (o->n[0] & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
	if (listens && (!c->gate || slot(c, o->dst) >= 0))
		return -EPROTO; /* nobody would get the listener, or a call would have to close another fd */
	long r = SYS3(seccomp, SECCOMP_SET_MODE_FILTER, o->n[0], &prog);
	if (r < 0 || !listens)
		return r < 0 ? r : 0;
	slot_set(c, o->dst, (int)r);
	return pass_gate(c->gate, r);
}

/* op_loopback brings the interface lo of a new network namespace up. */
long op_loopback(struct ctx *c, const struct op *o)
{
	(void)c, (void)o;
	/* struct ifreq: a name of 16 bytes, then the flags; netdevice(7) */
	struct {
		char name[16];
		s16 flags;
		u8 rest[22];
	} req = {.name = "lo"};
	long fd = SYS3(socket, 2 /* AF_INET */, 2 /* SOCK_DGRAM */ | 02000000, 0);
	if (fd < 0)
		return fd;
	long r = SYS3(ioctl, fd, 0x8913 /* SIOCGIFFLAGS */, &req);
	req.flags |= 1; /* IFF_UP */
	if (r == 0)
		r = SYS3(ioctl, fd, 0x8914 /* SIOCSIFFLAGS */, &req);
	close_fd(fd);
	return r;
}

/* op_rlimit: resource n0 gets the soft limit n1 and the hard limit n2. What
 * init may not do in its user namespace, its parent is asked to do, unless n3
 * says that nobody is there who could. */
long op_rlimit(struct ctx *c, const struct op *o)
{
	u64 limit[2] = {o->n[1], o->n[2]};
	long r = SYS4(prlimit64, 0, o->n[0], limit, NULL);
	if (r != -EPERM || o->n[3])
		return r;
	struct msg m = {MSG_SYNC, c->pc - 1, 0, 0};
	struct op wait = {.dst = -1};
	wait.s1 = (struct str){o->s1.off, 0};
	r = send_msg(c->sock, &m, NULL, 0, -1);
	return r < 0 ? r : expect_go(c, &wait);
}
