/* Copying a tree of files into a new tmpfs that will hide it. init does it, as root of
 * the container: it reads and gives away what that one may, and no more.
 *
 * The tree may be an attacker's, and as deep as he likes. Two directories are open at any
 * depth. The way back up is "..", which must be the directory that the way down came
 * from: the tree may change meanwhile. */
#include "init.h"

#define DEPTH_MAX 65536
#define SCOPED_UP (RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS)

/* Where a directory lies: inode numbers alone name nothing across mounts. */
struct place {
	u64 mnt, ino;
};

/* A directory on the way to where the copy is, and where to go on in it. */
struct level {
	struct place place;
	u64 next;
};

struct dirent {
	u64 ino;
	u64 next; /* for lseek(2) */
	u16 len;
	u8 type;
	char name[];
};

#define NAME_AT offsetof(struct dirent, name)

struct copy {
	long from, to; /* the directory at hand, and its copy */
	u32 depth;
	u32 at, n; /* of what was read of it */
	u64 next;
	u32 path_len, path_depth; /* what is kept of its path, for errors */
	char path[256];
};

static struct level levels[DEPTH_MAX];
static u8 entries[8192] __attribute__((aligned(8)));
static u8 data[65536];
static char target[PATH_MAX_];

static long place_of(long fd, struct place *out)
{
	struct statx st;
	long r = SYS5(statx, fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &st);
	if (r < 0)
		return r;
	out->mnt = st.stx_mnt_id;
	out->ino = st.stx_ino;
	return 0;
}

static long open_dir(long dir, const char *name)
{
	return SYS4(openat, dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
}

static void switch_to(struct copy *t, long from, long to)
{
	close_fd(t->from);
	close_fd(t->to);
	t->from = from;
	t->to = to;
	t->at = t->n = 0;
}

static void push_path(struct copy *t, const char *name)
{
	u32 n = (u32)str_len(name);
	t->depth++;
	if (t->path_depth != t->depth - 1 || t->path_len + n + 1 > sizeof t->path)
		return; /* what lies deeper is left out */
	copy_bytes(t->path + t->path_len, name, n);
	t->path_len += n;
	t->path[t->path_len++] = '/';
	t->path_depth++;
}

static void pop_path(struct copy *t)
{
	if (t->path_depth == t->depth--) {
		t->path_depth--;
		do
			t->path_len--;
		while (t->path_len && t->path[t->path_len - 1] != '/');
	}
}

/* note_path says which file could not be copied. */
static void note_path(struct ctx *c, const struct copy *t, const char *name)
{
	static const char gap[] = "…/";
	u32 n = t->path_len, len = (u32)str_len(name);
	copy_bytes(c->note, t->path, n);
	if (t->path_depth < t->depth) {
		copy_bytes(c->note + n, gap, sizeof gap - 1);
		n += sizeof gap - 1;
	}
	if (len > sizeof c->note - n)
		len = (u32)sizeof c->note - n;
	copy_bytes(c->note + n, name, len);
	c->note_len = n + len;
}

/* enter goes down into the directory name, whose copy is there already. */
static long enter(struct copy *t, const char *name)
{
	if (t->depth == DEPTH_MAX)
		return -ENAMETOOLONG;
	struct level *l = &levels[t->depth];
	long r = place_of(t->from, &l->place);
	if (r < 0)
		return r;
	l->next = t->next;
	long from = open_dir(t->from, name);
	if (from < 0)
		return from;
	long to = open_dir(t->to, name);
	if (to < 0) {
		close_fd(from);
		return to;
	}
	switch_to(t, from, to);
	push_path(t, name);
	return 0;
}

/* leave goes back up. */
static long leave(struct copy *t)
{
	struct place up;
	const struct level *l = &levels[t->depth - 1];
	long to = -1, from = open_at(t->from, "..", O_RDONLY | O_DIRECTORY, 0, SCOPED_UP);
	long r = from < 0 ? from : place_of(from, &up);
	if (r == 0 && (up.mnt != l->place.mnt || up.ino != l->place.ino))
		r = -ESTALE;
	if (r == 0)
		r = SYS3(lseek, from, l->next, 0 /* SEEK_SET */);
	if (r >= 0)
		r = to = open_at(t->to, "..", O_RDONLY | O_DIRECTORY, 0, SCOPED_UP);
	if (r < 0) {
		close_fd(from);
		return r;
	}
	switch_to(t, from, to);
	pop_path(t);
	return 0;
}

static long copy_data(long from, long to)
{
	for (;;) {
		long n = SYS3(read, from, data, sizeof data);
		if (n <= 0)
			return n;
		for (long done = 0; done < n;) {
			long r = SYS3(write, to, data + done, n - done);
			if (r <= 0)
				return r < 0 ? r : -EIO;
			done += r;
		}
	}
}

static long copy_file(const struct copy *t, const char *name)
{
	struct file_stat st;
	long from = SYS4(openat, t->from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	if (from < 0)
		return from;
	long r = stat_fd(from, &st);
	if (r == 0 && (st.mode & S_IFMT_) != S_IFREG_) /* it was one just now */
		r = -ESTALE;
	if (r == 0) {
		long to = SYS4(openat, t->to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		r = to < 0 ? to : copy_data(from, to);
		close_fd(to);
	}
	close_fd(from);
	return r;
}

static long copy_link(const struct copy *t, const char *name)
{
	long n = SYS4(readlinkat, t->from, name, target, sizeof target);
	if (n < 0)
		return n;
	if (n >= (long)sizeof target)
		return -ENAMETOOLONG;
	target[n] = 0;
	return SYS3(symlinkat, target, t->to, name);
}

/* copy_node makes a fifo, a socket or a device. In a user namespace it can make
 * no device, and one would be of no use there: it is left out. */
static long copy_node(const struct copy *t, const char *name, const struct statx *st)
{
	u32 major = st->stx_rdev_major, minor = st->stx_rdev_minor;
	long r = SYS4(mknodat, t->to, name, st->stx_mode, (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12);
	u32 type = st->stx_mode & S_IFMT_;
	return r == -EPERM && (type == S_IFCHR_ || type == S_IFBLK_) ? 1 : r;
}

/* copy_entry copies one file, and enters the copy of a directory. The owner is what
 * init sees: one without an id here is nobody in the copy too. */
static long copy_entry(struct copy *t, const char *name)
{
	struct statx st;
	long r = SYS5(statx, t->from, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st);
	if (r < 0)
		return r;
	u32 type = st.stx_mode & S_IFMT_;
	if (type == S_IFDIR_)
		r = SYS3(mkdirat, t->to, name, 0700);
	else if (type == S_IFREG_)
		r = copy_file(t, name);
	else if (type == S_IFLNK_)
		r = copy_link(t, name);
	else
		r = copy_node(t, name, &st);
	if (r != 0)
		return r < 0 ? r : 0;
	r = SYS5(fchownat, t->to, name, st.stx_uid, st.stx_gid, AT_SYMLINK_NOFOLLOW);
	/* what was made just now where nobody else comes is no link */
	if (r == 0 && type != S_IFLNK_)
		r = SYS3(fchmodat, t->to, name, st.stx_mode & 07777);
	return r == 0 && type == S_IFDIR_ ? enter(t, name) : r;
}

/* next_entry returns the next name of the directory, NULL at its end. */
static const char *next_entry(struct copy *t, long *r)
{
	for (;;) {
		if (t->at == t->n) {
			*r = SYS3(getdents64, t->from, entries, sizeof entries);
			if (*r <= 0)
				return NULL;
			t->at = 0;
			t->n = (u32)*r;
		}
		const struct dirent *d = (const void *)(entries + t->at);
		if (t->n - t->at <= NAME_AT || d->len <= NAME_AT || d->len > t->n - t->at) {
			*r = -EIO;
			return NULL;
		}
		t->at += d->len;
		t->next = d->next;
		if (is_name(d->name))
			return d->name;
	}
}

static long copy_all(struct ctx *c, struct copy *t)
{
	for (;;) {
		long r = 0;
		const char *name = next_entry(t, &r);
		if (!name && r == 0 && t->depth == 0)
			return 0;
		if (!name && r == 0)
			r = leave(t);
		else if (name)
			r = copy_entry(t, name);
		if (r < 0) {
			note_path(c, t, name ? name : "");
			return r;
		}
	}
}

/* op_copy_up copies what is in the directory src into the directory dst. */
long op_copy_up(struct ctx *c, const struct op *o)
{
	struct copy t = {.from = -1, .to = -1};
	t.from = open_at(slot(c, o->src), ".", O_RDONLY | O_DIRECTORY, 0, RESOLVE_NO_XDEV);
	if (t.from < 0)
		return t.from;
	t.to = open_at(slot(c, o->dst), ".", O_RDONLY | O_DIRECTORY, 0, RESOLVE_NO_XDEV);
	long r = t.to < 0 ? t.to : copy_all(c, &t);
	switch_to(&t, -1, -1);
	return r;
}
