/* Ops on the terminal and the standard streams. */
#include "init.h"

/* op_pty: a new pseudo-terminal of the devpts that s1 below src belongs to:
 * dst ← master, aux ← slave. No path names the slave (CVE-2025-52565). n0 is
 * its size, rows | columns << 16, when not zero. */
long op_pty(struct ctx *c, const struct op *o)
{
	int unlock = 0;
	/* to open a device node that an image put there may be enough to do harm */
	long look = root_open(slot(c, o->src), text(c, o->s1), O_PATH);
	long magic = look < 0 ? look : fs_magic(look);
	close_fd(look);
	if (magic != DEVPTS_SUPER_MAGIC)
		return magic < 0 ? magic : -ENODEV;
	long master = root_open(slot(c, o->src), text(c, o->s1), O_RDWR | O_NOCTTY);
	if (master < 0)
		return master;
	long slave = fs_magic(master);
	if (slave >= 0 && slave != DEVPTS_SUPER_MAGIC)
		slave = -ENODEV;
	if (slave >= 0)
		slave = SYS3(ioctl, master, TIOCSPTLCK, &unlock);
	if (slave >= 0)
		slave = SYS3(ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0) {
		close_fd(master);
		return slave;
	}
	u16 size[4] = {(u16)o->n[0], (u16)(o->n[0] >> 16), 0, 0};
	long r = o->n[0] ? SYS3(ioctl, master, TIOCSWINSZ, size) : 0;
	slot_set(c, o->dst, (int)master);
	slot_set(c, o->aux, (int)slave);
	return r;
}

/* op_terminal makes src the controlling terminal and the three streams, owned
 * by user n0. */
long op_terminal(struct ctx *c, const struct op *o)
{
	int fd = slot(c, o->src);
	long r = SYS3(ioctl, fd, TIOCSCTTY, 0);
	if (r >= 0)
		r = SYS3(fchown, fd, o->n[0], -1);
	for (int i = 0; i < 3 && r >= 0; i++)
		r = SYS3(dup3, fd, i, 0);
	return r < 0 ? r : 0;
}

/* own_null replaces a stream that is the host's null device by the one below
 * root, if that is a null device (CVE-2025-31133): the host's inode does not
 * stay reachable. */
static void own_null(int root, int fd)
{
	struct file_stat st;
	long null = root_open(root, "dev/null", O_RDWR | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	if (null < 0)
		return;
	if (stat_fd(null, &st) == 0 && (st.mode & S_IFMT_) == S_IFCHR_ &&
	    st.rdev_major == 1 && st.rdev_minor == 3)
		SYS3(dup3, null, fd, 0);
	close_fd(null);
}

/* op_stdio: the streams belong to user n0, so that it may open /dev/stdout
 * again; a null device among them becomes the one below src. Streams that
 * cannot change their owner (sockets, other namespaces) stay. */
long op_stdio(struct ctx *c, const struct op *o)
{
	for (int fd = 0; fd < 3; fd++) {
		struct file_stat st;
		if (stat_fd(fd, &st) < 0)
			continue;
		if ((st.mode & S_IFMT_) == S_IFCHR_ && st.rdev_major == 1 && st.rdev_minor == 3)
			own_null(slot(c, o->src), fd);
		else if (st.uid != o->n[0])
			SYS3(fchown, fd, o->n[0], -1);
	}
	return 0;
}
