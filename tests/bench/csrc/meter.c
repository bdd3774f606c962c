/* meter: starts commands and times them, for a benchmark whose own process
 * is too large to do so: a child's peak memory begins with that of the process
 * that forked it, so this one stays tiny and lives as long as the benchmark.
 *
 * A request on fd 3 is {length, count, width} and length bytes of arguments,
 * each ended by a NUL. The command is started count times, at most width at once,
 * with every '@' in an argument replaced by its number. The answer on fd 4 is
 * {nanoseconds from the first start to the last exit, number of failures, wait
 * status of a failed one, peak memory of the largest in KiB}. The commands have
 * meter's own stdin, stdout and stderr; stdout is a file, emptied before each request. */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REQUESTS = 3, ANSWERS = 4 };
enum { MAX_LENGTH = 65536, MAX_ARGS = 256, MAX_WIDTH = 1024, PATIENCE = 60 };

struct request {
	uint32_t length, count, width;
};
struct answer {
	uint64_t ns, failures, status, maxrss;
};

static char text[MAX_LENGTH], numbered[MAX_ARGS][512];
static char *args[MAX_ARGS + 1];
static pid_t running[MAX_WIDTH];
static unsigned nrunning;
extern char **environ;

static void read_all(void *buf, size_t n)
{
	for (char *p = buf; n > 0;) {
		ssize_t r = read(REQUESTS, p, n);
		if (r <= 0)
			exit(0); /* the benchmark is gone */
		p += r;
		n -= (size_t)r;
	}
}

/* A command that hangs is killed, so that the benchmark reports it. */
static void impatient(int sig)
{
	(void)sig;
	for (unsigned i = 0; i < nrunning; i++)
		kill(running[i], SIGKILL);
}

static void split(size_t length)
{
	int n = 0;
	for (size_t at = 0; at < length && n < MAX_ARGS; at += strlen(text + at) + 1)
		args[n++] = text + at;
	args[n] = NULL;
}

/* command replaces each '@' by the number of the command. */
static char **command(unsigned number)
{
	static char *list[MAX_ARGS + 1];
	int i = 0;
	for (; args[i]; i++) {
		char *at = strchr(args[i], '@');
		list[i] = args[i];
		if (at) {
			snprintf(numbered[i], sizeof numbered[i], "%.*s%u%s", (int)(at - args[i]),
				 args[i], number, at + 1);
			list[i] = numbered[i];
		}
	}
	list[i] = NULL;
	return list;
}

static void spawn(unsigned number)
{
	char **list = command(number);
	pid_t pid = vfork();
	if (pid == 0) {
		execve(list[0], list, environ);
		_exit(127);
	}
	if (pid > 0)
		running[nrunning++] = pid;
}

static void reap(struct answer *a)
{
	int status;
	struct rusage usage;
	pid_t pid = wait4(-1, &status, 0, &usage);
	if (pid < 0)
		return; /* EINTR: impatient() has killed them */
	for (unsigned i = 0; i < nrunning; i++)
		if (running[i] == pid) {
			running[i] = running[--nrunning];
			if (status) {
				a->failures++;
				a->status = (uint64_t)status;
			}
			if ((uint64_t)usage.ru_maxrss > a->maxrss)
				a->maxrss = (uint64_t)usage.ru_maxrss;
			return;
		}
}

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void serve(void)
{
	struct request q;
	struct answer a = {0};
	read_all(&q, sizeof q);
	if (q.length > MAX_LENGTH || q.width > MAX_WIDTH || q.width == 0)
		exit(2);
	read_all(text, q.length);
	split(q.length);
	if (ftruncate(1, 0) < 0)
		exit(3);
	alarm(PATIENCE);
	uint64_t started = now();
	for (unsigned number = 0; number < q.count; number++) {
		while (nrunning >= q.width)
			reap(&a);
		unsigned before = nrunning;
		spawn(number);
		a.failures += nrunning == before;
	}
	while (nrunning > 0)
		reap(&a);
	a.ns = now() - started;
	alarm(0);
	if (write(ANSWERS, &a, sizeof a) != sizeof a)
		exit(0);
}

int main(void)
{
	struct sigaction on_alarm = {.sa_handler = impatient};
	sigaction(SIGALRM, &on_alarm, NULL);
	/* The commands inherit /dev/null and the log, nothing else. */
	fcntl(REQUESTS, F_SETFD, FD_CLOEXEC);
	fcntl(ANSWERS, F_SETFD, FD_CLOEXEC);
	for (;;)
		serve();
}
