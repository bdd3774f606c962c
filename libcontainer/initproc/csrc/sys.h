/* The border to the kernel: types, constants and one function, sys(), that
 * every system call goes through. The real one is assembly (arch_*.c); the
 * fuzzer links a scripted one in its place. */
#ifndef CREEL_SYS_H
#define CREEL_SYS_H

#include <asm/ioctls.h>
#include <asm/statfs.h>
#include <asm/unistd.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/stat.h>
#include <linux/types.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t s16;
typedef int32_t s32;

/* sys performs system call nr. It returns what the kernel returns: a value
 * or a negated errno. */
long sys(long nr, long a, long b, long c, long d, long e, long f);

/* relax is what a loop does that waits for another processor. */
void relax(void);

#define SYS0(n) sys(__NR_##n, 0, 0, 0, 0, 0, 0)
#define SYS1(n, a) sys(__NR_##n, (long)(a), 0, 0, 0, 0, 0)
#define SYS2(n, a, b) sys(__NR_##n, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYS3(n, a, b, c) sys(__NR_##n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYS4(n, a, b, c, d) \
	sys(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYS5(n, a, b, c, d, e) \
	sys(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define SYS6(n, a, b, c, d, e, f) \
	sys(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* What the uapi headers leave to libc. */
#define MS_PRIVATE_FLAG (1 << 18)
#define MS_SLAVE_FLAG (1 << 19)
#define MS_SLAVE_REC (MS_SLAVE_FLAG | (1 << 14))
#define MS_MOVE_FLAG 8192
#define MS_REMOUNT_BIND (32 | 4096)
#define MNT_DETACH_FLAG 2
#define UMOUNT_NOFOLLOW_FLAG 8
#define S_IFMT_ 0170000
#define S_IFREG_ 0100000
#define S_IFDIR_ 0040000
#define S_IFLNK_ 0120000
#define S_IFCHR_ 0020000
#define S_IFBLK_ 0060000
#define S_IFIFO_ 0010000
#define SIGKILL_ 9
#define SIGCHLD_ 17
#define SIG_SETMASK_ 2
#define POLLIN_ 1
#define SOL_SOCKET_ 1
#define SCM_RIGHTS_ 1
#define MSG_DONTWAIT_ 0x40
#define MSG_NOSIGNAL_ 0x4000
#define MSG_CMSG_CLOEXEC_ 0x40000000
#define MSG_TRUNC_ 0x20
#define MSG_CTRUNC_ 0x8
#define SOCK_CLOEXEC_ 02000000
#define MFD_CLOEXEC_ 1
#define MFD_NOEXEC_SEAL_ 8
#define PATH_MAX_ 4096

struct iov {
	void *base;
	size_t len;
};

struct msghdr_ {
	void *name;
	u32 namelen;
	struct iov *iov;
	size_t iovlen;
	void *control;
	size_t controllen;
	u32 flags;
};

struct cmsghdr_ {
	size_t len;
	s32 level;
	s32 type;
};

struct pollfd_ {
	s32 fd;
	s16 events;
	s16 revents;
};

/* file_stat is the part of statx(2) that init looks at. */
struct file_stat {
	u32 mode;
	u32 uid, gid;
	u32 rdev_major, rdev_minor;
	int mount_root;
	u64 size;
};

long stat_fd(long fd, struct file_stat *out);
/* fs_magic returns fstatfs(2)'s f_type of fd, or a negated errno. */
long fs_magic(long fd);
long open_at(long dir, const char *path, u64 flags, u64 mode, u64 resolve);
void close_fd(long fd);

void *copy_bytes(void *dst, const void *src, size_t n);
size_t str_len(const char *s);

#endif
