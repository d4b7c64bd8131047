/* HTTP over libcurl's multi interface; see transport.h.
 *
 * Knows nothing of Acronis but what the whole program sends (Accept, User-Agent). Beware of two things
 * libcurl does by itself: it sends a request again on a new connection when a kept one dies before an answer,
 * and it follows what the environment says about proxies. The first must never happen to a change: see
 * refuse_second_start().
 */
#include "tenantry/transport.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tenantry/mem.h"
#include "tenantry/str.h"

/* Kept connections older than this are not used again: most servers close idle ones after 60 s or more, and a
 * change that meets a closing connection costs a look-up. */
enum { IDLE_CONNECTION_SECONDS = 45, KEPT_BUFFER = 1 << 20 };

struct exchange {
	struct exchange *prev, *next; /* in one of the lists below */
	struct curl_transport *owner;
	CURL *easy;
	struct curl_slist *headers;
	char error[CURL_ERROR_SIZE];
	const char *refused; /* why it was never given to curl; NULL: it was */
	struct strbuf request_body, answer;
	size_t body_sent;
	unsigned starts; /* how often curl began to transmit the request */
	bool changes, too_large;
	bool half_set; /* an option was not taken: not used, and not again */
	transport_done *done;
	void *user;
};

struct exchange_list {
	struct exchange *first;
};

struct curl_transport {
	struct transport base;
	CURLM *multi;
	char *ca_file;
	struct transport_settings settings;
	struct exchange_list active, refused, idle;
	char *origin; /* scheme and authority that `loopback` is about */
	size_t origin_length;
	bool loopback;
};

static void list_add(struct exchange_list *list, struct exchange *x)
{
	x->prev = NULL;
	x->next = list->first;
	if (x->next)
		x->next->prev = x;
	list->first = x;
}

static void list_remove(struct exchange_list *list, struct exchange *x)
{
	if (x->prev)
		x->prev->next = x->next;
	else
		list->first = x->next;
	if (x->next)
		x->next->prev = x->prev;
	x->prev = x->next = NULL;
}

static struct exchange *list_pop(struct exchange_list *list)
{
	struct exchange *x = list->first;

	if (!x)
		return NULL;
	list->first = x->next;
	if (x->next)
		x->next->prev = NULL;
	x->next = NULL;
	return x;
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *user)
{
	struct exchange *x = user;

	strbuf_add(&x->answer, bytes, size * count);
	if (!x->answer.failed)
		return size * count;
	x->too_large = true;
	return 0;
}

static size_t give_body(char *out, size_t size, size_t count, void *user)
{
	struct exchange *x = user;
	size_t left = x->request_body.n - x->body_sent, n = left < size * count ? left : size * count;

	if (n > 0)
		memcpy(out, x->request_body.p + x->body_sent, n);
	x->body_sent += n;
	return n;
}

static int refuse_rewind(void *user, curl_off_t offset, int origin)
{
	(void)user;
	(void)offset;
	(void)origin;
	return CURL_SEEKFUNC_FAIL;
}

/* Called on an established connection just before the request goes out, so zero starts prove that nothing was
 * sent. A second start is curl's own repetition; the body that cannot be rewound does not stop one after the
 * headers alone. */
static int refuse_second_start(void *user, char *peer, char *local, int peer_port, int local_port)
{
	struct exchange *x = user;

	(void)peer;
	(void)local;
	(void)peer_port;
	(void)local_port;
	x->starts++;
	return x->changes && x->starts > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* A transfer that lacks one of its options, above all those that check certificates, is never made. */
#define SET(x, option, value)                                                                                \
	do {                                                                                                 \
		if (curl_easy_setopt((x)->easy, option, value) != CURLE_OK)                                  \
			(x)->half_set = true;                                                                \
	} while (0)

static void easy_setup(struct exchange *x, const struct transport_settings *settings)
{
	x->easy = curl_easy_init();
	x->half_set = !x->easy;
	if (!x->easy)
		return;
	SET(x, CURLOPT_PRIVATE, x);
	SET(x, CURLOPT_ERRORBUFFER, x->error);
	SET(x, CURLOPT_NOSIGNAL, 1L);
	SET(x, CURLOPT_WRITEFUNCTION, take_answer);
	SET(x, CURLOPT_WRITEDATA, x);
	SET(x, CURLOPT_READFUNCTION, give_body);
	SET(x, CURLOPT_READDATA, x);
	SET(x, CURLOPT_SEEKFUNCTION, refuse_rewind);
	SET(x, CURLOPT_PREREQFUNCTION, refuse_second_start);
	SET(x, CURLOPT_PREREQDATA, x);
	SET(x, CURLOPT_FOLLOWLOCATION, 0L);
	SET(x, CURLOPT_PROTOCOLS_STR, settings->plain_allowed ? "http,https" : "https");
	SET(x, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(x, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(x, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(x, CURLOPT_CONNECTTIMEOUT_MS, (long)settings->connect_timeout_ms);
	SET(x, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)settings->body_limit);
	SET(x, CURLOPT_MAXAGE_CONN, (long)IDLE_CONNECTION_SECONDS);
	SET(x, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(x, CURLOPT_USERAGENT, "tenantry/" TENANTRY_VERSION);
	/* A libcurl that was built without HTTP/2 keeps to HTTP/1.1. */
	curl_easy_setopt(x->easy, CURLOPT_HTTP_VERSION,
	    (long)(settings->http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
	if (settings->ca_file)
		SET(x, CURLOPT_CAINFO, settings->ca_file);
}

static struct exchange *exchange_get(struct curl_transport *t)
{
	struct exchange *x = list_pop(&t->idle);

	if (x)
		return x;
	x = mem_zalloc(sizeof *x);
	x->owner = t;
	x->answer.max = (size_t)t->settings.body_limit;
	easy_setup(x, &t->settings);
	return x;
}

/* The Authorization header is a secret: wiped, not only freed. */
static void drop_headers(struct exchange *x)
{
	for (struct curl_slist *h = x->headers; h; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(x->headers);
	x->headers = NULL;
}

static void exchange_free(struct exchange *x)
{
	drop_headers(x);
	curl_easy_cleanup(x->easy);
	strbuf_free(&x->request_body);
	strbuf_free(&x->answer);
	free(x);
}

static void exchange_put(struct exchange *x)
{
	if (x->half_set) {
		exchange_free(x);
		return;
	}
	drop_headers(x);
	if (x->answer.cap > KEPT_BUFFER)
		strbuf_free(&x->answer);
	list_add(&x->owner->idle, x);
}

static void add_header(struct exchange *x, const char *name, const char *value)
{
	char *line = mem_printf("%s:%s%s", name, value[0] ? " " : "", value);
	struct curl_slist *longer = curl_slist_append(x->headers, line);

	if (longer)
		x->headers = longer;
	else
		x->half_set = true;
	explicit_bzero(line, strlen(line));
	free(line);
}

/* 127.0.0.0/8, ::1 and localhost, by curl's own reading of the URL: what it will connect to is what is
 * judged. */
static bool url_is_loopback(const char *url)
{
	CURLU *parts = curl_url();
	char *host = NULL;
	bool loopback = false;

	if (parts && !curl_url_set(parts, CURLUPART_URL, url, 0) &&
	    !curl_url_get(parts, CURLUPART_HOST, &host, 0)) {
		size_t digits = strspn(host, "0123456789.");
		loopback = strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
			   (strncmp(host, "127.", 4) == 0 && host[digits] == '\0');
	}
	curl_free(host);
	curl_url_cleanup(parts);
	return loopback;
}

static bool is_loopback(struct curl_transport *t, const char *url)
{
	const char *authority = strstr(url, "://");
	size_t n = authority ? (size_t)(authority + 3 - url) + strcspn(authority + 3, "/?#") : strlen(url);

	if (!t->origin || n != t->origin_length || memcmp(t->origin, url, n) != 0) {
		free(t->origin);
		t->origin = mem_strndup(url, n);
		t->origin_length = n;
		t->loopback = url_is_loopback(url);
	}
	return t->loopback;
}

static const char *why_refused(struct curl_transport *t, const struct exchange *x, const char *url)
{
	if (!x->easy)
		return "libcurl has no memory for another transfer";
	if (strncasecmp(url, "https://", 8) == 0)
		return NULL;
	if (strncasecmp(url, "http://", 7) != 0)
		return "the address does not begin with https://";
	if (!t->settings.plain_allowed || !is_loopback(t, url))
		return "plain http is only for loopback addresses, everything else needs https";
	return NULL;
}

static void set_method(struct exchange *x, const struct http_request *request)
{
	static const char *const custom[] = {
	    [HTTP_GET] = NULL, [HTTP_POST] = NULL, [HTTP_PUT] = "PUT", [HTTP_DELETE] = "DELETE"};

	x->changes = request->method != HTTP_GET;
	strbuf_clear(&x->request_body);
	x->body_sent = 0;
	if (request->method == HTTP_GET || request->method == HTTP_DELETE) {
		SET(x, CURLOPT_HTTPGET, 1L);
	} else {
		strbuf_add(&x->request_body, request->body ? request->body : "", request->body_length);
		SET(x, CURLOPT_POST, 1L);
		SET(x, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
	}
	SET(x, CURLOPT_CUSTOMREQUEST, custom[request->method]);
}

static void set_headers(struct exchange *x, const struct http_request *request)
{
	add_header(x, "Accept", "application/json");
	add_header(x, "Expect", "");
	add_header(x, "Content-Type", request->content_type ? request->content_type : "");
	if (request->authorization)
		add_header(x, "Authorization", request->authorization);
	SET(x, CURLOPT_HTTPHEADER, x->headers);
}

static void curl_start(
    struct transport *base, const struct http_request *request, transport_done *done, void *user)
{
	struct curl_transport *t = CONTAINER_OF(base, struct curl_transport, base);
	struct exchange *x = exchange_get(t);

	x->done = done;
	x->user = user;
	x->starts = 0;
	x->too_large = false;
	x->error[0] = '\0';
	strbuf_clear(&x->answer);
	x->refused = why_refused(t, x, request->url);
	if (x->refused) {
		list_add(&t->refused, x);
		return;
	}
	set_method(x, request);
	set_headers(x, request);
	SET(x, CURLOPT_URL, request->url);
	SET(x, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	/* With HTTP/2 on offer the first calls wait for one connection rather than open one each. Over plain
	 * HTTP nothing is shared, and libcurl 7.88 would wait without end, past every timeout, where the
	 * first request of a connection could not be written. */
	bool shares = t->settings.http2 && !request->fresh_connection;
	SET(x, CURLOPT_PIPEWAIT, shares && strncmp(request->url, "https:", 6) == 0 ? 1L : 0L);
	SET(x, CURLOPT_FRESH_CONNECT, request->fresh_connection ? 1L : 0L);
	SET(x, CURLOPT_PROXY, is_loopback(t, request->url) ? "" : NULL);
	if (x->half_set || curl_multi_add_handle(t->multi, x->easy) != CURLM_OK) {
		x->refused = "libcurl did not take the transfer";
		list_add(&t->refused, x);
		return;
	}
	list_add(&t->active, x);
}

/* A change that curl began twice was stopped at the second start, so only the first counts as sent, and it
 * may have arrived. One start without a byte written is as good as none. */
static bool nothing_was_sent(const struct exchange *x)
{
	long written = 0;

	if (x->starts == 0)
		return true;
	curl_easy_getinfo(x->easy, CURLINFO_REQUEST_SIZE, &written);
	return x->starts == 1 && written == 0;
}

static enum transport_failure classify(const struct exchange *x, CURLcode code)
{
	if (code == CURLE_OK)
		return TRANSPORT_OK;
	if (x->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return TRANSPORT_TOO_LARGE;
	if (nothing_was_sent(x))
		return TRANSPORT_NOT_SENT;
	return code == CURLE_OPERATION_TIMEDOUT ? TRANSPORT_TIMEOUT : TRANSPORT_LOST;
}

static const char *failure_text(const struct exchange *x, enum transport_failure failure, CURLcode code)
{
	if (failure == TRANSPORT_OK)
		return "";
	if (failure == TRANSPORT_TOO_LARGE)
		return "the answer is larger than the limit";
	if (failure == TRANSPORT_LOST &&
	    (code == CURLE_SEND_FAIL_REWIND || code == CURLE_ABORTED_BY_CALLBACK))
		return "the connection was closed before an answer came";
	return x->error[0] ? x->error : curl_easy_strerror(code);
}

static bool is_certificate_failure(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR ||
	       code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_INVALIDCERTSTATUS;
}

static void finish(struct exchange *x, CURLcode code)
{
	enum transport_failure failure = classify(x, code);
	struct http_response response = {.failure = failure,
	    .failure_text = failure_text(x, failure, code),
	    .tls_failure = failure == TRANSPORT_NOT_SENT && is_certificate_failure(code),
	    .body = "",
	    .content_type = "",
	    .retry_after = ""};
	struct curl_header *header;
	curl_off_t elapsed_us = 0;

	curl_easy_getinfo(x->easy, CURLINFO_TOTAL_TIME_T, &elapsed_us);
	response.elapsed_ms = elapsed_us / 1000;
	if (failure == TRANSPORT_OK) {
		long status = 0;
		char *type = NULL;
		curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(x->easy, CURLINFO_CONTENT_TYPE, &type);
		response.status = (int)status;
		response.content_type = type ? type : "";
		response.body = x->answer.n ? x->answer.p : "";
		response.body_length = x->answer.n;
		if (curl_easy_header(x->easy, "Retry-After", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
			response.retry_after = header->value;
		/* An asked-for header's struct is good until the next is asked for, its text until the
		 * transfer ends. */
		if (curl_easy_header(x->easy, "Location", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
			response.location = header->value;
	}
	x->done(x->user, &response);
	exchange_put(x);
}

static void finish_unsent(struct exchange *x, enum transport_failure failure, const char *text)
{
	struct http_response response = {
	    .failure = failure, .failure_text = text, .body = "", .content_type = "", .retry_after = ""};

	x->done(x->user, &response);
	exchange_put(x);
}

static unsigned finish_refused(struct curl_transport *t)
{
	unsigned count = 0;

	for (struct exchange *x; (x = list_pop(&t->refused)) != NULL; count++)
		finish_unsent(x, TRANSPORT_NOT_SENT, x->refused);
	return count;
}

/* Moves data and answers what is complete; gives how many were, or -1. */
static int move(struct curl_transport *t, struct error *err)
{
	int running, left, count = 0;
	CURLMsg *message;
	CURLMcode code = curl_multi_perform(t->multi, &running);

	if (code != CURLM_OK)
		return error_set(err, ERR_ACRONIS, "libcurl cannot go on: %s", curl_multi_strerror(code));
	while ((message = curl_multi_info_read(t->multi, &left)) != NULL) {
		CURLcode result = message->data.result;
		CURL *easy = message->easy_handle;
		struct exchange *x = NULL;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&x);
		curl_multi_remove_handle(t->multi, easy);
		list_remove(&t->active, x);
		finish(x, result);
		count++;
	}
	return count;
}

static int curl_turn(struct transport *base, int64_t max_wait_ms, struct error *err)
{
	struct curl_transport *t = CONTAINER_OF(base, struct curl_transport, base);
	unsigned refused = finish_refused(t);
	int moved = move(t, err);

	if (moved < 0)
		return -1;
	if (moved > 0 || refused > 0 || max_wait_ms <= 0)
		return 0;
	CURLMcode code =
	    curl_multi_poll(t->multi, NULL, 0, max_wait_ms > INT_MAX ? INT_MAX : (int)max_wait_ms, NULL);
	if (code != CURLM_OK)
		return error_set(err, ERR_ACRONIS, "libcurl cannot wait: %s", curl_multi_strerror(code));
	return move(t, err) < 0 ? -1 : 0;
}

static void curl_close(struct transport *base)
{
	struct curl_transport *t = CONTAINER_OF(base, struct curl_transport, base);
	struct exchange *x;

	finish_refused(t);
	while ((x = list_pop(&t->active)) != NULL) {
		curl_multi_remove_handle(t->multi, x->easy);
		finish_unsent(x, TRANSPORT_CANCELLED, "given up: the program ends");
	}
	while ((x = list_pop(&t->idle)) != NULL)
		exchange_free(x);
	curl_multi_cleanup(t->multi);
	free(t->origin);
	free(t->ca_file);
	free(t);
	curl_global_cleanup();
}

struct transport *transport_curl_new(const struct transport_settings *settings, struct error *err)
{
	static const struct transport_ops ops = {curl_start, curl_turn, curl_close};

	if (settings->ca_file && access(settings->ca_file, R_OK) != 0) {
		error_set(err, ERR_ACRONIS, "cannot read the CA file %s", settings->ca_file);
		error_hint(err, "acronis.ca_file names a PEM file with the certificates to trust");
		return NULL;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		error_set(err, ERR_ACRONIS, "libcurl cannot start");
		return NULL;
	}
	struct curl_transport *t = mem_zalloc(sizeof *t);
	t->base.ops = &ops;
	t->settings = *settings;
	t->settings.ca_file = t->ca_file = mem_strdup(settings->ca_file);
	t->multi = curl_multi_init();
	if (!t->multi) {
		error_set(err, ERR_ACRONIS, "libcurl cannot start");
		free(t->ca_file);
		free(t);
		curl_global_cleanup();
		return NULL;
	}
	curl_multi_setopt(t->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)settings->connections);
	curl_multi_setopt(t->multi, CURLMOPT_MAXCONNECTS, (long)settings->connections);
	return &t->base;
}
