/* The bytes of a CSV file, converted to UTF-8 as they come, with their digest. Knows whether the file is
 * still the one that was opened. Leaves lines and fields to csv_reader.c. */
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "bss/csv_impl.h"
#include "tenantry/mem.h"

enum { RAW_SIZE = 64 * 1024 };

struct csv_input {
	char *name;
	int fd; /* -1: a stream */
	struct csv_stream stream;
	struct stat stat;
	uint64_t bytes;
	XXH3_state_t *digest;
	bool no_digest;
	enum csv_encoding encoding;
	iconv_t convert; /* when `converts`; else the bytes are UTF-8 already */
	bool converts;
	char *raw; /* read, not converted yet */
	size_t raw_used;
	bool raw_end;
};

static int source_error(struct error *err, const char *name, const char *what, const char *hint)
{
	error_set(err, ERR_SOURCE, "%s", what);
	error_place(err, name, 0, 0, NULL);
	if (hint)
		error_hint(err, "%s", hint);
	return -1;
}

static struct csv_input *input_new(const char *name, enum csv_encoding encoding, struct error *err)
{
	static const char *const encodings[] = {NULL, "WINDOWS-1252", "UTF-16"};
	struct csv_input *input = mem_zalloc(sizeof *input);

	input->name = mem_strdup(name);
	input->fd = -1;
	input->encoding = encoding;
	input->digest = XXH3_createState();
	if (!input->digest) {
		source_error(err, name, "cannot read: out of memory", NULL);
		goto fail;
	}
	XXH3_128bits_reset(input->digest);
	if (encoding == ENCODING_UTF8)
		return input;
	input->raw = mem_zalloc(RAW_SIZE);
	input->convert = iconv_open("UTF-8", encodings[encoding]);
	/* Its failure is a pointer of all ones. */
	input->converts = (intptr_t)input->convert != -1;
	if (input->converts)
		return input;
	source_error(err, name, "this system cannot convert the encoding that bss.csv names",
	    "install the C library's iconv modules, or export the file as UTF-8");
fail:
	csv_input_close(input);
	return NULL;
}

static int check_kind(const struct csv_input *input, struct error *err)
{
	if (S_ISREG(input->stat.st_mode))
		return 0;
	if (S_ISDIR(input->stat.st_mode))
		return source_error(err, input->name, "cannot read: it is a directory",
		    "name the file in it, or a pattern such as FOLDER/orders-*.csv");
	return source_error(err, input->name, "cannot read: not a regular file",
	    "the file is read more than once: write it to disk first");
}

struct csv_input *csv_input_file(const char *path, enum csv_encoding encoding, struct error *err)
{
	struct csv_input *input = input_new(path, encoding, err);

	if (!input)
		return NULL;
	/* O_NONBLOCK: a named pipe must be refused, not waited for. */
	input->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (input->fd < 0 || fstat(input->fd, &input->stat) < 0) {
		int number = errno;
		error_set(err, ERR_SOURCE, "cannot read: %s", strerror(number));
		error_place(err, path, 0, 0, NULL);
		error_hint(err, "%s",
		    number == ENOENT ? "check the path in the job file and that the export ran"
				     : "check that the user that runs the job may read it");
		goto fail;
	}
	if (check_kind(input, err) < 0)
		goto fail;
	if (input->stat.st_size == 0) {
		source_error(err, path, "the file is empty: not even a header line",
		    "a file without rows still needs its header; check that the export finished");
		goto fail;
	}
	posix_fadvise(input->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return input;
fail:
	csv_input_close(input);
	return NULL;
}

struct csv_input *csv_input_stream(
    const char *name, const struct csv_stream *stream, enum csv_encoding encoding, struct error *err)
{
	struct csv_input *input = input_new(name, encoding, err);

	if (input)
		input->stream = *stream;
	return input;
}

void csv_input_close(struct csv_input *input)
{
	if (!input)
		return;
	if (input->fd >= 0)
		close(input->fd);
	if (input->converts)
		iconv_close(input->convert);
	XXH3_freeState(input->digest);
	free(input->raw);
	free(input->name);
	free(input);
}

static int changed(const struct csv_input *input, struct error *err)
{
	return source_error(err, input->name, "the file changed while it was read",
	    "let the export finish first (write to another name, then rename), and run the same command again");
}

static ptrdiff_t read_bytes(struct csv_input *input, char *p, size_t n, struct error *err)
{
	ptrdiff_t k;

	if (input->fd < 0) {
		k = input->stream.read(input->stream.user, p, n, err);
	} else {
		do
			k = read(input->fd, p, n);
		while (k < 0 && errno == EINTR);
		if (k < 0) {
			error_set(err, ERR_SOURCE, "cannot read: %s", strerror(errno));
			error_place(err, input->name, 0, 0, NULL);
		}
	}
	if (k > 0) {
		if (!input->no_digest)
			XXH3_128bits_update(input->digest, p, (size_t)k);
		input->bytes += (uint64_t)k;
	}
	/* One that grows as fast as it is read would never end. */
	if (input->fd >= 0 && input->bytes > (uint64_t)input->stat.st_size)
		return changed(input, err);
	return k;
}

/* Converts what is in `raw` into p; moves the rest to its front. Gives the bytes written. */
static size_t convert(struct csv_input *input, char *p, size_t n)
{
	char *in = input->raw, *out = p;
	size_t in_left = input->raw_used, out_left = n, unit = input->encoding == ENCODING_UTF16 ? 2 : 1;

	while (in_left > 0) {
		if (iconv(input->convert, &in, &in_left, &out, &out_left) != (size_t)-1)
			break;
		if (errno == E2BIG || (errno == EINVAL && !input->raw_end) || out_left == 0)
			break;
		/* Not a character: the row that has it will be rejected for its encoding. */
		size_t skip = in_left < unit ? in_left : unit;
		*out++ = (char)0xff;
		out_left--;
		in += skip;
		in_left -= skip;
	}
	memmove(input->raw, in, in_left);
	input->raw_used = in_left;
	return n - out_left;
}

ptrdiff_t csv_input_read(struct csv_input *input, char *p, size_t n, struct error *err)
{
	if (!input->converts)
		return read_bytes(input, p, n, err);
	for (;;) {
		if (!input->raw_end && input->raw_used < RAW_SIZE) {
			ptrdiff_t k =
			    read_bytes(input, input->raw + input->raw_used, RAW_SIZE - input->raw_used, err);
			if (k < 0)
				return -1;
			input->raw_end = k == 0;
			input->raw_used += (size_t)k;
		}
		size_t written = convert(input, p, n);
		if (written > 0 || (input->raw_end && input->raw_used == 0))
			return (ptrdiff_t)written;
	}
}

int csv_input_seek(struct csv_input *input, uint64_t offset, struct error *err)
{
	if (input->fd < 0 || input->converts || lseek(input->fd, (off_t)offset, SEEK_SET) < 0)
		return source_error(err, input->name, "cannot be read from a place inside", NULL);
	input->bytes = offset;
	return 0;
}

int csv_input_rewind(struct csv_input *input, struct error *err)
{
	if (input->fd < 0 || lseek(input->fd, 0, SEEK_SET) < 0)
		return source_error(err, input->name, "cannot be read from its beginning again", NULL);
	if (input->converts)
		iconv(input->convert, NULL, NULL, NULL, NULL);
	input->bytes = 0;
	input->raw_used = 0;
	input->raw_end = false;
	XXH3_128bits_reset(input->digest);
	return 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

int csv_input_unchanged(const struct csv_input *input, struct error *err)
{
	struct stat now;

	if (input->fd < 0)
		return 0;
	/* By name: a file that was replaced meanwhile is not what the job asked for any more. */
	if (stat(input->name, &now) == 0 && same_file(&now, &input->stat))
		return 0;
	return changed(input, err);
}

const char *csv_input_name(const struct csv_input *input)
{
	return input->name;
}

uint64_t csv_input_bytes(const struct csv_input *input)
{
	return input->bytes;
}

uint64_t csv_input_size(const struct csv_input *input)
{
	return (uint64_t)input->stat.st_size;
}

int64_t csv_input_modified_ms(const struct csv_input *input)
{
	return (int64_t)input->stat.st_mtim.tv_sec * 1000 + input->stat.st_mtim.tv_nsec / 1000000;
}

void csv_input_no_digest(struct csv_input *input)
{
	input->no_digest = true;
}

struct digest csv_input_identity(const struct csv_input *input)
{
	const struct stat *st = &input->stat;
	int64_t parts[] = {(int64_t)st->st_dev, (int64_t)st->st_ino, (int64_t)st->st_size,
	    (int64_t)st->st_mtim.tv_sec, (int64_t)st->st_mtim.tv_nsec};

	return digest_of((struct strv){(const char *)parts, sizeof parts});
}

struct digest csv_input_digest(const struct csv_input *input)
{
	XXH128_hash_t hash = XXH3_128bits_digest(input->digest);

	return (struct digest){hash.high64, hash.low64};
}
