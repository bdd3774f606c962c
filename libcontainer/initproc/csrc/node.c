/* Device nodes: made, or copied from the host's. */
#include "init.h"

/* is_node says whether st is the node that o asks for: of the type in n0, with the
 * numbers n1, major << 32 | minor. */
static int is_node(const struct file_stat *st, const struct op *o)
{
	u32 type = (u32)o->n[0] & S_IFMT_;
	return (st->mode & S_IFMT_) == type &&
	       (type == S_IFIFO_ || (st->rdev_major == (u32)(o->n[1] >> 32) && st->rdev_minor == (u32)o->n[1]));
}

static void note_text(struct ctx *c, const char *s)
{
	while (*s && c->note_len < sizeof c->note)
		c->note[c->note_len++] = *s++;
}

static void note_number(struct ctx *c, u32 n)
{
	char digits[12];
	size_t at = sizeof digits - 1;
	digits[at] = 0;
	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	note_text(c, digits + at);
}

/* note_found says behind the words of why what st is: "there is c 1:3". */
static void note_found(struct ctx *c, const char *why, const struct file_stat *st)
{
	const char *is = "a file";
	switch (st->mode & S_IFMT_) {
	case S_IFCHR_:
		is = "c ";
		break;
	case S_IFBLK_:
		is = "b ";
		break;
	case S_IFDIR_:
		is = "a directory";
		break;
	case S_IFLNK_:
		is = "a symbolic link";
		break;
	case S_IFIFO_:
		is = "a fifo";
	}
	note_text(c, why);
	note_text(c, is);
	if (is[1] == ' ' && !is[2]) {
		note_number(c, st->rdev_major);
		note_text(c, ":");
		note_number(c, st->rdev_minor);
	}
}

/* look tells what name in dir is, itself and not what it leads to. */
static long look(long dir, const char *name, struct file_stat *st)
{
	long fd = SYS4(openat, dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	long r = stat_fd(fd, st);
	close_fd(fd);
	return r;
}

/* copy_node returns a copy of the host's node at path. -ENODEV says that st, which
 * is there, is another one. */
static long copy_node(const struct op *o, const char *path, struct file_stat *st)
{
	long fd = SYS3(open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (fd < 0)
		return fd;
	long r = stat_fd(fd, st);
	if (r == 0 && is_node(st, o))
		return fd;
	close_fd(fd);
	return r < 0 ? -EIO : -ENODEV;
}

/* mount_node mounts the host's node s1 on name in dir, where nothing is. -EPERM says
 * that it could not be had. */
static long mount_node(struct ctx *c, const struct op *o, long dir, const char *name)
{
	struct file_stat st;
	long node = copy_node(o, text(c, o->s1), &st);
	if (node < 0)
		return -EPERM;
	long r = SYS4(openat, dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0666);
	if (r >= 0) {
		long target = r;
		r = move_onto(node, target);
		close_fd(target);
	}
	close_fd(node);
	return r;
}

/* op_mknod: the node s1 below src; n0 mode and type, n1 major << 32 | minor,
 * n2 gid << 32 | uid. Something else in its place is removed, never followed:
 * images carry empty files there (CVE-2026-88265). With KEEP it is an error. Where
 * a cgroup above the container's lets nobody make nodes, it is the host's. */
long op_mknod(struct ctx *c, const struct op *o)
{
	const char *name;
	u32 major = (u32)(o->n[1] >> 32), minor = (u32)o->n[1];
	if (major > 0xfff || minor > 0xfffff)
		return -EINVAL; /* the kernel would cut them off and make another device */
	u32 dev = (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
	long dir = parent_of(c, o, &name);
	if (dir < 0)
		return dir;
	long r = SYS4(mknodat, dir, name, o->n[0], dev);
	if (r == -EEXIST) {
		struct file_stat st;
		int seen = look(dir, name, &st) == 0;
		if (seen && is_node(&st, o))
			return 0;
		if (o->flags & F_KEEP) {
			if (seen)
				note_found(c, "there is ", &st);
			return r;
		}
		r = SYS3(unlinkat, dir, name, 0);
		if (r == 0)
			r = SYS4(mknodat, dir, name, o->n[0], dev);
	}
	if (r == -EPERM && (o->n[0] & S_IFMT_) != S_IFIFO_)
		return mount_node(c, o, dir, name);
	if (r == 0)
		r = SYS5(fchownat, dir, name, o->n[2] & 0xffffffff, o->n[2] >> 32,
			 AT_SYMLINK_NOFOLLOW);
	return r;
}

/* op_node: dst ← a copy of the host's node s1 or, if that is missing or another
 * device, of s2; n0 and n1 as for MKNOD. */
long op_node(struct ctx *c, const struct op *o)
{
	struct file_stat st, other;
	long first = copy_node(o, text(c, o->s1), &st), r = first;
	if (r < 0 && o->s2.len)
		r = copy_node(o, text(c, o->s2), &other);
	if (r >= 0) {
		slot_set(c, o->dst, (int)r);
		return 0;
	}
	if (first == -ENODEV)
		note_found(c, "the host has ", &st);
	return first;
}

/* node_fits says whether the node may be mounted on target, which was there
 * before: on the same one, or on an empty file, which the container before this
 * one in the same root left. */
long node_fits(struct ctx *c, long node, long target)
{
	struct file_stat want, st;
	long r = stat_fd(node, &want);
	if (r == 0)
		r = stat_fd(target, &st);
	if (r < 0)
		return r;
	if ((st.mode & S_IFMT_) == S_IFREG_ && st.size == 0)
		return 0;
	if ((st.mode & S_IFMT_) == (want.mode & S_IFMT_) && st.rdev_major == want.rdev_major &&
	    st.rdev_minor == want.rdev_minor)
		return 0;
	note_found(c, "there is ", &st);
	return -EEXIST;
}
