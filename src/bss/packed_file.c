/* Compressed texts on disk; see packed_file.h. What stands in them is the callers'. */
#include "tenantry/packed_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"

enum { BLOCK_SIZE = 128 * 1024, ZSTD_LEVEL = 3 };

bool packed_is_compressed(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && strcmp(path + n - 4, ".zst") == 0;
}

/* ---- Writing. */

struct packed_writer {
	struct atomic_file *file;
	ZSTD_CCtx *zstd; /* NULL: as it is */
	struct digest_stream *digest;
	char *path, *out;
	bool failed;
};

struct packed_writer *packed_writer_new(const char *path, struct error *err)
{
	struct atomic_file *file = atomic_file_new(path, err);

	if (!file)
		return NULL;
	struct packed_writer *w = mem_zalloc(sizeof *w);
	w->file = file;
	w->path = mem_strdup(path);
	w->digest = digest_stream_new();
	if (!packed_is_compressed(path))
		return w;
	w->out = mem_zalloc(BLOCK_SIZE);
	w->zstd = ZSTD_createCCtx();
	w->failed = !w->zstd ||
		    ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)) ||
		    ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1));
	return w;
}

static void put(struct packed_writer *w, struct strv text, ZSTD_EndDirective directive)
{
	ZSTD_inBuffer in = {text.p, text.n, 0};
	size_t left;

	if (!w->zstd) {
		atomic_file_writev(w->file, text);
		return;
	}
	do {
		ZSTD_outBuffer out = {w->out, BLOCK_SIZE, 0};
		left = ZSTD_compressStream2(w->zstd, &out, &in, directive);
		w->failed = w->failed || ZSTD_isError(left);
		atomic_file_write(w->file, w->out, out.pos);
	} while (!w->failed && (directive == ZSTD_e_end ? left > 0 : in.pos < in.size));
}

void packed_writer_add(struct packed_writer *w, struct strv text)
{
	digest_stream_add(w->digest, text);
	if (!w->failed)
		put(w, text, ZSTD_e_continue);
}

static void dispose(struct packed_writer *w)
{
	ZSTD_freeCCtx(w->zstd);
	free(w->out);
	free(w->path);
	free(w);
}

void packed_writer_abort(struct packed_writer *w)
{
	if (!w)
		return;
	digest_stream_end(w->digest);
	atomic_file_abort(w->file);
	dispose(w);
}

int packed_writer_commit(struct packed_writer *w, char digest[DIGEST_TEXT_SIZE], struct error *err)
{
	int rc;

	if (!w->failed)
		put(w, (struct strv){"", 0}, ZSTD_e_end);
	digest_text(digest_stream_end(w->digest), digest);
	if (w->failed) {
		atomic_file_abort(w->file);
		error_set(err, ERR_OUTPUT, "the snapshot could not be compressed");
		rc = error_place(err, w->path, 0, 0, NULL);
	} else {
		rc = atomic_file_commit(w->file, err);
	}
	dispose(w);
	return rc;
}

/* ---- Reading. */

struct packed_reader {
	FILE *file;
	ZSTD_DCtx *zstd;
	struct digest_stream *digest; /* of what came out */
	char *block;
	ZSTD_inBuffer in;
	size_t frame_left; /* 0: a frame has ended */
};

struct packed_reader *packed_reader_open(const char *path, struct error *err)
{
	FILE *file = fopen(path, "rbe");

	if (!file) {
		error_set(err, ERR_SOURCE, "cannot read: %s", strerror(errno));
		error_place(err, path, 0, 0, NULL);
		return NULL;
	}
	struct packed_reader *r = mem_zalloc(sizeof *r);
	r->file = file;
	r->block = mem_zalloc(BLOCK_SIZE);
	r->zstd = ZSTD_createDCtx();
	r->digest = digest_stream_new();
	return r;
}

ptrdiff_t packed_reader_read(void *reader, char *p, size_t n, struct error *err)
{
	struct packed_reader *r = reader;
	ZSTD_outBuffer out = {p, n, 0};

	while (out.pos == 0) {
		if (r->in.pos == r->in.size) {
			r->in = (ZSTD_inBuffer){r->block, fread(r->block, 1, BLOCK_SIZE, r->file), 0};
			if (ferror(r->file))
				return error_set(err, ERR_SOURCE, "cannot read: %s", strerror(errno));
			if (r->in.size == 0 && r->frame_left != 0)
				return error_set(err, ERR_SOURCE, "the compressed snapshot is cut off");
			if (r->in.size == 0)
				return 0;
		}
		r->frame_left = ZSTD_decompressStream(r->zstd, &out, &r->in);
		if (ZSTD_isError(r->frame_left))
			return error_set(
			    err, ERR_SOURCE, "not a whole zstd file: %s", ZSTD_getErrorName(r->frame_left));
	}
	digest_stream_add(r->digest, (struct strv){p, out.pos});
	return (ptrdiff_t)out.pos;
}

void packed_reader_close(struct packed_reader *r, char digest[DIGEST_TEXT_SIZE])
{
	if (!r)
		return;
	digest_text(digest_stream_end(r->digest), digest);
	fclose(r->file);
	ZSTD_freeDCtx(r->zstd);
	free(r->block);
	free(r);
}

int packed_file_digest(const char *path, char digest[DIGEST_TEXT_SIZE], struct error *err)
{
	struct packed_reader *r = packed_reader_open(path, err);
	char *block;
	ptrdiff_t n;

	if (!r)
		return -1;
	block = mem_zalloc(BLOCK_SIZE);
	while ((n = packed_reader_read(r, block, BLOCK_SIZE, err)) > 0)
		;
	free(block);
	packed_reader_close(r, digest);
	return n < 0 ? error_place(err, path, 0, 0, NULL) : 0;
}
