// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the events of the kernel that udev would get and that contain NYX_, one
 * per line, with their variables separated by blanks.
 */
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pci.h"

int main(void)
{
	/* Group 1 has the events of the kernel, group 2 those of udev. */
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	char message[8192];
	ssize_t size, i;
	int fd;

	fd = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die("uevent socket");
	puts("listening");
	fflush(stdout);
	while ((size = recv(fd, message, sizeof(message) - 1, 0)) > 0) {
		for (i = 0; i < size; i++)
			if (!message[i])
				message[i] = ' ';
		message[size] = '\0';
		if (strstr(message, "NYX_"))
			puts(message);
		fflush(stdout);
	}
	return 3;
}
