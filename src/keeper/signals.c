/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals.c - the signals that init or a person sends us.
 */
#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <clusterd/clock.h>
#include <clusterd/log.h>

#include "keeper.h"

enum { TWICE_MS = 2000 };

/* Reported to the master, which knows what they mean. */
static const int reported[] = { SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGUSR1,
	SIGUSR2, SIGTTIN, SIGTTOU };

/* Left to the kernel: our own faults, and a person's Ctrl-Z. */
static const int left_alone[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
	SIGTRAP, SIGSYS, SIGTSTP };

/*
 * Everything is blocked, so that nothing (SIGPIPE of a log line, say) ends the
 * keeper; a child begins with an empty mask. Dispositions that we inherited are
 * reset: an ignored SIGCHLD would make the kernel throw exits away.
 */
int
signals_open(void)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t blocked, wanted;
	int fd;

	for (int sig = 1; sig < _NSIG; sig++)
		sigaction(sig, &sa, NULL);
	sigfillset(&blocked);
	for (size_t i = 0; i < COUNT(left_alone); i++)
		sigdelset(&blocked, left_alone[i]);
	sigprocmask(SIG_SETMASK, &blocked, NULL);

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	for (size_t i = 0; i < COUNT(reported); i++)
		sigaddset(&wanted, reported[i]);
	fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd == -1 ? -errno : fd;
}

/* What a signal means to the master, after what it meant to who sent it. */
static int
translate(struct keeper *k, const struct signalfd_siginfo *si)
{
	int sig = (int)si->ssi_signo;
	int64_t now_ms = clock_mono_ms();

	/* From the kernel: the terminal has closed. That is no reload. */
	if (sig == SIGHUP && si->ssi_code == SI_KERNEL)
		return SIGTERM;
	if (sig != SIGINT)
		return sig;
	if (k->last_int_ms != 0 && now_ms - k->last_int_ms <= TWICE_MS)
		return SIGQUIT; /* a person who presses Ctrl-C again */
	k->last_int_ms = now_ms;
	return sig;
}

static void
note_signal(struct keeper *k, const struct signalfd_siginfo *si)
{
	int sig = translate(k, si);
	uint64_t bit = UINT64_C(1) << sig;

	k->signals |= bit;
	if (sig == SIGTERM || sig == SIGINT || sig == SIGQUIT)
		k->stop_signals |= bit;
	if (sig == SIGUSR1)
		log_reopen();
}

void
signals_read(struct keeper *k)
{
	struct signalfd_siginfo si[16];
	bool exits = false;
	ssize_t n;

	do {
		n = read(k->signal_fd, si, sizeof(si));
		for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(*si); i++) {
			if (si[i].ssi_signo == SIGCHLD)
				exits = true;
			else
				note_signal(k, &si[i]);
		}
	} while (n == (ssize_t)sizeof(si));
	if (exits)
		reap_all(k);
}
