/* Lookups in the container's root filesystem, which may belong to an attacker:
 * every open is one openat2(2) scoped to the root fd, and what is made is made
 * with *at calls on a directory that was opened that way (CVE-2021-30465,
 * CVE-2024-45310). */
#include "init.h"

#define SCOPED (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)

struct walk {
	int root;
	u32 done_len, rest_len;
	int links;
	int made; /* something had to be created */
	char done[PATH_MAX_ * 2]; /* resolved so far: no links, no dots */
	char rest[PATH_MAX_ * 3]; /* what is still to be walked */
	char link[PATH_MAX_];
	char name[256]; /* the component at hand */
};

static struct walk walk;

long root_open(int root, const char *path, u64 flags)
{
	return open_at(root, *path ? path : ".", flags, 0, SCOPED);
}

/* next_name takes one component off rest; 0 at the end, or a negated errno. */
static long next_name(struct walk *w)
{
	u32 i = 0, n = 0;
	while (i < w->rest_len && w->rest[i] == '/')
		i++;
	while (i + n < w->rest_len && w->rest[i + n] != '/') {
		if (n == sizeof w->name - 1)
			return -ENAMETOOLONG;
		w->name[n] = w->rest[i + n];
		n++;
	}
	w->name[n] = 0;
	i += n;
	for (u32 j = i; j < w->rest_len; j++)
		w->rest[j - i] = w->rest[j];
	w->rest_len -= i;
	return n;
}

static int at_end(const struct walk *w)
{
	for (u32 i = 0; i < w->rest_len; i++)
		if (w->rest[i] != '/')
			return 0;
	return 1;
}

static long push(struct walk *w)
{
	u32 n = (u32)str_len(w->name);
	if (w->done_len + n + 2 > sizeof w->done)
		return -ENAMETOOLONG;
	w->done[w->done_len++] = '/';
	copy_bytes(w->done + w->done_len, w->name, n + 1);
	w->done_len += n;
	return 0;
}

static void pop(struct walk *w)
{
	while (w->done_len && w->done[--w->done_len] != '/')
		;
	w->done[w->done_len] = 0;
}

/* follow puts the target of a link in front of rest. */
static long follow(struct walk *w, u32 n)
{
	if (++w->links > 40)
		return -ELOOP;
	if (n + 1 + w->rest_len > sizeof w->rest)
		return -ENAMETOOLONG;
	for (u32 j = w->rest_len; j-- > 0;)
		w->rest[n + 1 + j] = w->rest[j];
	copy_bytes(w->rest, w->link, n);
	w->rest[n] = '/';
	w->rest_len += n + 1;
	if (w->link[0] == '/')
		w->done_len = 0, w->done[0] = 0;
	return 0;
}

static long start(struct walk *w, int root, const char *path)
{
	size_t n = str_len(path);
	if (n >= PATH_MAX_)
		return -ENAMETOOLONG;
	w->root = root;
	w->links = 0;
	w->made = 0;
	w->done_len = 0;
	w->done[0] = 0;
	copy_bytes(w->rest, path, n);
	w->rest_len = (u32)n;
	return 0;
}

/* make creates name in the directory dir. */
static long make(long dir, const char *name, int kind, u32 mode)
{
	if (kind == MAKE_DIR)
		return SYS3(mkdirat, dir, name, mode);
	long fd = SYS4(openat, dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, mode);
	close_fd(fd);
	return fd < 0 ? fd : 0;
}

/* step walks over one component: through a link, or over what is there, or
 * over what it makes. A component that vanishes or appears meanwhile is looked
 * at again. */
static long step(struct walk *w, int kind, u32 mode)
{
	for (int tries = 0; tries < 128; tries++) {
		long dir = root_open(w->root, w->done, O_PATH | O_DIRECTORY);
		if (dir < 0)
			return dir;
		long r = SYS4(readlinkat, dir, w->name, w->link, sizeof w->link);
		if (r == -ENOENT) {
			int last = at_end(w);
			w->made = 1;
			r = make(dir, w->name, last ? kind : MAKE_DIR, last ? mode : 0755);
		} else if (r >= 0)
			r = r >= (long)sizeof w->link ? -ENAMETOOLONG : follow(w, (u32)r) < 0 ? -ELOOP : 1;
		else if (r == -EINVAL) /* there, and no link */
			r = 0;
		close_fd(dir);
		if (r == -EEXIST)
			continue;
		if (r == 1)
			return 0;
		return r < 0 ? r : push(w);
	}
	return -EAGAIN;
}

static long walk_path(struct walk *w, int kind, u32 mode)
{
	long n;
	while ((n = next_name(w)) > 0) {
		if (w->name[0] == '.' && w->name[1] == 0)
			continue;
		if (w->name[0] == '.' && w->name[1] == '.' && w->name[2] == 0) {
			pop(w);
			continue;
		}
		long r = step(w, kind, mode);
		if (r < 0)
			return r;
	}
	return n;
}

int is_name(const char *s)
{
	if (!s[0] || (s[0] == '.' && (!s[1] || (s[1] == '.' && !s[2]))))
		return 0;
	while (*s && *s != '/')
		s++;
	return !*s;
}

/* last_name finds the last component of path. */
static const char *last_name(const char *path)
{
	size_t n = str_len(path);
	while (n > 0 && path[n - 1] != '/')
		n--;
	return path + n;
}

static char before[PATH_MAX_]; /* what is before the last component */

/* make_last makes what is missing where nothing else is: -EAGAIN if the path
 * has to be walked after all. */
static long make_last(int root, const char *path, int kind, u32 mode)
{
	const char *name = last_name(path);
	size_t n = (size_t)(name - path);
	if (!is_name(name) || n >= sizeof before)
		return -EAGAIN;
	copy_bytes(before, path, n);
	before[n] = 0;
	long dir = root_open(root, before, O_PATH | O_DIRECTORY);
	if (dir < 0)
		return -EAGAIN;
	long r = make(dir, name, kind, mode);
	if (r == 0)
		r = open_at(dir, name, O_PATH | O_NOFOLLOW, 0, SCOPED);
	else if (r == -EEXIST) /* a link that leads nowhere, or it came just now */
		r = -EAGAIN;
	close_fd(dir);
	return r;
}

/* root_make opens path below root as O_PATH, and makes what is missing: a
 * directory or an empty file at its end, directories before that. A dangling
 * link is followed, inside the root, to the place that it names. *made tells
 * whether anything was missing. */
long root_make(int root, const char *path, int kind, u32 mode, int *made)
{
	*made = 0;
	long fd = root_open(root, path, O_PATH);
	if (fd != -ENOENT)
		return fd;
	fd = make_last(root, path, kind, mode);
	if (fd != -EAGAIN) {
		*made = 1;
		return fd;
	}
	long r = start(&walk, root, path);
	if (r < 0)
		return r;
	r = walk_path(&walk, kind, mode);
	if (r < 0)
		return r;
	*made = walk.made;
	return open_at(root, walk.done_len ? walk.done : ".", O_PATH | O_NOFOLLOW, 0, SCOPED);
}

long root_parent(int root, const char *path, const char **name)
{
	static char dir[PATH_MAX_];
	*name = last_name(path);
	size_t n = (size_t)(*name - path);
	if (!is_name(*name)) /* it would not be below the directory that is opened here */
		return -EINVAL;
	if (n >= sizeof dir)
		return -ENAMETOOLONG;
	copy_bytes(dir, path, n);
	dir[n] = 0;
	int made;
	long fd = root_make(root, dir, MAKE_DIR, 0755, &made);
	if (fd < 0)
		return fd;
	struct file_stat st;
	long r = stat_fd(fd, &st);
	if (r == 0 && (st.mode & S_IFMT_) != S_IFDIR_)
		r = -ENOTDIR;
	if (r < 0)
		close_fd(fd);
	return r < 0 ? r : fd;
}
