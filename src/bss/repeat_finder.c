/* Hashes, each with its kind and block in the lowest bits, are thrown into partitions by their top bits; a
 * partition's full buffer goes to one temporary file as a chunk that names the chunk before it. At the end
 * each partition, small by construction, is looked through for repeats, which are noted in a Bloom filter.
 * Hashes only: the file holds no personal data, and equal hashes are a hint, never a proof. */
#include "bss/repeat_finder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tenantry/mem.h"

enum {
	BUFFERED = 512 * 1024,     /* hashes in memory, over all partitions: 4 MiB */
	PER_PARTITION = 96 * 1024, /* hashes that a partition should not pass much */
	ROW_BYTES = 150,           /* an order row is hardly shorter */
	PARTITIONS_MIN = 64,
	PARTITIONS_MAX = 4096,
	KEPT_MAX = 128 * 1024, /* repeats as they are found; beyond it a filter of the full size */
	FILTER_BITS_MIN = 4096,
	FILTER_BITS_MAX = 8 * 1024 * 1024,
	BITS_PER_REPEAT = 32,
	FILTER_PROBES = 4
};

struct partition {
	uint64_t last; /* offset + 1 of its last chunk in the file, 0 none */
	uint64_t total;
	uint32_t used; /* in its buffer */
};

struct repeat_finder {
	struct partition *partitions;
	unsigned shift; /* hash >> shift is the partition */
	size_t partition_count, capacity;
	uint64_t *buffers; /* for each partition: the offset of the chunk before, then the hashes */
	int fd, failure;
	uint64_t file_end;
	uint64_t *kept; /* the repeats, until the filter is made of them */
	size_t kept_count;
	uint64_t blocks[REPEAT_BLOCKS / 64];
	uint64_t *filter; /* as small as the repeats allow: every row asks it */
	uint64_t filter_mask;
	uint64_t repeats[REPEAT_KINDS];
};

struct repeat_finder *repeat_finder_new(uint64_t bytes)
{
	struct repeat_finder *finder = mem_zalloc(sizeof *finder);
	uint64_t wanted = bytes / ROW_BYTES * (REPEAT_KINDS - 1) / PER_PARTITION;
	size_t count = PARTITIONS_MIN;
	unsigned bits = 6;

	for (; count < wanted && count < PARTITIONS_MAX; count *= 2)
		bits++;
	finder->partition_count = count;
	finder->shift = 64 - bits;
	finder->capacity = BUFFERED / count;
	finder->fd = -1;
	finder->partitions = mem_zalloc(count * sizeof *finder->partitions);
	finder->buffers = mem_zalloc(count * (finder->capacity + 1) * sizeof *finder->buffers);
	return finder;
}

void repeat_finder_free(struct repeat_finder *finder)
{
	if (!finder)
		return;
	if (finder->fd >= 0)
		close(finder->fd);
	free(finder->partitions);
	free(finder->buffers);
	free(finder->kept);
	free(finder->filter);
	free(finder);
}

/* A file without a name: gone with the process, whatever happens. */
static int open_temporary(void)
{
	const char *folder = getenv("TMPDIR");
	char *path;
	int fd;

	folder = folder && folder[0] ? folder : "/tmp";
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	path = mem_printf("%s/tenantry-XXXXXX", folder);
	fd = mkostemp(path, O_CLOEXEC);
	int number = errno;
	if (fd >= 0)
		unlink(path);
	free(path);
	errno = number;
	return fd;
}

static uint64_t *buffer_of(const struct repeat_finder *finder, size_t n)
{
	return finder->buffers + n * (finder->capacity + 1);
}

static void write_chunk(struct repeat_finder *finder, size_t n)
{
	struct partition *partition = &finder->partitions[n];
	const char *p = (const char *)buffer_of(finder, n);
	size_t left = (finder->capacity + 1) * sizeof(uint64_t);
	uint64_t at = finder->file_end;

	if (finder->fd < 0 && finder->failure == 0 && (finder->fd = open_temporary()) < 0)
		finder->failure = errno;
	buffer_of(finder, n)[0] = partition->last;
	partition->last = at + 1;
	partition->used = 0;
	while (left > 0 && finder->failure == 0) {
		ssize_t k = pwrite(finder->fd, p, left, (off_t)at);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			finder->failure = k < 0 ? errno : EIO;
			return;
		}
		p += k;
		left -= (size_t)k;
		at += (uint64_t)k;
	}
	finder->file_end = at;
}

/* An entry: the hash without its lowest bits, which are the kind's and the block's. One set serves all kinds,
 * and what tells values apart is still 45 bits and the partition. */
enum { KIND_BITS = 2, BLOCK_BITS = 17, ENTRY_BITS = KIND_BITS + BLOCK_BITS };

static uint64_t identity(enum repeat_kind kind, uint64_t hash)
{
	return ((hash >> ENTRY_BITS) << KIND_BITS | (uint64_t)kind) + 1;
}

void repeat_finder_add(struct repeat_finder *finder, enum repeat_kind kind, uint64_t hash, uint32_t block)
{
	size_t n = (size_t)(hash >> finder->shift);
	struct partition *partition = &finder->partitions[n];

	if (partition->used == finder->capacity)
		write_chunk(finder, n);
	buffer_of(finder, n)[1 + partition->used++] =
	    (hash >> ENTRY_BITS) << ENTRY_BITS | (uint64_t)block << KIND_BITS | (uint64_t)kind;
	partition->total++;
}

static uint64_t probe(uint64_t hash, unsigned i)
{
	return (hash + i * ((hash >> 23) | 1) * UINT64_C(0x9e3779b97f4a7c15)) >> 8;
}

static void set_bits(struct repeat_finder *finder, uint64_t hash)
{
	for (unsigned i = 0; i < FILTER_PROBES; i++) {
		uint64_t bit = probe(hash, i) & finder->filter_mask;
		finder->filter[bit / 64] |= UINT64_C(1) << bit % 64;
	}
}

static void make_filter(struct repeat_finder *finder, uint64_t bits)
{
	finder->filter_mask = bits - 1;
	finder->filter = mem_zalloc(bits / 8);
	for (size_t i = 0; i < finder->kept_count; i++)
		set_bits(finder, finder->kept[i]);
	free(finder->kept);
	finder->kept = NULL;
}

static void note(struct repeat_finder *finder, uint64_t value)
{
	if (finder->filter) {
		set_bits(finder, value);
		return;
	}
	if (!finder->kept)
		finder->kept = mem_resize(NULL, KEPT_MAX, sizeof *finder->kept);
	finder->kept[finder->kept_count++] = value;
	if (finder->kept_count == KEPT_MAX)
		make_filter(finder, FILTER_BITS_MAX);
}

static uint32_t block_of(uint64_t entry)
{
	return (uint32_t)(entry >> KIND_BITS) & (REPEAT_BLOCKS - 1);
}

static void note_block(struct repeat_finder *finder, uint64_t entry)
{
	finder->blocks[block_of(entry) / 64] |= UINT64_C(1) << block_of(entry) % 64;
}

struct table {
	uint64_t *slots;
	size_t mask, cap;
};

/* A slot holds an entry, which its kind keeps from being 0; 0 is empty. */
static void insert_all(struct repeat_finder *finder, struct table *table, const uint64_t *entries, size_t n)
{
	const uint64_t own = ~((uint64_t)(REPEAT_BLOCKS - 1) << KIND_BITS); /* all but the block */

	for (size_t i = 0; i < n; i++) {
		uint64_t entry = entries[i];
		size_t at = (size_t)(entry >> ENTRY_BITS) & table->mask;
		while (table->slots[at] && (table->slots[at] & own) != (entry & own))
			at = (at + 1) & table->mask;
		if (!table->slots[at]) {
			table->slots[at] = entry;
			continue;
		}
		enum repeat_kind kind = (enum repeat_kind)(entry & 3);
		finder->repeats[kind]++;
		note(finder, identity(kind, entry));
		if (kind == REPEAT_ITEM) {
			note_block(finder, table->slots[at]);
			note_block(finder, entry);
		}
	}
}

static bool read_chunk(struct repeat_finder *finder, uint64_t at, uint64_t *chunk)
{
	size_t size = (finder->capacity + 1) * sizeof *chunk, got = 0;

	while (got < size) {
		ssize_t k = pread(finder->fd, (char *)chunk + got, size - got, (off_t)(at + got));
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			finder->failure = k < 0 ? errno : EIO;
			return false;
		}
		got += (size_t)k;
	}
	return true;
}

static void look_through(struct repeat_finder *finder, size_t n, struct table *table, uint64_t *chunk)
{
	struct partition *partition = &finder->partitions[n];
	size_t slots = 64;

	while (slots < partition->total * 2)
		slots *= 2;
	if (slots > table->cap) {
		table->slots = mem_resize(table->slots, slots, sizeof *table->slots);
		table->cap = slots;
	}
	memset(table->slots, 0, slots * sizeof *table->slots);
	table->mask = slots - 1;
	insert_all(finder, table, buffer_of(finder, n) + 1, partition->used);
	for (uint64_t at = partition->last; at && read_chunk(finder, at - 1, chunk); at = chunk[0])
		insert_all(finder, table, chunk + 1, finder->capacity);
}

int repeat_finder_finish(struct repeat_finder *finder, struct error *err)
{
	struct table table = {0};
	uint64_t *chunk = mem_resize(NULL, finder->capacity + 1, sizeof *chunk);

	for (size_t n = 0; n < finder->partition_count && finder->failure == 0; n++)
		if (finder->partitions[n].total > 1)
			look_through(finder, n, &table, chunk);
	uint64_t bits = FILTER_BITS_MIN;
	while (bits < finder->kept_count * BITS_PER_REPEAT)
		bits *= 2;
	if (!finder->filter)
		make_filter(finder, bits);
	free(table.slots);
	free(chunk);
	free(finder->buffers);
	finder->buffers = NULL;
	if (finder->failure == 0)
		return 0;
	error_set(err, ERR_OUTPUT, "cannot keep a temporary file: %s", strerror(finder->failure));
	return error_hint(err, "free some space in TMPDIR (or /tmp), or point TMPDIR elsewhere");
}

bool repeat_finder_maybe(const struct repeat_finder *finder, enum repeat_kind kind, uint64_t hash)
{
	if (finder->repeats[kind] == 0)
		return false;
	hash = identity(kind, hash);
	for (unsigned i = 0; i < FILTER_PROBES; i++) {
		uint64_t bit = probe(hash, i) & finder->filter_mask;
		if (!(finder->filter[bit / 64] >> bit % 64 & 1))
			return false;
	}
	return true;
}

bool repeat_finder_block(const struct repeat_finder *finder, uint32_t block)
{
	return (finder->blocks[block / 64] >> block % 64 & 1) != 0;
}

uint64_t repeat_finder_count(const struct repeat_finder *finder, enum repeat_kind kind)
{
	return finder->repeats[kind];
}
