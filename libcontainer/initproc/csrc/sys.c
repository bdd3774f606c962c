/* Small wrappers that more than one op needs. */
#include "sys.h"

long stat_fd(long fd, struct file_stat *out)
{
	struct statx st;
	long r = SYS5(statx, fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW,
		      STATX_BASIC_STATS, &st);
	if (r < 0)
		return r;
	out->mode = st.stx_mode;
	out->uid = st.stx_uid;
	out->gid = st.stx_gid;
	out->rdev_major = st.stx_rdev_major;
	out->rdev_minor = st.stx_rdev_minor;
	out->size = st.stx_size;
	out->mount_root = (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
	return 0;
}

long fs_magic(long fd)
{
	struct statfs st;
	long r = SYS2(fstatfs, fd, &st);
	return r < 0 ? r : (long)(u32)st.f_type;
}

long open_at(long dir, const char *path, u64 flags, u64 mode, u64 resolve)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
	/* EAGAIN: a rename elsewhere raced with a scoped lookup (openat2(2)). */
	for (int tries = 0;; tries++) {
		long r = SYS4(openat2, dir, path, &how, sizeof how);
		if (r != -EAGAIN || tries >= 128)
			return r;
	}
}

void close_fd(long fd)
{
	if (fd >= 0)
		SYS1(close, fd);
}

void *copy_bytes(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;
	for (size_t i = 0; i < n; i++)
		d[i] = s[i];
	return dst;
}

size_t str_len(const char *s)
{
	size_t n = 0;
	while (s[n])
		n++;
	return n;
}
