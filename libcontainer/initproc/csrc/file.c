/* Ops on files: open, make a target, links, writes. */
#include "init.h"

/* no_file says that a lookup came to its end and found nothing to open there:
 * no entry, a file or links in circles on the way, a magic link, or a node that
 * is nobody's. Anything else (EACCES, EIO, EMFILE …) leaves open what is there. */
static int no_file(long r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -ENXIO || r == -ENODEV;
}

/* op_open: dst ← openat2(src, s1, n0 flags, n1 mode, n2 resolve). n3, if not
 * zero, is the magic number of the only file system that is accepted. With
 * OPTIONAL a file of another kind than REGULAR asks for is none. */
long op_open(struct ctx *c, const struct op *o)
{
	long dir = o->src < 0 ? AT_FDCWD : slot(c, o->src);
	long fd = open_at(dir, text(c, o->s1), o->n[0], o->n[1], o->n[2]);
	if (fd < 0)
		return o->flags & F_OPTIONAL && no_file(fd) ? 0 : fd;
	long r = 0;
	struct file_stat st;
	if (o->n[3]) {
		r = fs_magic(fd);
		r = r < 0 ? r : r != (long)o->n[3] ? -EXDEV : 0;
	}
	if (r == 0 && (o->flags & (F_REGULAR | F_NULLDEV)))
		r = stat_fd(fd, &st);
	if (r == 0 && (o->flags & F_REGULAR) && (st.mode & S_IFMT_) != S_IFREG_) {
		if (o->flags & F_OPTIONAL) {
			close_fd(fd);
			return 0;
		}
		r = -EINVAL;
	}
	if (r == 0 && (o->flags & F_NULLDEV) &&
	    ((st.mode & S_IFMT_) != S_IFCHR_ || st.rdev_major != 1 || st.rdev_minor != 3))
		r = -ENODEV;
	if (r < 0) {
		close_fd(fd);
		return r;
	}
	slot_set(c, o->dst, (int)fd);
	return 0;
}

/* open_or_make_real opens a mount point that no link leads to: a /proc or /sys that
 * is a link, CVE-2023-27561. What had to be made is opened anew in the same way,
 * because a link may have come in between. */
static long open_or_make_real(struct ctx *c, const struct op *o, int root, int kind)
{
	const u64 scope = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS, flags = O_PATH | (kind == MAKE_DIR ? O_DIRECTORY : 0);
	long fd = open_at(root, text(c, o->s1), flags, 0, scope);
	if (fd != -ENOENT)
		return fd;
	fd = root_make(root, text(c, o->s1), kind, (u32)o->n[1], &c->target_made);
	if (fd < 0)
		return fd;
	close_fd(fd);
	return open_at(root, text(c, o->s1), flags, 0, scope);
}

/* op_target: dst ← the mount point s1 below src, made if it is missing: a
 * directory (n0 = 0), a file (1), or whatever aux is (2); n1 is its mode. With KEEP
 * one that is there must be a place for the node aux. With NO_FOLLOW it must be
 * there, and may be a link. */
long op_target(struct ctx *c, const struct op *o)
{
	int root = slot(c, o->src), kind = (int)o->n[0];
	long r;
	if (kind == 2) {
		struct file_stat st;
		r = stat_fd(slot(c, o->aux), &st);
		if (r < 0)
			return r;
		kind = (st.mode & S_IFMT_) == S_IFDIR_ ? MAKE_DIR : MAKE_FILE;
	}
	c->target_made = 0;
	if (o->flags & F_NO_LINKS)
		r = open_or_make_real(c, o, root, kind);
	else if (o->flags & F_NO_FOLLOW)
		r = root_open(root, text(c, o->s1), O_PATH | O_NOFOLLOW);
	else
		r = root_make(root, text(c, o->s1), kind, (u32)o->n[1], &c->target_made);
	if (r < 0)
		return r;
	long magic = o->flags & F_NOT_PROC ? fs_magic(r) : 0;
	if (magic < 0 || magic == PROC_SUPER_MAGIC) {
		close_fd(r); /* a link led into procfs, CVE-2019-16884 */
		return magic < 0 ? magic : -EPERM;
	}
	long fits = o->flags & F_KEEP && !c->target_made ? node_fits(c, slot(c, o->aux), r) : 0;
	if (fits < 0) {
		close_fd(r);
		return fits;
	}
	slot_set(c, o->dst, (int)r);
	return 0;
}

/* parent_of opens the directory of s1 below src, or takes that of the op before:
 * nodes and links come in rows. Its fd stays the context's. */
long parent_of(struct ctx *c, const struct op *o, const char **name)
{
	struct parent *p = &c->parent;
	const char *path = text(c, o->s1);
	u32 i = 0;
	if (p->fd >= 0 && p->src == o->src) {
		while (i < p->len && path[i] == p->path[i])
			i++;
		*name = path + i;
		if (i == p->len && is_name(*name))
			return p->fd;
	}
	forget_parent(c);
	long fd = root_parent(slot(c, o->src), path, name);
	if (fd >= 0)
		*p = (struct parent){(int)fd, o->src, (u32)(*name - path), path};
	return fd;
}

void forget_parent(struct ctx *c)
{
	close_fd(c->parent.fd);
	c->parent.fd = -1;
}

/* same_link says whether name in dir is a link to target. */
static int same_link(long dir, const char *name, const char *target)
{
	static char is[PATH_MAX_];
	size_t len = str_len(target);
	long n = SYS4(readlinkat, dir, name, is, sizeof is);
	if (n < 0 || (size_t)n != len)
		return 0;
	while (len > 0 && is[len - 1] == target[len - 1])
		len--;
	return len == 0;
}

/* op_symlink: the link s1 below src to s2. What is there already stays, unless
 * VERIFY asks that it be this very link, or KEEP that nothing else be there. */
long op_symlink(struct ctx *c, const struct op *o)
{
	const char *name, *target = text(c, o->s2);
	long dir = parent_of(c, o, &name);
	if (dir < 0)
		return dir;
	long r = SYS3(symlinkat, target, dir, name);
	if (r == -EEXIST && (o->flags & F_VERIFY)) {
		r = SYS3(unlinkat, dir, name, 0);
		r = r < 0 ? r : SYS3(symlinkat, target, dir, name);
	}
	if (r == -EEXIST && (o->flags & F_KEEP) && !same_link(dir, name, target))
		return r;
	return r == -EEXIST && !(o->flags & F_VERIFY) ? 0 : r;
}

/* op_write: s2 into src itself, or into the existing file s1 below it, in one
 * write; that must lie on the same file system (n3 its magic), with no link on
 * the way (CVE-2025-52881). */
long op_write(struct ctx *c, const struct op *o)
{
	if (o->s1.len == 0) {
		long n = SYS3(write, slot(c, o->src), text(c, o->s2), o->s2.len);
		return n < 0 ? n : (u64)n == o->s2.len ? 0 : -EIO;
	}
	long fd = open_at(slot(c, o->src), text(c, o->s1), O_WRONLY | O_NOCTTY, 0,
			  RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);
	if (fd < 0)
		return fd;
	long r = fs_magic(fd);
	if (r >= 0)
		r = o->n[3] && r != (long)o->n[3] ? -EXDEV : 0;
	if (r == 0)
		r = SYS3(write, fd, text(c, o->s2), o->s2.len);
	if (r >= 0)
		r = (u64)r == o->s2.len ? 0 : -EIO;
	close_fd(fd);
	return r;
}
