/* init as an ordinary program: with libc's system calls, so that it can be run
 * under the sanitizers on a real kernel.
 *
 *   host SOCKET FLAGS…                        init itself (main.c)
 *   host make ROOT PATH dir|file MODE         one root_make
 *   host race ROOT PREFIX dir|file COUNT      COUNT of them: PREFIX0/x, PREFIX1/x … */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

void init_main(long *stack);

long sys(long nr, long a, long b, long c, long d, long e, long f)
{
	long r = syscall(nr, a, b, c, d, e, f);
	return r == -1 ? -errno : r;
}

void relax(void) { sched_yield(); }

static int root_of(const char *path)
{
	long fd = open_at(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0, 0);
	if (fd < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror((int)-fd));
		exit(2);
	}
	return (int)fd;
}

/* make prints "PATH MODE MADE" of what was opened, or the errno's name. */
static int make(char **argv)
{
	int made, kind = argv[4][0] == 'f' ? MAKE_FILE : MAKE_DIR;
	char link[64], path[PATH_MAX_];
	long fd = root_make(root_of(argv[2]), argv[3], kind, (u32)strtoul(argv[5], NULL, 8), &made);
	if (fd < 0) {
		puts(strerrorname_np((int)-fd));
		return 1;
	}
	struct file_stat st;
	if (stat_fd(fd, &st) < 0)
		return 2;
	snprintf(link, sizeof link, "/proc/self/fd/%ld", fd);
	ssize_t n = readlink(link, path, sizeof path);
	printf("%.*s %o %d\n", (int)n, path, st.mode, made);
	return 0;
}

/* race prints how many were made. */
static int race(char **argv)
{
	int root = root_of(argv[2]), kind = argv[4][0] == 'f' ? MAKE_FILE : MAKE_DIR, ok = 0;
	for (int i = 0; i < atoi(argv[5]); i++) {
		char path[PATH_MAX_];
		int made;
		snprintf(path, sizeof path, "%s%d/x", argv[3], i);
		long fd = root_make(root, path, kind, 0755, &made);
		ok += fd >= 0;
		close_fd(fd);
	}
	printf("%d\n", ok);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "make"))
		return make(argv);
	if (argc == 6 && !strcmp(argv[1], "race"))
		return race(argv);
	long *stack = calloc((size_t)argc + 2, sizeof *stack);
	stack[0] = argc;
	memcpy(stack + 1, argv, (size_t)argc * sizeof *stack);
	init_main(stack);
}
