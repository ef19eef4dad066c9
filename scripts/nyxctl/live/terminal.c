// SPDX-License-Identifier: GPL-2.0-only
/*
 * A terminal as a screen, which is restored however the program ends: by a key, a
 * signal, an error, or exit().
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "nyxctl.h"
#include "terminal.h"

/* The other screen, no cursor, and no line that continues on the next one. */
#define ENTER "\033[?1049h\033[?25l\033[?7l"
#define LEAVE "\033[?7h\033[?25h\033[?1049l"

static struct termios saved;
/* Lock-free, so that signal handlers may use them. */
static atomic_bool active, resized;

/**
 * terminal_usable() - check whether there is a terminal
 *
 * Return: true if input and output are a terminal that has a screen.
 */
bool terminal_usable(void)
{
	const char *type = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && type && *type &&
	       strcmp(type, "dumb");
}

static void put(const char *text)
{
	size_t length = strlen(text);

	while (length) {
		ssize_t n = write(STDOUT_FILENO, text, length);

		if (n < 0)
			return;
		text += n;
		length -= n;
	}
}

/* Signal handlers call this, too. */
static void restore(void)
{
	if (!active)
		return;
	active = false;
	/* What a terminal that is stopped has not taken would be in the way. */
	tcflush(STDOUT_FILENO, TCOFLUSH);
	tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	put(LEAVE);
}

static void prepare(void)
{
	struct termios raw = saved;

	/* Ctrl-C stays a signal. Ctrl-S would only stop the output. */
	raw.c_lflag &= ~(ICANON | ECHO);
	raw.c_iflag &= ~IXON;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	active = true;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	put(ENTER);
}

/* The signal ends the program when the handler returns. */
static void on_end(int signal_number)
{
	restore();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void on_stop(int signal_number)
{
	int error = errno;

	(void)signal_number;
	restore();
	raise(SIGSTOP);
	prepare();
	resized = true;
	errno = error;
}

static void on_resize(int signal_number)
{
	(void)signal_number;
	resized = true;
}

static void handle(int signal_number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	/* One handler at a time changes the terminal. */
	sigfillset(&action.sa_mask);
	sigaction(signal_number, &action, NULL);
}

/* These are only let through while the program waits, so that none is missed. */
static void redraw_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGWINCH);
	sigaddset(set, SIGTSTP);
}

/**
 * terminal_begin() - turn the terminal into a screen
 *
 * Return: NYX_OK, or the exit code of an error, which has been reported.
 */
int terminal_begin(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	sigset_t redraw;
	size_t i;

	if (tcgetattr(STDIN_FILENO, &saved))
		return fail(NYX_FAILED, "cannot use the terminal: %s", strerror(errno));
	redraw_signals(&redraw);
	sigprocmask(SIG_BLOCK, &redraw, NULL);
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		handle(ends[i], on_end);
	handle(SIGTSTP, on_stop);
	handle(SIGWINCH, on_resize);
	atexit(terminal_end);
	prepare();
	return NYX_OK;
}

/**
 * terminal_end() - restore the terminal
 */
void terminal_end(void)
{
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	restore();
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/**
 * terminal_size() - find out how large the terminal is
 * @lines: set to the number of its lines
 * @columns: set to the number of its columns
 */
void terminal_size(size_t *lines, size_t *columns)
{
	struct winsize size;

	*lines = 24;
	*columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		return;
	*lines = size.ws_row;
	*columns = size.ws_col;
}

/**
 * terminal_draw() - show lines
 * @lines: the lines; those that do not fit are left out
 * @bottom: the last line of the screen
 */
void terminal_draw(const struct names *lines, const char *bottom)
{
	size_t height, width, i;

	terminal_size(&height, &width);
	fputs("\033[H", stdout);
	for (i = 0; i + 1 < height; i++)
		printf("%s\033[K\r\n", i < lines->count ? lines->name[i] : "");
	printf("%s\033[K", bottom);
	fflush(stdout);
}

/**
 * terminal_key() - wait for a key
 * @seconds: how long
 *
 * Return: the key; KEY_NONE if none was pressed; KEY_RESIZED if the screen has to be
 *	drawn again; KEY_CLOSED if the terminal is gone.
 */
int terminal_key(double seconds)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	struct timespec timeout = { 0 };
	sigset_t waiting;
	char key;
	int n;

	if (seconds > 0) {
		timeout.tv_sec = (time_t)seconds;
		timeout.tv_nsec = (long)((seconds - timeout.tv_sec) * 1e9);
	}
	sigprocmask(SIG_BLOCK, NULL, &waiting);
	sigdelset(&waiting, SIGWINCH);
	sigdelset(&waiting, SIGTSTP);
	n = ppoll(&input, 1, &timeout, &waiting);
	if (resized) {
		resized = false;
		return KEY_RESIZED;
	}
	if (n <= 0)
		return KEY_NONE;
	return read(STDIN_FILENO, &key, 1) == 1 ? (unsigned char)key : KEY_CLOSED;
}
