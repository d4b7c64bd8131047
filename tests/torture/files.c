/* Files of a run: whole or not; see files.h. */
#include "files.h"

#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"

/* nftw() takes no argument for its callback. */
static struct {
	bool leftovers, well;
	const char *name;
} walk;

static bool ends_with(const char *text, size_t n, const char *end)
{
	return n >= strlen(end) && memcmp(text + n - strlen(end), end, strlen(end)) == 0;
}

/* ---- One format each. An empty file is never whole. */

static bool is_json(const char *text, size_t n)
{
	json_t *json = json_loadb(text, n, 0, NULL);

	json_decref(json);
	return json != NULL;
}

static bool is_json_lines(const char *text, size_t n)
{
	bool well = ends_with(text, n, "\n");

	for (const char *end; well && n > 0; n -= (size_t)(end + 1 - text), text = end + 1) {
		end = memchr(text, '\n', n);
		well = is_json(text, (size_t)(end - text));
	}
	return well;
}

/* Complete lines with as many fields each as the header has. */
static bool is_csv(const char *text, size_t n)
{
	size_t fields = 1, wanted = 0;
	bool quoted = false;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		fields += text[i] == ',';
		if (text[i] != '\n')
			continue;
		if (wanted && fields != wanted)
			return false;
		wanted = fields;
		fields = 1;
	}
	return ends_with(text, n, "\n") && !quoted;
}

static bool is_html(const char *text, size_t n)
{
	return ends_with(text, n, "</html>\n");
}

/* A zip archive ends with the record that closes its directory: 22 bytes without a comment. */
static bool is_xlsx(const char *text, size_t n)
{
	return n > 22 && memcmp(text, "PK\3\4", 4) == 0 && memcmp(text + n - 22, "PK\5\6", 4) == 0;
}

static bool is_zstd(const char *text, size_t n)
{
	char block[8192];
	ZSTD_DCtx *context = ZSTD_createDCtx();
	ZSTD_inBuffer in = {text, n, 0};
	size_t rc = 1;

	while (in.pos < in.size && !ZSTD_isError(rc)) {
		ZSTD_outBuffer out = {block, sizeof block, 0};
		rc = ZSTD_decompressStream(context, &out, &in);
	}
	ZSTD_freeDCtx(context);
	return rc == 0;
}

static bool is_metrics(const char *text, size_t n)
{
	return ends_with(text, n, "\n");
}

static const struct {
	const char *ending;
	bool (*whole)(const char *text, size_t n);
} formats[] = {
    {".json", is_json},
    {".ndjson", is_json_lines},
    {".csv", is_csv},
    {".html", is_html},
    {".xlsx", is_xlsx},
    {".zst", is_zstd},
    {".prom", is_metrics},
};

/* ---- All of them. */

/* The ledger is SQLite's, with two files beside it, and proves itself when it is opened. */
static bool is_ledger(const char *file)
{
	return strstr(file, ".db") != NULL;
}

/* Lines are added to it while the run goes on, so its end may be cut off, or all of it not be written yet. */
static bool are_mails(const char *path)
{
	size_t n;
	struct error err = {0};
	char *text = file_read_all(path, (size_t)1 << 30, &n, &err);
	bool well = text != NULL;

	for (const char *line = text, *end; well && (end = strchr(line, '\n')) != NULL; line = end + 1)
		well = strspn(line, "0123456789") > 0 && line[strspn(line, "0123456789")] == ' ';
	free(text);
	return well;
}

static bool is_whole(const char *path, const char *file)
{
	if (strcmp(file, "activation-mails") == 0)
		return are_mails(path);
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		if (!ends_with(file, strlen(file), formats[i].ending))
			continue;
		size_t n;
		struct error err = {0};
		char *text = file_read_all(path, (size_t)1 << 30, &n, &err);
		bool whole = text && n > 0 && formats[i].whole(text, n);
		free(text);
		return whole;
	}
	return is_ledger(file) || walk.leftovers;
}

static int look(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	if (type == FTW_F && !is_whole(path, path + at->base)) {
		printf("    %s: %s is not whole, or should not be there\n", walk.name, path);
		walk.well = false;
	}
	return 0;
}

bool files_are_whole(const char *var, bool leftovers, const char *name)
{
	walk.leftovers = leftovers;
	walk.well = true;
	walk.name = name;
	nftw(var, look, 16, FTW_PHYS);
	return walk.well;
}
