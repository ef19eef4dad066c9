// SPDX-License-Identifier: GPL-2.0-only
/*
 * Serving metrics over HTTP, by libmicrohttpd and a single thread. Each connection serves
 * one request, and is closed after a time whatever its client does, so clients that are
 * slow or silent neither add up nor keep others out for longer.
 */
#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <microhttpd.h>

#include "counters.h"
#include "nyxctl.h"
#include "serve.h"

#define HOST "127.0.0.1"
#define PORT "9843"
#define PATH "/metrics"
#define CLIENTS 64
#define CLIENT_SECONDS 10
#define CLIENT_MEMORY 16384
#define RUN_AT_LEAST_MS 1000
#define FORMAT "text/plain; version=0.0.4; charset=utf-8"

/**
 * struct client - a connection
 * @socket: its socket
 * @deadline: when it is closed
 */
struct client {
	int socket;
	double deadline;
};

/**
 * struct server - the server
 * @page: makes the page
 * @daemon: libmicrohttpd's part
 * @clients: the connections; those that are not in use have no deadline
 */
struct server {
	char *(*page)(size_t *length);
	struct MHD_Daemon *daemon;
	struct client clients[CLIENTS];
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int status,
			      const char *header, const char *value, char *text,
			      size_t length)
{
	struct MHD_Response *response;
	enum MHD_Result ret;

	response = must(MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE));
	MHD_add_response_header(response, "Connection", "close");
	MHD_add_response_header(response, header, value);
	ret = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return ret;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
				  const char *url, const char *method, const char *version,
				  const char *upload, size_t *upload_size, void **request)
{
	const struct server *server = context;
	size_t length;
	char *text;

	(void)version;
	(void)upload;
	(void)upload_size;
	(void)request;
	if (strcmp(url, PATH)) {
		text = text_of("There is only %s.\n", PATH);
		return answer(connection, MHD_HTTP_NOT_FOUND, "Content-Type", "text/plain",
			      text, strlen(text));
	}
	if (strcmp(method, "GET") && strcmp(method, "HEAD")) {
		text = text_of("Use GET.\n");
		return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "Allow", "GET, HEAD",
			      text, strlen(text));
	}
	text = server->page(&length);
	return answer(connection, MHD_HTTP_OK, "Content-Type", FORMAT, text, length);
}

static void on_connection(void *context, struct MHD_Connection *connection,
			  void **socket_context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct server *server = context;
	struct client *client = *socket_context;
	size_t i;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (client)
			client->deadline = 0;
		return;
	}
	for (i = 0; i < CLIENTS && server->clients[i].deadline; i++)
		;
	if (i == CLIENTS)
		return;
	client = &server->clients[i];
	client->socket = MHD_get_connection_info(connection,
						 MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	client->deadline = clock_seconds() + CLIENT_SECONDS;
	*socket_context = client;
}

/* Returns the milliseconds until the next connection is overdue, or -1. */
static int close_overdue(struct server *server)
{
	double now = clock_seconds(), next = INFINITY;
	struct client *client;

	for (client = server->clients; client < server->clients + CLIENTS; client++) {
		if (!client->deadline)
			continue;
		/* The library finds the end of the connection, and closes it. */
		if (client->deadline <= now) {
			shutdown(client->socket, SHUT_RDWR);
			client->deadline = INFINITY;
		}
		if (client->deadline < next)
			next = client->deadline;
	}
	return isinf(next) ? -1 : (int)((next - now) * 1000) + 1;
}

/* Both are milliseconds, or -1 for any time. */
static int earlier(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

static int run(struct server *server, int signals)
{
	struct pollfd files[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = MHD_get_daemon_info(server->daemon,
					    MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
		  .events = POLLIN },
	};

	for (;;) {
		int timeout = earlier(close_overdue(server), MHD_get_timeout_i(server->daemon));

		/*
		 * At the limit of clients the library stops to listen, and listens again
		 * only at a call after the one that closed a client.
		 */
		timeout = earlier(timeout, RUN_AT_LEAST_MS);
		if (poll(files, 2, timeout) < 0 && errno != EINTR)
			return fail(NYX_FAILED, "cannot wait for clients: %s",
				    strerror(errno));
		if (files[0].revents)
			return NYX_OK;
		MHD_run(server->daemon);
	}
}

/* Splits [ADDRESS:]PORT. An IPv6 address is in brackets. */
static void split_address(const char *text, char **host, char **port)
{
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;

	*port = must(strdup(colon ? colon + 1 : text));
	if (length > 1 && *text == '[' && colon[-1] == ']') {
		text++;
		length -= 2;
	}
	*host = colon ? must(strndup(text, length)) : must(strdup(HOST));
}

static int listen_at(const struct addrinfo *info, const char *address)
{
	int one = 1;
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -fail(NYX_FAILED, "cannot listen at %s: %s", address, strerror(errno));
	/* An exporter that is restarted must not wait for connections that have ended. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, CLIENTS)) {
		fail(NYX_FAILED, "cannot listen at %s: %s", address, strerror(errno));
		close(fd);
		return -NYX_FAILED;
	}
	return fd;
}

/* Returns a socket, or the negative exit code of an error, which has been reported. */
static int open_socket(const char *address)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *info;
	char *host, *port, *end;
	int fd;

	split_address(address, &host, &port);
	/* getaddrinfo() takes larger numbers, and cuts them off. */
	if (!*port || strtoul(port, &end, 10) > 65535 || *end || !*host ||
	    getaddrinfo(host, port, &hints, &info)) {
		fd = -fail(NYX_USAGE,
			   "export: --listen %s: use PORT, ADDRESS:PORT or [ADDRESS]:PORT",
			   address);
	} else {
		fd = listen_at(info, address);
		freeaddrinfo(info);
	}
	free(host);
	free(port);
	return fd;
}

/* With port 0 the kernel has chosen one. */
static void print_url(int fd)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &length) ||
	    getnameinfo((struct sockaddr *)&address, length, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	printf(strchr(host, ':') ? "Serving http://[%s]:%s%s\n" : "Serving http://%s:%s%s\n",
	       host, port, PATH);
	fflush(stdout);
}

/* Signals that end the server are read from the file that this returns. */
static int take_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/**
 * serve() - serve a page as /metrics until a signal ends it
 * @address: [ADDRESS:]PORT; an empty string for the default
 * @page: makes the page, which is freed afterwards, and sets its length
 *
 * Return: an exit code.
 */
int serve(const char *address, char *(*page)(size_t *length))
{
	struct server server = { .page = page };
	int signals, ret, fd = open_socket(*address ? address : HOST ":" PORT);

	if (fd < 0)
		return -fd;
	signals = take_signals();
	server.daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_THREAD_SAFETY, 0, NULL, NULL,
					 on_request, &server,
					 MHD_OPTION_LISTEN_SOCKET, fd,
					 MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CLIENTS,
					 MHD_OPTION_CONNECTION_MEMORY_LIMIT,
					 (size_t)CLIENT_MEMORY,
					 MHD_OPTION_NOTIFY_CONNECTION, on_connection, &server,
					 MHD_OPTION_END);
	if (signals < 0 || !server.daemon) {
		ret = fail(NYX_FAILED, "cannot start the server: %s", strerror(errno));
	} else {
		print_url(fd);
		ret = run(&server, signals);
	}
	/* The library closes the socket. */
	if (server.daemon)
		MHD_stop_daemon(server.daemon);
	else
		close(fd);
	close(signals);
	return ret;
}
