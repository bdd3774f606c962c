/* mount(2), for kernels without mount_setattr(2) (before 5.12), and for options
 * that are longer than fsconfig(2) takes. It knows only paths: those of fds. */
#include "init.h"

enum { DATA_PAGE = 4096 }; /* mount(2) takes no more than a page */

/* MS_*; RDONLY to NOEXEC, NOATIME and NODIRATIME are statfs(2)'s as well. */
enum {
	RDONLY = 1,
	NOSUID = 2,
	NODEV = 4,
	NOEXEC = 8,
	NOSYMFOLLOW = 256,
	NOATIME = 1024,
	NODIRATIME = 2048,
	RELATIME = 1 << 21,
	STRICTATIME = 1 << 24,
};

/* proc_fd_path writes "/proc/self/fd/N". */
void proc_fd_path(char out[32], int fd)
{
	static const char prefix[] = "/proc/self/fd/";
	char digits[12];
	int n = 0, at = sizeof prefix - 1;
	copy_bytes(out, prefix, sizeof prefix - 1);
	do
		digits[n++] = (char)('0' + fd % 10);
	while ((fd /= 10) > 0);
	while (n)
		out[at++] = digits[--n];
	out[at] = 0;
}

/* flags_of turns mount_setattr's bits into mount(2)'s, all but the access time. */
static u64 flags_of(u64 attr)
{
	u64 f = attr & (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (attr & MOUNT_ATTR_NODIRATIME)
		f |= NODIRATIME;
	if (attr & MOUNT_ATTR_NOSYMFOLLOW)
		f |= NOSYMFOLLOW;
	return f;
}

/* atime_of is the access time that is chosen in attr. */
static u64 atime_of(u64 attr)
{
	switch (attr & MOUNT_ATTR__ATIME) {
	case MOUNT_ATTR_NOATIME:
		return NOATIME;
	case MOUNT_ATTR_STRICTATIME:
		return STRICTATIME;
	}
	return RELATIME;
}

/* current_flags turns what statfs(2) says of a mount into mount(2)'s flags. */
static u64 current_flags(u64 st)
{
	u64 f = st & (RDONLY | NOSUID | NODEV | NOEXEC | NODIRATIME);
	if (st & 8192) /* ST_NOSYMFOLLOW */
		f |= NOSYMFOLLOW;
	if (st & NOATIME)
		return f | NOATIME;
	return f | (st & 4096 /* ST_RELATIME */ ? RELATIME : STRICTATIME);
}

/* legacy_setattr does to the mount at path what o asks mount_setattr(2) for. A
 * remount names all flags that the mount is to end with, the access time too: what
 * is left out is cleared, or becomes relatime. */
long legacy_setattr(const char *path, const struct op *o)
{
	struct statfs st;
	long r = SYS2(statfs, path, &st);
	if (r < 0)
		return r;
	u64 flags = (current_flags((u64)st.f_flags) & ~flags_of(o->n[1])) | flags_of(o->n[0]);
	if (o->n[1] & MOUNT_ATTR__ATIME)
		flags = (flags & ~(u64)(NOATIME | RELATIME | STRICTATIME)) | atime_of(o->n[0]);
	if (o->n[0] | o->n[1])
		r = SYS5(mount, NULL, path, NULL, flags | MS_REMOUNT_BIND, NULL);
	if (r == 0 && o->n[2])
		r = SYS5(mount, NULL, path, NULL,
			 o->n[2] | (o->flags & F_RECURSIVE ? 1 << 14 : 0), NULL);
	return r;
}

/* make_stage attaches a tmpfs to target, which takes no part in propagation, with
 * a mount point "m" in it. Nobody but init knows it. */
static long make_stage(long target)
{
	char path[32];
	long fs = SYS2(fsopen, "tmpfs", FSOPEN_CLOEXEC);
	if (fs < 0)
		return fs;
	long r = SYS5(fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (r == 0)
		r = SYS3(fsmount, fs, FSMOUNT_CLOEXEC, 0);
	close_fd(fs);
	if (r < 0)
		return r;
	long stage = r;
	r = SYS3(mkdirat, stage, "m", 0700);
	if (r == 0)
		r = move_onto(stage, target);
	if (r < 0) {
		close_fd(stage);
		return r;
	}
	proc_fd_path(path, (int)stage);
	r = SYS5(mount, NULL, path, NULL, MS_PRIVATE_FLAG, NULL);
	if (r == 0)
		return stage;
	SYS2(umount2, path, MNT_DETACH_FLAG);
	close_fd(stage);
	return r;
}

/* data_of copies the options of o, and the mode that a tmpfs takes over. */
static long data_of(struct ctx *c, const struct op *o, const char *data, char out[DATA_PAGE])
{
	static const char mode[] = ",mode=";
	size_t n = str_len(data), more = o->aux >= 0 && !c->target_made ? sizeof mode + 4 : 0;
	if (n + more >= DATA_PAGE)
		return -E2BIG;
	copy_bytes(out, data, n + 1);
	if (!more)
		return 0;
	copy_bytes(out + n, mode, sizeof mode - 1);
	return mode_of(slot(c, o->aux), out + n + sizeof mode - 1);
}

/* legacy_fsmount: dst ← a detached mount, as op_fsmount makes it, where an option
 * is too long for fsconfig(2). s2 is its source and the options, n2 the flags of
 * its file system. mount(2) wants a place: a tmpfs that lies on the mount point
 * src for as long as it takes to copy the mount out of it. */
long legacy_fsmount(struct ctx *c, const struct op *o)
{
	static char data[DATA_PAGE];
	char path[32 + 2];
	const char *source = text(c, o->s2);
	size_t n = str_len(source) + 1;
	long r = n < o->s2.len ? data_of(c, o, source + n, data) : -EPROTO;
	if (r < 0)
		return r;
	long stage = make_stage(slot(c, o->src));
	if (stage < 0)
		return stage;
	proc_fd_path(path, (int)stage);
	n = str_len(path);
	copy_bytes(path + n, "/m", 3);
	/* MS_RDONLY would make the file system read-only as well, so the mount becomes it later */
	u64 flags = flags_of(o->n[0]) | atime_of(o->n[0]), first = o->n[2] | (flags & ~(u64)RDONLY);
	r = SYS5(mount, *source ? source : NULL, path, text(c, o->s1), first, data);
	if (r == 0 && flags & RDONLY)
		r = SYS5(mount, NULL, path, NULL, flags | MS_REMOUNT_BIND, NULL);
	if (r == 0)
		r = SYS3(open_tree, stage, "m", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (r >= 0)
		slot_set(c, o->dst, (int)r);
	path[n] = 0;
	long gone = SYS2(umount2, path, MNT_DETACH_FLAG);
	close_fd(stage);
	return r < 0 ? r : gone;
}
