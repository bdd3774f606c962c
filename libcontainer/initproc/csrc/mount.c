/* Ops on mounts: detached trees, their attributes, and the places they go to. */
#include "init.h"

/* take_note keeps the last thing that the file system said about its own
 * failure: a context fd answers reads with lines such as "e tmpfs: Bad value". */
static void take_note(struct ctx *c, long fs)
{
	for (int i = 0; i < 16; i++) {
		long n = SYS3(read, fs, c->note, sizeof c->note - 1);
		if (n <= 0)
			return;
		while (n > 0 && (c->note[n - 1] == '\n' || c->note[n - 1] == 0))
			n--;
		c->note_len = (u32)n;
	}
}

/* set_option passes one "key" or "key=value" to the context. */
static long set_option(long fs, const char *opt, u32 len)
{
	static char key[256];
	u32 n = 0;
	while (n < len && opt[n] != '=')
		n++;
	if (n == len)
		return SYS5(fsconfig, fs, FSCONFIG_SET_FLAG, opt, NULL, 0);
	if (n >= sizeof key)
		return -ENAMETOOLONG;
	copy_bytes(key, opt, n);
	key[n] = 0;
	return SYS5(fsconfig, fs, FSCONFIG_SET_STRING, key, opt + n + 1, 0);
}

/* mode_of writes the mode of what target is in octal. */
long mode_of(int target, char octal[5])
{
	struct file_stat st;
	long r = stat_fd(target, &st);
	for (int i = 0; i < 4 && r == 0; i++)
		octal[i] = (char)('0' + (st.mode >> (9 - 3 * i) & 7));
	octal[4] = 0;
	return r;
}

/* set_mode gives the root of a new tmpfs the mode of the directory that it will
 * hide, as images expect of their /tmp. It is an option, because the mount may
 * be read-only from the start. */
static long set_mode(long fs, int target)
{
	char octal[5];
	long r = mode_of(target, octal);
	return r < 0 ? r : SYS5(fsconfig, fs, FSCONFIG_SET_STRING, "mode", octal, 0);
}

/* labelled gives the root of a new mount a label of SELinux, and returns the mount. */
static long labelled(long mnt, const char *label, u32 len)
{
	long dir = root_open((int)mnt, "", O_RDONLY | O_DIRECTORY);
	long r = dir < 0 ? dir : SYS5(fsetxattr, dir, "security.selinux", label, len, 0);
	close_fd(dir);
	if (r == 0)
		return mnt;
	close_fd(mnt);
	return r;
}

/* op_fsmount: dst ← a detached mount of type s1 with the n1 options of s2 and
 * the attributes n0. aux, if given, is a target whose mode the root of a tmpfs
 * takes over, unless TARGET has just made it. With n3 the last option is none
 * but the label of the root. */
long op_fsmount(struct ctx *c, const struct op *o)
{
	if (o->flags & F_LEGACY)
		return legacy_fsmount(c, o);
	long fs = SYS2(fsopen, text(c, o->s1), FSOPEN_CLOEXEC);
	if (fs < 0)
		return fs;
	long r = 0;
	const char *list = text(c, o->s2), *label = NULL;
	u32 label_len = 0;
	for (u32 at = 0; at < o->s2.len && r == 0;) {
		u32 n = 0;
		while (at + n < o->s2.len && list[at + n])
			n++;
		if (o->n[3] && at + n + 1 >= o->s2.len) {
			label = list + at;
			label_len = n;
		} else {
			r = set_option(fs, list + at, n);
		}
		at += n + 1;
	}
	if (r == 0 && o->aux >= 0 && !c->target_made)
		r = set_mode(fs, slot(c, o->aux));
	if (r == 0)
		r = SYS5(fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (r == 0)
		r = SYS3(fsmount, fs, FSMOUNT_CLOEXEC, o->n[0]);
	if (r >= 0 && label)
		r = labelled(r, label, label_len);
	if (r < 0)
		take_note(c, fs);
	else
		slot_set(c, o->dst, (int)r);
	close_fd(fs);
	return r < 0 ? r : 0;
}

/* op_tree: dst ← open_tree(src, s1, n0). */
long op_tree(struct ctx *c, const struct op *o)
{
	long dir = o->src < 0 ? AT_FDCWD : slot(c, o->src);
	const char *path = text(c, o->s1);
	long r = SYS3(open_tree, dir, path, o->n[0] | OPEN_TREE_CLOEXEC | (*path ? 0 : AT_EMPTY_PATH));
	if (r < 0)
		return r;
	slot_set(c, o->dst, (int)r);
	return 0;
}

/* op_setattr: mount_setattr(2) on src (or on the path s1): n0 set, n1 clear,
 * n2 propagation; aux is the user namespace of an id mapping. */
long op_setattr(struct ctx *c, const struct op *o)
{
	int fd = slot(c, o->src);
	if (o->flags & F_LEGACY) {
		char path[32];
		if (o->src < 0)
			return legacy_setattr(text(c, o->s1), o);
		if (fd < 0)
			return -EBADF;
		proc_fd_path(path, fd);
		return legacy_setattr(path, o);
	}
	struct mount_attr attr = {.attr_set = o->n[0], .attr_clr = o->n[1], .propagation = o->n[2]};
	if (o->aux >= 0) {
		attr.attr_set |= MOUNT_ATTR_IDMAP;
		attr.userns_fd = (u32)slot(c, o->aux);
	}
	return SYS5(mount_setattr, o->src < 0 ? AT_FDCWD : fd, text(c, o->s1),
		    AT_EMPTY_PATH | (o->flags & F_RECURSIVE ? AT_RECURSIVE : 0),
		    &attr, sizeof attr);
}

long move_onto(long tree, long target)
{
	struct file_stat from, to;
	long r = SYS5(move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	if (r != -EINVAL || stat_fd(tree, &from) < 0 || stat_fd(target, &to) < 0)
		return r;
	/* the cause that people meet: directories go onto directories, files onto files */
	int dir = (from.mode & S_IFMT_) == S_IFDIR_, onto = (to.mode & S_IFMT_) == S_IFDIR_;
	return dir == onto ? r : dir ? -ENOTDIR : -EISDIR;
}

/* op_move: the tree src onto dst, or onto the path s1 of the host. */
long op_move(struct ctx *c, const struct op *o)
{
	if (o->dst >= 0)
		return move_onto(slot(c, o->src), slot(c, o->dst));
	return SYS5(move_mount, slot(c, o->src), "", AT_FDCWD, text(c, o->s1),
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS);
}

static long make_private(long fd, int legacy)
{
	char path[32];
	struct mount_attr attr = {.propagation = MS_PRIVATE_FLAG};
	if (!legacy)
		return SYS5(mount_setattr, fd, "", AT_EMPTY_PATH, &attr, sizeof attr);
	proc_fd_path(path, (int)fd);
	return SYS5(mount, NULL, path, NULL, MS_PRIVATE_FLAG, NULL);
}

/* op_detach: the mount on the name s2 in the directory s1 below src. */
long op_detach(struct ctx *c, const struct op *o)
{
	long dir = open_at(slot(c, o->src), text(c, o->s1), O_PATH | O_DIRECTORY, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (dir < 0)
		return dir;
	long r = SYS1(fchdir, dir);
	if (r == 0)
		r = SYS2(umount2, text(c, o->s2), MNT_DETACH_FLAG | UMOUNT_NOFOLLOW_FLAG);
	close_fd(dir);
	return r;
}

/* op_parent_private: the mount that holds the directory s1 leaves its peer
 * group, so that nothing mounted there reaches the host, and pivot_root(2)
 * accepts it. Its mount point is found by walking up. */
long op_parent_private(struct ctx *c, const struct op *o)
{
	long fd = open_at(AT_FDCWD, text(c, o->s1), O_PATH | O_DIRECTORY, 0, 0);
	for (int up = 0; fd >= 0 && up < PATH_MAX_; up++) {
		struct file_stat st;
		long r = stat_fd(fd, &st);
		if (r < 0 || st.mount_root) {
			if (r == 0)
				r = make_private(fd, o->flags & F_LEGACY);
			close_fd(fd);
			return r;
		}
		long next = open_at(fd, "..", O_PATH | O_DIRECTORY, 0, 0);
		close_fd(fd);
		fd = next;
	}
	return fd < 0 ? fd : -ELOOP;
}

/* missing says that a path to hide is not there, which is no mistake. */
static int missing(long r)
{
	return r == -ENOENT || r == -ENOTDIR;
}

static long clone_onto(long from, u64 flags, long target, const struct op *o, int readonly)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	struct op legacy = *o;
	long tree = SYS3(open_tree, from, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
	if (tree < 0)
		return tree;
	long r = 0;
	if (readonly && !(o->flags & F_LEGACY))
		r = SYS5(mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof attr);
	if (r == 0)
		r = move_onto(tree, target);
	if (r == 0 && readonly && (o->flags & F_LEGACY)) {
		legacy.n[0] = MOUNT_ATTR_RDONLY;
		legacy.n[1] = legacy.n[2] = 0;
		char path[32];
		proc_fd_path(path, (int)tree);
		r = legacy_setattr(path, &legacy);
	}
	close_fd(tree);
	return r;
}

/* op_mask hides s1 below src: a directory under the read-only tmpfs dst, which
 * all masked directories share, a file under the null device aux. */
long op_mask(struct ctx *c, const struct op *o)
{
	long target = root_open(slot(c, o->src), text(c, o->s1), O_PATH);
	if (target < 0)
		return missing(target) ? 0 : target;
	struct file_stat st;
	long r = stat_fd(target, &st);
	if (r == 0 && (st.mode & S_IFMT_) != S_IFDIR_) {
		r = clone_onto(slot(c, o->aux), 0, target, o, 0);
	} else if (r == 0 && c->mask_placed) {
		r = clone_onto(slot(c, o->dst), 0, target, o, 0);
	} else if (r == 0) {
		/* a detached mount can be cloned from 6.15 only: attach it first */
		r = move_onto(slot(c, o->dst), target);
		c->mask_placed = r == 0;
	}
	close_fd(target);
	return r;
}

/* op_readonly puts a read-only copy of s1 below src over itself. */
long op_readonly(struct ctx *c, const struct op *o)
{
	long target = root_open(slot(c, o->src), text(c, o->s1), O_PATH);
	if (target < 0)
		return missing(target) ? 0 : target;
	long r = clone_onto(target, AT_RECURSIVE, target, o, 1);
	close_fd(target);
	return r;
}

/* op_pivot makes src the root of the mount namespace and lets go of the old
 * one: pivot_root(2), "pivot_root(".", ".")". */
long op_pivot(struct ctx *c, const struct op *o)
{
	long old = open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, 0);
	if (old < 0)
		return old;
	long r = SYS1(fchdir, slot(c, o->src));
	if (r == 0)
		r = SYS2(pivot_root, ".", ".");
	if (r == 0)
		r = SYS1(fchdir, old);
	if (r == 0) /* the unmount must not propagate to where the old root is shared */
		r = SYS5(mount, NULL, ".", NULL, MS_SLAVE_REC, NULL);
	if (r == 0)
		r = SYS2(umount2, ".", MNT_DETACH_FLAG);
	if (r == 0)
		r = SYS1(chdir, "/");
	close_fd(old);
	return r;
}

/* hide_view takes the host's proc or sysfs at path away: below the container's
 * root it would still be a full view, which lets any user namespace of the
 * container's mount a fresh one without its masks (mount_namespaces(7)). The host
 * keeps it. A user namespace may not unmount what it has not mounted, but cover it. */
static long hide_view(const char *path)
{
	struct statfs st;
	long r = SYS2(statfs, path, &st);
	if (r < 0)
		return missing(r) ? 0 : r; /* it lay below another one */
	if ((u32)st.f_type != PROC_SUPER_MAGIC && (u32)st.f_type != SYSFS_MAGIC)
		return 0; /* covered by now */
	r = SYS5(mount, NULL, path, NULL, MS_SLAVE_REC, NULL);
	if (r == 0)
		r = SYS2(umount2, path, MNT_DETACH_FLAG);
	if (r < 0)
		r = SYS5(mount, "tmpfs", path, "tmpfs", 1 /* MS_RDONLY */, NULL);
	return r == -ENOTDIR ? 0 : r; /* a single file is no full view */
}

/* hide_views hides the n1 views of the host in s2. Their paths are those of the
 * old root: the container's, which was moved over it, is not on their way. */
static long hide_views(struct ctx *c, const struct op *o)
{
	for (u32 at = 0; at < o->s2.len; at++) {
		const char *path = text(c, o->s2) + at;
		u32 n = (u32)str_len(path);
		long r = hide_view(path);
		if (r < 0) {
			c->note_len = n < sizeof c->note ? n : (u32)sizeof c->note;
			copy_bytes(c->note, path, c->note_len);
			return r;
		}
		at += n;
	}
	return 0;
}

/* op_chroot enters src without pivot_root(2): n0 = 1 moves it over "/" first
 * (--no-pivot), and hides what the host has below it. */
long op_chroot(struct ctx *c, const struct op *o)
{
	long r = SYS1(fchdir, slot(c, o->src));
	if (r == 0 && o->n[0]) {
		/* with rootfsPropagation "shared" the move would reach the host */
		r = SYS5(mount, NULL, "/", NULL, MS_SLAVE_FLAG, NULL);
		if (r == 0)
			r = SYS5(mount, ".", "/", NULL, MS_MOVE_FLAG, NULL);
		if (r == 0)
			r = hide_views(c, o);
	}
	if (r == 0)
		r = SYS1(chroot, ".");
	return r < 0 ? r : SYS1(chdir, "/");
}
