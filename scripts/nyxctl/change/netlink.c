// SPDX-License-Identifier: GPL-2.0-only
/* Questions to the kernel about network interfaces and routes: see rtnetlink(7). */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"
#include "nyxctl.h"

#define ANSWER 65536		/* bytes; the kernel sends at most 32 KiB at a time */

/* Returns 0 after the last message, 1 if there are more, or a negative error number. */
static int use_answer(const char *answer, int left, netlink_use use, void *data)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)answer;
	const struct nlmsgerr *error;

	for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
		if (message->nlmsg_type == NLMSG_DONE)
			return 0;
		if (message->nlmsg_type == NLMSG_ERROR) {
			error = NLMSG_DATA(message);
			return error->error;
		}
		use(message, data);
		if (!(message->nlmsg_flags & NLM_F_MULTI))
			return 0;
	}
	return 1;
}

static int ask(int fd, const struct nlmsghdr *question, netlink_use use, void *data)
{
	char *answer = must(malloc(ANSWER));
	int ret = 1;
	ssize_t n;

	if (send(fd, question, question->nlmsg_len, 0) < 0)
		ret = -errno;
	while (ret > 0) {
		n = recv(fd, answer, ANSWER, 0);
		if (n > 0)
			ret = use_answer(answer, n, use, data);
		else
			ret = n ? -errno : -EIO;
	}
	free(answer);
	return ret;
}

/**
 * netlink_ask() - ask the kernel about the current network namespace
 * @question: the message
 * @use: called for each message of the answer
 * @data: its second argument
 *
 * Return: 0, or a negative error number.
 */
int netlink_ask(const struct nlmsghdr *question, netlink_use use, void *data)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), ret;

	if (fd < 0)
		return -errno;
	ret = ask(fd, question, use, data);
	close(fd);
	return ret;
}
