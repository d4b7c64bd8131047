/* Calls of SQLite, curl, zstd and iconv that fail as their documentation says they may. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <errno.h>
#include <iconv.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <zstd.h>

#include "shim_impl.h"

#undef curl_easy_setopt
#undef curl_multi_setopt

/* The real function, looked up once. */
#define REAL(name)                                                                                           \
	__extension__({                                                                                      \
		static __typeof__(&name) real;                                                               \
		if (!real)                                                                                   \
			real = (__typeof__(&name))torture_real(#name);                                       \
		real;                                                                                        \
	})

/* ---- SQLite. Its functions call each other: only what the program asks for may fail, for inside they look
 * for a failure elsewhere than in the answer. */

static int depth;

static bool database_strikes(enum torture_kind kind, const char *call)
{
	return depth == 0 && torture_strikes(kind, call);
}

static int database_failure(void)
{
	static const int codes[] = {SQLITE_FULL, SQLITE_IOERR, SQLITE_BUSY, SQLITE_NOMEM};

	return codes[torture_number() % 4];
}

/* A handle is left behind even when opening fails, for the message. */
int sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs)
{
	bool strikes = database_strikes(TORTURE_SQLITE, "sqlite3_open_v2");

	depth++;
	int rc = REAL(sqlite3_open_v2)(path, db, flags, vfs);
	depth--;
	return strikes ? SQLITE_CANTOPEN : rc;
}

int sqlite3_open(const char *path, sqlite3 **db)
{
	bool strikes = database_strikes(TORTURE_SQLITE, "sqlite3_open");

	depth++;
	int rc = REAL(sqlite3_open)(path, db);
	depth--;
	return strikes ? SQLITE_CANTOPEN : rc;
}

int sqlite3_prepare_v2(sqlite3 *db, const char *sql, int n, sqlite3_stmt **statement, const char **rest)
{
	*statement = NULL;
	if (database_strikes(TORTURE_SQLITE, "sqlite3_prepare_v2"))
		return database_failure();
	depth++;
	int rc = REAL(sqlite3_prepare_v2)(db, sql, n, statement, rest);
	depth--;
	return rc;
}

int sqlite3_prepare_v3(
    sqlite3 *db, const char *sql, int n, unsigned flags, sqlite3_stmt **statement, const char **rest)
{
	*statement = NULL;
	if (database_strikes(TORTURE_SQLITE, "sqlite3_prepare_v3"))
		return database_failure();
	depth++;
	int rc = REAL(sqlite3_prepare_v3)(db, sql, n, flags, statement, rest);
	depth--;
	return rc;
}

int sqlite3_step(sqlite3_stmt *statement)
{
	if (database_strikes(TORTURE_SQLITE, "sqlite3_step"))
		return database_failure();
	depth++;
	int rc = REAL(sqlite3_step)(statement);
	depth--;
	return database_strikes(TORTURE_SQLITE_LATE, "sqlite3_step") ? SQLITE_IOERR : rc;
}

int sqlite3_exec(
    sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **), void *user, char **message)
{
	if (message)
		*message = NULL;
	if (database_strikes(TORTURE_SQLITE, "sqlite3_exec"))
		return database_failure();
	depth++;
	int rc = REAL(sqlite3_exec)(db, sql, each, user, message);
	depth--;
	return database_strikes(TORTURE_SQLITE_LATE, "sqlite3_exec") ? SQLITE_IOERR : rc;
}

/* ---- curl. */

CURLcode curl_global_init(long flags)
{
	return torture_strikes(TORTURE_CURL, "curl_global_init") ? CURLE_FAILED_INIT
								 : REAL(curl_global_init)(flags);
}

CURL *curl_easy_init(void)
{
	return torture_strikes(TORTURE_CURL, "curl_easy_init") ? NULL : REAL(curl_easy_init)();
}

CURLcode curl_easy_setopt(CURL *curl, CURLoption option, ...)
{
	va_list args;

	va_start(args, option);
	void *value = va_arg(args, void *);
	va_end(args);
	return torture_strikes(TORTURE_CURL, "curl_easy_setopt")
		   ? CURLE_OUT_OF_MEMORY
		   : REAL(curl_easy_setopt)(curl, option, value);
}

struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text)
{
	return torture_strikes(TORTURE_CURL, "curl_slist_append") ? NULL
								  : REAL(curl_slist_append)(list, text);
}

CURLM *curl_multi_init(void)
{
	return torture_strikes(TORTURE_CURL, "curl_multi_init") ? NULL : REAL(curl_multi_init)();
}

CURLMcode curl_multi_setopt(CURLM *multi, CURLMoption option, ...)
{
	va_list args;

	va_start(args, option);
	void *value = va_arg(args, void *);
	va_end(args);
	return torture_strikes(TORTURE_CURL, "curl_multi_setopt")
		   ? CURLM_UNKNOWN_OPTION
		   : REAL(curl_multi_setopt)(multi, option, value);
}

CURLMcode curl_multi_add_handle(CURLM *multi, CURL *curl)
{
	return torture_strikes(TORTURE_CURL, "curl_multi_add_handle")
		   ? CURLM_OUT_OF_MEMORY
		   : REAL(curl_multi_add_handle)(multi, curl);
}

CURLMcode curl_multi_perform(CURLM *multi, int *running)
{
	return torture_strikes(TORTURE_CURL, "curl_multi_perform") ? CURLM_INTERNAL_ERROR
								   : REAL(curl_multi_perform)(multi, running);
}

CURLMcode curl_multi_poll(
    CURLM *multi, struct curl_waitfd extra[], unsigned extra_count, int timeout, int *ready)
{
	return torture_strikes(TORTURE_CURL, "curl_multi_poll")
		   ? CURLM_OUT_OF_MEMORY
		   : REAL(curl_multi_poll)(multi, extra, extra_count, timeout, ready);
}

CURLU *curl_url(void)
{
	return torture_strikes(TORTURE_CURL, "curl_url") ? NULL : REAL(curl_url)();
}

CURLUcode curl_url_set(CURLU *url, CURLUPart part, const char *text, unsigned flags)
{
	return torture_strikes(TORTURE_CURL, "curl_url_set") ? CURLUE_OUT_OF_MEMORY
							     : REAL(curl_url_set)(url, part, text, flags);
}

/* ---- zstd and iconv. */

/* As ZSTD_isError() knows them: the negated number, 64 is a lack of memory. */
static const size_t no_memory = (size_t)-64;

ZSTD_CCtx *ZSTD_createCCtx(void)
{
	return torture_strikes(TORTURE_CODEC, "ZSTD_createCCtx") ? NULL : REAL(ZSTD_createCCtx)();
}

ZSTD_DCtx *ZSTD_createDCtx(void)
{
	return torture_strikes(TORTURE_CODEC, "ZSTD_createDCtx") ? NULL : REAL(ZSTD_createDCtx)();
}

size_t ZSTD_CCtx_setParameter(ZSTD_CCtx *context, ZSTD_cParameter parameter, int value)
{
	return torture_strikes(TORTURE_CODEC, "ZSTD_CCtx_setParameter")
		   ? no_memory
		   : REAL(ZSTD_CCtx_setParameter)(context, parameter, value);
}

size_t ZSTD_compressStream2(ZSTD_CCtx *context, ZSTD_outBuffer *out, ZSTD_inBuffer *in, ZSTD_EndDirective end)
{
	return torture_strikes(TORTURE_CODEC, "ZSTD_compressStream2")
		   ? no_memory
		   : REAL(ZSTD_compressStream2)(context, out, in, end);
}

size_t ZSTD_decompressStream(ZSTD_DCtx *context, ZSTD_outBuffer *out, ZSTD_inBuffer *in)
{
	return torture_strikes(TORTURE_CODEC, "ZSTD_decompressStream")
		   ? no_memory
		   : REAL(ZSTD_decompressStream)(context, out, in);
}

iconv_t iconv_open(const char *to, const char *from)
{
	if (!torture_strikes(TORTURE_CODEC, "iconv_open"))
		return REAL(iconv_open)(to, from);
	errno = ENOMEM;
	return (iconv_t)-1;
}
