// SPDX-License-Identifier: GPL-2.0-only
/* Begins a PPPoE session through an interface, and keeps it until it is killed. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/if_pppox.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	/* No machine has the address of the peer. */
	struct sockaddr_pppox address = {
		.sa_family = AF_PPPOX,
		.sa_protocol = PX_PROTO_OE,
		.sa_addr.pppoe = { .sid = htons(1), .remote = { 2, 0, 0, 0, 0, 1 } },
	};
	int fd = socket(AF_PPPOX, SOCK_STREAM, PX_PROTO_OE);

	if (argc != 2)
		return 2;
	snprintf(address.sa_addr.pppoe.dev, sizeof(address.sa_addr.pppoe.dev), "%s", argv[1]);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		fprintf(stderr, "pppoe: %s\n", strerror(errno));
		return 1;
	}
	pause();
	return 0;
}
